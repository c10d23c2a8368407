// Calculated fields: their definitions, and what becomes of their formulas.
#include <catch2/catch.hpp>

#include "core/ddl.hpp"
#include "core/expression.hpp"
#include "core/query.hpp"
#include "core/value_check.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;
using sample::field;

namespace {

Field calculated(std::string_view name, FieldType type, std::string_view formula) {
    Field made = field(name, type);
    made.formula = formula;
    made.readonly = true;
    return made;
}

std::string listed(const Faults& faults) {
    std::string lines;
    for (const Fault& each : faults.list())
        lines += (lines.empty() ? "" : "\n") + each.field + ": " + each.message;
    return lines;
}

// The faults of an entity with these fields, as JSON.
std::string entity_faults(const std::string& fields) {
    Faults faults;
    (void)parse_entity_definition(parse_json(R"({"name":"deal","fields":[)" + fields + "]}"),
                                  faults);
    return listed(faults);
}

// Those of a calculated field beside an amount and a day.
std::string faults_with(const std::string& type, const std::string& members) {
    return entity_faults(R"({"name":"amount","field_type":"currency"},
        {"name":"day","field_type":"date"},{"name":"f","field_type":")" +
                         type + R"(",)" + members + "}");
}
std::string faults_of(const std::string& type, const std::string& formula,
                      const std::string& more = "") {
    return faults_with(type,
                       R"("is_calculated":true,"calculation_formula":")" + formula + "\"" + more);
}

Entity deal() {
    Entity entity;
    entity.name = entity.table = entity.resource = "deal";
    entity.schema = "t_demo";
    entity.tenant_id = Uuid{};
    entity.fields = {
        field("quantity", FieldType::integer),
        field("price", FieldType::currency),
        calculated("net", FieldType::decimal, "quantity * price"),
        calculated("gross", FieldType::currency, "net * 1.19"),
        calculated("is_late", FieldType::boolean, "created_at < now()"),
        calculated("note", FieldType::text, "if(is_late, 'late: ', '') || to_text(gross)"),
    };
    entity.fields[3].decimal_places = 2;
    compile_formulas(entity);
    return entity;
}

}  // namespace

// Definitions ------------------------------------------------------------------------------------

TEST_CASE("a calculated field has a formula, and a formula a calculated field", "[formula]") {
    CHECK(faults_of("decimal", "amount * 2").empty());
    CHECK(faults_with("decimal", R"("is_calculated":true)") ==
          "fields[2].calculation_formula: is required for a calculated field");
    CHECK(faults_with("decimal", R"("calculation_formula":"amount")") ==
          "fields[2].is_calculated: must be true for a field with a calculation_formula");
    CHECK(faults_of("decimal", " ") == "fields[2].calculation_formula: must not be empty");
    CHECK(faults_with("decimal", R"("is_calculated":false)").empty());
}

TEST_CASE("a calculated field is read-only and gets its value from nothing else", "[formula]") {
    Faults faults;
    const FieldDefinition made = parse_field_definition(
        parse_json(
            R"({"name":"f","field_type":"integer","is_calculated":true,"calculation_formula":"1"})"),
        "", faults);
    CHECK(faults.empty());
    CHECK(made.field.readonly);
    CHECK(made.field.formula == "1");
    CHECK(faults_of("decimal", "1", R"(,"is_required":true,"default_value":1)") ==
          "fields[2].is_required: is not for a calculated field\n"
          "fields[2].default_value: is not for a calculated field");
    CHECK(faults_of("date", "day", R"(,"default_expression":"today")") ==
          "fields[2].default_expression: is not for a calculated field");
    CHECK(faults_of("decimal", "1", R"(,"is_readonly":false)") ==
          "fields[2].is_readonly: contradicts is_calculated");
    CHECK(faults_of("json", "null") ==
          "fields[2].field_type: must not be json for a calculated field");
    CHECK(faults_of("lookup", "null", R"(,"reference_entity":"users")") ==
          "fields[2].field_type: must not be lookup for a calculated field");
}

