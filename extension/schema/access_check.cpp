// SQL: check_access; see access_check.hpp.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "schema/access_check.hpp"

#include <algorithm>
#include <set>

#include "core/condition_check.hpp"
#include "core/identifier.hpp"
#include "core/policy.hpp"
#include "schema/access.hpp"
#include "schema/draft.hpp"
#include "schema/migration_plan.hpp"
#include "schema/table_state.hpp"
#include "security/role_reader.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Action;
using core::Json;
using core::Uuid;
using security::Rights;
using security::Scope;

// CREATE INDEX name ON table USING btree (leading, ...
std::string leading_column(const std::string& definition) {
    const std::size_t open = definition.find('(');
    if (open == std::string::npos) return {};
    const std::size_t end = definition.find_first_of(" ,)", open);
    return definition.substr(open + 1, end - open - 1);
}

std::set<std::string> leading_columns(const core::Design& design, const core::TableState& actual) {
    std::set<std::string> columns;
    for (const core::ObjectState& index : actual.indexes)
        columns.insert(leading_column(index.definition));
    for (const core::Field& field : design.entity.fields) {
        if (!field.system && (field.indexed || field.unique || field.reference))
            columns.insert(core::quote_identifier(field.name));
    }
    for (const core::IndexDefinition& index : design.indexes) {
        if (!index.keys.empty()) columns.insert(core::quote_identifier(index.keys.front().field));
    }
    // The server quotes only what needs it.
    std::set<std::string> both = columns;
    for (const std::string& column : columns)
        if (!column.starts_with('"')) both.insert('"' + column + '"');
    return both;
}

class Check {
  public:
    Check(const Uuid& tenant, core::Design design, core::TableState actual)
        : tenant_(tenant), design_(std::move(design)), actual_(std::move(actual)) {}

    std::vector<AccessFinding> run() {
        find_dead_rules();
        find_by_role();
        for (AccessFinding& each : columns_without_index(design_, actual_))
            findings_.push_back(std::move(each));
        return std::move(findings_);
    }

  private:
    [[nodiscard]] const core::Entity& entity() const noexcept { return design_.entity; }

    void add(std::string kind, std::string role, std::string field, std::string message) {
        findings_.push_back(
            {std::move(kind), std::move(role), std::move(field), std::move(message), Json()});
    }

    pg::Result ask(std::string_view sql) {
        const pg::FreshSnapshot snapshot;
        pg::Params params;
        params.add_uuid(tenant_).add_uuid(entity().id);
        return pg::execute(sql, params, true);
    }

    void find_dead_rules() {
        const Scope scope(Rights::engine);
        const pg::Result rules =
            ask("SELECT r.name, w.action, w.condition::text FROM pgwright.row_rules w JOIN "
                "pgwright.roles r ON r.id = w.role_id"
                " WHERE w.tenant_id = $1 AND w.entity_id = $2 AND w.is_active ORDER BY 1, 2");
        for (std::size_t i = 0; i < rules.rows(); ++i) {
            const pg::Row row = rules.row(i);
            const core::Condition condition =
                core::parse_condition(core::parse_json(row.text(2)), entity(), "condition",
                                      rule_context(tenant_, entity().id));
            if (const auto why = core::why_never(condition))
                add("rule_never_matches", row.text(0), "",
                    "the rule for " + row.text(1) + " matches no record: " + *why);
        }
    }

    // Of each role of the tenant, as if somebody held it alone.
    void find_by_role() {
        const Scope scope(Rights::engine);
        const pg::Result roles =
            ask("SELECT id, name FROM pgwright.roles WHERE (tenant_id = $1 OR tenant_id IS NULL) "
                "AND $2 IS NOT NULL ORDER BY name");
        for (std::size_t i = 0; i < roles.rows(); ++i) {
            const std::string name = roles.row(i).text(1);
            core::PermissionSet rights;
            core::FieldRules rules;
            std::vector<core::Permission> narrowed;
            for (const security::HeldRole& held :
                 security::read_role(roles.row(i).uuid(0), tenant_).roles) {
                rights.add(held.chain);
                rules = held.field_rules;
                if (!held.chain.empty()) narrowed = held.chain.front().rules;
            }
            judge(name, rights, rules, narrowed);
        }
    }

    void judge(const std::string& role, const core::PermissionSet& rights,
               const core::FieldRules& rules, const std::vector<core::Permission>& narrowed) {
        const auto some = [&](Action action) {
            return rights.allows_some(entity().resource, action);
        };
        for (const core::Permission& rule : narrowed) {
            if (rule.resource == entity().resource && !some(rule.action))
                add("rule_without_permission", role, "",
                    "the rule for " + std::string(core::action_name(rule.action)) +
                        " has no effect: the role has no such permission");
        }
        if ((some(Action::update) || some(Action::delete_)) && !some(Action::read))
            add("write_without_read", role, "",
                "the role may change records and sees none, so it can change none");
        if (!some(Action::create)) return;
        for (const core::Field& field : entity().fields) {
            const auto rule = rules.find(field.id);
            if (rule == rules.end() || rule->second.mode < core::FieldMode::readonly) continue;
            if (field.must_be_given())
                add("hides_required", role, field.name,
                    "the role may create records but cannot give " + field.name +
                        ", which is required");
        }
    }

    Uuid tenant_;
    core::Design design_;
    core::TableState actual_;
    std::vector<AccessFinding> findings_;
};

std::string check(std::string_view name) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "roles", Action::read);
    const Draft draft = read_draft(*identity, name);
    core::Design design = design_of(identity->tenant_id(), draft.stored.definition);
    core::TableState actual = read_table_state(design.entity.schema, design.entity.table);
    Check all(identity->tenant_id(), std::move(design), std::move(actual));
    return findings_json(all.run()).dump();
}

}  // namespace

std::vector<AccessFinding> columns_without_index(const core::Design& design,
                                                 const core::TableState& actual) {
    std::vector<AccessFinding> findings;
    const std::set<std::string> led = leading_columns(design, actual);
    for (const std::string& column : core::access_columns(design.entity)) {
        if (column == "deleted_at" || column == "id") continue;
        if (led.contains(core::quote_identifier(column))) continue;
        Json fields = Json::array();
        fields.items().push_back(Json::string(column));
        findings.push_back({"column_without_index", "", column,
                            "row security looks at " + column + ", which no index leads",
                            Json::object({{"name", Json::string("by_" + column)},
                                          {"field_names", std::move(fields)}})});
    }
    return findings;
}

Json index_warnings(const core::Design& design, const core::TableState& actual) {
    Json list = Json::array();
    for (const AccessFinding& each : columns_without_index(design, actual))
        list.items().push_back(Json::string(each.message + "; create_index() with " +
                                            each.repair.dump() + " adds one"));
    return list;
}

Json findings_json(const std::vector<AccessFinding>& findings) {
    Json list = Json::array();
    const auto text = [](const std::string& value) {
        return value.empty() ? Json() : Json::string(value);
    };
    for (const AccessFinding& each : findings) {
        list.items().push_back(Json::object({{"kind", text(each.kind)},
                                             {"role", text(each.role)},
                                             {"field", text(each.field)},
                                             {"message", text(each.message)},
                                             {"repair", each.repair}}));
    }
    return list;
}

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_check_access) {
    return pgwright::pg::json_datum(pgwright::schema::check(args.text(0)));
}
