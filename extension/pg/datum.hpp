// C++ values to datums. What is not passed by value is palloc'd in the current memory context; out of
// memory is std::bad_alloc, so none of these needs the inward guard.
#pragma once

#include "pg/memory.hpp"
#include "pg/uuid.hpp"

namespace pgwright::pg {

static_assert(sizeof(Datum) == 8, "64-bit values are passed by value");

Datum text_datum(std::string_view text);
// `json` must be JSON already; the type json stores its text.
inline Datum json_datum(std::string_view json) { return text_datum(json); }
Datum bytea_datum(std::span<const std::uint8_t> bytes);
Datum uuid_datum(const Uuid& uuid);
inline Datum bool_datum(bool value) noexcept { return BoolGetDatum(value); }
inline Datum integer_datum(std::int32_t value) noexcept { return Int32GetDatum(value); }
inline Datum bigint_datum(std::int64_t value) noexcept { return Int64GetDatum(value); }
inline Datum oid_datum(Oid value) noexcept { return ObjectIdGetDatum(value); }
inline Datum timestamptz_datum(TimestampTz value) noexcept { return TimestampTzGetDatum(value); }

// The bytes of a text, json, bytea or other variable-length datum. They lie in the datum itself, or,
// when it is compressed or stored out of line, in the current memory context.
std::string_view varlena_view(Datum datum);

}  // namespace pgwright::pg
