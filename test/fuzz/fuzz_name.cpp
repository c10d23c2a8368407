// Names: what is allowed needs no quotes, what is quoted reads back as it was, and what is made of
// other names fits and keeps their characters whole.
#include <string>
#include <string_view>

#include "check.hpp"
#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/json.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

// As the server reads a quoted text: between the marks, two of them are one.
std::string unquoted(std::string_view quoted, char mark) {
    check(quoted.size() >= 2 && quoted.front() == mark && quoted.back() == mark);
    std::string text;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] == mark) {
            ++i;
            check(i + 1 < quoted.size() && quoted[i] == mark);
        }
        text += quoted[i];
    }
    return text;
}

std::string unescaped(std::string_view escaped) {
    std::string text;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        if (escaped[i] == '\\') {
            ++i;
            check(i < escaped.size() && escaped[i] == '\\');
        }
        text += escaped[i];
    }
    return text;
}

void check_quotes(std::string_view text) {
    check(unquoted(quote_identifier(text), '"') == text);
    check(quote_qualified(text, text) == quote_identifier(text) + '.' + quote_identifier(text));
    const std::string literal = quote_literal(text);
    const bool escaped = literal.starts_with('E');
    check(escaped == (text.find('\\') != std::string_view::npos));
    const std::string inner = unquoted(std::string_view(literal).substr(escaped ? 1 : 0), '\'');
    check((escaped ? unescaped(inner) : inner) == text);
}

bool is_plain(std::string_view name) {
    for (const char c : name) {
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') return false;
    }
    return !name.empty() && name.size() <= kMaxNameBytes && name.front() >= 'a';
}

void check_rules(std::string_view name) {
    for (const auto& fault : {entity_name_fault(name), field_name_fault(name)}) {
        if (fault) {
            check(!fault->empty() && fault->size() < 200);
        } else {
            check(is_plain(name) && !is_reserved_word(name));
        }
    }
    if (!slug_fault(name)) check(is_plain("t_" + std::string(name)));
}

// As the parser of JSON judges it, which takes no zero byte either.
bool is_utf8(std::string_view text) {
    try {
        (void)parse_json(Json::string(std::string(text)).dump());
        return true;
    } catch (const Failure&) {
        return false;
    }
}

void check_made(std::string_view a, std::string_view b, std::string_view suffix) {
    const bool whole = is_utf8(a) && is_utf8(b) && is_utf8(suffix);
    for (const std::string& name :
         {derived_name({a, b}, suffix), hashed_name({a, b}, suffix), hashed_name({a}, suffix)}) {
        check(name.size() <= kMaxNameBytes);
        check(!whole || is_utf8(name));
    }
    check(derived_name({a, b}, suffix) == derived_name({a, b}, suffix));
    if (a != b && a.find('\0') == a.npos && b.find('\0') == b.npos)
        check(hashed_name({a, b}, suffix) != hashed_name({b, a}, suffix));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = pgwright::fuzz::text_of(data, size);
    const std::string_view first = text.substr(0, text.find('\n'));
    const std::string_view rest = text.substr(std::min(text.size(), first.size() + 1));
    const std::string_view second = rest.substr(0, rest.find('\n'));
    check_rules(text);
    check_rules(first);
    check_quotes(text);
    check_made(first, second, rest.substr(std::min(rest.size(), second.size() + 1)));
    return 0;
}
