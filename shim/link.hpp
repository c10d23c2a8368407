// One libpq connection on Asio: opening it and waiting for its socket. PgConnection runs requests
// over it, the route watcher listens with it. The socket belongs to libpq; Asio only borrows it,
// and gives it back before libpq may change or close it.
#pragma once

#include <libpq-fe.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shim/interrupt.hpp"
#include "shim/settings.hpp"
#include "shim/sqlstate.hpp"
#include "shim/task.hpp"

namespace pgwright::shim {

struct PgClear {
    void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgClear>;

// The SQLSTATE and texts of an error result.
ServerError server_error(const PGresult* result);

class Link {
  public:
    // Connects and sets the session up. Null when that failed; `problem` then says why, without
    // anything of the connection string.
    static Task<std::unique_ptr<Link>> open(Executor executor, const Settings& settings,
                                            Interrupt& interrupt, std::string& problem);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    PGconn* get() const { return connection_; }
    // Neither lost nor given up.
    bool usable() const { return !given_up_ && PQstatus(connection_) == CONNECTION_OK; }
    // Looks at the socket without waiting.
    bool alive();

    // Waits for input and takes it in. False: the connection is lost or was given up.
    Task<bool> receive();
    // Sends what is queued, taking in what arrives meanwhile, or both sides might wait for ever.
    Task<bool> flush();
    // A simple query outside pipeline mode: its results, or nothing when the link was lost.
    Task<std::optional<std::vector<PgResult>>> query(const char* sql);
    // Ends all waiting on the link, now and later.
    void give_up();

  private:
    using Descriptor = asio::posix::basic_stream_descriptor<Executor>;

    explicit Link(const Executor& executor) : executor_(executor), socket_(executor) {}
    static void hear(void* link, const PGresult* notice);
    bool begin(const Settings& settings);
    Task<bool> finish_connecting();
    Task<bool> set_up(const Settings& settings, std::string& problem);
    Task<bool> wait(Descriptor::wait_type direction);
    Task<bool> wait_for_either();

    Executor executor_;
    Descriptor socket_;
    PGconn* connection_ = nullptr;
    bool given_up_ = false;
    bool is_ending_ = false;  // the server has said so
};

}  // namespace pgwright::shim
