// Checks the data of a record for one of the ways to write it; see value_check.hpp for the values.
#pragma once

#include <cstdint>

#include "core/value_check.hpp"

namespace pgwright::core {

// Create and replace say all of a record, update what changes of it.
enum class Writing : std::uint8_t { create, update, replace };

// As check_record(). Who replaces a record must give what is required, but for what he does not write:
// the key, what is read-only and what is written once.
void check_written(const Entity& entity, const Json& data, Writing writing, Faults& faults,
                   int index = -1);

}  // namespace pgwright::core
