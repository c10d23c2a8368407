// What the database refuses, in the words of the data model: constraint names lead back to fields.
#pragma once

#include "pg/error.hpp"

#include "core/model.hpp"

namespace pgwright::data {

// Throws the Failure that says it for people: CONFLICT for unique and foreign keys, VALIDATION_ERROR
// for checks, missing values and values that do not convert, PERMISSION_DENIED for row security.
// Anything else is thrown on as it came. `removing`: a delete, so that a foreign key of the entity to
// itself means that the record is still referred to.
[[noreturn]] void rethrow_for_people(const core::Entity& entity, const pg::Error& error,
                                     bool removing = false);

}  // namespace pgwright::data
