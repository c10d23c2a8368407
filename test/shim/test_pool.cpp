// The pool and the database over it, with connections that are scripted.
#include <catch2/catch.hpp>

#include "fake_connection.hpp"
#include "io_test.hpp"
#include "shim/database.hpp"
#include "shim/pool.hpp"

using namespace pgwright::shim;

namespace {

struct PoolTest : IoTest {
    explicit PoolTest(std::size_t size = 2, std::size_t queue = 2)
        : connector(fake, executor()),
          pool(executor(), connector, {size, queue, Duration(60000)}, Backoff(Duration(1000), 1)) {}
    ~PoolTest() {
        pool.stop();
        settle();
    }

    void start() {
        pool.start();
        settle();
    }

    // One request for a connection.
    struct Taken {
        Interrupt interrupt;
        bool done = false;
        Acquired acquired;
    };
    Taken& take() {
        Taken& taken = *taken_.emplace_back(std::make_unique<Taken>());
        spawn(take_into(taken));
        return taken;
    }
    void give(Taken& taken) {
        pool.give_back(std::move(taken.acquired.connection));
        settle();
    }

    FakeDatabase fake;
    FakeConnector connector;
    Pool pool;

  private:
    Task<> take_into(Taken& taken) {
        taken.acquired = co_await pool.acquire(taken.interrupt);
        taken.done = true;
    }
    std::vector<std::unique_ptr<Taken>> taken_;
};

struct DatabaseTest : PoolTest {
    DatabaseTest() : database(pool) { start(); }

    Outcome execute(bool idempotent) {
        Call call{"SELECT 1", {}};
        call.idempotent = idempotent;
        Interrupt interrupt;
        Outcome outcome;
        bool done = false;
        spawn(run(call, interrupt, outcome, done));
        CHECK(done);
        return outcome;
    }
    Task<> run(const Call& call, Interrupt& interrupt, Outcome& outcome, bool& done) {
        outcome = co_await database.execute(call, interrupt);
        done = true;
    }
    static RunResult lost(bool may_have_run) {
        RunResult result;
        result.may_have_run = may_have_run;
        return result;
    }

    Database database;
};

}  // namespace

TEST_CASE("one connection is opened at the start, more when they are needed", "[pool]") {
    PoolTest test;
    test.start();
    CHECK(test.fake.connected == 1);
    auto& first = test.take();
    REQUIRE(first.done);
    CHECK(first.acquired.connection);
    CHECK(test.fake.connected == 1);
    auto& second = test.take();
    CHECK(second.done);
    CHECK(test.fake.connected == 2);
}

TEST_CASE("no more connections are opened than allowed; requests wait in order", "[pool]") {
    PoolTest test;
    test.start();
    auto& first = test.take();
    auto& second = test.take();
    auto& third = test.take();
    auto& fourth = test.take();
    CHECK(second.done);
    CHECK_FALSE(third.done);
    CHECK(test.fake.connected == 2);
    CHECK(test.pool.waiting() == 2);
    test.give(first);
    CHECK(third.done);
    CHECK_FALSE(fourth.done);
    test.give(second);
    CHECK(fourth.acquired.connection);
}

TEST_CASE("a full queue refuses at once", "[pool]") {
    PoolTest test(1, 1);
    test.start();
    auto& first = test.take();
    test.take();
    auto& third = test.take();
    REQUIRE(third.done);
    CHECK_FALSE(third.acquired.connection);
    CHECK(third.acquired.refusal == Unavailable::queue_full);
    test.give(first);
}

TEST_CASE("an interrupted request leaves the queue and takes nothing with it", "[pool]") {
    PoolTest test(1, 2);
    test.start();
    auto& first = test.take();
    auto& second = test.take();
    auto& third = test.take();
    second.interrupt.raise(InterruptReason::hangup);
    test.settle();
    REQUIRE(second.done);
    CHECK(second.acquired.refusal == Unavailable::interrupted);
    CHECK_FALSE(second.acquired.connection);
    test.give(first);
    CHECK(third.acquired.connection);
}

