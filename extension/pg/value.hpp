// Datums to JSON and back, the way records travel. The rules, which docs/json.md tells users:
//
//   boolean                        true, false
//   smallint .. bigint, numeric    numbers with their digits: numeric 1.50 stays 1.50
//   real, double precision         the shortest digits that read back to the same value
//   NaN and infinities of these    strings "NaN", "Infinity", "-Infinity"
//   text, varchar, char, name, enums   strings
//   uuid                           lower-case string
//   date                           "2026-01-11"
//   timestamp                      "2026-01-11T10:30:00", with six digits of fraction when not zero
//   timestamptz                    the same in UTC with Z: "2026-01-11T10:30:00Z"
//   time, timetz                   "10:30:00", "10:30:00+02:00" (Z for UTC)
//   infinite dates and timestamps  "infinity", "-infinity"; years BC end in " BC"
//   interval                       ISO 8601: "P1Y2M3DT4H5M6.5S", zero is "PT0S"
//   json, jsonb                    as they are
//   bytea                          base64 (RFC 4648 section 4, padded, no line breaks)
//   arrays                         arrays, nested by dimension; lower bounds are not kept
//   composite types                objects in column order
//   domains                        as their base type
//   void                           null
//   anything else                  a string, by the type's output function
//
// None of it depends on DateStyle, IntervalStyle, TimeZone, extra_float_digits or bytea_output.
// to_datum accepts what write_json writes, so a value survives the round trip.
#pragma once

#include "pg/memory.hpp"

#include "core/json.hpp"

namespace pgwright::pg {

enum class OutputKind : std::uint8_t {
    boolean,
    int2,
    int4,
    int8,
    float4,
    float8,
    numeric,
    text,  // text, varchar, char(n)
    name,
    uuid,
    date,
    time,
    timetz,
    timestamp,
    timestamptz,
    interval,
    json,
    jsonb,
    bytea,
    array,
    composite,
    void_,
    other,
};

// How values of one type are written: a cheap handle on an entry of the backend's cache, good for as
// long as it is held. The cache is keyed by type, bounded by kMaxCachedTypes (then emptied), and
// emptied by any change to pg_type.
class TypeOutput {
  public:
    struct Rule;

    // Throws Error when there is no such type.
    static TypeOutput of(Oid type);

    [[nodiscard]] Oid type() const noexcept;
    [[nodiscard]] OutputKind kind() const noexcept { return kind_; }
    [[nodiscard]] const Rule& rule() const noexcept { return *rule_; }

  private:
    explicit TypeOutput(std::shared_ptr<const Rule> rule);

    OutputKind kind_;
    std::shared_ptr<const Rule> rule_;
};

inline constexpr std::size_t kMaxCachedTypes = 1024;

// Writes a value that is not NULL. Leaves nothing in the current memory context.
void write_json(core::JsonWriter& writer, Datum value, const TypeOutput& type);

// The datum of `type` that `json` stands for, palloc'd in the current memory context where it is not
// passed by value. Throws Error with the SQLSTATE of the type's input function, usually class 22;
// 22004 for JSON null, except where the type is json or jsonb. An array or object for a scalar type is
// 22P02. `typmod` is -1 for none; text that exceeds it is an error, never cut.
Datum to_datum(const core::Json& json, Oid type, std::int32_t typmod);

}  // namespace pgwright::pg
