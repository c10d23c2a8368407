// Arrays, enums, rich text, files and JSON with a schema: definitions, values, columns, statements; and
// what a lookup says of the deletion of its target.
#include <catch2/catch.hpp>

#include "core/constraint.hpp"
#include "core/ddl.hpp"
#include "core/default_sql.hpp"
#include "core/definition_row.hpp"
#include "core/query_write.hpp"
#include "core/record_trigger.hpp"
#include "core/value_check.hpp"

using namespace pgwright::core;

namespace {

std::string text_of(const Faults& faults) {
    std::string text;
    for (const Fault& fault : faults.list())
        text += (text.empty() ? "" : "; ") + fault.field + ": " + fault.message;
    return text;
}

std::string field_faults(const std::string& json) {
    Faults faults;
    parse_field_definition(parse_json(json), "", faults);
    return text_of(faults);
}

FieldDefinition definition(const std::string& json) {
    Faults faults;
    FieldDefinition parsed = parse_field_definition(parse_json(json), "", faults);
    CHECK(text_of(faults) == "");
    return parsed;
}

Field field(const std::string& json) { return definition(json).field; }

std::string value_faults(const Field& field, const std::string& value) {
    Faults faults;
    check_value(field, parse_json(value), faults);
    return text_of(faults);
}

std::string conditions(const Field& field) {
    std::string text;
    for (const Check& check : checks_of(field))
        text += (text.empty() ? "" : "; ") + std::string(check.suffix) + ": " + check.condition;
    return text;
}

Entity entity_of(std::vector<Field> fields) {
    Entity entity;
    entity.name = entity.label = entity.table = entity.resource = "post";
    entity.schema = "t_demo";
    entity.tenant_id = Uuid::parse("0189d5c0-0000-7000-8000-000000000001");
    entity.fields = std::move(fields);
    return entity;
}

std::string script(const Field& field) { return plan_create(entity_of({field})).up_script(); }

bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

const std::string kTags =
    R"({"name":"tags","field_type":"array","item_type":"string","max_length":5})";

}  // namespace

TEST_CASE("an array is defined by its items and takes their rules", "[types]") {
    const Field tags = field(kTags);
    CHECK(tags.type == FieldType::array);
    CHECK(tags.item_type == FieldType::string);
    CHECK(tags.type_oid == 1009);
    CHECK(sql_type_of(tags) == "text[]");
    CHECK(sql_type_of(field(R"({"name":"a","field_type":"array","item_type":"datetime"})")) ==
          "timestamp with time zone[]");
    CHECK(field(R"({"name":"a","field_type":"array","item_type":"string"})").max_length == 255);
    const Json row = field_row(definition(kTags), entity_of({}), 1);
    CHECK(row.find("item_type")->text() == "string");
    CHECK(row.find("data_type")->text() == "text[]");
}

TEST_CASE("what makes no sense for an array is a fault", "[types]") {
    CHECK(field_faults(R"({"name":"a","field_type":"array"})") ==
          "item_type: is required for an array");
    CHECK(holds(field_faults(R"({"name":"a","field_type":"array","item_type":"json"})"),
                "item_type: must be one of: string, text"));
    CHECK(holds(field_faults(R"({"name":"a","field_type":"array","item_type":"array"})"),
                "item_type: must be one of"));
    CHECK(field_faults(R"({"name":"a","field_type":"string","item_type":"string"})") ==
          "item_type: is for arrays only");
    CHECK(
        field_faults(
            R"({"name":"a","field_type":"array","item_type":"integer","max_length":3,"is_unique":true})") ==
        "max_length: is not for a field of type array of integer; is_unique: is not for a field of "
        "type array of integer");
    CHECK(
        field_faults(R"({"name":"a","field_type":"array","item_type":"text","is_indexed":true})") ==
        "is_indexed: needs a max_length of at most 640");
    CHECK(
        field_faults(
            R"({"name":"a","field_type":"array","item_type":"date","default_expression":"today"})") ==
        "default_expression: is not for a field of type array of date");
    CHECK(field_faults(
              R"({"name":"a","field_type":"array","item_type":"integer","default_value":5})") ==
          "default_value: must be an array");
    CHECK(
        field_faults(
            R"({"name":"a","field_type":"array","item_type":"integer","max_value":5,"default_value":[1,9]})") ==
        "default_value: item [1] must be at most 5");
    CHECK(
        field_faults(
            R"({"name":"a","field_type":"array","item_type":"integer","allowed_values":[1,"x",1]})") ==
        "allowed_values[1]: must be a number");
    CHECK(
        field_faults(
            R"({"name":"a","field_type":"array","item_type":"boolean","allowed_values":[true]})") ==
        "allowed_values: is not for a field of type array of boolean");
}

