// Columns to fields; see transfer_mapping.hpp.
#include "core/transfer_mapping.hpp"

#include <algorithm>
#include <unordered_set>

#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

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

// The field that a member of the mapping names; nullptr for null and for a fault.
const Field* named_field(const Json::Member& member, const Entity& entity, Faults& faults) {
    const auto& [column, name] = member;
    if (name.is_null()) return nullptr;
    const Field* const field = name.is_string() ? entity.find(name.text()) : nullptr;
    if (field == nullptr) {
        faults.add(path_of(column),
                   name.is_string()
                       ? std::string(echo(name.text())) + " is not a field of " + entity.name
                       : std::string("must be a field's name or null"));
        return nullptr;
    }
    if (const std::string_view reason = unwritable(*field); !reason.empty()) {
        faults.add(path_of(column), field->name + " " + std::string(reason));
        return nullptr;
    }
    return field;
}

void refuse_twice(std::span<const std::string> columns, std::span<const Field* const> fields,
                  Faults& faults) {
    std::unordered_set<const Field*> seen;
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i] != nullptr && !seen.insert(fields[i]).second)
            faults.add(path_of(columns[i]),
                       fields[i]->name + " is given by another column already");
}

void require_fields(std::span<const Field* const> given, const Entity& entity, Faults& faults) {
    for (const Field& field : entity.fields)
        if (field.must_be_given() && std::ranges::find(given, &field) == given.end())
            faults.add(field.name, "is required, and no column gives it");
}

bool is_mapping(const Json& mapping, Faults& faults) {
    if (mapping.is_null() || mapping.is_object()) return true;
    faults.add("mapping", "must be an object of columns and fields");
    return false;
}

std::vector<const Field*> by_mapping(std::span<const std::string> columns, const Json& mapping,
                                     const Entity& entity, Faults& faults) {
    std::vector<const Field*> fields(columns.size(), nullptr);
    for (const auto& member : mapping.members()) {
        const auto column = std::ranges::find(columns, member.first);
        if (column == columns.end())
            faults.add(path_of(member.first), "is not a column of the file");
        else
            fields[static_cast<std::size_t>(column - columns.begin())] =
                named_field(member, entity, faults);
    }
    return fields;
}

std::vector<const Field*> by_name(std::span<const std::string> columns, const Entity& entity,
                                  Faults& faults) {
    std::vector<const Field*> fields = suggest_fields(columns, entity);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (fields[i] != nullptr) continue;
        const Field* const like = field_like(columns[i], entity);
        if (like == nullptr)
            faults.add(path_of(columns[i]),
                       "matches no field; map it, or map it to null to leave it out");
        else if (unwritable(*like).empty())
            faults.add(path_of(columns[i]), like->name + " is given by another column already");
    }
    return fields;
}

}  // namespace

std::string_view unwritable(const Field& field) noexcept {
    if (field.is_calculated()) return "is calculated";
    if (field.system || field.readonly) return "is read-only";
    if (!field.mask_sql.empty() || field.value_class() == ValueClass::other)
        return "cannot be written";
    return "";
}

std::vector<const Field*> suggest_fields(std::span<const std::string> columns,
                                         const Entity& entity) {
    std::vector<const Field*> fields;
    for (const std::string& column : columns) {
        const Field* const field = field_like(column, entity);
        const bool usable = field != nullptr && unwritable(*field).empty() &&
                            std::ranges::find(fields, field) == fields.end();
        fields.push_back(usable ? field : nullptr);
    }
    return fields;
}

std::vector<const Field*> resolve_mapping(std::span<const std::string> columns, const Json& mapping,
                                          const Entity& entity, Faults& faults) {
    if (!is_mapping(mapping, faults)) return {};
    std::vector<const Field*> fields = mapping.is_null()
                                           ? by_name(columns, entity, faults)
                                           : by_mapping(columns, mapping, entity, faults);
    refuse_twice(columns, fields, faults);
    require_fields(fields, entity, faults);
    return fields;
}

MemberMapping::MemberMapping(const Json& mapping, const Entity& entity, Faults& faults)
    : entity_(entity), given_(mapping.is_object()) {
    if (!is_mapping(mapping, faults)) return;
    std::vector<std::string> members;
    std::vector<const Field*> fields;
    for (const auto& member : mapping.members()) {
        const Field* const field = named_field(member, entity, faults);
        targets_.emplace(member.first, Target{field, field == nullptr});
        members.push_back(member.first);
        fields.push_back(field);
    }
    refuse_twice(members, fields, faults);
}

const MemberMapping::Target& MemberMapping::find(const std::string& member) {
    constexpr std::size_t kMaxRemembered = 2000;
    const auto known = targets_.find(member);
    if (known != targets_.end()) return known->second;
    static const Target kLeftOut{nullptr, true};
    static const Target kNone{};
    if (given_) return kLeftOut;
    const Field* const field = entity_.find(member);
    if (field == nullptr) return kNone;
    if (targets_.size() >= kMaxRemembered) return kNone;
    const bool writable = unwritable(*field).empty();
    return targets_.emplace(member, Target{writable ? field : nullptr, !writable}).first->second;
}

}  // namespace pgwright::core
