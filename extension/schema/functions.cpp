// SQL: the functions that read definitions. All need data_model:read.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <map>

#include "core/identifier.hpp"
#include "core/utf8.hpp"
#include "schema/definition.hpp"
#include "schema/definition_view.hpp"
#include "security/scope.hpp"

namespace {

namespace core = pgwright::core;
namespace pg = pgwright::pg;
namespace schema = pgwright::schema;
namespace security = pgwright::security;
using core::Json;
using security::IdentityPointer;

IdentityPointer require_reader() {
    auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::read);
    return identity;
}

void narrow(Json& filter, const char* field, std::optional<std::string_view> value) {
    if (value) filter.set(field, Json::string(std::string(*value)));
}

schema::StoredEntity visible_entity(const IdentityPointer& identity, std::string_view name_or_id) {
    auto found = schema::read_stored_entity(identity->tenant_id(), name_or_id);
    if (!found)
        throw core::Failure(core::Code::resource_not_found, "there is no entity of that name");
    return std::move(*found);
}

schema::DefinitionView view(const pg::Arguments& args, int version) {
    return {*require_reader(), args.text(0), args.optional_text(version)};
}

// Open drafts by entity.
std::map<std::string, std::int64_t, std::less<>> open_drafts(const core::Uuid& tenant) {
    security::Scope scope(security::Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant);
    const pg::Result result = pg::execute(
        "SELECT v.entity_id, v.version FROM pgwright.entity_versions v WHERE v.tenant_id = $1 AND "
        "v.status = 'draft'",
        params, true);
    std::map<std::string, std::int64_t, std::less<>> versions;
    for (std::size_t i = 0; i < result.rows(); ++i)
        versions.emplace(result.row(i).uuid(0).to_string(), result.row(i).integer(1));
    return versions;
}

std::string list_entities(const Json& filter) {
    const auto identity = require_reader();
    const auto drafts = open_drafts(identity->tenant_id());
    Json list =
        core::parse_json(schema::definition_list_json("entity_definitions", filter, "name"));
    for (Json& entity : list.items()) {
        const auto draft = drafts.find(entity.find("id")->text());
        Json version;
        if (entity.find("status")->text() == "draft") version = *entity.find("version");
        if (draft != drafts.end()) version = Json::number(std::to_string(draft->second));
        entity.set("draft_version", std::move(version));
    }
    return list.dump();
}

std::string list_all_fields() {
    Json filter = schema::where("tenant_id", require_reader()->tenant_id());
    filter.set("is_deleted", Json::boolean(false));
    return schema::definition_list_json("field_definitions", filter,
                                        "entity_id,display_order,name");
}

// Without their documents, which get_entity() shows.
std::string list_versions(std::string_view name_or_id) {
    const auto entity = visible_entity(require_reader(), name_or_id);
    const Json all = core::parse_json(schema::definition_list_json(
        "entity_versions", schema::where("entity_id", entity.id), "version:desc"));
    Json list = Json::array();
    for (const Json& version : all.items()) {
        Json item = Json::object();
        for (const auto& [key, value] : version.members()) {
            if (key != "definition" && key != "table_state") item.set(key, value);
        }
        list.items().push_back(std::move(item));
    }
    return list.dump();
}

// Names -------------------------------------------------------------------------------------------

// As near to what was asked as the rules allow.
std::string suggested_name(std::string_view name) {
    std::string made = core::snake_case(name.substr(0, core::kMaxNameBytes));
    while (made.starts_with("pg_")) made.erase(0, 3);  // the server's own
    if (made.empty()) return "item";
    if (made.front() >= '0' && made.front() <= '9') made.insert(0, "n_");
    return made.substr(0, core::kMaxNameBytes - 3);
}

using Fault = std::optional<std::string> (*)(std::string_view);

