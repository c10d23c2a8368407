// RapidJSON's reader drives a handler here. The iterative mode keeps its own stack on the heap, so
// no depth of brackets overflows ours; numbers arrive as text.
#include "shim/json_document.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>

namespace pgwright::shim {

namespace {

using rapidjson::SizeType;

constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseNumbersAsStringsFlag;

// Reads the reader's position, which MemoryStream keeps in the object the reader works on.
class Handler {
  public:
    Handler(std::string_view text, const rapidjson::MemoryStream& stream, std::size_t depth_limit,
            bool want_members, JsonDocument& document)
        : text_(text),
          stream_(stream),
          depth_limit_(depth_limit),
          want_members_(want_members),
          document_(document) {
        // Decoded keys are never longer than the text, so views into `names_` stay valid.
        names_.reserve(text.size());
    }

    bool Null() { return scalar(JsonKind::null, "null"); }
    bool Bool(bool value) { return scalar(JsonKind::boolean, value ? "true" : "false"); }
    bool RawNumber(const char* digits, SizeType length, bool) {
        return scalar(JsonKind::number, {digits, length});
    }
    bool String(const char* characters, SizeType length, bool) {
        return scalar(JsonKind::string, {characters, length});
    }
    // The reader calls these for numbers it has converted, which the flags rule out.
    static bool Int(int) { return false; }
    static bool Uint(unsigned) { return false; }
    static bool Int64(std::int64_t) { return false; }
    static bool Uint64(std::uint64_t) { return false; }
    static bool Double(double) { return false; }

    bool Key(const char* characters, SizeType length, bool) {
        const std::size_t start = names_.size();
        names_.append(characters, length);
        keys_.push_back({std::string_view(names_).substr(start), stream_.Tell()});
        if (depth() == 1 && want_members_) {
            document_.members.push_back({std::string(characters, length), JsonKind::null, {}});
        }
        return true;
    }
    bool StartObject() { return open(JsonKind::object); }
    bool StartArray() { return open(JsonKind::array); }
    bool EndObject(SizeType) {
        const bool unique = check_keys();
        return close() && unique;
    }
    bool EndArray(SizeType) { return close(); }

    bool too_deep() const { return too_deep_; }
    const std::optional<std::string>& repeated_key() const { return repeated_key_; }
    std::size_t repeated_at() const { return repeated_at_; }

  private:
    struct KeySeen {
        std::string_view name;
        std::size_t offset = 0;
    };
    struct Level {
        std::size_t first_key = 0;
        std::size_t first_name = 0;
    };

    std::size_t depth() const { return levels_.size(); }

    bool scalar(JsonKind kind, std::string_view written) {
        if (depth() == 0) {
            document_.kind = kind;
        } else if (depth() == 1 && want_members_ && document_.kind == JsonKind::object) {
            document_.members.back().kind = kind;
            document_.members.back().text = written;
        }
        return true;
    }

    // In iterative mode the bracket has been seen but not taken: Tell() is its offset.
    bool open(JsonKind kind) {
        if (depth() == depth_limit_) {
            too_deep_ = true;
            return false;
        }
        if (depth() == 0) {
            document_.kind = kind;
        } else if (depth() == 1) {
            member_start_ = stream_.Tell();
            member_kind_ = kind;
        }
        levels_.push_back({keys_.size(), names_.size()});
        return true;
    }

    bool close() {
        keys_.resize(levels_.back().first_key);
        names_.resize(levels_.back().first_name);
        levels_.pop_back();
        if (depth() == 1 && want_members_ && document_.kind == JsonKind::object) {
            document_.members.back().kind = member_kind_;
            document_.members.back().text =
                text_.substr(member_start_, stream_.Tell() + 1 - member_start_);
        }
        return true;
    }

    // Sorting, not hashing: no choice of keys makes it slow.
    bool check_keys() {
        const auto first = keys_.begin() + static_cast<std::ptrdiff_t>(levels_.back().first_key);
        std::sort(first, keys_.end(), [](const KeySeen& a, const KeySeen& b) {
            return a.name != b.name ? a.name < b.name : a.offset < b.offset;
        });
        const auto twice =
            std::adjacent_find(first, keys_.end(),
                               [](const KeySeen& a, const KeySeen& b) { return a.name == b.name; });
        if (twice == keys_.end()) {
            return true;
        }
        repeated_key_ = std::string(twice->name);
        repeated_at_ = std::next(twice)->offset;
        return false;
    }

    std::string_view text_;
    const rapidjson::MemoryStream& stream_;
    std::size_t depth_limit_;
    bool want_members_;
    JsonDocument& document_;
    std::string names_;
    std::vector<KeySeen> keys_;
    std::vector<Level> levels_;
    std::size_t member_start_ = 0;
    JsonKind member_kind_ = JsonKind::null;
    bool too_deep_ = false;
    std::optional<std::string> repeated_key_;
    std::size_t repeated_at_ = 0;
};

std::string position(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto lines = std::count(before.begin(), before.end(), '\n');
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    return "at line " + std::to_string(lines + 1) + ", column " +
           std::to_string(before.size() - line_start + 1);
}

std::string reason(rapidjson::ParseErrorCode code) {
    if (code == rapidjson::kParseErrorNumberTooBig) {
        return "a number is out of range";
    }
    if (code == rapidjson::kParseErrorStringInvalidEncoding) {
        return "a string is not valid UTF-8";
    }
    std::string text = rapidjson::GetParseError_En(code);
    if (!text.empty() && text.back() == '.') {
        text.pop_back();
    }
    return text;
}

Fault malformed(std::string_view text, const Handler& handler, rapidjson::ParseErrorCode code,
                std::size_t offset, std::size_t depth_limit) {
    if (handler.too_deep()) {
        return {"", "is nested deeper than " + std::to_string(depth_limit) + " levels, " +
                        position(text, offset)};
    }
    if (handler.repeated_key()) {
        return {*handler.repeated_key(),
                "is given more than once, " + position(text, handler.repeated_at())};
    }
    return {"", "is not well-formed JSON: " + reason(code) + ", " + position(text, offset)};
}

}  // namespace

std::optional<Fault> read_json(std::string_view text, std::size_t depth_limit, bool want_members,
                               JsonDocument& document) {
    document = {};
    rapidjson::MemoryStream stream(text.data(), text.size());
    Handler handler(text, stream, depth_limit, want_members, document);
    rapidjson::Reader reader;
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
    if (result.IsError()) {
        return malformed(text, handler, result.Code(), result.Offset(), depth_limit);
    }
    // The stream reports its end as NUL, so a NUL in the text looks like the end of it.
    if (stream.Tell() != text.size()) {
        return Fault{"",
                     "is not well-formed JSON: a NUL character, " + position(text, stream.Tell())};
    }
    return std::nullopt;
}

}  // namespace pgwright::shim
