// A statement counts as prepared when the server has said so, never before: in a batch that fails
// early the rest is skipped, its Parse messages included.
#include "shim/pg_connection.hpp"

#include <array>
#include <utility>

#include "shim/bearer_token.hpp"

namespace pgwright::shim {

namespace {

constexpr const char* kContextSql =
    "SELECT pg_catalog.set_config('pgwright.token', $1, true), "
    "pg_catalog.set_config('pgwright.request_id', $2, true), "
    "pg_catalog.set_config('pgwright.client_address', $3, true), "
    "pg_catalog.set_config('pgwright.client_agent', $4, true)";

// The session that reads a stream watches over its time.
constexpr const char* kNoLimitSql = "SELECT pg_catalog.set_config('statement_timeout', '0', true)";

constexpr const char* kUsageSql = "SELECT pgwright.record_api_key_usage()";

Row first_row(const PGresult* result) {
    Row row;
    if (PQntuples(result) == 0) {
        return row;
    }
    for (int column = 0; column < PQnfields(result); ++column) {
        auto& value = row.columns.emplace_back();
        if (PQgetisnull(result, 0, column) == 0) {
            value.emplace(PQgetvalue(result, 0, column),
                          static_cast<std::size_t>(PQgetlength(result, 0, column)));
        }
    }
    return row;
}

const ServerError* error_of(const Outcome& outcome) { return std::get_if<ServerError>(&outcome); }

}  // namespace

PgConnection::PgConnection(std::unique_ptr<Link> link, const Executor& executor,
                           const Settings& settings, Canceller& canceller)
    : link_(std::move(link)),
      executor_(executor),
      cancel_timeout_(settings.cancel_timeout),
      canceller_(canceller),
      statements_(settings.statement_cache) {
    unclean_ = PQenterPipelineMode(link_->get()) != 1;
}

bool PgConnection::clean() const {
    return !unclean_ && link_->usable() && PQpipelineStatus(link_->get()) == PQ_PIPELINE_ON &&
           PQtransactionStatus(link_->get()) == PQTRANS_IDLE;
}

Task<RunResult> PgConnection::run(const Call& call, Interrupt& interrupt) {
    if (interrupt.raised()) {
        co_return RunResult{Unavailable::interrupted, false};
    }
    RunResult result = co_await run_once(call, interrupt);
    if (is_stale(result.outcome) && !interrupt.raised() && clean()) {
        forget_statements();
        result = co_await run_once(call, interrupt);
    }
    co_return std::move(result);
}

Task<RunResult> PgConnection::run_once(const Call& call, Interrupt& interrupt) {
    unclean_ = true;  // until the last answer is in
    RunResult result;
    result.may_have_run = false;
    if (!enqueue(call)) {
        co_return std::move(result);
    }
    {
        const Interrupt::Hook hook(interrupt, [this] { start_cancel(); });
        const bool sent = co_await link_->flush();
        if (!sent) {
            co_return std::move(result);
        }
        result.may_have_run = true;
        result.outcome = Row{};
        const bool collected = co_await collect(call, interrupt, result.outcome);
        if (!collected) {
            // The error libpq makes up for a lost connection has no SQLSTATE.
            const ServerError* error = error_of(result.outcome);
            if (error == nullptr || error->sqlstate.empty()) {
                result.outcome = Unavailable::connection_lost;
            }
        } else {
            unclean_ = false;
        }
    }
    if (cancellation_) {
        co_await finish_cancel(result.outcome);
    }
    co_return std::move(result);
}

bool PgConnection::enqueue(const Call& call) {
    steps_.clear();
    if (!enqueue_deallocations() || (call.with_context && !enqueue_context(call)) ||
        (call.sink != nullptr && !enqueue_no_limit()) || !enqueue_call(call) ||
        PQpipelineSync(link_->get()) != 1) {
        return false;
    }
    steps_.push_back(Step::sync);
    return !call.token.starts_with(kApiKeyMark) || enqueue_usage();
}

bool PgConnection::enqueue_no_limit() {
    steps_.push_back(Step::no_limit);
    return PQsendQueryParams(link_->get(), kNoLimitSql, 0, nullptr, nullptr, nullptr, nullptr, 0) ==
           1;
}

// In a transaction of its own: the request neither fails with it nor takes it back.
bool PgConnection::enqueue_usage() {
    if (PQsendQueryParams(link_->get(), kUsageSql, 0, nullptr, nullptr, nullptr, nullptr, 0) != 1 ||
        PQpipelineSync(link_->get()) != 1) {
        return false;
    }
    steps_.insert(steps_.end(), {Step::usage, Step::sync});
    return true;
}

// In transactions of their own: should one fail, the request is not touched by it.
bool PgConnection::enqueue_deallocations() {
    for (const std::string& sql : deallocations_) {
        if (PQsendQueryParams(link_->get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                              0) != 1 ||
            PQpipelineSync(link_->get()) != 1) {
            return false;
        }
        steps_.insert(steps_.end(), {Step::deallocate, Step::sync});
    }
    deallocations_.clear();
    return true;
}

bool PgConnection::enqueue_context(const Call& call) {
    PGconn* connection = link_->get();
    if (context_name_.empty()) {
        new_context_name_ = statements_.new_name();
        if (PQsendPrepare(connection, new_context_name_.c_str(), kContextSql, 0, nullptr) != 1) {
            return false;
        }
        steps_.push_back(Step::context_prepare);
    }
    const std::string& name = context_name_.empty() ? new_context_name_ : context_name_;
    const std::array<const char*, 4> values{call.token.c_str(), call.request_id.c_str(),
                                            call.client_address.c_str(), call.client_agent.c_str()};
    steps_.push_back(Step::context);
    return PQsendQueryPrepared(connection, name.c_str(), 4, values.data(), nullptr, nullptr, 0) ==
           1;
}

bool PgConnection::enqueue_call(const Call& call) {
    PGconn* connection = link_->get();
    const std::string* name = statements_.find(call.sql);
    was_prepared_ = name != nullptr;
    if (!was_prepared_) {
        new_name_ = statements_.new_name();
        name = &new_name_;
        if (PQsendPrepare(connection, name->c_str(), call.sql.c_str(), 0, nullptr) != 1) {
            return false;
        }
        steps_.push_back(Step::prepare);
    }
    steps_.push_back(Step::call);
    std::vector<int> lengths;
    std::vector<int> formats;
    if (call.binary) {
        lengths.assign(call.parameters.size(), 0);
        formats.assign(call.parameters.size(), 0);
        lengths[call.binary->index] = static_cast<int>(call.binary->size);
        formats[call.binary->index] = 1;
    }
    return PQsendQueryPrepared(connection, name->c_str(), static_cast<int>(call.parameters.size()),
                               call.parameters.data(), call.binary ? lengths.data() : nullptr,
                               call.binary ? formats.data() : nullptr,
                               call.sink != nullptr ? 1 : 0) == 1;
}

// The results of a command end with a null; a Sync has one result and no null.
Task<bool> PgConnection::collect(const Call& call, Interrupt& interrupt, Outcome& outcome) {
    PGconn* connection = link_->get();
    bool by_row = call.sink == nullptr;
    for (std::size_t at = 0; at < steps_.size();) {
        // Only now, and before libpq reads on: it is said of the query whose results come next. It is
        // refused for one that was skipped because another failed.
        if (!by_row && steps_[at] == Step::call) {
            (void)PQsetSingleRowMode(connection);
            by_row = true;
        }
        while (PQisBusy(connection) != 0) {
            const bool received = co_await link_->receive();
            if (!received) {
                co_return false;
            }
        }
        const PgResult result(PQgetResult(connection));
        if (PQstatus(connection) == CONNECTION_BAD) {
            if (result) {
                take(steps_[at], result.get(), call, outcome);
            }
            co_return false;
        }
        if (!result || PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
            ++at;
            continue;
        }
        if (PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE) {
            co_await pass_on(result.get(), call, interrupt);
        } else {
            take(steps_[at], result.get(), call, outcome);
        }
    }
    co_return true;
}

// Once nobody wants more the statement is cancelled, and what still comes is thrown away.
Task<> PgConnection::pass_on(const PGresult* row, const Call& call, Interrupt& interrupt) {
    if (interrupt.raised() || PQgetisnull(row, 0, 0) != 0) {
        co_return;
    }
    const std::string_view value(PQgetvalue(row, 0, 0),
                                 static_cast<std::size_t>(PQgetlength(row, 0, 0)));
    const bool wanted = co_await call.sink->take(value);
    if (!wanted) {
        interrupt.raise(InterruptReason::unwanted);
    }
}

void PgConnection::take(Step step, const PGresult* result, const Call& call, Outcome& outcome) {
    switch (PQresultStatus(result)) {
        case PGRES_COMMAND_OK: prepared(step, call); break;
        case PGRES_TUPLES_OK:
            if (step == Step::call) {
                outcome = first_row(result);
            }
            break;
        case PGRES_FATAL_ERROR:
            if (step != Step::deallocate && step != Step::usage && error_of(outcome) == nullptr) {
                outcome = server_error(result);
            }
            break;
        default: break;  // PGRES_PIPELINE_ABORTED: skipped, the error is known already
    }
}

void PgConnection::prepared(Step step, const Call& call) {
    if (step == Step::context_prepare) {
        context_name_ = new_context_name_;
    } else if (step == Step::prepare) {
        if (const auto evicted = statements_.insert(call.sql, new_name_)) {
            deallocations_.push_back("DEALLOCATE " + *evicted);
        }
    }
}

// 0A000: the result type of a cached plan has changed. 26000: somebody deallocated our statements.
bool PgConnection::is_stale(const Outcome& outcome) const {
    const ServerError* error = error_of(outcome);
    return error != nullptr &&
           ((error->sqlstate == "0A000" && was_prepared_) || error->sqlstate == "26000");
}

void PgConnection::forget_statements() {
    statements_.clear();
    context_name_.clear();
    deallocations_.assign(1, "DEALLOCATE ALL");
}

void PgConnection::start_cancel() {
    cancellation_ = canceller_.cancel(link_->get(), executor_);
    cancel_alarm_.emplace(executor_, cancel_timeout_, [this] {
        link_->give_up();
        cancellation_->ended.set();
    });
}

// A cancellation that the statement escaped may still be on its way in the server: such a
// connection is not used again.
Task<> PgConnection::finish_cancel(const Outcome& outcome) {
    co_await cancellation_->ended.wait();
    const ServerError* error = error_of(outcome);
    if (error == nullptr || error->sqlstate != "57014") {
        unclean_ = true;
    }
    cancel_alarm_.reset();
    cancellation_.reset();
}

Task<std::unique_ptr<Connection>> PgConnector::connect(Interrupt& interrupt) {
    std::string problem;
    std::unique_ptr<Link> link = co_await Link::open(executor_, settings_, interrupt, problem);
    if (!link) {
        if (!interrupt.raised()) {
            report_(problem);
        }
        co_return nullptr;
    }
    co_return std::make_unique<PgConnection>(std::move(link), executor_, settings_, canceller_);
}

}  // namespace pgwright::shim
