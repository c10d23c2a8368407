// The rows are those of the error table in docs/architecture.md, in its order.
#include "shim/sqlstate.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "shim/json_document.hpp"

namespace pgwright::shim {

namespace {

constexpr std::size_t kDetailsDepth = 64;

struct Mapping {
    std::string_view sqlstate;  // five characters, or the two of a class
    ErrorCode code;
    std::string_view message = {};
    bool retry = false;
};

// The first match counts.
constexpr std::array kMappings{
    Mapping{"PW400", ErrorCode::validation_error},
    Mapping{"PW401", ErrorCode::authentication_required},
    Mapping{"PW403", ErrorCode::permission_denied},
    Mapping{"PW404", ErrorCode::resource_not_found},
    Mapping{"PW409", ErrorCode::conflict},
    Mapping{"PW412", ErrorCode::precondition_failed},
    Mapping{"PW429", ErrorCode::rate_limit_exceeded},
    Mapping{"PW503", ErrorCode::database_error},
    Mapping{"22", ErrorCode::validation_error, "A value is malformed or out of range."},
    Mapping{"23502", ErrorCode::validation_error, "A required value is missing."},
    Mapping{"23514", ErrorCode::validation_error, "A value breaks a rule of its field."},
    Mapping{"42501", ErrorCode::permission_denied},
    Mapping{"23505", ErrorCode::conflict, "A record with these values exists already."},
    Mapping{"23503", ErrorCode::conflict,
            "The record refers to one that does not exist, or others refer to it."},
    Mapping{"40001", ErrorCode::conflict, "The request met a concurrent change; a retry may pass.",
            true},
    Mapping{"40P01", ErrorCode::conflict, "The request met a concurrent change; a retry may pass.",
            true},
    Mapping{"57014", ErrorCode::statement_timeout},
    Mapping{"08", ErrorCode::database_error, {}, true},
    Mapping{"53", ErrorCode::database_error, {}, true},
    Mapping{"57", ErrorCode::database_error, {}, true},
};

std::optional<std::string> details_of(const ServerError& error) {
    JsonDocument document;
    if (error.detail.empty() || read_json(error.detail, kDetailsDepth, false, document) ||
        document.kind != JsonKind::array) {
        return std::nullopt;
    }
    return error.detail;
}

}  // namespace

ApiError api_error(const ServerError& error) {
    const auto mapping =
        std::find_if(kMappings.begin(), kMappings.end(), [&](const Mapping& candidate) {
            return std::string_view(error.sqlstate).starts_with(candidate.sqlstate);
        });
    if (mapping == kMappings.end()) {
        return {ErrorCode::server_error, {}};
    }
    ApiError answer{mapping->code, std::string(mapping->message)};
    answer.retry_after_seconds = mapping->retry ? 1 : 0;
    if (error.sqlstate.starts_with("PW")) {
        answer.message = error.message;
        answer.details = details_of(error).value_or("");
        answer.hint = error.hint;
    }
    return answer;
}

}  // namespace pgwright::shim
