// SQL: schema_backup_restore, import_schema. What a bundle describes is made again, or, where an entity
// of its name is there, becomes a change of that entity and is published like any other; so nothing
// is lost that publishing would keep. All or nothing.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/relation_reader.hpp"
#include "core/definition_document.hpp"
#include "core/identifier.hpp"
#include "core/schema_bundle.hpp"
#include "data/new_id.hpp"
#include "schema/backup.hpp"
#include "schema/definition.hpp"
#include "schema/definition_store.hpp"
#include "schema/draft.hpp"
#include "schema/import.hpp"
#include "schema/migration_record.hpp"
#include "schema/publish.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Bundle;
using core::BundleEntity;
using core::Code;
using core::EntityDefinition;
using core::Failure;
using core::Json;
using core::Uuid;
using security::Identity;
using security::Rights;
using security::Scope;

class Restoration {
  public:
    Restoration(const Identity& identity, const Bundle& bundle, bool allow_destructive)
        : identity_(identity), bundle_(bundle), allow_destructive_(allow_destructive) {}

    Json run() {
        read_existing();
        import_relations();
        require_targets();
        lay_out();
        publish_changed();
        for (const BundleEntity& each : bundle_.entities) leave_as_it_was(each);
        for (const Json& each : bundle_.relationships) restore_relationship(each);
        return report();
    }

  private:
    void note(Json& list, const std::string& name, const std::string& reason = {}) {
        if (reason.empty()) {
            list.items().push_back(Json::string(name));
            return;
        }
        list.items().push_back(
            Json::object({{"entity_name", Json::string(name)}, {"reason", Json::string(reason)}}));
    }

    // What is there -------------------------------------------------------------------------------

    void read_existing() {
        for (const BundleEntity& each : bundle_.entities) {
            const auto stored = read_stored_entity(identity_.tenant_id(), each.name());
            if (!stored || !stored->tenant_id) continue;
            Draft draft = lock_draft(identity_, stored->id.to_string());
            require_no_draft(draft, each);
            existing_.emplace(each.name(), std::move(draft));
        }
    }

    static void require_no_draft(const Draft& draft, const BundleEntity& each) {
        if (each.imported || draft.stored.draft_version == 0) return;
        throw Failure(Code::conflict,
                      "the entity " + each.name() +
                          " has an open draft, which the bundle would replace; publish or discard "
                          "it first");
    }

    [[nodiscard]] bool is_skipped(const std::string& name) const {
        return skipped_names_.contains(name);
    }

    void skip(const BundleEntity& each, const std::string& reason) {
        skipped_names_.insert(each.name());
        note(skipped_, each.name(), reason);
    }

    // Imported relations -------------------------------------------------------------------------

    void import_relations() {
        for (const BundleEntity& each : bundle_.entities) {
            const auto there = existing_.find(each.name());
            if (!each.imported) {
                if (there != existing_.end() && !there->second.entity().generated)
                    skip(each, "an imported entity of that name is there");
                else if (there != existing_.end() && there->second.stored.status == "archived")
                    skip(each, "the entity of that name is archived");
                continue;
            }
            if (there != existing_.end())
                note(unchanged_, each.name());
            else
                import_relation(each);
        }
    }

    void import_relation(const BundleEntity& each) {
        const std::string relation = core::quote_qualified(each.schema, each.table);
        try {
            (void)catalog::require_relation(identity_.tenant_id(), relation);
        } catch (const Failure& failure) {
            return skip(each, "it was imported from " + relation + ", which is not there");
        }
        (void)import_entity(relation, import_definition(each));
        note(created_, each.name());
    }

    static Json import_definition(const BundleEntity& each) {
        const EntityDefinition& definition = each.definition;
        Json json = Json::object({{"name", Json::string(each.name())},
                                  {"label", Json::string(definition.entity.label)}});
        if (!definition.entity.search_language.empty())
            json.set("search_language", Json::string(definition.entity.search_language));
        Json fields = Json::object();
        for (const core::FieldDefinition& field : definition.fields)
            fields.set(field.field.name, Json::string(field.field.label));
        json.set("fields", std::move(fields));
        return json;
    }

    // Definitions --------------------------------------------------------------------------------

