// The backend's cache of prepared statements; see plan_cache.hpp. Also SQL: plan_cache_use.
#include "pg/guard.hpp"
#include "pg/immortal.hpp"

#include "data/plan_cache.hpp"

#include <list>

namespace pgwright::data {

int plan_cache_size = 256;

namespace {

struct Entry {
    std::string key;
    std::shared_ptr<const Prepared> prepared;
};

struct Cache {
    std::list<Entry> by_use;  // most recent first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;
    PlanCacheUse use;

    void touch(std::list<Entry>::iterator entry) { by_use.splice(by_use.begin(), by_use, entry); }

    void erase(std::list<Entry>::iterator entry) {
        by_key.erase(entry->key);
        by_use.erase(entry);
    }

    void add(std::string key, std::shared_ptr<const Prepared> prepared) {
        while (by_use.size() >= static_cast<std::size_t>(plan_cache_size))
            erase(std::prev(by_use.end()));
        by_use.push_front({std::move(key), std::move(prepared)});
        by_key.emplace(by_use.front().key, by_use.begin());
    }
};

Cache& cache() {
    static pg::Immortal<Cache> all;
    return *all;
}

std::string key_of(const core::Statement& statement) {
    std::string key;
    key.reserve(statement.sql.size() + 1 + statement.parameters.size() * sizeof(Oid));
    key = statement.sql;
    key += '\0';
    for (const core::Parameter& parameter : statement.parameters)
        key.append(reinterpret_cast<const char*>(&parameter.type_oid), sizeof parameter.type_oid);
    return key;
}

pg::TypeOutput output_of(const core::Field& field) {
    const bool as_text = field.value_class() == core::ValueClass::other || !field.mask_sql.empty();
    return pg::TypeOutput::of(as_text ? TEXTOID : field.type_oid);
}

std::shared_ptr<const Prepared> build(const core::Statement& statement) {
    std::vector<Oid> types;
    types.reserve(statement.parameters.size());
    for (const core::Parameter& parameter : statement.parameters)
        types.push_back(parameter.type_oid);
    auto prepared = std::make_shared<Prepared>();
    prepared->plan = pg::Plan(statement.sql, types);
    for (const core::Field* const field : statement.columns)
        prepared->outputs.push_back(output_of(*field));
    for (const core::NestedColumn& nested : statement.nested)
        prepared->outputs.push_back(pg::TypeOutput::of(nested.many ? RECORDARRAYOID : RECORDOID));
    for (const core::Field* const field : statement.cursor)
        prepared->outputs.push_back(output_of(*field));
    return prepared;
}

}  // namespace

std::shared_ptr<const Prepared> prepare(const core::Statement& statement) {
    std::string key = key_of(statement);
    if (const auto found = cache().by_key.find(key); found != cache().by_key.end()) {
        const auto entry = found->second;
        if (entry->prepared->plan.valid()) {
            cache().touch(entry);
            ++cache().use.hits;
            return entry->prepared;
        }
        cache().erase(entry);
    }
    ++cache().use.misses;
    auto prepared = build(statement);
    cache().add(std::move(key), prepared);
    return prepared;
}

PlanCacheUse plan_cache_use() {
    PlanCacheUse use = cache().use;
    use.plans = cache().by_use.size();
    return use;
}

}  // namespace pgwright::data

PGWRIGHT_FUNCTION(pgwright_plan_cache_use) {
    const pgwright::data::PlanCacheUse use = pgwright::data::plan_cache_use();
    pgwright::core::JsonWriter writer;
    writer.begin_object();
    writer.key("hits");
    writer.integer(static_cast<std::int64_t>(use.hits));
    writer.key("misses");
    writer.integer(static_cast<std::int64_t>(use.misses));
    writer.key("plans");
    writer.integer(static_cast<std::int64_t>(use.plans));
    writer.end_object();
    return pgwright::pg::json_datum(writer.view());
}
