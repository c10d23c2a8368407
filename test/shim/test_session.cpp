// Sessions: what a client sees on the wire.
#include <catch2/catch.hpp>

#include "session_test.hpp"

using namespace pgwright::shim;

namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++found;
    }
    return found;
}

}  // namespace

TEST_CASE("a connection serves one request after the other", "[session]") {
    SessionTest test;
    for (int number = 0; number < 3; ++number) {
        const std::string response = test.exchange(get("/t"));
        CHECK(response.starts_with("HTTP/1.1 200 OK\r\n"));
        CHECK(response.ends_with("\r\n\r\n{\"ok\":true}"));
    }
    CHECK(test.backend.calls.size() == 3);
    CHECK_FALSE(test.closed);
}

TEST_CASE("pipelined requests are answered in order", "[session]") {
    SessionTest test;
    test.backend.outcomes = {Row{{"1"}}, Row{{"2"}}, Row{{"3"}}};
    const std::string responses = test.exchange(get("/t") + post("/t/whole", "{}") + get("/t"));
    CHECK(count(responses, "HTTP/1.1 200 OK") == 3);
    CHECK(responses.find("\r\n\r\n1") < responses.find("\r\n\r\n2"));
    CHECK(responses.find("\r\n\r\n2") < responses.find("\r\n\r\n3"));
}

TEST_CASE("a request may arrive byte by byte", "[session]") {
    SessionTest test;
    for (const char c : post("/t/whole", R"({"a":1})")) {
        test.send(std::string_view(&c, 1));
    }
    CHECK(test.received().starts_with("HTTP/1.1 200"));
}

