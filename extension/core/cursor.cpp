// Writes and reads cursors; see cursor.hpp.
#include "core/cursor.hpp"

#include <cstdint>
#include <optional>

#include "core/base64url.hpp"
#include "core/error.hpp"

namespace pgwright::core {

namespace {

[[noreturn]] void refuse(const char* why) {
    throw Failure(
        Code::validation_error, "invalid cursor", {{"cursor", why}},
        "Use next_cursor or prev_cursor of an answer to the same query, or an empty cursor "
        "for the first page.");
}

constexpr const char* kNoCursor = "is not a cursor";

Json parse(std::string_view cursor) {
    if (cursor.size() > kMaxCursorLength) refuse(kNoCursor);
    const std::optional<std::string> text = decode_base64url(cursor);
    if (!text) refuse(kNoCursor);
    try {
        return parse_json(*text);
    } catch (const Failure&) {
        refuse(kNoCursor);
    }
}

// Of its JSON kind; the server's own type says the rest, because a column may hold what no record of a
// request may, such as an infinite date. A null has its place in every order.
void check(const SortKey& key, const Json& value) {
    const bool good = key.field->value_class() == ValueClass::boolean
                          ? value.is_boolean()
                          : value.is_string() || value.is_number();
    if (!good && !value.is_null()) refuse(kNoCursor);
}

}  // namespace

// FNV-1a: tells queries apart that were not made to look alike, which would gain nothing.
std::string fingerprint(std::string_view query) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const char c : query) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    std::string digits(16, '0');
    for (std::size_t i = digits.size(); i-- > 0; hash >>= 4)
        digits[i] = "0123456789abcdef"[hash & 15];
    return digits;
}

std::string write_cursor(std::string_view query_fingerprint, const Position& position) {
    Json cursor = Json::object();
    cursor.set("q", Json::string(std::string(query_fingerprint)));
    cursor.set("v", Json::array(position.values));
    if (position.backward) cursor.set("b", Json::boolean(true));
    return encode_base64url(cursor.dump());
}

void refuse_cursor() { refuse(kNoCursor); }

Position read_cursor(std::string_view cursor, std::string_view query_fingerprint,
                     const std::vector<SortKey>& order) {
    const Json json = parse(cursor);
    const Json* const query = json.find("q");
    const Json* const values = json.find("v");
    const Json* const backward = json.find("b");
    if (query == nullptr || values == nullptr || !values->is_array()) refuse(kNoCursor);
    if (query->text() != query_fingerprint) refuse("belongs to another query");
    if (values->items().size() != order.size()) refuse(kNoCursor);
    for (std::size_t i = 0; i < order.size(); ++i) check(order[i], values->items()[i]);
    return {values->items(), backward != nullptr && backward->as_boolean()};
}

}  // namespace pgwright::core
