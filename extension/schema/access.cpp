// Reading the access of an entity and carrying it into its table; see access.hpp.
#include "schema/access.hpp"

#include <algorithm>

#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "catalog/entity_reader.hpp"
#include "core/definition_document.hpp"
#include "core/identifier.hpp"
#include "core/sql_builder.hpp"
#include "core/table_part.hpp"
#include "schema/definition_store.hpp"
#include "schema/execution.hpp"
#include "schema/migration_plan.hpp"
#include "schema/table_state.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using core::Uuid;
using security::Rights;
using security::Scope;

namespace {

constexpr std::string_view kPublic = "public";

// Row rules --------------------------------------------------------------------------------------

// The condition with its own fields under the design's names. What the design has no more is told.
template <typename Rule>
Json in_design(const Rule& rule, const core::Entity& stored, const core::Entity& design,
               const core::ConditionContext& context) {
    const core::Condition parsed =
        core::parse_condition(rule.condition, stored, "condition", context);
    std::map<Uuid, std::string> names;
    const std::vector<Uuid> used = core::field_ids_of(parsed);
    core::Faults faults;
    for (const core::Field& field : stored.fields) {
        if (field.system || std::ranges::find(used, field.id) == used.end()) continue;
        const auto now = std::ranges::find(design.fields, field.id, &core::Field::id);
        if (now == design.fields.end() || !now->has_column())
            faults.add(field.name, "is used by the row rule of " + rule.role + " for " +
                                       std::string(core::action_name(rule.action)) +
                                       "; change the rule first");
        else
            names.emplace(field.id, now->name);
    }
    faults.raise("the entity cannot be published");
    return core::rename_fields(rule.condition, stored, context, names);
}

template <typename Rule>
core::RowRule compile(const Rule& rule, const core::Entity& stored, const core::Entity& design,
                      const core::ConditionContext& context) {
    const Json document = in_design(rule, stored, design, context);
    const core::Condition condition =
        core::parse_condition(document, design, "row rule of " + rule.role, context);
    core::SqlBuilder builder(design, core::quote_identifier(design.table));
    return {rule.role, builder.predicate(condition), core::fields_of(condition)};
}

// Rules may be about who made a record and when, which not every design says.
core::Entity with_system_fields(const core::Entity& design) {
    core::Entity whole = design;
    if (!design.generated || design.find("created_by") != nullptr) return whole;
    for (const core::Field& field : core::leading_system_fields()) whole.fields.push_back(field);
    for (const core::Field& field : core::trailing_system_fields(design.soft_delete))
        whole.fields.push_back(field);
    return whole;
}

void add_entity(pg::Params& params, const std::optional<Uuid>& entity) {
    if (entity)
        params.add_uuid(*entity);
    else
        params.add_null(UUIDOID);
}

// One statement about a tenant and, when it is given, an entity: $1 and $2.
pg::Result ask(std::string_view sql, const Uuid& tenant, const std::optional<Uuid>& entity) {
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(tenant);
    add_entity(params, entity);
    return pg::execute(sql, params, true);
}

}  // namespace

core::ConditionContext rule_context(const Uuid& tenant, const Uuid& entity) {
    core::ConditionContext context;
    context.placeholders = true;
    context.find_related = [tenant, entity](const core::Entity& from,
                                            std::string_view name) -> std::optional<core::Related> {
        const core::Field* const lookup = core::find_lookup(from, name);
        if (lookup == nullptr || lookup->reference->entity_id == entity) return std::nullopt;
        auto target = catalog::read_entity(tenant, lookup->reference->entity_id.to_string(),
                                           catalog::Wanted::published);
        if (!target || target->entity.kind == core::EntityKind::system) return std::nullopt;
        core::Related related;
        related.near = lookup;
        related.is_lookup = true;
        related.target = std::make_shared<const core::Entity>(std::move(target->entity));
        return related;
    };
    return context;
}

AccessReader::AccessReader(const Uuid& tenant, std::optional<Uuid> entity) : tenant_(tenant) {
    Scope scope(Rights::engine);
    read_rules(entity);
    read_grants(entity);
    read_field_rules(entity);
}

