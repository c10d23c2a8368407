// The access of an entity: what the security tables make of its policies, guard and grants. Changes of
// these tables come here through their triggers, so that policies change in the same transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/condition.hpp"
#include "core/model.hpp"

namespace pgwright::schema {

// What row rules may use: placeholders, and fields of the published entities that lookups refer to. Not
// the entity itself nor a system entity, whose policies would be asked again or are not for everyone.
core::ConditionContext rule_context(const core::Uuid& tenant, const core::Uuid& entity);

// The security tables' rows about one tenant's entities, or one of them, read when it is made.
class AccessReader {
  public:
    explicit AccessReader(const core::Uuid& tenant,
                          std::optional<core::Uuid> entity = std::nullopt);

    // Of the entity as a design has it. The stored conditions name fields as the catalog's rows do, the
    // design may have other names for them. A rule that the design cannot hold is a VALIDATION_ERROR
    // that names the field.
    [[nodiscard]] core::Access of(const core::Entity& design) const;

  private:
    struct Rule {
        core::Uuid entity;
        std::string role;
        core::Action action = core::Action::read;
        core::Json condition;
    };
    struct Grant {
        std::optional<core::Uuid> entity;  // none: of every entity
        bool is_public = false;
        std::string action;
    };
    struct FieldRule {
        core::Uuid entity, field;
        bool hides = false, locks = false;
    };

    void read_rules(const std::optional<core::Uuid>& entity);
    void read_grants(const std::optional<core::Uuid>& entity);
    void read_field_rules(const std::optional<core::Uuid>& entity);
    void add_grants(const core::Entity& design, core::Access& access) const;
    void add_field_rules(const core::Entity& design, core::Access& access) const;
    void add_rules(const core::Entity& design, core::Access& access) const;

    core::Uuid tenant_;
    std::vector<Rule> rules_;
    std::vector<Grant> grants_;
    std::vector<FieldRule> field_rules_;
};

core::Access read_access(const core::Uuid& tenant, const core::Entity& design);

// Gives a new entity of a tenant to the built-in roles, as default_permissions() says.
void grant_defaults(const core::Uuid& entity);

// Makes policies, guard and grants of a published entity again when the security tables say something
// else by now, as the owner of its table, and records the table's new state.
void synthesise_access(const core::Uuid& tenant, const core::Uuid& entity);
// After a publication, which has made them; and after a rollback, which may have brought old ones back.
void adopt_access(const core::Entity& design);
void renew_access(const core::Uuid& tenant, const core::Uuid& entity);

// Row rules whose conditions name fields that get other names, here or in other entities: found while the
// catalog has the old names, stored when it has the new ones.
struct RenamedRule {
    core::Uuid id;
    core::Json condition;
};
std::vector<RenamedRule> rules_to_rename(const core::EntityDefinition& before,
                                         const core::EntityDefinition& after);
// Policies of the entities concerned are made again, but for that one, whose publication has made its own.
void store(const std::vector<RenamedRule>& rules, const core::Uuid& published);

}  // namespace pgwright::schema
