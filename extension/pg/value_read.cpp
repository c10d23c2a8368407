// JSON to datums. The common scalar cases are read here; everything else goes through the type's own
// input function, so that its checks and its error messages hold.
#include "pg/base64.hpp"
#include "pg/datum.hpp"
#include "pg/type_rule.hpp"

#include <algorithm>
#include <charconv>

namespace pgwright::pg {

namespace {

using core::Json;

Error invalid(Oid type, const std::string& what) {
    return Error(ERRCODE_INVALID_TEXT_REPRESENTATION,
                 "invalid input for type " + type_name(type) + ": " + what);
}

// Text types cannot hold U+0000, and an input function would stop reading there.
void refuse_nul(const std::string& text) {
    if (text.find('\0') != std::string::npos)
        throw Error(ERRCODE_UNTRANSLATABLE_CHARACTER, "text cannot contain the character U+0000");
}

std::string scalar_text(const Json& json, Oid type) {
    switch (json.kind()) {
        case Json::Kind::string:
        case Json::Kind::number: return json.text();
        case Json::Kind::boolean: return json.as_boolean() ? "true" : "false";
        default: throw invalid(type, "JSON " + std::string(core::kind_name(json.kind())));
    }
}

Datum by_input_function(const std::string& text, Oid type, std::int32_t typmod) {
    refuse_nul(text);
    return call([&text, type, typmod] {
        Oid function = InvalidOid;
        Oid parameter = InvalidOid;
        getTypeInputInfo(type, &function, &parameter);
        return OidInputFunctionCall(function, const_cast<char*>(text.c_str()), parameter, typmod);
    });
}

// --- fast paths: nullopt leaves the value to the input function -----------------------------------

template <class Number>
std::optional<Number> parse_number(const std::string& text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

template <class Integer>
std::optional<Datum> read_integer(const Json& json) {
    const auto value = parse_number<Integer>(json.text());
    if (!value) return std::nullopt;
    return static_cast<Datum>(*value);  // sign-extended, as the server's own macros do
}

std::optional<Datum> read_float(const Json& json) {
    if (!json.is_number()) return std::nullopt;
    const auto value = parse_number<double>(json.text());
    if (!value) return std::nullopt;
    return Float8GetDatum(*value);
}

std::optional<Datum> read_text(const Json& json, Oid type, std::int32_t typmod) {
    if (!json.is_string()) return std::nullopt;
    const std::string& text = json.text();
    // varchar(n) counts characters, of which there are no more than bytes; char(n) pads.
    const bool fits = typmod < 0 || (type == VARCHAROID &&
                                     text.size() + VARHDRSZ <= static_cast<std::size_t>(typmod));
    if (!fits) return std::nullopt;
    refuse_nul(text);
    return text_datum(text);
}

std::optional<Datum> read_uuid(const Json& json) {
    if (!json.is_string()) return std::nullopt;
    const auto uuid = Uuid::parse(json.text());
    if (!uuid) return std::nullopt;
    return uuid_datum(*uuid);
}

std::optional<Datum> read_fast(const Json& json, const TypeOutput& type, std::int32_t typmod) {
    switch (type.kind()) {
        case OutputKind::boolean:
            if (!json.is_boolean()) return std::nullopt;
            return BoolGetDatum(json.as_boolean());
        case OutputKind::int2: return read_integer<std::int16_t>(json);
        case OutputKind::int4: return read_integer<std::int32_t>(json);
        case OutputKind::int8: return read_integer<std::int64_t>(json);
        case OutputKind::float8: return read_float(json);
        case OutputKind::text: return read_text(json, type.type(), typmod);
        case OutputKind::uuid: return read_uuid(json);
        default: return std::nullopt;
    }
}

// --- types with a shape of their own --------------------------------------------------------------

Datum read_bytea(const Json& json, Oid type) {
    if (!json.is_string()) throw invalid(type, "JSON " + std::string(core::kind_name(json.kind())));
    const auto bytes = base64_decode(json.text());
    if (!bytes) throw invalid(type, "not base64");
    return text_datum(*bytes);
}

// Collects the elements of nested JSON arrays in storage order and checks that they make a rectangle.
class ArrayReader {
  public:
    ArrayReader(const TypeOutput& array, std::int32_t typmod)
        : array_(array), element_(*array.rule().element), typmod_(typmod) {}

    Datum read(const Json& json) {
        measure(json);
        collect(json, 0);
        const TypeOutput::Rule& rule = element_.rule();
        if (values_.empty())
            return call([&] { return PointerGetDatum(construct_empty_array(rule.type)); });
        std::vector<int> lower_bounds(lengths_.size(), 1);
        return call([&] {
            return PointerGetDatum(construct_md_array(
                values_.data(), reinterpret_cast<bool*>(nulls_.data()),
                static_cast<int>(lengths_.size()), lengths_.data(), lower_bounds.data(), rule.type,
                rule.length, rule.by_value, rule.alignment));
        });
    }

  private:
    // An array inside the array is a further dimension, unless it can be an element itself.
    [[nodiscard]] bool nests() const {
        switch (element_.kind()) {
            case OutputKind::json:
            case OutputKind::jsonb:
            case OutputKind::array: return false;
            default: return true;
        }
    }

    void measure(const Json& json) {
        const Json* at = &json;
        do {
            if (lengths_.size() == MAXDIM) throw invalid(array_.type(), "too many dimensions");
            lengths_.push_back(static_cast<int>(at->items().size()));
            at = at->items().empty() ? nullptr : &at->items().front();
        } while (nests() && at != nullptr && at->is_array());
    }

    void collect(const Json& json, std::size_t dimension) {
        const bool innermost = dimension + 1 == lengths_.size();
        if (!json.is_array() ||
            json.items().size() != static_cast<std::size_t>(lengths_[dimension]))
            throw invalid(array_.type(), "sub-arrays differ in length");
        for (const Json& item : json.items()) {
            if (!innermost) {
                collect(item, dimension + 1);
            } else if (nests() && item.is_array()) {
                throw invalid(array_.type(), "sub-arrays differ in depth");
            } else {
                nulls_.push_back(item.is_null() ? 1 : 0);
                values_.push_back(item.is_null() ? Datum{0}
                                                 : to_datum(item, element_.type(), typmod_));
            }
        }
    }

    const TypeOutput& array_;
    const TypeOutput& element_;
    std::int32_t typmod_;
    std::vector<int> lengths_;
    std::vector<Datum> values_;
    std::vector<std::uint8_t> nulls_;
    static_assert(sizeof(bool) == sizeof(std::uint8_t));
};

Datum read_composite(const Json& json, const TypeOutput& type) {
    const RowDescriptor descriptor = row_descriptor(type.rule().base, -1);
    const auto count = static_cast<std::size_t>(descriptor->natts);
    std::vector<Datum> values(count);
    const auto nulls = std::make_unique<bool[]>(count);
    std::size_t used = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const FormData_pg_attribute* column = TupleDescAttr(descriptor.get(), i);
        const Json* member = column->attisdropped ? nullptr : json.find(NameStr(column->attname));
        if (member != nullptr) ++used;
        nulls[i] = member == nullptr || member->is_null();
        if (!nulls[i]) values[i] = to_datum(*member, column->atttypid, column->atttypmod);
    }
    if (used != json.members().size())
        throw invalid(type.type(), "a member that is not an attribute of the type");
    return call([&] {
        return HeapTupleGetDatum(heap_form_tuple(descriptor.get(), values.data(), nulls.get()));
    });
}

Datum check_domain(Datum value, const TypeOutput& type) {
    if (type.rule().is_domain())
        call([&] { domain_check(value, false, type.type(), nullptr, nullptr); });
    return value;
}

}  // namespace

Datum to_datum(const Json& json, Oid type_oid, std::int32_t typmod) {
    const TypeOutput type = TypeOutput::of(type_oid);
    if (type.kind() == OutputKind::json || type.kind() == OutputKind::jsonb)
        return by_input_function(json.dump(), type_oid, typmod);
    if (json.is_null())
        throw Error(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                    "JSON null is not a value of type " + type_name(type_oid));
    if (type.kind() == OutputKind::bytea) return check_domain(read_bytea(json, type_oid), type);
    if (type.kind() == OutputKind::array && json.is_array()) {
        const std::int32_t elements = type.rule().is_domain() ? type.rule().base_typmod : typmod;
        return check_domain(ArrayReader(type, elements).read(json), type);
    }
    if (type.kind() == OutputKind::composite && json.is_object())
        return check_domain(read_composite(json, type), type);
    if (!type.rule().is_domain()) {
        if (const auto datum = read_fast(json, type, typmod)) return *datum;
    }
    return by_input_function(scalar_text(json, type_oid), type_oid, typmod);
}

}  // namespace pgwright::pg
