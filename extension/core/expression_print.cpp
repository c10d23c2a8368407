// The tree back as text, the names in it, and the renaming of one.
#include <array>
#include <utility>

#include "core/expression_lexer.hpp"
#include "core/expression_node.hpp"
#include "core/identifier.hpp"

namespace pgwright::core::expression {
namespace {

struct Operation {
    std::string_view sign;
    Level level;
};

// In the order of Op.
constexpr std::array<Operation, 19> kOperations = {{
    {"", Level::atom},         {"or", Level::or_},        {"and", Level::and_},
    {"not", Level::not_},      {"=", Level::comparison},  {"<>", Level::comparison},
    {"<", Level::comparison},  {"<=", Level::comparison}, {">", Level::comparison},
    {">=", Level::comparison}, {"in", Level::comparison}, {"not in", Level::comparison},
    {"||", Level::join},       {"+", Level::add},         {"-", Level::add},
    {"*", Level::multiply},    {"/", Level::multiply},    {"%", Level::multiply},
    {"-", Level::negate},
}};
static_assert(static_cast<std::size_t>(Op::negate) + 1 == kOperations.size());

std::string quoted(std::string_view text) {
    std::string written = "'";
    for (const char c : text) {
        if (c == '\'') written += c;
        written += c;
    }
    return written + '\'';
}

std::string print(const Node& node);

// In parentheses unless it holds together at least as tightly.
std::string operand(const Node& node, Level least) {
    return level(node) < least ? "(" + print(node) + ")" : print(node);
}

Level tighter(Level than) noexcept { return static_cast<Level>(static_cast<int>(than) + 1); }

std::string list(const Node& node, std::size_t first) {
    std::string text = "(";
    for (std::size_t i = first; i < node.children.size(); ++i)
        text.append(i == first ? "" : ", ").append(print(*node.children[i]));
    return text + ")";
}

// Operators group from the left; comparisons do not group at all.
std::string binary(const Node& node) {
    const Level own = level(node.op);
    const Level left = own == Level::comparison ? tighter(own) : own;
    return operand(*node.children[0], left) + ' ' + std::string(sign(node.op)) + ' ' +
           operand(*node.children[1], tighter(own));
}

std::string unary(const Node& node) {
    return (node.op == Op::not_ ? "not " : "-") + operand(*node.children[0], level(node.op));
}

std::string print(const Node& node) {
    switch (node.kind) {
        case Kind::null: return "null";
        case Kind::boolean:
        case Kind::number: return node.text;
        case Kind::text: return quoted(node.text);
        case Kind::field: return written_name(node.text);
        case Kind::unary: return unary(node);
        case Kind::binary: return binary(node);
        case Kind::in:
            return operand(*node.children[0], tighter(Level::comparison)) + ' ' +
                   std::string(sign(node.op)) + ' ' + list(node, 1);
        case Kind::call: break;
    }
    return node.text + list(node, 0);
}

void collect(const Node& node, std::set<std::string>& names) {
    if (node.kind == Kind::field) names.insert(node.text);
    for (const NodePtr& child : node.children) collect(*child, names);
}

bool is_word_character(char c) noexcept {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Quotes may have been all that kept the name from its neighbours: "Price"and
std::string replacement(std::string_view text, const Token& token, std::string_view name) {
    const bool joins = (token.begin > 0 && is_word_character(text[token.begin - 1])) ||
                       (token.end < text.size() && is_word_character(text[token.end]));
    return joins ? quote_identifier(name) : written_name(name);
}

// A word before a parenthesis is a function's name.
bool is_field(const std::vector<Token>& tokens, std::size_t i) {
    if (tokens[i].kind == Token::Kind::quoted_name) return true;
    const Token& next = tokens[i + 1];
    return tokens[i].kind == Token::Kind::name && !is_keyword(tokens[i].value) &&
           !(next.kind == Token::Kind::symbol && next.value == "(");
}

}  // namespace

std::string_view sign(Op op) noexcept { return kOperations[static_cast<std::size_t>(op)].sign; }
Level level(Op op) noexcept { return kOperations[static_cast<std::size_t>(op)].level; }
Level level(const Node& node) noexcept { return level(node.op); }

}  // namespace pgwright::core::expression

namespace pgwright::core {

std::string print_expression(const Expression& expression) {
    return expression::print(expression.root());
}

std::set<std::string> fields_of(const Expression& expression) {
    std::set<std::string> names;
    expression::collect(expression.root(), names);
    return names;
}

std::string rename_in_expression(std::string_view text, std::string_view from,
                                 std::string_view to) {
    (void)parse_expression(text);
    const std::vector<expression::Token> tokens = expression::tokens_of(text);
    std::string renamed;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < tokens.size() - 1; ++i) {
        if (tokens[i].value != from || !expression::is_field(tokens, i)) continue;
        renamed.append(text.substr(copied, tokens[i].begin - copied));
        renamed.append(expression::replacement(text, tokens[i], to));
        copied = tokens[i].end;
    }
    return renamed.append(text.substr(copied));
}

}  // namespace pgwright::core