TEST_CASE("each item of an array is checked, and its place told", "[types]") {
    const Field tags = field(kTags);
    CHECK(value_faults(tags, R"(["a","b"])") == "");
    CHECK(value_faults(tags, "[]") == "");
    CHECK(value_faults(tags, "null") == "");
    CHECK(value_faults(tags, R"("a")") == "tags: must be an array");
    CHECK(value_faults(tags, R"({"a":1})") == "tags: must be an array");
    CHECK(value_faults(tags, R"(["a",null])") == "tags[1]: must not be null");
    CHECK(value_faults(tags, R"(["a",["b"]])") == "tags[1]: must be text");
    CHECK(value_faults(tags, R"(["a","toolong"])") == "tags[1]: must be at most 5 characters");
    const Field nums = field(
        R"({"name":"n","field_type":"array","item_type":"decimal","min_value":0,"decimal_places":1})");
    CHECK(value_faults(nums, "[1.5,2]") == "");
    CHECK(value_faults(nums, "[-1]") == "n[0]: must be at least 0");
    CHECK(value_faults(nums, "[1.25]") == "n[0]: must have at most 1 decimal place");
    CHECK(value_faults(field(R"({"name":"m","field_type":"array","item_type":"email"})"),
                       R"(["x"])") == "m[0]: must be an e-mail address");
    CHECK(
        value_faults(
            field(
                R"({"name":"p","field_type":"array","item_type":"string","allowed_values":["a"]})"),
            R"(["b"])") == "p[0]: must be one of: a");
    std::string many = "[";
    for (int i = 0; i < 10001; ++i) many += i == 0 ? "1" : ",1";
    CHECK(value_faults(field(R"({"name":"i","field_type":"array","item_type":"integer"})"),
                       many + "]") == "i: must have at most 10000 items");
}

TEST_CASE("the rules of arrays are constraints of the column", "[types]") {
    CHECK(conditions(field(kTags)) ==
          R"(items: pgwright.is_list("tags"); length: pgwright.items_have_length("tags", 0, 5))");
    CHECK(
        conditions(
            field(R"({"name":"n","field_type":"array","item_type":"currency","min_value":0})")) ==
        R"(items: pgwright.is_list("n"); range: 0 <= ALL ("n") AND 'Infinity' > ALL ("n"); scale: pgwright.items_have_scale("n", 2))");
    CHECK(
        conditions(field(R"({"name":"n","field_type":"array","item_type":"decimal"})")) ==
        R"(items: pgwright.is_list("n"); range: '-Infinity' < ALL ("n") AND 'Infinity' > ALL ("n"))");
    CHECK(
        conditions(field(
            R"({"name":"p","field_type":"array","item_type":"integer","allowed_values":[1,2]})")) ==
        R"(items: pgwright.is_list("p"); allowed: "p" <@ ARRAY[1, 2]::integer[])");
    CHECK(holds(conditions(field(R"({"name":"m","field_type":"array","item_type":"url"})")),
                "format: pgwright.items_match(\"m\", "));
    const Entity entity = entity_of({field(kTags)});
    CHECK(explain_constraint(entity, "post_tags_items").message ==
          "must be a list of at most 10000 items, none of them null");
    CHECK(explain_constraint(entity, "post_tags_length").message ==
          "each item must be at most 5 characters");
}

