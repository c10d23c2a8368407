// What a condition may say in the place of a value: who asks, and when. The only way to refer to them.
//
//   {current_user_id}          uuid, lookups of users, text
//   {current_tenant_id}        uuid, text
//   {current_user_email}       text, e-mail
//   {current_user_department}  text; null when the user has none
//   {current_user_roles}       the names of the caller's roles, for `in` and `not_in`
//   {now}                      date and time of the transaction
//   {today}                    the date in UTC; of a date and time its midnight
#pragma once

#include <string>
#include <string_view>

#include "core/field_type.hpp"

namespace pgwright::core {

struct Placeholder {
    std::string_view name;  // with its braces
    std::string_view sql;   // a scalar sub-select, which a statement evaluates once
    bool is_list = false;   // its value is an array of text

    // The value as a field of that class compares with it; empty: it does not.
    [[nodiscard]] std::string sql_for(ValueClass value_class) const;
};

// The one of that text, or nullptr: another text is a value.
const Placeholder* find_placeholder(std::string_view text) noexcept;

}  // namespace pgwright::core
