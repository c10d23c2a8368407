// What access makes of policies; conditions of rules, with placeholders and other entities' fields;
// contradictions; the entity as a role with field rules knows it.
#include <catch2/catch.hpp>

#include "core/condition_check.hpp"
#include "core/field_rule.hpp"
#include "core/policy.hpp"
#include "core/query_write.hpp"
#include "core/sql_builder.hpp"
#include "design_samples.hpp"

using namespace pgwright::core;

namespace {

Field field(const std::string& name, FieldType type) {
    Field made;
    made.id = sample::id_of(name);
    made.name = name;
    made.type = type;
    set_type_oids(made);
    return made;
}

Entity company() {
    Entity entity;
    entity.id = sample::id_of("company");
    entity.tenant_id = sample::id_of("tenant");
    entity.name = entity.resource = entity.table = "company";
    entity.schema = "t_demo";
    entity.fields = {field("owner_id", FieldType::uuid), field("name", FieldType::string)};
    return entity;
}

Entity deal() {
    Entity entity = company();
    entity.id = sample::id_of("deal");
    entity.name = entity.resource = entity.table = "deal";
    entity.fields = {field("title", FieldType::string), field("company_id", FieldType::lookup),
                     field("stage", FieldType::string), field("amount", FieldType::integer),
                     field("due", FieldType::date)};
    entity.fields[0].required = true;
    entity.fields[1].reference =
        Reference{sample::id_of("company"), "company", "t_demo", "company"};
    for (const Field& id : leading_system_fields()) entity.fields.push_back(id);
    for (const Field& stamp : trailing_system_fields(true)) entity.fields.push_back(stamp);
    return entity;
}

ConditionContext rules() {
    ConditionContext context;
    context.placeholders = true;
    context.find_related = [](const Entity& from, std::string_view name) {
        std::optional<Related> related;
        const Field* const lookup = find_lookup(from, name);
        if (lookup == nullptr || lookup->reference->entity != "company") return related;
        related.emplace();
        related->near = lookup;
        related->is_lookup = true;
        related->target = std::make_shared<const Entity>(company());
        return related;
    };
    return context;
}

std::string predicate(const std::string& json) {
    const Entity entity = deal();
    SqlBuilder builder(entity, "\"deal\"");
    return builder.predicate(parse_condition(parse_json(json), entity, "condition", rules()));
}

std::string fault(const std::string& json, const ConditionContext& context = rules()) {
    try {
        parse_condition(parse_json(json), deal(), "condition", context);
    } catch (const Failure& failure) {
        return failure.faults().front().field + ": " + failure.faults().front().message;
    }
    return "";
}

std::string never(const std::string& json) {
    const Entity entity = deal();
    return why_never(parse_condition(parse_json(json), entity, "condition", rules())).value_or("");
}

std::string policy(const Entity& entity, std::size_t at) { return plan_policies(entity).at(at).up; }

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a placeholder is evaluated once for a statement", "[access]") {
    CHECK(predicate(R"({"field":"created_by","operator":"eq","value":"{current_user_id}"})") ==
          R"("deal"."created_by" = (SELECT pgwright.user_id()))");
    CHECK(predicate(R"({"field":"stage","operator":"in","value":"{current_user_roles}"})") ==
          R"("deal"."stage" = ANY ((SELECT pgwright.role_names())::text[]))");
    CHECK(predicate(R"({"field":"stage","operator":"ne","value":"{current_user_department}"})") ==
          R"(("deal"."stage" = (SELECT pgwright.user_department())) IS NOT TRUE)");
    CHECK(predicate(R"({"field":"due","operator":"lt","value":"{today}"})") ==
          R"("deal"."due" < (SELECT (now() AT TIME ZONE 'UTC')::date))");
}

TEST_CASE("a placeholder goes with fields of its kind only", "[access]") {
    CHECK(fault(R"({"field":"amount","operator":"eq","value":"{current_user_id}"})") ==
          "condition.value: {current_user_id} does not compare with fields of type integer");
    CHECK(fault(R"({"field":"stage","operator":"eq","value":"{current_user_roles}"})") ==
          "condition.value: {current_user_roles} goes with in and not_in only");
    CHECK(fault(R"({"field":"stage","operator":"contains","value":"{current_user_email}"})") ==
          "condition.value: {current_user_email} cannot be searched for");
    CHECK(fault(R"({"field":"stage","operator":"eq","value":"{nobody}"})").empty());
}