TEST_CASE("every fault of a formula is told where the formula stands", "[formula]") {
    CHECK(faults_of("decimal", "amont * dya") ==
          "fields[2].calculation_formula: character 1: there is no field \"amont\"\n"
          "fields[2].calculation_formula: character 9: there is no field \"dya\"");
    CHECK(faults_of("decimal", "amount *") ==
          "fields[2].calculation_formula: character 9: expects a value, not the end");
    CHECK(faults_of("integer", "amount") ==
          "fields[2].calculation_formula: gives a number, but the field's type is integer; round "
          "it with to_integer()");
}

TEST_CASE("a formula may use every field of the table", "[formula]") {
    CHECK(faults_of("integer", "date_diff(created_at, updated_at, 'day')").empty());
    CHECK(faults_of("boolean", "is_null(deleted_at) and created_by = updated_by").empty());
}

TEST_CASE("only what has a column is unique or indexed", "[formula]") {
    CHECK(faults_of("decimal", "amount * 2", R"(,"is_unique":true,"is_indexed":true)").empty());
    const std::string message =
        "is not for a field that is computed when it is read; its formula depends on more than "
        "the record";
    CHECK(faults_of("boolean", "day < today()", R"(,"is_unique":true,"is_indexed":true)") ==
          "fields[2].is_unique: " + message + "\nfields[2].is_indexed: " + message);
}

TEST_CASE("a cycle is told on each of its fields, and names them", "[formula]") {
    const auto made = [](const std::string& name, const std::string& formula) {
        return R"({"name":")" + name +
               R"(","field_type":"decimal","is_calculated":true,"calculation_formula":")" +
               formula + "\"}";
    };
    CHECK(entity_faults(made("a", "a + 1")) ==
          "fields[0].calculation_formula: uses itself: a -> a");
    CHECK(entity_faults(made("a", "b + 1") + "," + made("b", "c") + "," + made("c", "2 * a") + "," +
                        made("d", "a")) ==
          "fields[0].calculation_formula: uses itself: a -> b -> c -> a\n"
          "fields[1].calculation_formula: uses itself: b -> c -> a -> b\n"
          "fields[2].calculation_formula: uses itself: c -> a -> b -> c");
}

TEST_CASE("formulas that multiply when they are written out have a limit", "[formula]") {
    std::vector<Field> fields = {field("x", FieldType::decimal)};
    std::string last = "x";
    for (int i = 0; i < 40; ++i) {
        const std::string name = "f" + std::to_string(i);
        fields.push_back(calculated(name, FieldType::decimal, last + " + " + last + " * 2"));
        last = name;
    }
    const std::vector<std::string> paths(fields.size(), "p.");
    Faults faults;
    check_formulas(fields, paths, faults);
    REQUIRE(faults.list().size() == 1);
    CHECK(faults.list()[0].message ==
          "must have at most 2000 values, operators and calls together with the calculated fields "
          "it uses");
    compile_formulas(fields);
    CHECK(fields.back().formula_sql == "NULL::numeric");
    CHECK_FALSE(fields.back().stored);
    CHECK(fields[1].stored);
}

// What becomes of them ---------------------------------------------------------------------------

TEST_CASE("a formula of the record alone is stored, with those it uses written out", "[formula]") {
    const Entity entity = deal();
    const Field& net = *entity.find("net");
    CHECK(net.stored);
    CHECK(net.formula_sql == "\"quantity\" * \"price\"");
    CHECK(net.read_sql == "r.\"quantity\" * r.\"price\"");
    const Field& gross = *entity.find("gross");
    CHECK(gross.stored);
    CHECK(gross.formula_sql == "round((\"quantity\" * \"price\") * 1.19, 2)");
    CHECK(gross.formula_fields == std::vector<std::string>{"net", "price", "quantity"});
}

