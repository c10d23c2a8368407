// JSON: what the parser accepts, what it refuses and where, and that writing is parsing's inverse.
#include <chrono>
#include <random>

#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/json.hpp"

using namespace pgwright::core;
using Catch::Matchers::Contains;

namespace {

std::string refusal(std::string_view text) {
    try {
        (void)parse_json(text);
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::validation_error);
        return failure.message();
    }
    return "accepted";
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

std::string object_of(std::size_t members, std::string_view last_key) {
    std::string text = "{";
    for (std::size_t i = 0; i + 1 < members; ++i) text += "\"k" + std::to_string(i) + "\":0,";
    return text + "\"" + std::string(last_key) + "\":0}";
}

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t bound) { return random() % bound; }

std::string random_text(Random& random) {
    static const std::vector<std::string> pieces = {"a",  "é",  "€",    "😀",    "\"", "\\",     "/",
                                                    "\n", "\t", "\x01", "\x7f", " ",  "\ud7ff", ""};
    std::string text;
    for (std::size_t left = below(random, 12); left > 0; --left)
        text += pieces[below(random, pieces.size())];
    return text;
}

Json random_json(Random& random, int depth) {
    static const std::vector<std::string> numbers = {
        "0", "-0", "1.10", "12345678901234567890.0123456789", "1e300", "-2.5E-3", "1E+2"};
    switch (below(random, depth > 0 ? 6 : 4)) {
        case 0: return {};
        case 1: return Json::boolean(below(random, 2) == 1);
        case 2: return Json::number(numbers[below(random, numbers.size())]);
        case 3: return Json::string(random_text(random));
        case 4: {
            Json array = Json::array();
            for (std::size_t left = below(random, 5); left > 0; --left)
                array.items().push_back(random_json(random, depth - 1));
            return array;
        }
        default: {
            Json object = Json::object();
            for (std::size_t left = below(random, 25); left > 0; --left)
                object.set(random_text(random), random_json(random, depth - 1));
            return object;
        }
    }
}

}  // namespace

TEST_CASE("a document becomes values of its kinds", "[json]") {
    const Json json =
        parse_json(R"( {"a": null, "b": true, "c": 1.50, "d": "x\u00e9\n", "e": [1, {}]} )");
    REQUIRE(json.is_object());
    CHECK(json.members().size() == 5);
    CHECK(json.find("a")->is_null());
    CHECK(json.find("b")->as_boolean());
    CHECK(json.find("c")->is_number());
    CHECK(json.find("d")->text() == "xé\n");
    CHECK(json.find("e")->items().at(1).is_object());
    CHECK(json.find("absent") == nullptr);
    CHECK(Json::array().find("a") == nullptr);
}

TEST_CASE("every kind of value may be a document of its own", "[json]") {
    CHECK(parse_json("null").is_null());
    CHECK(parse_json(" \t\r\n false ").is_boolean());
    CHECK(parse_json("-1").text() == "-1");
    CHECK(parse_json("\"\"").is_string());
}

TEST_CASE("numbers keep their digits", "[json]") {
    for (const char* digits : {"0", "-0", "1.10", "100000000000000000000000000000000001", "0.1e-7",
                               "1E+2", "3.14159265358979323846264338327950288419716939937510"}) {
        CHECK(parse_json(digits).text() == digits);
        CHECK(parse_json(digits).dump() == digits);
    }
}

TEST_CASE("members keep their order", "[json]") {
    CHECK(parse_json(R"({"b":1,"a":2})").dump() == R"({"b":1,"a":2})");
}

TEST_CASE("a view that does not end in NUL is read to its end and no further", "[json]") {
    const std::string_view text = "[1]2";
    CHECK(parse_json(text.substr(0, 3)).dump() == "[1]");
}

TEST_CASE("malformed documents are refused with the place", "[json]") {
    CHECK(refusal(R"({"a": 1, "b": nope})") == "malformed JSON at byte 15: not a JSON value");
    CHECK(refusal("") == "malformed JSON at byte 0: the document is empty");
    CHECK(refusal("  ") == "malformed JSON at byte 2: the document is empty");
    CHECK(refusal("{} {}") == "malformed JSON at byte 3: text follows the document");
    for (const char* text : {"{", "[1,]", "{\"a\":1,}", "{a:1}", "[1 2]", "'a'", "\"a", "// c\n1",
                             "[,1]", "{\"a\"}", "tru", "]"}) {
        INFO(text);
        CHECK_THAT(refusal(text), Catch::StartsWith("malformed JSON at byte "));
    }
}

