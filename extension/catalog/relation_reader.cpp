// Reads what the server's catalogs say of relations; see relation_reader.hpp.
#include "catalog/relation_reader.hpp"

#include "catalog/relation_sql.hpp"

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "core/error.hpp"
#include "security/scope.hpp"

namespace pgwright::catalog {

using core::Code;
using core::Failure;
using core::Uuid;

namespace {

pg::Params parameters(const Uuid& tenant, std::optional<std::string_view> schema, Oid relation) {
    pg::Params params;
    params.add_uuid(tenant);
    if (schema)
        params.add_text(*schema);
    else
        params.add_null(TEXTOID);
    if (OidIsValid(relation))
        params.add_oid(relation);
    else
        params.add_null(OIDOID);
    return params;
}

Failure no_such_relation() {
    return {Code::resource_not_found, "there is no such relation", {{"relation", "is not known"}}};
}

// Schema and name, folded and unquoted as SQL does it.
RelationName parse_name(std::string_view text) {
    const std::string fault = "must be a schema's and a relation's name: schema.table";
    pg::Params params;
    params.add_text(text);
    try {
        const pg::Result result = pg::execute(
            "SELECT n[1], n[2] FROM pg_catalog.parse_ident($1) AS n WHERE cardinality(n) = 2",
            params, true);
        if (!result.empty()) return {InvalidOid, result.row(0).text(0), result.row(0).text(1)};
    } catch (const pg::Error& error) {
        if (!error.in_class("22")) throw;
    }
    throw Failure(Code::validation_error, "the relation's name is not valid",
                  {{"relation", fault}});
}

}  // namespace

std::string describe_relations(const Uuid& tenant, std::optional<std::string_view> schema) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    const pg::Params params = parameters(tenant, schema, InvalidOid);
    return pg::execute(std::string(kPlaces) + kRelations + kAll, params, true).row(0).text(0);
}

bool may_import_from(const Uuid& tenant, std::string_view schema) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant).add_text(schema);
    return !pg::execute(std::string(kPlaces) + "\nSELECT FROM place", params, true).empty();
}

RelationName require_relation(const Uuid& tenant, std::string_view text) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    RelationName name = parse_name(text);
    pg::Params params;
    params.add_uuid(tenant).add_text(name.schema).add_text(name.name);
    const pg::Result result = pg::execute(
        std::string(kPlaces) +
            "\nSELECT c.oid FROM place p JOIN pg_class c ON c.relnamespace = p.oid AND c.relname = "
            "$3 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
        params, true);
    if (result.empty()) throw no_such_relation();
    name.oid = static_cast<Oid>(result.row(0).integer(0));
    return name;
}

core::Json read_relation(const Uuid& tenant, Oid relation) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    const pg::Params params = parameters(tenant, std::nullopt, relation);
    const pg::Result found = pg::execute(std::string(kPlaces) + kRelations + kOne, params, true);
    if (found.empty()) return {};
    core::Json document = core::parse_json(found.row(0).text(0));
    pg::Params access;
    access.add_oid(relation);
    const pg::Result rights = pg::execute(kAccess, access, true);
    document.set("access", core::parse_json(rights.row(0).text(0)));
    return document;
}

}  // namespace pgwright::catalog