TEST_CASE("any other is computed at read, and so is what uses it", "[formula]") {
    const Entity entity = deal();
    CHECK_FALSE(entity.find("is_late")->has_column());
    CHECK(entity.find("is_late")->read_sql == "r.\"created_at\" < now()");
    const Field& note = *entity.find("note");
    CHECK_FALSE(note.has_column());
    // It reads the columns of the stored ones.
    CHECK(note.read_sql ==
          "CASE WHEN (r.\"created_at\" < now()) THEN 'late: ' ELSE '' END || r.\"gross\"::text");
    CHECK(note.formula_fields ==
          std::vector<std::string>{"created_at", "gross", "is_late", "net", "price", "quantity"});
}

TEST_CASE("a table that is not ours gets no columns", "[formula]") {
    Entity entity = deal();
    entity.generated = false;
    entity.fields.push_back(field("created_at", FieldType::datetime));
    compile_formulas(entity);
    CHECK_FALSE(entity.find("net")->has_column());
    CHECK(entity.find("gross")->read_sql == "round((r.\"quantity\" * r.\"price\") * 1.19, 2)");
}

TEST_CASE("a formula with a fault reads as null", "[formula]") {
    std::vector<Field> fields = {calculated("a", FieldType::date, "b"),
                                 calculated("b", FieldType::integer, "1 +"),
                                 calculated("c", FieldType::integer, "c")};
    compile_formulas(fields);
    CHECK(fields[0].read_sql == "NULL::date");
    CHECK(fields[1].read_sql == "NULL::integer");
    CHECK(fields[2].read_sql == "NULL::integer");
    CHECK_FALSE(fields[0].has_column());
}

TEST_CASE("compiling anew finds anew what is stored", "[formula]") {
    std::vector<Field> fields = {field("day", FieldType::date),
                                 calculated("a", FieldType::boolean, "day < today()"),
                                 calculated("b", FieldType::boolean, "not a")};
    compile_formulas(fields);
    CHECK_FALSE(fields[2].stored);
    fields[1].formula = "is_null(day)";
    compile_formulas(fields);
    CHECK(fields[1].stored);
    CHECK(fields[2].stored);
    CHECK(fields[2].formula_sql == "NOT ((\"day\" IS NULL))");
}

TEST_CASE("the table has generated columns for what is stored and none for the rest", "[formula]") {
    const std::string script = plan_create(deal()).up_script();
    CHECK(script.find("\"gross\"      numeric                  GENERATED ALWAYS AS "
                      "(round((\"quantity\" * \"price\") * 1.19, 2)) STORED") != std::string::npos);
    CHECK(script.find("COMMENT ON COLUMN \"t_demo\".\"deal\".\"gross\"") != std::string::npos);
    CHECK(script.find("deal_gross_scale") != std::string::npos);
    CHECK(script.find("is_late") == std::string::npos);
    CHECK(script.find("note") == std::string::npos);
}

TEST_CASE("what is computed at read is selected, filtered and sorted by its formula", "[formula]") {
    Entity entity = deal();
    entity.soft_delete = false;
    entity.fields.insert(entity.fields.begin(), field("id", FieldType::uuid));
    ListRequest request;
    request.filter = parse_condition(
        parse_json(R"({"field":"is_late","operator":"eq","value":true})"), entity, "filters");
    request.sort = parse_sort("-is_late,gross", entity);
    const std::string sql = compile_list(entity, request).sql;
    CHECK(sql.find("(r.\"created_at\" < now()) AS \"is_late\"") != std::string::npos);
    CHECK(sql.find("WHERE (r.\"created_at\" < now()) = $1") != std::string::npos);
    CHECK(sql.find("ORDER BY (r.\"created_at\" < now()) DESC NULLS LAST, r.\"gross\" ASC") !=
          std::string::npos);
}

TEST_CASE("nobody writes a calculated field", "[formula]") {
    Faults faults;
    check_record(deal(), parse_json(R"({"quantity":1,"net":5,"is_late":null})"), WriteKind::create,
                 faults, 3);
    CHECK(listed(faults) == "net: is calculated\nis_late: is calculated");
    CHECK(faults.list()[0].index == 3);
}
