// The shim's settings: defaults, then the file, then the environment. Each has a name, a unit, a
// default and a line of documentation in one table, which --help prints and README.md repeats.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pgwright::shim {

enum class LogLevel { debug, info, warning, error };

struct Settings {
    using Milliseconds = std::chrono::milliseconds;

    std::string listen_address;
    std::uint32_t port = 0;
    std::uint32_t threads = 0;
    std::string database;
    std::uint32_t pool_size = 0;
    std::uint32_t queue_limit = 0;
    std::uint32_t statement_cache = 0;
    std::uint32_t header_limit = 0;
    std::uint32_t body_limit = 0;
    std::uint32_t json_depth_limit = 0;
    Milliseconds idle_timeout{};
    Milliseconds header_timeout{};
    Milliseconds body_timeout{};
    Milliseconds write_timeout{};
    Milliseconds statement_timeout{};
    Milliseconds queue_timeout{};
    Milliseconds connect_timeout{};
    Milliseconds cancel_timeout{};
    Milliseconds reconnect_limit{};
    Milliseconds shutdown_grace{};
    LogLevel log_level = LogLevel::info;
    bool log_requests = true;
};

// What went wrong names the setting and where it was given, never the value of a secret one.
using SettingsProblem = std::optional<std::string>;

Settings default_settings();

// `key = value` lines; # starts a comment line; blanks around key and value do not count.
SettingsProblem read_settings(std::string_view text, std::string_view file_name,
                              Settings& settings);

// PGWRIGHT_SHIM_<KEY> for each setting. `variable` is getenv, or a stand-in for it.
SettingsProblem read_environment(const std::function<const char*(const char*)>& variable,
                                 Settings& settings);

// The table, for --help: one setting to a line.
std::string describe_settings();

}  // namespace pgwright::shim
