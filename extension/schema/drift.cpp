// SQL: analyze_schema; see drift.hpp.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/drift.hpp"

#include "schema/access.hpp"

#include <map>

#include "core/definition_document.hpp"
#include "core/expression.hpp"
#include "core/index_definition.hpp"
#include "schema/draft.hpp"
#include "schema/migration_plan.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Code;
using core::Failure;
using core::Json;
using core::Uuid;
using security::Identity;
using security::Rights;
using security::Scope;

constexpr std::string_view kCatalogSql = R"(
WITH published AS (
    SELECT e.* FROM pgwright.entity_definitions e
     WHERE e.tenant_id = $1 AND NOT e.is_deleted AND e.status IN ('published', 'archived')
       AND ($2 IS NULL OR e.id = $2)),
fields AS (
    SELECT f.entity_id, jsonb_agg(to_jsonb(f) ORDER BY f.display_order, f.name) AS list
      FROM pgwright.field_definitions f JOIN published p ON p.id = f.entity_id
     WHERE NOT f.is_deleted GROUP BY f.entity_id),
indexes AS (
    SELECT i.entity_id, jsonb_agg(to_jsonb(i) ORDER BY i.name) AS list
      FROM pgwright.index_definitions i JOIN published p ON p.id = i.entity_id
     WHERE NOT i.is_deleted GROUP BY i.entity_id),
versions AS (
    SELECT v.entity_id, max(v.version) AS last, max(v.version) FILTER (WHERE v.status = 'draft') AS draft
      FROM pgwright.entity_versions v JOIN published p ON p.id = v.entity_id GROUP BY v.entity_id)
SELECT e.id, e.name, e.version, coalesce(v.last, 0), coalesce(v.draft, 0),
       jsonb_build_object('entity', to_jsonb(e), 'fields', coalesce(f.list, '[]'),
                          'indexes', coalesce(i.list, '[]'))::text,
       r.table_state::text
  FROM published e
  LEFT JOIN fields f ON f.entity_id = e.id
  LEFT JOIN indexes i ON i.entity_id = e.id
  LEFT JOIN versions v ON v.entity_id = e.id
  LEFT JOIN pgwright.entity_versions r ON r.entity_id = e.id AND r.status = 'published'
 ORDER BY e.name)";

// What lookups of the tenant may refer to.
constexpr std::string_view kTargetsSql = R"(
SELECT e.id, e.name, e.schema_name, e.table_name,
       CASE jsonb_array_length(e.key_fields) WHEN 1 THEN e.key_fields ->> 0 ELSE 'id' END,
       CASE WHEN e.origin = 'imported' THEN
           (SELECT CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.oid END
              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = to_regclass(format('%I.%I', e.schema_name, e.table_name))
               AND a.attname = e.key_fields ->> 0) END
  FROM pgwright.entity_definitions e
 WHERE (e.tenant_id = $1 OR e.tenant_id IS NULL) AND NOT e.is_deleted)";

// Whoever owns a table, and the columns that our roles may not read and write as they must.
constexpr std::string_view kAccessSql = R"(
SELECT c.relname::text, pg_get_userbyid(c.relowner)::text,
       array_to_json(ARRAY(
           SELECT a.attname::text FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              AND NOT (has_column_privilege('pgwright_runtime', c.oid, a.attnum, 'SELECT')
                   AND has_column_privilege('pgwright_runtime', c.oid, a.attnum, 'INSERT')
                   AND has_column_privilege('pgwright_runtime', c.oid, a.attnum, 'UPDATE')
                   AND (EXISTS (SELECT FROM pgwright.field_rules r JOIN pgwright.entity_definitions e ON e.id = r.entity_id
                                 WHERE r.is_active AND e.schema_name = $1 AND e.table_name = c.relname AND NOT e.is_deleted)
                        OR has_column_privilege('pgwright_user', c.oid, a.attnum, 'SELECT')
                       AND has_column_privilege('pgwright_user', c.oid, a.attnum, 'INSERT')
                       AND has_column_privilege('pgwright_user', c.oid, a.attnum, 'UPDATE')))
           UNION ALL SELECT '' WHERE NOT (has_table_privilege('pgwright_runtime', c.oid, 'DELETE')
                                      AND has_table_privilege('pgwright_user', c.oid, 'DELETE'))))::text
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))";

// What the designs of a tenant's entities need to know of each other.
struct Targets {
    std::map<Uuid, core::Reference> by_id;
    AccessReader access;
};

Targets read_targets(const Identity& identity) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(kTargetsSql, params, true);
    Targets targets{{}, AccessReader(identity.tenant_id())};
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        const auto key = static_cast<std::uint32_t>(row.optional_integer(5).value_or(0));
        targets.by_id.emplace(row.uuid(0), core::Reference{row.uuid(0), row.text(1), row.text(2),
                                                           row.text(3), row.text(4), key});
    }
    return targets;
}

