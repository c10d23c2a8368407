// Whose rights a statement runs with; see scope.hpp.
#include "security/scope.hpp"

namespace pgwright::security {

namespace {

// The owner of schema pgwright: the superuser who installed the extension.
Oid extension_owner() {
    return pg::call([] {
        HeapTuple tuple =
            SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(get_namespace_oid("pgwright", false)));
        if (!HeapTupleIsValid(tuple)) elog(ERROR, "schema pgwright vanished");
        Oid owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspowner;
        ReleaseSysCache(tuple);
        return owner;
    });
}

Oid user_of(Rights rights) {
    switch (rights) {
        case Rights::engine: return extension_owner();
        case Rights::runtime: return pg::role_oid("pgwright_runtime");
        case Rights::owner: return pg::role_oid("pgwright_owner");
    }
    return InvalidOid;
}

// The path is pinned before the user is switched: the switch forbids nothing about settings, but the
// settings' scope has to outlive it.
pg::SettingsScope& pinned(pg::SettingsScope& settings) {
    settings.pin_search_path();
    return settings;
}

}  // namespace

Scope::Scope(Rights rights) : user_((pinned(settings_), user_of(rights))) {}

bool is_administrator() {
    return pg::is_member(pg::current_user(), pg::role_oid("pgwright_admin"));
}

}  // namespace pgwright::security