TEST_CASE("the connection closes when the client asks, and for HTTP/1.0", "[session]") {
    SessionTest one;
    CHECK(has(one.exchange(get("/t", "Connection: close\r\n")), "Connection: close\r\n"));
    one.let_time_pass();
    CHECK(one.closed);
    SessionTest old;
    CHECK(has(old.exchange("GET /t HTTP/1.0\r\n\r\n"), "Connection: close\r\n"));
    SessionTest kept;
    CHECK(has(kept.exchange("GET /t HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              "Connection: keep-alive\r\n"));
    CHECK_FALSE(kept.closed);
}

TEST_CASE("HEAD is answered like GET, without the body", "[session]") {
    SessionTest test;
    const std::string response = test.exchange("HEAD /t HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(has(response, "Content-Length: 11\r\n"));
    CHECK(response.ends_with("\r\n\r\n"));
    CHECK(test.exchange(get("/t")).starts_with("HTTP/1.1 200"));
}

TEST_CASE("a chunked body is a body", "[session]") {
    SessionTest test;
    CHECK(test.exchange("POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        "Transfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n")
              .starts_with("HTTP/1.1 200"));
}

TEST_CASE("204 has neither body nor length", "[session]") {
    SessionTest test;
    const std::string response = test.exchange("DELETE /t/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(response.starts_with("HTTP/1.1 204 No Content\r\n"));
    CHECK_FALSE(has(response, "Content-Length"));
    CHECK(response.ends_with("\r\n\r\n"));
}

TEST_CASE("unknown paths, wrong methods and wrong media types leave the connection open",
          "[session]") {
    SessionTest test;
    CHECK(test.exchange(get("/nope")).starts_with("HTTP/1.1 404"));
    const std::string wrong = test.exchange(post("/t", "{}"));
    CHECK(wrong.starts_with("HTTP/1.1 405"));
    CHECK(has(wrong, "Allow: GET, HEAD, OPTIONS\r\n"));
    CHECK(test.exchange(post("/t/whole", "a=1", "")).starts_with("HTTP/1.1 415"));
    CHECK(test.exchange(post("/t/whole", "a=1", "Content-Type: text/plain\r\n"))
              .starts_with("HTTP/1.1 415"));
    CHECK(test.exchange(post("/t/whole", "{}",
                             "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"))
              .starts_with("HTTP/1.1 415"));
    CHECK(test.exchange(post("/t/whole", "{")).starts_with("HTTP/1.1 400"));
    CHECK(test.exchange("OPTIONS /t HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 204"));
    CHECK(test.exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 204"));
    CHECK(test.exchange(get("/t/x%")).starts_with("HTTP/1.1 400"));
    CHECK(test.backend.calls.empty());
    CHECK_FALSE(test.closed);
    CHECK(test.exchange(get("/t")).starts_with("HTTP/1.1 200"));
}

TEST_CASE("headers over the limit get 431 and the connection closes", "[session]") {
    SessionTest test;
    const std::string response = test.exchange(get("/t", "X: " + std::string(2000, 'x') + "\r\n"));
    CHECK(response.starts_with("HTTP/1.1 431"));
    CHECK(has(response, "HEADERS_TOO_LARGE"));
    CHECK(has(response, "Connection: close\r\n"));
    test.hang_up();
    CHECK(test.closed);
    SessionTest endless;
    endless.send("GET /t HTTP/1.1\r\n");
    for (int line = 0; line < 100; ++line) {
        endless.send("X-" + std::to_string(line) + ": 0123456789\r\n");
    }
    CHECK(endless.received().starts_with("HTTP/1.1 431"));
}

TEST_CASE("a body over the limit gets 413, announced or not", "[session]") {
    SessionTest announced;
    const std::string response = announced.exchange(
        "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 5000\r\n\r\n");
    CHECK(response.starts_with("HTTP/1.1 413"));
    CHECK(has(response, "PAYLOAD_TOO_LARGE"));
    CHECK(has(response, "Connection: close\r\n"));
    SessionTest chunked;
    chunked.send(
        "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n");
    for (int chunk = 0; chunk < 10; ++chunk) {
        chunked.send("200\r\n" + std::string(0x200, ' ') + "\r\n");
    }
    CHECK(chunked.received().starts_with("HTTP/1.1 413"));
    CHECK(chunked.backend.calls.empty());
}

TEST_CASE("a message that cannot be parsed gets 400 and the connection closes", "[session]") {
    for (const char* message :
         {"nonsense\r\n\r\n", "GET\r\n\r\n", "GET /t HTTP/2.0\r\nHost: x\r\n\r\n",
          "GET /t HTTP/1.1\r\n\r\n", "GET /t HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
          "GET /t HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
          "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
          "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
          "Transfer-Encoding: chunked\r\n\r\n"}) {
        INFO(message);
        SessionTest test;
        const std::string response = test.exchange(message);
        CHECK(response.starts_with("HTTP/1.1 400"));
        CHECK(has(response, "Connection: close\r\n"));
        test.hang_up();
        CHECK(test.closed);
        CHECK(test.backend.calls.empty());
    }
}

TEST_CASE("a client that asks before it sends a body is told to go on", "[session]") {
    SessionTest test;
    const std::string head =
        "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    CHECK(test.exchange(head) == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(test.exchange("{}").starts_with("HTTP/1.1 200"));
}

TEST_CASE("a client that asks in vain is told so before it sends the body", "[session]") {
    SessionTest test;
    const std::string response = test.exchange(
        "POST /nope HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK(response.starts_with("HTTP/1.1 404"));
    CHECK(has(response, "Connection: close\r\n"));
    CHECK_FALSE(has(response, "100 Continue"));
}

TEST_CASE("an idle connection is closed without a word", "[session]") {
    SessionTest test;
    test.let_time_pass();
    CHECK(test.closed);
    CHECK(test.received().empty());
}

TEST_CASE("a head that does not arrive in time gets 408", "[session]") {
    SessionTest test;
    test.send("GET /t HTT");
    test.tick(Clock::now());
    CHECK(test.received().empty());
    test.let_time_pass();
    const std::string response = test.received();
    CHECK(response.starts_with("HTTP/1.1 408"));
    CHECK(has(response, "REQUEST_TIMEOUT"));
    CHECK(test.closed);
}

TEST_CASE("a body that does not arrive in time gets 408", "[session]") {
    SessionTest test;
    test.send(
        "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        "Content-Length: 10\r\n\r\n{");
    test.let_time_pass();
    CHECK(test.received().starts_with("HTTP/1.1 408"));
    CHECK(test.closed);
}

TEST_CASE("deadlines are armed anew for every request", "[session]") {
    SessionTest test;
    CHECK(test.exchange(get("/t")).starts_with("HTTP/1.1 200"));
    test.tick(Clock::now() + test.settings.header_timeout + Duration(1000));
    CHECK_FALSE(test.closed);  // idle by now, which lasts longer
    CHECK(test.exchange(get("/t")).starts_with("HTTP/1.1 200"));
    test.let_time_pass();
    CHECK(test.closed);
}

TEST_CASE("a statement that takes too long is cancelled and gets 504", "[session]") {
    SessionTest test;
    test.backend.hang = true;
    CHECK(test.exchange(get("/t")).empty());
    test.tick(Clock::now());
    CHECK(test.received().empty());
    test.let_time_pass();
    const std::string response = test.received();
    CHECK(response.starts_with("HTTP/1.1 504"));
    CHECK(has(response, "STATEMENT_TIMEOUT"));
    CHECK(test.backend.reason == InterruptReason::deadline);
    CHECK_FALSE(test.closed);
}

TEST_CASE("a client that hangs up has its statement cancelled", "[session]") {
    SessionTest test;
    test.backend.hang = true;
    test.send(get("/t"));
    test.gone = true;
    test.tick(Clock::now());
    CHECK(test.backend.reason == InterruptReason::hangup);
    test.hang_up();
    CHECK(test.closed);
}

TEST_CASE("a client that hangs up within a request ends the session", "[session]") {
    for (const char* part : {"", "GET /t",
                             "POST /t/whole HTTP/1.1\r\nHost: x\r\nContent-Type: "
                             "application/json\r\nContent-Length: 9\r\n\r\n{"}) {
        SessionTest test;
        test.send(part);
        test.hang_up();
        CHECK(test.closed);
        CHECK(test.backend.calls.empty());
    }
}

TEST_CASE("stopping closes an idle connection at once", "[session]") {
    SessionTest test;
    test.stop();
    CHECK(test.closed);
}

TEST_CASE("stopping lets a request in flight finish, then closes", "[session]") {
    SessionTest test;
    test.send("GET /t HTTP/1.1\r\nHost: x\r\n");
    test.stop();
    CHECK_FALSE(test.closed);
    const std::string response = test.exchange("\r\n" + get("/t"));
    CHECK(response.starts_with("HTTP/1.1 200"));
    CHECK(has(response, "Connection: close\r\n"));
    CHECK(count(response, "HTTP/1.1") == 1);
    test.hang_up();
    CHECK(test.closed);
}

TEST_CASE("when the grace period is over the statement is cancelled and answered", "[session]") {
    SessionTest test;
    test.backend.hang = true;
    test.send(get("/t"));
    test.stop();
    CHECK(test.received().empty());
    test.abort();
    CHECK(test.backend.reason == InterruptReason::shutdown);
    const std::string response = test.received();
    CHECK(response.starts_with("HTTP/1.1 503"));
    CHECK(has(response, "shutting down"));
    CHECK(has(response, "Connection: close\r\n"));
}

TEST_CASE("an exception costs one request", "[session]") {
    SessionTest test;
    test.backend.fail = true;
    const std::string response = test.exchange(get("/t"));
    CHECK(response.starts_with("HTTP/1.1 500"));
    CHECK_FALSE(has(response, "luck"));
    test.backend.fail = false;
    CHECK(test.exchange(get("/t")).starts_with("HTTP/1.1 200"));
}

TEST_CASE("the request id is the client's when it is harmless", "[session]") {
    SessionTest test;
    CHECK(has(test.exchange(get("/t", "X-Request-Id: abc-1\r\n")), "X-Request-Id: abc-1\r\n"));
    CHECK_FALSE(has(test.exchange(get("/t", "X-Request-Id: a b\r\n")), "a b"));
    CHECK(has(test.exchange(get("/nope", "X-Request-Id: abc-2\r\n")), R"("request_id":"abc-2")"));
    CHECK(has(test.exchange("GET /t HTTP/1.1\r\nX-Request-Id: abc-3\r\n\r\n"),
              "X-Request-Id: abc-3\r\n"));
}

TEST_CASE("the token is passed on; another scheme is refused", "[session]") {
    SessionTest test;
    test.exchange(get("/t", "Authorization: Bearer abc\r\n"));
    test.exchange(get("/t"));
    CHECK(test.backend.tokens == std::vector<std::string>{"abc", ""});
    const std::string response = test.exchange(get("/t", "Authorization: Basic abc\r\n"));
    CHECK(response.starts_with("HTTP/1.1 401"));
    CHECK(has(response, "WWW-Authenticate: Bearer\r\n"));
    CHECK(test.backend.calls.size() == 2);
}

TEST_CASE("an API key is passed on as the token is", "[session]") {
    SessionTest test;
    test.exchange(get("/t", "X-API-Key: pgw_abc_def\r\n"));
    test.exchange(get("/t", "X-API-Key: pgw_abc_def\r\nAuthorization: Bearer pgw_abc_def\r\n"));
    CHECK(test.backend.tokens == std::vector<std::string>{"pgw_abc_def", "pgw_abc_def"});
    for (const char* headers : {"X-API-Key: pgw_abc_def\r\nAuthorization: Bearer abc\r\n"}) {
        CHECK(test.exchange(get("/t", headers)).starts_with("HTTP/1.1 400"));
    }
    const std::string twice = "X-API-Key: pgw_abc_def\r\nX-API-Key: pgw_abc_def\r\n";
    CHECK(test.exchange(get("/t", twice)).starts_with("HTTP/1.1 401"));
    CHECK(test.exchange(get("/t", "X-API-Key: rubbish\r\n")).starts_with("HTTP/1.1 401"));
    CHECK(test.backend.calls.size() == 2);
}

TEST_CASE("outcomes of the database become replies", "[session]") {
    SessionTest test;
    test.backend.outcomes = {Outcome(Unavailable::no_connection), Outcome(Unavailable::queue_full),
                             Outcome(ServerError{"PW404", "No such record."}), Outcome(Row{}),
                             Outcome(Row{{std::nullopt}})};
    std::string response = test.exchange(get("/t"));
    CHECK(response.starts_with("HTTP/1.1 503"));
    CHECK(has(response, "DATABASE_ERROR"));
    CHECK(has(response, "Retry-After: 1\r\n"));
    response = test.exchange(get("/t"));
    CHECK(response.starts_with("HTTP/1.1 503"));
    CHECK(has(response, "Retry-After: 1\r\n"));
    response = test.exchange(get("/t"));
    CHECK(response.starts_with("HTTP/1.1 404"));
    CHECK(has(response, "No such record."));
    CHECK(test.exchange(get("/t")).ends_with("\r\n\r\nnull"));
    CHECK(test.exchange(get("/t")).ends_with("\r\n\r\nnull"));
}

TEST_CASE("health answers without the database; the database's health asks it", "[session]") {
    SessionTest test;
    const std::string health = test.exchange(get("/api/health"));
    CHECK(health.starts_with("HTTP/1.1 200"));
    CHECK(has(health, R"("status":"ok")"));
    CHECK(test.backend.calls.empty());
    test.backend.outcomes = {Outcome(Row{{"15.4", "0.1"}}), Outcome(Unavailable::no_connection)};
    const std::string database = test.exchange(get("/api/health/database"));
    CHECK(has(database, R"("server_version":"15.4","extension_version":"0.1")"));
    CHECK(test.exchange(get("/api/health/database")).starts_with("HTTP/1.1 503"));
    CHECK(has(test.exchange("DELETE /api/health HTTP/1.1\r\nHost: x\r\n\r\n"),
              "Allow: GET, HEAD, OPTIONS\r\n"));
}

TEST_CASE("before the routes are known every route is unavailable", "[session]") {
    SessionTest test;
    test.service.set_routes(nullptr);
    CHECK(test.exchange(get("/t")).starts_with("HTTP/1.1 503"));
    CHECK(test.exchange(get("/api/health")).starts_with("HTTP/1.1 200"));
}
