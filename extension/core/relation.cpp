// Reads the description of a relation; see relation.hpp. The document is the engine's own, so what it
// lacks is nothing and no fault.
#include "core/relation.hpp"

#include <algorithm>
#include <charconv>

#include "core/field_type.hpp"

namespace pgwright::core {

namespace {

const Json& member(const Json& object, std::string_view key) {
    static const Json nothing;
    const Json* const found = object.find(key);
    return found == nullptr ? nothing : *found;
}

std::string text(const Json& object, std::string_view key) { return member(object, key).text(); }
bool flag(const Json& object, std::string_view key) { return member(object, key).as_boolean(); }
bool is_given(const Json& object, std::string_view key) { return !member(object, key).is_null(); }

std::optional<std::string> optional_text(const Json& object, std::string_view key) {
    return is_given(object, key) ? std::optional(text(object, key)) : std::nullopt;
}

std::optional<int> optional_integer(const Json& object, std::string_view key) {
    const std::string digits = text(object, key);
    int value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value);
    if (digits.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::vector<std::string> texts(const Json& list) {
    std::vector<std::string> all;
    for (const Json& item : list.items()) all.push_back(item.text());
    return all;
}

std::set<std::string> set_of(const Json& list) {
    const std::vector<std::string> all = texts(list);
    return {all.begin(), all.end()};
}

// An enum is one here too, and an array of what an array's items may be is an array.
void read_nature(RelationColumn& column, const Json& json) {
    column.allowed_values = member(json, "allowed_values");
    if (column.allowed_values.is_array() && column.field_type != "other")
        column.field_type = "enum";
    const FieldTypeInfo* const item = find_field_type(text(json, "item_type"));
    if (item == nullptr || !item->is_item || column.field_type != "other") return;
    column.field_type = "array";
    column.item_type = item->name;
}

RelationColumn parse_column(const Json& json) {
    RelationColumn column;
    column.name = text(json, "name");
    column.type = text(json, "type");
    column.field_type = text(json, "field_type");
    read_nature(column, json);
    column.nullable = flag(json, "nullable");
    column.from_sequence = flag(json, "from_sequence");
    column.has_default = is_given(json, "default") || is_given(json, "identity");
    column.generated = is_given(json, "generated");
    column.always_identity = text(json, "identity") == "always";
    column.max_length = optional_integer(json, "max_length");
    column.decimal_places = optional_integer(json, "decimal_places");
    column.comment = optional_text(json, "comment");
    return column;
}

void parse_indexes(Relation& relation, const Json& document) {
    for (const Json& index : member(document, "indexes").items()) {
        const std::vector<std::string> columns = texts(member(index, "columns"));
        if (!columns.empty()) relation.indexed.insert(columns.front());
    }
    for (const Json& key : member(document, "unique_keys").items())
        if (key.items().size() == 1) relation.unique.insert(key.items().front().text());
    if (const auto primary = texts(member(document, "primary_key")); primary.size() == 1)
        relation.unique.insert(primary.front());
}

void parse_links(Relation& relation, const Json& document) {
    for (const Json& key : member(document, "foreign_keys").items()) {
        const std::vector<std::string> columns = texts(member(key, "columns"));
        const Json& target = member(key, "target");
        const bool own =
            text(target, "schema") == relation.schema && text(target, "name") == relation.name;
        const bool known = own || is_given(target, "entity");
        if (columns.size() == 1 && flag(target, "is_key") && known)
            relation.links.push_back(
                {columns.front(), own ? std::string() : text(target, "entity")});
    }
}

void parse_access(Relation& relation, const Json& access) {
    relation.row_security = flag(access, "row_security");
    relation.policies = set_of(member(access, "policies"));
    for (const Json& each : member(access, "privileges").items())
        relation.privileges.emplace(text(each, "grantee"), text(each, "privilege"));
    for (const Json& each : member(access, "sequences").items())
        relation.sequences.push_back(
            {text(each, "schema"), text(each, "name"), set_of(member(each, "grantees"))});
}

}  // namespace

const RelationColumn* Relation::column(std::string_view column_name) const noexcept {
    const auto found = std::ranges::find(columns, column_name, &RelationColumn::name);
    return found == columns.end() ? nullptr : &*found;
}

bool Relation::is_key(std::string_view column_name) const noexcept {
    return std::ranges::find(key, column_name) != key.end();
}

bool Relation::is_table() const noexcept { return kind == "table" || kind == "partitioned_table"; }

Relation parse_relation(const Json& document) {
    Relation relation;
    relation.schema = text(document, "schema");
    relation.name = text(document, "name");
    relation.kind = text(document, "kind");
    relation.comment = optional_text(document, "comment");
    relation.obstacle = text(document, "obstacle");
    relation.readonly_reason = text(document, "read_only_reason");
    for (const Json& column : member(document, "columns").items())
        relation.columns.push_back(parse_column(column));
    relation.key = texts(member(document, "key"));
    parse_indexes(relation, document);
    parse_links(relation, document);
    parse_access(relation, member(document, "access"));
    return relation;
}

}  // namespace pgwright::core
