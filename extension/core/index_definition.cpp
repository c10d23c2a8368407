// Rules and rows of index definitions; see index_definition.hpp.
#include "core/index_definition.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/condition.hpp"
#include "core/definition_reader.hpp"
#include "core/identifier.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {
namespace {

constexpr std::array<std::string_view, 5> kMethods = {"btree", "hash", "gin", "gist", "search"};
constexpr std::array<std::string_view, 5> kIndexKeys = {"name", "index_type", "field_names",
                                                        "is_unique", "condition"};
constexpr std::array<std::string_view, 11> kComputedIndexKeys = {
    "id",         "entity_id",  "tenant_id",  "is_partial", "where_clause", "is_active",
    "created_at", "updated_at", "created_by", "updated_by", "is_deleted",
};
constexpr std::array<std::string_view, 3> kKeyMembers = {"field", "order", "nulls"};
constexpr std::array<std::string_view, 2> kOrders = {"asc", "desc"};
constexpr std::array<std::string_view, 2> kNulls = {"first", "last"};

IndexMethod method_of(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kMethods, name);
    return found == kMethods.end() ? IndexMethod::btree
                                   : static_cast<IndexMethod>(found - kMethods.begin());
}

bool is_text(const Field& field) noexcept {
    return !field.item_type && field.value_class() == ValueClass::text;
}

// No lookup, whatever its target's key is.
bool has_words(const Field& field) noexcept {
    return is_text(field) && info(field.type).value_class == ValueClass::text;
}

// Parsing ---------------------------------------------------------------------------------------

IndexKey parse_key(const Json& json, const std::string& path, Faults& faults) {
    if (json.is_string()) return {json.text(), false, std::nullopt};
    if (!json.is_object()) {
        faults.add(path, "must be the name of a field, or an object with \"field\"");
        return {};
    }
    const std::string prefix = path + '.';
    DefinitionReader reader(json, prefix, faults);
    reader.refuse_others(kKeyMembers, {}, "a key of an index");
    IndexKey key;
    key.field = reader.text("field", kMaxNameBytes).value_or("");
    if (key.field.empty()) add_once(faults, prefix + "field", "is required");
    key.descending = reader.one_of("order", kOrders) == "desc";
    if (const auto nulls = reader.one_of("nulls", kNulls)) key.nulls_first = *nulls == "first";
    return key;
}

void parse_keys(DefinitionReader& reader, IndexDefinition& index, Faults& faults) {
    const Json* const keys = reader.array("field_names");
    if (keys == nullptr) return add_once(faults, reader.path("field_names"), "is required");
    for (std::size_t i = 0; i < std::min(keys->items().size(), kMaxIndexKeys + 1); ++i) {
        index.keys.push_back(parse_key(
            keys->items()[i], reader.path("field_names") + '[' + std::to_string(i) + ']', faults));
    }
}

// Rules -----------------------------------------------------------------------------------------

// One index, the beginning of its path, and where the faults go.
struct Subject {
    const IndexDefinition& index;
    const Entity& entity;
    std::string_view path;
    Faults& faults;

    void fault(std::string_view key, std::string message) const {
        add_once(faults, std::string(path).append(key), std::move(message));
    }
    void key_fault(std::size_t position, std::string message) const {
        fault("field_names[" + std::to_string(position) + "]", std::move(message));
    }
    [[nodiscard]] std::string method() const {
        return std::string(index_method_name(index.method));
    }
};

void check_name(const Subject& subject) {
    if (auto fault = field_name_fault(subject.index.name)) subject.fault("name", *std::move(fault));
}

void check_uniqueness(const Subject& subject) {
    if (subject.index.unique && subject.index.method != IndexMethod::btree)
        subject.fault("is_unique", "is for btree indexes only");
}

void check_key_count(const Subject& subject) {
    const std::size_t count = subject.index.keys.size();
    if (count == 0) subject.fault("field_names", "must name at least one field");
    if (count > kMaxIndexKeys)
        subject.fault("field_names", "must be at most " + std::to_string(kMaxIndexKeys));
    if (count > 1 && subject.index.method == IndexMethod::hash)
        subject.fault("field_names", "must be one field in a hash index");
}

void check_order(const Subject& subject, std::size_t position) {
    const IndexKey& key = subject.index.keys[position];
    if (subject.index.method != IndexMethod::btree && (key.descending || key.nulls_first))
        subject.key_fault(position, "has no order in a " + subject.method() + " index");
}

