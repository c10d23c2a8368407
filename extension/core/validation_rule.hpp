// Validation rules of fields: what the expression language can say of a record, each a CHECK constraint of
// the table. As in SQL a rule that gives null is kept. docs/expressions.md describes them. Used by the parser
// and the check of definitions, and by the planner.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/definition_reader.hpp"
#include "core/model.hpp"

namespace pgwright::core {

// The member validation_rules of a field's definition: [{"expression", "message", "name"}]. A rule without
// a name gets the first of rule_1, rule_2, ... that no other of the field's has.
void read_rules(DefinitionReader& reader, Field& field, Faults& faults);

// As read_rules() reads them and field_definitions.validation_rules holds them.
Json rules_as_written(const Field& field);
// What the catalog holds, which was good when it was stored; nothing is compiled.
std::vector<ValidationRule> stored_rules(const Json& stored);

// Adds what is wrong with the rules of the definition's fields: faults of the expression at
// "fields[2].validation_rules[0].expression". It must give true or false and depend on the record's
// columns alone.
void check_rules(const EntityDefinition& definition, Faults& faults);

// Fills in what follows from the expressions of the entity's rules, whose calculated fields are compiled.
// Does not throw: a rule with a fault, which only a draft can have, has no SQL.
void compile_rules(Entity& entity);

// product_price_above_cost_rule
std::string rule_constraint(const Entity& entity, const Field& field, const ValidationRule& rule);
// The same with a hash, when the name is taken.
std::string second_rule_constraint(const Entity& entity, const Field& field,
                                   const ValidationRule& rule);

}  // namespace pgwright::core
