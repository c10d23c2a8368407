// Patterns and validation rules of fields: their definitions, their constraints, and what becomes of them
// when fields change.
#include <catch2/catch.hpp>

#include "core/ddl.hpp"
#include "core/drift.hpp"
#include "core/expression.hpp"
#include "core/table_part.hpp"
#include "core/validation_rule.hpp"
#include "core/value_check.hpp"
#include "edited_definition.hpp"

using namespace pgwright::core;
using namespace pgwright::core::sample;

namespace {

const std::string kCost = R"({"name":"cost","field_type":"currency"},)";

std::string price_with(const std::string& rules) {
    return kCost + R"({"name":"price","field_type":"currency","validation_rules":[)" + rules + "]}";
}

std::string rule(const std::string& expression, const std::string& name = "above_cost") {
    return R"({"name":")" + name + R"(","expression":")" + expression +
           R"(","message":"must not be below the cost"})";
}

const std::string kAboveCost = rule("price >= cost");

std::string entity_faults(const std::string& fields) {
    Faults faults;
    (void)parse_entity_definition(parse_json(R"({"name":"deal","fields":[)" + fields + "]}"),
                                  faults);
    return text_of(faults.list());
}

// Of one rule of "price", whose path it leaves out.
std::string expression_fault(const std::string& expression, const std::string& more = "") {
    const std::string path = "fields[1].validation_rules[0].expression ";
    const std::string fault = entity_faults(price_with(rule(expression)) + more);
    return fault.starts_with(path) ? fault.substr(path.size()) : fault;
}

Design compiled(const std::string& fields, const std::vector<Names>& renames = {}) {
    Design design = design_of(fields, renames);
    compile_formulas(design.entity);
    return design;
}

Change change_of(const Migration& migration, std::string_view operation) {
    for (const Change& each : migration.changes)
        if (each.operation == operation) return each;
    FAIL("no " << operation << " in " << operations(migration));
    return {};
}

Field coded(const std::string& pattern) {
    Field field;
    field.name = field.label = "code";
    field.type = FieldType::string;
    set_type_oids(field);
    set_pattern(field, pattern);
    return field;
}

}  // namespace

// Patterns ---------------------------------------------------------------------------------------

TEST_CASE("a pattern is for texts and items that are", "[pattern]") {
    const auto faults = [](const std::string& members) {
        return entity_faults(R"({"name":"f",)" + members + "}");
    };
    for (const auto* type : {"string", "text", "email", "url", "phone"})
        CHECK(faults(std::string(R"("pattern":"^a","field_type":")") + type + "\"").empty());
    CHECK(faults(R"("pattern":"^a","field_type":"array","item_type":"string")").empty());
    for (const auto* type : {"integer", "boolean", "json", "rich_text"})
        CHECK(faults(std::string(R"("pattern":"^a","field_type":")") + type + "\"") ==
              "fields[0].pattern is not for a field of type " + std::string(type));
    CHECK(faults(R"("pattern":"a(","field_type":"string")") ==
          "fields[0].pattern character 3: something must stand here");
    CHECK(faults(R"("pattern":5,"field_type":"string")") ==
          "fields[0].pattern must be a string, not number");
    CHECK(faults(R"("pattern":"","field_type":"string")") == "fields[0].pattern must not be empty");
}

TEST_CASE("defaults and allowed values fit the pattern", "[pattern]") {
    const auto faults = [](const std::string& members) {
        return entity_faults(R"({"name":"f","field_type":"string","pattern":"^[A-Z]+$",)" +
                             members + "}");
    };
    CHECK(faults(R"("default_value":"AB")").empty());
    CHECK(faults(R"("default_value":"ab")") ==
          "fields[0].default_value must match the pattern ^[A-Z]+$");
    CHECK(faults(R"("allowed_values":["A","b"])") ==
          "fields[0].allowed_values[1] must match the pattern ^[A-Z]+$");
}

TEST_CASE("values are matched before the server is asked, and by a constraint", "[pattern]") {
    const Field code = coded(R"(^\d+$)");
    CHECK_FALSE(fault_of_value(code, Json::string("123")));
    CHECK(fault_of_value(code, Json::string("12a")) == R"(must match the pattern ^\d+$)");
    Field list = code;
    list.type = FieldType::array;
    list.item_type = FieldType::string;
    set_type_oids(list);
    CHECK(fault_of_value(list, parse_json(R"(["1","x"])")) ==
          R"(item [1] must match the pattern ^\d+$)");

    Entity entity;
    entity.name = entity.table = "deal";
    entity.schema = "t_demo";
    entity.tenant_id = Uuid{};
    entity.fields = {code};
    const auto parts = checks_of(entity);
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].name == "deal_code_pattern");
    CHECK(parts[0].predicate == R"("code" ~ '^[0-9]+$')");
    CHECK(explain_constraint(entity, "deal_code_pattern").message ==
          R"(must match the pattern ^\d+$)");
    entity.fields = {list};
    const auto of_items = checks_of(entity);
    CHECK(of_items.back().predicate == R"(pgwright.items_match("code", '^[0-9]+$'))");
    CHECK(explain_constraint(entity, "deal_code_pattern").message ==
          R"(each item must match the pattern ^\d+$)");
}

