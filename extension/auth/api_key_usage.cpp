// SQL: record_api_key_usage, api_key_usage. A request with a key is counted in the backend's memory, where
// a read-only statement may do it too, and written down by record_api_key_usage(), which the shim calls at
// the end of a batch. Counts of a backend that ends, or of a transaction that rolls back after it has
// written them, are lost: these are figures for people, not for bills.
//
// Memory: one entry per key and hour that is not written yet, at most kMaxPending (then nothing more is
// counted until they are written).
#include "pg/guard.hpp"
#include "pg/immortal.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "auth/answer.hpp"
#include "auth/api_key.hpp"
#include "auth/settings.hpp"
#include "security/scope.hpp"

namespace pgwright::auth {

int api_key_usage_interval = 60;

namespace {

constexpr std::size_t kMaxPending = 1024;
constexpr std::int64_t kSecondsPerHour = 3600;

struct Slot {
    core::Uuid key, tenant;
    std::int64_t hour;  // since 1970
    // NOLINTNEXTLINE(modernize-use-nullptr): the null is the compiler's
    friend auto operator<=>(const Slot&, const Slot&) = default;
};
struct Count {
    std::int64_t requests = 0;
    std::int64_t last_at = 0;  // seconds since 1970
};
struct Pending {
    std::map<Slot, Count> counts;
    std::int64_t written_at = std::numeric_limits<std::int64_t>::min() / 2;
};

Pending& pending() {
    static pg::Immortal<Pending> all;
    return *all;
}

std::int64_t now_seconds() {
    return static_cast<std::int64_t>(timestamptz_to_time_t(GetCurrentTimestamp()));
}

// A row nobody else is writing is added to, else another is made: backends do not wait for each other.
void write(const Slot& slot, const Count& count) {
    pg::Params params;
    params.add_uuid(slot.key).add_bigint(slot.hour * kSecondsPerHour).add_bigint(count.requests);
    params.add_bigint(count.last_at);
    const pg::Result updated = pg::execute(
        "UPDATE pgwright.api_key_usage SET requests = requests + $3, last_at = greatest(last_at, "
        "pg_catalog.to_timestamp($4)) WHERE id = (SELECT id FROM pgwright.api_key_usage WHERE "
        "api_key_id = $1 AND hour = pg_catalog.to_timestamp($2) LIMIT 1 FOR UPDATE SKIP LOCKED)",
        params, false);
    if (updated.processed() > 0) return;
    params.add_uuid(slot.tenant);
    // The key may have been deleted meanwhile.
    pg::execute(
        "INSERT INTO pgwright.api_key_usage (api_key_id, hour, requests, last_at, tenant_id) "
        "SELECT "
        "id, pg_catalog.to_timestamp($2), $3, pg_catalog.to_timestamp($4), $5 FROM "
        "pgwright.api_keys "
        "WHERE id = $1",
        params, false);
}

void record_usage() {
    Pending& all = pending();
    const std::int64_t now = now_seconds();
    if (all.counts.empty() || XactReadOnly || RecoveryInProgress() ||
        now - all.written_at < api_key_usage_interval)
        return;
    all.written_at = now;
    const auto counts = std::exchange(all.counts, {});
    const security::Scope scope(security::Rights::engine);
    for (const auto& [slot, count] : counts) write(slot, count);
}

// Who may see the key may see what was done with it.
void require_visible(const core::Uuid& key) {
    const auto identity = security::require_identity();
    pg::Params params;
    params.add_uuid(key).add_uuid(identity->tenant_id()).add_uuid(identity->user_id());
    params.add_bool(identity->may("api_keys", core::Action::read));
    const pg::Result result = pg::execute(
        "SELECT FROM pgwright.api_keys WHERE id = $1 AND tenant_id = $2 AND (user_id = $3 OR $4)",
        params, true);
    if (result.empty()) not_found("API key");
}

std::string usage(std::string_view text, std::string_view unit) {
    if (unit != "day" && unit != "hour")
        throw core::Failure(core::Code::validation_error, "the unit is not valid",
                            {{"unit", "must be day or hour"}});
    const security::Scope scope(security::Rights::engine);
    const core::Uuid key = require_uuid(text, "API key");
    require_visible(key);
    pg::Params params;
    params.add_uuid(key).add_text(unit).add_integer(unit == "day" ? 400 : 168);
    return pg::execute(
               "SELECT pg_catalog.json_build_object('key', $1, 'unit', $2, 'total', "
               "coalesce((SELECT sum(requests) FROM pgwright.api_key_usage WHERE api_key_id = $1), "
               "0), 'last_used_at', (SELECT max(last_at) FROM pgwright.api_key_usage WHERE "
               "api_key_id "
               "= $1), 'usage', coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object("
               "'at', at, 'requests', requests) ORDER BY at DESC) FROM (SELECT "
               "pg_catalog.date_trunc($2, hour, 'UTC') AS at, sum(requests) AS requests FROM "
               "pgwright.api_key_usage WHERE api_key_id = $1 GROUP BY 1 ORDER BY 1 DESC LIMIT $3) "
               "u), "
               "'[]'))::text",
               params, true)
        .row(0)
        .text(0);
}

}  // namespace

void count_api_key_use(const security::Identity& identity) {
    // A parallel worker takes the setting over from a leader that has counted.
    if (!identity.api_key || MyBackendType == B_BG_WORKER) return;
    auto& counts = pending().counts;
    const std::int64_t now = now_seconds();
    const Slot slot{*identity.api_key, identity.tenant_id(), now / kSecondsPerHour};
    if (counts.size() >= kMaxPending && !counts.contains(slot)) return;
    Count& count = counts[slot];
    ++count.requests;
    count.last_at = now;
}

}  // namespace pgwright::auth

PGWRIGHT_FUNCTION(pgwright_record_api_key_usage) {
    pgwright::auth::record_usage();
    return pgwright::pg::return_void();
}

PGWRIGHT_FUNCTION(pgwright_api_key_usage) {
    const auto key = pgwright::auth::required_text(args, 0, "key");
    return pgwright::pg::json_datum(
        pgwright::auth::usage(key, pgwright::auth::required_text(args, 1, "unit")));
}
