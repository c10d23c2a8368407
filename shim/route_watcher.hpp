// Reads the route table at the start, and again whenever the database says that it has changed or
// the connection had to be made anew. A new table replaces the old one whole; while the database is
// away the old one stays. Belongs to the server's control thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "shim/backoff.hpp"
#include "shim/interrupt.hpp"
#include "shim/link.hpp"
#include "shim/log.hpp"
#include "shim/router.hpp"
#include "shim/settings.hpp"

namespace pgwright::shim {

// The usable rows as a table; the others are logged and left out.
std::shared_ptr<const RouteTable> make_route_table(const std::vector<RouteRow>& rows,
                                                   LogBuffer& log);

class RouteWatcher {
  public:
    using Publish = std::function<void(std::shared_ptr<const RouteTable>)>;

    RouteWatcher(const Executor& executor, const Settings& settings, LogBuffer& log,
                 Publish publish);
    RouteWatcher(const RouteWatcher&) = delete;
    RouteWatcher& operator=(const RouteWatcher&) = delete;

    void start();
    // Ends the watcher's coroutine soon after.
    void stop();

  private:
    Task<> watch();
    Task<bool> connect_and_follow();
    Task<bool> load();
    Task<bool> wait_for_change();
    bool take_notifications();

    Executor executor_;
    const Settings& settings_;
    LogBuffer& log_;
    Publish publish_;
    Backoff backoff_;
    Timer pause_;
    Interrupt stop_;
    std::unique_ptr<Link> link_;
};

}  // namespace pgwright::shim