TEST_CASE("texts that take too long to match are the constraint's alone", "[pattern]") {
    const Field code = coded("^(a{0,100}b?){2}$");
    CHECK(fault_of_value(code, Json::string(std::string(1000, 'x'))));
    CHECK_FALSE(fault_of_value(code, Json::string(std::string(1000000, 'x'))));
}

TEST_CASE("a changed pattern asks the rows", "[pattern]") {
    const std::string field = R"({"name":"code","field_type":"string")";
    const Migration migration =
        alter(design_of(field + "}"), design_of(field + R"(,"pattern":"^[A-Z]+$"})"));
    CHECK(operations(migration) == "add_check");
    const Change& added = migration.changes[0];
    CHECK(added.object == "deal_code_pattern");
    CHECK(added.field == "code");
    REQUIRE(added.probes.size() == 1);
    CHECK(added.probes[0].kind == Probe::Kind::violates);
    CHECK(added.probes[0].sql.find(R"(NOT ("code" ~ '^[A-Z]+$'))") != std::string::npos);
    const Migration back =
        alter(design_of(field + R"(,"pattern":"^[A-Z]+$"})"), design_of(field + "}"));
    CHECK(operations(back) == "drop_check");
    CHECK(back.changes[0].down_probes.size() == 1);
}

TEST_CASE("a new type keeps a pattern that it can have", "[pattern]") {
    EntityDefinition definition = defined(
        R"({"name":"deal","fields":[{"name":"code","field_type":"string","pattern":"^a"}]})");
    const auto change = [&](const std::string& json) {
        return faults_of(definition, [&](EntityDefinition& edited, Faults& faults) {
            change_field(edited, id_of("code"), parse_json(json), faults);
        });
    };
    CHECK(change(R"({"field_type":"text"})").empty());
    CHECK(definition.fields[0].field.pattern == "^a");
    CHECK(change(R"({"field_type":"integer"})").empty());
    CHECK_FALSE(definition.fields[0].field.pattern);
}

// Rules: their definitions -------------------------------------------------------------------------

TEST_CASE("a rule is an expression with a message", "[rule]") {
    CHECK(entity_faults(price_with(kAboveCost)).empty());
    const auto faults = [](const std::string& rules) { return entity_faults(price_with(rules)); };
    CHECK(faults("3") ==
          "fields[1].validation_rules[0] must be an object of an expression and a message");
    CHECK(faults("{}") ==
          "fields[1].validation_rules[0].expression is required; "
          "fields[1].validation_rules[0].message is required");
    CHECK(faults(R"({"expression":" ","message":"","rule":"x"})") ==
          "fields[1].validation_rules[0].rule is not a property of a validation rule; "
          "fields[1].validation_rules[0].expression must not be empty; "
          "fields[1].validation_rules[0].message must not be empty");
    CHECK(faults(rule("price > 0", "Big"))
              .starts_with("fields[1].validation_rules[0].name must begin with a letter a-z"));
    CHECK(faults(rule("price > 0") + "," + rule("price > 1")) ==
          "fields[1].validation_rules[1].name is the name of another rule too");
    CHECK(entity_faults(R"({"name":"f","field_type":"text","validation_rules":{}})") ==
          "fields[0].validation_rules must be an array, not object");
    std::string many;
    for (int i = 0; i < 21; ++i)
        many += (i == 0 ? "" : ",") + rule("price > 0", "r" + std::to_string(i));
    CHECK(faults(many) == "fields[1].validation_rules must be at most 20");
}

