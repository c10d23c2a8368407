// The server's uuid and ours are the same 16 bytes; this is the way between them.
#pragma once

#include "pg/server.hpp"

#include "core/uuid.hpp"

namespace pgwright::pg {

using core::Uuid;

inline Uuid uuid_from_datum(Datum datum) noexcept {
    static_assert(sizeof(pg_uuid_t) == sizeof(Uuid));
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), DatumGetPointer(datum), sizeof(pg_uuid_t));
    return uuid;
}

}  // namespace pgwright::pg
