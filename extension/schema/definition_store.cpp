#include "schema/definition_store.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "core/definition_document.hpp"
#include "schema/access.hpp"
#include "schema/execution.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Code;
using core::Failure;
using core::Json;
using security::Rights;
using security::Scope;

namespace {

constexpr std::string_view kReadHead = R"(
SELECT e.id, e.tenant_id, e.name, e.status, e.version,
       coalesce((SELECT max(v.version) FROM pgwright.entity_versions v WHERE v.entity_id = e.id), 0),)";
constexpr std::string_view kReadRest = R"(,
       d.version, d.definition::text
  FROM pgwright.entity_definitions e
  LEFT JOIN pgwright.entity_versions d ON d.entity_id = e.id AND d.status = 'draft'
 WHERE (e.tenant_id = $1 OR e.tenant_id IS NULL) AND NOT e.is_deleted
   AND CASE WHEN $3 IS NULL THEN e.name = $2 ELSE e.id = $3 END
 ORDER BY e.tenant_id NULLS LAST LIMIT 1)";

constexpr std::string_view kUpdateEntitySql = R"(
UPDATE pgwright.entity_definitions e
   SET name = r.name, label = r.label, plural_label = r.plural_label, description = r.description,
       icon = r.icon, category = r.category, table_name = r.table_name, is_audited = r.is_audited,
       is_versioned = r.is_versioned, supports_soft_delete = r.supports_soft_delete,
       supports_attachments = r.supports_attachments, supports_comments = r.supports_comments,
       primary_field = r.primary_field, default_sort_field = r.default_sort_field,
       default_sort_order = coalesce(r.default_sort_order, 'ASC'), search_language = r.search_language,
       records_per_page = coalesce(r.records_per_page, 25), is_active = r.is_active,
       metadata = coalesce(r.metadata, '{}')
  FROM jsonb_populate_record(NULL::pgwright.entity_definitions, $1::jsonb) AS r
 WHERE e.id = r.id)";

constexpr std::string_view kInsertEntitySql = R"(
INSERT INTO pgwright.entity_definitions
    (id, tenant_id, name, label, plural_label, description, icon, category, schema_name, table_name,
     is_audited, is_versioned, supports_soft_delete, supports_attachments, supports_comments,
     primary_field, default_sort_field, default_sort_order, search_language, records_per_page,
     is_active, metadata)
SELECT r.id, r.tenant_id, r.name, r.label, r.plural_label, r.description, r.icon, r.category,
       r.schema_name, r.table_name, r.is_audited, r.is_versioned, r.supports_soft_delete,
       r.supports_attachments, r.supports_comments, r.primary_field, r.default_sort_field,
       coalesce(r.default_sort_order, 'ASC'), r.search_language, coalesce(r.records_per_page, 25),
       r.is_active, coalesce(r.metadata, '{}')
  FROM jsonb_populate_record(NULL::pgwright.entity_definitions, $1::jsonb) AS r)";

// What changes is marked deleted first: names may go from one field to another, and no two live fields
// may have the same at any moment.
constexpr std::string_view kRetireFieldsSql = R"(
UPDATE pgwright.field_definitions f SET is_deleted = true
 WHERE f.entity_id = $1 AND NOT f.is_deleted
   AND NOT EXISTS (SELECT FROM jsonb_array_elements($2::jsonb) AS g (doc)
                    WHERE (g.doc ->> 'id')::uuid = f.id AND to_jsonb(f) || g.doc = to_jsonb(f)))";

constexpr std::string_view kWriteFieldsSql = R"(
INSERT INTO pgwright.field_definitions
    (id, entity_id, tenant_id, name, label, description, help_text, field_type, data_type,
     is_required, is_unique, is_indexed, is_nullable, max_length, min_length, max_value, min_value,
     decimal_places, pattern, default_value, default_expression, validation_rules, allowed_values,
     display_order, is_readonly, is_system, is_calculated, calculation_formula, item_type, json_schema,
     input_type, placeholder, prefix, suffix, reference_entity_id, reference_field,
     relationship_type, on_delete, on_update, metadata)
