// A setting is its row in the table: adding one means a member, a row and a line in README.md.
#include "shim/settings.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <variant>

#include "shim/ascii.hpp"

namespace pgwright::shim {

namespace {

using Text = std::string Settings::*;
using Number = std::uint32_t Settings::*;
using Time = std::chrono::milliseconds Settings::*;
using Flag = bool Settings::*;
using Level = LogLevel Settings::*;

constexpr std::uint32_t kMost = std::numeric_limits<std::int32_t>::max();

struct Setting {
    std::string_view key;
    std::variant<Text, Number, Time, Flag, Level> member;
    std::string_view unit;
    std::string_view initial;
    std::string_view documentation;
    std::uint32_t low = 0;
    std::uint32_t high = kMost;
};

const Setting kSettings[] = {
    {"listen_address", &Settings::listen_address, "address", "127.0.0.1", "address to listen on"},
    {"port", &Settings::port, "port", "8080", "port to listen on; 0 takes a free one", 0, 65535},
    {"threads", &Settings::threads, "threads", "0",
     "threads that serve requests; 0 is one per processor", 0, 1024},
    {"database", &Settings::database, "libpq string", "",
     "connection string of the database; may hold a password, is never logged"},
    {"pool_size", &Settings::pool_size, "connections", "8",
     "database connections per thread, opened as they are needed", 1, 1000},
    {"queue_limit", &Settings::queue_limit, "requests", "256",
     "requests per thread that may wait for a connection; one more gets 503"},
    {"statement_cache", &Settings::statement_cache, "statements", "256",
     "prepared statements kept per connection", 1},
    {"header_limit", &Settings::header_limit, "bytes", "16384",
     "request line and headers together; more gets 431", 256},
    {"body_limit", &Settings::body_limit, "bytes", "10485760", "request body; more gets 413"},
    {"json_depth_limit", &Settings::json_depth_limit, "levels", "64",
     "nesting of a JSON document a client sends", 1, 100000},
    {"idle_timeout", &Settings::idle_timeout, "ms", "60000",
     "a connection without a request is closed", 1},
    {"header_timeout", &Settings::header_timeout, "ms", "10000",
     "from the first byte of a request to the end of its headers; then 408", 1},
    {"body_timeout", &Settings::body_timeout, "ms", "30000",
     "for the request body to arrive; then 408", 1},
    {"write_timeout", &Settings::write_timeout, "ms", "30000", "for the client to take a response",
     1},
    {"statement_timeout", &Settings::statement_timeout, "ms", "30000",
     "for the database to answer; then the statement is cancelled and the client gets 504", 1},
    {"queue_timeout", &Settings::queue_timeout, "ms", "5000",
     "for a database connection to become free; then 503", 1},
    {"connect_timeout", &Settings::connect_timeout, "ms", "5000",
     "for one attempt to connect to the database", 1},
    {"cancel_timeout", &Settings::cancel_timeout, "ms", "5000",
     "for a cancelled statement to end; then its connection is dropped", 1},
    {"reconnect_limit", &Settings::reconnect_limit, "ms", "5000",
     "longest wait between attempts to reach the database", 50},
    {"shutdown_grace", &Settings::shutdown_grace, "ms", "10000",
     "for requests in flight to finish after SIGTERM; then they are cancelled"},
    {"log_level", &Settings::log_level, "level", "info", "debug, info, warning or error"},
    {"log_requests", &Settings::log_requests, "flag", "true", "one log line per request"},
};

using Problem = std::optional<std::string>;

Problem assign_number(const Setting& setting, std::string_view text, std::uint32_t& number) {
    const auto end = text.data() + text.size();
    std::uint32_t value = 0;
    const auto parsed = std::from_chars(text.data(), end, value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end || value < setting.low ||
        value > setting.high) {
        return "must be a whole number of " + std::string(setting.unit) + " between " +
               std::to_string(setting.low) + " and " + std::to_string(setting.high);
    }
    number = value;
    return std::nullopt;
}

Problem assign_flag(std::string_view text, bool& flag) {
    if (text != "true" && text != "false" && text != "on" && text != "off") {
        return "must be true or false";
    }
    flag = text == "true" || text == "on";
    return std::nullopt;
}

Problem assign_level(std::string_view text, LogLevel& level) {
    static constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
    const auto found = std::find(std::begin(kNames), std::end(kNames), text);
    if (found == std::end(kNames)) {
        return "must be debug, info, warning or error";
    }
    level = static_cast<LogLevel>(found - std::begin(kNames));
    return std::nullopt;
}

Problem assign(const Setting& setting, std::string_view text, Settings& settings) {
    if (const auto* member = std::get_if<Text>(&setting.member)) {
        if (text.find('\0') != std::string_view::npos) {
            return "must not contain a NUL";
        }
        settings.** member = text;
        return std::nullopt;
    }
    if (const auto* member = std::get_if<Number>(&setting.member)) {
        return assign_number(setting, text, settings.**member);
    }
    if (const auto* member = std::get_if<Time>(&setting.member)) {
        std::uint32_t number = 0;
        Problem problem = assign_number(setting, text, number);
        if (!problem) {
            settings.** member = std::chrono::milliseconds(number);
        }
        return problem;
    }
    if (const auto* member = std::get_if<Flag>(&setting.member)) {
        return assign_flag(text, settings.**member);
    }
    return assign_level(text, settings.*std::get<Level>(setting.member));
}

SettingsProblem read_line(std::string_view line, Settings& settings) {
    line = trimmed(line);
    if (line.empty() || line.front() == '#') {
        return std::nullopt;
    }
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) {
        return "expected \"key = value\"";
    }
    const std::string_view key = trimmed(line.substr(0, equals));
    const auto setting = std::find_if(std::begin(kSettings), std::end(kSettings),
                                      [&](const Setting& known) { return known.key == key; });
    if (setting == std::end(kSettings)) {
        return "unknown setting \"" + std::string(key) + "\"";
    }
    if (auto problem = assign(*setting, trimmed(line.substr(equals + 1)), settings)) {
        return "setting \"" + std::string(key) + "\" " + *problem;
    }
    return std::nullopt;
}

std::string variable_name(const Setting& setting) {
    std::string name = "PGWRIGHT_SHIM_";
    for (const char c : setting.key) {
        name += to_upper(c);
    }
    return name;
}

void pad(std::string& text, std::size_t width) {
    text.append(width > text.size() ? width - text.size() : 1, ' ');
}

}  // namespace

