// SQL from C++: connection, parameters, kept plans, results. Everything runs under the inward guard
// and leaves the caller's memory context current.
//
// Lifetimes: an Spi object is a stack object; Result objects die before the Spi they came from, Plan
// objects may live as long as the backend and survive errors. After a server error the connection
// belongs to the (sub)transaction that failed, which ends it on abort: the destructors then do nothing.
// Code that goes on after errors opens the connection first, then the subtransaction.
#pragma once

#include "pg/datum.hpp"
#include "pg/params.hpp"

namespace pgwright::pg {

class Spi {
  public:
    Spi();
    ~Spi();
    Spi(const Spi&) = delete;
    Spi& operator=(const Spi&) = delete;

    // What was opened in the current subtransaction is closed by its abort, not by its object: called
    // when the server raised an error, and before a rollback.
    static void leave_to_abort() noexcept;
    // Whether a connection opened in the current subtransaction is still open.
    [[nodiscard]] static bool open_in_subtransaction() noexcept;
    // Identifies the innermost open connection; 0 when there is none or an error made it unusable.
    [[nodiscard]] static std::uint64_t current() noexcept;

  private:
    Spi* outer_;
    ::MemoryContext context_;
    std::uint64_t serial_;
    SubTransactionId subtransaction_;
    bool left_to_abort_ = false;
};

// A prepared statement kept for the life of the object. Preparing opens a connection of its own.
class Plan {
  public:
    Plan() noexcept = default;
    // `options` are the server's CURSOR_OPT_ bits, such as CURSOR_OPT_PARALLEL_OK.
    Plan(std::string_view sql, std::span<const Oid> types, int options = 0);
    ~Plan();
    Plan(Plan&& other) noexcept : plan_(std::exchange(other.plan_, nullptr)) {}
    Plan& operator=(Plan&& other) noexcept {
        std::swap(plan_, other.plan_);
        return *this;
    }

    [[nodiscard]] explicit operator bool() const noexcept { return plan_ != nullptr; }
    // False once a table, function or type that it uses has changed. The server replans by itself; an
    // owner whose SQL text depends on the catalog rebuilds the text too.
    [[nodiscard]] bool valid() const noexcept;
    [[nodiscard]] SPIPlanPtr get() const noexcept { return plan_; }

  private:
    SPIPlanPtr plan_ = nullptr;
};

// One row, taken apart once. Columns count from 0. Readers refuse NULL with SQLSTATE 22004 unless
// "optional" is in their name, and a column of another type with XX000. Good while the Result lives.
class Row {
  public:
    Row(HeapTuple tuple, TupleDesc descriptor);
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;

    [[nodiscard]] int columns() const noexcept { return descriptor_->natts; }
    [[nodiscard]] Oid type(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] Datum datum(int column) const;  // 0 for NULL
    // text, varchar, json, name, bytea as they are; other types by their output function.
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::string_view text_view(int column) const;  // variable-length types only
    [[nodiscard]] std::int64_t integer(int column) const;        // smallint, integer, bigint, oid
    [[nodiscard]] bool boolean(int column) const;
    [[nodiscard]] Uuid uuid(int column) const;
    [[nodiscard]] std::optional<std::string> optional_text(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;
    [[nodiscard]] std::optional<bool> optional_boolean(int column) const;
    [[nodiscard]] std::optional<Uuid> optional_uuid(int column) const;

  private:
    static constexpr int kInlineColumns = 32;

    void check(int column) const;
    [[nodiscard]] Datum required(int column) const;

    TupleDesc descriptor_;
    Datum* values_;
    bool* nulls_;
    Datum inline_values_[kInlineColumns];
    bool inline_nulls_[kInlineColumns];
    std::unique_ptr<Datum[]> more_values_;
    std::unique_ptr<bool[]> more_nulls_;
};

// The rows of one statement; frees them with the object.
class Result {
  public:
    Result() noexcept = default;
    Result(SPITupleTable* table, std::uint64_t processed) noexcept;
    ~Result();
    Result(Result&& other) noexcept;
    Result& operator=(Result&& other) noexcept;

    [[nodiscard]] std::size_t rows() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return rows() == 0; }
    // Rows returned or affected.
    [[nodiscard]] std::uint64_t processed() const noexcept { return processed_; }
    [[nodiscard]] TupleDesc descriptor() const noexcept {
        return table_ == nullptr ? nullptr : table_->tupdesc;
    }
    [[nodiscard]] HeapTuple tuple(std::size_t i) const;
    [[nodiscard]] Row row(std::size_t i) const { return Row(tuple(i), descriptor()); }

  private:
    SPITupleTable* table_ = nullptr;
    std::uint64_t processed_ = 0;
    std::uint64_t connection_ = 0;
    SubTransactionId subtransaction_ = InvalidSubTransactionId;
};

// All of them need an open Spi. `read_only` runs under the caller's snapshot; `limit` 0 means all rows.
Result execute(const Plan& plan, const Params& params, bool read_only, long limit = 0);
Result execute(std::string_view sql, const Params& params, bool read_only, long limit = 0);
// As the server's referential triggers run theirs: sees all that is committed by now and what the
// transaction has done, whatever the isolation level; to change a row that the transaction's snapshot
// does not see is a serialization failure. The AFTER triggers it causes fire after those that are due.
Result execute_as_referential(const Plan& plan, const Params& params, long limit = 0);
// One or more statements without parameters, DDL included.
void run(std::string_view sql);

}  // namespace pgwright::pg
