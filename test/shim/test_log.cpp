// Log lines: form, escaping, levels, and that everything written arrives.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <array>

#include "shim/json_document.hpp"
#include "shim/log.hpp"

using namespace pgwright::shim;

namespace {

// A pipe whose reading end is read once the writer has gone.
class Pipe {
  public:
    Pipe() { REQUIRE(::pipe(ends_.data()) == 0); }
    ~Pipe() { ::close(ends_[0]); }
    int writing_end() const { return ends_[1]; }
    std::string finish() {
        ::close(ends_[1]);
        std::string text;
        std::array<char, 4096> block{};
        for (ssize_t got = 0; (got = ::read(ends_[0], block.data(), block.size())) > 0;) {
            text.append(block.data(), static_cast<std::size_t>(got));
        }
        return text;
    }

  private:
    std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("a line is one JSON object with time and level first", "[log]") {
    const LogTime time{std::chrono::milliseconds(1706702400123)};
    CHECK(log_line(time, LogLevel::warning,
                   {{"message", "hello"}, {"count", std::int64_t{3}}, {"ms", 1.5}}) ==
          "{\"time\":\"2024-01-31T12:00:00.123Z\",\"level\":\"warning\",\"message\":\"hello\","
          "\"count\":3,\"ms\":1.500}\n");
}

TEST_CASE("whatever a client sends stays inside its string and on its line", "[log]") {
    const std::string nasty("a\"b\\c\nd\re\x1b[2J\x7f\xff\0z", 17);
    const std::string line = log_line({}, LogLevel::info, {{"path", nasty}});
    CHECK(line.find('\n') == line.size() - 1);
    JsonDocument document;
    REQUIRE_FALSE(read_json(line.substr(0, line.size() - 1), 4, true, document));
    REQUIRE(document.members.size() == 3);
    CHECK(document.members[2].text.starts_with("a\"b\\c\nd\re"));
    CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("lines below the level are left out, the rest arrives in order", "[log]") {
    Pipe pipe;
    {
        LogWriter writer(pipe.writing_end());
        LogBuffer buffer(writer, LogLevel::warning);
        buffer.write(LogLevel::info, {{"message", "quiet"}});
        buffer.write(LogLevel::warning, {{"message", "first"}});
        buffer.write(LogLevel::error, {{"message", "second"}});
    }
    const std::string text = pipe.finish();
    CHECK(text.find("quiet") == std::string::npos);
    CHECK(text.find("first") < text.find("second"));
    CHECK(text.find("second") != std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}