    // Names that lookups refer to: of the bundle, of the tenant, of the system.
    void require_targets() {
        core::Faults faults;
        for (std::size_t i = 0; i < bundle_.entities.size(); ++i) {
            const std::string path = "entities[" + std::to_string(i) + "]";
            const BundleEntity& each = bundle_.entities[i];
            if (each.imported || is_skipped(each.name())) continue;
            check_targets(each.definition, path, faults);
            if (each.draft) check_targets(*each.draft, path + ".draft", faults);
        }
        faults.raise("the bundle is not valid");
    }

    void check_targets(const EntityDefinition& definition, const std::string& path,
                       core::Faults& faults) {
        for (std::size_t i = 0; i < definition.fields.size(); ++i) {
            const auto& target = definition.fields[i].reference_entity;
            if (!target || (bundle_.find(*target) != nullptr && !is_skipped(*target))) continue;
            if (!id_of(*target))
                faults.add(path + ".fields[" + std::to_string(i) + "].reference_entity",
                           is_skipped(*target) ? "refers to " + *target + ", which is skipped"
                                               : "there is no entity of that name");
        }
    }

    std::optional<Uuid> id_of(const std::string& name) {
        const auto known = ids_.find(name);
        if (known != ids_.end()) return known->second;
        const auto stored = read_stored_entity(identity_.tenant_id(), name);
        if (!stored) return std::nullopt;
        ids_.emplace(name, stored->id);
        return stored->id;
    }

    void link(EntityDefinition& definition) {
        for (core::FieldDefinition& each : definition.fields) {
            if (!each.reference_entity) continue;
            core::Reference reference;
            reference.entity_id = *id_of(*each.reference_entity);
            reference.on_delete = each.on_delete.value_or(reference.on_delete);
            reference.on_update = each.on_update.value_or(reference.on_update);
            each.field.reference = reference;
            each.reference_entity.reset();
        }
    }

    // New entities get their rows first and their fields, which refer to each other, then.
    void lay_out() {
        std::vector<EntityDefinition> made;
        for (const BundleEntity& each : bundle_.entities) {
            if (each.imported || is_skipped(each.name()) || existing_.contains(each.name()))
                continue;
            made.push_back(placed(each.definition));
            EntityDefinition head = made.back();
            head.fields.clear();
            head.indexes.clear();
            insert_rows(head);
            ids_[each.name()] = head.entity.id;
            note(created_, each.name());
            if (each.status != "draft") changed_.push_back(head.entity.id.to_string());
        }
        for (EntityDefinition& each : made) {
            link(each);
            write_rows(each);
        }
        for (const BundleEntity& each : bundle_.entities) {
            if (!each.imported && !is_skipped(each.name()) && existing_.contains(each.name()))
                lay_over(each, existing_.at(each.name()));
        }
    }

    EntityDefinition placed(const EntityDefinition& definition) {
        EntityDefinition placed = definition;
        core::Entity& entity = placed.entity;
        entity.id = data::new_id();
        entity.tenant_id = identity_.tenant_id();
        entity.schema = "t_" + identity_.tenant_slug;
        entity.resource = entity.name;
        for (core::FieldDefinition& each : placed.fields) each.field.id = data::new_id();
        for (core::IndexDefinition& each : placed.indexes) each.id = data::new_id();
        return placed;
    }

    void lay_over(const BundleEntity& each, Draft& draft) {
        EntityDefinition laid = core::laid_over(each.definition, draft.definition, &data::new_id);
        link(laid);
        const bool same =
            core::definition_document(laid) == core::definition_document(draft.definition);
        const bool published = draft.stored.status != "draft" || each.status == "draft";
        if (same && published) return note(unchanged_, each.name());
        draft.definition = std::move(laid);
        save_draft(draft);
        note(updated_, each.name());
        if (each.status != "draft" || draft.stored.status != "draft")
            changed_.push_back(draft.stored.id.to_string());
    }

    // Tables -------------------------------------------------------------------------------------

    void publish_changed() {
        if (changed_.empty()) return;
        PublishOptions options;
        options.message = "Restored from a bundle";
        options.allow_destructive = allow_destructive_;
        for (const Uuid& id : publish(identity_, changed_, options)) {
            if (require_migration(identity_, id.to_string()).status != "completed")
                throw Failure(
                    Code::conflict,
                    "the bundle cannot be restored; nothing was changed: " + error_of(id));
        }
    }

    static std::string error_of(const Uuid& migration) {
        Scope scope(Rights::engine);
        pg::FreshSnapshot snapshot;
        pg::Params params;
        params.add_uuid(migration);
        return pg::execute(
                   "SELECT coalesce(error_message, '') FROM pgwright.entity_migrations WHERE id = "
                   "$1",
                   params, true)
            .row(0)
            .text(0);
    }

