// The parser: recursive descent, one function per level of precedence, the loosest first.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "core/expression_lexer.hpp"
#include "core/expression_node.hpp"
#include "core/utf8.hpp"

namespace pgwright::core::expression {
namespace {

using Sign = std::pair<std::string_view, Op>;

constexpr std::array<Sign, 6> kComparisons = {
    {{"=", Op::eq}, {"<>", Op::ne}, {"<", Op::lt}, {"<=", Op::le}, {">", Op::gt}, {">=", Op::ge}}};
constexpr std::array<Sign, 1> kJoin = {{{"||", Op::join}}};
constexpr std::array<Sign, 2> kSums = {{{"+", Op::add}, {"-", Op::subtract}}};
constexpr std::array<Sign, 3> kProducts = {
    {{"*", Op::multiply}, {"/", Op::divide}, {"%", Op::modulo}}};

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text), tokens_(tokens_of(text)) {}

    Expression run() {
        if (token().kind == Token::Kind::end) fail("an expression must not be empty");
        NodePtr root = any();
        if (token().kind != Token::Kind::end) unexpected("an operator or the end");
        return {std::move(root), nodes_};
    }

  private:
    using Part = NodePtr (Parser::*)();

    // The levels ---------------------------------------------------------------------------------

    NodePtr any() {
        NodePtr left = conjunction();
        while (is_word("or")) left = binary(Op::or_, std::move(left), &Parser::conjunction);
        return left;
    }

    NodePtr conjunction() {
        NodePtr left = negation();
        while (is_word("and")) left = binary(Op::and_, std::move(left), &Parser::negation);
        return left;
    }

    NodePtr negation() {
        if (!is_word("not")) return comparison();
        const Inside inside(*this);
        return unary(Op::not_, &Parser::negation);
    }

    NodePtr comparison() {
        NodePtr left = joined();
        if (const Op op = operator_among(kComparisons); op != Op::none) {
            left = binary(op, std::move(left), &Parser::joined);
        } else if (is_word("in") || (is_word("not") && is_word("in", 1))) {
            left = membership(std::move(left));
        }
        if (operator_among(kComparisons) != Op::none)
            fail("comparisons do not chain; combine them with and");
        return left;
    }

    NodePtr joined() { return chain(kJoin, &Parser::sum); }
    NodePtr sum() { return chain(kSums, &Parser::product); }
    NodePtr product() { return chain(kProducts, &Parser::factor); }

    NodePtr factor() {
        if (!is_symbol("-")) return atom();
        const Inside inside(*this);
        return unary(Op::negate, &Parser::factor);
    }

    NodePtr atom() {
        switch (token().kind) {
            case Token::Kind::number: return leaf(Kind::number);
            case Token::Kind::text: return leaf(Kind::text);
            case Token::Kind::quoted_name: return leaf(Kind::field);
            case Token::Kind::name: return word();
            default: break;
        }
        if (!is_symbol("(")) unexpected("a value");
        const Inside inside(*this);
        advance();
        NodePtr inner = any();
        expect(")");
        return inner;
    }

    NodePtr word() {
        const std::string& word = token().value;
        if (word == "null") return leaf(Kind::null);
        if (word == "true" || word == "false") return leaf(Kind::boolean);
        if (is_keyword(word)) unexpected("a value");
        return is_symbol("(", 1) ? call() : leaf(Kind::field);
    }

    NodePtr call() {
        const Inside inside(*this);
        const auto node = make(Kind::call);
        node->text = take().value;
        advance();  // (
        if (!is_symbol(")")) list(*node);
        expect(")");
        return node;
    }

    NodePtr membership(NodePtr subject) {
        const Inside inside(*this);
        const auto node = make(Kind::in);
        node->op = is_word("not") ? Op::not_in : Op::in;
        if (node->op == Op::not_in) advance();
        advance();  // in
        node->children.push_back(std::move(subject));
        expect("(");
        list(*node);
        expect(")");
        return node;
    }

    // Their pieces -------------------------------------------------------------------------------

    void list(Node& node) {
        node.children.push_back(any());
        while (is_symbol(",")) {
            advance();
            node.children.push_back(any());
        }
    }

    NodePtr chain(std::span<const Sign> signs, Part part) {
        NodePtr left = (this->*part)();
        for (Op op = operator_among(signs); op != Op::none; op = operator_among(signs))
            left = binary(op, std::move(left), part);
        return left;
    }

    NodePtr binary(Op op, NodePtr left, Part right) {
        const auto node = make(Kind::binary);
        node->op = op;
        advance();
        node->children.push_back(std::move(left));
        node->children.push_back((this->*right)());
        return node;
    }

    NodePtr unary(Op op, Part operand) {
        const auto node = make(Kind::unary);
        node->op = op;
        advance();
        node->children.push_back((this->*operand)());
        return node;
    }

    NodePtr leaf(Kind kind) {
        const auto node = make(kind);
        node->text = take().value;
        return node;
    }

    std::shared_ptr<Node> make(Kind kind) {
        if (++nodes_ > kMaxExpressionNodes) {
            fail("an expression must have at most " + std::to_string(kMaxExpressionNodes) +
                 " values, operators and calls");
        }
        auto node = std::make_shared<Node>();
        node->kind = kind;
        node->position = position();
        return node;
    }

    // What one level of nesting is counted by.
    class Inside {
      public:
        explicit Inside(Parser& parser) : depth_(parser.depth_) {
            if (++depth_ > kMaxExpressionDepth)
                parser.fail("an expression must be at most " + std::to_string(kMaxExpressionDepth) +
                            " levels deep");
        }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside() { --depth_; }

      private:
        std::size_t& depth_;
    };

    // Tokens -------------------------------------------------------------------------------------

    [[nodiscard]] const Token& token(std::size_t ahead = 0) const noexcept {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    [[nodiscard]] bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const noexcept {
        return token(ahead).kind == Token::Kind::symbol && token(ahead).value == symbol;
    }
    [[nodiscard]] bool is_word(std::string_view word, std::size_t ahead = 0) const noexcept {
        return token(ahead).kind == Token::Kind::name && token(ahead).value == word;
    }
    [[nodiscard]] Op operator_among(std::span<const Sign> signs) const noexcept {
        for (const auto& [symbol, op] : signs) {
            if (is_symbol(symbol)) return op;
        }
        return Op::none;
    }
    void advance() noexcept { at_ = std::min(at_ + 1, tokens_.size() - 1); }
    Token take() {
        Token taken = token();
        advance();
        return taken;
    }
    void expect(std::string_view symbol) {
        if (!is_symbol(symbol)) unexpected(symbol);
        advance();
    }

    [[nodiscard]] std::size_t position() const noexcept {
        return character_at(text_, token().begin);
    }
    [[noreturn]] void fail(const std::string& message) const { fail_at(position(), message); }
    [[noreturn]] void unexpected(std::string_view wanted) const {
        std::string message = "expects " + std::string(wanted) + ", not ";
        const std::string_view found = text_.substr(token().begin, token().end - token().begin);
        fail(message + (found.empty() ? "the end" : std::string(echo(found))));
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t nodes_ = 0;
    std::size_t depth_ = 0;
};

}  // namespace
}  // namespace pgwright::core::expression

namespace pgwright::core {

Expression parse_expression(std::string_view text) { return expression::Parser(text).run(); }

}  // namespace pgwright::core
