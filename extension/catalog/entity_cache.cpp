// The backend's cache of published entities; see entity_cache.hpp.
#include "catalog/entity_cache.hpp"

#include "catalog/entity_reader.hpp"
#include "catalog/epoch.hpp"

#include "pg/call.hpp"
#include "pg/immortal.hpp"

#include "core/error.hpp"

namespace pgwright::catalog {

int entity_cache_size = 1024;

namespace {

struct Key {
    core::Uuid tenant;
    std::string name;
    friend bool operator==(const Key&, const Key&) = default;
};

struct View {  // a key that owns nothing, for look-ups
    const core::Uuid& tenant;
    std::string_view name;
};

struct Hash {
    using is_transparent = void;
    static std::size_t of(const core::Uuid& tenant, std::string_view name) noexcept {
        return std::hash<core::Uuid>{}(tenant)*31 + std::hash<std::string_view>{}(name);
    }
    std::size_t operator()(const Key& key) const noexcept { return of(key.tenant, key.name); }
    std::size_t operator()(const View& key) const noexcept { return of(key.tenant, key.name); }
};

struct Equal {
    using is_transparent = void;
    bool operator()(const Key& a, const Key& b) const noexcept { return a == b; }
    bool operator()(const View& a, const Key& b) const noexcept {
        return a.tenant == b.tenant && a.name == b.name;
    }
    bool operator()(const Key& a, const View& b) const noexcept { return (*this)(b, a); }
};

struct Entry {
    EntityPointer entity;
    Oid relation = InvalidOid;
    std::uint64_t generation = 0;
    bool stale = false;
};

using Entries = std::unordered_map<Key, Entry, Hash, Equal>;

Entries& entries() {
    static pg::Immortal<Entries> all;
    return *all;
}

// Counts the messages about single relations, for entries that are being loaded when one lands.
std::uint64_t relation_messages = 0;

void on_relation_change(Datum /*argument*/, Oid relation) {
    catalog_epoch().on_invalidation(relation);
    security_epoch().on_invalidation(relation);
    ++relation_messages;
    for (auto& [key, entry] : entries())
        if (entry.relation == relation) entry.stale = true;
}

struct Found {
    EntityPointer entity;
    Oid relation = InvalidOid;
};

Found load(const core::Uuid& tenant, std::string_view name) {
    const std::uint64_t generation = catalog_epoch().generation();
    const std::uint64_t messages = relation_messages;
    auto loaded = read_entity(tenant, name, Wanted::published);
    if (!loaded) return {};
    auto entity = std::make_shared<const core::Entity>(std::move(loaded->entity));
    if (entries().size() >= static_cast<std::size_t>(entity_cache_size)) entries().clear();
    if (messages == relation_messages)
        entries().insert_or_assign(Key{tenant, std::string(name)},
                                   Entry{entity, loaded->relation, generation, false});
    return {entity, loaded->relation};
}

Found find(const core::Uuid& tenant, std::string_view name) {
    const std::uint64_t generation = catalog_epoch().generation();
    const auto found = entries().find(View{tenant, name});
    if (found != entries().end() && !found->second.stale && found->second.generation == generation)
        return {found->second.entity, found->second.relation};
    return load(tenant, name);
}

[[noreturn]] void refuse_unknown() {
    throw core::Failure(core::Code::resource_not_found,
                        "there is no published entity of that name");
}

}  // namespace

EntityPointer find_entity(const core::Uuid& tenant, std::string_view name_or_id) {
    return find(tenant, name_or_id).entity;
}

EntityPointer require_entity(const core::Uuid& tenant, std::string_view name_or_id) {
    if (auto entity = find_entity(tenant, name_or_id)) return entity;
    refuse_unknown();
}

// Locking takes in the messages of those it waited for; a definition that is stale after it is read
// again, as the server itself opens relations.
EntityPointer open_entity(const core::Uuid& tenant, std::string_view name_or_id, bool& changed) {
    Found found = find(tenant, name_or_id);
    while (found.entity) {
        const std::uint64_t generation = catalog_epoch().generation();
        const std::uint64_t messages = relation_messages;
        const Oid relation = found.relation;
        pg::call([relation] { LockRelationOid(relation, AccessShareLock); });
        if (generation == catalog_epoch().generation() && messages == relation_messages)
            return found.entity;
        EntityPointer before = found.entity;
        found = find(tenant, name_or_id);
        changed = changed || found.entity != before;
        if (found.entity == before) return before;
    }
    refuse_unknown();
}

void start_entity_cache() { CacheRegisterRelcacheCallback(on_relation_change, Datum{0}); }

}  // namespace pgwright::catalog
