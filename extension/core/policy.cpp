// Policies from permissions: who may do what to the rows of an entity's table. Where nothing tells rows
// apart, a policy is two equalities with the tenant and looks at no column: the server makes one
// equivalence of both and takes it out of the scan as a one-time filter, so that it decides once for a
// statement and asks no row. A single equality, or a boolean, would stay a filter of every row
// (planner/initsplan.c, optimizer/path/equivclass.c).
//
//   SELECT   the rows the caller may read
//   INSERT   what the new row must be
//   UPDATE   over the rows the caller sees; what the row must be afterwards. That it may be changed as it
//   DELETE   was, or deleted, the guard trigger asks (guard_trigger.hpp), because a policy would pass it
//            over in silence. An imported table has no triggers of ours: there the policy says it all.
#include "core/policy.hpp"

#include <set>

#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

std::string tenant_condition(const Entity& entity) {
    if (!entity.tenant_id) return "\"tenant_id\" = (SELECT pgwright.tenant_id())";
    return "(SELECT pgwright.tenant_id()) = " + quote_literal(entity.tenant_id->to_string()) +
           "::uuid";
}

std::string may(const Entity& entity, Action action, std::string_view scope = {}) {
    std::string text = entity.resource + ':' + std::string(action_name(action));
    if (!scope.empty()) text.append(":").append(scope);
    return "(SELECT pgwright.has_permission(" + quote_literal(text) + "))";
}

std::string may_under(const RowRule& rule, const Entity& entity, Action action,
                      std::string_view scope) {
    return "(SELECT pgwright.has_rule(" +
           quote_literal(rule.role + ':' + entity.resource + ':' +
                         std::string(action_name(action)) + ':' + std::string(scope)) +
           "))";
}

constexpr std::string_view kMine = "\"created_by\" = (SELECT pgwright.user_id())";

bool has_author(const Entity& entity) {
    return entity.find("created_by") != nullptr || entity.generated;
}

std::string branch(const RowRule& rule, const Entity& entity, Action action, bool own) {
    const std::string whole = may_under(rule, entity, action, "tenant");
    if (!own) return whole + " AND (" + rule.predicate + ")";
    return "(" + whole + " OR " + may_under(rule, entity, action, "own") + " AND " +
           std::string(kMine) + ") AND (" + rule.predicate + ")";
}

// Each line one way to the row; empty when no column counts.
std::vector<std::string> ways(const Entity& entity, Action action) {
    const ActionAccess& access = entity.access.of(action);
    const bool own = access.own && has_author(entity);
    std::vector<std::string> all;
    if (own) all.push_back(may(entity, action, "own") + " AND " + std::string(kMine));
    for (const RowRule& rule : access.rules) all.push_back(branch(rule, entity, action, own));
    return all;
}

std::string either(std::string text, const std::vector<std::string>& more,
                   std::string_view indent) {
    if (more.empty()) return text;
    std::string all = "(" + std::move(text);
    for (const std::string& each : more) all.append("\n").append(indent).append("OR ").append(each);
    return all + ")";
}

constexpr std::string_view kIndent = "             ";

std::string allowed(const Entity& entity, Action action) {
    return either(may(entity, action), ways(entity, action), kIndent);
}

// The tenant, if the caller holds the permission there: outright, or of some rows at least.
std::string whole(const Entity& entity, Action action, std::string_view function) {
    const std::string tenant =
        "(SELECT pgwright." + std::string(function) + "(" +
        quote_literal(entity.resource + ':' + std::string(action_name(action))) + "))";
    if (!entity.tenant_id) return "\"tenant_id\" = " + tenant;
    const std::string own = quote_literal(entity.tenant_id->to_string()) + "::uuid";
    return "(SELECT pgwright.tenant_id()) = " + own + "\n        AND " + tenant + " = " + own;
}

std::string both(const std::string& first, const std::string& second) {
    return "(" + first + "\n        AND " + second + ")";
}