SELECT r.id, $1, r.tenant_id, r.name, r.label, r.description, r.help_text, r.field_type,
       coalesce(r.data_type, (SELECT f.data_type FROM pgwright.field_definitions f WHERE f.id = r.id)),
       r.is_required, r.is_unique, r.is_indexed, r.is_nullable, r.max_length, r.min_length,
       r.max_value, r.min_value, r.decimal_places, r.pattern, r.default_value, r.default_expression,
       coalesce(r.validation_rules, '[]'), r.allowed_values, coalesce(r.display_order, 0),
       r.is_readonly, coalesce(r.is_system, false), coalesce(r.is_calculated, false),
       r.calculation_formula, r.item_type, r.json_schema, r.input_type, r.placeholder, r.prefix,
       r.suffix, r.reference_entity_id, r.reference_field, r.relationship_type, r.on_delete,
       r.on_update, coalesce(r.metadata, '{}')
  FROM jsonb_populate_recordset(NULL::pgwright.field_definitions, $2::jsonb) AS r
 WHERE NOT EXISTS (SELECT FROM pgwright.field_definitions f WHERE f.id = r.id AND NOT f.is_deleted)
    ON CONFLICT (id) DO UPDATE
   SET name = excluded.name, label = excluded.label, description = excluded.description,
       help_text = excluded.help_text, field_type = excluded.field_type,
       data_type = excluded.data_type, is_required = excluded.is_required,
       is_unique = excluded.is_unique, is_indexed = excluded.is_indexed,
       is_nullable = excluded.is_nullable, max_length = excluded.max_length,
       min_length = excluded.min_length, max_value = excluded.max_value,
       min_value = excluded.min_value, decimal_places = excluded.decimal_places,
       pattern = excluded.pattern, default_value = excluded.default_value, default_expression = excluded.default_expression,
       validation_rules = excluded.validation_rules, allowed_values = excluded.allowed_values,
       display_order = excluded.display_order, is_readonly = excluded.is_readonly,
       is_calculated = excluded.is_calculated, calculation_formula = excluded.calculation_formula,
       item_type = excluded.item_type, json_schema = excluded.json_schema,
       input_type = excluded.input_type, placeholder = excluded.placeholder,
       prefix = excluded.prefix, suffix = excluded.suffix,
       reference_entity_id = excluded.reference_entity_id,
       reference_field = excluded.reference_field, relationship_type = excluded.relationship_type,
       on_delete = excluded.on_delete, on_update = excluded.on_update,
       metadata = excluded.metadata, is_deleted = false)";

constexpr std::string_view kRetireIndexesSql = R"(
UPDATE pgwright.index_definitions i SET is_deleted = true
 WHERE i.entity_id = $1 AND NOT i.is_deleted
   AND NOT EXISTS (SELECT FROM jsonb_array_elements($2::jsonb) AS g (doc)
                    WHERE (g.doc ->> 'id')::uuid = i.id AND to_jsonb(i) || g.doc = to_jsonb(i)))";

constexpr std::string_view kWriteIndexesSql = R"(
INSERT INTO pgwright.index_definitions
    (id, entity_id, tenant_id, name, index_type, field_names, is_unique, is_partial, condition,
     where_clause)
SELECT r.id, $1, r.tenant_id, r.name, r.index_type, r.field_names, r.is_unique, r.is_partial,
       r.condition, r.where_clause
  FROM jsonb_populate_recordset(NULL::pgwright.index_definitions, $2::jsonb) AS r
 WHERE NOT EXISTS (SELECT FROM pgwright.index_definitions i WHERE i.id = r.id AND NOT i.is_deleted)
    ON CONFLICT (id) DO UPDATE
   SET name = excluded.name, index_type = excluded.index_type, field_names = excluded.field_names,
       is_unique = excluded.is_unique, is_partial = excluded.is_partial,
       condition = excluded.condition, where_clause = excluded.where_clause, is_deleted = false)";

void write_list(const core::Uuid& entity, const Json& rows, std::string_view retire,
                std::string_view write) {
    pg::Params params;
    params.add_uuid(entity).add_text(rows.dump());
    pg::execute(retire, params, false);
    pg::execute(write, params, false);
}

void write_lists(const core::Uuid& entity, const Json& document) {
    write_list(entity, *document.find("fields"), kRetireFieldsSql, kWriteFieldsSql);
    write_list(entity, *document.find("indexes"), kRetireIndexesSql, kWriteIndexesSql);
}

void write(const core::EntityDefinition& definition, std::string_view head_sql) {
    const Json document = core::definition_document(definition);
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_text(document.find("entity")->dump());
    pg::execute(head_sql, params, false);
    write_lists(definition.entity.id, document);
}

}  // namespace

