// Parses conditions. The parser walks the document once, collects faults by their path and never
// descends past the limits, so a hostile document costs no more than an honest one.
#include "core/condition.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/error.hpp"
#include "core/uuid.hpp"
#include "core/value_check.hpp"

namespace pgwright::core {

namespace {

enum class Family : std::uint8_t { equality, order, pattern, list, null };

struct OperatorInfo {
    std::string_view name;
    Operator op;
    Family family;
};

constexpr std::array<OperatorInfo, 13> kOperators = {{
    {"eq", Operator::eq, Family::equality},
    {"ne", Operator::ne, Family::equality},
    {"gt", Operator::gt, Family::order},
    {"gte", Operator::gte, Family::order},
    {"lt", Operator::lt, Family::order},
    {"lte", Operator::lte, Family::order},
    {"contains", Operator::contains, Family::pattern},
    {"starts_with", Operator::starts_with, Family::pattern},
    {"ends_with", Operator::ends_with, Family::pattern},
    {"in", Operator::in, Family::list},
    {"not_in", Operator::not_in, Family::list},
    {"is_null", Operator::is_null, Family::null},
    {"is_not_null", Operator::is_not_null, Family::null},
}};

const OperatorInfo* find_operator(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(kOperators, name, &OperatorInfo::name);
    return found == kOperators.end() ? nullptr : found;
}

bool applies(Family family, ValueClass value_class) noexcept {
    switch (family) {
        case Family::null: return true;
        case Family::equality:
        case Family::list: return value_class != ValueClass::json;
        case Family::pattern: return value_class == ValueClass::text || value_class == ValueClass::other;
        case Family::order:
            return value_class != ValueClass::json && value_class != ValueClass::boolean && value_class != ValueClass::other;
    }
    return false;
}

std::optional<Condition::Kind> find_group(std::string_view name) {
    std::string upper(name);
    std::ranges::transform(upper, upper.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    if (upper == "AND") return Condition::Kind::all;
    if (upper == "OR") return Condition::Kind::any;
    if (upper == "NOT") return Condition::Kind::none;
    return std::nullopt;
}

template <typename Integer>
bool fits(std::string_view digits) noexcept {
    return is_integer_text(digits, std::numeric_limits<Integer>::min(), std::numeric_limits<Integer>::max());
}

// Empty when the value is one the column's type can hold; a comparison with one it cannot would be an
// error of the server that names no field.
std::string_view integer_fault(std::uint32_t type_oid, std::string_view digits) noexcept {
    constexpr std::uint32_t smallint_oid = 21;
    constexpr std::uint32_t integer_oid = 23;
    if (!fits<std::int64_t>(digits)) return "must be an integer";
    if (type_oid == smallint_oid && !fits<std::int16_t>(digits)) return "must be an integer from -32768 to 32767";
    if (type_oid == integer_oid && !fits<std::int32_t>(digits)) return "must be an integer from -2147483648 to 2147483647";
    return {};
}

std::string_view fault_unless(bool right, std::string_view fault) noexcept { return right ? std::string_view() : fault; }

std::string_view value_fault(const Field& field, const Json& value) noexcept {
    const bool text = value.is_string();
    const bool digits = text || value.is_number();
    switch (info(field.type).value_class) {
        case ValueClass::text:
        case ValueClass::other: return fault_unless(text, "must be text");
        case ValueClass::integer: return digits ? integer_fault(field.type_oid, value.text()) : "must be an integer";
        case ValueClass::numeric: return fault_unless(digits && is_decimal_text(value.text()), "must be a number");
        case ValueClass::boolean:
            return fault_unless(value.is_boolean() || (text && (value.text() == "true" || value.text() == "false")), "must be true or false");
        case ValueClass::date: return fault_unless(text && is_date_text(value.text()), "must be a date (YYYY-MM-DD)");
        case ValueClass::datetime: return fault_unless(text && is_datetime_text(value.text()), "must be a date and time (ISO 8601)");
        case ValueClass::time: return fault_unless(text && is_time_text(value.text()), "must be a time (HH:MM:SS)");
        case ValueClass::uuid: return fault_unless(text && Uuid::parse(value.text()), "must be a UUID");
        case ValueClass::json: break;
    }
    return "cannot be compared";
}

// A checked value as the compiler binds it: the strings "true" and "false" become booleans.
Json normalise(const Field& field, const Json& value) {
    const bool spelled = info(field.type).value_class == ValueClass::boolean && value.is_string();
    return spelled ? Json::boolean(value.text() == "true") : value;
}

class Parser {
  public:
    Parser(const Entity& entity, std::string_view path) : entity_(entity), path_(path) {}

    Condition root(const Json& json) {
        if (!json.is_object()) return fault(path_, "must be an object");
        if (json.find("operator") != nullptr || json.find("conditions") != nullptr) return node(json, path_, 1);
        Condition all;
        for (const auto& [name, value] : json.members()) {
            if (!count_comparison()) break;
            const std::string at = path_ + "." + name;
            const Field* const field = entity_.find(name);
            all.children.push_back(field == nullptr ? fault(at, "unknown field") : comparison(*field, kOperators[0], &value, at, at));
        }
        return all;
    }

    Faults& faults() noexcept { return faults_; }

  private:
    Condition node(const Json& json, const std::string& path, std::size_t depth) {
        if (!json.is_object()) return fault(path, "must be an object");
        return json.find("conditions") == nullptr ? leaf(json, path) : group(json, path, depth);
    }

    Condition group(const Json& json, const std::string& path, std::size_t depth) {
        if (depth > kMaxConditionDepth) return fault(path, "is nested deeper than " + std::to_string(kMaxConditionDepth) + " levels");
        refuse_other_members(json, path, {"operator", "conditions"});
        const std::optional<Condition::Kind> kind = find_group(text_member(json, "operator"));
        if (!kind) fault(path + ".operator", "must be AND, OR or NOT");
        const Json& conditions = *json.find("conditions");
        if (!conditions.is_array()) return fault(path + ".conditions", "must be an array");
        std::vector<Condition> children;
        for (std::size_t i = 0; i < conditions.items().size() && comparisons_ <= kMaxConditions; ++i) {
            children.push_back(node(conditions.items()[i], path + ".conditions[" + std::to_string(i) + "]", depth + 1));
        }
        return assemble(kind.value_or(Condition::Kind::all), std::move(children));
    }

    static Condition assemble(Condition::Kind kind, std::vector<Condition> children) {
        Condition condition;
        condition.children = std::move(children);
        if (condition.children.empty()) return condition;
        if (kind != Condition::Kind::none) {
            condition.kind = kind;
            return condition;
        }
        Condition negation;
        negation.kind = Condition::Kind::none;
        if (condition.children.size() == 1) {
            negation.children = std::move(condition.children);
        } else {
            negation.children.push_back(std::move(condition));
        }
        return negation;
    }

    Condition leaf(const Json& json, const std::string& path) {
        if (!count_comparison()) return {};
        refuse_other_members(json, path, {"field", "operator", "value"});
        const Field* const field = entity_.find(text_member(json, "field"));
        const OperatorInfo* const found = find_operator(text_member(json, "operator"));
        if (field == nullptr) fault(path + ".field", json.find("field") == nullptr ? "is required" : "unknown field");
        if (found == nullptr) fault(path + ".operator", json.find("operator") == nullptr ? "is required" : "unknown operator");
        if (field == nullptr || found == nullptr) return {};
        return comparison(*field, *found, json.find("value"), path + ".operator", path + ".value");
    }

    // value is nullptr when none was given. The two paths say where a fault of each is told.
    Condition comparison(const Field& field, const OperatorInfo& found, const Json* value, const std::string& operator_path,
                         const std::string& value_path) {
        Condition condition;
        condition.kind = Condition::Kind::comparison;
        condition.field = &field;
        condition.op = found.op;
        if (found.family == Family::equality && value != nullptr && value->is_null()) {
            condition.op = found.op == Operator::eq ? Operator::is_null : Operator::is_not_null;
            return condition;
        }
        if (!applies(found.family, info(field.type).value_class)) {
            return fault(operator_path, std::string(found.name) + " does not apply to fields of type " + std::string(info(field.type).name));
        }
        if (found.family == Family::null) {
            if (value != nullptr && !value->is_null()) fault(value_path, "must not be given with " + std::string(found.name));
        } else if (value == nullptr || value->is_null()) {
            fault(value_path, "is required");
        } else if (found.family == Family::list) {
            condition.values = list(field, *value, value_path);
        } else if (const std::string_view wrong = value_fault(field, *value); !wrong.empty()) {
            fault(value_path, std::string(wrong));
        } else {
            condition.values.push_back(normalise(field, *value));
        }
        return condition;
    }

    std::vector<Json> list(const Field& field, const Json& value, const std::string& path) {
        std::vector<Json> values;
        if (!value.is_array()) {
            fault(path, "must be an array");
        } else if (value.items().size() > kMaxListValues) {
            fault(path, "must have at most " + std::to_string(kMaxListValues) + " values");
        } else {
            values.reserve(value.items().size());
            for (const Json& item : value.items()) {
                const std::string_view wrong = value_fault(field, item);
                if (!wrong.empty()) {
                    fault(path + "[" + std::to_string(values.size()) + "]", std::string(wrong));
                    break;
                }
                values.push_back(normalise(field, item));
            }
        }
        return values;
    }

    // The text of a member, or nothing (which names no field and no operator) when it is no string.
    static std::string_view text_member(const Json& json, std::string_view key) noexcept {
        const Json* const member = json.find(key);
        return member != nullptr && member->is_string() ? std::string_view(member->text()) : std::string_view();
    }

    void refuse_other_members(const Json& json, const std::string& path, std::initializer_list<std::string_view> known) {
        for (const auto& [name, value] : json.members()) {
            if (std::ranges::find(known, name) == known.end()) fault(path + "." + name, "is not a member of a condition");
        }
    }

    // False, and a fault the first time, when there is one comparison too many.
    bool count_comparison() {
        if (++comparisons_ == kMaxConditions + 1) {
            fault(path_, "must have at most " + std::to_string(kMaxConditions) + " comparisons");
        }
        return comparisons_ <= kMaxConditions;
    }

    // What a faulty part becomes does not matter: the parse ends in a throw.
    Condition fault(const std::string& path, std::string message) {
        faults_.add(path, std::move(message));
        return {};
    }

    const Entity& entity_;
    std::string path_;  // of the whole
    Faults faults_;
    std::size_t comparisons_ = 0;
};

}  // namespace

Condition parse_condition(const Json& json, const Entity& entity, std::string_view path) {
    Parser parser(entity, path);
    Condition condition = parser.root(json);
    parser.faults().raise("invalid condition");
    return condition;
}

}  // namespace pgwright::core