    // Drafts come back as drafts, and what was archived is so again.
    void leave_as_it_was(const BundleEntity& each) {
        if (each.imported || is_skipped(each.name())) return;
        const Draft draft = read_draft(identity_, id_of(each.name())->to_string());
        const bool is_new = !existing_.contains(each.name());
        if (is_new && each.status == "archived")
            set_status(draft.stored.id, "archived", draft.stored.version);
        if (!each.draft || draft.stored.status == "draft") return;
        EntityDefinition open = core::laid_over(*each.draft, draft.definition, &data::new_id);
        link(open);
        write_draft_version(open, draft.stored.last_version + 1, draft.stored.version);
    }

    // Relationships ------------------------------------------------------------------------------

    static std::string text_of(const Json& json, const char* key) {
        const Json* const value = json.find(key);
        return value == nullptr ? std::string() : value->text();
    }

    void restore_relationship(const Json& json) {
        const std::string name = text_of(json, "name");
        const auto source = id_of(text_of(json, "source_entity"));
        const auto target = id_of(text_of(json, "target_entity"));
        const std::string junction_name = text_of(json, "junction_entity");
        const auto junction = junction_name.empty() ? std::nullopt : id_of(junction_name);
        if (!source || !target || (!junction_name.empty() && !junction)) {
            skipped_.items().push_back(
                Json::object({{"relationship", Json::string(name)},
                              {"reason", Json::string("an entity of it is not there")}}));
            return;
        }
        Json row = json;
        const auto id = [](const std::optional<Uuid>& uuid) {
            return uuid ? Json::string(uuid->to_string()) : Json();
        };
        row.set("id", id(data::new_id()));
        row.set("tenant_id", id(identity_.tenant_id()));
        row.set("source_entity_id", id(source));
        row.set("target_entity_id", id(target));
        row.set("junction_entity_id", id(junction));
        row.set("target_field_id", id(lookup_of(*target, text_of(json, "target_field_name"))));
        insert_relationship(row);
        relationships_.items().push_back(Json::string(name));
    }

    [[nodiscard]] std::optional<Uuid> lookup_of(const Uuid& entity,
                                                const std::string& field) const {
        const Draft draft = read_draft(identity_, entity.to_string());
        for (const core::FieldDefinition& each : draft.definition.fields)
            if (each.field.name == field) return each.field.id;
        return std::nullopt;
    }

    // One of that name that is there stays as it is.
    static void insert_relationship(const Json& row) {
        Scope scope(Rights::engine);
        pg::Params params;
        params.add_text(row.dump());
        pg::execute(
            "INSERT INTO pgwright.relationship_definitions (id, tenant_id, name, label, "
            "description, relationship_type, source_entity_id, source_field_name, "
            "target_entity_id, target_field_name, target_field_id, junction_table_name, "
            "junction_source_field, junction_target_field, junction_entity_id, on_delete, "
            "on_update, is_active, display_in_source, display_in_target, metadata)"
            " SELECT r.id, r.tenant_id, r.name, r.label, r.description, r.relationship_type, "
            "r.source_entity_id, r.source_field_name, r.target_entity_id, r.target_field_name, "
            "r.target_field_id, r.junction_table_name, r.junction_source_field, "
            "r.junction_target_field, r.junction_entity_id, coalesce(r.on_delete, 'NO ACTION'), "
            "coalesce(r.on_update, 'NO ACTION'), coalesce(r.is_active, true), "
            "coalesce(r.display_in_source, true), coalesce(r.display_in_target, true), "
            "coalesce(r.metadata, '{}')"
            "  FROM jsonb_populate_record(NULL::pgwright.relationship_definitions, $1::jsonb) AS r"
            " WHERE NOT EXISTS (SELECT FROM pgwright.relationship_definitions o"
            "  WHERE o.tenant_id = r.tenant_id AND o.name = r.name AND NOT o.is_deleted)",
            params, false);
    }

    // Answer -------------------------------------------------------------------------------------

