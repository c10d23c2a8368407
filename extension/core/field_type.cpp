// The table of field types, and how the server's types map back to them.
#include "core/field_type.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/pattern.hpp"
#include "core/rich_text.hpp"

namespace pgwright::core {
namespace {

using T = FieldType;
using V = ValueClass;

constexpr int kMaxRichText = static_cast<int>(kMaxRichTextLength);

// In the order of the enumeration. Input types: the field type reference of the data model's design.
// clang-format off
constexpr std::array<FieldTypeInfo, 22> kTypes = {{
    // type        name          SQL type                    OID   array  values       input              length range  scale  sort   item   max length    places        pattern
    {T::string,     "string",     "text",                     25,   1009, V::text,     "text",            true,  false, false, true,  true,  255,          std::nullopt, ""},
    {T::text,       "text",       "text",                     25,   1009, V::text,     "textarea",        true,  false, false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::integer,    "integer",    "integer",                  23,   1007, V::integer,  "number",          false, true,  false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::biginteger, "biginteger", "bigint",                   20,   1016, V::integer,  "number",          false, true,  false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::decimal,    "decimal",    "numeric",                  1700, 1231, V::numeric,  "number",          false, true,  true,  true,  true,  std::nullopt, std::nullopt, ""},
    {T::currency,   "currency",   "numeric",                  1700, 1231, V::numeric,  "number",          false, true,  true,  true,  true,  std::nullopt, 2,            ""},
    {T::percentage, "percentage", "numeric",                  1700, 1231, V::numeric,  "number",          false, true,  true,  true,  true,  std::nullopt, 2,            ""},
    {T::boolean,    "boolean",    "boolean",                  16,   1000, V::boolean,  "checkbox",        false, false, false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::date,       "date",       "date",                     1082, 1182, V::date,     "date-picker",     false, false, false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::datetime,   "datetime",   "timestamp with time zone", 1184, 1185, V::datetime, "datetime-picker", false, false, false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::time,       "time",       "time without time zone",   1083, 1183, V::time,     "time-picker",     false, false, false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::email,      "email",      "text",                     25,   1009, V::text,     "email",           true,  false, false, true,  true,  254,          std::nullopt, kEmailPattern},
    {T::url,        "url",        "text",                     25,   1009, V::text,     "url",             true,  false, false, true,  true,  2048,         std::nullopt, kUrlPattern},
    {T::phone,      "phone",      "text",                     25,   1009, V::text,     "tel",             true,  false, false, true,  true,  32,           std::nullopt, kPhonePattern},
    {T::json,       "json",       "jsonb",                    3802, 3807, V::json,     "textarea",        false, false, false, false, false, std::nullopt, std::nullopt, ""},
    {T::uuid,       "uuid",       "uuid",                     2950, 2951, V::uuid,     "text",            false, false, false, true,  true,  std::nullopt, std::nullopt, ""},
    {T::lookup,     "lookup",     "uuid",                     2950, 2951, V::uuid,     "select",          false, false, false, true,  false, std::nullopt, std::nullopt, ""},
    {T::array,      "array",      "",                         0,    0,    V::array,    "list",            false, false, false, false, false, std::nullopt, std::nullopt, ""},
    {T::enum_,      "enum",       "text",                     25,   1009, V::text,     "select",          false, false, false, true,  false, std::nullopt, std::nullopt, ""},
    {T::rich_text,  "rich_text",  "text",                     25,   1009, V::text,     "rich-text",       true,  false, false, false, false, kMaxRichText, std::nullopt, ""},
    {T::file,       "file",       "uuid",                     2950, 2951, V::uuid,     "file",            false, false, false, false, false, std::nullopt, std::nullopt, ""},
    {T::other,      "other",      "",                         0,    0,    V::other,    "text",            false, false, false, false, false, std::nullopt, std::nullopt, ""},
}};
// clang-format on

constexpr bool in_order() {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (kTypes[i].type != static_cast<FieldType>(i)) return false;
    }
    return true;
}
static_assert(in_order(), "info() indexes the table by the type");

// The server's types, by their fixed OIDs (pg_type.dat). The columns of an imported table keep their
// own type; the checks look at it where it is narrower: smallint's range, timestamp's lack of a zone.
// Types whose text form no class of values describes (arrays, intervals, money, enums, ...) are other.
constexpr std::array<std::pair<std::uint32_t, FieldType>, 18> kServerTypes = {{
    {16, T::boolean},  // bool
    {21, T::integer},
    {23, T::integer},
    {20, T::biginteger},  // int2, int4, int8
    {700, T::decimal},
    {701, T::decimal},
    {1700, T::decimal},  // float4, float8, numeric
    {25, T::text},       // text
    {1043, T::string},
    {1042, T::string},
    {19, T::string},  // varchar, bpchar, name
    {1082, T::date},
    {1083, T::time},  // date, time
    {1114, T::datetime},
    {1184, T::datetime},  // timestamp, timestamptz
    {2950, T::uuid},      // uuid
    {114, T::json},
    {3802, T::json},  // json, jsonb
}};

}  // namespace

std::span<const FieldTypeInfo> field_types() noexcept { return kTypes; }

const FieldTypeInfo& info(FieldType type) noexcept {
    return kTypes[static_cast<std::size_t>(type)];
}

const FieldTypeInfo* find_field_type(std::string_view name) noexcept {
    const auto* const found = std::find_if(kTypes.begin(), kTypes.end(),
                                           [&](const auto& each) { return each.name == name; });
    return found == kTypes.end() ? nullptr : &*found;
}

FieldType field_type_of(std::uint32_t type_oid) noexcept {
    const auto* const found =
        std::find_if(kServerTypes.begin(), kServerTypes.end(),
                     [&](const auto& each) { return each.first == type_oid; });
    return found == kServerTypes.end() ? FieldType::other : found->second;
}

}  // namespace pgwright::core
