// The prepared statements of one connection. Key: SQL text; value: the statement's name. Bound: a
// number of statements, the least recently used goes first. Owner: the connection; a stale plan or
// the connection's end empties it.
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pgwright::shim {

class StatementCache {
  public:
    explicit StatementCache(std::size_t capacity) : capacity_(capacity) {}

    // The name under which the text is prepared; nothing when it is not. Counts as a use.
    const std::string* find(std::string_view sql) {
        const auto found = by_sql_.find(sql);
        if (found == by_sql_.end()) {
            return nullptr;
        }
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->name;
    }

    // A name never used before on this connection.
    std::string new_name() { return "pgw_" + std::to_string(++last_number_); }

    // Records a statement that the server has prepared. Returns the name of the one that has to
    // be deallocated in its place, if any.
    std::optional<std::string> insert(std::string sql, std::string name) {
        order_.push_front({std::move(sql), std::move(name)});
        by_sql_.emplace(order_.front().sql, order_.begin());
        if (order_.size() <= capacity_) {
            return std::nullopt;
        }
        std::string evicted = std::move(order_.back().name);
        by_sql_.erase(order_.back().sql);
        order_.pop_back();
        return evicted;
    }

    void clear() {
        by_sql_.clear();
        order_.clear();
    }
    std::size_t size() const { return order_.size(); }

  private:
    struct Entry {
        std::string sql;
        std::string name;
    };

    std::size_t capacity_;
    std::size_t last_number_ = 0;
    std::list<Entry> order_;  // most recently used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_sql_;  // into order_
};

}  // namespace pgwright::shim
