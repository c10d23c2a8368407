// Reads the subset of regular expressions; see search_pattern.hpp. Descends by groups only, whose
// nesting is bounded.
#include "core/search_pattern.hpp"

#include <algorithm>
#include <charconv>

namespace pgwright::core {

namespace {

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_plain(char c) noexcept {
    return is_letter(c) || is_digit(c) || c == '_' || c == ' ' ||
           static_cast<unsigned char>(c) > 127;
}
bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// A character that stands for itself.
std::string literal(std::string_view character) {
    return is_plain(character.front()) ? std::string(character) : "\\" + std::string(character);
}

class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    SearchPattern read() {
        if (take("(?i)")) out_ = "(?i)";
        if (rest_.empty()) fault("must not be empty");
        alternatives(0);
        if (!fault_ && !rest_.empty()) fault("has a ) without a (");
        return {std::move(out_), std::move(fault_)};
    }

  private:
    // Each returns how many characters it becomes with its repetitions written out.
    std::size_t alternatives(std::size_t depth) {
        std::size_t states = sequence(depth);
        while (!fault_ && take("|")) {
            out_ += '|';
            states += sequence(depth);
        }
        return states;
    }

    std::size_t sequence(std::size_t depth) {
        std::size_t states = 0;
        bool any = false;
        while (!fault_ && !rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
            states += piece(depth);
            any = true;
            if (states > kMaxPatternStates) fault("repeats too much");
        }
        if (!any) fault("has an empty alternative");
        return states;
    }

    std::size_t piece(std::size_t depth) {
        if (anchor()) {
            if (at_repetition()) fault("repeats what has no length");
            return 1;
        }
        const std::size_t states = atom(depth);
        const std::size_t times = repetition();
        if (at_repetition()) fault("has two repetitions in a row");
        return states * times;
    }

    bool anchor() {
        for (const auto& [mine, servers] : {std::pair{"^", "^"}, std::pair{"$", "$"},
                                            std::pair{"\\b", "\\y"}, std::pair{"\\B", "\\Y"}}) {
            if (!take(mine)) continue;
            out_ += servers;
            return true;
        }
        return false;
    }

    std::size_t atom(std::size_t depth) {
        if (at_repetition()) return fault("has a repetition with nothing before it");
        if (take("(")) return group(depth + 1);
        if (take("[")) return set();
        if (take(".")) {
            out_ += '.';
        } else if (take("\\")) {
            out_ += escape(false);
        } else {
            out_ += literal(character());
        }
        return 1;
    }

    std::size_t group(std::size_t depth) {
        if (take("?") && !take(":")) return fault("may begin a group with (? only as (?:");
        if (depth > kMaxPatternGroups)
            return fault("has more than " + std::to_string(kMaxPatternGroups) +
                         " groups in each other");
        out_ += "(?:";
        const std::size_t states = alternatives(depth);
        if (!fault_ && !take(")")) return fault("has a ( without a )");
        out_ += ')';
        return states;
    }

    std::size_t set() {
        out_ += take("^") ? "[^" : "[";
        if (rest_.starts_with(']'))
            return fault("has an empty set; write \\] for a bracket in a set");
        while (!fault_ && !rest_.starts_with(']')) {
            if (rest_.empty()) return fault("has a [ without a ]");
            member();
        }
        take("]");
        out_ += ']';
        return 1;
    }

    // One character of a set, a class of them, or a range.
    void member() {
        const std::string first = set_character();
        out_ += first;
        if (fault_ || rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') return;
        rest_.remove_prefix(1);
        const std::string last = set_character();
        const auto is_class = [](const std::string& text) {
            return text.size() == 2 && text[0] == '\\' && is_letter(text[1]);
        };
        // UTF-8 sorts as its characters do; an escape's backslash is not one of them.
        const auto bare = [](const std::string& text) {
            return std::string_view(text).substr(text[0] == '\\' ? 1 : 0);
        };
        if (fault_) return;
        if (is_class(first) || is_class(last) || bare(last) < bare(first))
            fault("has a range in a set that does not go upwards");
        out_ += '-' + last;
    }

    std::string set_character() { return take("\\") ? escape(true) : literal(character()); }

    // What follows a backslash.
    std::string escape(bool in_set) {
        if (rest_.empty()) {
            fault("ends in a backslash");
            return {};
        }
        const std::string_view escaped = character();
        const char c = escaped.front();
        const std::string_view known = in_set ? "dwsntr" : "dwsDWSntr";
        if (!is_letter(c) && !is_digit(c)) return literal(escaped);
        if (is_digit(c)) fault("must not refer back to a group");
        if (known.find(c) == std::string_view::npos)
            fault("has \\" + std::string(1, c) + (in_set ? " in a set" : "") +
                  ", which is not known");
        return "\\" + std::string(1, c);
    }

    [[nodiscard]] bool at_repetition() const noexcept {
        return !fault_ && !rest_.empty() &&
               std::string_view("*+?{").find(rest_.front()) != std::string_view::npos;
    }

    // How often what is before it stands in the states.
    std::size_t repetition() {
        std::size_t times = 1;
        if (take("{")) {
            times = counted();
        } else if (at_repetition()) {
            out_ += character();
        } else {
            return 1;
        }
        take("?");  // it changes what is found, not whether anything is
        return times;
    }

    std::size_t counted() {
        const auto low = number();
        const bool open = take(",");
        const auto high = open ? number() : low;
        if (fault_) return 1;
        if (!low || !take("}"))
            return fault("has a { that is not {2}, {2,} or {2,5}; \\{ is a brace");
        if (high && *high < *low) return fault("has a repetition whose bounds are not in order");
        if (std::max(*low, high.value_or(0)) > kMaxRepetitions)
            return fault("must not repeat over " + std::to_string(kMaxRepetitions) + " times");
        out_ += "{" + std::to_string(*low) + (open ? "," : "");
        if (open && high) out_ += std::to_string(*high);
        out_ += '}';
        return static_cast<std::size_t>(std::max({1, *low, high.value_or(0)}));
    }

    std::optional<int> number() {
        const std::size_t length = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        int value = 0;
        const auto read = std::from_chars(rest_.data(), rest_.data() + length, value);
        rest_.remove_prefix(length);
        if (length == 0) return std::nullopt;
        return read.ec == std::errc() ? value : kMaxRepetitions + 1;
    }

    // The next character, of several bytes perhaps; there is one.
    std::string_view character() {
        std::size_t length = 1;
        while (length < rest_.size() && is_continuation(rest_[length])) ++length;
        const std::string_view found = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return found;
    }

    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }

    // The first fault counts; reading ends behind it.
    std::size_t fault(std::string message) {
        if (!fault_) fault_ = std::move(message);
        return 1;
    }

    std::string_view rest_;
    std::string out_;
    std::optional<std::string> fault_;
};

}  // namespace

SearchPattern read_search_pattern(std::string_view text) {
    if (text.size() > kMaxPatternLength)
        return {"", "must be at most " + std::to_string(kMaxPatternLength) + " bytes"};
    return Reader(text).read();
}

std::optional<std::string> like_fault(std::string_view pattern) {
    const std::size_t last = pattern.find_last_not_of('\\');
    const std::size_t backslashes =
        pattern.size() - (last == std::string_view::npos ? 0 : last + 1);
    if (backslashes % 2 == 0) return std::nullopt;
    return "must not end in a single backslash; \\\\ stands for one";
}

}  // namespace pgwright::core