TEST_CASE("rules without names get some", "[rule]") {
    const std::string nameless = R"({"expression":"price > 0","message":"m"})";
    const EntityDefinition definition =
        defined(R"({"name":"deal","fields":[)" +
                price_with(nameless + "," + rule("price > 1", "rule_1") + "," + nameless) + "]}");
    CHECK(rules_as_written(definition.fields[1].field).dump() ==
          R"([{"name":"rule_2","expression":"price > 0","message":"m"},)"
          R"({"name":"rule_1","expression":"price > 1","message":"must not be below the cost"},)"
          R"({"name":"rule_3","expression":"price > 0","message":"m"}])");
}

TEST_CASE("a rule is true or false, of the record's columns alone", "[rule]") {
    CHECK(expression_fault("price > 0 and cost is 1").starts_with("character "));
    CHECK(expression_fault("prise > 0") == "character 1: there is no field \"prise\"");
    CHECK(expression_fault("price + cost") == "must be true or false; compare the value");
    CHECK(expression_fault("null") == "is null of every record");
    CHECK(expression_fault("created_at < now()") ==
          "character 14: now() changes with time; a rule is checked when the record is written, "
          "and must stay as true as it was then");
    CHECK(expression_fault("created_at >= updated_at or price > 0").empty());
    CHECK(expression_fault("upper('a') = 'A' or price > 0").empty());
    const std::string stored =
        R"(,{"name":"twice","field_type":"decimal","is_calculated":true,"calculation_formula":"cost * 2"})";
    CHECK(expression_fault("price < twice", stored).empty());
    const std::string read =
        R"-(,{"name":"late","field_type":"boolean","is_calculated":true,"calculation_formula":"created_at < now()"})-";
    CHECK(expression_fault("not late", read) ==
          "uses \"late\", which is computed when it is read and has no column");
    CHECK(
        entity_faults(
            R"-({"name":"late","field_type":"boolean","is_calculated":true,"calculation_formula":"created_at < now()","validation_rules":[{"expression":"true","message":"m"}]})-") ==
        "fields[0].validation_rules is not for a field that is computed when it is read");
}

TEST_CASE("all faults of rules are told at once", "[rule]") {
    CHECK(entity_faults(price_with(rule("price >", "a") + "," + rule("cost", "b") + "," +
                                   rule("price > 'x'", "c")))
              .find("validation_rules[0].expression") != std::string::npos);
    const std::string faults = entity_faults(
        price_with(rule("price >", "a") + "," + rule("cost", "b") + "," + rule("x > 1", "c")));
    for (const auto* path : {"[0].expression", "[1].expression", "[2].expression"})
        CHECK(faults.find("fields[1].validation_rules" + std::string(path)) != std::string::npos);
}

TEST_CASE("two rules do not make one constraint's name", "[rule]") {
    const auto field = [](const std::string& name, const std::string& rule_name) {
        return R"({"name":")" + name + R"(","field_type":"integer","validation_rules":[)" +
               rule("a > 0", rule_name) + "]}";
    };
    CHECK(entity_faults(field("a", "b_c") + "," + field("a_b", "c")) ==
          "fields[1].validation_rules[0].name gives the constraint the name that a rule of a "
          "gives its own: deal_a_b_c_rule");
    CHECK(entity_faults(field("a", "c") + "," + field("a_b", "c")).empty());
}

// Rules: the table ---------------------------------------------------------------------------------

