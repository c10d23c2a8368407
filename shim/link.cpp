// Every wait can end early through give_up(); nothing here waits without a limit set by a caller.
#include "shim/link.hpp"

#include <poll.h>

#include <array>
#include <new>
#include <utility>

namespace pgwright::shim {

namespace {

std::string text_of(const char* text) { return text == nullptr ? std::string() : text; }

std::string setup_sql(const Settings& settings) {
    return "SET search_path = pg_catalog, pg_temp; SET standard_conforming_strings = on; "
           "SET statement_timeout = " +
           std::to_string(settings.statement_timeout.count());
}

std::string first_line(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

ServerError server_error(const PGresult* result) {
    ServerError error;
    error.sqlstate = text_of(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    error.message = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    error.detail = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
    error.hint = text_of(PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
    error.context = text_of(PQresultErrorField(result, PG_DIAG_CONTEXT));
    return error;
}

Link::~Link() {
    if (socket_.is_open()) {
        socket_.release();
    }
    PQfinish(connection_);
}

Task<std::unique_ptr<Link>> Link::open(Executor executor, const Settings& settings,
                                       Interrupt& interrupt, std::string& problem) {
    std::unique_ptr<Link> link(new Link(executor));
    const Interrupt::Hook hook(interrupt, [&] { link->give_up(); });
    const Alarm alarm(executor, settings.connect_timeout, [&] { link->give_up(); });
    if (interrupt.raised()) {
        co_return nullptr;
    }
    bool connected = link->begin(settings);
    if (connected) {
        connected = co_await link->finish_connecting();
    }
    if (!connected) {
        problem = link->given_up_ ? "no answer in time" : first_line(PQerrorMessage(link->get()));
        co_return nullptr;
    }
    const bool ready = co_await link->set_up(settings, problem);
    if (!ready) {
        co_return nullptr;
    }
    co_return std::move(link);
}

// Looking the host up is the one thing here that may block: libpq calls getaddrinfo.
bool Link::begin(const Settings& settings) {
    const std::array<const char*, 4> names{"dbname", "client_encoding", "application_name",
                                           nullptr};
    const std::array<const char*, 4> values{settings.database.c_str(), "UTF8", "pgwright-shim",
                                            nullptr};
    connection_ = PQconnectStartParams(names.data(), values.data(), 1);
    if (connection_ == nullptr) {
        throw std::bad_alloc();
    }
    PQsetNoticeReceiver(connection_, hear, this);
    return PQstatus(connection_) != CONNECTION_BAD;
}

// PQconnectPoll may close the socket and open another, so it is borrowed for one wait at a time.
Task<bool> Link::finish_connecting() {
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
        socket_.assign(PQsocket(connection_));
        const bool ready = co_await wait(status == PGRES_POLLING_READING ? Descriptor::wait_read
                                                                         : Descriptor::wait_write);
        socket_.release();
        if (!ready) {
            co_return false;
        }
        status = PQconnectPoll(connection_);
        if (status == PGRES_POLLING_FAILED) {
            co_return false;
        }
    }
    socket_.assign(PQsocket(connection_));
    co_return PQsetnonblocking(connection_, 1) == 0;
}

Task<bool> Link::set_up(const Settings& settings, std::string& problem) {
    const std::string sql = setup_sql(settings);
    const auto results = co_await query(sql.c_str());
    if (!results) {
        problem = "the connection was lost while it was set up";
        co_return false;
    }
    for (const PgResult& result : *results) {
        if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
            problem = first_line(PQresultErrorMessage(result.get()));
            co_return false;
        }
    }
    co_return true;
}

// Notices of the functions are no concern of the client; by default libpq prints them. But what an idle
// server says last comes as one, and may be there some time before the end of the connection is.
void Link::hear(void* link, const PGresult* notice) {
    const char* const severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const std::string_view said = severity == nullptr ? "" : severity;
    if (said == "FATAL" || said == "PANIC") {
        static_cast<Link*>(link)->is_ending_ = true;
    }
}

bool Link::alive() {
    if (!usable() || is_ending_) {
        return false;
    }
    pollfd look{PQsocket(connection_), POLLIN | POLLRDHUP, 0};
    if (::poll(&look, 1, 0) <= 0) {
        return true;
    }
    if ((look.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) {
        return false;
    }
    // An idle server may send a notice or a changed parameter.
    return PQconsumeInput(connection_) == 1 && PQisBusy(connection_) == 0 && !is_ending_ &&
           usable();
}

void Link::give_up() {
    given_up_ = true;
    if (socket_.is_open()) {
        socket_.cancel();
    }
}

Task<bool> Link::wait(Descriptor::wait_type direction) {
    if (given_up_) {
        co_return false;
    }
    IoError error;
    co_await socket_.async_wait(direction, asio::redirect_error(kTask, error));
    co_return !error && !given_up_;
}

Task<bool> Link::receive() {
    const bool ready = co_await wait(Descriptor::wait_read);
    co_return ready&& PQconsumeInput(connection_) == 1;
}

Task<bool> Link::flush() {
    while (true) {
        const int left = PQflush(connection_);
        if (left <= 0) {
            co_return left == 0;
        }
        const bool ready = co_await wait_for_either();
        if (!ready || PQconsumeInput(connection_) != 1) {
            co_return false;
        }
    }
}

// Whichever direction is ready first cancels the wait for the other; both must have ended before
// the next wait begins.
Task<bool> Link::wait_for_either() {
    if (given_up_) {
        co_return false;
    }
    Event ended(executor_);
    int pending = 2;
    const auto end = [&](const IoError&) {
        if (--pending == 0) {
            ended.set();
        } else if (socket_.is_open()) {
            socket_.cancel();
        }
    };
    socket_.async_wait(Descriptor::wait_read, end);
    socket_.async_wait(Descriptor::wait_write, end);
    co_await ended.wait();
    co_return !given_up_;
}

Task<std::optional<std::vector<PgResult>>> Link::query(const char* sql) {
    if (PQsendQuery(connection_, sql) != 1) {
        co_return std::nullopt;
    }
    const bool sent = co_await flush();
    if (!sent) {
        co_return std::nullopt;
    }
    std::vector<PgResult> results;
    while (true) {
        while (PQisBusy(connection_) != 0) {
            const bool received = co_await receive();
            if (!received) {
                co_return std::nullopt;
            }
        }
        PgResult result(PQgetResult(connection_));
        if (!result) {
            break;
        }
        results.push_back(std::move(result));
    }
    if (!usable()) {
        co_return std::nullopt;
    }
    co_return std::move(results);
}

}  // namespace pgwright::shim