std::optional<StoredEntity> read_stored_entity(const core::Uuid& tenant,
                                               std::string_view name_or_id) {
    const auto id = core::Uuid::parse(name_or_id);
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant).add_text(name_or_id);
    if (id)
        params.add_uuid(*id);
    else
        params.add_null(UUIDOID);
    const pg::Result result =
        pg::execute(std::string(kReadHead).append(kDocumentSql).append(kReadRest), params, true);
    if (result.empty()) return std::nullopt;
    const pg::Row row = result.row(0);
    StoredEntity stored;
    stored.id = row.uuid(0);
    stored.tenant_id = row.optional_uuid(1);
    stored.name = row.text(2);
    stored.status = row.text(3);
    stored.version = static_cast<int>(row.integer(4));
    stored.last_version = static_cast<int>(row.integer(5));
    stored.definition = core::parse_document(core::parse_json(row.text(6)));
    stored.draft_version = static_cast<int>(row.optional_integer(7).value_or(0));
    if (const auto draft = row.optional_text(8))
        stored.draft = core::parse_document(core::parse_json(*draft));
    return stored;
}

void write_rows(const core::EntityDefinition& definition) { write(definition, kUpdateEntitySql); }
void insert_rows(const core::EntityDefinition& definition) {
    write(definition, kInsertEntitySql);
    grant_defaults(definition.entity.id);
}

void set_status(const core::Uuid& entity, std::string_view status, int version) {
    pg::Params params;
    params.add_uuid(entity).add_text(status).add_integer(version);
    execute_as_engine(
        "UPDATE pgwright.entity_definitions e SET status = $2, version = $3, parent_version_id ="
        " (SELECT v.parent_version_id FROM pgwright.entity_versions v"
        "   WHERE v.entity_id = e.id AND v.version = $3) WHERE e.id = $1",
        params);
}

// Versions ----------------------------------------------------------------------------------------

void write_draft_version(const core::EntityDefinition& definition, int version, int parent) {
    pg::Params params;
    params.add_uuid(definition.entity.id).add_uuid(*definition.entity.tenant_id);
    params.add_integer(version).add_integer(parent);
    params.add_text(core::definition_document(definition).dump());
    execute_as_engine(
        "INSERT INTO pgwright.entity_versions (entity_id, tenant_id, version, status, "
        "parent_version_id, definition)"
        " VALUES ($1, $2, $3, 'draft', (SELECT p.id FROM pgwright.entity_versions p WHERE "
        "p.entity_id = $1 AND p.version = $4), $5::pg_catalog.jsonb)"
        " ON CONFLICT (entity_id, version) DO UPDATE SET definition = excluded.definition",
        params);
}

void delete_draft_version(const core::Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    execute_as_engine(
        "DELETE FROM pgwright.entity_versions WHERE entity_id = $1 AND status = 'draft'", params);
}

void write_published_version(const core::EntityDefinition& definition, int version,
                             const Json& table_state) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(definition.entity.id).add_uuid(*definition.entity.tenant_id);
    params.add_integer(version).add_text(core::definition_document(definition).dump());
    params.add_text(table_state.dump());
    pg::execute(
        "UPDATE pgwright.entity_versions SET status = 'superseded' WHERE entity_id = $1 AND status "
        "= 'published' AND version <> $3",
        params, false);
    pg::execute(
        "INSERT INTO pgwright.entity_versions (entity_id, tenant_id, version, status, definition, "
        "table_state, published_at, parent_version_id)"
        " VALUES ($1, $2, $3, 'published', $4::pg_catalog.jsonb, $5::pg_catalog.jsonb, "
        "pg_catalog.now(), (SELECT p.id FROM pgwright.entity_versions p WHERE p.entity_id = $1 AND "
        "p.status = 'superseded' ORDER BY p.version DESC LIMIT 1))"
        " ON CONFLICT (entity_id, version) DO UPDATE SET status = 'published', definition = "
        "excluded.definition, table_state = excluded.table_state, published_at = "
        "excluded.published_at",
        params, false);
}

void set_version_status(const core::Uuid& entity, int version, std::string_view status) {
    pg::Params params;
    params.add_uuid(entity).add_integer(version).add_text(status);
    execute_as_engine(
        "UPDATE pgwright.entity_versions SET status = $3 WHERE entity_id = $1 AND version = $2",
        params);
}

core::EntityDefinition read_version(const core::Uuid& entity, int version) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity).add_integer(version);
    const pg::Result result = pg::execute(
        "SELECT v.definition::text FROM pgwright.entity_versions v WHERE v.entity_id = $1 AND "
        "v.version = $2",
        params, true);
    if (result.empty()) throw Failure(Code::resource_not_found, "the entity has no such version");
    return core::parse_document(core::parse_json(result.row(0).text(0)));
}

}  // namespace pgwright::schema