TEST_CASE("a rule is a constraint, and the constraint's refusal its message", "[rule]") {
    const Design design = compiled(price_with(kAboveCost));
    const Migration migration = plan_create(design.entity);
    CHECK(migration.changes[0].up.find(
              R"(CONSTRAINT "deal_price_above_cost_rule" CHECK ("price" >= "cost"))") !=
          std::string::npos);
    const auto meaning = explain_constraint(design.entity, "deal_price_above_cost_rule");
    REQUIRE(meaning.field != nullptr);
    CHECK(meaning.field->name == "price");
    CHECK(meaning.message == "must not be below the cost");
    CHECK(explain_constraint(design.entity, "deal_price_other_rule").field == nullptr);
}

TEST_CASE("a rule uses the columns of stored calculated fields", "[rule]") {
    const Design design = compiled(
        price_with(rule("price < twice")) +
        R"(,{"name":"twice","field_type":"decimal","is_calculated":true,"calculation_formula":"cost * 2"})");
    CHECK(design.entity.find("price")->rules[0].sql == R"("price" < "twice")");
}

TEST_CASE("a new or another rule asks the rows", "[rule]") {
    const Migration added = alter(compiled(price_with("")), compiled(price_with(kAboveCost)));
    CHECK(operations(added) == "add_check");
    const Change& change = added.changes[0];
    CHECK(change.field == "price");
    REQUIRE(change.probes.size() == 1);
    CHECK(change.probes[0].message == "the record breaks the rule: must not be below the cost");
    CHECK(change.probes[0].sql.find(R"(NOT ("price" >= "cost"))") != std::string::npos);

    const Migration changed =
        alter(compiled(price_with(kAboveCost)), compiled(price_with(rule("price > cost + 1"))));
    CHECK(operations(changed) == "drop_check add_check");
    CHECK(changed.changes[0].down_probes.size() == 1);
    CHECK(operations(alter(compiled(price_with(kAboveCost)), compiled(price_with(kAboveCost)))) ==
          "");
    // Words for people are no part of the table.
    std::string reworded = kAboveCost;
    reworded.replace(reworded.find("must"), 4, "shall");
    CHECK(operations(alter(compiled(price_with(kAboveCost)), compiled(price_with(reworded)))) ==
          "");
}

TEST_CASE("a rule of columns without values can be broken too", "[rule]") {
    const std::string fresh = R"(,{"name":"fresh","field_type":"integer"})";
    const Migration migration =
        alter(compiled(price_with("")), compiled(price_with(rule("is_not_null(fresh)")) + fresh));
    CHECK(change_of(migration, "add_check").probes.size() == 1);
}

TEST_CASE("a rule that a back-fill touches is checked after it", "[rule]") {
    const Design design = compiled(price_with(kAboveCost));
    Surroundings surroundings;
    surroundings.backfill["cost"] = "5";
    const Migration migration = plan_alter(design, design, state_of(design), 2, 3, surroundings);
    CHECK(operations(migration) == "grant drop_check backfill add_check grant");
}

TEST_CASE("a rule's constraint follows the names of its fields", "[rule]") {
    const Design before = compiled(price_with(kAboveCost));
    const std::string after =
        R"({"name":"expense","field_type":"currency"},{"name":"value","field_type":"currency","validation_rules":[)" +
        rule("value >= expense") + "]}";
    const Migration migration =
        alter(before, compiled(after, {{"expense", "cost"}, {"value", "price"}}));
    CHECK(operations(migration).find("add_check") == std::string::npos);
    bool renamed = false;
    for (const Change& each : migration.changes)
        renamed = renamed || (each.operation == "rename_constraint" &&
                              each.object == "deal_value_above_cost_rule");
    CHECK(renamed);
}

TEST_CASE("a rule is made anew around a column that is", "[rule]") {
    const std::string text = R"({"name":"cost","field_type":"text"},)";
    const std::string price = R"({"name":"price","field_type":"currency","validation_rules":[)";
    const Migration migration =
        alter(compiled(text + price + rule("price >= to_number(cost)") + "]}"),
              compiled(price_with(kAboveCost)));
    std::string dropped;
    std::string added;
    for (const Change& each : migration.changes) {
        if (each.operation == "drop_check") dropped += each.object + ' ';
        if (each.operation == "add_check") added += each.object + ' ';
    }
    CHECK(dropped == "deal_price_above_cost_rule ");
    CHECK(added == "deal_cost_range deal_cost_scale deal_price_above_cost_rule ");
}

