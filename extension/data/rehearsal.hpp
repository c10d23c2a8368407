// Dry runs: a write that is done in full and taken back.
#pragma once

#include <functional>
#include <string>

#include "core/model.hpp"

namespace pgwright::data {

// What `write` answers, a JSON object, with "dry_run": true as its first member. Triggers have run and
// constraints, deferred ones too, have been checked; faults are thrown as the write itself throws them.
std::string rehearse(const core::Entity& entity, const std::function<std::string()>& write);

}  // namespace pgwright::data
