// What the statements that write are put together from; see write_parts.hpp.
#include "core/write_parts.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace pgwright::core {

const Field& writable(const Field& field) {
    if (field.value_class() != ValueClass::other) return field;
    throw Failure(Code::server_error,
                  "field \"" + field.name + "\" has a type that cannot be written");
}

Given given_fields(const Entity& entity, const Json& data) {
    Given given;
    for (const auto& [name, value] : data.members())
        given.emplace_back(&writable(existing_field(entity, name)), &value);
    std::ranges::sort(given, {}, &Given::value_type::first);
    return given;
}

void append(std::string& list, std::string_view item) {
    if (!list.empty()) list += ", ";
    list += item;
}

std::string removal_of(const Entity& entity, const SqlBuilder& sql) {
    if (!entity.soft_delete) return "DELETE FROM " + sql.table() + " AS r";
    return "UPDATE " + sql.table() +
           " AS r SET \"deleted_at\" = now(), \"deleted_by\" = pgwright.user_id()";
}

}  // namespace pgwright::core
