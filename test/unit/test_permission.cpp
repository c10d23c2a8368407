// Permissions: their text, and what a set of grants allows.
#include <catch2/catch.hpp>

#include "core/permission.hpp"

using namespace pgwright::core;

TEST_CASE("a permission is resource:action:scope, of the tenant by default", "[permission]") {
    CHECK(Permission::parse("company:read:own")->to_string() == "company:read:own");
    CHECK(Permission::parse("company:delete")->to_string() == "company:delete:tenant");
    CHECK(Permission::parse("*:export:all")->to_string() == "*:export:all");
    CHECK(Permission::parse("a1_b:bulk:all")->resource == "a1_b");
}

TEST_CASE("a malformed permission is nothing", "[permission]") {
    for (const char* text : {"", ":", "::", "company", "company:", "company:read:", ":read",
                             "company:fly", "company:read:galaxy", "company:read:own:more",
                             "company:read:own:", "company:*", "Company:read", "1a:read",
                             "a b:read", "company :read", "company:read ", "**:read", "*x:read"}) {
        INFO(text);
        CHECK_FALSE(Permission::parse(text));
    }
    CHECK_FALSE(Permission::parse(std::string(64, 'a') + ":read"));
}

TEST_CASE("names of actions and scopes round trip", "[permission]") {
    for (const char* name : {"create", "read", "update", "delete", "execute", "export", "bulk"}) {
        CHECK(action_name(find_action(name).value()) == name);
    }
    for (const char* name : {"own", "tenant", "all"})
        CHECK(scope_name(find_scope(name).value()) == name);
    CHECK_FALSE(find_action("*"));
    CHECK_FALSE(find_scope(""));
}

TEST_CASE("an empty set allows nothing", "[permission]") {
    const PermissionSet set;
    CHECK_FALSE(set.scope_of("company", Action::read));
    CHECK_FALSE(set.allows("company", Action::read, Scope::own));
    CHECK(set.list().empty());
}

TEST_CASE("a wider scope includes the narrower", "[permission]") {
    PermissionSet set;
    set.grant("company", "read", "tenant");
    CHECK(set.allows("company", Action::read, Scope::own));
    CHECK(set.allows("company", Action::read, Scope::tenant));
    CHECK_FALSE(set.allows("company", Action::read, Scope::all));
    CHECK_FALSE(set.allows("company", Action::update, Scope::own));
    CHECK_FALSE(set.allows("contact", Action::read, Scope::own));
}

TEST_CASE("the widest grant wins, whatever the order", "[permission]") {
    PermissionSet set;
    set.grant("company", "read", "all");
    set.grant("company", "read", "own");
    set.grant("contact", "read", "own");
    set.grant("contact", "*", "tenant");
    CHECK(set.scope_of("company", Action::read) == Scope::all);
    CHECK(set.scope_of("contact", Action::read) == Scope::tenant);
}

TEST_CASE("the resource * covers entities, never platform areas", "[permission]") {
    PermissionSet set;
    set.grant("*", "*", "all");
    set.grant("company", "read", "own");
    CHECK(set.scope_of("company", Action::read) == Scope::all);
    CHECK(set.scope_of("anything", Action::bulk) == Scope::all);
    for (const std::string_view area : platform_areas()) {
        INFO(area);
        CHECK_FALSE(set.scope_of(area, Action::read));
    }
    set.grant("data_model", "read", "tenant");
    CHECK(set.scope_of("data_model", Action::read) == Scope::tenant);
}

TEST_CASE("the action * is every action", "[permission]") {
    PermissionSet set;
    set.grant("roles", "*", "tenant");
    for (const Action action : {Action::create, Action::read, Action::update, Action::delete_,
                                Action::execute, Action::export_, Action::bulk}) {
        CHECK(set.scope_of("roles", action) == Scope::tenant);
    }
}

TEST_CASE("an unknown action or scope grants nothing", "[permission]") {
    PermissionSet set;
    set.grant("company", "fly", "all");
    set.grant("company", "read", "galaxy");
    set.grant("company", "", "");
    CHECK_FALSE(set.scope_of("company", Action::read));
    CHECK(set.list().empty());
}

TEST_CASE("the list is sorted", "[permission]") {
    PermissionSet set;
    set.grant("contact", "read", "own");
    set.grant("company", "update", "tenant");
    set.grant("company", "read", "all");
    CHECK(set.list() == std::vector<std::string>{"company:read:all", "company:update:tenant",
                                                 "contact:read:own"});
}

TEST_CASE("platform areas are sorted and found", "[permission]") {
    CHECK(is_platform_area("data_model"));
    CHECK(is_platform_area("api_keys"));
    CHECK(is_platform_area("workflows"));
    CHECK_FALSE(is_platform_area("company"));
    CHECK_FALSE(is_platform_area(""));
    CHECK_FALSE(is_platform_area("*"));
}

