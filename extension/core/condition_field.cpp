// Resolves names of fields; see condition_field.hpp.
#include "core/condition_field.hpp"

#include <algorithm>

namespace pgwright::core {

namespace {

std::vector<std::string> keys_of(std::string_view path) {
    std::vector<std::string> keys;
    for (std::size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        keys.emplace_back(path.substr(0, dot));
        path.remove_prefix(dot + 1);
    }
    keys.emplace_back(path);
    return keys;
}

// A masked field tells nothing, not by what it equals either.
bool is_usable(const Field& field, bool own) noexcept {
    return field.mask_sql.empty() && (own || field.has_column());
}

}  // namespace

bool FieldPath::has_many() const noexcept { return std::ranges::any_of(steps, &Related::many); }

std::optional<FieldPath> find_field(const Entity& entity, std::string_view name,
                                    const ConditionContext& context, bool own) {
    FieldPath path;
    const Entity* at = &entity;
    const auto arrive = [&](const Field& field) -> std::optional<FieldPath> {
        if (!is_usable(field, own && path.steps.empty())) return std::nullopt;
        path.field = &field;
        path.names.push_back(field.name);
        return std::move(path);
    };
    while (true) {
        if (const Field* const field = at->find(name)) return arrive(*field);
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos) return std::nullopt;
        const std::string_view head = name.substr(0, dot);
        name.remove_prefix(dot + 1);
        const Field* const field = at->find(head);
        if (field != nullptr && field->value_class() == ValueClass::json) {
            path.document = keys_of(name);
            return arrive(*field);
        }
        if (!context.find_related || path.steps.size() == kMaxHops) return std::nullopt;
        std::optional<Related> related = context.find_related(*at, head);
        if (!related) return std::nullopt;
        at = related->target.get();
        path.names.emplace_back(head);
        path.steps.push_back(*std::move(related));
    }
}

std::optional<std::string> document_fault(const std::vector<std::string>& keys) {
    if (keys.size() > kMaxDocumentSteps)
        return "must have at most " + std::to_string(kMaxDocumentSteps) + " steps into a document";
    for (const std::string& key : keys) {
        if (key.empty()) return "has an empty step";
        if (key.size() > kMaxDocumentKey)
            return "has a step of over " + std::to_string(kMaxDocumentKey) + " bytes";
    }
    return std::nullopt;
}

}  // namespace pgwright::core
