// The expression language: what calculated fields and defaults are written in. Text is parsed to an
// immutable tree, checked against the fields it may use and compiled to SQL; nobody's text reaches
// the server. docs/expressions.md describes the language for those who write in it. Faults tell the
// position as "character 12: ...", counted from 1.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/model.hpp"

namespace pgwright::core {

inline constexpr std::size_t kMaxExpressionLength = 4000;  // characters
inline constexpr std::size_t kMaxExpressionDepth = 64;  // parentheses, calls, lists, signs and NOTs
inline constexpr std::size_t kMaxExpressionNodes = 1000;  // values, fields, operators and calls
// Of a formula together with those of the calculated fields it uses, each time it uses one.
inline constexpr std::size_t kMaxFormulaNodes = 2000;

namespace expression {
struct Node;
}

// A parsed expression. Copies share the tree.
class Expression {
  public:
    Expression(std::shared_ptr<const expression::Node> root, std::size_t nodes)
        : root_(std::move(root)), nodes_(nodes) {}

    [[nodiscard]] const expression::Node& root() const noexcept { return *root_; }
    [[nodiscard]] std::size_t nodes() const noexcept { return nodes_; }

  private:
    std::shared_ptr<const expression::Node> root_;
    std::size_t nodes_;
};

// Throws Failure(validation_error) with the first fault, whose field is empty.
Expression parse_expression(std::string_view text);

// The expression in the language's usual form: parse_expression(print_expression(e)) is the same tree.
std::string print_expression(const Expression& expression);

// Names, as the fields are called.
std::set<std::string> fields_of(const Expression& expression);

// The text with one field's name replaced wherever it is used and nothing else changed. Throws as
// parse_expression() does; a longer name may carry the result over kMaxExpressionLength.
std::string rename_in_expression(std::string_view text, std::string_view from, std::string_view to);

struct CheckedExpression {
    // What it gives; nothing: always null. Of a faulty expression, whatever could be told.
    std::optional<ValueClass> result;
    // It depends on the record alone: on no clock and on no calculated field without a column.
    bool immutable = true;
    std::set<std::string> fields;
};

// Adds every type fault under the path. Calculated fields among the fields are of their own type.
CheckedExpression check_expression(const Expression& expression, std::span<const Field> fields,
                                   std::string_view path, Faults& faults);

// Adds a fault when the expression's result cannot be a value of the field. An integer is a number, a
// date the beginning of its day in UTC; null is a value of every type.
void check_assignable(const CheckedExpression& expression, const Field& field,
                      std::string_view path, Faults& faults);

// The expression as SQL over the columns: "price", or alias."price". Calculated fields that have no
// column are written out. Throws Failure(validation_error) with the faults of check_expression().
std::string expression_sql(const Expression& expression, std::span<const Field> fields,
                           std::string_view alias = {});

// The same of an expression without fields, as a value of the field: of its column's type, rounded
// to its decimal places.
std::string default_expression_sql(const Expression& expression, const Field& field);

// Calculated fields ------------------------------------------------------------------------------

// Parses and checks the formula of every calculated field, whose paths ("fields[2].") are those at
// its position: faults at <path>calculation_formula, cycles too, which are named; and at is_unique and
// is_indexed where a field that is computed at read asks for an index.
void check_formulas(const std::vector<Field>& fields, std::span<const std::string> paths,
                    Faults& faults);

// Fills in stored, formula_sql, read_sql and formula_fields of the calculated fields. Other calculated
// fields are written out, because a generated column may not use another. can_store: the table is
// ours, so it may have generated columns. Does not throw: a formula with a fault, which only a draft
// can have, reads as null.
void compile_formulas(std::vector<Field>& fields, bool can_store = true);
// The same over the entity's fields and the system fields that its table has beyond them; and then their
// validation rules.
void compile_formulas(Entity& entity);

// The entity's fields and the system fields of its table that are not among them.
std::vector<Field> formula_scope(const Entity& entity);

}  // namespace pgwright::core
