// SQL: explain_access, preview_access. Why somebody reaches a record or not, and who would gain or lose
// records by a change of roles and rules; the change is made, looked at and undone.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "catalog/entity_cache.hpp"
#include "core/identifier.hpp"
#include "core/policy.hpp"
#include "core/record_key.hpp"
#include "core/sql_builder.hpp"
#include "core/utf8.hpp"
#include "data/execution.hpp"
#include "data/records.hpp"
#include "schema/access.hpp"
#include "schema/table_state.hpp"
#include "security/entity_view.hpp"
#include "security/identity.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using catalog::EntityPointer;
using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using core::Uuid;
using security::Identity;
using security::IdentityPointer;

constexpr std::size_t kMaxMembers = 1000;
constexpr std::size_t kMaxChanges = 100;

Json text(std::string_view value) { return Json::string(std::string(value)); }
Json number(std::size_t value) { return Json::number(std::to_string(value)); }

void require_reader(const Identity& identity) {
    security::require_permission(identity, "roles", Action::read);
}

Action require_action(std::string_view name) {
    const auto action = core::find_action(name);
    if (!action)
        throw Failure(
            Code::validation_error, "there is no such action",
            {{"action", "must be create, read, update, delete, execute, export or bulk"}});
    return *action;
}

// The rows an action reaches ---------------------------------------------------------------------

// Over the alias r, as policies and guard put it; "true" where rows are not told apart.
std::string predicate_of(const Identity& identity, const core::Entity& entity, Action action) {
    if (identity.permissions.allows(entity.resource, action, core::Scope::tenant)) return "true";
    const std::string rows = core::row_predicate(entity, action);
    return rows.empty() ? "false" : rows;
}

// Of those that the identity sees. The table goes by its own name, as in policies.
std::string rows_sql(const Identity& identity, const core::Entity& entity, Action action,
                     const std::string& selected) {
    std::string sql = "SELECT " + selected + " FROM " +
                      core::quote_qualified(entity.schema, entity.table) + " AS " +
                      core::quote_identifier(entity.table) + " WHERE ";
    if (entity.soft_delete) sql += "\"deleted_at\" IS NULL AND ";
    return sql + (action == Action::read ? "true" : predicate_of(identity, entity, action));
}

std::string key_sql(const core::Entity& entity) {
    std::string sql = "pg_catalog.concat_ws(','";
    for (const std::string& column : entity.key) sql += ", " + core::quote_identifier(column);
    return sql + ")";
}

std::set<std::string> reached(const IdentityPointer& identity, const core::Entity& entity,
                              Action action) {
    const security::ActingAs acting(identity);
    const security::Scope scope(security::Rights::runtime);
    const pg::FreshSnapshot snapshot;
    const pg::Result result =
        pg::execute(rows_sql(*identity, entity, action, key_sql(entity)), pg::Params(), true);
    std::set<std::string> keys;
    for (std::size_t i = 0; i < result.rows(); ++i) keys.insert(result.row(i).text(0));
    return keys;
}

// Explaining -------------------------------------------------------------------------------------

IdentityPointer require_user(const Identity& caller, std::string_view email_or_id) {
    std::optional<Uuid> user = Uuid::parse(email_or_id);
    if (!user) {
        const security::Scope scope(security::Rights::engine);
        pg::Params params;
        params.add_text(email_or_id);
        const pg::Result result =
            pg::execute("SELECT id FROM pgwright.users WHERE email = lower($1) AND NOT is_deleted",
                        params, true);
        if (!result.empty()) user = result.row(0).uuid(0);
    }
    IdentityPointer identity =
        user ? security::describe_user(*user, caller.tenant_id()) : IdentityPointer();
    if (!identity) throw Failure(Code::resource_not_found, "there is no such user in the tenant");
    return identity;
}

// The entity with what its policies are made of.
core::Entity with_access(const Uuid& tenant, const core::Entity& entity) {
    core::Entity whole = entity;
    if (entity.tenant_id) whole.access = read_access(tenant, entity);
    return whole;
}

