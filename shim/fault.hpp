// One thing wrong with a request, as a client sees it in `details`. All faults of a request are
// collected before it is turned down.
#pragma once

#include <string>
#include <vector>

namespace pgwright::shim {

struct Fault {
    std::string field;    // argument, member or path of members; empty when it is the whole body
    std::string message;  // continues the field's name: "must be an integer"
};

using Faults = std::vector<Fault>;

}  // namespace pgwright::shim
