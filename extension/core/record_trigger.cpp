#include "core/record_trigger.hpp"

#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

std::string_view reason_to_look(const Field& field) {
    if (field.type == FieldType::rich_text) return "rich_text";
    if (!field.reference || field.reference->schema != "pgwright") return {};
    if (field.reference->table == "users") return "users";
    return field.reference->table == "files" ? "files" : std::string_view();
}

}  // namespace

std::string record_trigger_arguments(const Entity& entity) {
    std::string list;
    for (const Field& field : entity.fields) {
        const std::string_view reason = reason_to_look(field);
        if (field.system || reason.empty()) continue;
        list.append(list.empty() ? "" : ", ")
            .append(quote_literal(std::string(reason) + ":" + field.name));
    }
    return list;
}

}  // namespace pgwright::core
