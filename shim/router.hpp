// Finds the route of a method and a path. A literal segment wins over a parameter, segment by
// segment from the left; the method takes part in the match, so GET /a/b falls back to GET /a/{id}
// when only POST /a/b exists. Built whole, then immutable.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shim/route.hpp"

namespace pgwright::shim {

struct RouteMatch {
    const Route* route = nullptr;            // belongs to the table; null without a match
    std::vector<std::size_t> path_segments;  // indexes of the segments that are parameters
    bool path_known = false;                 // some route has this path, whatever its method
    std::string allow;                       // for 405 and OPTIONS: "GET, HEAD, OPTIONS"
};

class RouteTable {
  public:
    RouteTable();
    ~RouteTable();
    RouteTable(RouteTable&&) noexcept;
    RouteTable& operator=(RouteTable&&) noexcept;
    RouteTable(const RouteTable&) = delete;
    RouteTable& operator=(const RouteTable&) = delete;

    // Says why the route cannot be taken: another has its method and path already.
    std::optional<std::string> add(Route route);
    std::size_t size() const { return routes_.size(); }

    // HEAD finds the GET route. Any other method finds its own or none, and then `allow` is filled.
    RouteMatch match(std::string_view method, const std::vector<std::string>& segments) const;

  private:
    struct Node;
    struct Search;

    static bool find(const Node& node, Search& search, std::size_t depth);
    static bool take(const Node& node, Search& search);

    std::unique_ptr<Node> root_;
    std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace pgwright::shim