std::string within(const Entity& entity, Action action) {
    if (ways(entity, action).empty()) return "(" + whole(entity, action, "tenant_with") + ")";
    return both(whole(entity, action, "tenant_with_some"), allowed(entity, action));
}

// The row as it is: whoever may change it or, under soft delete, mark it deleted.
std::string updatable(const Entity& entity) {
    if (!entity.soft_delete) return allowed(entity, Action::update);
    return "(" + allowed(entity, Action::update) + " OR " + allowed(entity, Action::delete_) + ")";
}

// The row as it will be: to leave it live takes the right to update, to leave it deleted that to delete.
std::string updated(const Entity& entity) {
    if (!entity.soft_delete) return allowed(entity, Action::update);
    return "CASE WHEN \"deleted_at\" IS NULL THEN " + allowed(entity, Action::update) +
           "\n                 ELSE " + allowed(entity, Action::delete_) + " END";
}

std::string readable(const Entity& entity) {
    std::string own = within(entity, Action::read);
    if (!entity.access.public_read) return own;
    std::string everybody = *entity.access.public_read;
    if (entity.soft_delete) everybody = "\"deleted_at\" IS NULL AND (" + everybody + ")";
    return "(" + own + "\n     OR " + everybody + ")";
}

Change policy(const Entity& entity, PolicyKind kind, const std::string& command,
              const std::string& summary, const std::string& conditions) {
    const bool restrictive = kind == PolicyKind::restrictive;
    std::string name = "pgwright_" + command;
    std::string upper;
    for (const char c : command) upper += static_cast<char>(c - 'a' + 'A');
    const std::string table = quote_qualified(entity.schema, entity.table);
    std::string up = "CREATE POLICY " + name + " ON " + table +
                     (restrictive ? " AS RESTRICTIVE FOR " : " FOR ") + upper +
                     " TO pgwright_runtime, pgwright_user" + conditions + ";";
    std::string down =
        (restrictive ? "DROP POLICY IF EXISTS " : "DROP POLICY ") + name + " ON " + table + ";";
    return {"create_policy", std::move(name),    summary,   std::move(up),
            std::move(down), "ACCESS EXCLUSIVE", Risk::safe};
}

}  // namespace

std::vector<Change> plan_policies(const Entity& entity, PolicyKind kind) {
    const std::string tenant = tenant_condition(entity);
    const std::string holders = "Holders of " + entity.resource + ':';
    const bool guarded = kind == PolicyKind::permissive;
    const std::string seen = readable(entity);
    return {
        policy(entity, kind, "select", holders + "read see the records",
               "\n    USING " + readable(entity)),
        policy(entity, kind, "insert", holders + "create add records",
               "\n    WITH CHECK " + within(entity, Action::create)),
        policy(entity, kind, "update", holders + "update change records",
               "\n    USING " + (guarded ? seen : both(tenant, updatable(entity))) +
                   "\n    WITH CHECK " + both(tenant, updated(entity))),
        policy(entity, kind, "delete", holders + "delete delete records",
               "\n    USING " + (guarded ? seen : within(entity, Action::delete_))),
    };
}

std::vector<std::string> access_columns(const Entity& entity) {
    std::set<std::string> columns(entity.access.public_columns.begin(),
                                  entity.access.public_columns.end());
    for (const Action action : {Action::create, Action::read, Action::update, Action::delete_}) {
        const ActionAccess& access = entity.access.of(action);
        if (access.own) columns.emplace("created_by");
        for (const RowRule& rule : access.rules)
            columns.insert(rule.columns.begin(), rule.columns.end());
    }
    if (entity.soft_delete) columns.emplace("deleted_at");
    return {columns.begin(), columns.end()};
}

std::string row_predicate(const Entity& entity, Action action) {
    const std::vector<std::string> all = ways(entity, action);
    if (all.empty()) return {};
    return either(all.front(), {all.begin() + 1, all.end()}, " ");
}

}  // namespace pgwright::core
