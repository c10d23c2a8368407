// The error table of docs/architecture.md, row by row, and the envelope.
#include <catch2/catch.hpp>

#include "shim/error.hpp"
#include "shim/json_document.hpp"
#include "shim/sqlstate.hpp"

using namespace pgwright::shim;

namespace {

std::string kind_of(const std::string& sqlstate) {
    const ErrorKind& kind = error_kind(api_error({sqlstate, "internals"}).code);
    return std::string(kind.name) + " " + std::to_string(kind.status);
}

}  // namespace

TEST_CASE("every SQLSTATE has its code and status", "[error]") {
    const std::vector<std::pair<std::string, std::string>> rows{
        {"PW400", "VALIDATION_ERROR 400"},
        {"PW401", "AUTHENTICATION_REQUIRED 401"},
        {"PW403", "PERMISSION_DENIED 403"},
        {"PW404", "RESOURCE_NOT_FOUND 404"},
        {"PW409", "CONFLICT 409"},
        {"PW412", "PRECONDITION_FAILED 412"},
        {"PW429", "RATE_LIMIT_EXCEEDED 429"},
        {"PW500", "SERVER_ERROR 500"},
        {"PW503", "DATABASE_ERROR 503"},
        {"22P02", "VALIDATION_ERROR 400"},
        {"22001", "VALIDATION_ERROR 400"},
        {"23502", "VALIDATION_ERROR 400"},
        {"23514", "VALIDATION_ERROR 400"},
        {"42501", "PERMISSION_DENIED 403"},
        {"23505", "CONFLICT 409"},
        {"23503", "CONFLICT 409"},
        {"40001", "CONFLICT 409"},
        {"40P01", "CONFLICT 409"},
        {"08006", "DATABASE_ERROR 503"},
        {"53300", "DATABASE_ERROR 503"},
        {"57P01", "DATABASE_ERROR 503"},
        {"57P03", "DATABASE_ERROR 503"},
        {"57014", "STATEMENT_TIMEOUT 504"},
        {"42883", "SERVER_ERROR 500"},
        {"XX000", "SERVER_ERROR 500"},
        {"23P01", "SERVER_ERROR 500"},
        {"P0001", "SERVER_ERROR 500"},
        {"PW999", "SERVER_ERROR 500"},
        {"0A000", "SERVER_ERROR 500"},
        {"", "SERVER_ERROR 500"},
    };
    for (const auto& [sqlstate, expected] : rows) {
        INFO(sqlstate);
        CHECK(kind_of(sqlstate) == expected);
    }
}

TEST_CASE("the shim's own errors have their statuses", "[error]") {
    CHECK(error_kind(ErrorCode::method_not_allowed).status == 405);
    CHECK(error_kind(ErrorCode::request_timeout).status == 408);
    CHECK(error_kind(ErrorCode::payload_too_large).status == 413);
    CHECK(error_kind(ErrorCode::unsupported_media_type).status == 415);
    CHECK(error_kind(ErrorCode::headers_too_large).status == 431);
    CHECK(error_kind(ErrorCode::headers_too_large).name == "HEADERS_TOO_LARGE");
    CHECK(error_kind(ErrorCode::statement_timeout).status == 504);
}

TEST_CASE("message, details and hint of class PW are shown", "[error]") {
    const ServerError error{"PW409", "Name is taken.", R"([{"field":"name","message":"is taken"}])",
                            "Choose another."};
    const ApiError answer = api_error(error);
    CHECK(answer.message == "Name is taken.");
    CHECK(answer.details == R"([{"field":"name","message":"is taken"}])");
    CHECK(answer.hint == "Choose another.");
}

TEST_CASE("details that are no JSON array are left out", "[error]") {
    CHECK(api_error({"PW400", "m", "plain text"}).details.empty());
    CHECK(api_error({"PW400", "m", R"({"a":1})"}).details.empty());
    CHECK(api_error({"PW400", "m", "[1"}).details.empty());
}

TEST_CASE("nothing of any other error is shown", "[error]") {
    for (const char* sqlstate : {"22P02", "23502", "23514", "42501", "23505", "23503", "40001",
                                 "57014", "08006", "XX000", "PW500"}) {
        INFO(sqlstate);
        const ApiError answer = api_error({sqlstate, "secret", "[\"secret\"]", "secret"});
        const Reply reply = error_reply(answer, "id");
        CHECK(reply.body.find("secret") == std::string::npos);
        CHECK(reply.body.find(R"("details":[])") != std::string::npos);
    }
}

TEST_CASE("a conflict that a retry may resolve says so", "[error]") {
    for (const char* sqlstate : {"40001", "40P01"}) {
        const Reply reply = error_reply(api_error({sqlstate, "x"}), "id");
        CHECK(reply.body.find("a retry may pass") != std::string::npos);
        CHECK(reply.headers == decltype(reply.headers){{"Retry-After", "1"}});
    }
    CHECK(error_reply(api_error({"23505", "x"}), "id").headers.empty());
}

TEST_CASE("the envelope is well-formed whatever is in it", "[error]") {
    ApiError error = validation_error("a \"quote\"\n\x01\xFF", {{"f\\", "m\t"}, {"", ""}});
    error.hint = "h\"";
    const Reply reply = error_reply(error, "id");
    JsonDocument document;
    CHECK_FALSE(read_json(reply.body, 8, true, document));
    CHECK(reply.status == 400);
    CHECK(reply.error_code == "VALIDATION_ERROR");
    CHECK(error_reply({ErrorCode::authentication_required, {}}, "id").headers ==
          decltype(reply.headers){{"WWW-Authenticate", "Bearer"}});
    CHECK(
        error_reply({ErrorCode::resource_not_found, {}}, "r-1").body ==
        R"({"success":false,"error":{"code":"RESOURCE_NOT_FOUND","message":"There is no such resource.","details":[],"request_id":"r-1"}})");
}