void check_type(const Subject& subject, std::size_t position, const Field& field) {
    const std::string of_type = "of type " + std::string(info(field.type).name);
    const bool document = field.item_type || field.value_class() == ValueClass::json;
    switch (subject.index.method) {
        case IndexMethod::btree:
            if (document)
                subject.key_fault(position, "is " + of_type + ", which a btree index cannot hold");
            break;
        case IndexMethod::hash: break;
        case IndexMethod::gin:
            if (!document && !is_text(field))
                subject.key_fault(position,
                                  "is " + of_type + "; a gin index is for texts, arrays and json");
            break;
        case IndexMethod::gist:
            if (!is_text(field))
                subject.key_fault(position, "is " + of_type + "; a gist index is for texts");
            break;
        case IndexMethod::search:
            if (!has_words(field))
                subject.key_fault(position, "is " + of_type + "; a search index is for texts");
            break;
    }
}

// A B-tree refuses an entry over a third of a page, long after the definition was accepted.
void check_length(const Subject& subject, std::size_t position, const Field& field,
                  std::size_t& total) {
    if (subject.index.method != IndexMethod::btree || !is_text(field)) return;
    constexpr auto limit = static_cast<std::size_t>(kMaxIndexedLength);
    total += static_cast<std::size_t>(field.max_length.value_or(kMaxFieldLength));
    if (total > limit) {
        subject.key_fault(position, "makes the index hold more than " + std::to_string(limit) +
                                        " characters; give it a smaller max_length");
    }
}

void check_keys(const Subject& subject) {
    std::set<std::string_view> seen;
    std::size_t length = 0;
    for (std::size_t i = 0; i < std::min(subject.index.keys.size(), kMaxIndexKeys); ++i) {
        const std::string& name = subject.index.keys[i].field;
        if (name.empty()) continue;  // told by the parser
        const Field* const field = subject.entity.find(name);
        if (!seen.insert(name).second) {
            subject.key_fault(i, "is named twice");
        } else if (field == nullptr) {
            subject.key_fault(i, "is not a field of the entity");
        } else if (!field->has_column()) {
            subject.key_fault(i, "is computed when it is read, and has no column");
        } else {
            check_order(subject, i);
            check_type(subject, i, *field);
            check_length(subject, i, *field, length);
        }
    }
}

// What stands for a moment or a caller cannot decide once and for all which rows an index covers.
bool is_placeholder(const Json& value) {
    return find_placeholder(value.text()) != nullptr || value.text().starts_with("{old.");
}

bool is_constant(const Condition& condition) {
    return !depends_on_context(condition) &&
           std::ranges::none_of(condition.values, is_placeholder) &&
           std::ranges::all_of(condition.children, is_constant);
}

void check_condition(const Subject& subject) {
    if (subject.index.condition.is_null()) return;
    // What is searched is every record: the server would never use the index.
    if (subject.index.method == IndexMethod::search)
        return subject.fault("condition", "is not for a search index, which is over every record");
    try {
        const std::string path = std::string(subject.path) + "condition";
        const Condition condition = parse_condition(subject.index.condition, subject.entity, path);
        if (!is_constant(condition))
            subject.fault("condition", "must not depend on the time or the caller");
        for (const std::string& name : fields_of(condition)) {
            if (!subject.entity.find(name)->has_column())
                subject.fault("condition", "uses " + name + ", which has no column");
        }
    } catch (const Failure& failure) {
        for (const Fault& fault : failure.faults())
            add_once(subject.faults, fault.field, fault.message);
    }
}

Json optional_text(const std::string& text) { return text.empty() ? Json() : Json::string(text); }

}  // namespace

std::string_view index_method_name(IndexMethod method) noexcept {
    return kMethods[static_cast<std::size_t>(method)];
}

bool needs_trigram(IndexMethod method, const Field& field) noexcept {
    return (method == IndexMethod::gin || method == IndexMethod::gist) && is_text(field);
}

std::string_view search_class(const Field& field) noexcept {
    return field.type == FieldType::rich_text ? "search_markup_ops" : "search_ops";
}

std::vector<std::string> search_fields_of(std::span<const IndexDefinition> indexes) {
    std::vector<std::string> names;
    const auto found = std::ranges::find(indexes, IndexMethod::search, &IndexDefinition::method);
    if (found == indexes.end()) return names;
    for (const IndexKey& key : found->keys) names.push_back(key.field);
    return names;
}

