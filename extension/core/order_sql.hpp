// ORDER BY, the joins that its dotted fields need, and the predicate of what comes after a place in it
// (keyset pagination).
#pragma once

#include <string>
#include <vector>

#include "core/query.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

// LEFT JOINs to the records that lookups refer to, each once.
class LookupJoins {
  public:
    // The alias of the path's last entity; r for none. Where the way ends early, its columns are null.
    std::string alias_of(const std::vector<Related>& path);
    // A field's value.
    std::string column(const std::vector<Related>& path, const Field& field);
    [[nodiscard]] const std::string& sql() const noexcept { return sql_; }

  private:
    std::string sql_;
    std::vector<std::vector<const Field*>> joined_;  // paths, one for each alias s1, s2, ...
};

class OrderSql {
  public:
    // The keys in their order; the tie-breakers are among them or not, as the caller wants.
    // rank: the expression of search_rank_field().
    OrderSql(const Entity& entity, std::vector<SortKey> keys, std::string_view rank = {});

    // The other way round: nulls too.
    void reverse();

    [[nodiscard]] const std::string& joins() const noexcept { return joins_.sql(); }
    [[nodiscard]] std::string clause() const;  // empty without keys
    // The keys' values, over r and the joins.
    [[nodiscard]] const std::vector<std::string>& expressions() const noexcept {
        return expressions_;
    }
    [[nodiscard]] const std::vector<SortKey>& keys() const noexcept { return keys_; }
    // True of the records after the one with these values, in this order.
    std::string after(SqlBuilder& sql, const std::vector<Json>& values) const;

  private:
    [[nodiscard]] bool is_nullable(const SortKey& key) const;
    [[nodiscard]] std::string term(std::size_t i) const;
    [[nodiscard]] std::string beyond(std::size_t i, const std::string& value) const;

    const Entity& entity_;
    std::vector<SortKey> keys_;
    std::vector<std::string> expressions_;
    LookupJoins joins_;
};

}  // namespace pgwright::core
