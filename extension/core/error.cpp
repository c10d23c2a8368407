// Writing faults as the JSON that travels in DETAIL and becomes the answer's error.details.
#include "core/error.hpp"

#include "core/json.hpp"

namespace pgwright::core {

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
