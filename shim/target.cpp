// Boost.URL decodes the escapes. Its grammar for whole targets is not used: it refuses characters
// such as { and " that clients do send unescaped and that mean nothing here.
#include "shim/target.hpp"

#include <boost/url/pct_string_view.hpp>

#include "shim/ascii.hpp"
#include "shim/utf8.hpp"

namespace pgwright::shim {

namespace {

namespace urls = boost::urls;

std::optional<std::string> decode(std::string_view text, bool plus_is_blank, std::string& out) {
    if (text.find_first_of(plus_is_blank ? "%+" : "%") == std::string_view::npos) {
        out = text;
    } else {
        const auto encoded =
            urls::make_pct_string_view(urls::string_view(text.data(), text.size()));
        if (!encoded) {
            return "has a malformed percent escape";
        }
        urls::encoding_opts options;
        options.space_as_plus = plus_is_blank;
        out = encoded->decode(options);
    }
    if (out.find('\0') != std::string::npos) {
        return "must not contain the character U+0000";
    }
    if (!is_utf8(out)) {
        return "is not valid UTF-8";
    }
    return std::nullopt;
}

std::optional<Fault> read_segments(std::string_view path, Target& target) {
    for (std::string_view rest = path.substr(1);;) {
        const std::size_t slash = rest.find('/');
        if (auto wrong = decode(rest.substr(0, slash), false, target.segments.emplace_back())) {
            return Fault{"path", std::move(*wrong)};
        }
        if (slash == std::string_view::npos) {
            return std::nullopt;
        }
        rest.remove_prefix(slash + 1);
    }
}

std::optional<Fault> read_parameter(std::string_view text, QueryParameter& parameter) {
    const std::size_t equals = text.find('=');
    if (auto wrong = decode(text.substr(0, equals), true, parameter.name)) {
        return Fault{"query", "has a name that " + *wrong};
    }
    if (equals == std::string_view::npos) {
        return std::nullopt;
    }
    if (auto wrong = decode(text.substr(equals + 1), true, parameter.value)) {
        return Fault{parameter.name, std::move(*wrong)};
    }
    return std::nullopt;
}

std::optional<Fault> read_query(std::string_view query, Target& target) {
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        if (!pair.empty()) {
            if (auto fault = read_parameter(pair, target.query.emplace_back())) {
                return fault;
            }
        }
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    }
    return std::nullopt;
}

// Drops "http://authority" of an absolute form, leaving at least "/".
std::optional<std::string_view> origin_form(std::string_view text) {
    if (text.starts_with('/')) {
        return text;
    }
    const std::size_t scheme_end = text.find("://");
    if (scheme_end == std::string_view::npos ||
        !(equal_ignoring_case(text.substr(0, scheme_end), "http") ||
          equal_ignoring_case(text.substr(0, scheme_end), "https"))) {
        return std::nullopt;
    }
    const std::size_t path = text.find_first_of("/?", scheme_end + 3);
    if (path == std::string_view::npos) {
        return std::string_view("/");
    }
    return text.substr(path);
}

}  // namespace

std::optional<Fault> read_target(std::string_view text, Target& target) {
    target = {};
    target.path = text.substr(0, text.find('?'));
    if (text == "*") {
        target.whole_server = true;
        return std::nullopt;
    }
    const auto origin = origin_form(text);
    if (!origin || text.find('#') != std::string_view::npos) {
        return Fault{"path", "is not a valid request target"};
    }
    const std::size_t mark = origin->find('?');
    target.path = origin->substr(0, mark);
    if (target.path.empty()) {
        target.path = "/";
    }
    if (auto fault = read_segments(target.path, target)) {
        return fault;
    }
    return mark == std::string_view::npos ? std::nullopt
                                          : read_query(origin->substr(mark + 1), target);
}

}  // namespace pgwright::shim
