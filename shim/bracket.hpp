// Bracketed query parameters, filter[price][gte]=10: gathered into one JSON object for the argument
// that the word before the first bracket names. Values are JSON strings, because a query has nothing else.
//
//   filter[state]=open             {"state":"open"}
//   filter[price][gte]=10          {"price":{"gte":"10"}}
//   filter[state][in][]=open&filter[state][in][]=new     {"state":{"in":["open","new"]}}
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgwright::shim {

inline constexpr std::size_t kMaxBracketDepth = 8;          // keys of one parameter
inline constexpr std::size_t kMaxBracketParameters = 1000;  // of one request

struct BracketName {
    std::string_view word;
    std::vector<std::string_view> keys;
    bool appends = false;  // ends in []
};

inline bool is_bracketed(std::string_view name) { return name.find('[') != std::string_view::npos; }

// Nothing when it is not word[key]...[key], perhaps with [] at the end.
std::optional<BracketName> read_bracket_name(std::string_view name);

// What the parameters of one word say.
class BracketTree {
  public:
    BracketTree();
    ~BracketTree();
    BracketTree(BracketTree&&) noexcept;
    BracketTree& operator=(BracketTree&&) noexcept;

    // Returns what is wrong with giving that value there too.
    std::optional<std::string> add(const BracketName& name, std::string_view value);
    std::string json() const;

  private:
    struct Node;
    std::unique_ptr<Node> root_;
};

}  // namespace pgwright::shim
