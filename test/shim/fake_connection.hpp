// A database connection and a connector whose behaviour a test scripts.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shim/connection.hpp"

namespace pgwright::shim {

// Shared by all connections of a test.
struct FakeDatabase {
    std::deque<RunResult> results;  // of the calls to come; then empty rows
    bool hang = false;              // calls end only when interrupted
    bool dirty = false;             // connections are not clean after a call
    bool dead = false;              // idle connections turn out to be closed
    bool refuse = false;            // attempts to connect fail
    int connected = 0;
    int attempts = 0;
    int closed = 0;
    std::vector<std::string> calls;
};

class FakeConnection final : public Connection {
  public:
    FakeConnection(FakeDatabase& database, Executor executor)
        : database_(database), executor_(std::move(executor)) {}
    ~FakeConnection() override { ++database_.closed; }

    bool alive() override { return !database_.dead; }
    bool clean() const override { return clean_; }
    Task<RunResult> run(const Call& call, Interrupt& interrupt) override {
        database_.calls.push_back(call.sql);
        RunResult result;
        result.outcome = Row{};
        if (database_.hang) {
            Event interrupted(executor_);
            {
                const Interrupt::Hook hook(interrupt, [&] { interrupted.set(); });
                co_await interrupted.wait();
            }
            result.outcome = ServerError{"57014", "canceled"};
        } else if (!database_.results.empty()) {
            result = std::move(database_.results.front());
            database_.results.pop_front();
        }
        clean_ = !database_.dirty;
        co_return std::move(result);
    }

  private:
    FakeDatabase& database_;
    Executor executor_;
    bool clean_ = true;
};

class FakeConnector final : public Connector {
  public:
    FakeConnector(FakeDatabase& database, Executor executor)
        : database_(database), executor_(std::move(executor)) {}

    Task<std::unique_ptr<Connection>> connect(Interrupt&) override {
        ++database_.attempts;
        std::unique_ptr<Connection> connection;
        if (!database_.refuse) {
            ++database_.connected;
            connection = std::make_unique<FakeConnection>(database_, executor_);
        }
        co_return std::move(connection);
    }

  private:
    FakeDatabase& database_;
    Executor executor_;
};

}  // namespace pgwright::shim
