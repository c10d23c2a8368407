// Request targets: splitting, decoding, refusing.
#include <catch2/catch.hpp>

#include "shim/target.hpp"

using namespace pgwright::shim;

namespace {

Target read(std::string_view text) {
    Target target;
    const auto fault = read_target(text, target);
    INFO(text << ": " << (fault ? fault->message : ""));
    REQUIRE_FALSE(fault);
    return target;
}

Fault refused(std::string_view text) {
    Target target;
    auto fault = read_target(text, target);
    INFO(text);
    REQUIRE(fault);
    return *fault;
}

using Segments = std::vector<std::string>;

}  // namespace

TEST_CASE("a path is split before it is decoded", "[target]") {
    CHECK(read("/").segments == Segments{""});
    CHECK(read("/a/b").segments == Segments{"a", "b"});
    CHECK(read("/a%2Fb/%C3%BC").segments == Segments{"a/b", "\xC3\xBC"});
    CHECK(read("/a/").segments == Segments{"a", ""});
    CHECK(read("//a").segments == Segments{"", "a"});
    CHECK(read("/a/../b").segments == Segments{"a", "..", "b"});
}

TEST_CASE("a plus sign is a blank in the query and itself in the path", "[target]") {
    const Target target = read("/a+b?q=c+d%2Be");
    CHECK(target.segments == Segments{"a+b"});
    REQUIRE(target.query.size() == 1);
    CHECK(target.query[0].value == "c d+e");
}

TEST_CASE("query parameters keep order, repetitions and empty values", "[target]") {
    const Target target = read("/a?x=1&y&x=2&&z=a=b");
    REQUIRE(target.query.size() == 4);
    CHECK(target.query[0].name == "x");
    CHECK(target.query[1].name == "y");
    CHECK(target.query[1].value.empty());
    CHECK(target.query[2].value == "2");
    CHECK(target.query[3].value == "a=b");
    CHECK(target.path == "/a");
}

TEST_CASE("characters that clients forget to escape in a query are taken as they are", "[target]") {
    CHECK(read(R"(/a?filters={"b":[1]})").query[0].value == R"({"b":[1]})");
}

TEST_CASE("absolute form and the whole server are understood", "[target]") {
    CHECK(read("http://example.org:80/a/b?c=1").segments == Segments{"a", "b"});
    CHECK(read("https://example.org").segments == Segments{""});
    CHECK(read("HTTP://example.org?x=1").query[0].name == "x");
    CHECK(read("*").whole_server);
}

TEST_CASE("what cannot be decoded is refused", "[target]") {
    CHECK(refused("/a%2").message == "has a malformed percent escape");
    CHECK(refused("/a%zz").field == "path");
    CHECK(refused("/a?b=%q1").field == "b");
    CHECK(refused("/a%00").message == "must not contain the character U+0000");
    CHECK(refused("/a?b=%00").field == "b");
    CHECK(refused("/%FF").message == "is not valid UTF-8");
    CHECK(refused("/%C0%AF").message == "is not valid UTF-8");        // overlong slash
    CHECK(refused("/%ED%A0%80").message == "is not valid UTF-8");     // surrogate
    CHECK(refused("/%F4%90%80%80").message == "is not valid UTF-8");  // above U+10FFFF
    CHECK(refused("/a?%FF=1").field == "query");
    CHECK(refused("/a#b").message == "is not a valid request target");
    CHECK(refused("a/b").message == "is not a valid request target");
    CHECK(refused("").message == "is not a valid request target");
}
