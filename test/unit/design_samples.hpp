// Designs for the tests of the alter planner: written as definitions, with ids that stay the same from
// version to version, and the state of the table that such a design has.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

#include "core/alter.hpp"
#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/table_part.hpp"
#include "sample_id.hpp"

namespace pgwright::core::sample {

// The design of the entity "deal" with these fields and indexes (JSON, without the brackets). A field's
// or index's id is made of its name, but for what is renamed: {"new", "old"}.
struct Names {
    std::string now, was;
};

inline Design design_of(const std::string& fields, const std::vector<Names>& renames = {},
                        const std::string& indexes = "", const std::string& more = "",
                        bool platform = false) {
    Faults faults;
    EntityDefinition definition = parse_entity_definition(
        parse_json(R"({"name":"deal","label":"Deal",)" + more + R"("fields":[)" + fields +
                   R"(],"indexes":[)" + indexes + "]}"),
        faults);
    for (const Fault& fault : faults.list()) FAIL(fault.field + " " + fault.message);
    const auto id = [&](const std::string& name) {
        for (const Names& each : renames) {
            if (each.now == name) return id_of(each.was);
        }
        return id_of(name);
    };
    Design design;
    design.indexes = definition.indexes;
    for (IndexDefinition& index : design.indexes) index.id = id(index.name);
    Entity& entity = design.entity = definition.entity;
    entity.schema = platform ? "pgwright_shared" : "t_demo";
    if (!platform) entity.tenant_id = Uuid::parse("0189d5c0-0000-7000-8000-000000000001");
    for (FieldDefinition& each : definition.fields) {
        each.field.id = id(each.field.name);
        if (each.reference_entity) {
            each.field.reference =
                Reference{{}, *each.reference_entity, entity.schema, *each.reference_entity, "id"};
        }
    }
    entity.fields = all_fields(definition);
    entity.search_fields = search_fields_of(definition.indexes);
    return design;
}

// The table of the design as it is after its creation.
inline TableState state_of(const Design& design, const Surroundings& surroundings = {}) {
    TableState state;
    state.exists = state.row_security = state.forced_row_security = true;
    for (const ColumnPart& column : columns_of(design.entity))
        state.columns.push_back({column.name, column.type, column.required, std::nullopt, false});
    state.constraints.push_back({derived_name({design.entity.table}, "pkey"), "", true});
    state.indexes = state.constraints;
    Faults faults;
    for (const TablePart& part : parts_of(design, surroundings.trigram_schema, faults)) {
        const bool taken = surroundings.taken.contains(part.name);
        const ObjectState object{taken ? part.second_name : part.name, "", true};
        switch (part.kind) {
            case TablePart::Kind::index: state.indexes.push_back(object); break;
            case TablePart::Kind::trigger: state.triggers.push_back(object); break;
            case TablePart::Kind::policy: state.policies.push_back(object); break;
            case TablePart::Kind::check:
            case TablePart::Kind::foreign_key: state.constraints.push_back(object); break;
        }
    }
    return state;
}

inline Migration alter(const Design& before, const Design& after,
                       const Surroundings& surroundings = {}) {
    return plan_alter(before, after, state_of(before, surroundings), 2, 3, surroundings);
}

inline std::string operations(const Migration& migration) {
    std::string text;
    for (const Change& change : migration.changes)
        text += (text.empty() ? "" : " ") + change.operation;
    return text;
}

}  // namespace pgwright::core::sample
