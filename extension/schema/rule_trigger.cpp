// SQL: check_row_rule, check_field_rule, synthesise_access: the triggers of row_rules, field_rules and
// role_permissions. What is stored is good, and the tables that it is about follow at once.
#include "pg/guard.hpp"
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include <algorithm>

#include "catalog/entity_reader.hpp"
#include "schema/access.hpp"
#include "security/identity.hpp"
#include "security/row_security.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

using core::Code;
using core::Failure;
using core::Uuid;
using security::Rights;
using security::Scope;

std::optional<Uuid> new_uuid(const pg::Trigger& trigger, const char* column) {
    const pg::Value value = trigger.new_value(trigger.attribute(column));
    return value.is_null ? std::nullopt : std::optional(pg::uuid_from_datum(value.datum));
}

std::string new_text(const pg::Trigger& trigger, const char* column) {
    const pg::Value value = trigger.new_value(trigger.attribute(column));
    return value.is_null ? std::string() : std::string(pg::varlena_view(value.datum));
}

[[noreturn]] void refuse(std::string_view field, std::string message) {
    throw Failure(Code::validation_error, "the rule is not valid",
                  {{std::string(field), std::move(message)}});
}

bool exists(std::string_view sql, const pg::Params& params) {
    Scope scope(Rights::engine);
    pg::FreshSnapshot snapshot;
    return !pg::execute(sql, params, true).empty();
}

// The rule's own: a foreign key sees those of every tenant.
void require_role(const Uuid& role, const Uuid& tenant) {
    pg::Params params;
    params.add_uuid(role).add_uuid(tenant);
    if (!exists(
            "SELECT FROM pgwright.roles WHERE id = $1 AND (tenant_id = $2 OR tenant_id IS NULL)",
            params))
        refuse("role_id", "does not exist");
}

core::Entity require_entity(const Uuid& entity, const Uuid& tenant) {
    auto found = catalog::read_entity(tenant, entity.to_string(), catalog::Wanted::any);
    if (!found || found->entity.tenant_id != tenant) refuse("entity_id", "does not exist");
    return std::move(found->entity);
}

// Whoever sees all rows of the entity may say who sees which.
void require_rights(const pg::Trigger& trigger, const core::Entity& entity) {
    if (!security::row_security_applies(trigger.relation_oid())) return;
    const auto identity = security::require_identity();
    for (const core::Action action :
         {core::Action::create, core::Action::read, core::Action::update, core::Action::delete_}) {
        if (!identity->permissions.allows(entity.resource, action, core::Scope::tenant))
            throw Failure(Code::permission_denied,
                          "rules of " + entity.name + " are for who may do everything with it");
    }
}

struct Subject {
    Uuid tenant;
    core::Entity entity;
};

std::optional<Subject> subject_of(const pg::Trigger& trigger) {
    const auto tenant = new_uuid(trigger, "tenant_id");
    const auto role = new_uuid(trigger, "role_id");
    const auto entity = new_uuid(trigger, "entity_id");
    if (!tenant || !role || !entity) return std::nullopt;  // the table's constraints tell
    require_role(*role, *tenant);
    Subject subject{*tenant, require_entity(*entity, *tenant)};
    require_rights(trigger, subject.entity);
    return subject;
}

// Row rules --------------------------------------------------------------------------------------

std::string array_of(const std::vector<Uuid>& ids) {
    std::string text = "{";
    for (const Uuid& id : ids) text.append(text.size() > 1 ? "," : "").append(id.to_string());
    return text + "}";
}

Datum uuid_array(const std::vector<Uuid>& ids) {
    const std::string text = array_of(ids);
    return pg::call([&text] {
        Oid input = InvalidOid;
        Oid parameter = InvalidOid;
        getTypeInputInfo(UUIDARRAYOID, &input, &parameter);
        return OidInputFunctionCall(input, const_cast<char*>(text.c_str()), parameter, -1);
    });
}

