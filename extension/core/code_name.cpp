// The names of the error codes; see code_name.hpp.
#include "core/code_name.hpp"

namespace pgwright::core {

std::string_view code_name(Code code) noexcept {
    switch (code) {
        case Code::validation_error: return "VALIDATION_ERROR";
        case Code::authentication_required: return "AUTHENTICATION_REQUIRED";
        case Code::permission_denied: return "PERMISSION_DENIED";
        case Code::resource_not_found: return "RESOURCE_NOT_FOUND";
        case Code::conflict: return "CONFLICT";
        case Code::precondition_failed: return "PRECONDITION_FAILED";
        case Code::rate_limit_exceeded: return "RATE_LIMIT_EXCEEDED";
        case Code::server_error: return "SERVER_ERROR";
        case Code::database_error: return "DATABASE_ERROR";
    }
    return "";
}

}  // namespace pgwright::core