void AccessReader::read_rules(const std::optional<Uuid>& entity) {
    const pg::Result result =
        ask("SELECT w.entity_id, r.name, w.action, w.condition::text FROM pgwright.row_rules w"
            "  JOIN pgwright.roles r ON r.id = w.role_id"
            " WHERE w.tenant_id = $1 AND w.is_active AND ($2::uuid IS NULL OR w.entity_id = $2)"
            " ORDER BY r.name COLLATE \"C\", w.action",
            tenant_, entity);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        rules_.push_back({row.uuid(0), row.text(1),
                          core::find_action(row.text(2)).value_or(Action::read),
                          core::parse_json(row.text(3))});
    }
}

// At scope own, and to everybody.
void AccessReader::read_grants(const std::optional<Uuid>& entity) {
    const pg::Result result =
        ask("SELECT DISTINCT p.entity_id, r.name = 'public', p.action"
            "  FROM pgwright.role_permissions p JOIN pgwright.roles r ON r.id = p.role_id"
            " WHERE (p.resource = '*' OR p.entity_id IS NOT NULL AND ($2::uuid IS NULL OR "
            "p.entity_id = $2))"
            "   AND (r.tenant_id = $1 OR r.tenant_id IS NULL)"
            "   AND (p.tenant_id = $1 OR p.tenant_id IS NULL)"
            "   AND (p.scope = 'own' OR r.name = 'public')",
            tenant_, entity);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        grants_.push_back({row.optional_uuid(0), row.boolean(1), row.text(2)});
    }
}

// What direct connections are not granted.
void AccessReader::read_field_rules(const std::optional<Uuid>& entity) {
    const pg::Result result =
        ask("SELECT entity_id, field_id, bool_or(mode IN ('hidden', 'masked')), bool_or(mode <> "
            "'write_once')"
            "  FROM pgwright.field_rules WHERE tenant_id = $1 AND is_active"
            "   AND ($2::uuid IS NULL OR entity_id = $2) GROUP BY entity_id, field_id",
            tenant_, entity);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        field_rules_.push_back({row.uuid(0), row.uuid(1), row.boolean(2), row.boolean(3)});
    }
}

void AccessReader::add_grants(const core::Entity& design, core::Access& access) const {
    for (const Grant& grant : grants_) {
        if (grant.entity && *grant.entity != design.id) continue;
        for (const Action each : {Action::create, Action::read, Action::update, Action::delete_}) {
            if (grant.action != "*" && grant.action != core::action_name(each)) continue;
            if (!grant.is_public) access.of(each).own = true;
            if (grant.is_public && each == Action::read) access.public_read = "true";
        }
    }
}

void AccessReader::add_field_rules(const core::Entity& design, core::Access& access) const {
    for (const FieldRule& rule : field_rules_) {
        const auto field = std::ranges::find(design.fields, rule.field, &core::Field::id);
        if (rule.entity != design.id || field == design.fields.end()) continue;
        if (rule.hides) access.unreadable.insert(field->name);
        if (rule.locks) access.unwritable.insert(field->name);
        access.unchangeable.insert(field->name);
    }
    // What is calculated of a hidden field tells it.
    for (const core::Field& field : design.fields) {
        const bool tells = std::ranges::any_of(field.formula_fields, [&](const std::string& name) {
            return access.unreadable.contains(name);
        });
        if (tells) access.unreadable.insert(field.name);
    }
}

void AccessReader::add_rules(const core::Entity& design, core::Access& access) const {
    const bool has_rules =
        std::ranges::any_of(rules_, [&](const Rule& rule) { return rule.entity == design.id; });
    if (!has_rules) return;
    const auto stored = catalog::read_entity(tenant_, design.id.to_string(), catalog::Wanted::any);
    if (!stored) return;
    const core::ConditionContext context = rule_context(tenant_, design.id);
    const core::Entity whole = with_system_fields(design);
    for (const Rule& rule : rules_) {
        if (rule.entity != design.id) continue;
        core::RowRule compiled = compile(rule, stored->entity, whole, context);
        if (rule.role != kPublic) {
            access.of(rule.action).rules.push_back(std::move(compiled));
        } else if (access.public_read && rule.action == Action::read) {
            access.public_read = std::move(compiled.predicate);
            access.public_columns = std::move(compiled.columns);
        }
    }
}