std::span<const std::string_view> index_members() noexcept { return kIndexKeys; }

IndexDefinition parse_index_definition(const Json& json, std::string_view path, Faults& faults) {
    IndexDefinition index;
    if (!json.is_object()) {
        faults.add(path.substr(0, path.find_last_not_of('.') + 1), "must be an object");
        return index;
    }
    DefinitionReader reader(json, path, faults);
    reader.refuse_others(kIndexKeys, kComputedIndexKeys, "an index");
    index.name = reader.text("name", kMaxNameBytes).value_or("");
    index.method = method_of(reader.one_of("index_type", kMethods).value_or("btree"));
    index.unique = reader.boolean("is_unique").value_or(false);
    parse_keys(reader, index, faults);
    if (const Json* const condition = reader.object("condition")) index.condition = *condition;
    return index;
}

void check_index(const IndexDefinition& index, const Entity& entity, std::string_view path,
                 Faults& faults) {
    const Subject subject{index, entity, path, faults};
    check_name(subject);
    check_uniqueness(subject);
    check_key_count(subject);
    check_keys(subject);
    check_condition(subject);
}

void check_indexes(const EntityDefinition& definition, Faults& faults) {
    if (definition.indexes.size() > kMaxIndexes)
        return add_once(faults, "indexes", "must be at most " + std::to_string(kMaxIndexes));
    Entity entity = definition.entity;
    entity.fields = all_fields(definition);
    std::set<std::string_view> names;
    bool searched = false;
    for (std::size_t i = 0; i < definition.indexes.size(); ++i) {
        const IndexDefinition& index = definition.indexes[i];
        const std::string path = "indexes[" + std::to_string(i) + "].";
        check_index(index, entity, path, faults);
        if (!index.name.empty() && !names.insert(index.name).second)
            add_once(faults, path + "name", "is the name of another index too");
        if (index.method != IndexMethod::search) continue;
        if (searched)
            add_once(faults, path + "index_type", "is a second search index; an entity has one");
        searched = true;
    }
}

Json index_keys_json(const IndexDefinition& index) {
    Json keys = Json::array();
    for (const IndexKey& key : index.keys) {
        if (!key.descending && !key.nulls_first) {
            keys.items().push_back(Json::string(key.field));
            continue;
        }
        Json json = Json::object();
        json.set("field", Json::string(key.field));
        json.set("order", Json::string(key.descending ? "desc" : "asc"));
        if (key.nulls_first) json.set("nulls", Json::string(*key.nulls_first ? "first" : "last"));
        keys.items().push_back(std::move(json));
    }
    return keys;
}

std::string index_where_clause(const IndexDefinition& index, const Entity& entity) {
    if (index.condition.is_null()) return {};
    SqlBuilder builder(entity, SqlBuilder::Values::literals);
    return builder.predicate(parse_condition(index.condition, entity, "condition"));
}

Json index_row(const IndexDefinition& index, const Entity& entity) {
    Json row = Json::object();
    row.set("entity_id", Json::string(entity.id.to_string()));
    row.set("tenant_id", entity.tenant_id ? Json::string(entity.tenant_id->to_string()) : Json());
    row.set("name", Json::string(index.name));
    row.set("index_type", Json::string(std::string(index_method_name(index.method))));
    row.set("field_names", index_keys_json(index));
    row.set("is_unique", Json::boolean(index.unique));
    row.set("is_partial", Json::boolean(!index.condition.is_null()));
    row.set("condition", index.condition);
    row.set("where_clause", optional_text(index_where_clause(index, entity)));
    return row;
}

IndexDefinition read_index_row(const Json& row) {
    IndexDefinition index;
    Faults faults;
    DefinitionReader reader(row, "", faults);
    if (const auto id = reader.text("id", kMaxNameBytes))
        index.id = Uuid::parse(*id).value_or(Uuid{});
    index.name = reader.text("name", kMaxNameBytes).value_or("");
    index.method = method_of(reader.one_of("index_type", kMethods).value_or("btree"));
    index.unique = reader.boolean("is_unique").value_or(false);
    parse_keys(reader, index, faults);
    if (const Json* const condition = reader.object("condition")) index.condition = *condition;
    if (!faults.empty())
        throw Failure(Code::server_error, "the catalog holds an index that cannot be read",
                      faults.list());
    return index;
}

}  // namespace pgwright::core
