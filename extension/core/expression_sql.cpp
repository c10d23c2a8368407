// The compiler to SQL. It parenthesises as the printer does, because people read what it writes in
// previews. What it writes never fails where it can give null instead (division by zero, text that is
// no number), and what is immutable in the language is so for the server too, which generated columns
// need: times are taken in UTC, nothing depends on a setting of the session.
//
// Numbers: a column, length() and a whole literal may be integers in SQL too. Arithmetic needs a
// numeric operand, so that it can neither overflow nor lose the fraction of a quotient.
#include <utility>

#include "core/expression_function.hpp"
#include "core/expression_sql.hpp"
#include "core/identifier.hpp"

namespace pgwright::core::expression {
namespace {

constexpr std::uint32_t kFloat4Oid = 700;
constexpr std::uint32_t kFloat8Oid = 701;
constexpr std::uint32_t kTextOid = 25;
constexpr std::uint32_t kJsonOid = 114;
constexpr std::uint32_t kTimestampOid = 1114;
constexpr std::size_t kMaxIntegerDigits = 9;  // that surely fit SQL's integer
constexpr std::string_view kUtc = " AT TIME ZONE 'UTC')";

std::string_view sql_type(ValueClass type) noexcept {
    switch (type) {
        case ValueClass::integer:
        case ValueClass::numeric: return "numeric";
        case ValueClass::boolean: return "boolean";
        case ValueClass::date: return "date";
        case ValueClass::datetime: return "timestamp with time zone";
        case ValueClass::time: return "time without time zone";
        case ValueClass::uuid: return "uuid";
        case ValueClass::json: return "jsonb";
        default: return "text";
    }
}

// A part of the SQL.
struct Piece {
    std::string sql;
    Level level = Level::atom;
    Type type;
    bool integer = false;  // of one of SQL's integer types
};

Piece atom(std::string sql, Type type) { return {std::move(sql), Level::atom, type, false}; }

std::string at_least(const Piece& piece, Level least) {
    return piece.level < least ? "(" + piece.sql + ")" : piece.sql;
}
std::string atomic(const Piece& piece) { return at_least(piece, Level::atom); }

std::string cast(const Piece& piece, std::string_view type) {
    return atomic(piece).append("::").append(type);
}

std::string numeric(const Piece& piece) {
    return piece.integer ? cast(piece, "numeric") : piece.sql;
}

Level tighter(Level than) noexcept { return static_cast<Level>(static_cast<int>(than) + 1); }

std::string substitute(std::string_view pattern, const std::vector<std::string>& raw,
                       const std::vector<std::string>& atoms) {
    std::string sql;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '$' && pattern[i] != '#') {
            sql += pattern[i];
            continue;
        }
        const auto argument = static_cast<std::size_t>(pattern[i + 1] - '1');
        sql += (pattern[i] == '$' ? raw : atoms)[argument];
        ++i;
    }
    return sql;
}

// The timestamp in UTC, without a zone.
std::string utc(const Piece& piece) {
    return piece.type == ValueClass::datetime ? "(" + atomic(piece).append(kUtc)
                                              : cast(piece, "timestamp");
}

// Immutable, which the casts of times and dates to text are not.
std::string text_of(const Piece& piece) {
    switch (piece.type.value_or(ValueClass::text)) {
        case ValueClass::text: return atomic(piece);
        case ValueClass::date: return "pgwright.expression_date_text(" + piece.sql + ")";
        case ValueClass::datetime: return "pgwright.expression_datetime_text(" + piece.sql + ")";
        default: return cast(piece, "text");
    }
}

class Compiler {
  public:
    Compiler(const Types& types, Columns& columns) : types_(types), columns_(columns) {}

    Piece compile(const Node& node) {
        const Type type = types_.at(&node);
        if (!type) return atom("NULL::text", std::nullopt);
        switch (node.kind) {
            case Kind::null: break;
            case Kind::boolean: return atom(node.text, type);
            case Kind::number: return number(node);
            case Kind::text: return atom(quote_literal(node.text), type);
            case Kind::field: return field(node);
            case Kind::unary: return unary(node);
            case Kind::binary: return binary(node);
            case Kind::in: return membership(node);
            case Kind::call: return call(node);
        }
        return atom("NULL", type);
    }

    // As a value of that type, which the check has found it to fit.
    Piece compile_as(const Node& node, Type wanted) {
        Piece piece = compile(node);
        if (!piece.type && wanted) return atom("NULL::" + std::string(sql_type(*wanted)), wanted);
        if (piece.type == ValueClass::date && wanted == ValueClass::datetime)
            return atom("(" + cast(piece, "timestamp").append(kUtc), wanted);
        return piece;
    }

