// JSON schemas: what is accepted as one, and what documents it lets through.
#include <catch2/catch.hpp>

#include "core/json_schema.hpp"

using namespace pgwright::core;

namespace {

std::string schema_faults(const std::string& schema) {
    Faults faults;
    check_json_schema(parse_json(schema), "json_schema", faults);
    std::string text;
    for (const Fault& fault : faults.list())
        text += (text.empty() ? "" : "; ") + fault.field + ": " + fault.message;
    return text;
}

std::string fault(const std::string& schema, const std::string& document) {
    return JsonSchema::compile(parse_json(schema))->fault_of(document).value_or("");
}

std::string repeat(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

TEST_CASE("a schema of draft 4 is accepted", "[json_schema]") {
    CHECK(schema_faults(
              R"({"$schema":"http://json-schema.org/draft-04/schema#","title":"t","description":"d",
        "type":["object","null"],"required":["a"],"properties":{"a":{"type":"integer","minimum":0,"exclusiveMinimum":true,"multipleOf":5},
        "b":{"type":"string","minLength":1,"maxLength":5,"pattern":"^[a-z]+$","default":"x"},"c":{"enum":[1,"two",null]},
        "d":{"type":"array","items":{"type":"number"},"minItems":1,"maxItems":3},"e":{"items":[{"type":"string"},{}],"additionalItems":false},
        "f":{"anyOf":[{"type":"string"},{"oneOf":[{"type":"integer"},{"allOf":[{"not":{"type":"null"}}]}]}]}},
        "patternProperties":{"^x_":{"type":"string"}},"additionalProperties":false,"minProperties":1,"maxProperties":9,
        "dependencies":{"a":["b"],"b":{"required":["a"]}}})") == "");
    CHECK(schema_faults("{}") == "");
}

TEST_CASE("every fault of a schema is told with its place", "[json_schema]") {
    CHECK(
        schema_faults(
            R"({"type":"int","properties":{"a":{"minLength":-1},"b":3},"required":"a","allOf":[],"multipleOf":0.1,
        "exclusiveMaximum":5,"enum":[],"items":true})") ==
        "json_schema/type: must be one of null, boolean, object, array, number, string, integer, "
        "or an array of them; "
        "json_schema/properties/a/minLength: must be an integer of at least 0; "
        "json_schema/properties/b: must be a JSON schema, which is an object; "
        "json_schema/required: must be an array of names; "
        "json_schema/allOf: must be an array of schemas, at least one; "
        "json_schema/multipleOf: must be an integer of at least 1; "
        "json_schema/exclusiveMaximum: must be true or false; "
        "json_schema/enum: must be an array of values, at least one; "
        "json_schema/items: must be a JSON schema, which is an object");
}

TEST_CASE("a keyword that would be ignored, or costs without bound, is refused", "[json_schema]") {
    for (const auto* keyword : {"$ref", "format", "uniqueItems", "definitions", "const", "if",
                                "contains", "propertyNames", "$defs", "unknown"}) {
        CHECK(schema_faults("{\"" + std::string(keyword) + "\":1}") ==
              "json_schema/" + std::string(keyword) + ": is not supported");
    }
    std::string deep = "{}";
    for (int i = 0; i < 40; ++i) deep = "{\"not\":" + deep + "}";
    CHECK(schema_faults(deep).find("is nested deeper than 32") != std::string::npos);
    CHECK(schema_faults("{\"title\":\"" + repeat("x", 40000) + "\"}") ==
          "json_schema: must be at most 32768 bytes");
}

TEST_CASE("patterns are those whose cost and meaning are known", "[json_schema]") {
    const auto pattern_faults = [](const std::string& pattern) {
        Json schema = Json::object();
        schema.set("pattern", Json::string(pattern));
        return schema_faults(schema.dump());
    };
    for (const auto* good : {"^[a-z]+$", "a|b", "^(a|b)$", "[0-9]{4}-[0-9]{2}", "(ab)?c*", "a\\.b",
                             "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
                             "[^\\]a-]", ".*x", "a{2,}", "\\$"}) {
        INFO(good);
        CHECK(pattern_faults(good) == "");
    }
    for (const auto* bad : {"(",      ")",       "a)", "[",    "[]",    "*a",  "a**", "a{",  "a{2",
                            "a{3,2}", "a{0}",    "()", "a||b", "^a|b$", "a^b", "a$b", "\\d", "\\",
                            "(?=a)",  "a{2}{3}", "|",  "",     "^",     "[a",  "(a",  "x|"}) {
        INFO(bad);
        CHECK(pattern_faults(bad) ==
              "json_schema/pattern: is not a regular expression of those that are supported");
    }
    // RapidJSON would recurse without end, or follow exponentially many ways.
    for (const auto* dear : {"(a*)*", "(a?)+", "(a*b?){3}", "((a?)?){30}", "(a?|b?)", "(a|b*)?"}) {
        CAPTURE(dear);
        CHECK(pattern_faults(dear) ==
              "json_schema/pattern: is not a regular expression of those that are supported");
    }
    CHECK(pattern_faults("(a|b?)(a*c)*(x?y){0,3}") == "");
    CHECK(pattern_faults("((a{50}){50}){50}") == "json_schema/pattern: repeats too much");
    CHECK(pattern_faults(repeat("a", 257)) == "json_schema/pattern: must be at most 256 bytes");
    CHECK(pattern_faults(repeat("(", 200)) != "");
}

TEST_CASE("a document's fault names the place and the rule", "[json_schema]") {
    const auto* schema = R"({"type":"object","required":["name"],"properties":{
        "name":{"type":"string","minLength":2,"pattern":"^[A-Z]"},"age":{"type":"integer","minimum":0,"maximum":150},
        "tags":{"type":"array","items":{"enum":["a","b"]},"maxItems":2}},"additionalProperties":false})";
    CHECK(fault(schema, R"({"name":"Ann","age":3,"tags":["a","b"]})") == "");
    CHECK(fault(schema, R"([])") == "does not match its JSON schema at the top (type)");
    CHECK(fault(schema, R"({})") == "does not match its JSON schema at the top (required)");
    CHECK(fault(schema, R"({"name":"A"})") ==
          "does not match its JSON schema at /name (minLength)");
    CHECK(fault(schema, R"({"name":"ann"})") ==
          "does not match its JSON schema at /name (pattern)");
    CHECK(fault(schema, R"({"name":"Ann","age":-1})") ==
          "does not match its JSON schema at /age (minimum)");
    CHECK(fault(schema, R"({"name":"Ann","age":1.5})") ==
          "does not match its JSON schema at /age (type)");
    CHECK(fault(schema, R"({"name":"Ann","tags":["a","c"]})") ==
          "does not match its JSON schema at /tags/1 (enum)");
    CHECK(fault(schema, R"({"name":"Ann","tags":["a","a","a"]})") ==
          "does not match its JSON schema at /tags (maxItems)");
    CHECK(fault(schema, R"({"name":"Ann","x":1})") ==
          "does not match its JSON schema at /x (additionalProperties)");
    CHECK(fault(R"({"multipleOf":5})", "10") == "");
    CHECK(fault(R"({"multipleOf":5})", "11") != "");
    CHECK(fault(R"({"minimum":5,"exclusiveMinimum":true})", "5") != "");
    CHECK(fault(R"({"dependencies":{"a":["b"]}})", R"({"a":1})") != "");
    CHECK(fault(R"({"oneOf":[{"type":"integer"},{"minimum":2}]})", "3") != "");
    CHECK(fault("{}", "1e400") == "must hold no number beyond the range of a double");
}

TEST_CASE("a document's size is bounded, its depth is not the stack's", "[json_schema]") {
    CHECK(fault("{}", "\"" + repeat("x", 1'000'000) + "\"") ==
          "must be a document of at most 1000000 bytes");
    CHECK(fault("{}", repeat("[", 100'000) + repeat("]", 100'000)) == "");
    CHECK(fault(R"({"items":{"type":"array"}})", repeat("[", 1000) + repeat("]", 1000)) == "");
}
