// Checking JSON a client sends.
#include <catch2/catch.hpp>

#include "shim/json_document.hpp"

using namespace pgwright::shim;

namespace {

constexpr std::size_t kDepth = 64;

JsonDocument read(std::string_view text) {
    JsonDocument document;
    const auto fault = read_json(text, kDepth, true, document);
    INFO(text << ": " << (fault ? fault->message : ""));
    REQUIRE_FALSE(fault);
    return document;
}

std::string wrong(std::string_view text, std::size_t depth = kDepth) {
    JsonDocument document;
    const auto fault = read_json(text, depth, true, document);
    return fault ? fault->field + "|" + fault->message : "";
}

}  // namespace

TEST_CASE("members keep the text they were written in", "[json]") {
    const JsonDocument document = read(
        R"( {"s":"a\u00e9\"b", "n": 12345678901234567890.1000e-5, "o": {"x" : [1.0, {}]}, "a":[ 1 ,2 ],
           "t":true, "f":false, "z":null, "e":{}, "l":[]} )");
    REQUIRE(document.kind == JsonKind::object);
    REQUIRE(document.members.size() == 9);
    const auto& m = document.members;
    CHECK(m[0].text == "a\xC3\xA9\"b");
    CHECK(m[0].kind == JsonKind::string);
    CHECK(m[1].text == "12345678901234567890.1000e-5");
    CHECK(m[2].text == R"({"x" : [1.0, {}]})");
    CHECK(m[2].kind == JsonKind::object);
    CHECK(m[3].text == "[ 1 ,2 ]");
    CHECK(m[3].kind == JsonKind::array);
    CHECK(m[4].text == "true");
    CHECK(m[5].text == "false");
    CHECK(m[6].kind == JsonKind::null);
    CHECK(m[7].text == "{}");
    CHECK(m[8].text == "[]");
}

TEST_CASE("big numbers keep every digit", "[json]") {
    CHECK(read(R"({"n":123456789012345678901234567890})").members[0].text ==
          "123456789012345678901234567890");
    CHECK(read(R"({"n":-0.1000000000000000055511151231257827})").members[0].text ==
          "-0.1000000000000000055511151231257827");
    CHECK(read(R"({"n":-0})").members[0].text == "-0");
}

TEST_CASE("other kinds at the top are told apart", "[json]") {
    CHECK(read("[1]").kind == JsonKind::array);
    CHECK(read(" 1 ").kind == JsonKind::number);
    CHECK(read("\"x\"").kind == JsonKind::string);
    CHECK(read("null").kind == JsonKind::null);
    CHECK(read("[[{\"a\":1}]]").members.empty());
}

TEST_CASE("a malformed text is refused with its position", "[json]") {
    CHECK(wrong("") == "|is not well-formed JSON: The document is empty, at line 1, column 1");
    CHECK(wrong("{\n \"a\": tru}").find("at line 2, column 10") != std::string::npos);
    for (const char* text : {"{",         "}",
                             "[1,]",      "{\"a\":1,}",
                             "{\"a\" 1}", "{a:1}",
                             "{'a':1}",   "01",
                             "1.",        ".5",
                             "+1",        "1e",
                             "nul",       "\"a",
                             "\"\\x\"",   "\"\\ud800\"",
                             "\"a\nb\"",  "1 2",
                             "{} x",      "// c\n1",
                             "NaN",       "\xEF\xBB\xBF{}"}) {
        INFO(text);
        CHECK(wrong(text).find("is not well-formed JSON") != std::string::npos);
    }
}

TEST_CASE("a NUL does not end the text early", "[json]") {
    CHECK(wrong(std::string_view("{}\0{", 4)).find("NUL") != std::string::npos);
    CHECK_FALSE(wrong(std::string_view("\"a\0\"", 4)).empty());
}

TEST_CASE("invalid UTF-8 is refused", "[json]") {
    CHECK(wrong("\"\xFF\"").find("not valid UTF-8") != std::string::npos);
    CHECK_FALSE(wrong("\"\xC0\xAF\"").empty());
    CHECK_FALSE(wrong("\"\xED\xA0\x80\"").empty());
    CHECK_FALSE(wrong("{\"\xC3\":1}").empty());
    CHECK(wrong("\"\xF0\x9F\x98\x80\"").empty());
}

TEST_CASE("a repeated key is refused at any depth, and named", "[json]") {
    CHECK(wrong(R"({"a":1,"b":2,"a":3})") == "a|is given more than once, at line 1, column 17");
    CHECK(wrong(R"([{"x":[{"k":1,"k":2}]}])").substr(0, 2) == "k|");
    CHECK(wrong(R"({"a":1,"\u0061":2})").substr(0, 2) == "a|");
    CHECK(wrong(R"({"":1,"":2})").substr(0, 1) == "|");
    CHECK(wrong(R"({"a":{"a":{"a":1}},"b":{"a":1}})").empty());
}

TEST_CASE("many keys are checked in reasonable time", "[json]") {
    std::string text = "{";
    for (int number = 0; number < 200000; ++number) {
        text += "\"k" + std::to_string(number) + "\":1,";
    }
    CHECK(wrong(text + "\"last\":1}").empty());
    CHECK(wrong(text + "\"k7\":1}").substr(0, 3) == "k7|");
}

TEST_CASE("nesting is bounded", "[json]") {
    CHECK(wrong("[[[]]]", 3).empty());
    CHECK(wrong("[[[[]]]]", 3) == "|is nested deeper than 3 levels, at line 1, column 4");
    CHECK(wrong(std::string(100000, '[')).find("is nested deeper than 64 levels") !=
          std::string::npos);
    std::string objects;
    for (int level = 0; level < 100000; ++level) {
        objects += "{\"a\":";
    }
    CHECK(wrong(objects).find("is nested deeper than 64 levels") != std::string::npos);
    // With a limit that lets them through they must not exhaust the stack either.
    CHECK(wrong(std::string(100000, '[') + std::string(100000, ']'), 100000).empty());
}
