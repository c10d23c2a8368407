// JSON values, their parser and their writer. The parser is RapidJSON's iterative reader with a
// handler that builds Json in place; the rules RapidJSON 1.1 leaves open (duplicate keys, depth,
// U+0000, unpaired low surrogates) are checked in that handler, in the same pass.
#include "core/json.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "core/error.hpp"

namespace pgwright::core {

Json Json::boolean(bool value) {
    Json json;
    json.kind_ = Kind::boolean;
    json.boolean_ = value;
    return json;
}

Json Json::number(std::string digits) {
    Json json;
    json.kind_ = Kind::number;
    json.text_ = std::move(digits);
    return json;
}

Json Json::string(std::string text) {
    Json json;
    json.kind_ = Kind::string;
    json.text_ = std::move(text);
    return json;
}

Json Json::array(Array items) {
    Json json;
    json.kind_ = Kind::array;
    json.items_ = std::move(items);
    return json;
}

Json Json::object(Object members) {
    Json json;
    json.kind_ = Kind::object;
    json.members_ = std::move(members);
    return json;
}

const Json* Json::find(std::string_view key) const noexcept {
    const auto found = std::ranges::find(members_, key, &Member::first);
    return found == members_.end() ? nullptr : &found->second;
}

void Json::set(std::string_view key, Json value) {
    if (!is_object()) *this = object();
    const auto found = std::ranges::find(members_, key, &Member::first);
    if (found == members_.end()) {
        members_.emplace_back(key, std::move(value));
    } else {
        found->second = std::move(value);
    }
}

std::string Json::dump() const {
    JsonWriter writer;
    writer.value(*this);
    return std::string(writer.view());
}

std::string_view kind_name(Json::Kind kind) noexcept {
    switch (kind) {
        case Json::Kind::null: return "null";
        case Json::Kind::boolean: return "boolean";
        case Json::Kind::number: return "number";
        case Json::Kind::string: return "string";
        case Json::Kind::array: return "array";
        case Json::Kind::object: return "object";
    }
    return "value";
}

void JsonWriter::value(const Json& json) {
    switch (json.kind()) {
        case Json::Kind::null: return null();
        case Json::Kind::boolean: return boolean(json.as_boolean());
        case Json::Kind::number: return raw(json.text());
        case Json::Kind::string: return string(json.text());
        case Json::Kind::array:
            begin_array();
            for (const Json& item : json.items()) value(item);
            return end_array();
        case Json::Kind::object:
            begin_object();
            for (const auto& [name, member] : json.members()) {
                key(name);
                value(member);
            }
            return end_object();
    }
}

namespace {

// Below this many members a scan of the members so far finds a duplicate faster than sorting, and
// tells its exact place; above it, one sort at the end of the object keeps the cost from being quadratic.
constexpr std::size_t kScannedMembers = 16;

// RapidJSON's handler. A rule it refuses returns false, which ends the parse; fault() then says why.
class Builder {
  public:
    explicit Builder(std::size_t max_depth) : max_depth_(max_depth) { open_.reserve(8); }

    bool Null() { return accept(Json()); }
    bool Bool(bool value) { return accept(Json::boolean(value)); }
    bool RawNumber(const char* digits, rapidjson::SizeType size, bool) {
        return accept(Json::number(std::string(digits, size)));
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return check_text({text, size}) && accept(Json::string(std::string(text, size)));
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        const std::string_view key(text, size);
        if (!check_text(key)) return false;
        Json::Object& members = open_.back()->members();
        if (members.size() < kScannedMembers && open_.back()->find(key) != nullptr)
            return refuse_duplicate(key);
        members.emplace_back(key, Json());
        return true;
    }
    bool StartObject() { return open(Json::object()); }
    bool StartArray() { return open(Json::array()); }
    bool EndObject(rapidjson::SizeType) {
        const bool unique = check_unique(open_.back()->members());
        open_.pop_back();
        return unique;
    }
    bool EndArray(rapidjson::SizeType) {
        open_.pop_back();
        return true;
    }

    // The reader never calls these: numbers come as text.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
    [[nodiscard]] Json take() { return std::move(root_); }