  private:
    // Leaves -------------------------------------------------------------------------------------

    static Piece number(const Node& node) {
        const bool whole = node.text.find('.') == std::string::npos;
        return {node.text, Level::atom, whole ? ValueClass::integer : ValueClass::numeric, whole};
    }

    // Imported tables have columns of kindred types.
    Piece field(const Node& node) {
        const Field& field = columns_.find(node.text);
        Piece piece = atom(columns_.sql(field), type_of(field));
        switch (*piece.type) {
            case ValueClass::integer: piece.integer = true; break;
            case ValueClass::numeric:
                if (field.type_oid == kFloat4Oid || field.type_oid == kFloat8Oid)
                    piece.sql += "::numeric";
                break;
            case ValueClass::text:
                if (field.type_oid != kTextOid && field.type_oid != 0) piece.sql += "::text";
                break;
            case ValueClass::datetime:
                if (field.type_oid == kTimestampOid) piece.sql.insert(0, 1, '(').append(kUtc);
                break;
            case ValueClass::json:
                if (field.type_oid == kJsonOid) piece.sql += "::jsonb";
                break;
            default: break;
        }
        return piece;
    }

    // Operators ----------------------------------------------------------------------------------

    Piece unary(const Node& node) {
        if (node.op == Op::not_) {
            const Piece operand = compile_as(*node.children[0], ValueClass::boolean);
            return {"NOT " + at_least(operand, Level::not_), Level::not_, ValueClass::boolean};
        }
        Piece operand = compile(*node.children[0]);
        const bool literal = node.children[0]->kind == Kind::number;
        const std::string sql =
            operand.integer && !literal ? cast(operand, "numeric") : atomic(operand);
        return {"- " + sql, Level::negate, operand.type, operand.integer && literal};
    }

    Piece binary(const Node& node) {
        switch (level(node.op)) {
            case Level::or_: return logical(node, " OR ");
            case Level::and_: return logical(node, " AND ");
            case Level::comparison: return comparison(node);
            case Level::join: return join(node);
            default: break;
        }
        return arithmetic(node);
    }

    Piece logical(const Node& node, std::string_view word) {
        const Level own = level(node.op);
        const Piece left = compile_as(*node.children[0], ValueClass::boolean);
        const Piece right = compile_as(*node.children[1], ValueClass::boolean);
        return {at_least(left, own).append(word).append(at_least(right, tighter(own))), own,
                ValueClass::boolean};
    }

    Piece comparison(const Node& node) {
        const Type type = common_type(type_at(*node.children[0]), type_at(*node.children[1]));
        const Level inner = tighter(Level::comparison);
        std::string sql = at_least(compile_as(*node.children[0], type), inner);
        sql.append(" ").append(sign(node.op)).append(" ");
        sql.append(at_least(compile_as(*node.children[1], type), inner));
        return {std::move(sql), Level::comparison, ValueClass::boolean};
    }

    Piece join(const Node& node) {
        std::string sql = joinable(*node.children[0], Level::join);
        sql.append(" || ").append(joinable(*node.children[1], tighter(Level::join)));
        return {std::move(sql), Level::join, ValueClass::text};
    }

    std::string joinable(const Node& node, Level least) {
        const Piece piece = compile(node);
        return piece.type == ValueClass::text ? at_least(piece, least) : text_of(piece);
    }

    Piece arithmetic(const Node& node) {
        const Piece left = compile_as(*node.children[0], ValueClass::numeric);
        const Piece right = compile_as(*node.children[1], ValueClass::numeric);
        const Type type = types_.at(&node);
        const Level own = level(node.op);
        const bool by_literal = node.children[1]->kind == Kind::number &&
                                right.sql.find_first_not_of("0.") != std::string::npos;
        const std::string divisor = by_literal ? right.sql : "nullif(" + right.sql + ", 0)";
        if (node.op == Op::modulo) return atom("mod(" + numeric(left) + ", " + divisor + ")", type);
        std::string sql =
            left.integer && right.integer ? cast(left, "numeric") : at_least(left, own);
        sql.append(" ").append(sign(node.op)).append(" ");
        sql.append(node.op == Op::divide ? divisor : at_least(right, tighter(own)));
        return {std::move(sql), own, type};
    }