TEST_CASE("without leave a placeholder is a text and a dotted field unknown", "[access]") {
    const Entity entity = deal();
    SqlBuilder builder(entity);
    CHECK(builder.predicate(parse_condition(parse_json(R"({"stage":"{current_user_id}"})"), entity,
                                            "filters")) == R"(r."stage" = $1)");
    CHECK(fault(R"({"company.name":"x"})", {}) == "condition.company.name: unknown field");
}

TEST_CASE("a dotted field looks into the record that is referred to", "[access]") {
    const std::string way =
        R"(EXISTS (SELECT FROM "t_demo"."company" x1 WHERE x1."id" = "deal"."company_id" AND x1."deleted_at" IS NULL AND )";
    CHECK(
        predicate(R"({"field":"company.owner_id","operator":"eq","value":"{current_user_id}"})") ==
        way + R"(x1."owner_id" = (SELECT pgwright.user_id())))");
    CHECK(predicate(R"({"field":"company_id.name","operator":"ne","value":"x"})") ==
          "NOT " + way + R"(x1."name" = 'x'::text))");
    CHECK(predicate(R"({"field":"company.name","operator":"is_null"})") ==
          "NOT " + way + R"(x1."name" IS NOT NULL))");
    CHECK(fault(R"({"company.nothing":1})") == "condition.company.nothing: unknown field");
    CHECK(fault(R"({"stage.name":1})") == "condition.stage.name: unknown field");
}

TEST_CASE("a rule tells the fields it uses, and follows their names", "[access]") {
    const Entity entity = deal();
    const Json json = parse_json(
        R"({"operator":"OR","conditions":[{"field":"company.owner_id","operator":"eq","value":"{current_user_id}"},
            {"operator":"AND","conditions":[{"field":"stage","operator":"eq","value":"won"}]}]})");
    const Condition condition = parse_condition(json, entity, "condition", rules());
    CHECK(fields_of(condition) == std::vector<std::string>{"company_id", "stage"});
    CHECK(field_ids_of(condition) == std::vector<Uuid>{sample::id_of("company_id"),
                                                       sample::id_of("owner_id"),
                                                       sample::id_of("stage")});
    const Json renamed =
        rename_fields(json, entity, rules(),
                      {{sample::id_of("owner_id"), "keeper"}, {sample::id_of("stage"), "state"}});
    CHECK(has(renamed.dump(), R"("field":"company.keeper")"));
    CHECK(has(renamed.dump(), R"("field":"state")"));
    CHECK(has(renamed.dump(), R"("value":"won")"));
}

TEST_CASE("contradictions are told", "[access]") {
    CHECK(never(R"({"operator":"AND","conditions":[{"field":"stage","operator":"eq","value":"a"},
                    {"field":"stage","operator":"eq","value":"b"}]})") ==
          "stage cannot be all of that at once");
    CHECK(never(R"({"field":"title","operator":"is_null"})") == "title is required and never null");
    CHECK(never(R"({"operator":"AND","conditions":[{"field":"amount","operator":"gt","value":9},
                    {"field":"amount","operator":"lt","value":3}]})") ==
          "amount cannot be above the one bound and below the other");
    CHECK(never(R"({"operator":"AND","conditions":[{"field":"stage","operator":"is_null"},
                    {"field":"stage","operator":"eq","value":"b"}]})") ==
          "stage cannot be null and have a value");
    CHECK(never(R"({"operator":"OR","conditions":[{"field":"title","operator":"is_null"},
                    {"field":"stage","operator":"eq","value":"b"}]})")
              .empty());
    CHECK(
        never(R"({"field":"stage","operator":"eq","value":"{current_user_department}"})").empty());
}

// Policies ---------------------------------------------------------------------------------------

TEST_CASE("without scopes and rules a policy looks at no column", "[access]") {
    const Entity entity = deal();
    for (std::size_t i = 0; i < 4; ++i) CHECK_FALSE(has(policy(entity, i), "created_by"));
    CHECK(row_predicate(entity, Action::update).empty());
    CHECK(access_columns(entity) == std::vector<std::string>{"deleted_at"});
}

TEST_CASE("the scope own is one more way to a row", "[access]") {
    Entity entity = deal();
    entity.access.read.own = true;
    CHECK(has(policy(entity, 0), "(SELECT pgwright.tenant_with_some('deal:read'))"));
    CHECK(has(policy(entity, 0),
              "((SELECT pgwright.has_permission('deal:read'))\n             OR (SELECT "
              "pgwright.has_permission('deal:read:own')) AND \"created_by\" = (SELECT "
              "pgwright.user_id()))"));
    CHECK_FALSE(has(policy(entity, 1), "created_by"));
}

