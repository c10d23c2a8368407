// Reads comparisons; see condition_comparison.hpp.
#include "core/condition_comparison.hpp"

#include <algorithm>

#include "core/condition_value.hpp"

namespace pgwright::core {

namespace {

using Quantifier = Condition::Quantifier;

// The class by which two fields compare; integers are numbers and dates are moments.
ValueClass comparable_class(const Field& field) noexcept {
    switch (field.value_class()) {
        case ValueClass::integer: return ValueClass::numeric;
        case ValueClass::date: return ValueClass::datetime;
        default: return field.value_class();
    }
}

bool are_comparable(const Field& one, const Field& other) noexcept {
    const ValueClass value_class = comparable_class(one);
    return value_class == comparable_class(other) && value_class != ValueClass::json &&
           value_class != ValueClass::array && value_class != ValueClass::other;
}

bool is_told(const Json* value) noexcept { return value != nullptr && !value->is_null(); }

bool applies_to(const Condition& condition, Family family) noexcept {
    if (!condition.document.empty()) return family != Family::period && family != Family::words;
    const ValueClass value_class = condition.field->value_class();
    const bool hours = family == Family::period && condition.period.unit == Period::Unit::hour;
    return applies(family, value_class) && !(hours && value_class == ValueClass::date);
}

std::string type_name(const Field& field) { return std::string(info(field.type).name); }

std::optional<std::string> misuse(const Placeholder& placeholder, const Condition& condition,
                                  Family family) {
    const std::string name(placeholder.name);
    const bool single = family == Family::equality || family == Family::order;
    if (!single && family != Family::list) return name + " cannot be searched for";
    if (placeholder.is_list != (family == Family::list))
        return name + (placeholder.is_list ? " goes with in and not_in only"
                                           : " is one value; use eq or ne");
    if (!condition.document.empty() || placeholder.sql_for(*condition.field).empty())
        return name + " does not compare with fields of type " + type_name(*condition.field);
    return std::nullopt;
}

}  // namespace

bool takes_nothing(const OperatorInfo& op) noexcept {
    return op.family == Family::presence ||
           (op.family == Family::period && (!op.period.counted || op.period.count));
}

std::optional<Quantifier> find_quantifier(std::string_view name) noexcept {
    if (name == "any") return Quantifier::any;
    if (name == "all") return Quantifier::all;
    if (name == "none") return Quantifier::none;
    return std::nullopt;
}

// `all` holds of what lies behind each of several steps, `none` of nothing that all of them lead to.
Condition behind(const std::vector<Related>& steps, Quantifier quantifier, Condition child) {
    for (std::size_t i = steps.size(); i-- > 0;) {
        Condition step;
        step.kind = Condition::Kind::related;
        step.relation = std::make_shared<const Related>(steps[i]);
        step.quantifier = quantifier == Quantifier::none && i > 0 ? Quantifier::any : quantifier;
        step.children.push_back(std::move(child));
        child = std::move(step);
    }
    return child;
}

Condition ComparisonReader::read(const Written& written, const Standpoint& standpoint) {
    std::optional<FieldPath> path = find(written.field, standpoint);
    if (!path) return fault(written.field_path, "unknown field");
    if (!count_steps(path->steps.size(), standpoint, written.field_path)) return {};
    if (written.document != nullptr) add_document(*path, *written.document, written.path);
    if (auto wrong = document_fault(path->document))
        return fault(written.field_path, *std::move(wrong));
    const Quantifier quantifier = quantifier_of(written, *path);
    Condition condition;
    condition.kind = Condition::Kind::comparison;
    condition.field = path->field;
    condition.document = path->document;
    condition.op = written.op.op;
    condition.period = written.op.period;
    if (written.value_field != nullptr && path->has_many())
        return fault(written.path + ".value_field", "does not go with a field of several records");
    language_ =
        (path->steps.empty() ? *standpoint.entity : *path->steps.back().target).search_language;
    take_value(written, condition, standpoint);
    if (path->has_many()) return behind(path->steps, quantifier, std::move(condition));
    condition.hops = std::move(path->steps);
    return condition;
}

std::optional<FieldPath> ComparisonReader::find(std::string_view name,
                                                const Standpoint& standpoint) const {
    return find_field(*standpoint.entity, name, context_, standpoint.steps == 0);
}

bool ComparisonReader::count_steps(std::size_t steps, const Standpoint& standpoint,
                                   const std::string& path) {
    if (steps > 0 && standpoint.steps + steps > kMaxHops) {
        fault(path, "is more than " + std::to_string(kMaxHops) + " steps away from the record");
        return false;
    }
    const bool within = steps_ <= kMaxRelatedSteps;
    steps_ += steps;
    if (within && steps_ > kMaxRelatedSteps)
        fault(root_, "must take at most " + std::to_string(kMaxRelatedSteps) +
                         " steps to related records");
    return steps_ <= kMaxRelatedSteps;
}

Quantifier ComparisonReader::quantifier_of(const Written& written, const FieldPath& path) {
    if (written.quantifier == nullptr) return Quantifier::any;
    const std::string at = written.path + ".quantifier";
    const Json& given = *written.quantifier;
    const auto found = find_quantifier(given.is_string() ? given.text() : std::string());
    if (!found) {
        fault(at, "must be any, all or none");
    } else if (!path.has_many()) {
        fault(at, "is for fields of several related records");
    }
    return found.value_or(Quantifier::any);
}

// ["theme","name"]
void ComparisonReader::add_document(FieldPath& path, const Json& keys, const std::string& at) {
    const std::string member = at + ".path";
    if (path.field->value_class() != ValueClass::json) {
        fault(member, "is for fields of type json");
    } else if (!keys.is_array() || keys.items().empty() ||
               !std::ranges::all_of(keys.items(), &Json::is_string)) {
        fault(member, "must be an array of texts");
    } else {
        for (const Json& key : keys.items()) path.document.push_back(key.text());
    }
}

// Fills in what the field is compared with.
void ComparisonReader::take_value(const Written& written, Condition& condition,
                                  const Standpoint& standpoint) {
    const OperatorInfo& op = written.op;
    const Json* const value = written.value;
    const bool asks_for_null = op.family == Family::equality && value != nullptr &&
                               value->is_null() && written.value_field == nullptr;
    if (asks_for_null) {
        condition.op = op.op == Operator::eq ? Operator::is_null : Operator::is_not_null;
    } else if (!applies_to(condition, op.family)) {
        fault(written.operator_path, std::string(op.name) + " does not apply to fields of type " +
                                         type_name(*condition.field));
    } else if (written.value_field != nullptr) {
        take_other(written, condition, standpoint);
    } else if (takes_nothing(op)) {
        if (is_told(value))
            fault(written.value_path, "must not be given with " + std::string(op.name));
        if (condition.period.count)
            condition.values = {Json::number(std::to_string(*condition.period.count))};
    } else if (!is_told(value)) {
        fault(written.value_path, "is required");
    } else if ((condition.placeholder = placeholder_of(*value))) {
        if (auto wrong = misuse(*condition.placeholder, condition, op.family))
            fault(written.value_path, *std::move(wrong));
    } else {
        take_values(written, condition);
    }
}

void ComparisonReader::take_values(const Written& written, Condition& condition) {
    const Compared compared{*condition.field, !condition.document.empty(), written.spelled,
                            context_.known_values, language_};
    if (auto wrong = read_values(written.op, compared, *written.value, condition.values))
        fault(written.value_path + wrong->place, std::move(wrong->message));
}

// {"field":"spent","operator":"gt","value_field":"budget"}, both fields of the same record
void ComparisonReader::take_other(const Written& written, Condition& condition,
                                  const Standpoint& standpoint) {
    const std::string at = written.path + ".value_field";
    const Family family = written.op.family;
    const Json& name = *written.value_field;
    const auto path = find(name.is_string() ? name.text() : std::string(), standpoint);
    if (written.value != nullptr) {
        fault(at, "is given beside a value");
    } else if (family != Family::equality && family != Family::order) {
        fault(at, "goes with eq, ne, gt, gte, lt and lte only");
    } else if (!path) {
        fault(at, "unknown field");
    } else if (path->has_many()) {
        fault(at, "must be a field of one record, not of several");
    } else if (!condition.document.empty() || !path->document.empty() ||
               !are_comparable(*condition.field, *path->field)) {
        fault(at, "does not compare with " + condition.field->name);
    } else if (count_steps(path->steps.size(), standpoint, at)) {
        condition.other = std::make_shared<const Operand>(Operand{path->steps, path->field, {}});
    }
}

const Placeholder* ComparisonReader::placeholder_of(const Json& value) const {
    return context_.placeholders && value.is_string() ? find_placeholder(value.text()) : nullptr;
}

Condition ComparisonReader::fault(const std::string& path, std::string message) {
    faults_.add(path, std::move(message));
    return {};
}

}  // namespace pgwright::core
