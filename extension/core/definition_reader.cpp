#include "core/definition_reader.hpp"

#include <algorithm>

#include "core/value_check.hpp"

namespace pgwright::core {
namespace {

constexpr std::size_t kMaxOtherMembers = 20;  // faults for them, in one object

bool contains(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

const Json* DefinitionReader::member(std::string_view key) const noexcept {
    const Json* const value = object_.find(key);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string> DefinitionReader::text(std::string_view key,
                                                  std::size_t max_characters) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        wrong_kind(key, "a string", *value);
    } else if (count_characters(value->text()) > max_characters) {
        fault(key, "must be at most " + std::to_string(max_characters) + " characters");
    } else {
        return value->text();
    }
    return std::nullopt;
}

std::optional<bool> DefinitionReader::boolean(std::string_view key) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->as_boolean();
    wrong_kind(key, "true or false", *value);
    return std::nullopt;
}

std::optional<int> DefinitionReader::integer(std::string_view key, int lowest, int highest) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number() && is_integer_text(value->text(), lowest, highest))
        return std::stoi(value->text());
    const std::string expected =
        "an integer from " + std::to_string(lowest) + " to " + std::to_string(highest);
    if (value->is_number()) {
        fault(key, "must be " + expected);
    } else {
        wrong_kind(key, expected, *value);
    }
    return std::nullopt;
}

std::optional<std::string> DefinitionReader::number(std::string_view key) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    if ((value->is_number() || value->is_string()) && is_decimal_text(value->text()))
        return value->text();
    if (value->is_number() || value->is_string()) {
        fault(key, "must be a number of at most " + std::to_string(kMaxNumberDigits) +
                       " digits on either side of the point");
    } else {
        wrong_kind(key, "a number", *value);
    }
    return std::nullopt;
}

std::optional<std::string> DefinitionReader::one_of(std::string_view key,
                                                    std::span<const std::string_view> values) {
    const Json* const value = member(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_string() && contains(values, value->text())) return value->text();
    std::string list;
    for (const auto each : values) list.append(list.empty() ? "" : ", ").append(each);
    fault(key, "must be one of: " + list);
    return std::nullopt;
}

const Json* DefinitionReader::array(std::string_view key) {
    const Json* const value = member(key);
    if (value == nullptr || value->is_array()) return value;
    wrong_kind(key, "an array", *value);
    return nullptr;
}

const Json* DefinitionReader::object(std::string_view key) {
    const Json* const value = member(key);
    if (value == nullptr || value->is_object()) return value;
    wrong_kind(key, "an object", *value);
    return nullptr;
}

void DefinitionReader::refuse_others(std::span<const std::string_view> accepted,
                                     std::span<const std::string_view> computed,
                                     std::string_view noun) {
    std::size_t others = 0;
    for (const auto& [key, value] : object_.members()) {
        if (contains(accepted, key)) continue;
        if (others++ == kMaxOtherMembers) return;
        if (contains(computed, key)) {
            fault(key, "is set by the server");
        } else {
            fault(echo(key), "is not a property of " + std::string(noun));
        }
    }
}

void DefinitionReader::fault(std::string_view key, std::string message) {
    add_once(faults_, path(key), std::move(message));
}

std::string DefinitionReader::path(std::string_view key) const {
    return std::string(path_).append(key);
}

void DefinitionReader::wrong_kind(std::string_view key, std::string_view expected,
                                  const Json& value) {
    std::string message = "must be ";
    message.append(expected).append(", not ").append(kind_name(value.kind()));
    fault(key, std::move(message));
}

void add_once(Faults& faults, const std::string& path, std::string message) {
    const auto& list = faults.list();
    if (std::none_of(list.begin(), list.end(),
                     [&](const Fault& each) { return each.field == path; }))
        faults.add(path, std::move(message));
}

}  // namespace pgwright::core
