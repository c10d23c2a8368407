// Unique keys, read from the relation's own indexes: what the server enforces at once, over plain columns
// that the caller may write. See unique_key.hpp.
#include "pg/call.hpp"
#include "pg/planner.hpp"

#include "data/unique_key.hpp"

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "core/record_key.hpp"
#include "security/scope.hpp"

namespace pgwright::data {

namespace {

using core::Code;
using core::Failure;
using core::UniqueKey;

// An index as plain data, because what reads it runs under the inward guard.
struct IndexColumns {
    NameData name;
    AttrNumber columns[INDEX_MAX_KEYS];
    int count;
    char* predicate;  // nullptr: all rows
};

// Runs under the inward guard.
bool read_index(Relation relation, Oid oid, IndexColumns& found) {
    Relation index = index_open(oid, AccessShareLock);
    const FormData_pg_index& form = *index->rd_index;
    const bool usable = form.indisunique && form.indimmediate && form.indisvalid &&
                        RelationGetIndexExpressions(index) == NIL;
    found = {};
    found.name = index->rd_rel->relname;
    found.count = form.indnkeyatts;
    for (int i = 0; i < form.indnkeyatts; ++i) found.columns[i] = form.indkey.values[i];
    List* const predicate = usable ? RelationGetIndexPredicate(index) : NIL;
    if (predicate != NIL) {
        Node* const whole = reinterpret_cast<Node*>(make_ands_explicit(predicate));
        List* const context =
            deparse_context_for(RelationGetRelationName(relation), RelationGetRelid(relation));
        found.predicate = deparse_expression(whole, context, false, false);
    }
    index_close(index, AccessShareLock);
    return usable;
}

Oid relation_of(const core::Entity& entity) {
    return pg::call([&] {
        const Oid schema = get_namespace_oid(entity.schema.c_str(), false);
        return get_relname_relid(entity.table.c_str(), schema);
    });
}

// The index's columns as fields of the entity as the caller knows it.
std::optional<UniqueKey> key_of(const core::Entity& entity, Oid relation,
                                const IndexColumns& index) {
    UniqueKey key{NameStr(index.name), {}, index.predicate == nullptr ? "" : index.predicate};
    for (int i = 0; i < index.count; ++i) {
        const AttrNumber column = index.columns[i];
        const char* const name = pg::call([=] { return get_attname(relation, column, false); });
        const core::Field* const field = entity.find(name);
        if (field == nullptr || !field->mask_sql.empty()) return std::nullopt;
        key.fields.push_back(field);
    }
    return key;
}

std::vector<UniqueKey> unique_keys_of(const core::Entity& entity) {
    const security::Scope scope(security::Rights::engine);
    const Oid oid = relation_of(entity);
    std::vector<UniqueKey> keys;
    const auto list = pg::call([=] {
        Relation relation = table_open(oid, AccessShareLock);
        List* const indexes = RelationGetIndexList(relation);
        table_close(relation, NoLock);
        return indexes;
    });
    for (int i = 0; i < list_length(list); ++i) {
        IndexColumns index;
        const Oid index_oid = list_nth_oid(list, i);
        const bool usable = pg::call([&] {
            Relation relation = table_open(oid, NoLock);
            const bool read = read_index(relation, index_oid, index);
            table_close(relation, NoLock);
            return read;
        });
        if (!usable) continue;
        if (auto key = key_of(entity, oid, index)) keys.push_back(*std::move(key));
    }
    return keys;
}

std::string names_of(const UniqueKey& key) {
    std::string names;
    for (const core::Field* const field : key.fields)
        names += (names.empty() ? "" : ",") + field->name;
    return names;
}

template <typename Gives>
bool gives_all(const UniqueKey& key, const Gives& gives) {
    return std::ranges::all_of(key.fields, gives);
}

// Tells which fields a record gives.
auto members_of(const core::Json& record) {
    return [&record](const core::Field* field) {
        const core::Json* const value = record.find(field->name);
        return value != nullptr && !value->is_null();
    };
}

std::vector<UniqueKey> given_keys(const std::vector<UniqueKey>& keys,
                                  std::span<const core::Json* const> records) {
    std::vector<UniqueKey> by_all;
    std::vector<UniqueKey> by_some;
    for (const UniqueKey& key : keys) {
        const auto given = std::ranges::count_if(
            records, [&](const core::Json* record) { return gives_all(key, members_of(*record)); });
        if (given > 0) by_some.push_back(key);
        if (given > 0 && static_cast<std::size_t>(given) == records.size()) by_all.push_back(key);
    }
    return by_all.empty() ? by_some : by_all;
}

std::set<std::string> names_in(std::string_view text) {
    std::set<std::string> names;
    while (true) {
        const std::size_t comma = text.find(',');
        names.emplace(text.substr(0, comma));
        if (comma == std::string_view::npos) return names;
        text.remove_prefix(comma + 1);
    }
}

bool is_named(const core::Entity& entity, const UniqueKey& key, std::string_view name) {
    if (key.name == name || key.name == entity.table + "_" + std::string(name) + "_ix") return true;
    std::set<std::string> fields;
    for (const core::Field* const field : key.fields) fields.insert(field->name);
    return fields == names_in(name);
}

[[noreturn]] void refuse(const std::vector<UniqueKey>& keys, std::string message) {
    std::string list;
    for (const UniqueKey& key : keys) list += (list.empty() ? "" : "; ") + names_of(key);
    throw Failure(Code::validation_error, "the key is not valid", {{"key", std::move(message)}},
                  list.empty() ? "There is no unique key." : "Unique keys: " + list + ".");
}

UniqueKey key_named(const core::Entity& entity, const std::vector<UniqueKey>& keys,
                    std::string_view name) {
    for (const UniqueKey& key : keys)
        if (is_named(entity, key, name)) return key;
    refuse(keys, "is no unique key of " + entity.name);
}

// Two indexes over the same fields are one key, unless a condition makes them differ.
UniqueKey only_one(const std::vector<UniqueKey>& keys, const std::vector<UniqueKey>& fitting) {
    if (fitting.empty()) refuse(keys, "is required: the data gives no unique key");
    if (fitting.size() > 1) refuse(fitting, "is required: the data gives several unique keys");
    return fitting.front();
}

}  // namespace

core::UniqueKey unique_key_of(const core::Entity& entity,
                              std::span<const core::Json* const> records,
                              std::optional<std::string_view> named) {
    const std::vector<UniqueKey> keys = unique_keys_of(entity);
    if (named) return key_named(entity, keys, *named);
    return only_one(keys, given_keys(keys, records));
}

core::UniqueKey named_unique_key(const core::Entity& entity, std::string_view name) {
    return key_named(entity, unique_keys_of(entity), name);
}

core::UniqueKey unique_key_among(const core::Entity& entity,
                                 std::span<const core::Field* const> fields, bool by_id) {
    const std::vector<UniqueKey> keys = unique_keys_of(entity);
    const auto gives = [&](const core::Field* field) {
        return std::ranges::find(fields, field) != fields.end();
    };
    const auto is_id = [&](const UniqueKey& key) {
        return std::ranges::equal(key.fields, entity.key, {}, &core::Field::name) &&
               gives_all(key, gives);
    };
    if (const auto id = std::ranges::find_if(keys, is_id); by_id && id != keys.end()) return *id;
    std::vector<UniqueKey> fitting;
    for (const UniqueKey& key : keys)
        if (gives_all(key, gives)) fitting.push_back(key);
    return only_one(keys, fitting);
}

void check_key(const core::UniqueKey& key, const core::Json& record, core::Faults& faults) {
    const auto gives = members_of(record);
    for (const core::Field* const field : key.fields)
        if (!gives(field)) faults.add(field->name, "is required: it is part of the key");
}

}  // namespace pgwright::data
