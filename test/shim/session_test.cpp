// The client end is a Beast test stream; reading its buffer directly keeps the test synchronous.
#include "session_test.hpp"

#include <fcntl.h>

#include <utility>

namespace pgwright::shim {

namespace {

std::shared_ptr<const RouteTable> make_routes() {
    auto table = std::make_shared<RouteTable>();
    RouteRow whole = route_row("POST", "/t/whole", R"([{"name":"data","type":"json"}])");
    whole.body_argument = "data";
    RouteRow nothing = route_row("DELETE", "/t/{id}", R"([{"name":"id","type":"text"}])");
    nothing.returns = "void";
    nothing.success_status = "204";
    for (const RouteRow& row :
         {route_row("GET", "/t"),
          route_row("GET", "/t/{id}", R"([{"name":"id","type":"integer"}])"), whole, nothing}) {
        REQUIRE_FALSE(table->add(make_route(row)));
    }
    return table;
}

}  // namespace

Settings SessionTest::make_settings() {
    Settings settings = default_settings();
    settings.header_limit = 1024;
    settings.body_limit = 4096;
    return settings;
}

SessionTest::SessionTest()
    : log_descriptor_(::open("/dev/null", O_WRONLY | O_CLOEXEC)),
      log_writer_(log_descriptor_),
      log(log_writer_, LogLevel::debug),
      service(backend, log, 64, Clock::now()),
      host{service, log, watch_list, ids, settings},
      client_(io()) {
    service.set_routes(make_routes());
    boost::beast::test::stream server(io());
    client_.connect(server);
    session_ = std::make_unique<Session>(
        host, std::make_unique<TestTransport>(std::move(server), gone, closed), "192.0.2.1");
    spawn(session_->run());
}

SessionTest::~SessionTest() {
    backend.hang = false;
    watch_list.abort();
    settle();
    hang_up();
    ::close(log_descriptor_);
}

void SessionTest::send(std::string_view bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        sent += client_.write_some(asio::buffer(bytes.data() + sent, bytes.size() - sent));
    }
    settle();
}

std::string SessionTest::received() {
    std::string text(client_.str());
    client_.clear();
    return text;
}

void SessionTest::hang_up() {
    client_.close();
    settle();
}

void SessionTest::tick(TimePoint now) {
    watch_list.tick(now);
    settle();
}

void SessionTest::stop() {
    host.stopping = true;
    watch_list.stop();
    settle();
}

void SessionTest::abort() {
    watch_list.abort();
    settle();
}

}  // namespace pgwright::shim
