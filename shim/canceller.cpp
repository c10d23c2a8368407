// Whether the cancellation reached anything is not asked: the statement's own outcome tells.
#include "shim/canceller.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <utility>

namespace pgwright::shim {

namespace {

struct CancelFree {
    void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};

}  // namespace

std::shared_ptr<Cancellation> Canceller::cancel(PGconn* connection, const Executor& executor) {
    auto cancellation = std::make_shared<Cancellation>(executor);
    std::unique_ptr<PGcancel, CancelFree> handle(PQgetCancel(connection));
    if (!handle) {
        cancellation->ended.set();
        return cancellation;
    }
    {
        const std::lock_guard lock(mutex_);
        ++under_way_;
    }
    asio::post(threads_, [this, handle = std::move(handle), cancellation, executor]() mutable {
        std::array<char, 256> ignored{};
        PQcancel(handle.get(), ignored.data(), static_cast<int>(ignored.size()));
        // The event goes along: a timer may be let go only on its own thread.
        asio::post(executor,
                   [cancellation = std::move(cancellation)] { cancellation->ended.set(); });
        ended();
    });
    return cancellation;
}

void Canceller::ended() {
    const std::lock_guard lock(mutex_);
    --under_way_;
    idle_.notify_all();
}

bool Canceller::wait_until_idle(Duration limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [this] { return under_way_ == 0; });
}

}  // namespace pgwright::shim
