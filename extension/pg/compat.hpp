// What differs between PostgreSQL 14 and 17, in one place; included by pg/server.hpp alone.
// Everything else in the tree is written against what the four versions share.
#pragma once

#if PG_VERSION_NUM < 140000 || PG_VERSION_NUM >= 180000
#error "pgwright is written for PostgreSQL 14 to 17"
#endif

// Before 16 the marker is empty on Linux, and the build hides every other symbol.
#undef PGDLLEXPORT
#if defined(_WIN32)
#define PGDLLEXPORT __declspec(dllexport)
#else
#define PGDLLEXPORT __attribute__((visibility("default")))
#endif

namespace pgwright::pg::compat {

enum class Finite { yes, positive_infinity, negative_infinity };

// Intervals are infinite from 17 on.
inline Finite finite(const Interval& interval) noexcept {
#if PG_VERSION_NUM >= 170000
    if (INTERVAL_IS_NOEND(&interval)) return Finite::positive_infinity;
    if (INTERVAL_IS_NOBEGIN(&interval)) return Finite::negative_infinity;
#else
    (void)interval;
#endif
    return Finite::yes;
}

}  // namespace pgwright::pg::compat
