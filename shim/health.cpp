// A monitor reads these; their members are part of the interface.
#include "shim/health.hpp"

#include <array>
#include <cstdio>
#include <string>

#include "shim/json_text.hpp"

namespace pgwright::shim {

namespace {

void append_column(std::string& body, std::string_view name, const Row& row, std::size_t column) {
    append_json_name(body, name);
    if (column < row.columns.size() && row.columns[column]) {
        append_json_string(body, *row.columns[column]);
    } else {
        body += "null";
    }
}

}  // namespace

Reply health_reply(TimePoint started) {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started);
    Reply reply;
    reply.body = R"({"status":"ok","version":)";
    append_json_string(reply.body, PGWRIGHT_VERSION);
    append_json_name(reply.body, "uptime_seconds");
    reply.body += std::to_string(uptime.count()) + "}";
    reply.route = kHealthPath;
    return reply;
}

Reply database_health_reply(const Row& row, Clock::duration latency) {
    std::array<char, 32> milliseconds{};
    std::snprintf(milliseconds.data(), milliseconds.size(), "%.3f",
                  std::chrono::duration<double, std::milli>(latency).count());
    Reply reply;
    reply.body = R"({"status":"ok","latency_ms":)";
    reply.body += milliseconds.data();
    append_column(reply.body, "server_version", row, 0);
    append_column(reply.body, "extension_version", row, 1);
    reply.body += '}';
    reply.route = kDatabaseHealthPath;
    return reply;
}

}  // namespace pgwright::shim