// A group of no conditions is true of every row, which a rule is not written for.
bool says_nothing(const core::Condition& condition) {
    using Kind = core::Condition::Kind;
    if (condition.kind == Kind::comparison || condition.kind == Kind::related) return false;
    return condition.children.empty() || std::ranges::any_of(condition.children, says_nothing);
}

// The policies of an entity that a rule looks into are asked in turn, and the server refuses a circle.
void refuse_circle(const Subject& subject, const std::vector<Uuid>& targets, const Uuid& rule) {
    pg::Params params;
    params.add_uuid(subject.tenant).add_uuid(subject.entity.id).add_text(array_of(targets));
    params.add_uuid(rule);
    if (exists("WITH RECURSIVE reached AS ("
               "    SELECT unnest($3::uuid[]) AS id"
               "    UNION"
               "    SELECT unnest(w.entity_ids) FROM reached r JOIN pgwright.row_rules w"
               "        ON w.entity_id = r.id AND w.tenant_id = $1 AND w.is_active AND w.id <> $4)"
               " SELECT FROM reached WHERE id = $2",
               params))
        refuse("condition", "looks into entities whose own rules look into this one");
}

// What some role may not see cannot be looked at by the rules of another entity: direct connections
// would have to be granted it.
void refuse_hidden(const Subject& subject, const std::vector<Uuid>& fields) {
    pg::Params params;
    params.add_uuid(subject.tenant).add_uuid(subject.entity.id).add_text(array_of(fields));
    if (exists("SELECT FROM pgwright.field_rules WHERE tenant_id = $1 AND entity_id <> $2"
               "   AND field_id = ANY ($3::uuid[]) AND mode IN ('hidden', 'masked') AND is_active",
               params))
        refuse("condition", "uses a field of another entity that a field rule hides");
}

Datum check_row_rule(const pg::Trigger& trigger) {
    const auto subject = subject_of(trigger);
    if (!subject) return trigger.proceed();
    const pg::Value given = trigger.new_value(trigger.attribute("condition"));
    if (given.is_null) return trigger.proceed();
    const std::string text = pg::call([given] {
        Jsonb* document = DatumGetJsonbP(given.datum);
        return JsonbToCString(nullptr, &document->root, static_cast<int>(VARSIZE(document)));
    });
    const core::Condition condition =
        core::parse_condition(core::parse_json(text), subject->entity, "condition",
                              rule_context(subject->tenant, subject->entity.id));
    if (says_nothing(condition)) refuse("condition", "must say something");
    for (const std::string& name : core::fields_of(condition)) {
        if (!subject->entity.find(name)->has_column())
            refuse("condition", name + " is computed when it is read; rules need stored fields");
    }
    const std::vector<Uuid> fields = core::field_ids_of(condition);
    const std::vector<Uuid> targets = core::entities_of(condition);
    refuse_circle(*subject, targets, new_uuid(trigger, "id").value_or(Uuid()));
    refuse_hidden(*subject, fields);
    const std::vector<pg::ColumnChange> changes = {
        {trigger.attribute("field_ids"), uuid_array(fields), false},
        {trigger.attribute("entity_ids"), uuid_array(targets), false}};
    return trigger.replace(changes);
}

// Field rules ------------------------------------------------------------------------------------

void check_mask(const pg::Trigger& trigger, const core::Field& field) {
    const std::string mask = new_text(trigger, "mask");
    if (mask.empty() || field.value_class() == core::ValueClass::text) return;
    if (mask != "constant" && mask != "hash")
        refuse("mask", mask + " is for texts; fields of other types take hash or constant");
}

