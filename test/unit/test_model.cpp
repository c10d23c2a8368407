// Definitions as people write them, and the rules that hold for every definition.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "core/model.hpp"

using namespace pgwright::core;

namespace {

// "path: message; path: message", sorted by path.
std::string text_of(const Faults& faults) {
    std::vector<std::string> lines;
    for (const Fault& each : faults.list()) lines.push_back(each.field + ": " + each.message);
    std::sort(lines.begin(), lines.end());
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : "; ") + line;
    return text;
}

FieldDefinition good_field(std::string_view json) {
    Faults faults;
    FieldDefinition definition = parse_field_definition(parse_json(json), "", faults);
    INFO(text_of(faults));
    CHECK(faults.empty());
    return definition;
}

std::string field_faults(std::string_view json) {
    Faults faults;
    parse_field_definition(parse_json(json), "", faults);
    return text_of(faults);
}

// The faults of a field called f with those further members.
std::string faults_with(std::string_view type, std::string_view members) {
    return field_faults(R"({"name":"f","field_type":")" + std::string(type) + "\"," +
                        std::string(members) + "}");
}

std::string entity_faults(std::string_view json) {
    Faults faults;
    parse_entity_definition(parse_json(json), faults);
    return text_of(faults);
}

}  // namespace

TEST_CASE("a field needs a name and a type, the rest has defaults", "[model]") {
    const auto definition = good_field(R"({"name":"first_name","field_type":"string"})");
    CHECK(definition.field.label == "First name");
    CHECK(definition.field.type == FieldType::string);
    CHECK(definition.field.type_oid == 25);
    CHECK(definition.field.max_length == 255);
    CHECK_FALSE(definition.field.required);
    CHECK(definition.input_type == "text");
    CHECK(definition.metadata.is_object());
    CHECK(definition.field.rules.empty());
    CHECK(definition.allowed_values.is_null());

    CHECK(good_field(R"({"name":"price","field_type":"currency"})").field.decimal_places == 2);
    CHECK(field_faults("{}") == "field_type: is required; name: is required");
    CHECK(field_faults("[]") == ": must be an object");
}

TEST_CASE("a field keeps all that was said about it", "[model]") {
    const auto definition = good_field(
        R"({"name":"stage","label":"Stage of the deal","description":"d","help_text":"h","field_type":"string",
        "is_required":true,"is_unique":false,"is_indexed":true,"is_nullable":false,"max_length":20,"min_length":2,"default_value":"new",
        "allowed_values":[{"value":"new","label":"New"},{"value":"won"},"lost"],"display_order":3,"is_readonly":false,"is_calculated":false,
        "calculation_formula":null,"validation_rules":[],"input_type":"select","placeholder":"p","prefix":"$","suffix":"kg","metadata":{"a":1}})");
    CHECK(definition.field.label == "Stage of the deal");
    CHECK((definition.field.required && definition.field.indexed && !definition.field.unique));
    CHECK(definition.field.min_length == 2);
    CHECK(definition.field.default_value == "new");
    REQUIRE(definition.field.allowed_values.size() == 3);
    CHECK(definition.field.allowed_values[1].text() == "won");
    CHECK(definition.allowed_values.dump() ==
          R"([{"value":"new","label":"New"},{"value":"won"},"lost"])");
    CHECK(allowed_values_of(definition.allowed_values) == definition.field.allowed_values);
    CHECK(definition.display_order == 3);
    CHECK(definition.input_type == "select");
    CHECK(definition.metadata.dump() == R"({"a":1})");
}

TEST_CASE("unknown keys and what the server computes are faults", "[model]") {
    CHECK(faults_with(
              "text",
              R"("colour":"red","id":"x","data_type":"text","is_system":true,"created_at":null)") ==
          "colour: is not a property of a field; created_at: is set by the server; data_type: is "
          "set by the server; "
          "id: is set by the server; is_system: is set by the server");
    CHECK(
        entity_faults(
            R"({"name":"a","status":"published","version":2,"schema_name":"public","tables":[]})") ==
        "schema_name: is set by the server; status: is set by the server; tables: is not a "
        "property of an entity; version: is set by the server");
}

