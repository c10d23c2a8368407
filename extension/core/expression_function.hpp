// The functions of the expression language: one table says what each takes, gives and is in SQL.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace pgwright::core::expression {

enum class Accepts : std::uint8_t {
    nothing,
    number,
    integer,
    count,  // an integer that SQL takes as one: brought into the range of Function::lowest..highest
    text,
    boolean,
    day,      // a date, or a date and time
    instant,  // the same, which SQL gets as a timestamp in UTC
    clock,    // a time, or a date and time
    plain,    // text, a number, true or false
    dated,    // text, a date, or a date and time
    any,
    ordered,  // anything but json; all such arguments of one type
    common,   // anything; all such arguments of one type
    unit,     // one of a few words, written in the expression
};

enum class Gives : std::uint8_t {
    text,
    integer,
    length,  // an integer, which SQL has as one
    numeric,
    boolean,
    date,
    datetime,
    first,   // of its first argument's type
    common,  // of the common type of its arguments
};

// How it is written in SQL: most by a pattern, in which $1 is the first argument and #1 the same where
// an operator follows.
enum class Form : std::uint8_t {
    pattern,
    variadic,  // the pattern is SQL's name for it, which takes all the arguments
    concat,
    date_add,
    date_diff,
    date_trunc,
    to_text,
    to_number,
    to_integer,
    to_boolean,
    to_date,
};

inline constexpr std::size_t kMaxArguments = 3;  // of those that do not take any number

struct Function {
    std::string_view name;
    std::size_t arguments;  // exactly; or at least, when it is variadic
    bool variadic;
    std::array<Accepts, kMaxArguments> accepts;  // the last one of a variadic function repeats
    Gives gives;
    Form form;
    std::string_view sql;
    bool immutable = true;
    int lowest = 0;  // of its count
    int highest = 0;

    [[nodiscard]] Accepts accept(std::size_t argument) const noexcept {
        return variadic ? accepts[0] : accepts[argument];
    }
};

// Every form of every function; those of one name stand together.
std::span<const Function> functions() noexcept;
// The form for that many arguments; nullptr when there is none.
const Function* find_function(std::string_view name, std::size_t arguments) noexcept;
bool is_function(std::string_view name) noexcept;

// The units of date_add, date_diff and date_trunc; a date takes those of a day and longer.
struct Unit {
    std::string_view name;
    bool of_date;
    std::string_view interval;  // make_interval()'s argument; empty: months
    int per;                    // how many of the interval's unit
    std::string_view seconds;   // of one; empty: it is as long as its months
    int limit;                  // added at most: some ten thousand years
};
std::span<const Unit> units() noexcept;
const Unit* find_unit(std::string_view name) noexcept;

}  // namespace pgwright::core::expression
