// What a condition may say in the place of a value: who asks, and when. The only way to refer to them.
//
//   {current_user_id}          uuid, lookups of users, text
//   {current_tenant_id}        uuid, text
//   {current_user_email}       text, e-mail
//   {current_user_department}  text; null when the user has none
//   {current_user_roles}       the names of the caller's roles, for `in` and `not_in`
//   {now}                      date and time of the transaction
//   {today} {yesterday} {tomorrow}     the date in UTC; of a date and time its midnight
//   {start_of_week} {start_of_month} {start_of_quarter} {start_of_year}     likewise
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model.hpp"

namespace pgwright::core {

struct Placeholder {
    enum class Kind : std::uint8_t { uuid, text, datetime, date };

    std::string_view name;  // with its braces
    Kind kind = Kind::text;
    std::string_view sql;  // a scalar sub-select, which a statement evaluates once
    bool is_list = false;  // its value is an array of text

    // The value as the field compares with it; empty: it does not.
    [[nodiscard]] std::string sql_for(const Field& field) const;
};

// The one of that text, or nullptr: another text is a value.
const Placeholder* find_placeholder(std::string_view text) noexcept;

}  // namespace pgwright::core
