// One pass over a record; see csv_reader.hpp.
#include "core/csv_reader.hpp"

#include <array>

namespace pgwright::core {
namespace {

constexpr char kQuote = '"';

class Scan {
  public:
    Scan(std::string_view input, bool last, char delimiter, CsvRecord& record)
        : input_(input), last_(last), delimiter_(delimiter), record_(record) {}

    ReadState run() {
        record_.cells.clear();
        record_.unescaped.clear();
        record_.fault = "";
        record_.lines = 0;
        while (true) {
            const bool whole = at_quote() ? take_quoted() : take_plain();
            if (!whole) return more();
            if (at_ < input_.size() && input_[at_] == delimiter_) {
                ++at_;
                if (at_ == input_.size() && !last_) return more();
                continue;
            }
            if (!take_line_break()) return more();
            record_.bytes = at_;
            return ReadState::record;
        }
    }

  private:
    [[nodiscard]] bool at_quote() const noexcept {
        return at_ < input_.size() && input_[at_] == kQuote;
    }
    [[nodiscard]] bool ends_plain(char c) const noexcept {
        return c == delimiter_ || c == '\n' || c == '\r';
    }
    [[nodiscard]] ReadState more() const noexcept {
        return input_.size() > kMaxRecordBytes ? ReadState::failed : ReadState::more;
    }
    void note(const char* fault) noexcept {
        if (*record_.fault != '\0') return;
        record_.fault = fault;
        record_.column = record_.cells.size() + 1;
    }

    // Up to the delimiter or line break; false when the input ends before and more comes.
    bool take_plain() {
        const std::size_t begin = at_;
        while (at_ < input_.size() && !ends_plain(input_[at_])) {
            if (input_[at_] == kQuote) note("a quote stands inside a value that is not quoted");
            ++at_;
        }
        if (at_ == input_.size() && !last_) return false;
        record_.cells.push_back({input_.substr(begin, at_ - begin), false});
        return true;
    }

    bool take_quoted() {
        const std::size_t begin = ++at_;
        bool doubled = false;
        while (true) {
            at_ = input_.find(kQuote, at_);
            if (at_ == std::string_view::npos) return take_unended(begin);
            if (at_ + 1 == input_.size() && !last_) return false;
            if (at_ + 1 == input_.size() || input_[at_ + 1] != kQuote) break;
            doubled = true;
            at_ += 2;
        }
        add_quoted(input_.substr(begin, at_ - begin), doubled);
        ++at_;
        return take_rest();
    }

    bool take_unended(std::size_t begin) {
        at_ = input_.size();
        if (!last_) return false;
        note("a quoted value does not end");
        add_quoted(input_.substr(begin), false);
        return true;
    }

    // What stands between a closing quote and the delimiter should not be there.
    bool take_rest() {
        const std::size_t begin = at_;
        while (at_ < input_.size() && !ends_plain(input_[at_])) ++at_;
        if (at_ == input_.size() && !last_) return false;
        if (at_ > begin) {
            record_.cells.pop_back();
            note("something stands between a closing quote and the delimiter");
            record_.cells.push_back({input_.substr(begin, at_ - begin), true});
        }
        return true;
    }

    void add_quoted(std::string_view text, bool doubled) {
        count_lines(text);
        if (doubled) text = unescape(text);
        record_.cells.push_back({text, true});
    }

    std::string_view unescape(std::string_view text) {
        std::string& plain = record_.unescaped.emplace_back();
        plain.reserve(text.size());
        for (std::size_t i = 0; i < text.size(); ++i) {
            plain += text[i];
            if (text[i] == kQuote) ++i;
        }
        return plain;
    }

    void count_lines(std::string_view text) noexcept {
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool alone = text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
            if (text[i] == '\n' || alone) ++record_.lines;
        }
    }

    // False when the second half of a CRLF may be still to come.
    bool take_line_break() noexcept {
        if (at_ == input_.size()) return true;
        ++record_.lines;
        if (input_[at_++] == '\n') return true;
        if (at_ == input_.size()) return last_;
        if (input_[at_] == '\n') ++at_;
        return true;
    }

    std::string_view input_;
    bool last_;
    char delimiter_;
    CsvRecord& record_;
    std::size_t at_ = 0;
};

}  // namespace

ReadState next_csv_record(std::string_view input, bool last, char delimiter, CsvRecord& record) {
    if (input.empty()) return last ? ReadState::end : ReadState::more;
    return Scan(input, last, delimiter, record).run();
}

char guess_delimiter(std::string_view input) noexcept {
    constexpr std::array<char, 4> candidates = {',', ';', '\t', '|'};
    std::array<std::size_t, 4> found{};
    bool in_quotes = false;
    for (const char c : input) {
        if (c == kQuote) in_quotes = !in_quotes;
        if (in_quotes) continue;
        if (c == '\n' || c == '\r') break;
        for (std::size_t i = 0; i < candidates.size(); ++i)
            if (c == candidates[i]) ++found[i];
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i)
        if (found[i] > found[best]) best = i;
    return candidates[best];
}

}  // namespace pgwright::core
