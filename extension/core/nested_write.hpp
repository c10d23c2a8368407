// Records that are written together with those they are related to: a request taken apart into sets, one
// for each entity at each place, so that each set is written by a statement.
//
// A member that names a way to related records (core/related.hpp) holds records instead of a value:
// - over a lookup an object: the record that is referred to, written first;
// - to records that refer here an array of objects (an object when there can be one only), written after;
// - over a junction an array of objects, written after and linked.
// An object with "id" is a record that is there: its other members are changed, and it is related to the
// one it stands in. One without is created. {"id", "$delete": true} deletes it. Records that are not
// mentioned stay as they are.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/error.hpp"
#include "core/related.hpp"

namespace pgwright::core {

inline constexpr int kMaxNesting = 5;                    // levels below the record itself
inline constexpr std::size_t kMaxNestedRecords = 10000;  // of a request, below its own records
inline constexpr std::string_view kDeleteMember = "$delete";

struct NestedItem {
    Json data;                      // the members that are its own
    std::string path;               // "orders[1]"; empty: the request's record
    int index = -1;                 // of the request's record, in a bulk
    std::size_t parent = 0;         // the item of the set above that it stands in
    std::optional<std::string> id;  // of a record that is there, and once it is written
    bool is_new = true;
    bool is_removed = false;
};

struct NestedBranch;

struct NestedSet {
    std::shared_ptr<const Entity> entity;
    std::vector<NestedItem> items;
    std::vector<std::unique_ptr<NestedBranch>> branches;
};

struct NestedBranch {
    std::string name;
    Related related;
    NestedSet set;
};

// Whether some member of the record may hold related records: it is no field, or an object where a lookup
// has a value.
bool may_be_nested(const Entity& entity, const Json& record) noexcept;

// Moves what is nested in the items' data to branches, down to the last level. Adds faults with their
// paths. Members that lead nowhere stay, for the check of the record to tell.
void take_nested(NestedSet& root, const FindRelated& find, Faults& faults);

}  // namespace pgwright::core