TEST_CASE("an array's column, default and index", "[types]") {
    const Field tags = field(
        R"({"name":"tags","field_type":"array","item_type":"string","max_length":9,"is_indexed":true,"default_value":["a","b\"c\\"]})");
    CHECK(default_sql(tags) == R"(E'{"a","b\\"c\\\\"}'::text[])");
    CHECK(holds(script(tags),
                R"(CREATE INDEX "post_tags_idx" ON "t_demo"."post" USING gin ("tags");)"));
    CHECK(
        default_sql(field(
            R"({"name":"d","field_type":"array","item_type":"datetime","default_value":["2026-01-01"]})")) ==
        R"('{"2026-01-01T00:00:00Z"}'::timestamp with time zone[])");
}

TEST_CASE("arrays are bound whole, and one by one where a bulk would take them apart", "[types]") {
    Entity entity = entity_of(leading_system_fields());
    entity.fields.push_back(field(kTags));
    entity.fields.push_back(
        field(R"({"name":"days","field_type":"array","item_type":"datetime","default_value":[]})"));
    const Statement one = compile_insert(entity, parse_json(R"({"days":["2026-01-01"]})"));
    CHECK(one.parameters.at(0).type_oid == 1185);
    CHECK(one.parameters.at(0).values.at(0).dump() == R"(["2026-01-01T00:00:00Z"])");
    const Statement bulk = compile_bulk_insert(
        entity,
        parse_json(
            R"([{"tags":["a","b\"c,{}"]},{"tags":null,"days":["2026-01-01"]},{"tags":[]}])"));
    CHECK(holds(bulk.sql, "v.c1::text[]"));
    CHECK(holds(bulk.sql,
                "THEN v.c2::timestamp with time zone[] ELSE '{}'::timestamp with time zone[] END"));
    CHECK(bulk.parameters.at(0).type_oid == 1009);
    CHECK(bulk.parameters.at(0).values.at(0).text() == R"({"a","b\"c,{}"})");
    CHECK(bulk.parameters.at(0).values.at(1).is_null());
    CHECK(bulk.parameters.at(0).values.at(2).text() == "{}");
    CHECK(bulk.parameters.at(1).values.at(1).text() == R"({"2026-01-01T00:00:00Z"})");
}

TEST_CASE("arrays are compared as a whole, and neither ordered nor searched yet", "[types]") {
    Entity entity = entity_of(leading_system_fields());
    entity.fields.push_back(field(kTags));
    const auto list = [&](const std::string& filter) {
        ListRequest request;
        request.filter = parse_condition(parse_json(filter), entity, "filters");
        return compile_list(entity, request);
    };
    CHECK(holds(list(R"({"tags":["a"]})").sql, R"(r."tags" = $1)"));
    CHECK(holds(list(R"({"field":"tags","operator":"ne","value":[]})").sql,
                R"(r."tags" IS DISTINCT FROM $1)"));
    CHECK(holds(list(R"({"field":"tags","operator":"is_null"})").sql, R"(r."tags" IS NULL)"));
    for (const auto* op : {"gt", "contains", "in"})
        CHECK_THROWS_AS(
            list(R"({"field":"tags","operator":")" + std::string(op) + R"(","value":["a"]})"),
            Failure);
    CHECK_THROWS_AS(list(R"({"field":"tags","operator":"eq","value":[1]})"), Failure);
    CHECK_THROWS_AS(parse_sort("tags", entity), Failure);
}

