// The writer swaps the waiting text out under the lock and writes it without.
#include "shim/log.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include "shim/json_text.hpp"

namespace pgwright::shim {

namespace {

constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};

// gmtime and the formatting around it are paid once a second.
void append_time(std::string& out, LogTime time) {
    thread_local std::time_t cached_second = -1;
    thread_local std::array<char, 32> cached{};
    const auto since = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    const std::time_t second = static_cast<std::time_t>(since.count() / 1000);
    if (second != cached_second) {
        std::tm parts{};
        gmtime_r(&second, &parts);
        std::strftime(cached.data(), cached.size(), "%Y-%m-%dT%H:%M:%S", &parts);
        cached_second = second;
    }
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                  static_cast<int>(since.count() % 1000));
    out += cached.data();
    out += fraction.data();
}

void append_value(std::string& out, const LogField& field) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        append_json_string(out, *text);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        out += std::to_string(*number);
    } else {
        std::array<char, 32> digits{};
        std::snprintf(digits.data(), digits.size(), "%.3f", std::get<double>(field.value));
        out += digits.data();
    }
}

}  // namespace

std::string log_line(LogTime time, LogLevel level, const std::vector<LogField>& fields) {
    std::string line;
    line.reserve(320);
    line += R"({"time":")";
    append_time(line, time);
    line += R"(","level":")";
    line += kLevels[static_cast<std::size_t>(level)];
    line += '"';
    for (const LogField& field : fields) {
        append_json_name(line, field.name);
        append_value(line, field);
    }
    line += "}\n";
    return line;
}

LogWriter::LogWriter(int descriptor) : descriptor_(descriptor), thread_([this] { run(); }) {}

void LogWriter::finish() {
    if (!thread_.joinable()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void LogWriter::take(std::string& lines) {
    if (lines.empty()) {
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.size() + lines.size() <= kMostBytes) {
            waiting_ += lines;
        } else {
            ++dropped_;
        }
    }
    lines.clear();
    wake_.notify_one();
}

void LogWriter::run() {
    std::string writing;
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty() || dropped_ != 0; });
        writing.swap(waiting_);
        const std::size_t dropped = std::exchange(dropped_, 0);
        const bool last = stopping_;
        lock.unlock();
        if (dropped != 0) {
            writing += log_line(std::chrono::system_clock::now(), LogLevel::warning,
                                {{"message", "log lines were dropped"},
                                 {"batches", static_cast<std::int64_t>(dropped)}});
        }
        write_all(writing);
        writing.clear();
        if (last) {
            return;
        }
        lock.lock();
    }
}

void LogWriter::write_all(std::string_view text) const {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor_, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            return;  // there is nowhere left to complain to
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void LogBuffer::write(LogLevel level, const std::vector<LogField>& fields) {
    if (wants(level)) {
        write_line(log_line(std::chrono::system_clock::now(), level, fields));
    }
}

void LogBuffer::write_line(std::string_view line) {
    lines_ += line;
    if (lines_.size() >= kFlushBytes) {
        flush();
    }
}

}  // namespace pgwright::shim
