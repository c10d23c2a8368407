// The entity as a role knows it; see field_rule.hpp.
#include "core/field_rule.hpp"

#include <algorithm>
#include <array>

#include "core/identifier.hpp"

namespace pgwright::core {

namespace {

constexpr std::array<std::string_view, 5> kModes = {"open", "write_once", "readonly", "masked",
                                                    "hidden"};
constexpr std::array<std::string_view, 4> kMasks = {"last4", "email", "hash", "constant"};

bool is_restricted(const FieldRules& rules, const Field& field, FieldMode least) {
    const auto rule = rules.find(field.id);
    return rule != rules.end() && rule->second.mode >= least;
}

// What is calculated of what the caller may not know.
bool tells(const Entity& entity, const Field& field, const FieldRules& rules) {
    return std::ranges::any_of(field.formula_fields, [&](const std::string& name) {
        const Field* const used = entity.find(name);
        return used != nullptr && is_restricted(rules, *used, FieldMode::masked);
    });
}

void restrict_field(Field& field, const FieldRule& rule) {
    if (rule.mode == FieldMode::masked) field.mask_sql = mask_sql(column_sql(field), rule);
    if (rule.mode >= FieldMode::readonly) field.readonly = true;
    field.write_once = rule.mode == FieldMode::write_once;
}

}  // namespace

std::optional<FieldMode> find_field_mode(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kModes, name);
    if (found == kModes.end()) return std::nullopt;
    return static_cast<FieldMode>(found - kModes.begin());
}

std::optional<Mask> find_mask(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kMasks, name);
    if (found == kMasks.end()) return std::nullopt;
    return static_cast<Mask>(found - kMasks.begin());
}

FieldRules mildest(const std::vector<FieldRules>& roles) {
    if (roles.empty()) return {};
    FieldRules rules = roles.front();
    for (const FieldRules& role : roles) {
        std::erase_if(rules, [&](const auto& each) { return !role.contains(each.first); });
        for (auto& [field, rule] : rules) {
            const FieldRule& other = role.at(field);
            if (other.mode < rule.mode) rule = other;
        }
    }
    return rules;
}

Entity restricted(const Entity& entity, const FieldRules& rules) {
    Entity view = entity;
    std::erase_if(view.fields, [&](const Field& field) {
        return is_restricted(rules, field, FieldMode::hidden) || tells(entity, field, rules);
    });
    for (Field& field : view.fields) {
        const auto rule = rules.find(field.id);
        if (rule != rules.end() && !field.system) restrict_field(field, rule->second);
    }
    const std::string sorted = view.default_sort.substr(0, view.default_sort.find(':'));
    const Field* const by = view.find(sorted);
    if (by == nullptr || !by->mask_sql.empty()) view.default_sort.clear();
    std::erase_if(view.search_fields, [&](const std::string& name) {
        const Field* const searched = view.find(name);
        return searched == nullptr || !searched->mask_sql.empty();
    });
    return view;
}

std::string mask_sql(std::string_view column, const FieldRule& rule) {
    const std::string text = "(" + std::string(column) + ")::text";
    switch (rule.mask) {
        case Mask::last4:
            return "CASE WHEN length(" + text + ") > 4 THEN repeat('*', length(" + text +
                   ") - 4) || right(" + text + ", 4) ELSE repeat('*', length(" + text + ")) END";
        case Mask::email:
            return "left(" + text + ", 1) || '***' || coalesce(substring(" + text +
                   " FROM '@[^@]*$'), '')";
        case Mask::hash: return "left(encode(sha256(convert_to(" + text + ", 'UTF8')), 'hex'), 16)";
        case Mask::constant: break;
    }
    return "CASE WHEN " + std::string(column) + " IS NOT NULL THEN " +
           quote_literal(rule.mask_text.empty() ? "***" : rule.mask_text) + " END";
}

}  // namespace pgwright::core