// Rules: edits and documents -----------------------------------------------------------------------

TEST_CASE("a renamed field is renamed in rules, and one that a rule uses is not removed",
          "[rule]") {
    EntityDefinition definition =
        defined(R"({"name":"deal","fields":[)" + price_with(kAboveCost) + "]}");
    CHECK(faults_of(definition, [](EntityDefinition& edited, Faults& faults) {
              change_field(edited, id_of("cost"), parse_json(R"({"name":"expense"})"), faults);
          }).empty());
    CHECK(definition.fields[1].field.rules[0].expression == "price >= expense");
    CHECK(faults_of(definition, [](EntityDefinition& edited, Faults& faults) {
              change_field(edited, id_of("price"), parse_json(R"({"name":"value"})"), faults);
          }).empty());
    CHECK(definition.fields[1].field.rules[0].expression == "value >= expense");
    try {
        remove_field(definition, id_of("cost"));
        FAIL("a used field was removed");
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::conflict);
        CHECK(text_of(failure.faults()) == "value uses the field in its rule above_cost");
    }
    remove_field(definition, id_of("price"));
    remove_field(definition, id_of("cost"));
}

TEST_CASE("another type of a field that a rule uses is judged", "[rule]") {
    EntityDefinition definition =
        defined(R"({"name":"deal","fields":[)" + price_with(kAboveCost) + "]}");
    CHECK(faults_of(definition,
                    [](EntityDefinition& edited, Faults& faults) {
                        change_field(edited, id_of("cost"), parse_json(R"({"field_type":"date"})"),
                                     faults);
                    }) ==
          "fields[1].validation_rules[0].expression character 7: >= cannot compare a number and a "
          "date; use date_add() or date_diff()");
}

TEST_CASE("rules and patterns survive being written and read", "[rule]") {
    const EntityDefinition definition = defined(
        R"({"name":"deal","fields":[{"name":"code","field_type":"string","pattern":"^\\d+$"},)" +
        price_with(kAboveCost) + "]}");
    const EntityDefinition read = parse_document(definition_document(definition));
    CHECK(document_of(read) == document_of(definition));
    CHECK(read.fields[0].field.pattern == R"(^\d+$)");
    CHECK(rules_as_written(read.fields[2].field).dump() ==
          rules_as_written(definition.fields[2].field).dump());
    CHECK(stored_rules(rules_as_written(definition.fields[2].field))[0].message ==
          "must not be below the cost");
}

// Drift ------------------------------------------------------------------------------------------

TEST_CASE("a rule or pattern that somebody dropped is missed, and can be given up", "[rule]") {
    const std::string fields =
        R"({"name":"code","field_type":"string","pattern":"^a"},)" + price_with(kAboveCost);
    const EntityDefinition definition = defined(R"({"name":"deal","fields":[)" + fields + "]}");
    const Design design = compiled(fields);
    TableState actual = state_of(design);
    for (ObjectState& each : actual.constraints)
        if (each.name == "deal_pkey") each.definition = "PRIMARY KEY (id)";
    std::erase_if(actual.constraints, [](const ObjectState& each) {
        return each.name.ends_with("_rule") || each.name.ends_with("_pattern");
    });
    const TableAccess access;
    const Surroundings surroundings;
    const DriftInput input{design, nullptr, actual, access, surroundings, 2};
    std::vector<Difference> missing;
    for (Difference& each : find_drift(input))
        if (each.kind == "missing_constraint") missing.push_back(std::move(each));
    REQUIRE(missing.size() == 2);
    CHECK(missing[0].object == "deal_code_pattern");
    CHECK(missing[1].object == "deal_price_above_cost_rule");
    CHECK(missing[1].field == "price");
    CHECK(missing[1].database.find(R"(CHECK ("price" >= "cost"))") != std::string::npos);
    const Adoption adoption =
        adopt_database(definition, input, missing, [] { return id_of("new"); });
    CHECK(adoption.left.empty());
    CHECK_FALSE(adoption.definition.fields[0].field.pattern);
    CHECK(adoption.definition.fields[2].field.rules.empty());
}