  private:
    // The value's place: the root, a new item of the open array, or the last member of the open
    // object, whose key came just before. A parent does not grow while its child is open, so
    // pointers to open containers stay valid.
    Json& place() {
        if (open_.empty()) return root_;
        Json& parent = *open_.back();
        return parent.is_array() ? parent.items().emplace_back() : parent.members().back().second;
    }

    bool accept(Json value) {
        place() = std::move(value);
        return true;
    }

    bool open(Json container) {
        if (open_.size() >= max_depth_) {
            return refuse("nested deeper than " + std::to_string(max_depth_) + " levels");
        }
        Json& opened = place();
        opened = std::move(container);
        open_.push_back(&opened);
        return true;
    }

    // PostgreSQL's text cannot hold U+0000, and RapidJSON 1.1 writes an unpaired low surrogate as
    // three bytes (ED A0..BF xx) that are not UTF-8.
    bool check_text(std::string_view text) {
        if (text.find('\0') != std::string_view::npos) return refuse("a string holds U+0000");
        for (auto at = text.find('\xED'); at != std::string_view::npos;
             at = text.find('\xED', at + 1)) {
            if (static_cast<unsigned char>(text[at + 1]) >= 0xA0)
                return refuse("a string holds an unpaired surrogate");
        }
        return true;
    }

    bool check_unique(const Json::Object& members) {
        if (members.size() <= kScannedMembers) return true;
        std::vector<std::string_view> keys(members.size());
        std::ranges::transform(members, keys.begin(), &Json::Member::first);
        std::ranges::sort(keys);
        const auto twice = std::ranges::adjacent_find(keys);
        return twice == keys.end() || refuse_duplicate(*twice);
    }

    bool refuse_duplicate(std::string_view key) {
        return refuse("duplicate key \"" + std::string(key) + "\"");
    }

    bool refuse(std::string fault) {
        fault_ = std::move(fault);
        return false;
    }

    std::size_t max_depth_;
    Json root_;
    std::vector<Json*> open_;
    std::string fault_;
};

std::string_view describe(rapidjson::ParseErrorCode code) noexcept {
    switch (code) {
        case rapidjson::kParseErrorDocumentEmpty: return "the document is empty";
        case rapidjson::kParseErrorDocumentRootNotSingular: return "text follows the document";
        case rapidjson::kParseErrorObjectMissName: return "expected a member's name";
        case rapidjson::kParseErrorObjectMissColon: return "expected \":\" after a member's name";
        case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
            return "expected \",\" or \"}\" after a member";
        case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
            return "expected \",\" or \"]\" after an item";
        case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
            return "\\u must be followed by four hex digits";
        case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
            return "a string holds an unpaired surrogate";
        case rapidjson::kParseErrorStringEscapeInvalid:
            return "unknown escape sequence in a string";
        case rapidjson::kParseErrorStringMissQuotationMark: return "a string is not closed";
        case rapidjson::kParseErrorStringInvalidEncoding:
            return "a string is not valid UTF-8 or holds a control character";
        case rapidjson::kParseErrorNumberTooBig: return "a number is too large";
        case rapidjson::kParseErrorNumberMissFraction:
            return "expected digits after the decimal point";
        case rapidjson::kParseErrorNumberMissExponent: return "expected digits in the exponent";
        default: return "not a JSON value";
    }
}

[[noreturn]] void raise_malformed(std::size_t offset, std::string_view reason) {
    throw Failure(Code::validation_error,
                  "malformed JSON at byte " + std::to_string(offset) + ": " + std::string(reason));
}

}  // namespace

Json parse_json(std::string_view text, std::size_t max_depth) {
    if (text.size() > std::numeric_limits<rapidjson::SizeType>::max())
        raise_malformed(0, "the document is too large");
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    Builder builder(max_depth);
    constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                               rapidjson::kParseNumbersAsStringsFlag |
                               rapidjson::kParseValidateEncodingFlag;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, builder);
    if (result.IsError()) {
        const bool refused = result.Code() == rapidjson::kParseErrorTermination;
        raise_malformed(result.Offset(),
                        refused ? std::string_view(builder.fault()) : describe(result.Code()));
    }
    // RapidJSON takes a NUL byte for the end of the text.
    if (stream.Tell() != text.size()) raise_malformed(stream.Tell(), "text follows the document");
    return builder.take();
}

}  // namespace pgwright::core
