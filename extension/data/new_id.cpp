// Ids of records; see new_id.hpp. Also SQL: uuid_v7.
#include "pg/guard.hpp"

#include "data/new_id.hpp"

namespace pgwright::data {

core::Uuid new_id() {
    std::array<std::uint8_t, 10> random{};
    if (!pg_strong_random(random.data(), random.size()))
        throw pg::Error(ERRCODE_INTERNAL_ERROR, "could not generate random values");
    // The server counts from 2000.
    constexpr std::int64_t offset = std::int64_t{POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE} * 86400 * 1000;
    const std::int64_t milliseconds = GetCurrentTimestamp() / 1000 + offset;
    return core::uuid_v7(static_cast<std::uint64_t>(milliseconds), random);
}

}  // namespace pgwright::data

PGWRIGHT_FUNCTION(pgwright_uuid_v7) { return pgwright::pg::uuid_datum(pgwright::data::new_id()); }
