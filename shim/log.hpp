// The log: one JSON object to a line. Each thread collects lines in its own LogBuffer and hands them
// over at intervals; one writer thread does the writing, so a slow reader of the log never holds up
// a request. Tokens, bodies and query values have no way into a line.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "shim/settings.hpp"

namespace pgwright::shim {

struct LogField {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, double> value;
};

using LogTime = std::chrono::system_clock::time_point;

// {"time":"2024-01-31T12:00:00.000Z","level":"info", ...fields}\n
std::string log_line(LogTime time, LogLevel level, const std::vector<LogField>& fields);

// Writes to a file descriptor. Bound: kMostBytes wait; what does not fit is dropped and counted.
class LogWriter {
  public:
    static constexpr std::size_t kMostBytes = std::size_t{16} << 20;

    explicit LogWriter(int descriptor);
    ~LogWriter() { finish(); }
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // Any thread. Takes whole lines and leaves `lines` empty.
    void take(std::string& lines);
    // Writes what is left and ends the thread. Lines taken later are lost.
    void finish();

  private:
    void run();
    void write_all(std::string_view text) const;

    int descriptor_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::string waiting_;
    std::size_t dropped_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

// One thread's way to the log.
class LogBuffer {
  public:
    LogBuffer(LogWriter& writer, LogLevel level) : writer_(writer), level_(level) {}
    ~LogBuffer() { flush(); }
    LogBuffer(const LogBuffer&) = delete;
    LogBuffer& operator=(const LogBuffer&) = delete;

    bool wants(LogLevel level) const { return level >= level_; }
    void write(LogLevel level, const std::vector<LogField>& fields);
    // A line that is already formatted.
    void write_line(std::string_view line);
    void flush() { writer_.take(lines_); }

  private:
    static constexpr std::size_t kFlushBytes = std::size_t{64} << 10;

    LogWriter& writer_;
    LogLevel level_;
    std::string lines_;
};

}  // namespace pgwright::shim
