// The tree of an expression, for those who walk it: the parser makes it, the check, the compiler and
// the printer read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/expression.hpp"

namespace pgwright::core::expression {

enum class Kind : std::uint8_t { null, boolean, number, text, field, unary, binary, in, call };

enum class Op : std::uint8_t {
    none,
    or_,
    and_,
    not_,
    eq,
    ne,
    lt,
    le,
    gt,
    ge,
    in,
    not_in,
    join,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    negate,
};

// How tightly an expression holds together, the loosest first: the same in the language and in SQL.
enum class Level : std::uint8_t { or_, and_, not_, comparison, join, add, multiply, negate, atom };

struct Node {
    Kind kind = Kind::null;
    Op op = Op::none;
    std::size_t position = 1;  // character, from 1
    std::string text;          // digits, text, true or false, the field's or the function's name
    std::vector<std::shared_ptr<const Node>> children;  // in: the subject, then the list
};
using NodePtr = std::shared_ptr<const Node>;

std::string_view sign(Op op) noexcept;  // "+", "and", "not in", ...
Level level(Op op) noexcept;
Level level(const Node& node) noexcept;

// What a node gives: nothing for one that is always null, ValueClass::other for one with a fault.
using Type = std::optional<ValueClass>;
using Types = std::unordered_map<const Node*, Type>;

// The type that holds values of both; nothing for both null. ValueClass::other when there is none.
Type common_type(Type a, Type b) noexcept;
// Of a field as an expression takes it; ValueClass::other for what no expression takes.
Type type_of(const Field& field) noexcept;
const Field* find_field(std::span<const Field> fields, std::string_view name) noexcept;

// check_expression() with the types of all nodes.
struct Typed {
    CheckedExpression checked;
    Types types;
};
Typed type_expression(const Expression& expression, std::span<const Field> fields,
                      std::string_view path, Faults& faults);

}  // namespace pgwright::core::expression
