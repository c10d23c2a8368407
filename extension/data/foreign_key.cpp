// Foreign keys; see foreign_key.hpp.
#include "data/foreign_key.hpp"

#include <map>

#include "pg/immortal.hpp"

#include "core/identifier.hpp"

namespace pgwright::data {

namespace {

ForeignKey foreign_key(const ForeignKeyCacheInfo& info) {
    const auto count = static_cast<std::size_t>(info.nkeys);
    ForeignKey key{info.conoid, info.conrelid, info.confrelid, {}, {}};
    key.columns.assign(info.conkey, info.conkey + count);
    key.keys.assign(info.confkey, info.confkey + count);
    return key;
}

Oid owner_of(Oid relation) {
    return pg::call([=] {
        HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
        if (!HeapTupleIsValid(tuple)) elog(ERROR, "relation %u vanished", relation);
        const Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
        ReleaseSysCache(tuple);
        return owner;
    });
}

// The path is pinned before the user is switched, and for longer.
pg::SettingsScope& pinned(pg::SettingsScope& settings) {
    settings.pin_search_path();
    return settings;
}

using Plans = std::map<std::pair<Oid, Purpose>, PlanPointer>;

Plans& plans() {
    static pg::Immortal<Plans> all;
    return *all;
}

}  // namespace

std::vector<ForeignKey> foreign_keys_of(Relation relation) {
    const List* const list = pg::call([relation] { return RelationGetFKeyList(relation); });
    std::vector<ForeignKey> keys;
    keys.reserve(static_cast<std::size_t>(list_length(list)));
    for (int i = 0; i < list_length(list); ++i)
        keys.push_back(foreign_key(*static_cast<const ForeignKeyCacheInfo*>(list_nth(list, i))));
    return keys;
}

// The trigger that asks holds a lock on the other table, so the constraint stays.
std::optional<ForeignKey> find_foreign_key(Oid referring, Oid constraint) {
    Relation relation = pg::call([=] { return table_open(referring, AccessShareLock); });
    std::optional<ForeignKey> found;
    for (ForeignKey& key : foreign_keys_of(relation)) {
        if (key.constraint == constraint) found = std::move(key);
    }
    pg::call([=] { table_close(relation, NoLock); });
    return found;
}

bool has_soft_delete(Oid relation) {
    return pg::call([=] { return get_attnum(relation, "deleted_at"); }) != InvalidAttrNumber;
}

std::string table_sql(Oid relation) {
    const char* const schema =
        pg::call([=] { return get_namespace_name(get_rel_namespace(relation)); });
    const char* const name = pg::call([=] { return get_rel_name(relation); });
    if (schema == nullptr || name == nullptr)
        throw pg::Error(ERRCODE_UNDEFINED_TABLE,
                        "relation " + std::to_string(relation) + " vanished");
    const bool partitioned =
        pg::call([=] { return get_rel_relkind(relation); }) == RELKIND_PARTITIONED_TABLE;
    return (partitioned ? "" : "ONLY ") + core::quote_qualified(schema, name);
}

std::string column_sql(Oid relation, AttrNumber attribute) {
    return core::quote_identifier(
        pg::call([=] { return get_attname(relation, attribute, false); }));
}

std::string equals_parameters(Oid relation, std::string_view alias,
                              const std::vector<AttrNumber>& columns) {
    std::string sql;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        sql.append(i == 0 ? "" : " AND ").append(alias).append(".");
        sql += column_sql(relation, columns[i]) + " = $" + std::to_string(i + 1);
    }
    return sql;
}

Oid column_type(Oid relation, AttrNumber attribute) {
    return pg::call([=] { return get_atttype(relation, attribute); });
}

OwnerScope::OwnerScope(Oid relation)
    : user_((pinned(settings_), owner_of(relation)), SECURITY_NOFORCE_RLS) {}

PlanPointer find_plan(const ForeignKey& key, Purpose purpose) {
    const auto found = plans().find({key.constraint, purpose});
    return found != plans().end() && found->second->valid() ? found->second : nullptr;
}

PlanPointer keep_plan(const ForeignKey& key, Purpose purpose, std::string_view sql,
                      std::span<const Oid> types) {
    auto plan = std::make_shared<const pg::Plan>(sql, types);
    if (plans().size() >= kMaxKeptPlans) plans().clear();
    plans().insert_or_assign({key.constraint, purpose}, plan);
    return plan;
}

}  // namespace pgwright::data
