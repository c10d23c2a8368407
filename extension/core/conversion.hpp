// Which type's values become which other's, and how, as SQL over an expression of the old type. The
// forms are the same in every session: dates and times in ISO 8601, moments in UTC, true and false.
// The matrix is symmetric: what converts one way also converts back.
#pragma once

#include <string>
#include <string_view>

#include "core/model.hpp"

namespace pgwright::core {

struct Conversion {
    bool possible = false;
    // Every value that passes the test survives the way there and back: the column may be rewritten.
    bool in_place = false;
    std::string sql;   // the value in the new type; null for null
    std::string test;  // true: this value, which is not null, converts; empty: always
    std::string
        exact;  // true: there and back gives the same, of a value that converts; empty: always

    // sql for values that may not convert, which become null.
    [[nodiscard]] std::string guarded() const;
};

// Between the types of two fields' columns, of `value`, an expression ("price" quoted). Not possible
// also when the types are the same, because then there is nothing to convert.
Conversion convert(const Field& from, const Field& to, std::string_view value);

// Whether the text is a value of the field type of that name ("integer", "date", ...), by the same
// rules as a value that a client sends, so that the conversion of what passes cannot fail. False for
// an unknown type. SQL calls it as pgwright.is_convertible().
bool is_convertible_text(std::string_view text, std::string_view field_type);

}  // namespace pgwright::core