bool grants(const core::RoleLevel::Grant& grant, const core::Entity& entity, Action action) {
    const bool covers = grant.resource == entity.resource ||
                        (grant.resource == "*" && !core::is_platform_area(entity.resource));
    return covers && (grant.action == "*" || grant.action == core::action_name(action));
}

const core::RoleLevel* rule_of(const core::RoleChain& chain, std::size_t last,
                               const core::Entity& entity, Action action) {
    for (std::size_t i = 0; i <= last; ++i) {
        for (const core::Permission& rule : chain[i].rules)
            if (rule.resource == entity.resource && rule.action == action) return &chain[i];
    }
    return nullptr;
}

Json stored_condition(const Uuid& tenant, const Uuid& entity, const std::string& role,
                      Action action) {
    const security::Scope scope(security::Rights::engine);
    const pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant).add_uuid(entity).add_text(role).add_text(core::action_name(action));
    const pg::Result result = pg::execute(
        "SELECT w.condition::text FROM pgwright.row_rules w JOIN pgwright.roles r ON r.id = "
        "w.role_id WHERE w.tenant_id = $1 AND w.entity_id = $2 AND r.name = $3 AND w.action = $4 "
        "AND w.is_active",
        params, true);
    return result.empty() ? Json() : core::parse_json(result.row(0).text(0));
}

// One for each grant that counts: through which role, and narrowed by which rule.
Json ways(const Identity& user, const core::Entity& entity, Action action) {
    Json list = Json::array();
    for (const security::HeldRole& held : user.held) {
        for (std::size_t i = 0; i < held.chain.size(); ++i) {
            for (const core::RoleLevel::Grant& grant : held.chain[i].grants) {
                if (!grants(grant, entity, action)) continue;
                const core::RoleLevel* const rule = rule_of(held.chain, i, entity, action);
                Json way = Json::object();
                way.set("role", text(held.chain.front().name));
                way.set("inherited_from", i == 0 ? Json() : text(held.chain[i].name));
                way.set("permission",
                        text(grant.resource + ':' + grant.action + ':' + grant.scope));
                Json narrowed = Json();
                if (rule != nullptr) {
                    narrowed = Json::object();
                    narrowed.set("role", text(rule->name));
                    narrowed.set("condition",
                                 stored_condition(user.tenant_id(), entity.id, rule->name, action));
                }
                way.set("row_rule", std::move(narrowed));
                list.items().push_back(std::move(way));
            }
        }
    }
    return list;
}

Json restricted_fields(const IdentityPointer& user, const EntityPointer& entity) {
    const EntityPointer view = security::view_of(user, entity);
    Json fields = Json::object();
    for (const core::Field& field : entity->fields) {
        const core::Field* const seen = view->find(field.name);
        if (seen == nullptr)
            fields.set(field.name, text("hidden"));
        else if (!seen->mask_sql.empty())
            fields.set(field.name, text("masked"));
        else if (seen->write_once)
            fields.set(field.name, text("write_once"));
        else if (seen->readonly && !field.readonly)
            fields.set(field.name, text("readonly"));
    }
    return fields;
}

Json policies(const core::Entity& entity, Action action) {
    const std::string command = action == Action::create    ? "pgwright_insert"
                                : action == Action::update  ? "pgwright_update"
                                : action == Action::delete_ ? "pgwright_delete"
                                                            : "pgwright_select";
    const core::TableState state = read_table_state(entity.schema, entity.table);
    Json list = Json::array();
    for (const core::ObjectState& policy : state.policies) {
        if (policy.name != command) continue;
        Json each = Json::object();
        each.set("name", text(policy.name));
        each.set("definition", text(policy.definition));
        list.items().push_back(std::move(each));
    }
    return list;
}