TEST_CASE("a row rule is asked of those who hold its role", "[access]") {
    Entity entity = deal();
    entity.access.update.rules = {{"rep", "\"deal\".\"stage\" = 'new'::text", {"stage"}}};
    CHECK(row_predicate(entity, Action::update) ==
          "(SELECT pgwright.has_rule('rep:deal:update:tenant')) AND (\"deal\".\"stage\" = "
          "'new'::text)");
    CHECK(has(policy(entity, 2), "pgwright.has_rule('rep:deal:update:tenant')"));
    CHECK_FALSE(has(policy(entity, 0), "has_rule"));
    CHECK(access_columns(entity) == std::vector<std::string>{"deleted_at", "stage"});
    entity.access.update.own = true;
    CHECK(has(row_predicate(entity, Action::update), "pgwright.has_rule('rep:deal:update:own')"));
}

TEST_CASE("what everybody reads is live", "[access]") {
    Entity entity = deal();
    entity.access.public_read = "\"deal\".\"stage\" = 'won'::text";
    CHECK(
        has(policy(entity, 0), "OR \"deleted_at\" IS NULL AND (\"deal\".\"stage\" = 'won'::text)"));
    CHECK(
        has(policy(entity, 2), "'won'"));  // seen, so that a change is refused and not passed over
    CHECK_FALSE(has(policy(entity, 1), "'won'"));
}

// Field rules ------------------------------------------------------------------------------------

namespace {

FieldRules hides(const std::string& name, FieldMode mode, Mask mask = Mask::constant) {
    return {{sample::id_of(name), {sample::id_of("deal"), sample::id_of(name), mode, mask, ""}}};
}

}  // namespace

TEST_CASE("of several roles the mildest rule counts", "[access]") {
    CHECK(mildest({hides("stage", FieldMode::hidden), {}}).empty());
    CHECK(mildest({hides("stage", FieldMode::hidden), hides("stage", FieldMode::readonly)})
              .begin()
              ->second.mode == FieldMode::readonly);
    CHECK(mildest({hides("stage", FieldMode::hidden), hides("amount", FieldMode::hidden)}).empty());
    CHECK(mildest({}).empty());
}

TEST_CASE("a hidden field is not there, nor what is calculated of it", "[access]") {
    Entity entity = deal();
    Field twice = field("twice", FieldType::integer);
    twice.formula = "amount * 2";
    twice.formula_fields = {"amount"};
    entity.fields.push_back(twice);
    entity.default_sort = "amount:asc";
    entity.search_fields = {"stage", "amount"};
    const Entity view = restricted(entity, hides("amount", FieldMode::hidden));
    CHECK(view.search_fields == std::vector<std::string>{"stage"});
    CHECK(view.find("amount") == nullptr);
    CHECK(view.find("twice") == nullptr);
    CHECK(view.default_sort.empty());
    CHECK_FALSE(has(compile_get(view, Json::string("x")).sql, "amount"));
    CHECK_THROWS_AS(parse_condition(parse_json(R"({"amount":1})"), view, "filters"), Failure);
}

TEST_CASE("a masked field is read as a mask and neither compared nor sorted by", "[access]") {
    Entity entity = deal();
    entity.search_fields = {"stage"};
    CHECK(restricted(entity, hides("stage", FieldMode::readonly)).search_fields.size() == 1);
    const Entity view = restricted(entity, hides("stage", FieldMode::masked, Mask::last4));
    CHECK(view.search_fields.empty());
    const std::string sql = compile_get(view, Json::string("x")).sql;
    CHECK(has(sql, "right((r.\"stage\")::text, 4)"));
    CHECK_FALSE(has(sql, ", r.\"stage\","));
    CHECK_THROWS_AS(parse_condition(parse_json(R"({"stage":"x"})"), view, "filters"), Failure);
    CHECK_THROWS_AS(parse_sort("stage", view), Failure);
    CHECK(view.find("stage")->readonly);
}

TEST_CASE("a list of one author's records says so, for page and total", "[access]") {
    ListRequest request;
    request.author = sample::id_of("ann");
    const Statement statement = compile_list(deal(), request);
    const std::string where = R"(WHERE r."deleted_at" IS NULL AND r."created_by" = $1)";
    CHECK(statement.sql.find(where) != statement.sql.rfind(where));
    CHECK(statement.parameters.at(0).values.at(0).text() == sample::id_of("ann").to_string());
}

TEST_CASE("what is written once is changed only while it is null", "[access]") {
    const Entity view = restricted(deal(), hides("stage", FieldMode::write_once));
    CHECK(has(compile_update(view, Json::string("x"), parse_json(R"({"stage":"a"})")).sql,
              R"(AND (r."stage" IS NULL OR r."stage" IS NOT DISTINCT FROM $3))"));
}
