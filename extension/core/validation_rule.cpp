#include "core/validation_rule.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "core/expression.hpp"
#include "core/expression_function.hpp"
#include "core/expression_node.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {
namespace {

constexpr std::array<std::string_view, 3> kMembers = {"name", "expression", "message"};
constexpr std::string_view kSuffix = "rule";

bool is_blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

std::string required_text(DefinitionReader& reader, std::string_view key, std::size_t length) {
    if (reader.member(key) == nullptr) reader.fault(key, "is required");
    const auto text = reader.text(key, length);
    if (text && is_blank(*text)) reader.fault(key, "must not be empty");
    return text.value_or("");
}

// Of what is no object nothing but its place is left, so that the others keep theirs.
ValidationRule read_rule(const Json& json, const std::string& path, Faults& faults) {
    if (!json.is_object()) {
        faults.add(path, "must be an object of an expression and a message");
        return {};
    }
    const std::string prefix = path + '.';
    DefinitionReader reader(json, prefix, faults);
    reader.refuse_others(kMembers, {}, "a validation rule");
    ValidationRule rule;
    rule.expression = required_text(reader, "expression", kMaxExpressionLength);
    rule.message = required_text(reader, "message", kMaxRuleMessage);
    rule.name = reader.text("name", kMaxNameBytes).value_or("");
    if (reader.member("name") == nullptr) return rule;
    // The form of names alone: this one stands only inside the constraint's.
    if (auto fault = slug_fault(rule.name)) reader.fault("name", *std::move(fault));
    return rule;
}

void name_rules(std::vector<ValidationRule>& rules) {
    std::set<std::string> names;
    for (const ValidationRule& rule : rules) names.insert(rule.name);
    for (ValidationRule& rule : rules) {
        for (int i = 1; rule.name.empty(); ++i) {
            std::string free = "rule_" + std::to_string(i);
            if (names.insert(free).second) rule.name = std::move(free);
        }
    }
}

void refuse_twins(const Field& field, DefinitionReader& reader, Faults& faults) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < field.rules.size(); ++i) {
        if (names.insert(field.rules[i].name).second) continue;
        add_once(faults, reader.path("validation_rules[" + std::to_string(i) + "].name"),
                 "is the name of another rule too");
    }
}

}  // namespace

void read_rules(DefinitionReader& reader, Field& field, Faults& faults) {
    const Json* const rules = reader.array("validation_rules");
    if (rules == nullptr) return;
    if (rules->items().size() > kMaxRules)
        return reader.fault("validation_rules", "must be at most " + std::to_string(kMaxRules));
    for (const Json& each : rules->items()) {
        const std::string path =
            reader.path("validation_rules[" + std::to_string(field.rules.size()) + "]");
        field.rules.push_back(read_rule(each, path, faults));
    }
    name_rules(field.rules);
    refuse_twins(field, reader, faults);
}

Json rules_as_written(const Field& field) {
    Json rules = Json::array();
    for (const ValidationRule& rule : field.rules) {
        rules.items().push_back(Json::object({{"name", Json::string(rule.name)},
                                              {"expression", Json::string(rule.expression)},
                                              {"message", Json::string(rule.message)}}));
    }
    return rules;
}

std::vector<ValidationRule> stored_rules(const Json& stored) {
    const auto text = [](const Json& rule, std::string_view key) {
        const Json* const value = rule.find(key);
        return value == nullptr ? std::string() : value->text();
    };
    std::vector<ValidationRule> rules;
    for (const Json& each : stored.items()) {
        ValidationRule rule;
        rule.name = text(each, "name");
        rule.expression = text(each, "expression");
        rule.message = text(each, "message");
        rules.push_back(std::move(rule));
    }
    return rules;
}

// The check --------------------------------------------------------------------------------------

