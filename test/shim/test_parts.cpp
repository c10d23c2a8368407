// The small parts: back-off, statement cache, request ids, media types, tokens, heads, functions'
// responses.
#include <catch2/catch.hpp>

#include <set>

#include "shim/backoff.hpp"
#include "shim/bearer_token.hpp"
#include "shim/content_type.hpp"
#include "shim/function_response.hpp"
#include "shim/input_buffer.hpp"
#include "shim/interrupt.hpp"
#include "shim/request_id.hpp"
#include "shim/response_head.hpp"
#include "shim/statement_cache.hpp"

using namespace pgwright::shim;
using std::chrono::milliseconds;

TEST_CASE("waiting doubles up to its limit, with jitter, and starts anew", "[backoff]") {
    Backoff backoff(milliseconds(1000), 42);
    milliseconds step = Backoff::kFirst;
    for (int attempt = 0; attempt < 12; ++attempt) {
        const milliseconds wait = backoff.next();
        CHECK(wait >= step / 2);
        CHECK(wait <= step);
        step = std::min(step * 2, milliseconds(1000));
    }
    backoff.reset();
    CHECK(backoff.next() <= Backoff::kFirst);
}

TEST_CASE("two shims do not wait in step", "[backoff]") {
    Backoff one(milliseconds(5000), 1);
    Backoff other(milliseconds(5000), 2);
    bool differ = false;
    for (int attempt = 0; attempt < 8; ++attempt) {
        differ |= one.next() != other.next();
    }
    CHECK(differ);
}

TEST_CASE("the least recently used statement goes first", "[statement]") {
    StatementCache cache(2);
    CHECK(cache.find("a") == nullptr);
    CHECK_FALSE(cache.insert("a", "s1"));
    CHECK_FALSE(cache.insert("b", "s2"));
    REQUIRE(cache.find("a") != nullptr);
    CHECK(cache.insert("c", "s3") == std::optional<std::string>("s2"));
    CHECK(cache.find("b") == nullptr);
    CHECK(*cache.find("a") == "s1");
    CHECK(*cache.find("c") == "s3");
    const std::string name = cache.new_name();
    cache.clear();
    CHECK(cache.size() == 0);
    CHECK(cache.new_name() != name);
}

TEST_CASE("a client's request id is taken only when it is harmless", "[request_id]") {
    CHECK(is_request_id("a.B-9_"));
    CHECK(is_request_id(std::string(64, 'x')));
    CHECK_FALSE(is_request_id(""));
    CHECK_FALSE(is_request_id(std::string(65, 'x')));
    CHECK_FALSE(is_request_id("a b"));
    CHECK_FALSE(is_request_id("a\"b"));
    RequestIds ids;
    std::set<std::string> seen;
    for (int number = 0; number < 1000; ++number) {
        const std::string id = ids.next();
        CHECK(is_request_id(id));
        seen.insert(id);
    }
    CHECK(seen.size() == 1000);
}

TEST_CASE("JSON in UTF-8 is the only body there is", "[content_type]") {
    for (const char* type :
         {"application/json", "Application/JSON", "application/json; charset=utf-8",
          "application/json;charset=\"UTF-8\"", "application/json; v=1",
          " application/json ;charset=utf-8 "}) {
        INFO(type);
        CHECK(is_json_in_utf8(type));
    }
    for (const char* type :
         {"", "text/plain", "application/jsonx", "application/json; charset=latin1",
          "application/json; v=1; charset=utf-16", "application/x-www-form-urlencoded"}) {
        INFO(type);
        CHECK_FALSE(is_json_in_utf8(type));
    }
}

TEST_CASE("a mistaken Authorization header does not pass as anonymous", "[token]") {
    Request request;
    CHECK(bearer_token(request) == std::optional<std::string>(""));
    request.authorization = "Bearer abc.def-_~+/=";
    CHECK(bearer_token(request) == std::optional<std::string>("abc.def-_~+/="));
    request.authorization = "bearer  x";
    CHECK(bearer_token(request) == std::optional<std::string>("x"));
    for (const char* value : {"", "Bearer", "Bearer ", "Basic abc", "abc", "Bearer a b",
                              "Bearer a\"b", "Bearer \xFF"}) {
        INFO(value);
        request.authorization = value;
        CHECK_FALSE(bearer_token(request));
    }
    request.authorization = "Bearer x";
    request.repeated_authorization = true;
    CHECK_FALSE(bearer_token(request));
}