template <typename Taken>
std::string free_suggestion(std::string_view name, Fault fault, const Taken& taken) {
    const std::string base = suggested_name(name);
    for (int i = 1; i < 100; ++i) {
        std::string candidate = i == 1 ? base : base + '_' + std::to_string(i);
        if (!fault(candidate) && !taken(candidate)) return candidate;
    }
    return {};
}

template <typename Taken>
std::string validate_name(std::string_view name, Fault fault, const Taken& taken) {
    const auto wrong = fault(name);
    const bool used = !wrong && taken(name);
    Json errors = Json::array();
    if (wrong) errors.items().push_back(Json::string(*wrong));
    if (used) errors.items().push_back(Json::string("is taken"));
    const std::string suggestion = wrong || used ? free_suggestion(name, fault, taken) : "";
    Json json = Json::object();
    json.set("name", Json::string(std::string(core::echo(name))));
    json.set("valid", Json::boolean(!wrong));
    json.set("available", Json::boolean(!wrong && !used));
    json.set("errors", std::move(errors));
    json.set("suggestion", suggestion.empty() ? Json() : Json::string(suggestion));
    return json.dump();
}

std::string validate_entity_name(std::string_view name) {
    const auto identity = require_reader();
    return validate_name(name, core::entity_name_fault, [&](std::string_view candidate) {
        const auto found = schema::read_stored_entity(identity->tenant_id(), candidate);
        return found && found->tenant_id;
    });
}

std::string validate_field_name(std::string_view entity, std::string_view name) {
    const auto identity = require_reader();
    const auto stored = visible_entity(identity, entity);
    const core::EntityDefinition& definition = stored.draft ? *stored.draft : stored.definition;
    return validate_name(name, core::field_name_fault, [&](std::string_view candidate) {
        return std::ranges::any_of(definition.fields, [&](const core::FieldDefinition& each) {
            return each.field.name == candidate;
        });
    });
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_list_entities) {
    Json filter = Json::object();
    narrow(filter, "category", args.optional_text(0));
    narrow(filter, "entity_type", args.optional_text(1));
    narrow(filter, "status", args.optional_text(2));
    filter.set("is_deleted", Json::boolean(false));
    return pg::json_datum(list_entities(filter));
}

PGWRIGHT_FUNCTION(pgwright_get_entity) { return pg::json_datum(view(args, 1).entity()); }

PGWRIGHT_FUNCTION(pgwright_list_versions) { return pg::json_datum(list_versions(args.text(0))); }

PGWRIGHT_FUNCTION(pgwright_list_fields) { return pg::json_datum(view(args, 1).fields()); }

PGWRIGHT_FUNCTION(pgwright_list_all_fields) { return pg::json_datum(list_all_fields()); }

PGWRIGHT_FUNCTION(pgwright_get_field) { return pg::json_datum(view(args, 2).field(args.text(1))); }

PGWRIGHT_FUNCTION(pgwright_list_indexes) { return pg::json_datum(view(args, 1).indexes()); }

PGWRIGHT_FUNCTION(pgwright_get_index) { return pg::json_datum(view(args, 2).index(args.text(1))); }

PGWRIGHT_FUNCTION(pgwright_validate_entity_name) {
    return pg::json_datum(validate_entity_name(args.text(0)));
}

PGWRIGHT_FUNCTION(pgwright_validate_field_name) {
    return pg::json_datum(validate_field_name(args.text(0), args.text(1)));
}

PGWRIGHT_FUNCTION(pgwright_list_migrations) {
    const auto entity = visible_entity(require_reader(), args.text(0));
    return pg::json_datum(schema::definition_list_json(
        "entity_migrations", schema::where("entity_id", entity.id), "created_at:desc,id:desc"));
}

PGWRIGHT_FUNCTION(pgwright_get_migration) {
    require_reader();
    const auto id = core::Uuid::parse(args.text(0));
    return pg::json_datum(schema::definition_json("entity_migrations", id.value_or(core::Uuid{})));
}
