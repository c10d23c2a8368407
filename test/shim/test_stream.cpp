// Replies that are sent while they are made, and bodies that are bytes.
#include <catch2/catch.hpp>

#include "session_test.hpp"
#include "shim/content_type.hpp"
#include "shim/function_response.hpp"

using namespace pgwright::shim;

namespace {

constexpr const char* kHead =
    R"({"status":200,"headers":{"Content-Type":"text/csv","Content-Length":"5"}})";

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

// A route that streams and one that takes bytes.
struct StreamTest : SessionTest {
    StreamTest() {
        auto table = std::make_shared<RouteTable>();
        RouteRow stream = route_row("GET", "/s", R"([{"name":"n","type":"integer"}])");
        stream.returns = "stream";
        RouteRow bytes = route_row("POST", "/b/{id}",
                                   R"([{"name":"id","type":"text","required":true},
                {"name":"content","type":"bytea","required":true},{"name":"n","type":"integer"}])");
        bytes.body_argument = "content";
        REQUIRE_FALSE(table->add(make_route(stream)));
        REQUIRE_FALSE(table->add(make_route(bytes)));
        service.set_routes(table);
    }
};

}  // namespace

TEST_CASE("a streamed reply comes in chunks, and the connection stays", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc", "", "0123456789abcdefg"};
    test.backend.outcomes = {Outcome(Row{})};
    const std::string response = test.exchange(get("/s"));
    CHECK(response.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(has(response, "Transfer-Encoding: chunked\r\n"));
    CHECK(has(response, "Content-Type: text/csv\r\n"));
    CHECK_FALSE(has(response, "Content-Length"));
    CHECK(response.ends_with("\r\n\r\n3\r\nabc\r\n11\r\n0123456789abcdefg\r\n0\r\n\r\n"));
    CHECK_FALSE(test.closed);
    test.backend.rows = {kHead, "x"};
    test.backend.outcomes = {Outcome(Row{})};
    CHECK(test.exchange(get("/s")).ends_with("\r\n\r\n1\r\nx\r\n0\r\n\r\n"));
}

TEST_CASE("a stream of nothing is an empty reply", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead};
    test.backend.outcomes = {Outcome(Row{})};
    const std::string response = test.exchange(get("/s"));
    CHECK(response.starts_with("HTTP/1.1 200"));
    CHECK(has(response, "Content-Length: 0\r\n"));
}

TEST_CASE("an error before anything was sent is an answer", "[stream]") {
    StreamTest test;
    test.backend.outcomes = {Outcome(ServerError{"PW404", "No such entity."})};
    CHECK(test.exchange(get("/s")).starts_with("HTTP/1.1 404"));
    test.backend.rows = {kHead};  // the head alone is not sent yet
    test.backend.outcomes = {Outcome(ServerError{"PW400", "Not so."})};
    CHECK(test.exchange(get("/s")).starts_with("HTTP/1.1 400"));
    test.backend.rows = {"no head"};
    test.backend.outcomes = {Outcome(ServerError{"57014", "canceled"})};
    CHECK(test.exchange(get("/s")).starts_with("HTTP/1.1 500"));
    CHECK_FALSE(test.closed);
}

TEST_CASE("an error afterwards cuts the connection", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc"};
    test.backend.outcomes = {Outcome(ServerError{"22012", "division by zero"})};
    const std::string response = test.exchange(get("/s"));
    CHECK(response.starts_with("HTTP/1.1 200"));
    CHECK(response.ends_with("3\r\nabc"));
    CHECK(test.closed);
}

TEST_CASE("an exception afterwards cuts it too", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc"};
    test.backend.fail = true;
    CHECK(test.exchange(get("/s")).ends_with("3\r\nabc"));
    CHECK(test.closed);
}

TEST_CASE("the statement's time begins anew with each part", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc"};
    test.backend.hang = true;
    test.send(get("/s"));
    test.tick(Clock::now());
    CHECK(test.backend.reason == InterruptReason::none);
    test.let_time_pass();
    CHECK(test.backend.reason == InterruptReason::deadline);
    CHECK(test.closed);
}

TEST_CASE("a client that hangs up during a stream ends it", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc"};
    test.backend.hang = true;
    test.send(get("/s"));
    test.gone = true;
    test.tick(Clock::now());
    CHECK(test.backend.reason == InterruptReason::hangup);
}

TEST_CASE("HEAD of a stream asks for no more than its head", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc", "def"};
    test.backend.outcomes = {Outcome(ServerError{"57014", "canceled"})};
    const std::string response = test.exchange("HEAD /s HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(response.starts_with("HTTP/1.1 200"));
    CHECK(response.ends_with("\r\n\r\n"));
    CHECK(test.backend.rows.size() == 1);
    CHECK_FALSE(test.closed);
    test.backend.rows = {kHead, "x"};
    test.backend.outcomes = {Outcome(Row{})};
    CHECK(test.exchange(get("/s")).starts_with("HTTP/1.1 200"));
}

TEST_CASE("HTTP/1.0 knows no chunks", "[stream]") {
    StreamTest test;
    test.backend.rows = {kHead, "abc", "def"};
    test.backend.outcomes = {Outcome(Row{})};
    const std::string response = test.exchange("GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_FALSE(has(response, "chunked"));
    CHECK(has(response, "Connection: close\r\n"));
    CHECK(response.ends_with("\r\n\r\nabcdef"));
}

TEST_CASE("a body of bytes is taken as it is", "[stream]") {
    StreamTest test;
    const std::string body("a\0{\xFF", 4);
    CHECK(test.exchange(post("/b/7?n=3", body, "Content-Type: text/csv\r\n"))
              .starts_with("HTTP/1.1 200"));
    CHECK(test.backend.calls.back().find("\"content\" => $2::bytea") != std::string::npos);
    REQUIRE(test.backend.binary);
    CHECK(test.backend.binary->index == 1);
    CHECK(test.backend.binary->size == 4);
    CHECK(test.exchange(post("/b/7", "x", "")).starts_with("HTTP/1.1 200"));
    CHECK(test.exchange(post("/b/7", "x", "Content-Type: multipart/form-data; boundary=x\r\n"))
              .starts_with("HTTP/1.1 415"));
    CHECK(
        test.exchange(post("/b/7", "x", "Content-Encoding: gzip\r\n")).starts_with("HTTP/1.1 415"));
    CHECK(has(test.exchange("POST /b/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
              "is required as the request body"));
    CHECK(
        has(test.exchange(post("/b/7?content=1", "x", "")), "is not a parameter of this endpoint"));
}

TEST_CASE("what a form is", "[stream]") {
    CHECK(is_form("multipart/form-data; boundary=x"));
    CHECK(is_form("Application/X-WWW-Form-Urlencoded"));
    CHECK_FALSE(is_form("text/csv"));
    CHECK_FALSE(is_form(""));
}

TEST_CASE("the head of a stream", "[stream]") {
    const auto head = stream_head(kHead);
    REQUIRE(head);
    CHECK(head->headers.size() == 1);
    for (const char* const bad :
         {"", "[]", "{}", R"({"status":"200"})", R"({"status":404})", R"({"status":204})",
          R"({"status":200,"headers":[]})", R"({"status":200,"headers":{"A":1}})"}) {
        CHECK_FALSE(stream_head(bad));
    }
}
