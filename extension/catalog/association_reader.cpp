// Reads what refers to an entity; see association_reader.hpp.
//
// A relationship gives its name to its source's side, and so does source_field_name; the other side of
// a many-to-many goes by the relationship's name too, or by target_field_name. A lookup gives the name
// of its entity, or where several of the entity's lookups refer here the entity's and the lookup's:
// order_billing_address.
#include "catalog/association_reader.hpp"

#include <algorithm>

#include "core/related.hpp"
#include "pg/immortal.hpp"
#include "pg/spi.hpp"

namespace pgwright::catalog {

namespace {

constexpr std::string_view kSql =
    "WITH visible AS (SELECT id, name FROM pgwright.entity_definitions"
    "  WHERE (tenant_id = $1 OR tenant_id IS NULL) AND status = 'published' AND NOT is_deleted),"
    " one AS (SELECT r.name, r.source_field_name, f.is_unique, v.id AS entity, f.id AS field"
    "  FROM pgwright.relationship_definitions r"
    "  JOIN visible v ON v.id = r.target_entity_id"
    "  JOIN pgwright.field_definitions f ON f.entity_id = v.id AND NOT f.is_deleted"
    "   AND f.id = r.target_field_id AND f.reference_entity_id = $2"
    "  WHERE r.source_entity_id = $2 AND r.is_active AND NOT r.is_deleted"
    "   AND r.junction_entity_id IS NULL),"
    " link AS (SELECT r.*, a.id AS source_link, b.id AS target_link"
    "  FROM pgwright.relationship_definitions r"
    "  JOIN visible j ON j.id = r.junction_entity_id"
    "  JOIN pgwright.field_definitions a ON a.entity_id = j.id AND NOT a.is_deleted"
    "   AND a.name = r.junction_source_field"
    "  JOIN pgwright.field_definitions b ON b.entity_id = j.id AND NOT b.is_deleted"
    "   AND b.name = r.junction_target_field"
    "  WHERE $2 IN (r.source_entity_id, r.target_entity_id) AND r.is_active AND NOT r.is_deleted),"
    " lookup AS (SELECT v.name AS entity_name, f.name, f.is_unique, v.id AS entity, f.id AS field,"
    "   count(*) OVER (PARTITION BY v.id) AS lookups"
    "  FROM pgwright.field_definitions f JOIN visible v ON v.id = f.entity_id"
    "  WHERE f.reference_entity_id = $2 AND NOT f.is_deleted)"
    " SELECT name, NOT is_unique, entity, field, NULL::uuid, NULL::uuid, 1 AS claim FROM one"
    " UNION ALL SELECT source_field_name, NOT is_unique, entity, field, NULL, NULL, 2 FROM one"
    "  WHERE source_field_name IS NOT NULL"
    " UNION ALL SELECT unnest(ARRAY[name, source_field_name]), true, target_entity_id, source_link,"
    "  junction_entity_id, target_link, 3 FROM link WHERE source_entity_id = $2"
    " UNION ALL SELECT unnest(ARRAY[target_field_name, name]), true, source_entity_id, target_link,"
    "  junction_entity_id, source_link, 4 FROM link WHERE target_entity_id = $2"
    " UNION ALL SELECT entity_name, NOT is_unique, entity, field, NULL, NULL, 5 FROM lookup"
    "  WHERE lookups = 1"
    " UNION ALL SELECT entity_name || '_' || regexp_replace(name, '_id$', ''), NOT is_unique,"
    "  entity, field, NULL, NULL, 6 FROM lookup WHERE lookups > 1"
    " ORDER BY 7, 1, 4";

core::Association read(const pg::Row& row) {
    return {row.text(0), row.boolean(1),       row.uuid(2),
            row.uuid(3), row.optional_uuid(4), row.optional_uuid(5)};
}

bool is_taken(const core::Entity& entity, const std::vector<core::Association>& list,
              const std::string& name) {
    return entity.find(name) != nullptr || core::find_lookup(entity, name) != nullptr ||
           std::ranges::find(list, name, &core::Association::name) != list.end();
}

}  // namespace

std::vector<core::Association> read_associations(const core::Uuid& tenant,
                                                 const core::Entity& entity) {
    static pg::Immortal<pg::Plan> plan;
    static constexpr Oid types[] = {UUIDOID, UUIDOID};
    if (!*plan) *plan = pg::Plan(kSql, types);
    pg::Params params;
    params.add_uuid(tenant).add_uuid(entity.id);
    const pg::Result result = pg::execute(*plan, params, true);
    std::vector<core::Association> list;
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        if (row.is_null(0) || is_taken(entity, list, row.text(0))) continue;
        list.push_back(read(row));
    }
    return list;
}

}  // namespace pgwright::catalog
