#include "core/expression_lexer.hpp"

#include <algorithm>
#include <array>

#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/identifier.hpp"
#include "core/utf8.hpp"

namespace pgwright::core::expression {
namespace {

constexpr std::array<std::string_view, 7> kKeywords = {"and",  "false", "in",  "not",
                                                       "null", "or",    "true"};
// Two characters before one, so that <= is not read as <.
constexpr std::array<std::string_view, 16> kSymbols = {"<=", ">=", "<>", "!=", "||", "(", ")", ",",
                                                       "+",  "-",  "*",  "/",  "%",  "=", "<", ">"};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool begins_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) noexcept { return begins_name(c) || is_digit(c); }
bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Token> run() {
        if (count_characters(text_) > kMaxExpressionLength) {
            fail_at(kMaxExpressionLength + 1, "an expression must be at most " +
                                                  std::to_string(kMaxExpressionLength) +
                                                  " characters");
        }
        std::vector<Token> tokens;
        do {
            tokens.push_back(next());
        } while (tokens.back().kind != Token::Kind::end);
        return tokens;
    }

  private:
    Token next() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        begin_ = at_;
        if (at_ == text_.size()) return token(Token::Kind::end, "");
        const char c = text_[at_];
        if (begins_name(c)) return name();
        if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
        if (c == '\'') return token(Token::Kind::text, quoted('\''));
        if (c == '"') return quoted_name();
        return symbol();
    }

    [[nodiscard]] char peek(std::size_t distance) const noexcept {
        return at_ + distance < text_.size() ? text_[at_ + distance] : '\0';
    }
    [[nodiscard]] Token token(Token::Kind kind, std::string value) const {
        return {kind, std::move(value), begin_, at_};
    }
    void skip_digits() noexcept {
        while (is_digit(peek(0))) ++at_;
    }

    Token name() {
        while (continues_name(peek(0))) ++at_;
        std::string value(text_.substr(begin_, at_ - begin_));
        std::transform(value.begin(), value.end(), value.begin(), lower);
        return token(Token::Kind::name, std::move(value));
    }

    Token number() {
        skip_digits();
        if (peek(0) == '.' && is_digit(peek(1))) {
            ++at_;
            skip_digits();
        }
        if (continues_name(peek(0)) || peek(0) == '.')
            fail("a number is written in digits with a point at most: 1250 or 12.50");
        return token(Token::Kind::number, std::string(text_.substr(begin_, at_ - begin_)));
    }

    Token quoted_name() {
        std::string value = quoted('"');
        if (value.empty()) fail("a name must not be empty");
        return token(Token::Kind::quoted_name, std::move(value));
    }

    // A doubled mark is one of the text.
    std::string quoted(char mark) {
        std::string value;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == mark) {
                if (peek(1) != mark) {
                    ++at_;
                    return value;
                }
                ++at_;
            }
            value += text_[at_];
        }
        fail(mark == '"' ? "this name has no closing \"" : "this text has no closing '");
    }

    Token symbol() {
        for (const std::string_view each : kSymbols) {
            if (!text_.substr(at_).starts_with(each)) continue;
            at_ += each.size();
            return token(Token::Kind::symbol, std::string(each == "!=" ? "<>" : each));
        }
        std::size_t size = 1;  // of the whole character
        while ((static_cast<unsigned char>(peek(size)) & 0xC0U) == 0x80U) ++size;
        fail("does not expect " + std::string(text_.substr(at_, std::min<std::size_t>(size, 4))));
    }

    [[noreturn]] void fail(const std::string& message) const {
        fail_at(character_at(text_, begin_), message);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view text) { return Lexer(text).run(); }

bool is_keyword(std::string_view word) noexcept {
    return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

std::string written_name(std::string_view name) {
    const bool plain = !name.empty() && begins_name(name.front()) && !is_keyword(name) &&
                       std::all_of(name.begin(), name.end(),
                                   [](char c) { return continues_name(c) && lower(c) == c; });
    return plain ? std::string(name) : quote_identifier(name);
}

std::size_t character_at(std::string_view text, std::size_t byte) noexcept {
    return count_characters(text.substr(0, byte)) + 1;
}

std::string at(std::size_t character, const std::string& message) {
    return "character " + std::to_string(character) + ": " + message;
}

void fail_at(std::size_t character, const std::string& message) {
    throw Failure(Code::validation_error, "the expression is not valid",
                  {{"", at(character, message)}});
}

}  // namespace pgwright::core::expression
