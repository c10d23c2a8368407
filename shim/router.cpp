// A tree of segments, searched depth first, the literal child before the parameter. The search
// walks on past nodes that lack the method, collecting what they allow.
#include "shim/router.hpp"

#include <functional>
#include <set>

namespace pgwright::shim {

struct RouteTable::Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::map<std::string, const Route*, std::less<>> methods;
};

struct RouteTable::Search {
    std::string_view method;
    const std::vector<std::string>& segments;
    RouteMatch match;
    std::set<std::string, std::less<>> allowed;
};

RouteTable::RouteTable() : root_(std::make_unique<Node>()) {}
RouteTable::~RouteTable() = default;
RouteTable::RouteTable(RouteTable&&) noexcept = default;
RouteTable& RouteTable::operator=(RouteTable&&) noexcept = default;

std::optional<std::string> RouteTable::add(Route route) {
    const auto pattern = read_path_pattern(route.path);
    if (!pattern) {
        return "path is malformed";
    }
    Node* node = root_.get();
    for (const PathSegment& segment : *pattern) {
        std::unique_ptr<Node>& next =
            segment.parameter ? node->parameter : node->literals[segment.text];
        if (!next) {
            next = std::make_unique<Node>();
        }
        node = next.get();
    }
    if (node->methods.contains(route.method)) {
        return "another route has this method and path";
    }
    routes_.push_back(std::make_unique<Route>(std::move(route)));
    node->methods.emplace(routes_.back()->method, routes_.back().get());
    return std::nullopt;
}

bool RouteTable::take(const Node& node, Search& search) {
    if (node.methods.empty()) {
        return false;
    }
    search.match.path_known = true;
    if (const auto found = node.methods.find(search.method); found != node.methods.end()) {
        search.match.route = found->second;
        return true;
    }
    for (const auto& [method, route] : node.methods) {
        search.allowed.insert(method);
    }
    return false;
}

bool RouteTable::find(const Node& node, Search& search, std::size_t depth) {
    if (depth == search.segments.size()) {
        return take(node, search);
    }
    const std::string& segment = search.segments[depth];
    if (const auto child = node.literals.find(segment);
        child != node.literals.end() && find(*child->second, search, depth + 1)) {
        return true;
    }
    if (!node.parameter || segment.empty()) {
        return false;
    }
    search.match.path_segments.push_back(depth);
    if (find(*node.parameter, search, depth + 1)) {
        return true;
    }
    search.match.path_segments.pop_back();
    return false;
}

RouteMatch RouteTable::match(std::string_view method,
                             const std::vector<std::string>& segments) const {
    Search search{method == "HEAD" ? std::string_view("GET") : method, segments, {}, {}};
    if (find(*root_, search, 0) || !search.match.path_known) {
        return std::move(search.match);
    }
    if (search.allowed.contains("GET")) {
        search.allowed.insert("HEAD");
    }
    search.allowed.insert("OPTIONS");
    for (const std::string& allowed : search.allowed) {
        search.match.allow += search.match.allow.empty() ? "" : ", ";
        search.match.allow += allowed;
    }
    return std::move(search.match);
}

}  // namespace pgwright::shim
