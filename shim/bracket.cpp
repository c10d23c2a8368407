// The depth of the tree is bounded by the names', so descending it is.
#include "shim/bracket.hpp"

#include <algorithm>

#include "shim/json_text.hpp"

namespace pgwright::shim {

struct BracketTree::Node {
    enum class Kind { nothing, value, list, object };

    Kind kind = Kind::nothing;
    std::vector<std::string> values;  // one, or the list's
    std::vector<std::pair<std::string, Node>> members;

    Node& member(std::string_view key) {
        const auto found = std::find_if(members.begin(), members.end(),
                                        [&](const auto& each) { return each.first == key; });
        return found == members.end() ? members.emplace_back(std::string(key), Node()).second
                                      : found->second;
    }
    bool become(Kind wanted) {
        if (kind == Kind::nothing) {
            kind = wanted;
        }
        return kind == wanted;
    }
    void write(std::string& out) const;
};

void BracketTree::Node::write(std::string& out) const {
    if (kind == Kind::value) {
        append_json_string(out, values.front());
        return;
    }
    const bool is_list = kind == Kind::list;
    out += is_list ? '[' : '{';
    bool first = true;
    for (const std::string& value : values) {
        out += first ? "" : ",";
        append_json_string(out, value);
        first = false;
    }
    for (const auto& [key, node] : members) {
        append_json_name(out, key);
        node.write(out);
    }
    out += is_list ? ']' : '}';
}

BracketTree::BracketTree() : root_(std::make_unique<Node>()) {}
BracketTree::~BracketTree() = default;
BracketTree::BracketTree(BracketTree&&) noexcept = default;
BracketTree& BracketTree::operator=(BracketTree&&) noexcept = default;

std::optional<std::string> BracketTree::add(const BracketName& name, std::string_view value) {
    Node* node = root_.get();
    for (const std::string_view key : name.keys) {
        if (!node->become(Node::Kind::object)) {
            return "is given both as a value and with keys";
        }
        node = &node->member(key);
    }
    const auto kind = name.appends ? Node::Kind::list : Node::Kind::value;
    const bool is_new = node->kind == Node::Kind::nothing;
    if (!node->become(kind)) {
        return "is given both as a value and with keys";
    }
    if (!name.appends && !is_new) {
        return "is given more than once";
    }
    node->values.emplace_back(value);
    return std::nullopt;
}

std::string BracketTree::json() const {
    std::string text;
    root_->write(text);
    return text;
}

std::optional<BracketName> read_bracket_name(std::string_view name) {
    BracketName read;
    const std::size_t open = name.find('[');
    read.word = name.substr(0, open);
    if (read.word.empty() || open == std::string_view::npos) {
        return std::nullopt;
    }
    name.remove_prefix(open);
    while (!name.empty()) {
        const std::size_t close = name.find(']');
        if (read.appends || name.front() != '[' || close == std::string_view::npos) {
            return std::nullopt;
        }
        const std::string_view key = name.substr(1, close - 1);
        if (key.find('[') != std::string_view::npos) {
            return std::nullopt;
        }
        if (key.empty()) {
            read.appends = true;
        } else {
            read.keys.push_back(key);
        }
        name.remove_prefix(close + 1);
    }
    return read;
}

}  // namespace pgwright::shim
