#include "schema/dependants.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

constexpr std::string_view kSql = R"(
SELECT e.name || '.' || f.name
  FROM pgwright.field_definitions f JOIN pgwright.entity_definitions e ON e.id = f.entity_id
 WHERE f.reference_entity_id = $1 AND e.id <> $1 AND NOT f.is_deleted AND NOT e.is_deleted
 UNION
SELECT e.name || '.' || (f.doc ->> 'name')
  FROM pgwright.entity_versions v
  JOIN pgwright.entity_definitions e ON e.id = v.entity_id
 CROSS JOIN LATERAL jsonb_array_elements(v.definition -> 'fields') AS f (doc)
 WHERE v.status = 'draft' AND e.id <> $1 AND NOT e.is_deleted AND e.tenant_id =
       (SELECT t.tenant_id FROM pgwright.entity_definitions t WHERE t.id = $1)
   AND f.doc ->> 'reference_entity_id' = $1::text
 ORDER BY 1)";

}  // namespace

std::vector<core::Fault> dependants_of(const core::Uuid& entity) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity);
    const pg::Result result = pg::execute(kSql, params, true);
    std::vector<core::Fault> dependants;
    for (std::size_t i = 0; i < result.rows(); ++i)
        dependants.push_back({result.row(i).text(0), "refers to the entity"});
    return dependants;
}

void require_no_dependants(const core::Uuid& entity, const char* act) {
    auto dependants = dependants_of(entity);
    if (dependants.empty()) return;
    throw core::Failure(core::Code::conflict,
                        std::string("other entities refer to this one; it cannot be ") + act,
                        std::move(dependants), "Remove the fields that refer to it first.");
}

}  // namespace pgwright::schema