TEST_CASE("rights are narrowed to what both hold, at the narrower scope", "[permission]") {
    PermissionSet held;
    held.grant("*", "read", "tenant");
    held.grant("deal", "update", "own");
    held.grant("data_model", "read", "tenant");
    PermissionSet asked;
    asked.grant("company", "*", "all");
    asked.grant("deal", "*", "tenant");
    held.narrow_to(asked);
    CHECK(held.list() ==
          std::vector<std::string>{"company:read:tenant", "deal:read:tenant", "deal:update:own"});
}

TEST_CASE("narrowing by a wildcard leaves the entities and no platform area", "[permission]") {
    PermissionSet held;
    held.grant("company", "read", "own");
    held.grant("users", "read", "tenant");
    PermissionSet asked;
    asked.grant("*", "*", "tenant");
    held.narrow_to(asked);
    CHECK(held.list() == std::vector<std::string>{"company:read:own"});
}

// Row rules ----------------------------------------------------------------------------------------

namespace {

RoleLevel role(const std::string& name, std::vector<RoleLevel::Grant> grants,
               const std::vector<std::string>& rules = {}) {
    RoleLevel level{name, std::move(grants), {}};
    for (const std::string& rule : rules) level.rules.push_back(*Permission::parse(rule));
    return level;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a row rule narrows what its role grants, and that action only", "[permission]") {
    PermissionSet set;
    set.add(
        {role("rep", {{"deal", "read", "tenant"}, {"deal", "create", "tenant"}}, {"deal:read"})});
    CHECK(set.list() == Texts{"deal:create:tenant"});
    CHECK(set.list_under_rules() == Texts{"rep:deal:read:tenant"});
    CHECK_FALSE(set.scope_of("deal", Action::read));
    CHECK(set.scope_under("rep", "deal", Action::read) == Scope::tenant);
    CHECK_FALSE(set.scope_under("rep", "deal", Action::create));
    CHECK_FALSE(set.scope_under("rep", "company", Action::read));
    CHECK(set.allows_some("deal", Action::read));
    CHECK_FALSE(set.allows_some("deal", Action::delete_));
}

TEST_CASE("a rule narrows what its role inherits, the nearest one first", "[permission]") {
    PermissionSet set;
    set.add({role("junior", {}, {"deal:read"}),
             role("rep", {{"deal", "*", "own"}}, {"deal:read", "deal:update"}),
             role("base", {{"deal", "delete", "tenant"}, {"deal", "update", "tenant"}})});
    CHECK(set.scope_under("junior", "deal", Action::read) == Scope::own);
    CHECK(set.scope_under("rep", "deal", Action::update) == Scope::tenant);
    CHECK_FALSE(set.scope_under("rep", "deal", Action::read));
    CHECK(set.scope_of("deal", Action::delete_) == Scope::tenant);
    CHECK(set.scope_of("deal", Action::create) == Scope::own);
}

TEST_CASE("a rule of an inherited role does not narrow its heir's own grant", "[permission]") {
    PermissionSet set;
    set.add({role("lead", {{"deal", "read", "tenant"}}),
             role("rep", {{"deal", "read", "tenant"}}, {"deal:read"})});
    CHECK(set.scope_of("deal", Action::read) == Scope::tenant);
}

TEST_CASE("a wildcard does not reach what a rule of its role narrows", "[permission]") {
    PermissionSet set;
    set.add({role("rep", {{"*", "*", "tenant"}}, {"deal:read"})});
    CHECK_FALSE(set.scope_of("deal", Action::read));
    CHECK(set.scope_of("deal", Action::update) == Scope::tenant);
    CHECK(set.scope_of("company", Action::read) == Scope::tenant);
    CHECK(set.scope_under("rep", "deal", Action::read) == Scope::tenant);
    set.add({role("lead", {{"*", "read", "tenant"}})});
    CHECK(set.scope_of("deal", Action::read) == Scope::tenant);
}

TEST_CASE("cutting rights down cuts those under rules", "[permission]") {
    PermissionSet set;
    set.add({role("rep", {{"*", "*", "tenant"}}, {"deal:read", "deal:update"})});
    PermissionSet asked;
    asked.grant("deal", "read", "own");
    set.narrow_to(asked);
    CHECK(set.scope_under("rep", "deal", Action::read) == Scope::own);
    CHECK_FALSE(set.allows_some("deal", Action::update));
    CHECK_FALSE(set.allows_some("company", Action::read));
}

TEST_CASE("some row of a platform area is the whole tenant's", "[permission]") {
    PermissionSet set;
    set.grant("users", "read", "own");
    CHECK_FALSE(set.allows_some("users", Action::read));
    set.grant("users", "read", "tenant");
    CHECK(set.allows_some("users", Action::read));
}
