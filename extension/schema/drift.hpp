// Entities as their definitions and the database show them, read set by set: what analyze_schema tells
// of and sync_schema repairs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/drift.hpp"
#include "security/identity.hpp"

namespace pgwright::schema {

struct Subject {
    core::Uuid id;
    std::string name;
    int version = 0;
    int last_version = 0;
    int draft_version = 0;              // 0: none is open
    core::EntityDefinition definition;  // as published
    core::Design design;
    std::optional<core::TableState> recorded;
    core::TableState actual;
    core::TableAccess access;
    const core::Surroundings* surroundings = nullptr;

    [[nodiscard]] core::DriftInput input() const;
};

// The published and archived entities of the tenant, by name; of one when its id is given. One read of
// the catalog, and two of each schema, whatever their number.
class Subjects {
  public:
    Subjects(const security::Identity& identity, const std::optional<core::Uuid>& entity);

    [[nodiscard]] const std::vector<Subject>& list() const { return list_; }

  private:
    void read_catalog(const security::Identity& identity, const std::optional<core::Uuid>& entity);
    void read_tables();

    std::vector<Subject> list_;
    std::map<std::string, core::Surroundings> surroundings_;  // by schema
};

// Empty when the entity is in step.
std::vector<core::Difference> drift_of(const Subject& subject);

// References are resolved among what the tenant can see; formulas are compiled.
core::Design compiled_design(const security::Identity& identity,
                             const core::EntityDefinition& definition);

core::Json difference_json(const core::Difference& difference);

}  // namespace pgwright::schema
