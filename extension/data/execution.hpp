// One compiled statement, run as pgwright_runtime. The object holds the connection and the rows; take
// what you need from it and let it go before the function returns.
#pragma once

#include "data/plan_cache.hpp"

#include "core/json.hpp"
#include "security/scope.hpp"

namespace pgwright::data {

// The statement's values, in the current memory context.
pg::Params parameters_of(const core::Statement& statement);

enum class Access { read, write, remove };

class Execution {
  public:
    // Server errors that a constraint, a type or row security raised become Failures that name the
    // field; see constraint_error.hpp.
    Execution(const core::Entity& entity, const core::Statement& statement, Access access);

    [[nodiscard]] std::size_t rows() const noexcept { return result_.rows(); }
    [[nodiscard]] pg::Row row(std::size_t i) const { return result_.row(i); }
    // The statement's columns as an object; they begin at column `first` of the row.
    void write_object(core::JsonWriter& writer, const pg::Row& row, int first = 0) const;
    // What identifies the record, as text; see core/record_key.hpp. The key is among the columns.
    [[nodiscard]] std::string id_of(const pg::Row& row) const;

  private:
    [[nodiscard]] std::string text_of(const pg::Row& row, const core::Field& field) const;

    const core::Entity& entity_;
    const core::Statement& statement_;
    security::Scope scope_;
    std::shared_ptr<const Prepared> prepared_;
    pg::Result result_;
};

}  // namespace pgwright::data
