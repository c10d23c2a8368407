// LISTEN comes before the first read: a change made in between is told, not missed.
#include "shim/route_watcher.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <random>
#include <string>
#include <utility>

namespace pgwright::shim {

namespace {

constexpr const char* kListen = "LISTEN pgwright_routes";
constexpr const char* kRead = "SELECT * FROM pgwright.route_table()";

struct NotifyFree {
    void operator()(PGnotify* notification) const { PQfreemem(notification); }
};

std::optional<std::string> value_of(const PGresult* result, int row, const char* column) {
    const int number = PQfnumber(result, column);
    if (number < 0 || PQgetisnull(result, row, number) != 0) {
        return std::nullopt;
    }
    return std::string(PQgetvalue(result, row, number));
}

RouteRow row_of(const PGresult* result, int row) {
    const auto value = [&](const char* column) { return value_of(result, row, column); };
    return {value("id"),        value("method"),    value("path"),          value("function_name"),
            value("arguments"), value("constants"), value("body_argument"), value("success_status"),
            value("returns"),   value("headers")};
}

}  // namespace

std::shared_ptr<const RouteTable> make_route_table(const std::vector<RouteRow>& rows,
                                                   LogBuffer& log) {
    auto table = std::make_shared<RouteTable>();
    for (const RouteRow& row : rows) {
        Route route;
        auto problem = read_route(row, route);
        const std::string id = route.id;
        const std::string name = route.method + " " + route.path;
        if (!problem) {
            problem = table->add(std::move(route));
        }
        if (problem) {
            log.write(LogLevel::warning, {{"message", "a route is left out"},
                                          {"route_id", id},
                                          {"route", name},
                                          {"problem", *problem}});
        }
    }
    log.write(LogLevel::info,
              {{"message", "routes loaded"},
               {"routes", static_cast<std::int64_t>(table->size())},
               {"left_out", static_cast<std::int64_t>(rows.size() - table->size())}});
    return table;
}

RouteWatcher::RouteWatcher(const Executor& executor, const Settings& settings, LogBuffer& log,
                           Publish publish)
    : executor_(executor),
      settings_(settings),
      log_(log),
      publish_(std::move(publish)),
      backoff_(settings.reconnect_limit, std::random_device{}()),
      pause_(executor) {}

void RouteWatcher::start() { asio::co_spawn(executor_, watch(), asio::detached); }

void RouteWatcher::stop() {
    stop_.raise(InterruptReason::shutdown);
    pause_.cancel();
    if (link_) {
        link_->give_up();
    }
}

Task<> RouteWatcher::watch() {
    while (!stop_.raised()) {
        std::string problem;
        try {
            const bool followed = co_await connect_and_follow();
            if (followed) {
                backoff_.reset();
            }
        } catch (const std::exception& error) {
            problem = error.what();
        }
        link_.reset();
        if (!problem.empty()) {
            log_.write(LogLevel::error,
                       {{"message", "reading routes failed"}, {"problem", problem}});
        }
        if (!stop_.raised()) {
            pause_.expires_after(backoff_.next());
            IoError ignored;
            co_await pause_.async_wait(asio::redirect_error(kTask, ignored));
        }
    }
}

// True when it had been following the table before the connection was lost.
Task<bool> RouteWatcher::connect_and_follow() {
    std::string problem;
    link_ = co_await Link::open(executor_, settings_, stop_, problem);
    if (!link_) {
        if (!stop_.raised()) {
            log_.write(LogLevel::error, {{"message", "cannot connect to the database for routes"},
                                         {"problem", problem}});
        }
        co_return false;
    }
    const auto listening = co_await link_->query(kListen);
    if (!listening) {
        co_return false;
    }
    bool current = co_await load();
    if (!current) {
        co_return false;
    }
    while (current) {
        current = co_await wait_for_change();
        if (current) {
            current = co_await load();
        }
    }
    if (!stop_.raised()) {
        log_.write(LogLevel::warning, {{"message", "the connection for routes was lost"}});
    }
    co_return true;
}

Task<bool> RouteWatcher::load() {
    const auto results = co_await link_->query(kRead);
    if (!results || results->empty()) {
        co_return false;
    }
    const PGresult* result = results->front().get();
    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        const ServerError error = server_error(result);
        log_.write(LogLevel::error, {{"message", "the route table cannot be read"},
                                     {"sqlstate", error.sqlstate},
                                     {"database_message", error.message}});
        co_return false;
    }
    std::vector<RouteRow> rows;
    rows.reserve(static_cast<std::size_t>(PQntuples(result)));
    for (int row = 0; row < PQntuples(result); ++row) {
        rows.push_back(row_of(result, row));
    }
    publish_(make_route_table(rows, log_));
    log_.flush();
    co_return true;
}

bool RouteWatcher::take_notifications() {
    bool any = false;
    while (std::unique_ptr<PGnotify, NotifyFree>(PQnotifies(link_->get()))) {
        any = true;
    }
    return any;
}

// Changes that come in a burst are one reason to read again.
Task<bool> RouteWatcher::wait_for_change() {
    while (!take_notifications()) {
        const bool received = co_await link_->receive();
        if (!received) {
            co_return false;
        }
    }
    co_return true;
}

}  // namespace pgwright::shim
