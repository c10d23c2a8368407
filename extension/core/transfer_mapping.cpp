// Columns to fields; see transfer_mapping.hpp.
#include "core/transfer_mapping.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

constexpr std::array<std::string_view, 3> kActions = {"insert", "upsert", "update"};

// "Unit-Price " and "unit_price" are the same name.
std::string plain_name(std::string_view text) {
    std::string plain;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool word = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c < 0;
        if (word) {
            plain += upper ? static_cast<char>(c - 'A' + 'a') : c;
        } else if (!plain.empty() && plain.back() != '_') {
            plain += '_';
        }
    }
    while (plain.ends_with('_')) plain.pop_back();
    return plain;
}

const Field* field_like(const std::string& column, const Entity& entity) {
    if (const Field* const exact = entity.find(column)) return exact;
    const std::string plain = plain_name(column);
    for (const Field& field : entity.fields)
        if (plain_name(field.name) == plain) return &field;
    for (const Field& field : entity.fields)
        if (plain_name(field.label) == plain) return &field;
    return nullptr;
}

std::string path_of(std::string_view column) { return "mapping." + std::string(echo(column)); }

bool has_labels(const Field& field) noexcept {
    switch (field.value_class()) {
        case ValueClass::json:
        case ValueClass::array:
        case ValueClass::boolean:
        case ValueClass::other: return false;
        default: return field.mask_sql.empty();
    }
}

// "maker.title"; no field, and perhaps a fault, for what is none.
ImportColumn find_label(std::string_view name, const ImportRules& rules, std::string& fault) {
    const auto way = find_field_way(rules.entity, name, rules.find_related);
    if (!way || way->path.size() != 1) return {};
    const Related& step = way->path.front();
    if (!has_labels(*way->field)) {
        fault = "records are not found by " + way->field->name + " of " + step.target->name;
        return {};
    }
    return {step.near, step.target, way->field};
}

// A column named like a field, or exactly like a way to a lookup's record.
ImportColumn column_like(const std::string& column, const ImportRules& rules) {
    if (const Field* const field = field_like(column, rules.entity)) return {field};
    std::string fault;
    if (column.find('.') == std::string::npos) return {};
    return find_label(column, rules, fault);
}

ImportColumn find_column(std::string_view name, const ImportRules& rules, std::string& fault) {
    ImportColumn column{rules.entity.find(name)};
    if (column.field == nullptr && name.find('.') != std::string_view::npos)
        column = find_label(name, rules, fault);
    if (column.field == nullptr) {
        if (fault.empty())
            fault = std::string(echo(name)) + " is not a field of " + rules.entity.name;
    } else if (!rules.takes(*column.field)) {
        fault = column.field->name + " " + std::string(unwritable(*column.field));
    }
    return column;
}

// What a member of the mapping names; no field for null and for a fault.
ImportColumn named_column(const Json::Member& member, const ImportRules& rules, Faults& faults) {
    const auto& [column, name] = member;
    if (name.is_null()) return {};
    std::string fault = "must be a field's name or null";
    if (name.is_string()) {
        fault.clear();
        ImportColumn found = find_column(name.text(), rules, fault);
        if (fault.empty()) return found;
    }
    faults.add(path_of(column), std::move(fault));
    return {};
}

void refuse_twice(std::span<const std::string> names, std::span<const ImportColumn> columns,
                  Faults& faults) {
    std::unordered_set<const Field*> seen;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (columns[i].field != nullptr && !seen.insert(columns[i].field).second)
            faults.add(path_of(names[i]),
                       columns[i].field->name + " is given by another column already");
}

void require_fields(std::span<const ImportColumn> given, const ImportRules& rules, Faults& faults) {
    if (rules.action == ImportAction::update) return;
    for (const Field& field : rules.entity.fields)
        if (field.must_be_given() &&
            std::ranges::find(given, &field, &ImportColumn::field) == given.end())
            faults.add(field.name, "is required, and no column gives it");
}

bool is_mapping(const Json& mapping, Faults& faults) {
    if (mapping.is_null() || mapping.is_object()) return true;
    faults.add("mapping", "must be an object of columns and fields");
    return false;
}

