// Ids of records: UUID version 7 from the server's clock and random source.
#pragma once

#include "core/uuid.hpp"

namespace pgwright::data {

core::Uuid new_id();

}  // namespace pgwright::data