TEST_CASE("a connection that is not clean is replaced", "[pool]") {
    PoolTest test(1);
    test.start();
    auto& first = test.take();
    test.fake.dirty = true;
    Call call{"SELECT 1", {}};
    Interrupt interrupt;
    test.spawn([](Connection& connection, Call& what, Interrupt& when) -> Task<> {
        const RunResult result = co_await connection.run(what, when);
        static_cast<void>(result);
    }(*first.acquired.connection, call, interrupt));
    auto& second = test.take();
    test.give(first);
    CHECK(test.fake.closed == 1);
    CHECK(test.fake.connected == 2);
    CHECK(second.acquired.connection);
    CHECK(test.pool.open() == 1);
}

TEST_CASE("an idle connection the server has closed is not lent", "[pool]") {
    PoolTest test(1);
    test.start();
    test.fake.dead = true;
    auto& first = test.take();
    CHECK(first.done);
    CHECK(first.acquired.connection);
    CHECK(test.fake.closed == 1);
    CHECK(test.fake.connected == 2);
}

TEST_CASE("while the database is away requests are refused at once", "[pool]") {
    PoolTest test;
    test.fake.refuse = true;
    test.start();
    CHECK(test.fake.attempts == 1);
    auto& first = test.take();
    REQUIRE(first.done);
    CHECK(first.acquired.refusal == Unavailable::no_connection);
    auto& second = test.take();
    CHECK(second.done);
    CHECK(test.fake.attempts == 1);  // waking the pool does not shorten its back-off
}

TEST_CASE("requests that wait when the database goes away are refused", "[pool]") {
    PoolTest test(1);
    test.start();
    auto& first = test.take();
    auto& second = test.take();
    test.fake.refuse = true;
    test.fake.dirty = true;
    Call call{"SELECT 1", {}};
    Interrupt interrupt;
    test.spawn([](Connection& connection, Call& what, Interrupt& when) -> Task<> {
        const RunResult result = co_await connection.run(what, when);
        static_cast<void>(result);
    }(*first.acquired.connection, call, interrupt));
    test.give(first);
    REQUIRE(second.done);
    CHECK(second.acquired.refusal == Unavailable::no_connection);
    CHECK(test.pool.open() == 0);
}

TEST_CASE("stopping refuses who waits and closes what comes back", "[pool]") {
    PoolTest test(1);
    test.start();
    auto& first = test.take();
    auto& second = test.take();
    test.pool.stop();
    test.settle();
    CHECK(second.acquired.refusal == Unavailable::no_connection);
    CHECK(test.fake.closed == 0);
    test.give(first);
    CHECK(test.fake.closed == 1);
    CHECK(test.take().acquired.refusal == Unavailable::no_connection);
}

TEST_CASE("a read lost before it was sent is sent again, once", "[database]") {
    DatabaseTest test;
    test.fake.results = {DatabaseTest::lost(false), RunResult{Row{{"1"}}, true}};
    CHECK(std::holds_alternative<Row>(test.execute(true)));
    CHECK(test.fake.calls.size() == 2);
    test.fake.calls.clear();
    test.fake.results = {DatabaseTest::lost(false), DatabaseTest::lost(false)};
    CHECK(std::get<Unavailable>(test.execute(true)) == Unavailable::connection_lost);
    CHECK(test.fake.calls.size() == 2);
}

TEST_CASE("what may have run, or writes, is never sent again", "[database]") {
    DatabaseTest test;
    test.fake.results = {DatabaseTest::lost(true)};
    CHECK(std::get<Unavailable>(test.execute(true)) == Unavailable::connection_lost);
    CHECK(test.fake.calls.size() == 1);
    test.fake.results = {DatabaseTest::lost(false)};
    CHECK(std::get<Unavailable>(test.execute(false)) == Unavailable::connection_lost);
    CHECK(test.fake.calls.size() == 2);
}

TEST_CASE("every connection comes back to the pool", "[database]") {
    DatabaseTest test;
    for (int number = 0; number < 5; ++number) {
        CHECK(std::holds_alternative<Row>(test.execute(true)));
    }
    CHECK(test.pool.idle() == 1);
    CHECK(test.pool.open() == 1);
    CHECK(test.fake.connected == 1);
}