TEST_CASE("an enum is text of listed values", "[types]") {
    const Field stage =
        field(R"({"name":"stage","field_type":"enum","is_indexed":true,"default_value":"new",
        "allowed_values":[{"value":"new","label":"New"},"won"]})");
    CHECK(conditions(stage) == R"(allowed: "stage" = ANY (ARRAY['new', 'won']::text[]))");
    CHECK(definition(R"({"name":"s","field_type":"enum","allowed_values":["a"]})").input_type ==
          "select");
    CHECK(value_faults(stage, R"("lost")") == "stage: must be one of: new, won");
    CHECK(field_faults(R"({"name":"s","field_type":"enum"})") ==
          "allowed_values: is required for an enum");
    CHECK(
        field_faults(R"({"name":"s","field_type":"enum","allowed_values":["a",1,""]})") ==
        "allowed_values[1]: must be text; allowed_values[2]: must be text of 1 to 255 characters");
    CHECK(
        field_faults(
            R"({"name":"s","field_type":"enum","allowed_values":["a"],"max_length":3,"default_value":"b"})") ==
        "max_length: is not for a field of type enum; default_value: must be one of: a");
}

TEST_CASE("rich text is bounded, and its own bounds hold for what is kept", "[types]") {
    const Field body = field(R"({"name":"body","field_type":"rich_text"})");
    CHECK(conditions(body) == "length: char_length(\"body\") <= 1000000");
    CHECK(record_trigger_arguments(entity_of({body})) == "'rich_text:body'");
    const Field note = field(R"({"name":"note","field_type":"rich_text","max_length":8})");
    CHECK(value_faults(note, R"("<script>alert(1)</script><p>a</p>")") == "");
    CHECK(value_faults(note, R"("<p>ab</p>")") == "note: must be at most 8 characters");
    CHECK(value_faults(note, "1") == "note: must be text");
    CHECK(
        field_faults(
            R"({"name":"b","field_type":"rich_text","is_unique":true,"is_indexed":true,"allowed_values":["a"],"max_length":2000000})") ==
        "max_length: must be from 1 to 1000000; is_unique: is not for a field of type rich_text; "
        "is_indexed: is not for a field of type rich_text; allowed_values: is not for a field of "
        "type rich_text");
}

TEST_CASE("a file refers to the files", "[types]") {
    const FieldDefinition photo = definition(R"({"name":"photo","field_type":"file"})");
    CHECK(photo.reference_entity == kFilesEntityId);
    CHECK(
        field_faults(
            R"({"name":"p","field_type":"file","reference_entity":"users","on_delete":"CASCADE"})") ==
        "reference_entity: is for lookups only; on_delete: is for lookups only");
    CHECK(field_faults(R"({"name":"p","field_type":"file","allowed_values":["x"]})") ==
          "allowed_values: is not for a field of type file");
    Field stored = photo.field;
    stored.reference = Reference{{}, "files", "pgwright", "files", "id"};
    CHECK(record_trigger_arguments(entity_of({stored})) == "'files:photo'");
    CHECK(holds(script(stored), R"(REFERENCES "pgwright"."files" ("id") ON DELETE RESTRICT;)"));
    CHECK(holds(script(stored), R"(CREATE INDEX "post_photo_idx")"));
}

