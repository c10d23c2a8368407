// The two built-in endpoints: is the shim up, and does the database answer.
#pragma once

#include <string_view>

#include "shim/backend.hpp"
#include "shim/reply.hpp"
#include "shim/watch_list.hpp"

namespace pgwright::shim {

inline constexpr std::string_view kHealthPath = "/api/health";
inline constexpr std::string_view kDatabaseHealthPath = "/api/health/database";
inline constexpr std::string_view kDatabaseHealthSql =
    "SELECT pg_catalog.current_setting('server_version'), (SELECT extversion FROM "
    "pg_catalog.pg_extension WHERE extname = 'pgwright')";

inline bool is_health_path(std::string_view path) {
    return path == kHealthPath || path == kDatabaseHealthPath;
}

// {"status","version","uptime_seconds"}; does not touch the database.
Reply health_reply(TimePoint started);

// {"status","latency_ms","server_version","extension_version"} from the row of the query above.
Reply database_health_reply(const Row& row, Clock::duration latency);

}  // namespace pgwright::shim
