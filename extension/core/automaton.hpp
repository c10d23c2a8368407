// The automaton of a regular expression: what it is made of, and a match that takes time in proportion to
// text and expression, whatever they are. It never backtracks and never recurses over the text.
// RapidJSON's engine will not do: it recurses without end where what may be empty is repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace pgwright::core::automaton {

struct Range {
    std::uint32_t lowest, highest;  // code points
};

struct Node {
    enum class Kind : std::uint8_t { one_of, sequence, alternatives, repetition };
    static constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

    Kind kind = Kind::sequence;
    std::vector<Range> ranges;  // of one_of
    bool negated = false;
    std::vector<Node> children;  // of a repetition one
    std::size_t lowest = 1, highest = 1;
};

class Automaton {
  public:
    // begins, ends: the text must match from its beginning, to its end.
    Automaton(const Node& root, bool begins, bool ends);

    [[nodiscard]] bool matches(std::string_view utf8) const;
    [[nodiscard]] std::size_t size() const noexcept { return program_.size(); }

  private:
    enum class Op : std::uint8_t { one_of, split, match };
    struct Instruction {
        Op op;
        std::size_t next = 0, other = 0;  // other: of a split
        std::vector<Range> ranges = {};
        bool negated = false;
    };
    struct Threads;

    void emit(const Node& node);
    void emit_alternatives(const Node& node);
    void emit_repetition(const Node& node);
    void emit_optional(const Node& node, std::size_t times);
    void emit_star(const Node& node);
    std::size_t add(Op op);

    static bool accepts(const Instruction& instruction, std::uint32_t character) noexcept;

    std::vector<Instruction> program_;
    bool begins_, ends_;
};

// The character that begins there, which is then behind it. The text is valid UTF-8.
std::uint32_t take_code_point(std::string_view& utf8) noexcept;

}  // namespace pgwright::core::automaton
