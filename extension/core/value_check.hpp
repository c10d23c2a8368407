// Checks the values of a record against its entity before anything reaches the server, so that all
// faults of a request are told at once and each with its field. Constraints in the database say the
// same again for every other client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/model.hpp"
#include "core/utf8.hpp"

namespace pgwright::core {

// Digits before and after the decimal point of a number, exponent applied. Tighter than numeric's
// own 131072 and 16383, so that no request expands 1e100000 into a hundred kilobytes.
inline constexpr std::size_t kMaxNumberDigits = 1000;

// What is wrong with the value, for a person; nothing when it is right. A null is right unless the
// field is required. Numbers may come as strings of the same digits, because many clients' numbers
// are doubles; every other kind must be JSON's own.
std::optional<std::string> fault_of_value(const Field& field, const Json& value);

// A value kept as text (a default, a back-fill) as the value a client would send; nothing when it
// cannot be one. Whether it is right is fault_of_value()'s question.
std::optional<Json> value_from_text(const Field& field, const std::string& text);

// Throws nothing; adds "is required", "must be an integer", "must be at most 255 characters", ...
void check_value(const Field& field, const Json& value, Faults& faults, int index = -1);

enum class WriteKind { create, update };

// data must be an object; unknown fields, calculated and other read-only fields and, on create, missing required ones are
// faults. System fields (id, created_at, ...) are read-only.
void check_record(const Entity& entity, const Json& data, WriteKind kind, Faults& faults,
                  int index = -1);

// The pieces, for conditions and defaults. Each says whether the text is a value of that class. Years
// are 0001 to 9999; neither 24:00 nor a leap second :60 is a time, because the server would turn
// them into another one than was written. At most six digits of a second, which is what it keeps.
bool is_integer_text(std::string_view digits, std::int64_t lowest, std::int64_t highest) noexcept;
bool is_decimal_text(
    std::string_view digits) noexcept;  // -?digits[.digits][e[+-]digits] within kMaxNumberDigits
bool is_date_text(std::string_view text) noexcept;  // YYYY-MM-DD that exists
bool is_time_text(std::string_view text) noexcept;  // HH:MM[:SS[.ffffff]]
bool is_datetime_text(
    std::string_view text) noexcept;  // date[(T| )time[Z|+-HH[[:]MM]]], the offset up to 15:59
bool is_local_datetime_text(std::string_view text) noexcept;  // the same without offset
// Both must be decimal texts. Exact, by digits; <0, 0, >0.
int compare_decimals(std::string_view a, std::string_view b) noexcept;
// Digits after the point without trailing zeros, as min_scale() counts them; of a decimal text.
std::size_t significant_scale(std::string_view digits) noexcept;

// A field's rules in words, the same before the server is asked and after one of its constraints
// has refused a row: "must be between 2 and 255 characters". Empty when the field has no such rule.
std::string length_rule(const Field& field);
std::string range_rule(const Field& field);
std::string scale_rule(const Field& field);
std::string format_rule(const Field& field);
std::string pattern_rule(const Field& field);
std::string allowed_rule(const Field& field);

}  // namespace pgwright::core
