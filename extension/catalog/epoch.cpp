// Cache invalidation by proxy; see epoch.hpp.
#include "catalog/epoch.hpp"

#include "pg/guard.hpp"

namespace pgwright::catalog {

std::uint64_t Epoch::generation() {
    resolve();
    return generation_;
}

void Epoch::resolve() {
    // Resolved anew each time: DROP EXTENSION and CREATE EXTENSION in one session give it a new oid.
    const Oid found = pg::call([this] {
        AcceptInvalidationMessages();
        const Oid schema = get_namespace_oid("pgwright", true);
        return OidIsValid(schema) ? get_relname_relid(table_, schema) : InvalidOid;
    });
    if (found != relation_) {
        relation_ = found;
        ++generation_;
    }
}

void Epoch::on_invalidation(Oid relation) noexcept {
    if (!OidIsValid(relation) || relation == relation_) ++generation_;
}

void Epoch::invalidate() {
    resolve();
    const Oid relation = relation_;
    if (OidIsValid(relation)) pg::call([relation] { CacheInvalidateRelcacheByRelid(relation); });
}

Epoch& catalog_epoch() noexcept {
    static Epoch epoch("catalog_epoch");
    return epoch;
}

Epoch& security_epoch() noexcept {
    static Epoch epoch("security_epoch");
    return epoch;
}

}  // namespace pgwright::catalog

PGWRIGHT_TRIGGER(pgwright_invalidate_catalog) {
    pgwright::catalog::catalog_epoch().invalidate();
    return trigger.skip();
}

PGWRIGHT_TRIGGER(pgwright_invalidate_security) {
    pgwright::catalog::security_epoch().invalidate();
    return trigger.skip();
}