Settings default_settings() {
    Settings settings;
    for (const Setting& setting : kSettings) {
        // The defaults are in range: a test reads them all back.
        static_cast<void>(assign(setting, setting.initial, settings));
    }
    return settings;
}

SettingsProblem read_settings(std::string_view text, std::string_view file_name,
                              Settings& settings) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        if (auto problem = read_line(text.substr(0, end), settings)) {
            return std::string(file_name) + ", line " + std::to_string(number) + ": " + *problem;
        }
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return std::nullopt;
}

SettingsProblem read_environment(const std::function<const char*(const char*)>& variable,
                                 Settings& settings) {
    for (const Setting& setting : kSettings) {
        const std::string name = variable_name(setting);
        const char* value = variable(name.c_str());
        if (value == nullptr) {
            continue;
        }
        if (auto problem = assign(setting, trimmed(value), settings)) {
            return "environment variable " + name + " " + *problem;
        }
    }
    return std::nullopt;
}

std::string describe_settings() {
    std::string text;
    for (const Setting& setting : kSettings) {
        std::string line = "  " + std::string(setting.key);
        pad(line, 20);
        line += setting.initial.empty() ? "-" : setting.initial;
        pad(line, 31);
        line += setting.unit;
        pad(line, 44);
        text += line + std::string(setting.documentation) + '\n';
    }
    return text;
}

}  // namespace pgwright::shim
