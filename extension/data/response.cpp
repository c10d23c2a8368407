// A composite value for pgwright.response; see response.hpp.
#include "data/response.hpp"

#include "pg/call.hpp"

#include "core/entity_tag.hpp"
#include "core/json.hpp"

namespace pgwright::data {

Datum response_datum(const pg::Arguments& args, const Response& response) {
    core::JsonWriter headers;
    headers.begin_object();
    for (const auto& [name, value] : response.headers) {
        headers.key(name);
        headers.string(value);
    }
    headers.end_object();
    Datum values[] = {pg::integer_datum(response.status), pg::json_datum(headers.view()),
                      response.body ? pg::json_datum(*response.body) : Datum{0}};
    bool nulls[] = {false, false, !response.body};
    FunctionCallInfo call = args.fcinfo();
    return pg::call([&values, &nulls, call] {
        TupleDesc descriptor = nullptr;
        if (get_call_result_type(call, nullptr, &descriptor) != TYPEFUNC_COMPOSITE)
            elog(ERROR, "the function does not return pgwright.response");
        return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(descriptor), values, nulls));
    });
}

std::string etag(std::int64_t tag) { return '"' + core::tag_text(tag) + '"'; }

std::string path_segment(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::string_view plain = "-._~";
    std::string segment;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z';
        if (letter || (byte >= '0' && byte <= '9') || plain.find(c) != std::string_view::npos) {
            segment += c;
        } else {
            segment += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return segment;
}

}  // namespace pgwright::data
