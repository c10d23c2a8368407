// Connections and statements. The server's SPI stack cannot be asked for its depth, and after an error
// deeper connections (a PL/pgSQL function's) may lie on it, so SPI_finish would pop a stranger's.
// Hence a connection that an error passed in its own subtransaction is left to that one's abort.
#include "pg/spi.hpp"

namespace pgwright::pg {

namespace {

Spi* innermost = nullptr;

void require_connection() {
    if (Spi::current() == 0) throw Error(ERRCODE_INTERNAL_ERROR, "no SPI connection is open");
}

struct Outcome {
    int code;
    SPITupleTable* table;
    std::uint64_t processed;
};

// Runs an SPI_execute* under the guard; SPI leaves its own memory context current.
template <class Statement>
Outcome perform(Statement&& statement) {
    require_connection();
    ::MemoryContext context = CurrentMemoryContext;
    const Outcome outcome = call([&]() -> Outcome {
        const int code = statement();
        MemoryContextSwitchTo(context);
        return {code, SPI_tuptable, SPI_processed};
    });
    if (outcome.code < 0)
        throw Error(ERRCODE_INTERNAL_ERROR,
                    std::string("SPI: ") + SPI_result_code_string(outcome.code));
    return outcome;
}

}  // namespace

Spi::Spi()
    : outer_(innermost),
      context_(CurrentMemoryContext),
      subtransaction_(GetCurrentSubTransactionId()) {
    static std::uint64_t last_serial = 0;
    ::MemoryContext context = context_;
    call([context] {
        SPI_connect();
        MemoryContextSwitchTo(context);
    });
    serial_ = ++last_serial;
    innermost = this;
}

Spi::~Spi() {
    innermost = outer_;
    if (left_to_abort_) return;
    ::MemoryContext context = context_;
    call_or_end_session([context] {
        SPI_finish();
        MemoryContextSwitchTo(context);
    });
}

void Spi::leave_to_abort() noexcept {
    const SubTransactionId now = GetCurrentSubTransactionId();
    for (Spi* spi = innermost; spi != nullptr && spi->subtransaction_ >= now; spi = spi->outer_)
        spi->left_to_abort_ = true;
}

bool Spi::open_in_subtransaction() noexcept {
    return innermost != nullptr && innermost->subtransaction_ == GetCurrentSubTransactionId();
}

std::uint64_t Spi::current() noexcept {
    return innermost == nullptr || innermost->left_to_abort_ ? 0 : innermost->serial_;
}

Result execute(const Plan& plan, const Params& params, bool read_only, long limit) {
    const Outcome outcome = perform([&] {
        return SPI_execute_plan(plan.get(), const_cast<Datum*>(params.values()), params.nulls(),
                                read_only, limit);
    });
    return Result(outcome.table, outcome.processed);
}

Result execute(std::string_view sql, const Params& params, bool read_only, long limit) {
    const std::string text(sql);
    const Outcome outcome = perform([&] {
        return SPI_execute_with_args(
            text.c_str(), params.count(), const_cast<Oid*>(params.types().data()),
            const_cast<Datum*>(params.values()), params.nulls(), read_only, limit);
    });
    return Result(outcome.table, outcome.processed);
}

Result execute_as_referential(const Plan& plan, const Params& params, long limit) {
    const Outcome outcome = perform([&] {
        Snapshot latest = InvalidSnapshot;  // SPI takes one for the statement
        Snapshot crosscheck = InvalidSnapshot;
        if (IsolationUsesXactSnapshot()) {
            CommandCounterIncrement();
            latest = GetLatestSnapshot();
            crosscheck = GetTransactionSnapshot();
        }
        return SPI_execute_snapshot(plan.get(), const_cast<Datum*>(params.values()), params.nulls(),
                                    latest, crosscheck, false, false, limit);
    });
    return Result(outcome.table, outcome.processed);
}

void run(std::string_view sql) {
    const std::string text(sql);
    const Outcome outcome = perform([&] { return SPI_execute(text.c_str(), false, 0); });
    const Result rows(outcome.table, outcome.processed);
}

Plan::Plan(std::string_view sql, std::span<const Oid> types, int options) {
    const std::string text(sql);
    const Spi spi;
    ::MemoryContext context = CurrentMemoryContext;
    plan_ = call([&]() -> SPIPlanPtr {
        SPIPlanPtr plan = SPI_prepare_cursor(text.c_str(), static_cast<int>(types.size()),
                                             const_cast<Oid*>(types.data()), options);
        MemoryContextSwitchTo(context);
        // Kept last: an error before this leaves nothing behind.
        return plan != nullptr && SPI_keepplan(plan) == 0 ? plan : nullptr;
    });
    if (plan_ == nullptr)
        throw Error(ERRCODE_INTERNAL_ERROR,
                    std::string("SPI: ") + SPI_result_code_string(SPI_result));
}

Plan::~Plan() {
    if (plan_ == nullptr || proc_exit_inprogress) return;
    SPIPlanPtr plan = plan_;
    call_or_end_session([plan] { SPI_freeplan(plan); });
}

bool Plan::valid() const noexcept { return plan_ != nullptr && SPI_plan_is_valid(plan_); }

}  // namespace pgwright::pg
