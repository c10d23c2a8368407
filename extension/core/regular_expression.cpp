// Reads a pattern into an automaton's parts and writes it out for PostgreSQL; see regular_expression.hpp.
#include "core/regular_expression.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/utf8.hpp"

namespace pgwright::core {
namespace {

using automaton::Node;
using automaton::Range;

constexpr std::size_t kMaxGroupDepth = 32;
constexpr std::size_t kBeyond = 1'000'000;  // over every limit, and its product no overflow

constexpr std::string_view kSpecial = "^$|()?*+.[]{}\\";
constexpr std::string_view kSpecialInClass = "]^[\\";
constexpr std::string_view kRepeats = "*+?{";

bool is_one_of(char c, std::string_view set) noexcept {
    return set.find(c) != std::string_view::npos;
}

bool is_punctuation(char c) noexcept { return is_one_of(c, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ "); }

// Escapes of letters: what stands for each in brackets, to both.
struct Class {
    char letter;
    std::string_view members;
    std::span<const Range> ranges;
};
constexpr std::array<Range, 1> kDigits = {{{'0', '9'}}};
constexpr std::array<Range, 4> kWord = {{{'A', 'Z'}, {'a', 'z'}, {'0', '9'}, {'_', '_'}}};
constexpr std::array<Range, 2> kSpace = {{{' ', ' '}, {'\t', '\r'}}};
constexpr std::array<Range, 1> kNewline = {{{'\n', '\n'}}};
constexpr std::array<Range, 1> kReturn = {{{'\r', '\r'}}};
constexpr std::array<Range, 1> kTab = {{{'\t', '\t'}}};
constexpr std::array<Range, 1> kFormFeed = {{{'\f', '\f'}}};
constexpr std::array<Range, 1> kVerticalTab = {{{'\v', '\v'}}};
constexpr std::array<Class, 8> kClasses = {{
    {'d', "0-9", kDigits},
    {'w', "A-Za-z0-9_", kWord},
    {'s', " \\t\\n\\v\\f\\r", kSpace},
    {'n', "\\n", kNewline},
    {'r', "\\r", kReturn},
    {'t', "\\t", kTab},
    {'f', "\\f", kFormFeed},
    {'v', "\\v", kVerticalTab},
}};

const Class* find_class(char letter) noexcept {
    const auto* const found = std::ranges::find(kClasses, letter, &Class::letter);
    return found == kClasses.end() ? nullptr : found;
}

class Reader {
  public:
    explicit Reader(std::string_view pattern) : whole_(pattern), rest_(pattern) {}

    struct Written {
        std::string text;
        Node root;
        bool begins, ends;
    };

    // PostgreSQL has anchors anywhere; at the ends they mean the same to everybody.
    Written read() {
        const bool begins = take('^');
        const bool ends = ends_with_anchor();
        if (ends) rest_.remove_suffix(1);
        if (begins) out_ += '^';
        Node root = alternatives(0);
        if (!rest_.empty()) refuse("this ) has no (");
        if ((begins || ends) && root.kind == Node::Kind::alternatives)
            refuse("put the alternatives in parentheses, as in ^(a|b)$");
        if (ends) out_ += '$';
        return {std::move(out_), std::move(root), begins, ends};
    }

  private:
    [[noreturn]] void refuse(const std::string& message) const {
        const std::size_t at = static_cast<std::size_t>(rest_.data() - whole_.data());
        const std::size_t character = count_characters(whole_.substr(0, at)) + 1;
        throw Failure(Code::validation_error, "the pattern is not valid",
                      {{"", "character " + std::to_string(character) + ": " + message}});
    }

    // Not a $ that an odd number of backslashes makes a character.
    [[nodiscard]] bool ends_with_anchor() const {
        if (!rest_.ends_with('$')) return false;
        const std::size_t last = rest_.substr(0, rest_.size() - 1).find_last_not_of('\\');
        const std::size_t begin = last == std::string_view::npos ? 0 : last + 1;
        return (rest_.size() - 1 - begin) % 2 == 0;
    }

    Node alternatives(std::size_t depth) {
        Node first = sequence(depth);
        if (!rest_.starts_with('|')) return first;
        Node node{Node::Kind::alternatives, {}, false, {std::move(first)}};
        while (take('|')) {
            out_ += '|';
            node.children.push_back(sequence(depth));
        }
        return node;
    }

    Node sequence(std::size_t depth) {
        Node node;
        do {
            Node part = atom(depth);
            node.children.push_back(repeated(std::move(part)));
        } while (!rest_.empty() && !is_one_of(rest_.front(), "|)"));
        return node;
    }

    Node atom(std::size_t depth) {
        if (rest_.empty()) refuse("something must stand here");
        switch (rest_.front()) {
            case '(': return group(depth);
            case '[': return character_class();
            case '\\': return escape();
            case '.': out_ += take_character(); return any();
            case '|':
            case ')': refuse("something must stand here");
            case '^':
            case '$': refuse("^ and $ stand at the ends only; the characters are \\^ and \\$");
            case '*':
            case '+':
            case '?':
            case '{':
                refuse("there is nothing to repeat; the character is \\" + one(rest_.front()));
            default: break;
        }
        return literal();
    }

    Node group(std::size_t depth) {
        if (depth == kMaxGroupDepth) refuse("parentheses are nested too deeply");
        take('(');
        if (rest_.starts_with("?:"))
            rest_.remove_prefix(2);
        else if (rest_.starts_with('?'))
            refuse("of groups there are ( ) and (?: ) only");
        out_ += '(';
        Node node = alternatives(depth + 1);
        if (!take(')')) refuse("a ) is missing");
        out_ += ')';
        return node;
    }

    static std::string one(char c) { return std::string(1, c); }

    static Node any() { return {Node::Kind::one_of, {}, true, {}}; }

    Node literal() {
        const std::string_view character = take_character();
        if (character.size() == 1 && is_one_of(character.front(), kSpecial)) out_ += '\\';
        out_ += character;
        const std::uint32_t code = code_of(character);
        return {Node::Kind::one_of, {{code, code}}, false, {}};
    }

    Node escape() {
        take('\\');
        const char letter = rest_.empty() ? '\0' : rest_.front();
        const bool negated = is_one_of(letter, "DWS");
        const char lower = negated ? static_cast<char>(letter + ('a' - 'A')) : letter;
        const Class* const known = find_class(lower);
        if (known == nullptr && is_punctuation(letter)) return literal();
        if (known == nullptr)
            refuse(
                "of escapes there are \\d \\w \\s \\D \\W \\S \\n \\r \\t \\f \\v and \\ before a "
                "mark");
        take_character();
        out_.append(negated ? "[^" : "[").append(known->members).append("]");
        return {Node::Kind::one_of, {known->ranges.begin(), known->ranges.end()}, negated, {}};
    }

    // Classes ------------------------------------------------------------------------------------

    struct Members {
        std::string text;
        std::vector<Range> ranges;

        void add(std::string_view written, Range range) {
            text += written;
            ranges.push_back(range);
        }
    };

    // A dash of its own is written first, where it is nothing but a dash.
    Node character_class() {
        take('[');
        const bool negated = take('^');
        Members members;
        std::string dash;
        while (!take(']')) {
            const auto lowest = member(members);
            if (!lowest) continue;
            const std::uint32_t code = code_of(*lowest);
            const bool range = rest_.size() > 1 && rest_.front() == '-' && rest_[1] != ']';
            if (range)
                end_range(*lowest, members);
            else
                members.add(*lowest == "-" ? "" : in_class(*lowest), {code, code});
            if (!range && *lowest == "-") dash = "-";
        }
        if (members.ranges.empty()) refuse("these brackets are empty");
        out_.append(negated ? "[^" : "[").append(dash).append(members.text).append("]");
        return {Node::Kind::one_of, std::move(members.ranges), negated, {}};
    }

    // One character; nothing for a class, which is added.
    std::optional<std::string_view> member(Members& members) {
        if (rest_.empty()) refuse("a ] is missing");
        if (rest_.starts_with("[:") || rest_.starts_with("[.") || rest_.starts_with("[="))
            refuse("write the characters themselves; a [ is \\[ here");
        if (!take('\\')) return take_character();
        const char letter = rest_.empty() ? '\0' : rest_.front();
        const Class* const known = find_class(letter);
        if (known == nullptr && is_punctuation(letter)) return take_character();
        if (known == nullptr)
            refuse(
                "of escapes there are \\d \\w \\s \\n \\r \\t \\f \\v and \\ before a mark here");
        take_character();
        members.text += known->members;
        members.ranges.insert(members.ranges.end(), known->ranges.begin(), known->ranges.end());
        return std::nullopt;
    }

    void end_range(std::string_view lowest, Members& members) {
        take('-');
        Members others;
        const auto highest = member(others);
        if (!highest || lowest == "-" || *highest == "-")
            refuse("a range has a character at both ends; a - stands first or last");
        const Range range{code_of(lowest), code_of(*highest)};
        if (range.highest < range.lowest) refuse("this range ends before it begins");
        members.add(in_class(lowest) + "-" + in_class(*highest), range);
    }

    static std::string in_class(std::string_view character) {
        const bool special = character.size() == 1 && is_one_of(character.front(), kSpecialInClass);
        return (special ? "\\" : "") + std::string(character);
    }

    // Repetitions --------------------------------------------------------------------------------

    Node repeated(Node node) {
        if (rest_.empty() || !is_one_of(rest_.front(), kRepeats)) return node;
        Node repetition{Node::Kind::repetition, {}, false, {std::move(node)}, 0, Node::kUnbounded};
        const char sign = rest_.front();
        out_ += take_character();
        if (sign == '+') repetition.lowest = 1;
        if (sign == '?') repetition.highest = 1;
        if (sign == '{') count(repetition);
        if (!rest_.empty() && is_one_of(rest_.front(), kRepeats))
            refuse("what is repeated cannot be repeated again, nor lazily; use parentheses");
        return repetition;
    }

    // {n}, {n,}, {n,m}
    void count(Node& repetition) {
        repetition.lowest = repetition.highest = number();
        if (take(',')) {
            out_ += ',';
            const bool open = rest_.starts_with('}');
            repetition.highest = open ? Node::kUnbounded : number();
        }
        if (repetition.highest < repetition.lowest || repetition.highest == 0)
            refuse("this repeats nothing");
        if (!take('}')) refuse("a } is missing; the character { is \\{");
        out_ += '}';
    }

    std::size_t number() {
        constexpr std::size_t beyond = kMaxRepetition + 1;
        std::size_t value = 0;
        const std::size_t before = rest_.size();
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            value = std::min(value * 10 + static_cast<std::size_t>(rest_.front() - '0'), beyond);
            rest_.remove_prefix(1);
        }
        if (rest_.size() == before) refuse("a number is missing; the character { is \\{");
        if (value == beyond)
            refuse("this repeats more than " + std::to_string(kMaxRepetition) + " times");
        out_ += std::to_string(value);
        return value;
    }

    // ------------------------------------------------------------------------------------------------

    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view take_character() {
        if (rest_.front() == '\0') refuse("no text holds this character");
        const std::string_view before = rest_;
        automaton::take_code_point(rest_);
        return before.substr(0, before.size() - rest_.size());
    }

    static std::uint32_t code_of(std::string_view character) {
        return automaton::take_code_point(character);
    }

    std::string_view whole_, rest_;
    std::string out_;
};

// Of the automaton: a counted repetition copies what it repeats.
std::size_t states_of(const Node& node) {
    std::size_t states = node.kind == Node::Kind::one_of         ? 1
                         : node.kind == Node::Kind::alternatives ? node.children.size()
                                                                 : 0;
    for (const Node& child : node.children) states = std::min(states + states_of(child), kBeyond);
    if (node.kind != Node::Kind::repetition) return states;
    const std::size_t copies = node.highest == Node::kUnbounded ? node.lowest + 1 : node.highest;
    return std::min((states + 1) * copies, kBeyond);
}

[[noreturn]] void refuse_whole(std::string message) {
    throw Failure(Code::validation_error, "the pattern is not valid", {{"", std::move(message)}});
}

}  // namespace

RegularExpression::RegularExpression(std::string text, automaton::Automaton automaton)
    : text_(std::move(text)), automaton_(std::move(automaton)) {}

std::shared_ptr<const RegularExpression> RegularExpression::compile(std::string_view pattern) {
    if (pattern.empty()) refuse_whole("must not be empty");
    if (pattern.size() > kMaxFieldPatternBytes)
        refuse_whole("must be at most " + std::to_string(kMaxFieldPatternBytes) + " bytes");
    Reader::Written written = Reader(pattern).read();
    if (states_of(written.root) > kMaxFieldPatternStates) refuse_whole("repeats too much");
    return std::shared_ptr<const RegularExpression>(new RegularExpression(
        std::move(written.text), automaton::Automaton(written.root, written.begins, written.ends)));
}

}  // namespace pgwright::core
