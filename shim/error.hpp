// The errors a client can get and the envelope they come in. The table is the one of
// docs/architecture.md; sqlstate.hpp maps the database's errors to it.
#pragma once

#include <string>
#include <string_view>

#include "shim/fault.hpp"
#include "shim/reply.hpp"

namespace pgwright::shim {

enum class ErrorCode {
    validation_error,
    authentication_required,
    permission_denied,
    resource_not_found,
    method_not_allowed,
    request_timeout,
    conflict,
    precondition_failed,
    payload_too_large,
    unsupported_media_type,
    rate_limit_exceeded,
    headers_too_large,
    server_error,
    database_error,
    statement_timeout,
};

struct ErrorKind {
    ErrorCode code;
    int status;
    std::string_view name;
    std::string_view message;    // shown when there is nothing more precise that is safe to show
    std::string_view hint = {};  // likewise
};

const ErrorKind& error_kind(ErrorCode code);

struct ApiError {
    ErrorCode code = ErrorCode::server_error;
    std::string message;       // empty: the kind's
    std::string details = {};  // a JSON array; empty: []
    std::string hint = {};
    int retry_after_seconds = 0;
};

// A VALIDATION_ERROR with its faults.
ApiError validation_error(std::string message, const Faults& faults);

// The reply with its envelope and the headers that belong to the status.
Reply error_reply(const ApiError& error, std::string_view request_id);

}  // namespace pgwright::shim
