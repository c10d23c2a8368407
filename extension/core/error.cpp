// Writing faults as the JSON that travels in DETAIL and becomes the answer's error.details.
#include "core/error.hpp"

#include "core/json.hpp"

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

std::string faults_to_json(const std::vector<Fault>& faults) {
    if (faults.empty()) return {};
    JsonWriter writer;
    writer.begin_array();
    for (const Fault& fault : faults) {
        writer.begin_object();
        writer.key("field");
        writer.string(fault.field);
        writer.key("message");
        writer.string(fault.message);
        if (fault.index >= 0) {
            writer.key("index");
            writer.integer(fault.index);
        }
        writer.end_object();
    }
    writer.end_array();
    return std::string(writer.view());
}

}  // namespace pgwright::core
