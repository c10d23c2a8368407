// Gathers the faults of parsers that throw their own, so that a request is told all of them at once.
#pragma once

#include <utility>

#include "core/error.hpp"

namespace pgwright::core {

// What the body returns, or a default value when it has thrown faults, which are then among `faults`.
template <typename Body>
auto collect(Faults& faults, const Body& body) -> decltype(body()) {
    try {
        return body();
    } catch (const Failure& failure) {
        if (failure.faults().empty()) throw;
        for (const Fault& each : failure.faults()) faults.add(each.field, each.message);
        return decltype(body())();
    }
}

}  // namespace pgwright::core