namespace {

// The first call whose answer is not the record's alone; nullptr when there is none.
const expression::Node* changing_call(const expression::Node& node) {
    if (node.kind == expression::Kind::call) {
        const auto* const function = expression::find_function(node.text, node.children.size());
        if (function != nullptr && !function->immutable) return &node;
    }
    for (const expression::NodePtr& child : node.children) {
        if (const expression::Node* const found = changing_call(*child)) return found;
    }
    return nullptr;
}

std::string at(const expression::Node& node, std::string message) {
    return "character " + std::to_string(node.position) + ": " + std::move(message);
}

// Constraints are looked at when a record is written and never again: what is true must remain so.
std::optional<std::string> lasting_fault(const Expression& expression,
                                         const std::vector<Field>& fields) {
    if (const expression::Node* const call = changing_call(expression.root()))
        return at(*call, call->text +
                             "() changes with time; a rule is checked when the record is "
                             "written, and must stay as true as it was then");
    for (const std::string& name : fields_of(expression)) {
        const Field* const used = expression::find_field(fields, name);
        if (used != nullptr && !used->has_column())
            return "uses \"" + name + "\", which is computed when it is read and has no column";
    }
    return std::nullopt;
}

void check_expression_of(const ValidationRule& rule, const std::vector<Field>& fields,
                         const std::string& path, Faults& faults) {
    if (is_blank(rule.expression)) return;  // it has its fault
    try {
        const Expression expression = parse_expression(rule.expression);
        Faults found;
        const CheckedExpression checked = check_expression(expression, fields, path, found);
        for (const Fault& fault : found.list()) faults.add(path, fault.message);
        if (!found.empty()) return;
        if (!checked.result) return add_once(faults, path, "is null of every record");
        if (*checked.result != ValueClass::boolean)
            return add_once(faults, path, "must be true or false; compare the value");
        if (auto fault = lasting_fault(expression, fields))
            add_once(faults, path, *std::move(fault));
    } catch (const Failure& failure) {
        add_once(faults, path, failure.faults().front().message);
    }
}

bool has_rules(const std::vector<FieldDefinition>& fields) {
    return std::ranges::any_of(
        fields, [](const FieldDefinition& each) { return !each.field.rules.empty(); });
}

class RuleCheck {
  public:
    RuleCheck(const EntityDefinition& definition, Faults& faults)
        : definition_(definition), faults_(faults), fields_(all_fields(definition)) {
        compile_formulas(fields_);
    }

    void check() {
        for (std::size_t i = 0; i < definition_.fields.size(); ++i)
            check_field(definition_.fields[i].field, "fields[" + std::to_string(i) + "].");
    }

  private:
    void check_field(const Field& field, const std::string& path) {
        const Field* const compiled = expression::find_field(fields_, field.name);
        if (!field.rules.empty() && compiled != nullptr && !compiled->has_column())
            return add_once(faults_, path + "validation_rules",
                            "is not for a field that is computed when it is read");
        for (std::size_t i = 0; i < field.rules.size(); ++i) {
            const std::string rule = path + "validation_rules[" + std::to_string(i) + "].";
            check_expression_of(field.rules[i], fields_, rule + "expression", faults_);
            check_name(field, field.rules[i], rule + "name");
        }
    }

    // a_b and c join to the same as a and b_c.
    void check_name(const Field& field, const ValidationRule& rule, const std::string& path) {
        const std::string name = rule_constraint(definition_.entity, field, rule);
        const auto [found, first] = constraints_.emplace(name, &field);
        if (!first && found->second != &field)
            add_once(faults_, path,
                     "gives the constraint the name that a rule of " + found->second->name +
                         " gives its own: " + name);
    }

    const EntityDefinition& definition_;
    Faults& faults_;
    std::vector<Field> fields_;
    std::map<std::string, const Field*> constraints_;
};

}  // namespace

void check_rules(const EntityDefinition& definition, Faults& faults) {
    if (has_rules(definition.fields)) RuleCheck(definition, faults).check();
}

// SQL --------------------------------------------------------------------------------------------

namespace {

void compile_rule(ValidationRule& rule, const std::vector<Field>& fields) {
    rule.sql.clear();
    rule.fields.clear();
    try {
        const Expression expression = parse_expression(rule.expression);
        rule.sql = expression_sql(expression, fields);
        const std::set<std::string> used = fields_of(expression);
        rule.fields.assign(used.begin(), used.end());
    } catch (const Failure&) {  // of a draft
    }
}

}  // namespace

void compile_rules(Entity& entity) {
    if (std::ranges::all_of(entity.fields, [](const Field& each) { return each.rules.empty(); }))
        return;
    const std::vector<Field> fields = formula_scope(entity);
    for (Field& field : entity.fields)
        for (ValidationRule& rule : field.rules) compile_rule(rule, fields);
}

std::string rule_constraint(const Entity& entity, const Field& field, const ValidationRule& rule) {
    return derived_name({entity.table, field.name, rule.name}, kSuffix);
}

std::string second_rule_constraint(const Entity& entity, const Field& field,
                                   const ValidationRule& rule) {
    return hashed_name({entity.table, field.name, rule.name}, kSuffix);
}

}  // namespace pgwright::core
