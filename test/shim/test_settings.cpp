// Settings: file, environment, messages.
#include <catch2/catch.hpp>

#include <map>

#include "shim/settings.hpp"

using namespace pgwright::shim;

namespace {

std::string problem_in_file(std::string_view text) {
    Settings settings = default_settings();
    return read_settings(text, "shim.conf", settings).value_or("");
}

std::function<const char*(const char*)> variables(
    const std::map<std::string, std::string>& values) {
    return [&values](const char* name) -> const char* {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : found->second.c_str();
    };
}

}  // namespace

TEST_CASE("the defaults are those documented", "[settings]") {
    const Settings settings = default_settings();
    CHECK(settings.listen_address == "127.0.0.1");
    CHECK(settings.port == 8080);
    CHECK(settings.threads == 0);
    CHECK(settings.pool_size == 8);
    CHECK(settings.header_limit == 16384);
    CHECK(settings.body_limit == 10485760);
    CHECK(settings.json_depth_limit == 64);
    CHECK(settings.statement_timeout == std::chrono::seconds(30));
    CHECK(settings.log_level == LogLevel::info);
    CHECK(settings.log_requests);
}

TEST_CASE("a file sets what it names and nothing else", "[settings]") {
    Settings settings = default_settings();
    const auto problem = read_settings(
        "# comment\n\n  port = 0 \r\ndatabase = host=/tmp user=x # y\n"
        "log_requests=false\nlog_level = error\nidle_timeout = 5",
        "shim.conf", settings);
    CHECK_FALSE(problem);
    CHECK(settings.port == 0);
    CHECK(settings.database == "host=/tmp user=x # y");
    CHECK_FALSE(settings.log_requests);
    CHECK(settings.log_level == LogLevel::error);
    CHECK(settings.idle_timeout == std::chrono::milliseconds(5));
    CHECK(settings.threads == 0);
}

TEST_CASE("a mistake is named with its line", "[settings]") {
    CHECK(problem_in_file("port = 1\nprot = 2") == "shim.conf, line 2: unknown setting \"prot\"");
    CHECK(problem_in_file("port") == "shim.conf, line 1: expected \"key = value\"");
    CHECK(problem_in_file("\nport = 65536") ==
          "shim.conf, line 2: setting \"port\" must be a whole number of port between 0 and 65535");
    CHECK(problem_in_file("pool_size = 0").find("between 1 and 1000") != std::string::npos);
    CHECK(problem_in_file("port = 8080x").find("\"port\" must be") != std::string::npos);
    CHECK(problem_in_file("port = -1").find("\"port\" must be") != std::string::npos);
    CHECK(problem_in_file("body_limit = 99999999999").find("\"body_limit\"") != std::string::npos);
    CHECK(problem_in_file("log_level = loud").find("must be debug, info, warning or error") !=
          std::string::npos);
    CHECK(problem_in_file("log_requests = maybe").find("must be true or false") !=
          std::string::npos);
}

TEST_CASE("the environment wins over the file", "[settings]") {
    Settings settings = default_settings();
    CHECK_FALSE(read_settings("port = 1\nthreads = 3", "shim.conf", settings));
    const std::map<std::string, std::string> environment{{"PGWRIGHT_SHIM_PORT", "2"},
                                                         {"PGWRIGHT_SHIM_DATABASE", "host=h"}};
    CHECK_FALSE(read_environment(variables(environment), settings));
    CHECK(settings.port == 2);
    CHECK(settings.threads == 3);
    CHECK(settings.database == "host=h");
}

TEST_CASE("a mistake in the environment names the variable and not its value", "[settings]") {
    Settings settings = default_settings();
    const std::map<std::string, std::string> environment{{"PGWRIGHT_SHIM_PORT", "s3cret"}};
    const auto problem = read_environment(variables(environment), settings);
    REQUIRE(problem);
    CHECK(problem->find("PGWRIGHT_SHIM_PORT") != std::string::npos);
    CHECK(problem->find("s3cret") == std::string::npos);
}

TEST_CASE("the description lists every setting with its default", "[settings]") {
    const std::string text = describe_settings();
    CHECK(text.find("header_limit      16384") != std::string::npos);
    CHECK(text.find("shutdown_grace") != std::string::npos);
}
