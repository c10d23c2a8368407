#include "schema/import_follow.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "catalog/relation_reader.hpp"
#include "core/identifier.hpp"
#include "data/new_id.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Uuid;
using security::Rights;
using security::Scope;

namespace {

constexpr const char* kEntity = R"sql(
UPDATE pgwright.entity_definitions e
   SET key_fields = r.key_fields, is_readonly = r.is_readonly, readonly_reason = r.readonly_reason,
       supports_soft_delete = r.supports_soft_delete, primary_field = r.primary_field,
       default_sort_field = r.default_sort_field
  FROM jsonb_populate_record(NULL::pgwright.entity_definitions, $2::jsonb) r
 WHERE e.id = $1)sql";

// Names may go from one field to another, and no two live fields may have the same at any moment.
constexpr const char* kRetire =
    "UPDATE pgwright.field_definitions SET is_deleted = true WHERE entity_id = $1 AND NOT "
    "is_deleted";

// What is not the relation's to say (placeholders, prefixes, the widget of a type that is still the
// same) stays. Targets of lookups are found by name, as when it was imported.
constexpr const char* kFields = R"sql(
INSERT INTO pgwright.field_definitions AS old
       (id, entity_id, tenant_id, name, label, description, help_text, field_type, data_type, is_required, is_nullable,
        is_unique, is_indexed, is_readonly, max_length, decimal_places, allowed_values, display_order, input_type,
        item_type, reference_entity_id, relationship_type)
SELECT (f ->> 'id')::uuid, e.id, e.tenant_id, f ->> 'name', f ->> 'label', f ->> 'description', f ->> 'help_text',
       f ->> 'field_type', f ->> 'data_type', (f ->> 'is_required')::boolean, (f ->> 'is_nullable')::boolean,
       (f ->> 'is_unique')::boolean, (f ->> 'is_indexed')::boolean, (f ->> 'is_readonly')::boolean,
       (f ->> 'max_length')::integer, (f ->> 'decimal_places')::integer, nullif(f -> 'allowed_values', 'null'),
       (f ->> 'display_order')::integer, f ->> 'input_type', f ->> 'item_type',
       CASE WHEN f ->> 'reference_entity' = e.name THEN e.id
            ELSE (SELECT t.id FROM pgwright.entity_definitions t
                   WHERE t.name = f ->> 'reference_entity' AND (t.tenant_id = e.tenant_id OR t.tenant_id IS NULL)
                     AND NOT t.is_deleted
                   ORDER BY t.tenant_id NULLS LAST LIMIT 1) END,
       f ->> 'relationship_type'
  FROM pgwright.entity_definitions e, jsonb_array_elements($2::jsonb) f
 WHERE e.id = $1
    ON CONFLICT (id) DO UPDATE
   SET name = excluded.name, label = excluded.label, description = excluded.description, help_text = excluded.help_text,
       field_type = excluded.field_type, data_type = excluded.data_type, is_required = excluded.is_required,
       is_nullable = excluded.is_nullable, is_unique = excluded.is_unique, is_indexed = excluded.is_indexed,
       is_readonly = excluded.is_readonly, max_length = excluded.max_length, decimal_places = excluded.decimal_places,
       allowed_values = excluded.allowed_values, display_order = excluded.display_order,
       input_type = CASE WHEN old.field_type = excluded.field_type THEN old.input_type ELSE excluded.input_type END,
       item_type = excluded.item_type, reference_entity_id = excluded.reference_entity_id,
       relationship_type = excluded.relationship_type, is_deleted = false)sql";

// Lookups elsewhere that display a field which is gone display the record as such.
constexpr const char* kForgetDisplay = R"sql(
UPDATE pgwright.field_definitions f SET reference_field = NULL
 WHERE f.reference_entity_id = $1 AND f.reference_field IS NOT NULL AND NOT f.is_deleted
   AND f.reference_field IN (SELECT g.name FROM pgwright.field_definitions g WHERE g.entity_id = $1 AND g.is_deleted)
   AND f.reference_field NOT IN (SELECT g.name FROM pgwright.field_definitions g WHERE g.entity_id = $1 AND NOT g.is_deleted))sql";

std::string kind_of(const Uuid& entity) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity);
    return pg::execute("SELECT relation_kind FROM pgwright.entity_definitions WHERE id = $1",
                       params, true)
        .row(0)
        .text(0);
}

core::ImportUpdate blocked(std::string why) {
    core::ImportUpdate update;
    update.obstacle = std::move(why);
    return update;
}

}  // namespace

core::ImportUpdate plan_follow(const security::Identity& identity, const Subject& subject,
                               const std::vector<core::Difference>& differences) {
    const core::Entity& entity = subject.definition.entity;
    const Uuid& tenant = identity.tenant_id();
    if (!catalog::may_import_from(tenant, entity.schema))
        return blocked("the relation's schema is not attached to the tenant any more");
    if (!subject.actual.exists || !subject.recorded) return blocked("the relation is gone");
    const auto name =
        catalog::require_relation(tenant, core::quote_qualified(entity.schema, entity.table));
    const core::Relation relation = core::parse_relation(catalog::read_relation(tenant, name.oid));
    return core::follow_relation(subject.definition, kind_of(entity.id), relation,
                                 *subject.recorded, differences, &data::new_id);
}

void store_follow(const Uuid& entity, const core::ImportUpdate& update) {
    Scope scope(Rights::engine);
    pg::Params which;
    which.add_uuid(entity);
    pg::Params head;
    head.add_uuid(entity).add_text(update.entity.dump());
    pg::execute(kEntity, head, false);
    pg::execute(kRetire, which, false);
    pg::Params fields;
    fields.add_uuid(entity).add_text(update.fields.dump());
    pg::execute(kFields, fields, false);
    pg::execute(kForgetDisplay, which, false);
}

}  // namespace pgwright::schema
