// Which rows of an entity are within reach, beyond the permission itself: what row rules and the scope
// `own` make of its policies. Compiled from the security tables by security/access.cpp.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/permission.hpp"

namespace pgwright::core {

// The row rule of a role for one action: SQL over the table's columns, qualified by its bare name.
struct RowRule {
    std::string role;
    std::string predicate;
    std::vector<std::string> columns;  // that the predicate looks at, of the table itself
    friend bool operator==(const RowRule&, const RowRule&) = default;
};

struct ActionAccess {
    bool own = false;  // some role holds the action at scope `own`
    std::vector<RowRule> rules;
    friend bool operator==(const ActionAccess&, const ActionAccess&) = default;
};

struct Access {
    ActionAccess create, read, update, delete_;
    // What everybody may read, signed in or not: SQL as above, "true" for all live records.
    std::optional<std::string> public_read;
    std::vector<std::string> public_columns;  // that this looks at

    // Columns that a field rule restricts for some role, and direct connections are not granted: to
    // read; to write; to change once they are written. Each includes the one before.
    std::set<std::string> unreadable, unwritable, unchangeable;

    [[nodiscard]] const ActionAccess& of(Action action) const noexcept {
        switch (action) {
            case Action::create: return create;
            case Action::update: return update;
            case Action::delete_: return delete_;
            default: return read;
        }
    }
    [[nodiscard]] ActionAccess& of(Action action) noexcept {
        return const_cast<ActionAccess&>(std::as_const(*this).of(action));
    }
    friend bool operator==(const Access&, const Access&) = default;
};

}  // namespace pgwright::core
