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
    // The statement's columns and related records as an object, without the total.
    void write_object(core::JsonWriter& writer, const pg::Row& row) const;
    // What a cursor keeps of the row.
    [[nodiscard]] std::vector<core::Json> position_of(const pg::Row& row) const;
    // The position of what a statement answers beyond that, the first of it being 0.
    [[nodiscard]] int extra(int number) const noexcept {
        return first() + static_cast<int>(prepared_->outputs.size()) + number;
    }
    // What identifies the record, as text; see core/record_key.hpp. The key is among the columns.
    [[nodiscard]] std::string id_of(const pg::Row& row) const;

  private:
    [[nodiscard]] int first() const noexcept { return statement_.counts ? 1 : 0; }
    [[nodiscard]] std::size_t output_of(const core::Field& field) const;
    [[nodiscard]] std::string text_of(const pg::Row& row, const core::Field& field) const;
    void write_value(core::JsonWriter& writer, const pg::Row& row, std::size_t output) const;

    const core::Entity& entity_;
    const core::Statement& statement_;
    security::Scope scope_;
    std::shared_ptr<const Prepared> prepared_;
    pg::Result result_;
};

// How many rows the planner thinks a statement of core::compile_rows() has. Nothing is executed.
std::int64_t estimate_rows(const core::Statement& statement);

}  // namespace pgwright::data
