// From a request to a reply: route, authenticate, bind, call, translate. admit() decides what the
// head alone can decide, so that the session need not receive a body nobody wants; perform() does
// the rest. One per thread; knows nothing of sockets.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "shim/backend.hpp"
#include "shim/error.hpp"
#include "shim/log.hpp"
#include "shim/reply.hpp"
#include "shim/reply_stream.hpp"
#include "shim/request.hpp"
#include "shim/router.hpp"
#include "shim/target.hpp"

namespace pgwright::shim {

// What admit() has found out. Keeps the route table alive for the request.
struct Admission {
    std::shared_ptr<const RouteTable> table;
    RouteMatch match;
    Target target;
    std::string token;
    bool database_health = false;
};

class Service {
  public:
    Service(Backend& backend, LogBuffer& log, std::size_t json_depth_limit, TimePoint started)
        : backend_(backend), log_(log), json_depth_limit_(json_depth_limit), started_(started) {}

    // Until the first table arrives, every route answers 503.
    void set_routes(std::shared_ptr<const RouteTable> table) { routes_ = std::move(table); }

    // A reply when the head settles the matter; else `admission` is ready for perform().
    std::optional<Reply> admit(const Request& request, Admission& admission);
    // `request` has its body. The interrupt ends the database's part of the work.
    // What is streamed goes to `out` meanwhile; the reply then tells how it ended.
    Task<Reply> perform(const Request& request, const Admission& admission, Interrupt& interrupt,
                        ReplyStream& out);

  private:
    std::optional<Reply> admit_health(const Request& request, Admission& admission);
    std::optional<Reply> admit_route(const Request& request, Admission& admission);
    Task<Reply> call_route(const Request& request, const Admission& admission, Interrupt& interrupt,
                           ReplyStream& out);
    Task<Reply> stream(const Request& request, Call& call, Interrupt& interrupt, ReplyStream& out);
    Reply report_unusable(const Request& request, const std::string& sql);
    Task<Reply> check_database(const Request& request, Interrupt& interrupt);
    Reply answer(const Request& request, const Route& route, Outcome outcome,
                 InterruptReason reason);
    Reply refuse(const Request& request, const ApiError& error) const;
    Reply translate(const Request& request, const Outcome& outcome, InterruptReason reason);
    void log_error(const Request& request, const ServerError& error, int status);

    Backend& backend_;
    LogBuffer& log_;
    std::size_t json_depth_limit_;
    TimePoint started_;
    std::shared_ptr<const RouteTable> routes_;
};

}  // namespace pgwright::shim