// Whether the user reaches that record: null when there is none.
Json record_answer(const IdentityPointer& user, const core::Entity& entity, Action action,
                   std::string_view id) {
    const core::Statement statement = core::compile_exists(entity, core::parse_key(entity, id));
    const auto is_there = [&] {
        return data::Execution(entity, statement, data::Access::read).rows() > 0;
    };
    Json answer = Json::object();
    answer.set("id", text(id));
    bool seen = false;
    {
        const security::ActingAs acting(user);
        const pg::FreshSnapshot snapshot;
        seen = is_there();
    }
    const std::string key(id);
    const bool allowed =
        seen && (action == Action::read || reached(user, entity, action).contains(key));
    answer.set("visible", Json::boolean(seen));
    answer.set("allowed", Json::boolean(allowed));
    return answer;
}

std::string_view scope_text(const Identity& user, const core::Entity& entity, Action action) {
    const auto scope = user.permissions.scope_of(entity.resource, action);
    if (scope && *scope >= core::Scope::tenant) return core::scope_name(*scope);
    const bool rules = std::ranges::any_of(entity.access.of(action).rules, [&](const auto& rule) {
        return user.permissions.scope_under(rule.role, entity.resource, action).has_value();
    });
    if (rules) return scope ? "own, and by row rules" : "by row rules";
    if (scope) return "own";
    return entity.is_public && action == Action::read ? "public" : "none";
}

std::string explain(std::string_view entity_name, std::string_view user_name,
                    std::string_view action_name, std::optional<std::string_view> record) {
    const auto caller = security::require_identity();
    require_reader(*caller);
    const Action action = require_action(action_name);
    const EntityPointer entity = catalog::require_entity(caller->tenant_id(), entity_name);
    const core::Entity whole = with_access(caller->tenant_id(), *entity);
    const IdentityPointer user = require_user(*caller, user_name);
    Json answer = Json::object();
    answer.set("entity", text(entity->name));
    answer.set("user", Json::object({{"id", text(user->user_id().to_string())},
                                     {"email", text(user->email)}}));
    answer.set("action", text(action_name));
    const std::string_view scope = scope_text(*user, whole, action);
    answer.set("allowed", Json::boolean(scope != "none"));
    answer.set("scope", text(scope));
    answer.set("ways", ways(*user, whole, action));
    answer.set("fields", restricted_fields(user, entity));
    answer.set("policies", policies(whole, action));
    if (record) answer.set("record", record_answer(user, whole, action, *record));
    return answer.dump();
}

// Previewing -------------------------------------------------------------------------------------

std::vector<IdentityPointer> members_of(const Uuid& tenant) {
    std::vector<Uuid> users;
    {
        const security::Scope scope(security::Rights::engine);
        const pg::FreshSnapshot snapshot;
        pg::Params params;
        params.add_uuid(tenant);
        const pg::Result result = pg::execute(
            "SELECT u.id FROM pgwright.users u WHERE u.status = 'active' AND NOT u.is_deleted"
            "   AND (EXISTS (SELECT FROM pgwright.user_roles m WHERE m.user_id = u.id AND "
            "m.tenant_id = $1)"
            "    OR EXISTS (SELECT FROM pgwright.group_members g WHERE g.user_id = u.id AND "
            "g.tenant_id = $1))"
            " ORDER BY u.email",
            params, true);
        for (std::size_t i = 0; i < result.rows(); ++i) users.push_back(result.row(i).uuid(0));
    }
    if (users.size() > kMaxMembers)
        throw Failure(Code::validation_error, "the tenant has too many members to preview for");
    std::vector<IdentityPointer> members;
    for (const Uuid& user : users) {
        if (auto identity = security::describe_user(user, tenant))
            members.push_back(std::move(identity));
    }
    return members;
}

using Reach = std::map<std::string, std::set<std::string>>;  // e-mail -> keys

Reach reach_of(const Uuid& tenant, const core::Entity& entity, Action action) {
    const core::Entity whole = with_access(tenant, entity);
    Reach reach;
    for (const IdentityPointer& member : members_of(tenant))
        reach.emplace(member->email, reached(member, whole, action));
    return reach;
}

