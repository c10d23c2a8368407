// Checks the values of a record against its entity before anything reaches the server, so that all
// faults of a request are told at once and each with its field. Constraints in the database say the
// same again for every other client.
#pragma once

#include "core/model.hpp"

namespace pgwright::core {

// Throws nothing; adds "is required", "must be an integer", "must be at most 255 characters", ...
// A null is right unless the field is required.
void check_value(const Field& field, const Json& value, Faults& faults, int index = -1);

enum class WriteKind { create, update };

// data must be an object; unknown fields, read-only fields and, on create, missing required ones are
// faults. System fields (id, created_at, ...) are read-only.
void check_record(const Entity& entity, const Json& data, WriteKind kind, Faults& faults, int index = -1);

// The pieces, for conditions and defaults. Each says whether the text is a value of that class.
bool is_integer_text(std::string_view digits, std::int64_t lowest, std::int64_t highest) noexcept;
bool is_decimal_text(std::string_view digits) noexcept;     // JSON number or its plain text form
bool is_date_text(std::string_view text) noexcept;          // YYYY-MM-DD that exists
bool is_time_text(std::string_view text) noexcept;          // HH:MM[:SS[.ffffff]]
bool is_datetime_text(std::string_view text) noexcept;      // ISO 8601; date alone is midnight UTC; offset optional
int compare_decimals(std::string_view a, std::string_view b) noexcept;  // exact, by digits; <0, 0, >0
std::size_t count_characters(std::string_view utf8) noexcept;

}  // namespace pgwright::core