TEST_CASE("wrong kinds say what is expected", "[model]") {
    CHECK(
        field_faults(
            R"({"name":1,"label":true,"field_type":[],"is_required":"yes","max_length":"10","metadata":[],"allowed_values":{}})") ==
        "allowed_values: must be an array, not object; "
        "field_type: must be one of: string, text, integer, biginteger, decimal, currency, "
        "percentage, boolean, date, datetime, time, email, "
        "url, phone, json, uuid, lookup, array, enum, rich_text, file; "
        "is_required: must be true or false, not string; label: must be a string, not boolean; "
        "max_length: must be an integer from 1 to 10485760, not string; metadata: must be an "
        "object, not array; "
        "name: must be a string, not number");
    CHECK(faults_with("string", R"("max_length":1.5)") ==
          "max_length: must be an integer from 1 to 10485760");
    CHECK(faults_with("integer", R"("min_value":"low","max_value":true)") ==
          "max_value: must be a number, not boolean; min_value: must be a number of at most 1000 "
          "digits on either side of the point");
    CHECK(field_faults(R"({"name":"f","field_type":"other"})")
              .starts_with("field_type: must be one of"));
}

TEST_CASE("what is not available yet is refused, not ignored", "[model]") {
    CHECK(entity_faults(R"({"name":"a","is_versioned":true})") ==
          "is_versioned: is not supported yet");
    CHECK(entity_faults(R"({"name":"a","entity_type":"virtual"})") ==
          "entity_type: virtual is not supported yet");
    CHECK(entity_faults(R"({"name":"a","entity_type":"system"})") ==
          "entity_type: must be custom; system entities belong to the platform");
}

TEST_CASE("is_nullable is the inverse of is_required", "[model]") {
    CHECK(good_field(R"({"name":"f","field_type":"text","is_nullable":false})").field.required);
    CHECK_FALSE(
        good_field(R"({"name":"f","field_type":"text","is_nullable":true})").field.required);
    CHECK(faults_with("text", R"("is_nullable":true,"is_required":true)") ==
          "is_nullable: contradicts is_required");
}

TEST_CASE("a huge text is refused without being repeated", "[model]") {
    const std::string huge(1000000, 'x');
    CHECK(faults_with("text", "\"label\":\"" + huge + "\"") ==
          "label: must be at most 200 characters");
    CHECK(field_faults(R"({"field_type":"text","name":")" + huge + "\"}") ==
          "name: must be at most 63 characters");
    CHECK(faults_with("text", "\"" + huge + "\":1").size() < 200);
    CHECK(faults_with("text", R"("label":"")") == "label: must not be empty");
}

TEST_CASE("lengths are for text, in order and within the type's own", "[model]") {
    CHECK(faults_with("integer", R"("max_length":5,"min_length":1)") ==
          "max_length: is not for a field of type integer; min_length: is not for a field of type "
          "integer");
    CHECK(faults_with("string", R"("max_length":5,"min_length":6)") ==
          "min_length: must not be negative or greater than max_length");
    CHECK(faults_with("string", R"("max_length":0)") ==
          "max_length: must be an integer from 1 to 10485760");
    CHECK(faults_with("string", R"("max_length":1000)").empty());
    CHECK(faults_with("email", R"("max_length":255)") == "max_length: must be from 1 to 254");
    CHECK(faults_with("phone", R"("max_length":20)").empty());
}

TEST_CASE("bounds are values of the type, in order", "[model]") {
    CHECK(faults_with("integer", R"("min_value":-2147483648,"max_value":"2147483647")").empty());
    CHECK(faults_with("integer", R"("min_value":1.5)") ==
          "min_value: must be a value of type integer");
    CHECK(faults_with("integer", R"("max_value":2147483648)") ==
          "max_value: must be a value of type integer");
    CHECK(faults_with("biginteger", R"("max_value":2147483648)").empty());
    CHECK(faults_with("decimal", R"("min_value":1e3,"max_value":1000)").empty());
    CHECK(faults_with("decimal", R"("min_value":1000.001,"max_value":1000)") ==
          "min_value: must not be greater than max_value");
    CHECK(faults_with("text", R"("min_value":1)") == "min_value: is not for a field of type text");
    CHECK(faults_with("integer", R"("decimal_places":1)") ==
          "decimal_places: is not for a field of type integer");
    CHECK(good_field(R"({"name":"f","field_type":"decimal","max_value":12345678901234567890.10})")
              .field.max_value == "12345678901234567890.10");
}