core::Design design_among(const Targets& targets, const core::EntityDefinition& definition) {
    core::Design design{definition.entity, definition.indexes};
    design.entity.resource = design.entity.name;
    design.entity.search_fields = core::search_fields_of(definition.indexes);
    for (const core::FieldDefinition& each : definition.fields) {
        core::Field field = each.field;
        if (field.reference) {
            const auto target = targets.by_id.find(field.reference->entity_id);
            if (target != targets.by_id.end()) field.reference = target->second;
            field.reference->on_delete = each.on_delete.value_or(field.reference->on_delete);
            field.reference->on_update = each.on_update.value_or(field.reference->on_update);
            core::set_type_oids(field);
        }
        design.entity.fields.push_back(std::move(field));
    }
    if (design.entity.generated) core::compile_formulas(design.entity);
    design.entity.access = targets.access.of(design.entity);
    return design;
}

std::map<std::string, core::TableAccess> read_access(const std::string& schema) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_text(schema);
    const pg::Result result = pg::execute(kAccessSql, params, true);
    std::map<std::string, core::TableAccess> all;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        core::TableAccess access{row.text(1), {}};
        const Json lacking = core::parse_json(row.text(2));
        for (const Json& column : lacking.items()) access.lacking.insert(column.text());
        all.emplace(row.text(0), std::move(access));
    }
    return all;
}

Subject subject_of(const pg::Row& row, const Targets& targets) {
    Subject subject;
    subject.id = row.uuid(0);
    subject.name = row.text(1);
    subject.version = static_cast<int>(row.integer(2));
    subject.last_version = static_cast<int>(row.integer(3));
    subject.draft_version = static_cast<int>(row.integer(4));
    subject.definition = core::parse_document(core::parse_json(row.text(5)));
    subject.design = design_among(targets, subject.definition);
    if (const auto state = row.optional_text(6))
        subject.recorded = core::parse_table_state(core::parse_json(*state));
    return subject;
}

}  // namespace

core::DriftInput Subject::input() const {
    return {design,          recorded ? &*recorded : nullptr, actual, access, *surroundings,
            last_version + 1};
}

Subjects::Subjects(const Identity& identity, const std::optional<Uuid>& entity) {
    read_catalog(identity, entity);
    read_tables();
}

void Subjects::read_catalog(const Identity& identity, const std::optional<Uuid>& entity) {
    const Targets targets = read_targets(identity);
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    if (entity)
        params.add_uuid(*entity);
    else
        params.add_null(UUIDOID);
    const pg::Result result = pg::execute(kCatalogSql, params, true);
    for (std::size_t i = 0; i < result.rows(); ++i)
        list_.push_back(subject_of(result.row(i), targets));
}

void Subjects::read_tables() {
    std::map<std::string, std::vector<Subject*>> by_schema;
    for (Subject& each : list_) by_schema[each.design.entity.schema].push_back(&each);
    for (auto& [schema, subjects] : by_schema) {
        auto states = read_table_states(schema);
        auto access = read_access(schema);
        const core::Surroundings& around = surroundings_[schema] = read_surroundings(schema, "");
        for (Subject* each : subjects) {
            each->actual = std::move(states[each->design.entity.table]);
            each->access = std::move(access[each->design.entity.table]);
            each->surroundings = &around;
        }
    }
}

std::vector<core::Difference> drift_of(const Subject& subject) {
    return subject.design.entity.generated ? core::find_drift(subject.input())
                                           : core::find_imported_drift(subject.input());
}

core::Design compiled_design(const Identity& identity, const core::EntityDefinition& definition) {
    return design_among(read_targets(identity), definition);
}

namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json::string(text); }

std::optional<Uuid> entity_of(const Identity& identity,
                              std::optional<std::string_view> name_or_id) {
    if (!name_or_id) return std::nullopt;
    const Draft draft = read_draft(identity, *name_or_id);
    if (draft.stored.status == "draft")
        throw Failure(Code::conflict, "the entity " + draft.stored.name +
                                          " is not published; there is no table to compare");
    return draft.stored.id;
}

std::string analyze(std::optional<std::string_view> entity) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::read);
    const Subjects subjects(*identity, entity_of(*identity, entity));
    bool all = true;
    Json list = Json::array();
    for (const Subject& subject : subjects.list()) {
        Json differences = Json::array();
        for (const core::Difference& each : drift_of(subject))
            differences.items().push_back(difference_json(each));
        const bool in_sync = differences.items().empty();
        all = all && in_sync;
        Json item = Json::object();
        item.set("entity_id", Json::string(subject.id.to_string()));
        item.set("entity_name", Json::string(subject.name));
        item.set("in_sync", Json::boolean(in_sync));
        item.set("differences", std::move(differences));
        list.items().push_back(std::move(item));
    }
    Json report = Json::object();
    report.set("in_sync", Json::boolean(all));
    report.set("entities", std::move(list));
    return report.dump();
}

}  // namespace

Json difference_json(const core::Difference& difference) {
    Json repair = Json::object();
    repair.set("database", text_or_null(difference.database));
    repair.set("definition", text_or_null(difference.definition));
    Json json = Json::object();
    json.set("kind", Json::string(difference.kind));
    json.set("object", Json::string(difference.object));
    json.set("object_type", Json::string(difference.object_type));
    json.set("field", text_or_null(difference.field));
    json.set("expected", Json::string(difference.expected));
    json.set("actual", Json::string(difference.actual));
    json.set("risk", Json::string(std::string(core::risk_name(difference.risk))));
    json.set("repair", std::move(repair));
    return json;
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_analyze_schema) {
    return pgwright::pg::json_datum(pgwright::schema::analyze(args.optional_text(0)));
}