    Json unknown_entities() {
        Scope scope(Rights::engine);
        pg::FreshSnapshot snapshot;
        pg::Params params;
        params.add_uuid(identity_.tenant_id());
        const pg::Result result = pg::execute(
            "SELECT name FROM pgwright.entity_definitions WHERE tenant_id = $1 AND NOT is_deleted "
            "ORDER BY name",
            params, true);
        Json list = Json::array();
        for (std::size_t i = 0; i < result.rows(); ++i) {
            const std::string name = result.row(i).text(0);
            if (bundle_.find(name) == nullptr) list.items().push_back(Json::string(name));
        }
        return list;
    }

    Json report() {
        Json json = Json::object();
        json.set("created", std::move(created_));
        json.set("updated", std::move(updated_));
        json.set("unchanged", std::move(unchanged_));
        json.set("skipped", std::move(skipped_));
        json.set("untouched", unknown_entities());
        json.set("relationships", std::move(relationships_));
        return json;
    }

    const Identity& identity_;
    const Bundle& bundle_;
    bool allow_destructive_;
    std::map<std::string, Draft, std::less<>> existing_;
    std::map<std::string, Uuid, std::less<>> ids_;
    std::set<std::string, std::less<>> skipped_names_;
    std::vector<std::string> changed_;
    Json created_ = Json::array(), updated_ = Json::array(), unchanged_ = Json::array(),
         skipped_ = Json::array(), relationships_ = Json::array();
};

bool has_entities(const Identity& identity) {
    return !make_bundle(identity).find("entities")->items().empty();
}

Json restore(const Identity& identity, std::string_view text, bool allow_destructive) {
    if (text.size() > core::kMaxBundleBytes)
        throw Failure(
            Code::validation_error, "the bundle is not valid",
            {{"bundle", "must be at most " + std::to_string(core::kMaxBundleBytes) + " bytes"}});
    core::Faults faults;
    const Bundle bundle = core::parse_bundle(core::parse_json(text), faults);
    faults.raise("the bundle is not valid");
    std::optional<Uuid> backup;
    if (has_entities(identity))
        backup = create_backup(identity, "before a restoration", std::nullopt, Occasion::automatic);
    Json report = Restoration(identity, bundle, allow_destructive).run();
    report.set("backup_id", backup ? Json::string(backup->to_string()) : Json());
    return report;
}

void log_tenant_operation(const Identity& identity, std::string_view operation,
                          const Json& payload) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_text(operation).add_text(payload.dump());
    params.add_uuid(identity.user_id());
    pg::execute(
        "INSERT INTO pgwright.schema_ops (tenant_id, op_type, payload_json, status, actor_user_id)"
        " VALUES ($1, $2, $3::pg_catalog.jsonb, 'applied', $4)",
        params, false);
}

security::IdentityPointer require_restorer() {
    auto identity = security::require_identity();
    for (const core::Action action :
         {core::Action::execute, core::Action::create, core::Action::update})
        security::require_permission(*identity, "data_model", action);
    return identity;
}

// The newest of that name, or that id.
std::string bundle_of(const Identity& identity, std::string_view name_or_id) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id()).add_text(name_or_id);
    const pg::Result result = pg::execute(
        "SELECT b.bundle::text FROM pgwright.schema_backups b WHERE b.tenant_id = $1 AND (b.name = "
        "$2 OR b.id::text = $2) ORDER BY b.id::text = $2 DESC, b.created_at DESC, b.id DESC LIMIT "
        "1",
        params, true);
    if (result.empty()) throw Failure(Code::resource_not_found, "there is no such backup");
    return result.row(0).text(0);
}

std::string restore_backup(std::string_view name_or_id, bool allow_destructive) {
    const auto identity = require_restorer();
    const Json report = restore(*identity, bundle_of(*identity, name_or_id), allow_destructive);
    log_tenant_operation(
        *identity, "schema_backup_restore",
        Json::object({{"backup", Json::string(std::string(name_or_id))}, {"result", report}}));
    return report.dump();
}

std::string import_bundle(std::string_view text, bool allow_destructive) {
    const auto identity = require_restorer();
    const Json report = restore(*identity, text, allow_destructive);
    log_tenant_operation(*identity, "import_schema", Json::object({{"result", report}}));
    return report.dump();
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_schema_backup_restore) {
    return pgwright::pg::json_datum(
        pgwright::schema::restore_backup(args.text(0), args.optional_boolean(1).value_or(false)));
}

PGWRIGHT_FUNCTION(pgwright_import_schema) {
    return pgwright::pg::json_datum(
        pgwright::schema::import_bundle(args.text(0), args.optional_boolean(1).value_or(false)));
}
