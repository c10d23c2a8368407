// The field types of the data model and what each means in SQL. One table, in field_type.cpp, says it
// all; nothing else switches over type names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pgwright::core {

enum class FieldType : std::uint8_t {
    string,
    text,
    integer,
    biginteger,
    decimal,
    currency,
    percentage,
    boolean,
    date,
    datetime,
    time,
    email,
    url,
    phone,
    json,
    uuid,
    lookup,
    array,
    enum_,
    rich_text,
    file,
    // Columns of imported tables whose type has no counterpart above; carried as text, never created.
    other,
};

enum class ValueClass : std::uint8_t {
    text,
    integer,
    numeric,
    boolean,
    date,
    datetime,
    time,
    uuid,
    json,
    array,
    other
};

struct FieldTypeInfo {
    FieldType type;
    std::string_view name;      // "string", as in field_definitions.field_type
    std::string_view sql_type;  // "text", "bigint", ...; empty for other, and for an array, whose
                                // items say it: sql_type_of() in model.hpp
    std::uint32_t type_oid;     // of sql_type: stable, from pg_type.dat
    std::uint32_t array_oid;
    ValueClass value_class;
    std::string_view
        input_type;   // default of field_definitions.input_type: "text", "date-picker", ...
    bool has_length;  // min_length / max_length apply
    bool has_range;   // min_value / max_value apply
    bool has_scale;   // decimal_places applies
    bool sortable;
    bool is_item;                               // the items of an array may be of it
    std::optional<int> default_max_length;      // string 255, email 254, url 2048, phone 32
    std::optional<int> default_decimal_places;  // currency 2, percentage 2
    std::string_view pattern;  // POSIX regular expression enforced by a constraint; empty: none
};

std::span<const FieldTypeInfo> field_types() noexcept;
const FieldTypeInfo& info(FieldType type) noexcept;
// nullptr for an unknown name.
const FieldTypeInfo* find_field_type(std::string_view name) noexcept;
// The type that represents a column of that SQL type when a table is imported; other when none does.
FieldType field_type_of(std::uint32_t type_oid) noexcept;

}  // namespace pgwright::core
