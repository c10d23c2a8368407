// Keys of records as text; see record_key.hpp.
#include "core/record_key.hpp"

#include <algorithm>

#include "core/sql_builder.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

// The parts between the commas that stand for themselves. A '\' at the end is a value's, as written.
std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == ',') {
            parts.emplace_back();
            continue;
        }
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        parts.back() += text[i];
    }
    return parts;
}

// Texts of values that JSON does not write as strings. Numbers may come as strings anyway.
Json value_of(const Field& field, std::string text, Faults& faults) {
    const ValueClass value_class = field.value_class();
    if (value_class == ValueClass::boolean && (text == "true" || text == "false"))
        return Json::boolean(text == "true");
    if (value_class != ValueClass::json) return Json::string(std::move(text));
    try {
        return parse_json(text);
    } catch (const Failure&) {
        faults.add(field.name, "must be JSON");
        return {};
    }
}

Json checked(const Field& field, std::string text, Faults& faults) {
    const std::size_t before = faults.list().size();
    Json value = value_of(field, std::move(text), faults);
    if (faults.list().size() == before) check_value(field, value, faults);
    return value;
}

std::string names_of(const std::vector<const Field*>& fields) {
    std::string names;
    for (const Field* const field : fields) names += (names.empty() ? "" : ",") + field->name;
    return names;
}

}  // namespace

std::vector<const Field*> key_fields(const Entity& entity) {
    std::vector<const Field*> fields;
    fields.reserve(entity.key.size());
    for (const std::string& name : entity.key) fields.push_back(&existing_field(entity, name));
    return fields;
}

bool is_key_field(const Entity& entity, const Field& field) noexcept {
    return std::ranges::find(entity.key, field.name) != entity.key.end();
}

std::string join_key(std::span<const std::string> parts) {
    if (parts.size() == 1) return parts.front();
    std::string text;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i > 0) text += ',';
        for (const char c : parts[i]) {
            if (c == ',' || c == '\\') text += '\\';
            text += c;
        }
    }
    return text;
}

Json parse_key(const Entity& entity, std::string_view text) {
    require_key(entity);
    const std::vector<const Field*> fields = key_fields(entity);
    std::vector<std::string> parts =
        fields.size() == 1 ? std::vector<std::string>{std::string(text)} : split(text);
    Faults faults;
    if (parts.size() != fields.size())
        faults.add("id",
                   "must have " + std::to_string(fields.size()) + " parts: " + names_of(fields));
    Json::Array values;
    const std::size_t known = faults.empty() ? fields.size() : 0;
    for (std::size_t i = 0; i < known; ++i)
        values.push_back(checked(*fields[i], std::move(parts[i]), faults));
    faults.raise("the id is not valid");
    return fields.size() == 1 ? std::move(values.front()) : Json::array(std::move(values));
}

const Json& key_part(const Entity& entity, const Json& key, std::size_t position) {
    return entity.key.size() == 1 ? key : key.items().at(position);
}

void require_key(const Entity& entity) {
    if (!entity.key.empty()) return;
    throw Failure(Code::validation_error,
                  entity.name + " has no key, so that no single record of it can be named",
                  {{"id", "records of this entity have no key"}});
}

}  // namespace pgwright::core