std::vector<ImportColumn> by_mapping(std::span<const std::string> names, const Json& mapping,
                                     const ImportRules& rules, Faults& faults) {
    std::vector<ImportColumn> columns(names.size());
    for (const auto& member : mapping.members()) {
        const auto column = std::ranges::find(names, member.first);
        if (column == names.end())
            faults.add(path_of(member.first), "is not a column of the file");
        else
            columns[static_cast<std::size_t>(column - names.begin())] =
                named_column(member, rules, faults);
    }
    return columns;
}

std::vector<ImportColumn> by_name(std::span<const std::string> names, const ImportRules& rules,
                                  Faults& faults) {
    std::vector<ImportColumn> columns = suggest_columns(names, rules);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (columns[i].field != nullptr) continue;
        const ImportColumn like = column_like(names[i], rules);
        if (like.field == nullptr)
            faults.add(path_of(names[i]),
                       "matches no field; map it, or map it to null to leave it out");
        else if (rules.takes(*like.field))
            faults.add(path_of(names[i]), like.field->name + " is given by another column already");
    }
    return columns;
}

}  // namespace

std::string_view action_text(ImportAction action) noexcept {
    return kActions[static_cast<std::size_t>(action)];
}

std::optional<ImportAction> find_import_action(std::string_view name) noexcept {
    const auto found = std::ranges::find(kActions, name);
    if (found == kActions.end()) return std::nullopt;
    return static_cast<ImportAction>(found - kActions.begin());
}

bool ImportRules::takes(const Field& field) const noexcept {
    if (unwritable(field).empty()) return true;
    return action == ImportAction::update && field.mask_sql.empty() &&
           field.value_class() != ValueClass::other && std::ranges::find(key, &field) != key.end();
}

std::string_view unwritable(const Field& field) noexcept {
    if (field.is_calculated()) return "is calculated";
    if (field.system || field.readonly) return "is read-only";
    if (!field.mask_sql.empty() || field.value_class() == ValueClass::other)
        return "cannot be written";
    return "";
}

std::vector<ImportColumn> suggest_columns(std::span<const std::string> columns,
                                          const ImportRules& rules) {
    std::vector<ImportColumn> found;
    for (const std::string& name : columns) {
        ImportColumn column = column_like(name, rules);
        const bool usable =
            column.field != nullptr && rules.takes(*column.field) &&
            std::ranges::find(found, column.field, &ImportColumn::field) == found.end();
        found.push_back(usable ? std::move(column) : ImportColumn{});
    }
    return found;
}

std::vector<ImportColumn> resolve_mapping(std::span<const std::string> columns, const Json& mapping,
                                          const ImportRules& rules, Faults& faults) {
    if (!is_mapping(mapping, faults)) return {};
    std::vector<ImportColumn> found = mapping.is_null()
                                          ? by_name(columns, rules, faults)
                                          : by_mapping(columns, mapping, rules, faults);
    refuse_twice(columns, found, faults);
    require_fields(found, rules, faults);
    return found;
}

std::vector<const Field*> fields_given(std::span<const ImportColumn> columns) {
    std::vector<const Field*> fields;
    for (const ImportColumn& column : columns)
        if (column.field != nullptr) fields.push_back(column.field);
    return fields;
}

MemberMapping::MemberMapping(const Json& mapping, ImportRules rules, Faults& faults)
    : rules_(std::move(rules)), given_(mapping.is_object()) {
    if (!is_mapping(mapping, faults)) return;
    std::vector<std::string> members;
    std::vector<ImportColumn> columns;
    for (const auto& member : mapping.members()) {
        ImportColumn column = named_column(member, rules_, faults);
        targets_.emplace(member.first, Target{column, column.field == nullptr});
        members.push_back(member.first);
        columns.push_back(std::move(column));
    }
    refuse_twice(members, columns, faults);
}

const MemberMapping::Target& MemberMapping::find(const std::string& member) {
    constexpr std::size_t kMaxRemembered = 2000;
    const auto known = targets_.find(member);
    if (known != targets_.end()) return known->second;
    static const Target kLeftOut{{}, true};
    static const Target kNone{};
    if (given_) return kLeftOut;
    std::string fault;
    ImportColumn column = find_column(member, rules_, fault);
    if (column.field == nullptr || targets_.size() >= kMaxRemembered) return kNone;
    Target target{std::move(column), !fault.empty()};
    return targets_.emplace(member, std::move(target)).first->second;
}

}  // namespace pgwright::core
