// JSON as the engine needs it: numbers keep their digits, object members keep their order, duplicate
// keys and over-deep documents are refused. Parsing and writing are RapidJSON's; the value type is
// ours because RapidJSON's either rounds numbers or cannot tell them from strings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace pgwright::core {

inline constexpr std::size_t kMaxJsonDepth = 64;  // nested arrays and objects

class Json {
  public:
    enum class Kind { null, boolean, number, string, array, object };
    using Array = std::vector<Json>;
    using Member = std::pair<std::string, Json>;
    using Object = std::vector<Member>;

    Json() = default;
    static Json boolean(bool value);
    static Json number(std::string digits);  // digits must be a JSON number
    static Json string(std::string text);
    static Json array(Array items = {});
    static Json object(Object members = {});

    [[nodiscard]] Kind kind() const noexcept { return kind_; }
    [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null; }
    [[nodiscard]] bool is_boolean() const noexcept { return kind_ == Kind::boolean; }
    [[nodiscard]] bool is_number() const noexcept { return kind_ == Kind::number; }
    [[nodiscard]] bool is_string() const noexcept { return kind_ == Kind::string; }
    [[nodiscard]] bool is_array() const noexcept { return kind_ == Kind::array; }
    [[nodiscard]] bool is_object() const noexcept { return kind_ == Kind::object; }

    [[nodiscard]] bool as_boolean() const noexcept { return boolean_; }
    // The text of a string or the digits of a number; empty for every other kind.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const Array& items() const noexcept { return items_; }
    [[nodiscard]] const Object& members() const noexcept { return members_; }
    [[nodiscard]] Array& items() noexcept { return items_; }
    [[nodiscard]] Object& members() noexcept { return members_; }

    // The member of that name, or nullptr (also when this is not an object).
    [[nodiscard]] const Json* find(std::string_view key) const noexcept;
    // Sets or replaces a member; anything but an object becomes an empty object first.
    void set(std::string_view key, Json value);

    // Compact text, members in order, digits as they came.
    [[nodiscard]] std::string dump() const;

    // Equality of structure; numbers compare by their digits.
    friend bool operator==(const Json&, const Json&) = default;

  private:
    Kind kind_ = Kind::null;
    bool boolean_ = false;
    std::string text_;
    Array items_;
    Object members_;
};

// "string", "number", ... for messages.
std::string_view kind_name(Json::Kind kind) noexcept;

// Throws Failure(validation_error) that tells the byte offset (from 0) for malformed text, invalid
// UTF-8, U+0000, a duplicate key (named), nesting deeper than max_depth or a number beyond the range
// of a double (1e400); digits within that range are kept, however many.
Json parse_json(std::string_view text, std::size_t max_depth = kMaxJsonDepth);

// The writer that every answer is written with.
class JsonWriter {
  public:
    void begin_object() { writer_.StartObject(); }
    void end_object() { writer_.EndObject(); }
    void begin_array() { writer_.StartArray(); }
    void end_array() { writer_.EndArray(); }
    void key(std::string_view name) { writer_.Key(data(name), size(name)); }
    void null() { writer_.Null(); }
    void boolean(bool value) { writer_.Bool(value); }
    void integer(long long value) { writer_.Int64(value); }
    void string(std::string_view text) { writer_.String(data(text), size(text)); }
    // Text that is one JSON value already (digits of a number, a stored json document).
    void raw(std::string_view json) {
        writer_.RawValue(json.data(), json.size(), rapidjson::kNumberType);
    }
    void value(const Json& json);

    [[nodiscard]] std::string_view view() const { return {buffer_.GetString(), buffer_.GetSize()}; }
    void clear() {
        buffer_.Clear();
        writer_.Reset(buffer_);
    }

  private:
    // RapidJSON asserts that the pointer is not null, which a default string_view's is.
    static const char* data(std::string_view text) {
        return text.data() == nullptr ? "" : text.data();
    }
    static rapidjson::SizeType size(std::string_view text) {
        return static_cast<rapidjson::SizeType>(text.size());
    }

    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace pgwright::core