core::Access AccessReader::of(const core::Entity& design) const {
    core::Access access;
    add_grants(design, access);
    add_field_rules(design, access);
    add_rules(design, access);
    return access;
}

core::Access read_access(const Uuid& tenant, const core::Entity& design) {
    return AccessReader(tenant, design.id).of(design);
}

// Synthesis --------------------------------------------------------------------------------------

namespace {

bool is_ours(const core::TablePart& part) {
    return part.kind == core::TablePart::Kind::policy || part.name == "pgwright_guard_record";
}

std::vector<std::string> columns_in_service(const core::Entity& entity) {
    std::vector<std::string> columns;
    for (const core::ColumnPart& part : core::columns_of(entity)) columns.push_back(part.name);
    return columns;
}

std::vector<std::string> scripts_for(const core::Entity& entity, const core::TableState& actual) {
    std::vector<std::string> scripts;
    if (!entity.generated) {
        for (const core::Change& change :
             core::plan_policies(entity, core::PolicyKind::restrictive)) {
            scripts.push_back(change.down);
            scripts.push_back(change.up);
        }
        return scripts;
    }
    std::vector<core::TablePart> parts = core::triggers_of(entity);
    for (core::TablePart& part : core::policies_of(entity)) parts.push_back(std::move(part));
    for (const core::TablePart& part : parts) {
        if (!is_ours(part)) continue;
        const auto& there =
            part.kind == core::TablePart::Kind::policy ? actual.policies : actual.triggers;
        if (core::find_object(there, part.name) != nullptr)
            scripts.push_back(part.drop_sql(entity, part.name));
        scripts.push_back(part.create_sql(part.name));
    }
    scripts.push_back(core::user_grant_sql(entity, columns_in_service(entity)));
    return scripts;
}

// Without what only says how the table is now.
std::string signature_of(const core::Entity& entity) {
    std::string all;
    for (const std::string& script : scripts_for(entity, core::TableState{})) all += script + '\n';
    return all;
}

bool is_current(const Uuid& entity, const std::string& signature) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity).add_text(signature);
    return !pg::execute("SELECT FROM pgwright.entity_access WHERE entity_id = $1 AND script = $2",
                        params, true)
                .empty();
}

void remember(const Uuid& entity, const std::string& signature) {
    pg::Params params;
    params.add_uuid(entity).add_text(signature);
    execute_as_engine(
        "INSERT INTO pgwright.entity_access (entity_id, script) VALUES ($1, $2)"
        " ON CONFLICT (entity_id) DO UPDATE SET script = excluded.script",
        params);
}

void replace(std::vector<core::ObjectState>& kept, const std::vector<core::ObjectState>& now) {
    for (core::ObjectState& object : kept) {
        if (const core::ObjectState* current = core::find_object(now, object.name);
            current != nullptr &&
            (object.name == "pgwright_guard_record" || object.name == "pgwright_select" ||
             object.name == "pgwright_insert" || object.name == "pgwright_update" ||
             object.name == "pgwright_delete"))
            object = *current;
    }
}

// What the table was left like, so that the new policies are no drift; drift elsewhere stays one.
void record_state(const core::Entity& entity) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(entity.id);
    const pg::Result result = pg::execute(
        "SELECT table_state::text FROM pgwright.entity_versions WHERE entity_id = $1 AND status = "
        "'published' AND table_state IS NOT NULL",
        params, true);
    if (result.empty()) return;
    core::TableState state = core::parse_table_state(core::parse_json(result.row(0).text(0)));
    const core::TableState now = read_table_state(entity.schema, entity.table);
    replace(state.policies, now.policies);
    replace(state.triggers, now.triggers);
    params.add_text(core::table_state_json(state).dump());
    pg::execute(
        "UPDATE pgwright.entity_versions SET table_state = $2::pg_catalog.jsonb WHERE entity_id = "
        "$1 AND status = 'published'",
        params, false);
}

}  // namespace

