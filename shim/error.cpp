// The messages are for people and safe to show to anyone; causes go to the log.
#include "shim/error.hpp"

#include <array>

#include "shim/json_text.hpp"

namespace pgwright::shim {

namespace {

// In the order of ErrorCode.
constexpr std::array kKinds{
    ErrorKind{ErrorCode::validation_error, 400, "VALIDATION_ERROR", "The request is not valid."},
    ErrorKind{ErrorCode::authentication_required, 401, "AUTHENTICATION_REQUIRED",
              "Authentication is required."},
    ErrorKind{ErrorCode::permission_denied, 403, "PERMISSION_DENIED", "You may not do this."},
    ErrorKind{ErrorCode::resource_not_found, 404, "RESOURCE_NOT_FOUND",
              "There is no such resource."},
    ErrorKind{ErrorCode::method_not_allowed, 405, "METHOD_NOT_ALLOWED",
              "The resource does not support this method."},
    ErrorKind{ErrorCode::request_timeout, 408, "REQUEST_TIMEOUT",
              "The request did not arrive in time."},
    ErrorKind{ErrorCode::conflict, 409, "CONFLICT",
              "The request conflicts with the present state of the data."},
    ErrorKind{ErrorCode::precondition_failed, 412, "PRECONDITION_FAILED",
              "The resource has changed since it was read."},
    ErrorKind{ErrorCode::payload_too_large, 413, "PAYLOAD_TOO_LARGE",
              "The request body is too large."},
    ErrorKind{ErrorCode::unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE",
              "The request body must be application/json in UTF-8."},
    ErrorKind{ErrorCode::rate_limit_exceeded, 429, "RATE_LIMIT_EXCEEDED", "Too many requests."},
    ErrorKind{ErrorCode::headers_too_large, 431, "HEADERS_TOO_LARGE",
              "The request headers are too large."},
    ErrorKind{ErrorCode::server_error, 500, "SERVER_ERROR",
              "The server met an unforeseen condition."},
    ErrorKind{ErrorCode::database_error, 503, "DATABASE_ERROR", "The database is not available."},
    ErrorKind{
        ErrorCode::statement_timeout, 504, "STATEMENT_TIMEOUT",
        "The database did not answer in time.",
        "Ask for less at once: a smaller page, fewer relations, count=none, or a filter on an "
        "indexed field. The limit is the server's setting statement_timeout."},
};

void append_member(std::string& out, std::string_view name, std::string_view text) {
    append_json_name(out, name);
    append_json_string(out, text);
}

std::string envelope(const ErrorKind& kind, const ApiError& error, std::string_view request_id) {
    std::string out;
    out.reserve(256 + error.details.size());
    out += R"({"success":false,"error":{)";
    append_member(out, "code", kind.name);
    append_member(out, "message", error.message.empty() ? kind.message : error.message);
    append_json_name(out, "details");
    out += error.details.empty() ? "[]" : error.details;
    const std::string_view hint = error.hint.empty() ? kind.hint : error.hint;
    if (!hint.empty()) {
        append_member(out, "hint", hint);
    }
    append_member(out, "request_id", request_id);
    out += "}}";
    return out;
}

}  // namespace

const ErrorKind& error_kind(ErrorCode code) { return kKinds[static_cast<std::size_t>(code)]; }

ApiError validation_error(std::string message, const Faults& faults) {
    ApiError error{ErrorCode::validation_error, std::move(message)};
    error.details += '[';
    for (const Fault& fault : faults) {
        error.details += error.details.size() > 1 ? ",{" : "{";
        append_member(error.details, "field", fault.field);
        append_member(error.details, "message", fault.message);
        error.details += '}';
    }
    error.details += ']';
    return error;
}

Reply error_reply(const ApiError& error, std::string_view request_id) {
    const ErrorKind& kind = error_kind(error.code);
    Reply reply;
    reply.status = kind.status;
    reply.error_code = kind.name;
    reply.body = envelope(kind, error, request_id);
    if (kind.status == 401) {
        reply.headers.emplace_back("WWW-Authenticate", "Bearer");
    }
    if (error.retry_after_seconds > 0) {
        reply.headers.emplace_back("Retry-After", std::to_string(error.retry_after_seconds));
    }
    return reply;
}

}  // namespace pgwright::shim
