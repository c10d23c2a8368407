// Plans the changes of an import; see import.hpp.
#include "core/identifier.hpp"
#include "core/import.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace pgwright::core {

namespace {

constexpr std::string_view kRuntime = "pgwright_runtime";
constexpr std::string_view kUser = "pgwright_user";
constexpr std::string_view kOwner = "pgwright_owner";  // of the tables that may refer to it

std::string qualified(const Entity& entity) { return quote_qualified(entity.schema, entity.table); }
std::string object(const Entity& entity) { return entity.schema + '.' + entity.table; }

std::vector<std::string> wanted_privileges(const Relation& relation) {
    if (relation.is_readonly()) return {"SELECT"};
    return {"SELECT", "INSERT", "UPDATE", "DELETE"};
}

// The privileges that the role lacks, as GRANT lists them; empty when it has all.
std::string missing(const Relation& relation, std::string_view role) {
    std::string list;
    for (const std::string& privilege : wanted_privileges(relation)) {
        if (relation.privileges.contains({std::string(role), privilege})) continue;
        list.append(list.empty() ? "" : ", ").append(privilege);
    }
    return list;
}

void add_grant(std::vector<Change>& changes, const std::string& privileges,
               const std::string& object_sql, const std::string& name, std::string_view role) {
    if (privileges.empty()) return;
    const std::string grantee(role);
    changes.push_back({"grant", name, "Let " + grantee + " use " + name,
                       "GRANT " + privileges + " ON " + object_sql + " TO " + grantee + ";",
                       "REVOKE " + privileges + " ON " + object_sql + " FROM " + grantee + ";",
                       "none", Risk::safe});
}

// Nobody but the engine reads what row security cannot guard.
void add_grants(std::vector<Change>& changes, const Entity& entity, const Relation& relation) {
    const auto grant = [&](std::string_view role) {
        add_grant(changes, missing(relation, role), qualified(entity), object(entity), role);
        if (relation.is_readonly()) return;
        for (const RelationSequence& sequence : relation.sequences) {
            if (sequence.grantees.contains(std::string(role))) continue;
            add_grant(changes, "USAGE",
                      "SEQUENCE " + quote_qualified(sequence.schema, sequence.name),
                      sequence.schema + '.' + sequence.name, role);
        }
    };
    grant(kRuntime);
    if (relation.is_table()) grant(kUser);
    const bool known = relation.privileges.contains({std::string(kOwner), "REFERENCES"});
    if (relation.is_table() && relation.key.size() == 1 && !known)
        add_grant(changes, "REFERENCES", qualified(entity), object(entity), kOwner);
}

Change permissive_policy(const Entity& entity, const Relation& relation) {
    const bool had = relation.row_security;
    const std::string name = had ? "pgwright_access" : "pgwright_others";
    const std::string roles = had ? "pgwright_runtime, pgwright_user" : "PUBLIC";
    return {"create_policy",
            name,
            had ? "Let the policies below decide for the engine and direct connections"
                : "Leave everybody else where they are",
            "CREATE POLICY " + name + " ON " + qualified(entity) + " TO " + roles +
                "\n    USING (true) WITH CHECK (true);",
            "DROP POLICY IF EXISTS " + name + " ON " + qualified(entity) + ";",
            "ACCESS EXCLUSIVE",
            Risk::safe};
}

void add_policies(std::vector<Change>& changes, const Entity& entity, const Relation& relation) {
    changes.push_back(permissive_policy(entity, relation));
    std::vector<Change> policies = plan_policies(entity, PolicyKind::restrictive);
    if (relation.is_readonly()) policies.resize(1);  // that of SELECT, the only privilege
    std::ranges::move(policies, std::back_inserter(changes));
}

Change enable_row_security(const Entity& entity) {
    const std::string alter = "ALTER TABLE " + qualified(entity);
    return {"enable_row_security",
            object(entity),
            "Let the policies decide for everyone but the owner",
            alter + " ENABLE ROW LEVEL SECURITY;",
            alter + " DISABLE ROW LEVEL SECURITY;",
            "ACCESS EXCLUSIVE",
            Risk::safe};
}

Change stamp_trigger(const Entity& entity, const Relation& relation) {
    std::string users;
    for (const RelationLink& link : relation.links) {
        if (link.entity != "users") continue;
        users.append(users.empty() ? "" : ", ").append(quote_literal(link.column));
    }
    return {"create_trigger",
            "pgwright_stamp_record",
            "Stamp records with time and author",
            "CREATE TRIGGER pgwright_stamp_record\n    BEFORE INSERT OR UPDATE ON " +
                qualified(entity) + "\n    FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record(" +
                users + ");",
            "DROP TRIGGER IF EXISTS pgwright_stamp_record ON " + qualified(entity) + ";",
            "SHARE ROW EXCLUSIVE",
            Risk::safe};
}

}  // namespace

Migration plan_import(const Entity& entity, const Relation& relation, bool stamp) {
    Migration migration{entity.name + "_v" + std::to_string(entity.version), "create", {}};
    auto& changes = migration.changes;
    add_grants(changes, entity, relation);
    if (!relation.is_table()) return migration;
    add_policies(changes, entity, relation);
    if (!relation.row_security) changes.push_back(enable_row_security(entity));
    if (stamp) changes.push_back(stamp_trigger(entity, relation));
    return migration;
}

Migration plan_access(const Entity& entity, const Relation& relation) {
    Migration migration{"", "alter", {}};
    add_grants(migration.changes, entity, relation);
    if (!relation.is_table()) return migration;
    std::vector<Change> policies = plan_policies(entity, PolicyKind::restrictive);
    if (relation.is_readonly()) policies.resize(1);
    std::erase_if(policies,
                  [&](const Change& policy) { return relation.policies.contains(policy.object); });
    std::ranges::move(policies, std::back_inserter(migration.changes));
    return migration;
}

}  // namespace pgwright::core