namespace {

// The entity whose policies a publication has made while the rules' names follow.
class Publication {
  public:
    explicit Publication(const Uuid& entity) : outer_(std::exchange(current_, entity)) {}
    ~Publication() { current_ = outer_; }
    Publication(const Publication&) = delete;
    Publication& operator=(const Publication&) = delete;
    static bool is_of(const Uuid& entity) { return current_ == entity; }

  private:
    static inline std::optional<Uuid> current_;
    std::optional<Uuid> outer_;
};

}  // namespace

void grant_defaults(const Uuid& entity) {
    pg::Params params;
    params.add_uuid(entity);
    execute_as_engine(
        "INSERT INTO pgwright.role_permissions (role_id, tenant_id, entity_id, resource, action)"
        " SELECT r.id, e.tenant_id, e.id, e.name, d.action FROM pgwright.entity_definitions e,"
        "        pgwright.default_permissions() d JOIN pgwright.roles r ON r.name = d.role AND "
        "r.is_system"
        "  WHERE e.id = $1 AND e.tenant_id IS NOT NULL",
        params);
}

void synthesise_access(const Uuid& tenant, const Uuid& entity) {
    if (Publication::is_of(entity)) return;
    lock_until_commit("entity:" + entity.to_string());
    const auto stored = read_stored_entity(tenant, entity.to_string());
    if (!stored || stored->status == "draft" || !stored->tenant_id) return;
    const core::Entity design = design_of(tenant, stored->definition).entity;
    const core::TableState actual = read_table_state(design.schema, design.table);
    // A table without row security is one that is being restored: its policies are still to come.
    if (!actual.exists || !actual.row_security) return;
    const std::string signature = signature_of(design);
    if (is_current(entity, signature)) return;
    const TableLock lock{core::quote_qualified(design.schema, design.table), "ACCESS EXCLUSIVE"};
    const Outcome outcome = attempt({lock}, [&] { run_as_owner(scripts_for(design, actual)); });
    if (!outcome.error.empty())
        throw Failure(Code::conflict,
                      "the policies of " + design.name + " cannot be changed: " + outcome.error);
    remember(entity, signature);
    record_state(design);
}

void adopt_access(const core::Entity& design) { remember(design.id, signature_of(design)); }

void renew_access(const Uuid& tenant, const Uuid& entity) {
    remember(entity, "");
    synthesise_access(tenant, entity);
}

// Renames ----------------------------------------------------------------------------------------

std::vector<RenamedRule> rules_to_rename(const core::EntityDefinition& before,
                                         const core::EntityDefinition& after) {
    std::map<Uuid, std::string> names;
    for (const core::FieldDefinition& field : after.fields) {
        for (const core::FieldDefinition& old : before.fields)
            if (old.field.id == field.field.id && old.field.name != field.field.name)
                names.emplace(field.field.id, field.field.name);
    }
    std::vector<RenamedRule> rules;
    if (names.empty()) return rules;
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    pg::Params params;
    params.add_uuid(*after.entity.tenant_id);
    const pg::Result result = pg::execute(
        "SELECT id, entity_id, condition::text FROM pgwright.row_rules WHERE tenant_id = $1",
        params, true);
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        const auto entity = catalog::read_entity(*after.entity.tenant_id, row.uuid(1).to_string(),
                                                 catalog::Wanted::any);
        if (!entity) continue;
        const Json condition = core::parse_json(row.text(2));
        Json renamed = core::rename_fields(
            condition, entity->entity, rule_context(*after.entity.tenant_id, row.uuid(1)), names);
        if (!(renamed == condition)) rules.push_back({row.uuid(0), std::move(renamed)});
    }
    return rules;
}

void store(const std::vector<RenamedRule>& rules, const Uuid& published) {
    const Publication publication(published);
    for (const RenamedRule& rule : rules) {
        pg::Params params;
        params.add_uuid(rule.id).add_text(rule.condition.dump());
        execute_as_engine(
            "UPDATE pgwright.row_rules SET condition = $2::pg_catalog.jsonb WHERE id = $1", params);
    }
}

}  // namespace pgwright::schema
