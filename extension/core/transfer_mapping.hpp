// Which column of a file gives which field. Written as JSON by people: {"Unit price": "price", "Notes": null,
// "Maker": "maker.title"}; a column mapped to null, or not named in a mapping that is given, is left out. Over
// a dot it gives a lookup, and says by which field of the other entity the record is found.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/model.hpp"
#include "core/related.hpp"

namespace pgwright::core {

// What becomes of records that are there already.
enum class ImportAction : std::uint8_t { insert, upsert, update };
std::string_view action_text(ImportAction action) noexcept;
std::optional<ImportAction> find_import_action(std::string_view name) noexcept;

// What a column gives.
struct ImportColumn {
    const Field* field = nullptr;  // nullptr: nothing, the column is left out
    // Of a lookup whose record is found by a field of its own.
    std::shared_ptr<const Entity> target = nullptr;
    const Field* label = nullptr;

    // The field whose values the column has.
    [[nodiscard]] const Field& read_as() const noexcept {
        return label == nullptr ? *field : *label;
    }
    // As people write it: "price", "maker.title".
    [[nodiscard]] std::string name() const {
        return label == nullptr ? field->name : field->name + "." + label->name;
    }
};

// What a mapping may say of an entity, and what it must give.
struct ImportRules {
    const Entity& entity;
    ImportAction action = ImportAction::insert;
    // The fields that tell which record is meant. An update only looks at them, so they may be such as nobody
    // writes.
    std::vector<const Field*> key = {};
    FindRelated find_related = {};  // not set: no lookup is found by another field

    [[nodiscard]] bool takes(const Field& field) const noexcept;
};

// Why nobody writes the field on create ("is read-only", ...); empty when an import may give it.
std::string_view unwritable(const Field& field) noexcept;

// For each column the field of its name or label, case and marks aside, each field once; no field where
// there is none.
std::vector<ImportColumn> suggest_columns(std::span<const std::string> columns,
                                          const ImportRules& rules);

// For each column what it gives. Without a mapping (null) the suggested one holds: columns of what the server
// fills are left out, and a column that matches nothing is a fault, because its values would vanish. Faults are
// named "mapping.<column>", and required fields that no column gives by their own names.
std::vector<ImportColumn> resolve_mapping(std::span<const std::string> columns, const Json& mapping,
                                          const ImportRules& rules, Faults& faults);

// The fields that columns give, without those that give none.
std::vector<const Field*> fields_given(std::span<const ImportColumn> columns);

// The same for records that name their members themselves; a member's name is looked up once.
class MemberMapping {
  public:
    // Faults of the mapping itself; columns are not known ahead.
    MemberMapping(const Json& mapping, ImportRules rules, Faults& faults);

    struct Target {
        ImportColumn column = {};
        bool left_out = false;
    };
    // Neither: the member is of no field. Stays where it is as long as the mapping, which may be moved.
    const Target& find(const std::string& member);

  private:
    ImportRules rules_;
    bool given_;
    std::unordered_map<std::string, Target> targets_;
};

}  // namespace pgwright::core
