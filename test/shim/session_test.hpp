// A session over a scripted stream, with a back end that answers what the test tells it to.
#pragma once

#include <unistd.h>

#include <boost/beast/_experimental/test/stream.hpp>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "io_test.hpp"
#include "routes.hpp"
#include "shim/session.hpp"

namespace pgwright::shim {

class FakeBackend final : public Backend {
  public:
    explicit FakeBackend(Executor executor) : executor_(std::move(executor)) {}

    Task<Outcome> execute(const Call& call, Interrupt& interrupt) override {
        calls.push_back(call.sql);
        tokens.push_back(call.token);
        binary = call.binary;
        Outcome outcome = Row{{R"({"ok":true})"}};
        while (call.sink != nullptr && !rows.empty() && !interrupt.raised()) {
            const std::string row = std::move(rows.front());
            rows.pop_front();
            const bool wanted = co_await call.sink->take(row);
            if (!wanted) {
                interrupt.raise(InterruptReason::unwanted);
            }
        }
        if (hang) {
            Event interrupted(executor_);
            {
                const Interrupt::Hook hook(interrupt, [&] { interrupted.set(); });
                co_await interrupted.wait();
            }
            reason = interrupt.reason();
            outcome = ServerError{"57014", "canceled"};
        } else if (!outcomes.empty()) {
            outcome = std::move(outcomes.front());
            outcomes.pop_front();
        }
        if (fail) {
            throw std::runtime_error("out of luck");
        }
        co_return std::move(outcome);
    }

    std::deque<Outcome> outcomes;
    std::deque<std::string> rows;  // of a call that streams, before its outcome
    std::optional<BinaryParameter> binary;
    std::vector<std::string> calls;
    std::vector<std::string> tokens;
    bool hang = false;
    bool fail = false;
    InterruptReason reason = InterruptReason::none;

  private:
    Executor executor_;
};

class TestTransport final : public Transport {
  public:
    using Stream = boost::beast::test::stream;

    TestTransport(Stream stream, bool& gone, bool& closed)
        : stream_(std::move(stream)), gone_(gone), closed_(closed) {}

    Task<std::size_t> read(asio::mutable_buffer into) override {
        IoError error;
        const std::size_t count =
            co_await stream_.async_read_some(into, asio::redirect_error(kTask, error));
        co_return error ? 0 : count;
    }
    Task<bool> write(std::string_view head, std::string_view body) override {
        std::string all(head);
        all += body;
        IoError error;
        const std::size_t count = co_await stream_.async_write_some(
            asio::buffer(all), asio::redirect_error(kTask, error));
        co_return !error && count == all.size();
    }
    void cancel() override { stream_.close_remote(); }
    bool peer_gone() override { return gone_; }
    void shutdown_send() override {}
    void close() override { closed_ = true; }

  private:
    Stream stream_;
    bool& gone_;
    bool& closed_;
};

// One client and its session. Nothing waits for time: deadlines pass when the test says so.
class SessionTest : public IoTest {
  public:
    SessionTest();
    ~SessionTest();

    void send(std::string_view bytes);
    // What has come back since the last call.
    std::string received();
    // Sends, and returns what comes back.
    std::string exchange(std::string_view bytes) {
        send(bytes);
        return received();
    }
    // The client closes its side.
    void hang_up();
    // Every deadline passes.
    void let_time_pass() { tick(Clock::now() + std::chrono::hours(1)); }
    void tick(TimePoint now);
    void stop();
    void abort();

    bool closed = false;
    bool gone = false;
    FakeBackend backend{executor()};
    Settings settings = make_settings();

  private:
    static Settings make_settings();
    Task<> run();

    int log_descriptor_;
    LogWriter log_writer_;

  public:
    LogBuffer log;
    WatchList watch_list;
    Service service;
    RequestIds ids;
    SessionHost host;

  private:
    boost::beast::test::stream client_;
    std::unique_ptr<Session> session_;
};

inline std::string get(std::string_view path, std::string_view more = {}) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body,
                        std::string_view more = "Content-Type: application/json\r\n") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace pgwright::shim