    Piece membership(const Node& node) {
        Type type = type_at(*node.children[0]);
        for (const NodePtr& child : node.children) type = common_type(type, type_at(*child));
        std::string sql = at_least(compile_as(*node.children[0], type), tighter(Level::comparison));
        sql += node.op == Op::in ? " IN (" : " NOT IN (";
        for (std::size_t i = 1; i < node.children.size(); ++i)
            sql.append(i == 1 ? "" : ", ").append(compile_as(*node.children[i], type).sql);
        return {sql + ")", Level::comparison, ValueClass::boolean};
    }

    // Calls --------------------------------------------------------------------------------------

    Piece call(const Node& node) {
        const Function& function = *find_function(node.text, node.children.size());
        const Type type = types_.at(&node);
        switch (function.form) {
            case Form::pattern:
            case Form::variadic: return direct(node, function, type);
            case Form::concat: return concat(node);
            case Form::date_add: return date_add(node);
            case Form::date_diff: return date_diff(node);
            case Form::date_trunc: return date_trunc(node);
            case Form::to_text: return atom(text_of(compile(*node.children[0])), type);
            case Form::to_number: return atom(to_number(plain(*node.children[0])), type);
            case Form::to_integer:
                return atom("round(" + to_number(plain(*node.children[0])) + ")", type);
            case Form::to_boolean: return to_boolean(plain(*node.children[0]));
            case Form::to_date: break;
        }
        return to_date(plain(*node.children[0]));
    }

    Piece direct(const Node& node, const Function& function, Type type) {
        std::vector<std::string> raw, atoms;
        bool integers = function.gives == Gives::common;
        for (std::size_t i = 0; i < node.children.size(); ++i) {
            const Piece piece = argument(*node.children[i], function, i, type);
            const bool chosen =
                function.accept(i) == Accepts::common || function.accept(i) == Accepts::ordered;
            integers = integers && (piece.integer || function.accept(i) == Accepts::boolean) &&
                       (chosen || function.accept(i) == Accepts::boolean);
            raw.push_back(piece.sql);
            atoms.push_back(atomic(piece));
        }
        Piece piece = atom(function.form == Form::pattern ? substitute(function.sql, raw, atoms)
                                                          : listed(function.sql, raw),
                           type);
        piece.integer = integers || function.gives == Gives::length;
        return piece;
    }

    static std::string listed(std::string_view name, const std::vector<std::string>& arguments) {
        std::string sql(name);
        for (std::size_t i = 0; i < arguments.size(); ++i)
            sql.append(i == 0 ? "(" : ", ").append(arguments[i]);
        return sql + ")";
    }

    Piece argument(const Node& node, const Function& function, std::size_t index, Type common) {
        switch (function.accept(index)) {
            case Accepts::number:
                return atom(numeric(compile_as(node, ValueClass::numeric)), ValueClass::numeric);
            case Accepts::count: return count(node, function);
            case Accepts::text: return compile_as(node, ValueClass::text);
            case Accepts::boolean: return compile_as(node, ValueClass::boolean);
            case Accepts::instant: return instant(node);
            case Accepts::clock: {
                const Piece piece = compile_as(node, ValueClass::time);
                return piece.type == ValueClass::datetime ? atom(utc(piece), piece.type) : piece;
            }
            case Accepts::common:
            case Accepts::ordered: return compile_as(node, common);
            default: break;
        }
        return compile(node);
    }

    // Of a date as it is, which all but arithmetic take.
    Piece instant(const Node& node) {
        Piece piece = compile_as(node, ValueClass::date);
        return piece.type == ValueClass::datetime ? atom(utc(piece), piece.type) : piece;
    }

    // As SQL's integer, brought into the range.
    Piece count(const Node& node, const Function& function) {
        return atom(bounded(node, function.lowest, function.highest), ValueClass::integer);
    }

    std::string bounded(const Node& node, int lowest, int highest) {
        const Piece piece = compile_as(node, ValueClass::integer);
        const bool literal = node.kind == Kind::number && node.text.size() <= kMaxIntegerDigits;
        if (literal && std::stoi(node.text) >= lowest && std::stoi(node.text) <= highest)
            return piece.sql;
        return "pgwright.expression_count(" + piece.sql + ", " + std::to_string(lowest) + ", " +
               std::to_string(highest) + ")";
    }

    Piece concat(const Node& node) {
        std::string sql;
        for (const NodePtr& child : node.children) {
            const bool literal = child->kind == Kind::text;
            const std::string text = text_of(compile(*child));
            sql.append(sql.empty() ? "" : " || ");
            sql.append(literal ? text : "coalesce(" + text + ", '')");
        }
        return {std::move(sql), Level::join, ValueClass::text};
    }

    // A null is as good as text.
    Piece plain(const Node& node) { return compile_as(node, ValueClass::text); }

