// A field's default as SQL, written the same in the table's definition and in a bulk insert.
#pragma once

#include <string>

#include "core/model.hpp"

namespace pgwright::core {

// An expression of the field's type, or empty text when the field has no default. The value is a
// literal with a cast; an expression is compiled, but for these words:
//   now              now()
//   today            the date in UTC
//   current_user_id  pgwright.user_id()
//   new_uuid         pgwright.uuid_v7()
// Throws VALIDATION_ERROR for an expression that check_field() would refuse.
std::string default_sql(const Field& field);

}  // namespace pgwright::core
