// The command line. Exit status: 0 after a graceful stop, 1 when the server cannot start, 2 for a
// mistake in the command line or a setting.
#include <libpq-fe.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "shim/server.hpp"
#include "shim/settings.hpp"

namespace {

using pgwright::shim::Settings;

constexpr int kUsageStatus = 2;

void print_help() {
    std::cout << "pgwright-shim serves a pgwright database over HTTP.\n\n"
                 "Usage: pgwright-shim [--config FILE] [--help] [--version]\n\n"
                 "Settings come from FILE, as lines \"key = value\", and from environment\n"
                 "variables PGWRIGHT_SHIM_<KEY>, which win. Key, default, unit, meaning:\n\n"
              << pgwright::shim::describe_settings();
}

std::optional<std::string> read_file(const std::string& name, Settings& settings) {
    const std::ifstream file(name, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf())) {
        return "cannot read " + name;
    }
    return pgwright::shim::read_settings(text.str(), name, settings);
}

// libpq's own message would quote parts of the string, which may be a password.
std::optional<std::string> check_database(const Settings& settings) {
    char* message = nullptr;
    PQconninfoOption* options = PQconninfoParse(settings.database.c_str(), &message);
    PQfreemem(message);
    PQconninfoFree(options);
    if (options == nullptr) {
        return "setting \"database\" is not a libpq connection string";
    }
    return std::nullopt;
}

std::optional<std::string> load(const std::optional<std::string>& file, Settings& settings) {
    std::optional<std::string> problem;
    if (file) {
        problem = read_file(*file, settings);
    }
    if (!problem) {
        problem = pgwright::shim::read_environment(
            [](const char* name) -> const char* { return std::getenv(name); }, settings);
    }
    return problem ? problem : check_database(settings);
}

int fail(const std::string& problem, int status) {
    std::cerr << "pgwright-shim: " << problem << '\n';
    return status;
}

int serve(const std::optional<std::string>& file) {
    Settings settings = pgwright::shim::default_settings();
    if (const auto problem = load(file, settings)) {
        return fail(*problem, kUsageStatus);
    }
    std::signal(SIGPIPE, SIG_IGN);
    pgwright::shim::Server server(settings);
    if (const auto problem = server.run()) {
        return fail(*problem, EXIT_FAILURE);
    }
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    std::optional<std::string> file;
    try {
        for (int at = 1; at < argc; ++at) {
            const std::string_view argument = argv[at];
            if (argument == "--help") {
                print_help();
                return EXIT_SUCCESS;
            }
            if (argument == "--version") {
                std::cout << "pgwright-shim " << PGWRIGHT_VERSION << '\n';
                return EXIT_SUCCESS;
            }
            if (argument != "--config" || at + 1 == argc) {
                return fail("unexpected argument \"" + std::string(argument) + "\"; see --help",
                            kUsageStatus);
            }
            file = argv[++at];
        }
        return serve(file);
    } catch (const std::exception& error) {
        return fail(error.what(), EXIT_FAILURE);
    }
}