TEST_CASE("a default is a value of the field", "[model]") {
    CHECK(good_field(R"({"name":"f","field_type":"integer","default_value":5})")
              .field.default_value == "5");
    CHECK(good_field(R"({"name":"f","field_type":"integer","default_value":"5"})")
              .field.default_value == "5");
    CHECK(good_field(R"({"name":"f","field_type":"boolean","default_value":true})")
              .field.default_value == "true");
    CHECK(good_field(R"({"name":"f","field_type":"boolean","default_value":"false"})")
              .field.default_value == "false");
    CHECK(good_field(R"({"name":"f","field_type":"json","default_value":{"a":[1]}})")
              .field.default_value == R"({"a":[1]})");
    CHECK(
        good_field(R"({"name":"f","field_type":"json","default_value":"a"})").field.default_value ==
        "\"a\"");
    CHECK_FALSE(
        good_field(R"({"name":"f","field_type":"text","default_value":null})").field.default_value);

    CHECK(faults_with("integer", R"("default_value":"many")") ==
          "default_value: must be an integer");
    CHECK(faults_with("integer", R"("default_value":5,"max_value":4)") ==
          "default_value: must be at most 4");
    CHECK(faults_with("string", R"("default_value":"abc","max_length":2)") ==
          "default_value: must be at most 2 characters");
    CHECK(faults_with("string", R"("default_value":"c","allowed_values":["a","b"])") ==
          "default_value: must be one of: a, b");
    CHECK(faults_with("email", R"("default_value":"nobody")") ==
          "default_value: must be an e-mail address");
    CHECK(faults_with("boolean", R"("default_value":"maybe")") ==
          "default_value: must be true or false");
    CHECK(faults_with("text", R"("default_value":[1])") ==
          "default_value: must be a string, a number, true or false");
}

TEST_CASE("a default date and time is an instant, in UTC unless it says otherwise", "[model]") {
    CHECK(good_field(R"({"name":"f","field_type":"datetime","default_value":"2024-01-01"})")
              .field.default_value == "2024-01-01T00:00:00Z");
    CHECK(good_field(R"({"name":"f","field_type":"datetime","default_value":"2024-01-01T08:00"})")
              .field.default_value == "2024-01-01T08:00Z");
    CHECK(
        good_field(R"({"name":"f","field_type":"datetime","default_value":"2024-01-01T08:00+02"})")
            .field.default_value == "2024-01-01T08:00+02");
    CHECK(faults_with("datetime", R"("default_value":"soon")") ==
          "default_value: must be a date and time (ISO 8601)");
}

TEST_CASE("a default expression fits the type", "[model]") {
    for (const auto* members :
         {R"("datetime","default_expression":"now")", R"("date","default_expression":"now")",
          R"("time","default_expression":"now")", R"("date","default_expression":"today")",
          R"("uuid","default_expression":"new_uuid")",
          R"("uuid","default_expression":"current_user_id")"}) {
        CHECK(field_faults(R"({"name":"f","field_type":)" + std::string(members) + "}").empty());
    }
    CHECK(faults_with("text", R"("default_expression":"now")") ==
          "default_expression: is not for a field of type text");
    CHECK(faults_with("datetime", R"("default_expression":"today")") ==
          "default_expression: is not for a field of type datetime");
    CHECK(faults_with("datetime", R"("default_expression":"now(); DROP TABLE x")") ==
          "default_expression: character 6: does not expect ;");
    CHECK(faults_with("date", R"("default_expression":"now","default_value":"2024-01-01")") ==
          "default_expression: must not be given along with default_value");
}

TEST_CASE("a required field that nobody may write needs a default", "[model]") {
    CHECK(faults_with("text", R"("is_readonly":true,"is_required":true)") ==
          "is_readonly: needs a default, because the field is required and nobody may write it");
    CHECK(
        faults_with("date", R"("is_readonly":true,"is_required":true,"default_expression":"today")")
            .empty());
}

TEST_CASE("allowed values are of the type, all different, and at most 1000", "[model]") {
    CHECK(faults_with("integer", R"("allowed_values":[1,2,3])").empty());
    CHECK(faults_with("string", R"("allowed_values":["a",1,null,"a"])") ==
          "allowed_values[1]: must be text; allowed_values[2]: must not be null");
    CHECK(faults_with("integer", R"("allowed_values":["1",1.5])") ==
          "allowed_values[0]: must be a number; allowed_values[1]: must be an integer");
    CHECK(faults_with("string", R"("allowed_values":["b","a",{"value":"b"}])") ==
          "allowed_values: holds the same value twice: b");
    CHECK(faults_with("decimal", R"("allowed_values":[1.5,2,1.50])") ==
          "allowed_values: holds the same value twice: 1.5");
    CHECK(faults_with("string", R"("max_length":2,"allowed_values":["abc"])") ==
          "allowed_values[0]: must be at most 2 characters");
    CHECK(faults_with("boolean", R"("allowed_values":[true])") ==
          "allowed_values: is not for a field of type boolean");
    CHECK(faults_with("string", R"("allowed_values":[{"label":"A"}])")
              .starts_with("allowed_values[0]: must be a value, or an object"));
    CHECK(faults_with("string", R"("allowed_values":[{"value":"a","colour":"red"}])")
              .starts_with("allowed_values[0]: must be a value"));
    CHECK(faults_with("string", R"("allowed_values":[])").empty());

    std::string many = "1";
    for (int i = 2; i <= 1001; ++i) many += "," + std::to_string(i);
    CHECK(faults_with("integer", "\"allowed_values\":[" + many + "]") ==
          "allowed_values: must be at most 1000 values");
}