TEST_CASE("a key comes in either header, and both must agree", "[token]") {
    const auto status_of = [](const Request& request) {
        const auto who = credential(request);
        const auto* fault = std::get_if<ApiError>(&who);
        return fault == nullptr ? 200 : error_kind(fault->code).status;
    };
    const auto token_of = [](const Request& request) {
        return std::get<std::string>(credential(request));
    };
    Request request;
    CHECK(token_of(request).empty());
    request.api_key = " pgw_abc_d-e_f ";
    CHECK(token_of(request) == "pgw_abc_d-e_f");
    request.authorization = "Bearer pgw_abc_d-e_f";
    CHECK(token_of(request) == "pgw_abc_d-e_f");
    request.authorization = "Bearer pgw_abc_other";
    CHECK(status_of(request) == 400);
    request.authorization = "Bearer a.b.c";
    CHECK(status_of(request) == 400);
    request.authorization = "Basic abc";
    CHECK(status_of(request) == 401);
    request.authorization.reset();
    for (const char* value :
         {"", " ", "abc", "a.b.c", "PGW_abc", "pgw_a b", "pgw_a\"b", "pgw_\xFF"}) {
        INFO(value);
        request.api_key = value;
        CHECK(status_of(request) == 401);
    }
    request.api_key = "pgw_abc_def";
    request.repeated_api_key = true;
    CHECK(status_of(request) == 401);
}

TEST_CASE("the head has what every response has", "[head]") {
    Reply reply;
    reply.body = "{}";
    std::string head;
    write_response_head(head, reply, {"r1"});
    CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(head.ends_with("\r\n\r\n"));
    for (const char* line :
         {"\r\nServer: pgwright\r\n", "\r\nContent-Type: application/json\r\n",
          "\r\nContent-Length: 2\r\n", "\r\nX-Request-Id: r1\r\n",
          "\r\nCache-Control: no-store\r\n", "\r\nX-Content-Type-Options: nosniff\r\n"}) {
        INFO(line);
        CHECK(head.find(line) != std::string::npos);
    }
    CHECK(head.find("Connection:") == std::string::npos);
    write_response_head(head, reply, {"r1", false, false});
    CHECK(head.find("\r\nConnection: close\r\n") != std::string::npos);
    write_response_head(head, reply, {"r1", true, true});
    CHECK(head.find("\r\nConnection: keep-alive\r\n") != std::string::npos);
}

TEST_CASE("204 announces no body, and a reply's header replaces the default", "[head]") {
    Reply reply;
    reply.status = 204;
    std::string head;
    write_response_head(head, reply, {"r1"});
    CHECK(head.find("\r\nContent-") == std::string::npos);
    reply.status = 200;
    reply.headers = {{"cache-control", "max-age=1"}};
    write_response_head(head, reply, {"r1"});
    CHECK(head.find("no-store") == std::string::npos);
    CHECK(head.find("cache-control: max-age=1\r\n") != std::string::npos);
    CHECK(head.find("Content-Length: 0\r\n") != std::string::npos);
}

TEST_CASE("a function's response decides status and headers", "[response]") {
    Row row{{"302", R"({"Location":"/x","Set-Cookie":["a=1","b=2"],"Content-Length":"9"})", "[1]"}};
    const auto reply = function_response(row);
    REQUIRE(reply);
    CHECK(reply->status == 302);
    CHECK(reply->body == "[1]");
    CHECK(reply->headers == decltype(reply->headers){
                                {"Location", "/x"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}});
}

TEST_CASE("a function cannot split a response", "[response]") {
    Row row{{"200", R"({"X-A":"1\r\nX-B: 2","X C":"1","":"1","X-D":"ok"})", std::nullopt}};
    const auto reply = function_response(row);
    REQUIRE(reply);
    CHECK(reply->headers == decltype(reply->headers){{"X-D", "ok"}});
    CHECK(reply->body.empty());
}

TEST_CASE("an unusable response is refused", "[response]") {
    for (Row row :
         {Row{{"99", std::nullopt, std::nullopt}}, Row{{"600", std::nullopt, std::nullopt}},
          Row{{std::nullopt, std::nullopt, std::nullopt}}, Row{{"200", "[]", std::nullopt}},
          Row{{"200", R"({"a":1})", std::nullopt}}, Row{}}) {
        CHECK_FALSE(function_response(row));
    }
    Row no_content{{"204", "null", "{}"}};
    CHECK(function_response(no_content)->body.empty());
}

TEST_CASE("the input buffer is bounded and keeps what is unread", "[input]") {
    InputBuffer buffer(8);
    auto space = buffer.space(4);
    REQUIRE(space.size == 4);
    std::copy_n("abcd", 4, space.data);
    buffer.commit(4);
    buffer.consume(1);
    CHECK(buffer.unread() == "bcd");
    space = buffer.space(100);
    CHECK(space.size == 5);
    CHECK(buffer.unread() == "bcd");
    buffer.commit(5);
    CHECK(buffer.space(1).size == 0);
    buffer.consume(8);
    CHECK(buffer.empty());
}

TEST_CASE("the first reason of an interrupt stands, and is told once", "[interrupt]") {
    Interrupt interrupt;
    int told = 0;
    {
        const Interrupt::Hook hook(interrupt, [&] { ++told; });
        interrupt.raise(InterruptReason::deadline);
        interrupt.raise(InterruptReason::hangup);
    }
    CHECK(told == 1);
    CHECK(interrupt.reason() == InterruptReason::deadline);
}
