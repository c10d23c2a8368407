// Ids of records; see new_id.hpp. Also SQL: uuid_v7.
#include "pg/guard.hpp"

#include "data/new_id.hpp"

#include <ctime>

namespace pgwright::data {

namespace {

constexpr std::uint64_t kNanosecondsPerMillisecond = 1'000'000;
constexpr std::uint64_t kTicksPerMillisecond = 4096;  // the 12 bits after the milliseconds
constexpr std::uint64_t kTick = kNanosecondsPerMillisecond / kTicksPerMillisecond + 1;

// Nanoseconds since 1970, a tick after the last at the least: ids of one backend sort by their making,
// so that records keep the order in which they were created (RFC 9562, 6.2, method 3).
std::uint64_t next_time() {
    static std::uint64_t last = 0;
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    const std::uint64_t time = static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
                               static_cast<std::uint64_t>(now.tv_nsec);
    last = std::max(time, last + kTick);
    return last;
}

}  // namespace

core::Uuid new_id() {
    std::array<std::uint8_t, 10> random{};
    if (!pg_strong_random(random.data() + 2, random.size() - 2))
        throw pg::Error(ERRCODE_INTERNAL_ERROR, "could not generate random values");
    const std::uint64_t time = next_time();
    const std::uint64_t fraction =
        time % kNanosecondsPerMillisecond * kTicksPerMillisecond / kNanosecondsPerMillisecond;
    random[0] = static_cast<std::uint8_t>(fraction >> 8);
    random[1] = static_cast<std::uint8_t>(fraction & 0xFF);
    return core::uuid_v7(time / kNanosecondsPerMillisecond, random);
}

}  // namespace pgwright::data

PGWRIGHT_FUNCTION(pgwright_uuid_v7) { return pgwright::pg::uuid_datum(pgwright::data::new_id()); }
