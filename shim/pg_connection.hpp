// A pooled connection in pipeline mode. One request is one batch: set the token, prepare the call
// if this connection has not yet, execute it, Sync; an implicit transaction and one round trip.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shim/canceller.hpp"
#include "shim/connection.hpp"
#include "shim/link.hpp"
#include "shim/settings.hpp"
#include "shim/statement_cache.hpp"

namespace pgwright::shim {

class PgConnection final : public Connection {
  public:
    // `link` has just been opened.
    PgConnection(std::unique_ptr<Link> link, const Executor& executor, const Settings& settings,
                 Canceller& canceller);

    bool alive() override { return link_->alive(); }
    // A statement whose plan has become stale is prepared again and the batch repeated, once: it
    // failed before it had any effect.
    Task<RunResult> run(const Call& call, Interrupt& interrupt) override;
    bool clean() const override;

  private:
    // What each result of the batch belongs to, in order.
    enum class Step { deallocate, context_prepare, context, no_limit, prepare, call, usage, sync };

    Task<RunResult> run_once(const Call& call, Interrupt& interrupt);
    bool enqueue(const Call& call);
    bool enqueue_deallocations();
    bool enqueue_context(const Call& call);
    bool enqueue_call(const Call& call);
    bool enqueue_usage();
    bool enqueue_no_limit();
    Task<bool> collect(const Call& call, Interrupt& interrupt, Outcome& outcome);
    Task<> pass_on(const PGresult* row, const Call& call, Interrupt& interrupt);
    void take(Step step, const PGresult* result, const Call& call, Outcome& outcome);
    void prepared(Step step, const Call& call);
    bool is_stale(const Outcome& outcome) const;
    void forget_statements();
    void start_cancel();
    Task<> finish_cancel(const Outcome& outcome);

    std::unique_ptr<Link> link_;
    Executor executor_;
    Duration cancel_timeout_;
    Canceller& canceller_;
    StatementCache statements_;
    std::string context_name_;                // empty: not prepared
    std::vector<std::string> deallocations_;  // statements to run ahead of the next batch
    bool unclean_ = false;

    // Of the batch under way.
    std::vector<Step> steps_;
    std::string new_name_;
    std::string new_context_name_;
    bool was_prepared_ = false;
    std::shared_ptr<Cancellation> cancellation_;
    std::optional<Alarm> cancel_alarm_;
};

// Opens links and makes connections of them.
class PgConnector final : public Connector {
  public:
    PgConnector(const Executor& executor, const Settings& settings, Canceller& canceller,
                std::function<void(const std::string&)> report)
        : executor_(executor),
          settings_(settings),
          canceller_(canceller),
          report_(std::move(report)) {}

    Task<std::unique_ptr<Connection>> connect(Interrupt& interrupt) override;

  private:
    Executor executor_;
    const Settings& settings_;
    Canceller& canceller_;
    std::function<void(const std::string&)> report_;  // why an attempt failed
};

}  // namespace pgwright::shim
