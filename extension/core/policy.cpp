// Policies from permissions: who may do what to the rows of an entity's table.
#include "core/ddl.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

std::string tenant_condition(const Entity& entity) {
    if (!entity.tenant_id) return "\"tenant_id\" = (SELECT pgwright.tenant_id())";
    return "(SELECT pgwright.tenant_id()) = " + quote_literal(entity.tenant_id->to_string()) +
           "::uuid";
}

std::string may(const Entity& entity, std::string_view action) {
    return "(SELECT pgwright.has_permission(" +
           quote_literal(entity.resource + ':' + std::string(action)) + "))";
}

std::string both(const std::string& first, const std::string& second) {
    return "(" + first + "\n        AND " + second + ")";
}

// The row as it is: whoever may change it or, under soft delete, mark it deleted.
std::string updatable(const Entity& entity) {
    return entity.soft_delete ? "(" + may(entity, "update") + " OR " + may(entity, "delete") + ")"
                              : may(entity, "update");
}

// The row as it will be: to leave it live takes the right to update, to leave it deleted that to delete.
std::string updated(const Entity& entity) {
    if (!entity.soft_delete) return may(entity, "update");
    return "CASE WHEN \"deleted_at\" IS NULL THEN " + may(entity, "update") +
           "\n                 ELSE " + may(entity, "delete") + " END";
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
    return {
        policy(entity, kind, "select", holders + "read see the records",
               "\n    USING " + both(tenant, may(entity, "read"))),
        policy(entity, kind, "insert", holders + "create add records",
               "\n    WITH CHECK " + both(tenant, may(entity, "create"))),
        policy(entity, kind, "update", holders + "update change records",
               "\n    USING " + both(tenant, updatable(entity)) + "\n    WITH CHECK " +
                   both(tenant, updated(entity))),
        policy(entity, kind, "delete", holders + "delete delete records",
               "\n    USING " + both(tenant, may(entity, "delete"))),
    };
}

}  // namespace pgwright::core