TEST_CASE("a JSON schema is part of the definition, the value check and the column", "[types]") {
    const Field data = field(
        R"({"name":"data","field_type":"json","json_schema":{"required":["it's"]},"default_value":{"it's":1}})");
    CHECK(conditions(data) ==
          R"(schema: pgwright.matches_json_schema("data", '{"required":["it''s"]}'::jsonb))");
    CHECK(value_faults(data, "{}") == "data: does not match its JSON schema at the top (required)");
    CHECK(value_faults(data, R"({"it's":null})") == "");
    CHECK(explain_constraint(entity_of({data}), "post_data_schema").message ==
          "does not match its JSON schema");
    CHECK(field_faults(R"({"name":"d","field_type":"json","json_schema":{"$ref":"#"}})") ==
          "json_schema/$ref: is not supported");
    CHECK(field_faults(R"({"name":"d","field_type":"json","json_schema":[]})") ==
          "json_schema: must be an object, not array");
    CHECK(field_faults(R"({"name":"d","field_type":"text","json_schema":{}})") ==
          "json_schema: is not for a field of type text");
    CHECK(
        field_faults(
            R"({"name":"d","field_type":"json","json_schema":{"type":"object"},"default_value":[1]})") ==
        "default_value: does not match its JSON schema at the top (type)");
}

TEST_CASE("a lookup says what becomes of it when its target goes", "[references]") {
    const auto lookup = [](const std::string& more) {
        return R"({"name":"company","field_type":"lookup","reference_entity":"company")" + more +
               "}";
    };
    CHECK(definition(lookup(R"(,"on_delete":"CASCADE","on_update":"SET NULL")")).on_delete ==
          ReferentialAction::cascade);
    CHECK_FALSE(definition(lookup("")).on_delete);
    CHECK(field_faults(lookup(R"(,"on_delete":"cascade")")) ==
          "on_delete: must be one of: CASCADE, SET NULL, RESTRICT, NO ACTION");
    CHECK(field_faults(
              lookup(R"(,"is_required":true,"on_delete":"SET NULL","on_update":"SET NULL")")) ==
          "on_delete: cannot be SET NULL, because the field is required; on_update: cannot be SET "
          "NULL, because the field is required");
    CHECK(field_faults(R"({"name":"a","field_type":"text","on_delete":"CASCADE"})") ==
          "on_delete: is for lookups only");

    FieldDefinition company = definition(lookup(""));
    company.field.reference = Reference{{}, "company", "t_demo", "company", "id"};
    CHECK(holds(script(company.field), "(\"id\") ON DELETE RESTRICT;"));
    company.field.reference->on_delete = ReferentialAction::cascade;
    company.field.reference->on_update = ReferentialAction::restrict_;
    CHECK(holds(script(company.field), "(\"id\") ON DELETE CASCADE ON UPDATE RESTRICT;"));
    CHECK(field_row(company, entity_of({}), 1).find("on_delete")->text() == "CASCADE");
    CHECK(field_row(company, entity_of({}), 1).find("on_update")->text() == "RESTRICT");
    company.field.reference->on_delete = ReferentialAction::set_null;
    Entity shared = entity_of({company.field});
    shared.tenant_id.reset();
    CHECK(holds(plan_create(shared).up_script(),
                "ON DELETE SET NULL (\"company\") ON UPDATE RESTRICT;"));

    company.field.required = true;  // as a definition that was changed behind our back
    Faults faults;
    check_field(company.field, "", faults);
    CHECK(text_of(faults) == "on_delete: cannot be SET NULL, because the field is required");
}

TEST_CASE("references are kept whole by triggers where deleting is soft", "[references]") {
    const auto triggers = [](const Entity& entity) {
        std::string names;
        for (const Change& change : plan_create(entity).changes) {
            if (change.operation == "create_trigger")
                names += (names.empty() ? "" : " ") + change.object;
        }
        return names;
    };
    Field company = field(R"({"name":"c","field_type":"lookup","reference_entity":"company"})");
    company.reference = Reference{{}, "company", "t_demo", "company", "id"};
    Entity entity = entity_of({company});
    CHECK(triggers(entity) ==
          "pgwright_guard_record pgwright_stamp_record pgwright_check_references_insert "
          "pgwright_check_references_update "
          "pgwright_delete_referrers");
    entity.soft_delete = false;
    CHECK(triggers(entity) ==
          "pgwright_guard_record pgwright_stamp_record pgwright_check_references_insert "
          "pgwright_check_references_update");
    entity.fields = {field(R"({"name":"t","field_type":"text"})")};
    CHECK(triggers(entity) == "pgwright_guard_record pgwright_stamp_record");
    entity.soft_delete = true;
    CHECK(triggers(entity) ==
          "pgwright_guard_record pgwright_stamp_record pgwright_delete_referrers");
}
