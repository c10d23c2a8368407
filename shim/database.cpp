// A connection is brought back on every path, exceptions included, or the pool would shrink.
#include "shim/database.hpp"

#include <utility>

namespace pgwright::shim {

namespace {

class Lease {
  public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection)
        : pool_(pool), connection_(std::move(connection)) {}
    ~Lease() { pool_.give_back(std::move(connection_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Connection& operator*() const { return *connection_; }

  private:
    Pool& pool_;
    std::unique_ptr<Connection> connection_;
};

bool was_lost(const RunResult& result) {
    const auto* reason = std::get_if<Unavailable>(&result.outcome);
    return reason != nullptr && *reason == Unavailable::connection_lost;
}

}  // namespace

Task<Outcome> Database::execute(const Call& call, Interrupt& interrupt) {
    for (bool first = true;; first = false) {
        Acquired acquired = co_await pool_.acquire(interrupt);
        if (!acquired.connection) {
            co_return acquired.refusal;
        }
        RunResult result;
        {
            const Lease lease(pool_, std::move(acquired.connection));
            result = co_await (*lease).run(call, interrupt);
        }
        if (!(first && call.idempotent && was_lost(result) && !result.may_have_run)) {
            co_return std::move(result.outcome);
        }
    }
}

}  // namespace pgwright::shim