TEST_CASE("an index is for values it can hold", "[model]") {
    CHECK(faults_with("json", R"("is_unique":true)") ==
          "is_unique: is not for a field of type json");
    CHECK(faults_with("text", R"("is_indexed":true)") ==
          "is_indexed: needs a max_length of at most 640");
    CHECK(faults_with("text", R"("is_indexed":true,"max_length":640)").empty());
    CHECK(faults_with("url", R"("is_unique":true)") ==
          "is_unique: needs a max_length of at most 640");
    CHECK(faults_with("string", R"("is_unique":true)").empty());
}

TEST_CASE("lookups and only lookups have a target", "[model]") {
    CHECK(good_field(R"({"name":"f","field_type":"lookup","reference_entity":"company"})")
              .reference_entity == "company");
    const std::string id = "0189d5c0-0000-7000-8000-000000000001";
    CHECK(good_field(R"({"name":"f","field_type":"lookup","reference_entity_id":")" + id + "\"}")
              .reference_entity == id);
    CHECK(faults_with("lookup", R"("reference_field":"name")") ==
          "reference_entity: is required for a lookup");
    CHECK(faults_with("lookup", R"("reference_entity_id":"company")") ==
          "reference_entity_id: must be a UUID");
    CHECK(
        faults_with("text", R"("reference_entity":"company","relationship_type":"many-to-one")") ==
        "reference_entity: is for lookups only; relationship_type: is for lookups only");
    CHECK(faults_with("lookup", R"("reference_entity":"a","relationship_type":"one-to-many")") ==
          "relationship_type: must be one of: many-to-one, one-to-one");
    CHECK(
        good_field(
            R"({"name":"f","field_type":"lookup","reference_entity":"a","relationship_type":"one-to-one"})")
            .field.unique);
    CHECK(faults_with(
              "lookup",
              R"("reference_entity":"a","relationship_type":"one-to-one","is_unique":false)") ==
          "is_unique: contradicts the relationship type one-to-one");
}

TEST_CASE("an entity needs a name, the rest has defaults", "[model]") {
    Faults faults;
    const auto definition = parse_entity_definition(parse_json(R"({"name":"order_line"})"), faults);
    CHECK(text_of(faults).empty());
    CHECK(definition.entity.label == "Order line");
    CHECK(definition.entity.table == "order_line");
    CHECK(definition.entity.resource == "order_line");
    CHECK((definition.entity.soft_delete && definition.is_audited && definition.is_active &&
           !definition.is_versioned));
    CHECK(definition.fields.empty());
    CHECK(entity_faults("{}") == "name: is required");
    CHECK(entity_faults("3") == ": must be an object");
}

TEST_CASE("an entity keeps all that was said about it", "[model]") {
    Faults faults;
    const auto definition = parse_entity_definition(
        parse_json(
            R"({"name":"company","label":"Company","plural_label":"Companies","description":"d","icon":"ph-house","entity_type":"custom",
        "category":"crm","table_name":"companies","is_audited":false,"is_versioned":false,"supports_soft_delete":false,"supports_attachments":false,
        "supports_comments":false,"primary_field":"title","default_sort_field":"created_at","default_sort_order":"desc","records_per_page":50,
        "search_language":"french","is_active":false,"metadata":{"a":1},"fields":[{"name":"title","field_type":"string"}]})"),
        faults);
    CHECK(text_of(faults).empty());
    CHECK(definition.entity.table == "companies");
    CHECK_FALSE((definition.entity.soft_delete || definition.is_audited ||
                 definition.supports_attachments || definition.supports_comments));
    CHECK_FALSE(definition.is_active);
    CHECK(definition.default_sort_order == "DESC");
    CHECK(definition.records_per_page == 50);
    CHECK(definition.entity.search_language == "french");
    CHECK(definition.fields.at(0).field.name == "title");
}