Datum check_field_rule(const pg::Trigger& trigger) {
    const auto subject = subject_of(trigger);
    const auto id = new_uuid(trigger, "field_id");
    if (!subject || !id) return trigger.proceed();
    const auto field = std::ranges::find(subject->entity.fields, *id, &core::Field::id);
    if (field == subject->entity.fields.end()) refuse("field_id", "is no field of the entity");
    const std::string mode = new_text(trigger, "mode");
    const bool hides = mode == "hidden" || mode == "masked";
    const bool is_key =
        std::ranges::find(subject->entity.key, field->name) != subject->entity.key.end();
    if (is_key) refuse("field_id", "is part of the entity's key, which everybody needs");
    check_mask(trigger, *field);
    pg::Params params;
    params.add_uuid(subject->tenant).add_uuid(subject->entity.id).add_uuid(*id);
    if (hides && exists("SELECT FROM pgwright.row_rules WHERE tenant_id = $1 AND entity_id <> $2 "
                        "AND $3 = ANY (field_ids)",
                        params))
        refuse("field_id", "is used by the row rules of another entity and cannot be hidden");
    return trigger.proceed();
}

// Synthesis --------------------------------------------------------------------------------------

void synthesise_all(std::string_view sql, const pg::Params& params) {
    std::vector<std::pair<Uuid, Uuid>> entities;
    {
        Scope scope(Rights::engine);
        pg::FreshSnapshot snapshot;
        const pg::Result result = pg::execute(sql, params, true);
        for (std::size_t i = 0; i < result.rows(); ++i)
            entities.emplace_back(result.row(i).uuid(0), result.row(i).uuid(1));
    }
    // In the order of the ids, as publishers lock them.
    for (const auto& [tenant, entity] : entities) synthesise_access(tenant, entity);
}

void synthesise_for(const pg::Value& entity, const pg::Value& tenant) {
    pg::Params params;
    const auto add = [&](const pg::Value& value) {
        if (value.is_null)
            params.add_null(UUIDOID);
        else
            params.add_uuid(pg::uuid_from_datum(value.datum));
    };
    add(entity);
    add(tenant);
    synthesise_all(
        "SELECT e.tenant_id, e.id FROM pgwright.entity_definitions e"
        " WHERE e.tenant_id IS NOT NULL AND NOT e.is_deleted AND e.status <> 'draft'"
        "   AND ($1 IS NULL OR e.id = $1) AND ($2 IS NULL OR e.tenant_id = $2) ORDER BY e.id",
        params);
}

// A grant of every entity counts only where it makes a difference to policies: at scope own.
bool matters(const pg::Trigger& trigger, bool after) {
    const AttrNumber scope = trigger.attribute("scope");
    const AttrNumber entity = trigger.attribute("entity_id");
    if (scope == InvalidAttrNumber) return true;
    const auto value = [&](AttrNumber at) {
        return after ? trigger.new_value(at) : trigger.old_value(at);
    };
    if (!value(entity).is_null) return true;
    return pg::varlena_view(value(trigger.attribute("resource")).datum) == "*" &&
           pg::varlena_view(value(scope).datum) == "own";
}

void synthesise(const pg::Trigger& trigger) {
    const AttrNumber entity = trigger.attribute("entity_id");
    const AttrNumber tenant = trigger.attribute("tenant_id");
    if (entity == InvalidAttrNumber) {  // a role that gets another name
        pg::Params params;
        params.add_uuid(pg::uuid_from_datum(trigger.new_value(trigger.attribute("id")).datum));
        return synthesise_all(
            "SELECT DISTINCT tenant_id, entity_id FROM pgwright.row_rules WHERE role_id = $1 ORDER "
            "BY entity_id",
            params);
    }
    const bool had = !trigger.inserting() && matters(trigger, false);
    const bool has = !trigger.deleting() && matters(trigger, true);
    if (had) synthesise_for(trigger.old_value(entity), trigger.old_value(tenant));
    if (has) synthesise_for(trigger.new_value(entity), trigger.new_value(tenant));
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_TRIGGER(pgwright_check_row_rule) { return pgwright::schema::check_row_rule(trigger); }

PGWRIGHT_TRIGGER(pgwright_check_field_rule) { return pgwright::schema::check_field_rule(trigger); }

PGWRIGHT_TRIGGER(pgwright_synthesise_access) {
    pgwright::schema::synthesise(trigger);
    return pgwright::pg::return_void();
}
