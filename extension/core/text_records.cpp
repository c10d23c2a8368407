// Lines and elements of arrays; see text_records.hpp.
#include "core/text_records.hpp"

namespace pgwright::core {
namespace {

using namespace std::string_view_literals;

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A CR right before the LF belongs to it.
std::size_t count_lines(std::string_view text) noexcept {
    std::size_t lines = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool carriage_return =
            text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n');
        if (text[i] == '\n' || carriage_return) ++lines;
    }
    return lines;
}

std::size_t skip_blanks(std::string_view input, std::size_t at) noexcept {
    while (at < input.size() && is_blank(input[at])) ++at;
    return at;
}

ReadState fail(TextRecord& record, const char* problem) noexcept {
    record.problem = problem;
    return ReadState::failed;
}

ReadState ask_for_more(std::string_view input, TextRecord& record) noexcept {
    return input.size() > kMaxRecordBytes ? fail(record, "a record is too long") : ReadState::more;
}

ReadState take(std::string_view input, std::size_t begin, std::size_t end, std::size_t next,
               TextRecord& record) noexcept {
    record.text = input.substr(begin, end - begin);
    record.bytes = next;
    record.lead_lines = count_lines(input.substr(0, begin));
    record.lines = count_lines(input.substr(0, next));
    return ReadState::record;
}

// Where the value that begins there ends: at the comma or bracket behind it; npos when the input ends
// before. Strings are skipped; whether brackets match is the JSON parser's question.
std::size_t end_of_value(std::string_view input, std::size_t at) noexcept {
    std::size_t depth = 0;
    bool in_string = false;
    for (; at < input.size(); ++at) {
        const char c = input[at];
        if (in_string) {
            if (c == '\\') ++at;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth == 0 && (c == ',' || c == ']')) {
            return at;
        } else if (c == '}' || c == ']') {
            if (depth == 0) return at;
            --depth;
        }
    }
    return std::string_view::npos;
}

// Behind the array there is nothing but blanks.
ReadState finish_array(std::string_view input, std::size_t at, TextRecord& record) noexcept {
    if (skip_blanks(input, at + 1) < input.size())
        return fail(record, "something follows the end of the array");
    return ReadState::end;
}

}  // namespace

std::size_t byte_order_mark(std::string_view input) noexcept {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    return input.starts_with(mark) ? mark.size() : 0;
}

std::string_view foreign_encoding(std::string_view input) noexcept {
    if (input.starts_with("\xFF\xFE\0\0"sv) || input.starts_with("\0\0\xFE\xFF"sv)) return "UTF-32";
    if (input.starts_with("\xFF\xFE"sv) || input.starts_with("\xFE\xFF"sv)) return "UTF-16";
    return "";
}

ReadState next_json_line(std::string_view input, bool last, TextRecord& record) noexcept {
    const std::size_t begin = skip_blanks(input, 0);
    if (begin == input.size()) return last ? ReadState::end : ask_for_more(input, record);
    const std::size_t end = input.find_first_of("\r\n", begin);
    if (end == std::string_view::npos) {
        if (!last) return ask_for_more(input, record);
        return take(input, begin, input.size(), input.size(), record);
    }
    // The break's second half, if it is not there yet, is a blank ahead of the next record: but then
    // it would count as a line of its own.
    if (input[end] == '\r' && end + 1 == input.size() && !last) return ReadState::more;
    const bool two = input[end] == '\r' && input.substr(end + 1).starts_with('\n');
    return take(input, begin, end, end + (two ? 2 : 1), record);
}

ReadState next_json_element(std::string_view input, bool last, bool begun,
                            TextRecord& record) noexcept {
    std::size_t at = skip_blanks(input, 0);
    if (at == input.size()) {
        if (!last) return ask_for_more(input, record);
        return fail(record, begun ? "the array does not end" : "the file is empty");
    }
    const char opening = begun ? ',' : '[';
    if (begun && input[at] == ']')
        return last ? finish_array(input, at, record) : ask_for_more(input, record);
    if (input[at] != opening)
        return fail(record, begun ? "a comma or the end of the array is missing"
                                  : "the file is not a JSON array");
    at = skip_blanks(input, at + 1);
    if (!begun && at < input.size() && input[at] == ']')
        return last ? finish_array(input, at, record) : ask_for_more(input, record);
    const std::size_t end = end_of_value(input, at);
    if (end == std::string_view::npos)
        return last ? fail(record, "the array does not end") : ask_for_more(input, record);
    // Up to the separator, which opens the next element. A CR there may be half of a line break, but it
    // is no text and is counted with what follows.
    return take(input, at, end, end, record);
}

}  // namespace pgwright::core
