// What the tests of edits and documents do with a definition: the order of order_text.hpp.
#pragma once

#include <catch2/catch.hpp>

#include <string>
#include <string_view>

#include "core/definition_document.hpp"
#include "core/definition_edit.hpp"
#include "design_samples.hpp"
#include "order_text.hpp"

namespace pgwright::core::sample {

// As the catalog does it after a definition was made or a field changed; whoever is named is there.
inline void resolve(EntityDefinition& definition) {
    for (FieldDefinition& each : definition.fields) {
        if (!each.reference_entity) continue;
        Reference& reference = each.field.reference.emplace();
        reference.entity_id =
            Uuid::parse(*each.reference_entity).value_or(id_of(*each.reference_entity));
        reference.on_delete = each.on_delete.value_or(reference.on_delete);
        reference.on_update = each.on_update.value_or(reference.on_update);
    }
}

// What create_entity() leaves: every part has an id, made of its name, and the lookups are resolved.
inline EntityDefinition defined(const std::string& text) {
    Faults faults;
    EntityDefinition definition = parse_entity_definition(parse_json(text), faults);
    for (const Fault& fault : faults.list()) FAIL(fault.field + " " + fault.message);
    definition.entity.id = id_of(definition.entity.name);
    definition.entity.tenant_id = id_of("tenant");
    definition.entity.schema = "t_demo";
    for (FieldDefinition& each : definition.fields) each.field.id = id_of(each.field.name);
    resolve(definition);
    for (IndexDefinition& index : definition.indexes) index.id = id_of(index.name);
    return definition;
}

inline EntityDefinition order() { return defined(order_text()); }

inline std::string document_of(const EntityDefinition& definition) {
    return definition_document(definition).dump();
}

inline std::string text_of(const std::vector<Fault>& faults) {
    std::string text;
    for (const Fault& fault : faults)
        text += (text.empty() ? "" : "; ") + fault.field + ' ' + fault.message;
    return text;
}

// The faults that an edit tells, as one text. With faults nothing may have changed.
template <typename Edit>
std::string faults_of(EntityDefinition& definition, Edit edit) {
    const std::string before = document_of(definition);
    Faults faults;
    edit(definition, faults);
    if (!faults.empty()) CHECK(document_of(definition) == before);
    resolve(definition);
    return text_of(faults.list());
}

inline std::string change_field(EntityDefinition& definition, const std::string& name,
                                const std::string& changes) {
    return faults_of(definition, [&](EntityDefinition& edited, Faults& faults) {
        core::change_field(edited, require_field(edited, name).field.id, parse_json(changes),
                           faults);
    });
}

inline std::string change_entity(EntityDefinition& definition, const std::string& changes,
                                 Lifecycle lifecycle = Lifecycle::published) {
    return faults_of(definition, [&](EntityDefinition& edited, Faults& faults) {
        core::change_entity(edited, parse_json(changes), lifecycle, faults);
    });
}

inline std::string add_field(EntityDefinition& definition, const std::string& json) {
    return faults_of(definition, [&](EntityDefinition& edited, Faults& faults) {
        core::add_field(edited, id_of("added"), parse_json(json), faults);
    });
}

inline std::string add_index(EntityDefinition& definition, const std::string& json) {
    return faults_of(definition, [&](EntityDefinition& edited, Faults& faults) {
        core::add_index(edited, id_of("added"), parse_json(json), faults);
    });
}

inline std::string change_index(EntityDefinition& definition, const std::string& name,
                                const std::string& changes) {
    return faults_of(definition, [&](EntityDefinition& edited, Faults& faults) {
        core::change_index(edited, require_index(edited, name).id, parse_json(changes), faults);
    });
}

// Who uses the field, as its removal tells; empty when it is gone.
inline std::string remove_field(EntityDefinition& definition, const std::string& name) {
    const std::string before = document_of(definition);
    try {
        core::remove_field(definition, require_field(definition, name).field.id);
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::conflict);
        CHECK(document_of(definition) == before);
        return text_of(failure.faults());
    }
    return {};
}

}  // namespace pgwright::core::sample