void make(const Identity& caller, const Json& change, std::size_t index) {
    const std::string at = "changes[" + std::to_string(index) + "].";
    const auto member = [&](std::string_view name) {
        const Json* const value = change.find(name);
        return value != nullptr && value->is_string() ? value->text() : std::string();
    };
    static constexpr std::array<std::string_view, 7> kAllowed = {
        "roles",       "role_permissions", "user_groups", "group_members",
        "group_roles", "row_rules",        "field_rules"};
    const std::string records = member("entity");
    if (std::ranges::find(kAllowed, records) == kAllowed.end())
        throw Failure(Code::validation_error, "the change is not valid",
                      {{at + "entity", "must be one of the entities of roles and rules"}});
    const EntityPointer entity = catalog::require_entity(caller.tenant_id(), records);
    const std::string operation = member("operation");
    const Json* const data = change.find("data");
    if (operation == "create")
        (void)data::create_record(caller, *entity, data == nullptr ? Json::object() : *data);
    else if (operation == "update")
        (void)data::update_record(caller, *entity, member("id"),
                                  data == nullptr ? Json::object() : *data);
    else if (operation == "delete")
        data::delete_record(caller, *entity, member("id"));
    else
        throw Failure(Code::validation_error, "the change is not valid",
                      {{at + "operation", "must be create, update or delete"}});
}

std::size_t missing(const std::set<std::string>& from, const std::set<std::string>& in) {
    return static_cast<std::size_t>(
        std::ranges::count_if(from, [&](const std::string& key) { return !in.contains(key); }));
}

Json compare(const Reach& before, const Reach& after) {
    Json list = Json::array();
    static const std::set<std::string> none;
    std::set<std::string> everyone;
    for (const auto& [email, keys] : before) everyone.insert(email);
    for (const auto& [email, keys] : after) everyone.insert(email);
    for (const std::string& email : everyone) {
        const auto& had = before.contains(email) ? before.at(email) : none;
        const auto& has = after.contains(email) ? after.at(email) : none;
        Json row = Json::object();
        row.set("user", text(email));
        row.set("before", number(had.size()));
        row.set("after", number(has.size()));
        row.set("gained", number(missing(has, had)));
        row.set("lost", number(missing(had, has)));
        list.items().push_back(std::move(row));
    }
    return list;
}

std::string preview(std::string_view entity_name, const Json& changes,
                    std::string_view action_name) {
    const auto caller = security::require_identity();
    require_reader(*caller);
    const Action action = require_action(action_name);
    if (!changes.is_array() || changes.items().empty() || changes.items().size() > kMaxChanges)
        throw Failure(
            Code::validation_error, "the changes are not valid",
            {{"changes", "must be an array of 1 to " + std::to_string(kMaxChanges) + " changes"}});
    const EntityPointer entity = catalog::require_entity(caller->tenant_id(), entity_name);
    const Reach before = reach_of(caller->tenant_id(), *entity, action);
    Reach after;
    {
        const security::Scope scope(security::Rights::engine);
        pg::Subtransaction trial;  // rolled back by its destructor
        for (std::size_t i = 0; i < changes.items().size(); ++i)
            make(*caller, changes.items()[i], i);
        after =
            reach_of(caller->tenant_id(),
                     *catalog::require_entity(caller->tenant_id(), entity->id.to_string()), action);
    }
    Json answer = Json::object();
    answer.set("entity", text(entity->name));
    answer.set("action", text(action_name));
    answer.set("users", compare(before, after));
    return answer.dump();
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_explain_access) {
    return pgwright::pg::json_datum(
        pgwright::schema::explain(args.text(0), args.text(1), args.text(2), args.optional_text(3)));
}

PGWRIGHT_FUNCTION(pgwright_preview_access) {
    return pgwright::pg::json_datum(
        pgwright::schema::preview(args.text(0), pgwright::core::parse_json(args.text(1)),
                                  args.optional_text(2).value_or("read")));
}