    // Back from the timestamp in UTC to what the argument was.
    static Piece dated(const std::string& sql, Type type) {
        return type == ValueClass::date ? atom("(" + sql + ")::date", type)
                                        : atom("((" + sql + ")" + std::string(kUtc), type);
    }

    Piece date_add(const Node& node) {
        const Piece day = compile(*node.children[0]);
        const Unit& unit = *find_unit(node.children[2]->text);
        std::string number = bounded(*node.children[1], -unit.limit, unit.limit);
        if (unit.per != 1) number += " * " + std::to_string(unit.per);
        const std::string_view name = unit.interval.empty() ? "months" : unit.interval;
        return dated(utc(day) + " + make_interval(" + std::string(name) + " => " + number + ")",
                     day.type);
    }

    Piece date_trunc(const Node& node) {
        const Piece day = compile(*node.children[0]);
        return dated("date_trunc(" + quote_literal(node.children[1]->text) + ", " + utc(day) + ")",
                     day.type);
    }

    // Whole units; a part of one does not count.
    Piece date_diff(const Node& node) {
        const std::string from = utc(compile_as(*node.children[0], ValueClass::date));
        const std::string to = utc(compile_as(*node.children[1], ValueClass::date));
        const Unit& unit = *find_unit(node.children[2]->text);
        std::string sql = unit.seconds.empty()
                              ? "pgwright.expression_months(" + from + ", " + to + ")"
                              : "extract(epoch FROM " + to + " - " + from + ")";
        const std::string divisor =
            unit.seconds.empty() ? std::to_string(unit.per) : std::string(unit.seconds);
        return atom("trunc(" + sql + " / " + divisor + ")", ValueClass::integer);
    }

    static std::string to_number(const Piece& piece) {
        switch (*piece.type) {
            case ValueClass::text: return "pgwright.expression_number(" + piece.sql + ")";
            case ValueClass::boolean: return cast(piece, "integer") + "::numeric";
            default: return piece.integer ? cast(piece, "numeric") : atomic(piece);
        }
    }

    static Piece to_boolean(const Piece& piece) {
        constexpr Type type = ValueClass::boolean;
        if (piece.type == type) return piece;
        if (piece.type != ValueClass::text)
            return {at_least(piece, tighter(Level::comparison)) + " <> 0", Level::comparison, type};
        return atom("pgwright.expression_boolean(" + piece.sql + ")", type);
    }

    static Piece to_date(const Piece& piece) {
        constexpr Type type = ValueClass::date;
        if (piece.type == type) return piece;
        if (piece.type == ValueClass::text)
            return atom("pgwright.expression_text_date(" + piece.sql + ")", type);
        return atom(utc(piece) + "::date", type);
    }

    [[nodiscard]] Type type_at(const Node& node) const { return types_.at(&node); }

    const Types& types_;
    Columns& columns_;
};

// As a value of the field's column.
std::string value_of(const Piece& piece, const Field& field, bool is_literal) {
    const std::string type = sql_type_of(field);
    if (field.decimal_places)
        return "round(" + numeric(piece) + ", " + std::to_string(*field.decimal_places) + ")";
    const bool same = piece.type && !is_literal && !piece.integer && type_of(field) == piece.type &&
                      piece.type != ValueClass::integer;
    return same ? piece.sql : cast(piece, type);
}

}  // namespace

std::string compile_value(const Expression& expression, const Types& types, Columns& columns,
                          const Field& field) {
    const Piece piece = Compiler(types, columns).compile_as(expression.root(), type_of(field));
    return value_of(piece, field, expression.root().kind == Kind::text);
}

std::string compile_any(const Expression& expression, const Types& types, Columns& columns) {
    return Compiler(types, columns).compile(expression.root()).sql;
}

}  // namespace pgwright::core::expression

namespace pgwright::core {

std::string default_expression_sql(const Expression& expression, const Field& field) {
    Faults faults;
    const expression::Typed typed = expression::type_expression(expression, {}, "", faults);
    check_assignable(typed.checked, field, "", faults);
    faults.raise("the expression is not valid");
    expression::Columns none({}, {}, false);
    return expression::compile_value(expression, typed.types, none, field);
}

std::string expression_sql(const Expression& expression, std::span<const Field> fields,
                           std::string_view alias) {
    Faults faults;
    const expression::Typed typed = expression::type_expression(expression, fields, "", faults);
    faults.raise("the expression is not valid");
    expression::Columns columns(fields, alias, false);
    return expression::compile_any(expression, typed.types, columns);
}

}  // namespace pgwright::core
