// Which column of a file gives which field. Written as JSON by people: {"Unit price": "price", "Notes": null};
// a column mapped to null, or not named in a mapping that is given, is left out.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/model.hpp"

namespace pgwright::core {

// Why nobody writes the field on create ("is read-only", ...); empty when an import may give it.
std::string_view unwritable(const Field& field) noexcept;

// For each column the field of its name or label, case and marks aside, each field once; nullptr where
// there is none.
std::vector<const Field*> suggest_fields(std::span<const std::string> columns,
                                         const Entity& entity);

// For each column the field it gives; nullptr where it is left out. Without a mapping (null) the suggested
// one holds: columns of what the server fills are left out, and a column that matches nothing is a fault,
// because its values would vanish. Faults are named "mapping.<column>", and required fields that no column
// gives by their own names.
std::vector<const Field*> resolve_mapping(std::span<const std::string> columns, const Json& mapping,
                                          const Entity& entity, Faults& faults);

// The same for records that name their members themselves; a member's name is looked up once.
class MemberMapping {
  public:
    // Faults of the mapping itself; columns are not known ahead.
    MemberMapping(const Json& mapping, const Entity& entity, Faults& faults);

    struct Target {
        const Field* field = nullptr;
        bool left_out = false;
    };
    // Neither: the member is of no field.
    const Target& find(const std::string& member);

  private:
    const Entity& entity_;
    bool given_;
    std::unordered_map<std::string, Target> targets_;
};

}  // namespace pgwright::core