TEST_CASE("numbers follow the grammar of JSON", "[json]") {
    for (const char* text : {"+1", "01", ".5", "1.", "1e", "1e+", "-", "NaN", "Infinity",
                             "-Infinity", "0x10", "1_000", "1e400"}) {
        INFO(text);
        CHECK_THAT(refusal(text), Catch::StartsWith("malformed JSON at byte "));
    }
}

TEST_CASE("nothing hides behind a NUL byte", "[json]") {
    using namespace std::string_view_literals;
    CHECK_THAT(refusal("{}\0garbage"sv), Contains("text follows the document"));
    CHECK_THAT(refusal("\"a\0b\""sv), Catch::StartsWith("malformed JSON"));
    CHECK_THAT(refusal(R"(["a\u0000b"])"), Contains("U+0000"));
    CHECK_THAT(refusal(R"({"\u0000":1})"), Contains("U+0000"));
}

TEST_CASE("strings are valid UTF-8 and Unicode", "[json]") {
    CHECK(parse_json(R"("\ud83d\ude00")").text() == "😀");
    CHECK(parse_json("\"\xED\x9F\xBF\"").text() == "\ud7ff");
    for (const char* text :
         {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\udfffx")", R"({"\udead":1})"}) {
        INFO(text);
        CHECK_THAT(refusal(text), Contains("unpaired surrogate"));
    }
    for (const char* text : {"\"\xC0\x80\"", "\"\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"",
                             "\"\xE0\x80\x80\"", "\"\xC3\"", "\"\xF8\x88\x80\x80\x80\"", "\"\n\"",
                             "\"\x01\"", "\xFF"}) {
        CHECK_THAT(refusal(text), Catch::StartsWith("malformed JSON at byte "));
    }
}

TEST_CASE("a duplicate key is refused by name, in small objects and in large ones", "[json]") {
    CHECK(refusal(R"({"a":1,"b":2,"a":3})") == "malformed JSON at byte 16: duplicate key \"a\"");
    CHECK_THAT(refusal(R"({"x":{"é":1,"\u00e9":2}})"), Contains("duplicate key \"é\""));
    for (const std::size_t members : {2U, 16U, 17U, 18U, 1000U}) {
        INFO(members);
        CHECK_THAT(refusal(object_of(members, "k0")), Contains("duplicate key \"k0\""));
        CHECK(refusal(object_of(members, "last")) == "accepted");
    }
    CHECK(refusal(R"([{"a":1},{"a":1}])") == "accepted");
}

TEST_CASE("an object of many members is not quadratic", "[json]") {
    const std::string text = object_of(200000, "last");
    const auto start = std::chrono::steady_clock::now();
    CHECK(parse_json(text).members().size() == 200000);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

TEST_CASE("nesting has a limit", "[json]") {
    CHECK(refusal(nested(kMaxJsonDepth)) == "accepted");
    CHECK_THAT(refusal(nested(kMaxJsonDepth + 1)), Contains("nested deeper than 64 levels"));
    CHECK_THAT(refusal(std::string(1000000, '[')), Contains("nested deeper than 64 levels"));
    CHECK_NOTHROW(parse_json("[1]", 1));
    CHECK_THROWS_AS(parse_json("[{}]", 1), Failure);
    CHECK_NOTHROW(parse_json("1", 0));
}

TEST_CASE("writing is the inverse of parsing", "[json]") {
    Random random(20240917);
    for (int round = 0; round < 3000; ++round) {
        const Json json = random_json(random, 5);
        const std::string text = json.dump();
        INFO(text);
        const Json again = parse_json(text);
        REQUIRE(again == json);
        REQUIRE(again.dump() == text);
    }
}

TEST_CASE("set adds, replaces and makes an object", "[json]") {
    Json json;
    json.set("a", Json::number("1"));
    json.set("b", Json::string("x"));
    json.set("a", Json::boolean(true));
    CHECK(json.dump() == R"({"a":true,"b":"x"})");
}

TEST_CASE("equality looks at structure and digits", "[json]") {
    CHECK(parse_json("[1,{\"a\":null}]") == parse_json(" [ 1 , { \"a\" : null } ] "));
    CHECK_FALSE(parse_json("1.0") == parse_json("1"));
    CHECK_FALSE(parse_json("\"1\"") == parse_json("1"));
    CHECK_FALSE(parse_json("{}") == parse_json("[]"));
}

TEST_CASE("the writer writes views without storage and stored JSON", "[json]") {
    JsonWriter writer;
    writer.begin_object();
    writer.key({});
    writer.string({});
    writer.key("n");
    writer.integer(-9223372036854775807LL - 1);
    writer.key("raw");
    writer.raw("[1.50]");
    writer.end_object();
    CHECK(writer.view() == R"({"":"","n":-9223372036854775808,"raw":[1.50]})");
    writer.clear();
    writer.null();
    CHECK(writer.view() == "null");
}
