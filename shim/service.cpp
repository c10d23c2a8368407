// The order of the checks is the order in which a request may be turned down; README.md lists it.
#include "shim/service.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "shim/ascii.hpp"
#include "shim/bearer_token.hpp"
#include "shim/binder.hpp"
#include "shim/content_type.hpp"
#include "shim/function_response.hpp"
#include "shim/header_binder.hpp"
#include "shim/health.hpp"
#include "shim/statement_text.hpp"

namespace pgwright::shim {

namespace {

constexpr int kRetrySeconds = 1;

Reply allow_reply(std::string allow) {
    Reply reply;
    reply.status = 204;
    reply.headers.emplace_back("Allow", std::move(allow));
    return reply;
}

// A body of bytes may be anything but a form, whose parts would be taken for the file.
bool carries_what_is_due(const Request& request, const Route& route) {
    if (request.content_encoding && !equal_ignoring_case(*request.content_encoding, "identity")) {
        return false;
    }
    if (route.takes_bytes()) {
        return !request.content_type || !is_form(*request.content_type);
    }
    return request.content_type && is_json_in_utf8(*request.content_type);
}

// A header's text as a setting of the session: what is neither printable ASCII nor short stays behind,
// because the database takes UTF-8 alone.
std::string text_to_send(std::string_view text) {
    constexpr std::size_t kMaxBytes = 256;
    std::string sent(text.substr(0, kMaxBytes));
    for (char& c : sent) {
        if (c < ' ' || c > '~') {
            c = '?';
        }
    }
    return sent;
}

ApiError unavailable_error(Unavailable unavailable, InterruptReason reason) {
    ApiError error{ErrorCode::database_error, {}};
    error.retry_after_seconds = kRetrySeconds;
    switch (unavailable) {
        case Unavailable::no_connection:
        case Unavailable::connection_lost: break;
        case Unavailable::queue_full:
        case Unavailable::queue_timeout: error.message = "The server is busy."; break;
        case Unavailable::interrupted:
            if (reason == InterruptReason::shutdown) {
                error.message = "The server is shutting down.";
            } else {
                error = {ErrorCode::statement_timeout, {}};
            }
            break;
    }
    return error;
}

}  // namespace

std::optional<Reply> Service::admit(const Request& request, Admission& admission) {
    if (auto fault = read_target(request.target, admission.target)) {
        return refuse(request, validation_error("The request target is malformed.", {*fault}));
    }
    if (admission.target.whole_server) {
        if (request.method == "OPTIONS") {
            return allow_reply("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
        }
        return refuse(request, {ErrorCode::resource_not_found, {}});
    }
    if (is_health_path(admission.target.path)) {
        return admit_health(request, admission);
    }
    return admit_route(request, admission);
}

std::optional<Reply> Service::admit_health(const Request& request, Admission& admission) {
    if (request.method == "OPTIONS") {
        return allow_reply("GET, HEAD, OPTIONS");
    }
    if (request.method != "GET" && request.method != "HEAD") {
        Reply reply = refuse(request, {ErrorCode::method_not_allowed, {}});
        reply.headers.emplace_back("Allow", "GET, HEAD, OPTIONS");
        return reply;
    }
    if (admission.target.path == kHealthPath) {
        return health_reply(started_);
    }
    admission.database_health = true;
    return std::nullopt;
}

std::optional<Reply> Service::admit_route(const Request& request, Admission& admission) {
    admission.table = routes_;
    if (!admission.table) {
        return refuse(request, unavailable_error(Unavailable::no_connection, {}));
    }
    admission.match = admission.table->match(request.method, admission.target.segments);
    if (!admission.match.path_known) {
        return refuse(request, {ErrorCode::resource_not_found, {}});
    }
    if (admission.match.route == nullptr) {
        if (request.method == "OPTIONS") {
            return allow_reply(admission.match.allow);
        }
        Reply reply = refuse(request, {ErrorCode::method_not_allowed, {}});
        reply.headers.emplace_back("Allow", admission.match.allow);
        return reply;
    }
    auto who = credential(request);
    if (const auto* fault = std::get_if<ApiError>(&who)) {
        return refuse(request, *fault);
    }
    admission.token = std::get<std::string>(std::move(who));
    if (request.has_body && admission.match.route->method != "GET" &&
        !carries_what_is_due(request, *admission.match.route)) {
        return refuse(request, {ErrorCode::unsupported_media_type, {}});
    }
    return std::nullopt;
}

Task<Reply> Service::perform(const Request& request, const Admission& admission,
                             Interrupt& interrupt, ReplyStream& out) {
    Reply reply;
    if (admission.database_health) {
        reply = co_await check_database(request, interrupt);
    } else {
        reply = co_await call_route(request, admission, interrupt, out);
    }
    co_return std::move(reply);
}

Task<Reply> Service::call_route(const Request& request, const Admission& admission,
                                Interrupt& interrupt, ReplyStream& out) {
    const Route& route = *admission.match.route;
    Binding binding;
    Faults faults = bind_request(route, admission.match, admission.target, request.body,
                                 json_depth_limit_, binding);
    std::ranges::move(bind_headers(route, request, binding), std::back_inserter(faults));
    if (!faults.empty()) {
        co_return refuse(request, validation_error("The request is not valid.", faults));
    }
    Call call{statement_text(route, binding), statement_parameters(route, binding)};
    call.idempotent = route.method == "GET";
    call.token = admission.token;
    call.request_id = request.request_id;
    call.client_address = request.remote;
    call.client_agent = text_to_send(request.user_agent.value_or(""));
    call.binary = binary_parameter(route, binding);
    if (route.returns == Returns::stream) {
        Reply streamed = co_await stream(request, call, interrupt, out);
        co_return std::move(streamed);
    }
    Outcome outcome = co_await backend_.execute(call, interrupt);
    co_return answer(request, route, std::move(outcome), interrupt.reason());
}

// An error before anything was sent is an answer like any other. Afterwards nothing can be taken back: the
// connection is cut, so that the client does not take a part for the whole.
Task<Reply> Service::stream(const Request& request, Call& call, Interrupt& interrupt,
                            ReplyStream& out) {
    StreamedReply sink(out);
    call.sink = &sink;
    const Outcome outcome = co_await backend_.execute(call, interrupt);
    if (sink.unusable()) {
        co_return report_unusable(request, call.sql);
    }
    const bool whole = std::holds_alternative<Row>(outcome) && !interrupt.raised();
    if (sink.begun()) {
        if (const auto* error = std::get_if<ServerError>(&outcome);
            error != nullptr && !interrupt.raised()) {
            log_error(request, *error, 500);
        }
        Reply reply;
        reply.delivery = whole ? Delivery::streamed : Delivery::cut;
        co_return std::move(reply);
    }
    if (!whole) {
        co_return translate(request, outcome, interrupt.reason());
    }
    auto head = sink.unsent_head();
    co_return head ? std::move(*head) : report_unusable(request, call.sql);
}

Reply Service::report_unusable(const Request& request, const std::string& sql) {
    log_.write(LogLevel::error, {{"message", "a function's response is unusable"},
                                 {"request_id", request.request_id},
                                 {"function", sql}});
    return refuse(request, {ErrorCode::server_error, {}});
}

Reply Service::answer(const Request& request, const Route& route, Outcome outcome,
                      InterruptReason reason) {
    Row* row = std::get_if<Row>(&outcome);
    if (row == nullptr) {
        return translate(request, outcome, reason);
    }
    if (route.returns == Returns::response) {
        auto reply = function_response(*row);
        if (!reply) {
            return report_unusable(request, route.function_name);
        }
        return std::move(*reply);
    }
    Reply reply;
    reply.status = route.success_status;
    if (route.returns == Returns::json && !is_bodiless(reply.status)) {
        const bool has_value = !row->columns.empty() && row->columns[0];
        reply.body = has_value ? std::move(*row->columns[0]) : std::string("null");
    }
    return reply;
}

Task<Reply> Service::check_database(const Request& request, Interrupt& interrupt) {
    const TimePoint begun = Clock::now();
    Call call{std::string(kDatabaseHealthSql), {}};
    call.with_context = false;
    call.idempotent = true;
    const Outcome outcome = co_await backend_.execute(call, interrupt);
    if (const Row* row = std::get_if<Row>(&outcome)) {
        co_return database_health_reply(*row, Clock::now() - begun);
    }
    if (const auto* error = std::get_if<ServerError>(&outcome)) {
        log_error(request, *error, 503);
    }
    co_return refuse(request, {ErrorCode::database_error, {}});
}

Reply Service::translate(const Request& request, const Outcome& outcome, InterruptReason reason) {
    if (const auto* unavailable = std::get_if<Unavailable>(&outcome)) {
        return refuse(request, unavailable_error(*unavailable, reason));
    }
    const ServerError& error = std::get<ServerError>(outcome);
    if (error.sqlstate == "57014" && reason == InterruptReason::shutdown) {
        return refuse(request, unavailable_error(Unavailable::interrupted, reason));
    }
    const ApiError answer = api_error(error);
    log_error(request, error, error_kind(answer.code).status);
    return refuse(request, answer);
}

Reply Service::refuse(const Request& request, const ApiError& error) const {
    return error_reply(error, request.request_id);
}

// What a client has done wrong is everyday; what the server has done wrong is not.
void Service::log_error(const Request& request, const ServerError& error, int status) {
    const LogLevel level = status >= 500                      ? LogLevel::error
                           : error.sqlstate.starts_with("PW") ? LogLevel::debug
                                                              : LogLevel::info;
    log_.write(level, {{"message", "database error"},
                       {"request_id", request.request_id},
                       {"sqlstate", error.sqlstate},
                       {"database_message", error.message},
                       {"detail", error.detail},
                       {"hint", error.hint},
                       {"context", error.context}});
}

}  // namespace pgwright::shim