TEST_CASE("the language of an entity's texts is one that there is", "[model]") {
    const auto fault = [](const std::string& language) {
        return entity_faults(R"({"name":"deal","search_language":)" + language + "}");
    };
    CHECK(fault(R"("danish")").empty());
    CHECK(fault("null").empty());
    const std::string told = fault(R"("klingon")");
    CHECK(told.starts_with("search_language: must be one of: arabic, "));
    CHECK(told.find(", english, ") != std::string::npos);
    CHECK(fault(R"("English")") == told);
    CHECK(fault("\"\"") == told);
    CHECK(fault("5") == told);
}

TEST_CASE("every fault of an entity is told at once, each with its path", "[model]") {
    CHECK(
        entity_faults(
            R"({"name":"Users","table_name":"order","primary_field":"nothing","default_sort_field":"f","default_sort_order":"up",
        "records_per_page":1000,"fields":[{"name":"f","field_type":"text"},{"name":"id","field_type":"text"},
        {"name":"f","field_type":"string","max_length":-1},{"field_type":"nonsense","colour":1}]})") ==
        "default_sort_order: must be one of: ASC, DESC, asc, desc; "
        "fields[1].name: is the name of a generated column; "
        "fields[2].max_length: must be an integer from 1 to 10485760; "
        "fields[2].name: is the name of another field too; "
        "fields[3].colour: is not a property of a field; "
        "fields[3].field_type: must be one of: string, text, integer, biginteger, decimal, "
        "currency, percentage, boolean, date, datetime, time, "
        "email, url, phone, json, uuid, lookup, array, enum, rich_text, file; "
        "fields[3].name: is required; "
        "name: must begin with a letter a-z and hold only a-z, 0-9 and _; "
        "primary_field: is not a field of the entity; "
        "records_per_page: must be an integer from 1 to 100; "
        "table_name: is a reserved word of SQL");
}

TEST_CASE("field names differ without regard to case", "[model]") {
    const auto faults = entity_faults(
        R"({"name":"a","fields":[{"name":"name","field_type":"text"},{"name":"NAME","field_type":"text"}]})");
    CHECK(faults == "fields[1].name: must begin with a letter a-z and hold only a-z, 0-9 and _");
    CHECK(
        entity_faults(
            R"({"name":"a","fields":[{"name":"x","field_type":"text"},{"name":"x","field_type":"text"}]})") ==
        "fields[1].name: is the name of another field too");
}

TEST_CASE("an entity has at most 500 fields", "[model]") {
    Json::Array fields;
    for (int i = 0; i < 501; ++i) {
        fields.push_back(Json::object({{"name", Json::string("f" + std::to_string(i))},
                                       {"field_type", Json::string("text")}}));
    }
    Json definition = Json::object({{"name", Json::string("a")}, {"fields", Json::array(fields)}});
    Faults faults;
    parse_entity_definition(definition, faults);
    CHECK(text_of(faults) == "fields: must be at most 500");
    fields.pop_back();
    definition.set("fields", Json::array(fields));
    Faults none;
    CHECK(parse_entity_definition(definition, none).fields.size() == 500);
    CHECK(none.empty());
    CHECK(entity_faults(R"({"name":"a","fields":[1,{"name":"x"},null]})") ==
          "fields[0]: must be an object; fields[2]: must be an object");
}

TEST_CASE("the path of a field's faults begins as the caller says", "[model]") {
    Faults faults;
    parse_field_definition(parse_json(R"({"name":"f","field_type":"text","colour":1})"),
                           "fields[2].", faults);
    parse_field_definition(parse_json("1"), "fields[3].", faults);
    CHECK(text_of(faults) ==
          "fields[2].colour: is not a property of a field; fields[3]: must be an object");
}

TEST_CASE("generated columns stand around the fields", "[model]") {
    EntityDefinition definition;
    definition.fields.resize(1);
    definition.fields[0].field.name = "title";
    Entity entity;
    entity.fields = all_fields(definition);
    std::string names;
    for (const Field& field : entity.fields) names += field.name + (field.system ? "* " : " ");
    CHECK(names ==
          "id* title created_at* updated_at* created_by* updated_by* deleted_at* deleted_by* ");
    CHECK(entity.find("title") == &entity.fields[1]);
    CHECK(entity.find("Title") == nullptr);
    CHECK(trailing_system_fields(false).size() == 4);
}
