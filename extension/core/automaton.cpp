// Thompson's construction, and the simulation of all its threads at once; see automaton.hpp.
#include "core/automaton.hpp"

#include <algorithm>

namespace pgwright::core::automaton {

// The instructions that wait for the next character, each once.
struct Automaton::Threads {
    explicit Threads(std::size_t size) : marks(size) {}

    std::vector<std::size_t> waiting;
    std::vector<std::uint32_t> marks;  // the round in which an instruction was last reached
    std::vector<std::size_t> stack;
    std::uint32_t round = 0;

    void clear() {
        waiting.clear();
        ++round;
    }

    // Reaches the instruction and all that follow without a character; true when the match is among them.
    bool reach(const std::vector<Instruction>& program, std::size_t first) {
        bool matched = false;
        stack.push_back(first);
        while (!stack.empty()) {
            const std::size_t at = stack.back();
            stack.pop_back();
            if (marks[at] == round) continue;
            marks[at] = round;
            const Instruction& instruction = program[at];
            if (instruction.op == Op::split) {
                stack.push_back(instruction.other);
                stack.push_back(instruction.next);
            } else {
                matched = matched || instruction.op == Op::match;
                waiting.push_back(at);
            }
        }
        return matched;
    }
};

Automaton::Automaton(const Node& root, bool begins, bool ends) : begins_(begins), ends_(ends) {
    emit(root);
    add(Op::match);
}

std::size_t Automaton::add(Op op) {
    program_.push_back({op, program_.size() + 1});
    return program_.size() - 1;
}

// What is emitted goes on to the instruction behind it.
void Automaton::emit(const Node& node) {
    switch (node.kind) {
        case Node::Kind::one_of: {
            Instruction& instruction = program_[add(Op::one_of)];
            instruction.ranges = node.ranges;
            instruction.negated = node.negated;
            return;
        }
        case Node::Kind::sequence:
            for (const Node& child : node.children) emit(child);
            return;
        case Node::Kind::alternatives: return emit_alternatives(node);
        case Node::Kind::repetition: return emit_repetition(node);
    }
}

// split first, rest; first; jump behind; rest...: a jump is a split of one way.
void Automaton::emit_alternatives(const Node& node) {
    std::vector<std::size_t> jumps;
    for (std::size_t i = 0; i + 1 < node.children.size(); ++i) {
        const std::size_t split = add(Op::split);
        emit(node.children[i]);
        jumps.push_back(add(Op::split));
        program_[split].other = program_.size();
    }
    emit(node.children.back());
    for (const std::size_t jump : jumps)
        program_[jump].next = program_[jump].other = program_.size();
}

void Automaton::emit_repetition(const Node& node) {
    for (std::size_t i = 0; i < node.lowest; ++i) emit(node.children.front());
    if (node.highest == Node::kUnbounded)
        emit_star(node.children.front());
    else
        emit_optional(node.children.front(), node.highest - node.lowest);
}

void Automaton::emit_optional(const Node& node, std::size_t times) {
    std::vector<std::size_t> splits;
    for (std::size_t i = 0; i < times; ++i) {
        splits.push_back(add(Op::split));
        emit(node);
    }
    for (const std::size_t split : splits) program_[split].other = program_.size();
}

void Automaton::emit_star(const Node& node) {
    const std::size_t split = add(Op::split);
    emit(node);
    const std::size_t back = add(Op::split);
    program_[back].next = program_[back].other = split;
    program_[split].other = program_.size();
}

bool Automaton::accepts(const Instruction& instruction, std::uint32_t character) noexcept {
    const bool inside = std::ranges::any_of(instruction.ranges, [character](const Range& range) {
        return character >= range.lowest && character <= range.highest;
    });
    return inside != instruction.negated;
}

bool Automaton::matches(std::string_view utf8) const {
    Threads now(program_.size());
    Threads next(program_.size());
    now.clear();
    bool matched = now.reach(program_, 0);
    while (!utf8.empty() && (ends_ || !matched) && !now.waiting.empty()) {
        const std::uint32_t character = take_code_point(utf8);
        next.clear();
        matched = false;
        for (const std::size_t at : now.waiting) {
            const Instruction& instruction = program_[at];
            if (instruction.op == Op::one_of && accepts(instruction, character))
                matched = next.reach(program_, instruction.next) || matched;
        }
        if (!begins_) matched = next.reach(program_, 0) || matched;
        std::swap(now, next);
    }
    return matched && (utf8.empty() || !ends_);
}

std::uint32_t take_code_point(std::string_view& utf8) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
    const std::uint32_t first = byte(0);
    const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t character = size == 1 ? first : first & (0x7FU >> size);
    std::size_t taken = 1;
    for (; taken < std::min(size, utf8.size()); ++taken)
        character = (character << 6U) | (byte(taken) & 0x3FU);
    utf8.remove_prefix(taken);
    return character;
}

}  // namespace pgwright::core::automaton
