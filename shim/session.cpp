// The session decides about messages and time; what a request means is the service's business.
#include "shim/session.hpp"

#include <array>
#include <charconv>
#include <exception>
#include <utility>
#include <vector>

#include "shim/response_head.hpp"

namespace pgwright::shim {

namespace {

constexpr std::size_t kReadBytes = std::size_t{4} << 10;
constexpr std::size_t kBodyReadBytes = std::size_t{64} << 10;
// Longest line of a chunked body that is not data, and room for pipelined requests.
constexpr std::size_t kInputSlack = std::size_t{64} << 10;
constexpr std::size_t kLingerBytes = std::size_t{32} << 20;
constexpr Duration kLingerTime{2000};
// What the log says when the client hung up, as is customary; never sent.
constexpr int kHungUpStatus = 499;
constexpr std::string_view kHungUpCode = "CLIENT_HUNG_UP";
constexpr std::string_view kCutCode = "RESPONSE_CUT";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Session::Session(SessionHost& host, std::unique_ptr<Transport> transport, std::string remote)
    : host_(host),
      transport_(std::move(transport)),
      remote_(std::move(remote)),
      input_(host.settings.header_limit + kInputSlack),
      reader_(host.settings.header_limit, host.settings.body_limit) {}

Task<> Session::run() {
    const WatchList::Entry entry(host_.watch_list, *this);
    for (bool more = true; more;) {
        more = co_await serve_one();
    }
    if (answered_ && !aborted_) {
        co_await linger();
    }
    transport_->close();
}

// False when the connection is to be closed.
Task<bool> Session::serve_one() {
    reader_.start();
    exchange_ = {};
    const bool has_head = co_await receive_head();
    if (!has_head) {
        co_return false;
    }
    take_request_id();
    if (reader_.state() == RequestReader::State::failed) {
        co_await refuse_message();
        co_return false;
    }
    Admission admission;
    auto reply = host_.service.admit(reader_.request(), admission);
    const bool body_is_due = reader_.state() == RequestReader::State::body;
    if (reply && body_is_due && reader_.request().expects_continue) {
        exchange_.must_close = true;  // the body may come or not: the stream is out of step
    } else {
        const bool has_body = co_await receive_body();
        if (!has_body) {
            co_return false;
        }
        if (reader_.state() == RequestReader::State::failed) {
            co_await refuse_message();
            co_return false;
        }
    }
    if (!reply) {
        reply = co_await make_reply(admission);
    }
    if (reply->route.empty() && admission.match.route != nullptr) {
        reply->route = admission.match.route->path;
    }
    const bool more = co_await send(std::move(*reply));
    co_return more;
}

void Session::enter(Phase phase, Duration limit) {
    phase_ = phase;
    expired_ = false;
    deadline_ = Clock::now() + limit;
}

void Session::parse() {
    const std::size_t taken = reader_.put(input_.unread());
    input_.consume(taken);
    exchange_.bytes_in += taken;
}

// False when the stream ended or the phase's time is up.
Task<bool> Session::receive_some(std::size_t wanted) {
    const InputBuffer::Space space = input_.space(wanted);
    if (space.size == 0 || aborted_) {
        co_return false;
    }
    const std::size_t received = co_await transport_->read({space.data, space.size});
    input_.commit(received);
    co_return received != 0 && !aborted_;
}

Task<bool> Session::receive_head() {
    if (input_.empty()) {
        enter(Phase::idle, host_.settings.idle_timeout);
        if (host_.stopping) {
            co_return false;
        }
        const bool begun = co_await receive_some(kReadBytes);
        if (!begun) {
            co_return false;
        }
    }
    enter(Phase::head, host_.settings.header_timeout);
    exchange_.begun = Clock::now();
    while (true) {
        parse();
        if (reader_.state() != RequestReader::State::head) {
            co_return true;
        }
        const bool received = co_await receive_some(kReadBytes);
        if (received) {
            continue;
        }
        if (expired_) {
            take_request_id();
            exchange_.must_close = true;
            Reply late =
                error_reply({ErrorCode::request_timeout, {}}, reader_.request().request_id);
            co_await send(std::move(late));
        }
        co_return false;
    }
}

// True when the message is complete, or has failed.
Task<bool> Session::receive_body() {
    if (reader_.state() != RequestReader::State::body) {
        co_return true;
    }
    enter(Phase::body, host_.settings.body_timeout);
    if (reader_.request().expects_continue && input_.empty()) {
        const bool asked = co_await transport_->write(kContinue, {});
        if (!asked) {
            co_return false;
        }
    }
    while (true) {
        if (!input_.empty()) {
            parse();
        }
        if (reader_.state() != RequestReader::State::body) {
            co_return true;
        }
        const bool received = co_await receive_some(kBodyReadBytes);
        if (received) {
            continue;
        }
        if (expired_) {
            exchange_.must_close = true;
            Reply late =
                error_reply({ErrorCode::request_timeout, {}}, reader_.request().request_id);
            co_await send(std::move(late));
        }
        co_return false;
    }
}

void Session::take_request_id() {
    std::string& id = reader_.request().request_id;
    if (!is_request_id(id)) {
        id = host_.request_ids.next();
    }
}

// After a malformed message nobody knows where the next one begins.
Task<> Session::refuse_message() {
    exchange_.must_close = true;
    Reply reply = error_reply(reader_.error(), reader_.request().request_id);
    co_await send(std::move(reply));
}

// An exception costs the request, not the server.
Task<Reply> Session::make_reply(const Admission& admission) {
    std::string problem;
    try {
        Reply reply = co_await work(admission);
        co_return std::move(reply);
    } catch (const std::exception& error) {
        problem = error.what();
    }
    host_.log.write(LogLevel::error, {{"message", "exception while serving a request"},
                                      {"request_id", reader_.request().request_id},
                                      {"exception", problem}});
    co_return error_reply({ErrorCode::server_error, {}}, reader_.request().request_id);
}

Task<Reply> Session::work(const Admission& admission) {
    Interrupt interrupt;
    struct Working {
        Working(Interrupt*& slot, Interrupt& interrupt) : slot_(slot) { slot_ = &interrupt; }
        ~Working() { slot_ = nullptr; }
        Interrupt*& slot_;
    };
    const Working working(interrupt_, interrupt);
    enter(Phase::working, host_.settings.statement_timeout);
    reader_.request().remote = remote_;
    Reply reply = co_await host_.service.perform(reader_.request(), admission, interrupt, *this);
    exchange_.hung_up = exchange_.hung_up || interrupt.reason() == InterruptReason::hangup;
    co_return std::move(reply);
}

// A part of a streamed reply. While it is on its way the client's patience counts, afterwards the server's.
Task<bool> Session::send_part(std::string_view head, std::string_view part) {
    enter(Phase::writing, host_.settings.write_timeout);
    const bool sent = co_await transport_->write(head, part);
    answered_ = sent;
    exchange_.hung_up = !sent;
    exchange_.streamed += sent ? head.size() + part.size() : 0;
    enter(Phase::working, host_.settings.statement_timeout);
    co_return sent && !aborted_;
}

Task<bool> Session::begin(const Reply& head) {
    const Request& request = reader_.request();
    ResponseTraits traits{request.request_id};
    traits.streamed = true;
    traits.old_protocol = request.old_protocol;
    traits.keep_alive =
        request.keep_alive && !exchange_.must_close && !host_.stopping && !request.old_protocol;
    exchange_.keep_alive = traits.keep_alive;
    exchange_.status = head.status;
    exchange_.wants_body = request.method != "HEAD";
    write_response_head(head_, head, traits);
    const bool sent = co_await send_part(head_, {});
    chunk_head_.clear();
    co_return sent&& exchange_.wants_body;
}

// Each chunk's head ends the one before it (RFC 9112, 7.1).
Task<bool> Session::write(std::string_view part) {
    if (!reader_.request().old_protocol) {
        std::array<char, 2 * sizeof(std::size_t)> digits{};
        const auto end =
            std::to_chars(digits.data(), digits.data() + digits.size(), part.size(), 16);
        chunk_head_ = exchange_.in_chunks ? "\r\n" : "";
        chunk_head_.append(digits.data(), end.ptr).append("\r\n");
        exchange_.in_chunks = true;
    }
    const bool sent = co_await send_part(chunk_head_, part);
    co_return sent;
}

// False when the connection is to be closed, which is also how a client learns that a reply was cut.
Task<bool> Session::end_stream(Reply reply) {
    bool keep = exchange_.keep_alive;
    if (!exchange_.wants_body) {
        keep = keep && !exchange_.hung_up;
    } else if (reply.delivery == Delivery::cut) {
        keep = false;
        answered_ = false;  // nothing to linger for: the sooner it breaks the better
    } else if (!reader_.request().old_protocol) {
        enter(Phase::writing, host_.settings.write_timeout);
        const bool sent = co_await transport_->write("\r\n0\r\n\r\n", {});
        keep = keep && sent;
    }
    if (reply.delivery == Delivery::cut && exchange_.wants_body && !exchange_.hung_up) {
        reply.error_code = kCutCode;
    }
    reply.status = exchange_.status;
    if (host_.settings.log_requests) {
        log(reply, exchange_.streamed);
    }
    co_return keep;
}

// False when the connection is to be closed.
Task<bool> Session::send(Reply reply) {
    if (exchange_.status != 0 && reply.delivery == Delivery::body) {
        reply.delivery = Delivery::cut;  // an exception after the head was sent
    }
    if (reply.delivery != Delivery::body) {
        const bool keep = co_await end_stream(std::move(reply));
        co_return keep;
    }
    const Request& request = reader_.request();
    ResponseTraits traits{request.request_id};
    traits.keep_alive = request.keep_alive && !exchange_.must_close && !host_.stopping;
    traits.old_protocol = request.old_protocol;
    write_response_head(head_, reply, traits);
    const bool send_body = request.method != "HEAD" && !is_bodiless(reply.status);
    const std::string_view body = send_body ? std::string_view(reply.body) : std::string_view();
    enter(Phase::writing, host_.settings.write_timeout);
    const bool sent = co_await transport_->write(head_, body);
    answered_ = sent;
    if (host_.settings.log_requests) {
        log(reply, sent ? head_.size() + body.size() : 0);
    }
    co_return sent&& traits.keep_alive;
}

// Closing with input unread would reset the connection, and the client might lose the response.
Task<> Session::linger() {
    transport_->shutdown_send();
    enter(Phase::closing, kLingerTime);
    for (std::size_t total = 0; total < kLingerBytes && !expired_;) {
        input_.consume(input_.unread().size());
        const InputBuffer::Space space = input_.space(kBodyReadBytes);
        const std::size_t received = co_await transport_->read({space.data, space.size});
        if (received == 0 || aborted_) {
            break;
        }
        total += received;
    }
}

void Session::on_tick(TimePoint now) {
    if (phase_ == Phase::working) {
        if (interrupt_ != nullptr && !interrupt_->raised()) {
            if (now >= deadline_) {
                interrupt_->raise(InterruptReason::deadline);
            } else if (transport_->peer_gone()) {
                interrupt_->raise(InterruptReason::hangup);
            }
        }
        return;
    }
    if (now >= deadline_) {
        expired_ = true;
        transport_->cancel();
    }
}

void Session::on_stop() {
    if (phase_ == Phase::idle) {
        transport_->cancel();
    }
}

void Session::on_abort() {
    if (phase_ == Phase::working && interrupt_ != nullptr) {
        interrupt_->raise(InterruptReason::shutdown);
        return;
    }
    aborted_ = true;
    transport_->cancel();
}

void Session::log(const Reply& reply, std::size_t bytes_out) {
    if (!host_.log.wants(LogLevel::info)) {
        return;
    }
    const Request& request = reader_.request();
    const std::chrono::duration<double, std::milli> duration = Clock::now() - exchange_.begun;
    const int status = exchange_.hung_up ? kHungUpStatus : reply.status;
    const std::string_view error = exchange_.hung_up ? kHungUpCode : reply.error_code;
    const std::string_view path = request.target.substr(0, request.target.find_first_of("?#"));
    std::vector<LogField> fields{{"request_id", request.request_id},
                                 {"method", request.method},
                                 {"route", reply.route},
                                 {"path", path},
                                 {"status", std::int64_t{status}},
                                 {"duration_ms", duration.count()},
                                 {"bytes_in", static_cast<std::int64_t>(exchange_.bytes_in)},
                                 {"bytes_out", static_cast<std::int64_t>(bytes_out)},
                                 {"remote", remote_}};
    if (!error.empty()) {
        fields.push_back({"error", error});
    }
    host_.log.write(LogLevel::info, fields);
}

}  // namespace pgwright::shim
