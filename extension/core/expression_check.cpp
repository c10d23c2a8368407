// The type check. Each node gets a type; one that has a fault gets ValueClass::other, which fits
// everywhere, so that a fault is told once and the others of the expression too.
#include <algorithm>
#include <utility>

#include "core/expression_function.hpp"
#include "core/expression_lexer.hpp"
#include "core/expression_node.hpp"
#include "core/utf8.hpp"

namespace pgwright::core::expression {
namespace {

constexpr ValueClass kFaulty = ValueClass::other;

constexpr bool is_number(ValueClass type) noexcept {
    return type == ValueClass::integer || type == ValueClass::numeric;
}
constexpr bool is_day(ValueClass type) noexcept {
    return type == ValueClass::date || type == ValueClass::datetime;
}

std::string noun(ValueClass type) {
    switch (type) {
        case ValueClass::text: return "text";
        case ValueClass::integer: return "an integer";
        case ValueClass::numeric: return "a number";
        case ValueClass::boolean: return "true or false";
        case ValueClass::date: return "a date";
        case ValueClass::datetime: return "a date and time";
        case ValueClass::time: return "a time";
        case ValueClass::uuid: return "a UUID";
        case ValueClass::json: return "a JSON document";
        default: return "of another type";
    }
}

// What to do about a value of the one type where the other is wanted; empty when there is nothing.
std::string remedy(ValueClass is, ValueClass wanted) {
    const bool plain = is_number(is) || is == ValueClass::text || is == ValueClass::boolean;
    if (wanted == ValueClass::text) return "; use to_text()";
    if (wanted == ValueClass::integer && is == ValueClass::numeric)
        return "; round it with to_integer()";
    if (wanted == ValueClass::integer && plain) return "; use to_integer()";
    if (wanted == ValueClass::numeric && plain) return "; use to_number()";
    if (wanted == ValueClass::numeric && is_day(is)) return "; use date_add() or date_diff()";
    if (wanted == ValueClass::boolean && plain) return "; compare it, or use to_boolean()";
    if (wanted == ValueClass::date && (is == ValueClass::text || is == ValueClass::datetime))
        return "; use to_date()";
    if (wanted == ValueClass::datetime && is == ValueClass::text) return "; use to_date()";
    return {};
}

bool takes(Accepts accepts, ValueClass type) noexcept {
    const bool plain = is_number(type) || type == ValueClass::text || type == ValueClass::boolean;
    switch (accepts) {
        case Accepts::number: return is_number(type);
        case Accepts::integer:
        case Accepts::count: return type == ValueClass::integer;
        case Accepts::text: return type == ValueClass::text;
        case Accepts::boolean: return type == ValueClass::boolean;
        case Accepts::day:
        case Accepts::instant: return is_day(type);
        case Accepts::clock: return type == ValueClass::time || type == ValueClass::datetime;
        case Accepts::plain: return plain;
        case Accepts::dated: return is_day(type) || type == ValueClass::text;
        case Accepts::ordered: return type != ValueClass::json;
        default: return true;
    }
}

// The type that a fault speaks of.
struct Wanted {
    std::string noun;
    ValueClass type;  // for the remedy
};
Wanted wanted(Accepts accepts) {
    switch (accepts) {
        case Accepts::number: return {"a number", ValueClass::numeric};
        case Accepts::integer:
        case Accepts::count: return {"an integer", ValueClass::integer};
        case Accepts::text: return {"text", ValueClass::text};
        case Accepts::boolean: return {"true or false", ValueClass::boolean};
        case Accepts::day:
        case Accepts::instant: return {"a date, or a date and time", ValueClass::date};
        case Accepts::clock: return {"a time, or a date and time", kFaulty};
        case Accepts::plain: return {"text, a number, true or false", kFaulty};
        case Accepts::dated: return {"text, a date, or a date and time", kFaulty};
        default: return {"a value that can be compared", kFaulty};
    }
}

std::string counted(std::size_t count) {
    return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

// "2 arguments", "2 or 3 arguments", "at least 2 arguments"
std::string arity(std::string_view name) {
    std::string text;
    for (const Function& each : functions()) {
        if (each.name != name) continue;
        if (each.variadic) return "at least " + counted(each.arguments);
        if (!text.empty()) text += " or ";
        text = text.empty() ? counted(each.arguments)
                            : text.substr(0, text.find(' ')) + " or " + counted(each.arguments);
    }
    return text;
}

std::string unit_names(bool of_date) {
    std::string list;
    for (const Unit& each : units()) {
        if (of_date && !each.of_date) continue;
        list.append(list.empty() ? "'" : ", '").append(each.name).append("'");
    }
    return list;
}

class Checker {
  public:
    Checker(std::span<const Field> fields, std::string_view path, Faults& faults)
        : fields_(fields), path_(path), faults_(faults) {}

    Typed run(const Expression& expression) {
        typed_.checked.result = check(expression.root());
        typed_.checked.fields = fields_of(expression);
        return std::move(typed_);
    }

  private:
    Type check(const Node& node) {
        const Type type = type_of_node(node);
        typed_.types.emplace(&node, type);
        if (is_folded(node)) typed_.checked.immutable = false;
        return type;
    }

    Type type_of_node(const Node& node) {
        switch (node.kind) {
            case Kind::null: return std::nullopt;
            case Kind::boolean: return ValueClass::boolean;
            case Kind::number:
                return node.text.find('.') == std::string::npos ? ValueClass::integer
                                                                : ValueClass::numeric;
            case Kind::text: return ValueClass::text;
            case Kind::field: return field(node);
            case Kind::unary: return unary(node);
            case Kind::binary: return binary(node);
            case Kind::in: return membership(node);
            case Kind::call: break;
        }
        return call(node);
    }

    Type field(const Node& node) {
        const Field* const field = find_field(fields_, node.text);
        const std::string name = "\"" + std::string(echo(node.text)) + "\"";
        if (field == nullptr) {
            const bool called = is_function(node.text);
            return fault(node, "there is no field " + name +
                                   (called ? "; the function is called " + node.text + "()" : ""));
        }
        if (!field->has_column()) typed_.checked.immutable = false;
        const Type type = expression::type_of(*field);
        if (type == kFaulty)
            return fault(node, "the field " + name + " is of a type that expressions do not take");
        return type;
    }

    // PostgreSQL folds constants of a generated column before it has given the texts their collation,
    // which functions and comparisons of texts then lack: without a field they cannot be stored.
    [[nodiscard]] bool is_folded(const Node& node) const {
        const bool sensitive = node.kind == Kind::call
                                   ? !node.text.starts_with("to_")
                                   : node.kind == Kind::in || level(node) == Level::comparison;
        return sensitive && !uses_fields(node) &&
               std::any_of(node.children.begin(), node.children.end(), [&](const NodePtr& child) {
                   return typed_.types.at(child.get()) == ValueClass::text &&
                          !is_unit(node, *child);
               });
    }

    static bool is_unit(const Node& node, const Node& child) {
        return node.text.starts_with("date_") && &child == node.children.back().get();
    }

    static bool uses_fields(const Node& node) {
        return node.kind == Kind::field ||
               std::any_of(node.children.begin(), node.children.end(),
                           [](const NodePtr& child) { return uses_fields(*child); });
    }

    // Operators ----------------------------------------------------------------------------------

    Type unary(const Node& node) {
        const Type type = check(*node.children[0]);
        if (node.op == Op::not_) {
            require(node, type, Accepts::boolean, "what follows not");
            return ValueClass::boolean;
        }
        if (!require(node, type, Accepts::number, "what follows -")) return kFaulty;
        return type;
    }

    Type binary(const Node& node) {
        const Type left = check(*node.children[0]);
        const Type right = check(*node.children[1]);
        switch (level(node.op)) {
            case Level::or_:
            case Level::and_:
                sides(node, left, right, Accepts::boolean);
                return ValueClass::boolean;
            case Level::comparison: return comparison(node, left, right);
            case Level::join: return ValueClass::text;  // everything has a text
            default: break;
        }
        if (!sides(node, left, right, Accepts::number)) return kFaulty;
        if (node.op == Op::divide) return ValueClass::numeric;
        return common_type(left, right);
    }

    bool sides(const Node& node, Type left, Type right, Accepts accepts) {
        const std::string of = " side of " + std::string(sign(node.op));
        const bool good = require(node, left, accepts, "the left" + of);
        return require(node, right, accepts, "the right" + of) && good;
    }

    Type comparison(const Node& node, Type left, Type right) {
        if (!left || !right) {
            fault(node, "a comparison with null is never true; use is_null() or is_not_null()");
        } else if (sides(node, left, right, Accepts::ordered)) {
            require_common(node, left, right, std::string(sign(node.op)) + " cannot compare ");
        }
        return ValueClass::boolean;
    }

    Type membership(const Node& node) {
        const Type subject = check(*node.children[0]);
        for (std::size_t i = 1; i < node.children.size(); ++i) {
            const Node& item = *node.children[i];
            const Type type = check(item);
            if (!type || !subject) {
                fault(item, "a comparison with null is never true; use is_null()");
            } else if (require(item, type, Accepts::ordered, "a value of the list")) {
                require_common(item, subject, type, "in cannot compare ");
            }
        }
        return ValueClass::boolean;
    }

    // Calls --------------------------------------------------------------------------------------

    Type call(const Node& node) {
        std::vector<Type> types;
        for (const NodePtr& child : node.children) types.push_back(check(*child));
        const std::string name = std::string(echo(node.text)) + "()";
        if (!is_function(node.text)) return fault(node, "there is no function " + name);
        const Function* const function = find_function(node.text, types.size());
        if (function == nullptr)
            return fault(node, name + " takes " + arity(node.text) + ", not " +
                                   std::to_string(types.size()));
        if (!function->immutable) typed_.checked.immutable = false;
        return arguments(node, *function, types) ? given(*function, types) : kFaulty;
    }

    bool arguments(const Node& node, const Function& function, const std::vector<Type>& types) {
        bool good = true;
        for (std::size_t i = 0; i < types.size(); ++i) {
            const std::string subject =
                "argument " + std::to_string(i + 1) + " of " + node.text + "()";
            const Node& child = *node.children[i];
            const bool right = function.accept(i) == Accepts::unit
                                   ? require_unit(child, is_of_dates(function, types), subject)
                                   : require(child, types[i], function.accept(i), subject);
            good = good && right;
        }
        return good && require_one_type(node, function, types);
    }

    // No argument brings a time of day.
    static bool is_of_dates(const Function& function, const std::vector<Type>& types) {
        for (std::size_t i = 0; i < types.size(); ++i) {
            if (function.accept(i) != Accepts::unit && types[i] == ValueClass::datetime)
                return false;
        }
        return true;
    }

    bool require_unit(const Node& node, bool of_date, const std::string& subject) {
        const Unit* const unit = node.kind == Kind::text ? find_unit(node.text) : nullptr;
        if (unit != nullptr && (unit->of_date || !of_date)) return true;
        fault(node, subject + " must be one of: " + unit_names(of_date));
        return false;
    }

    bool require_one_type(const Node& node, const Function& function,
                          const std::vector<Type>& types) {
        Type common;
        for (std::size_t i = 0; i < types.size(); ++i) {
            const Accepts accepts = function.accept(i);
            if (accepts != Accepts::common && accepts != Accepts::ordered) continue;
            if (!require_common(*node.children[i], common, types[i],
                                node.text + "() cannot choose between "))
                return false;
            common = common_type(common, types[i]);
        }
        return true;
    }

    static Type given(const Function& function, const std::vector<Type>& types) {
        switch (function.gives) {
            case Gives::text: return ValueClass::text;
            case Gives::integer:
            case Gives::length: return ValueClass::integer;
            case Gives::numeric: return ValueClass::numeric;
            case Gives::boolean: return ValueClass::boolean;
            case Gives::date: return ValueClass::date;
            case Gives::datetime: return ValueClass::datetime;
            case Gives::first: return types[0];
            case Gives::common: break;
        }
        Type common;
        for (std::size_t i = 0; i < types.size(); ++i) {
            if (function.accept(i) != Accepts::boolean) common = common_type(common, types[i]);
        }
        return common;
    }

    // Faults -------------------------------------------------------------------------------------

    Type fault(const Node& node, const std::string& message) {
        faults_.add(path_, at(node.position, message));
        return kFaulty;
    }

    bool require(const Node& node, Type type, Accepts accepts, const std::string& subject) {
        if (!type) return true;
        if (*type == kFaulty) return false;
        if (takes(accepts, *type)) return true;
        const Wanted want = wanted(accepts);
        fault(node, subject + " must be " + want.noun + ", not " + noun(*type) +
                        remedy(*type, want.type));
        return false;
    }

    bool require_common(const Node& node, Type left, Type right, const std::string& problem) {
        if (left == kFaulty || right == kFaulty) return false;
        if (common_type(left, right) != kFaulty) return true;
        fault(node, problem + noun(*left) + " and " + noun(*right) + remedy(*right, *left));
        return false;
    }

    std::span<const Field> fields_;
    std::string_view path_;
    Faults& faults_;
    Typed typed_;
};

}  // namespace

Type common_type(Type a, Type b) noexcept {
    if (!a || a == b) return b;
    if (!b) return a;
    if (is_number(*a) && is_number(*b)) return ValueClass::numeric;
    if (is_day(*a) && is_day(*b)) return ValueClass::datetime;
    return kFaulty;
}

Type type_of(const Field& field) noexcept {
    if (field.item_type) return kFaulty;
    const ValueClass type = field.value_class();
    switch (type) {
        case ValueClass::text:
        case ValueClass::integer:
        case ValueClass::numeric:
        case ValueClass::boolean:
        case ValueClass::date:
        case ValueClass::datetime:
        case ValueClass::time:
        case ValueClass::uuid:
        case ValueClass::json: return type;
        default: return kFaulty;
    }
}

const Field* find_field(std::span<const Field> fields, std::string_view name) noexcept {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == name; });
    return found == fields.end() ? nullptr : &*found;
}

Typed type_expression(const Expression& expression, std::span<const Field> fields,
                      std::string_view path, Faults& faults) {
    return Checker(fields, path, faults).run(expression);
}

}  // namespace pgwright::core::expression

namespace pgwright::core {

using expression::common_type;

CheckedExpression check_expression(const Expression& expression, std::span<const Field> fields,
                                   std::string_view path, Faults& faults) {
    return expression::type_expression(expression, fields, path, faults).checked;
}

void check_assignable(const CheckedExpression& expression, const Field& field,
                      std::string_view path, Faults& faults) {
    const expression::Type is = expression.result;
    const expression::Type wanted = expression::type_of(field);
    if (!is || is == ValueClass::other || common_type(is, wanted) == wanted) return;
    faults.add(path, "gives " + expression::noun(*is) + ", but the field's type is " +
                         std::string(info(field.type).name) + expression::remedy(*is, *wanted));
}

}  // namespace pgwright::core
