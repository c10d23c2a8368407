// SQL: schema_backup_create, schema_backup_list, export_schema; see core/schema_bundle.hpp.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/backup.hpp"

#include "core/schema_bundle.hpp"
#include "core/utf8.hpp"
#include "data/new_id.hpp"
#include "schema/definition.hpp"
#include "schema/definition_store.hpp"
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

constexpr std::size_t kMaxBackupName = 200;  // characters

// One snapshot of all there is of the tenant.
constexpr std::string_view kEntitiesHead = R"(
SELECT e.status, e.origin, e.schema_name, e.table_name,)";
constexpr std::string_view kEntitiesRest = R"(,
       d.definition::text
  FROM pgwright.entity_definitions e
  LEFT JOIN pgwright.entity_versions d ON d.entity_id = e.id AND d.status = 'draft'
 WHERE e.tenant_id = $1 AND NOT e.is_deleted
 ORDER BY e.name)";

core::EntityNames read_names(const Identity& identity) {
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(
        "SELECT id, name FROM pgwright.entity_definitions"
        " WHERE (tenant_id = $1 OR tenant_id IS NULL) AND NOT is_deleted",
        params, true);
    core::EntityNames names;
    for (std::size_t i = 0; i < result.rows(); ++i)
        names.emplace(result.row(i).uuid(0), result.row(i).text(1));
    return names;
}

Json entity_json(const pg::Row& row, const core::EntityNames& names) {
    Json entity = Json::object();
    entity.set("status", Json::string(row.text(0)));
    entity.set("origin", Json::string(row.text(1)));
    if (row.text(1) == "imported") {
        entity.set("schema_name", Json::string(row.text(2)));
        entity.set("table_name", Json::string(row.text(3)));
    }
    const Json document = core::bundle_document(core::parse_json(row.text(4)), names);
    for (const auto& [key, value] : document.members()) entity.set(key, value);
    const auto draft = row.optional_text(5);
    entity.set("draft", draft ? core::bundle_document(core::parse_json(*draft), names) : Json());
    return entity;
}

Json entities_json(const Identity& identity, const core::EntityNames& names) {
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(
        std::string(kEntitiesHead).append(kDocumentSql).append(kEntitiesRest), params, true);
    Json list = Json::array();
    for (std::size_t i = 0; i < result.rows(); ++i)
        list.items().push_back(entity_json(result.row(i), names));
    return list;
}

Json relationships_json(const Identity& identity, const core::EntityNames& names) {
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    const pg::Result result = pg::execute(
        "SELECT to_jsonb(r)::text FROM pgwright.relationship_definitions r"
        " WHERE r.tenant_id = $1 AND NOT r.is_deleted ORDER BY r.name",
        params, true);
    Json list = Json::array();
    for (std::size_t i = 0; i < result.rows(); ++i)
        list.items().push_back(
            core::bundle_relationship(core::parse_json(result.row(i).text(0)), names));
    return list;
}

void require_name(std::string_view name) {
    const std::size_t length = core::count_characters(name);
    if (length == 0 || length > kMaxBackupName)
        throw Failure(Code::validation_error, "the backup's name is not valid",
                      {{"name", "must be 1 to " + std::to_string(kMaxBackupName) + " characters"}});
}

void insert(const Identity& identity, const Uuid& id, std::string_view name,
            std::optional<std::string_view> description, bool automatic, const Json& bundle) {
    Scope scope(Rights::engine);
    pg::Params params;
    params.add_uuid(id).add_uuid(identity.tenant_id()).add_text(name);
    if (description)
        params.add_text(*description);
    else
        params.add_null(TEXTOID);
    params.add_bool(automatic).add_text(bundle.dump()).add_uuid(identity.user_id());
    pg::execute(
        "INSERT INTO pgwright.schema_backups (id, tenant_id, name, description, is_automatic, "
        "bundle, created_by) VALUES ($1, $2, $3, $4, $5, $6::pg_catalog.jsonb, $7)",
        params, false);
}

constexpr std::string_view kListSql = R"(
SELECT coalesce(json_agg(json_build_object(
           'id', b.id, 'name', b.name, 'description', b.description,
           'is_automatic', b.is_automatic, 'created_at', b.created_at, 'created_by', b.created_by,
           'size_bytes', octet_length(b.bundle::text),
           'entities', jsonb_array_length(b.bundle -> 'entities'),
           'relationships', jsonb_array_length(b.bundle -> 'relationships'))
       ORDER BY b.created_at DESC, b.id DESC), '[]')::text
  FROM pgwright.schema_backups b
 WHERE b.tenant_id = $1 AND ($2 IS NULL OR b.id = $2))";

std::string backups_json(const Identity& identity, const std::optional<Uuid>& id) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(identity.tenant_id());
    if (id)
        params.add_uuid(*id);
    else
        params.add_null(UUIDOID);
    return pg::execute(kListSql, params, true).row(0).text(0);
}

}  // namespace

Json make_bundle(const Identity& identity) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    const core::EntityNames names = read_names(identity);
    Json bundle = Json::object();
    bundle.set("format", Json::string("pgwright-schema"));
    bundle.set("version", Json::number(std::to_string(core::kBundleVersion)));
    bundle.set("pgwright_version", Json::string(PGWRIGHT_VERSION));
    bundle.set("tenant", Json::string(identity.tenant_slug));
    bundle.set("entities", entities_json(identity, names));
    bundle.set("relationships", relationships_json(identity, names));
    return bundle;
}

Uuid create_backup(const Identity& identity, std::string_view name,
                   std::optional<std::string_view> description, Occasion occasion) {
    const Uuid id = data::new_id();
    insert(identity, id, name, description, occasion == Occasion::automatic, make_bundle(identity));
    return id;
}

namespace {

std::string create(std::string_view name, std::optional<std::string_view> description) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    require_name(name);
    const Uuid id = create_backup(*identity, name, description, Occasion::asked_for);
    return core::parse_json(backups_json(*identity, id)).items().front().dump();
}

security::IdentityPointer require_reader() {
    auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::read);
    return identity;
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_schema_backup_create) {
    return pgwright::pg::json_datum(pgwright::schema::create(args.text(0), args.optional_text(1)));
}

PGWRIGHT_FUNCTION(pgwright_schema_backup_list) {
    return pgwright::pg::json_datum(
        pgwright::schema::backups_json(*pgwright::schema::require_reader(), std::nullopt));
}

PGWRIGHT_FUNCTION(pgwright_export_schema) {
    return pgwright::pg::json_datum(
        pgwright::schema::make_bundle(*pgwright::schema::require_reader()).dump());
}
