// Parses the sort parameter of a list request.
#include <algorithm>
#include <optional>

#include "core/error.hpp"
#include "core/query.hpp"

namespace pgwright::core {

namespace {

std::string_view trim(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool equals_lower(std::string_view text, std::string_view lower) noexcept {
    const auto fold = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::ranges::equal(text, lower, {}, fold);
}

struct Part {
    std::string_view name;
    std::optional<bool> descending;  // none: neither asc nor desc
};

// "name", "-name", "name:asc" or "name:desc"
Part split(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        const bool descending = text.starts_with('-');
        return {descending ? text.substr(1) : text, descending};
    }
    const std::string_view order = trim(text.substr(colon + 1));
    Part part{trim(text.substr(0, colon)), std::nullopt};
    if (equals_lower(order, "asc")) part.descending = false;
    if (equals_lower(order, "desc")) part.descending = true;
    return part;
}

// What is wrong with the part as the next key; empty when nothing is.
std::string key_fault(const Part& part, const Field* field, const std::vector<SortKey>& keys) {
    const std::string name = "\"" + std::string(part.name) + "\"";
    if (part.name.empty())
        return "must be names of fields, each with an optional :asc or :desc, separated by commas";
    if (field == nullptr) return "unknown field " + name;
    if (!part.descending) return "the order of " + name + " must be asc or desc";
    if (!info(field->type).sortable || !field->mask_sql.empty())
        return name + " cannot be sorted by";
    if (std::ranges::find(keys, field, &SortKey::field) != keys.end()) return name + " is repeated";
    if (keys.size() == kMaxSortKeys)
        return "must have at most " + std::to_string(kMaxSortKeys) + " fields";
    return {};
}

}  // namespace

std::vector<SortKey> parse_sort(std::string_view text, const Entity& entity) {
    std::vector<SortKey> keys;
    Faults faults;
    bool more = !trim(text).empty();
    while (more && faults.list().size() < kMaxSortKeys) {
        const std::size_t comma = text.find(',');
        const Part part = split(trim(text.substr(0, comma)));
        const Field* const field = entity.find(part.name);
        if (std::string wrong = key_fault(part, field, keys); wrong.empty()) {
            keys.push_back({field, *part.descending});
        } else {
            faults.add("sort", std::move(wrong));
        }
        more = comma != std::string_view::npos;
        if (more) text.remove_prefix(comma + 1);
    }
    faults.raise("invalid sort");
    return keys;
}

}  // namespace pgwright::core
