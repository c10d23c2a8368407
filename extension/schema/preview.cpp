// SQL: preview_migration. Changes nothing.
#include "pg/guard.hpp"

#include "schema/migration_plan.hpp"

namespace pgwright::schema {

namespace {

core::Json backfill_of(std::optional<std::string_view> text) {
    return text ? core::parse_json(*text) : core::Json();
}

std::string preview(std::string_view name_or_id, const core::Json& backfill) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::read);
    return preview_json(plan_migration(*identity, read_draft(*identity, name_or_id), {}, backfill))
        .dump();
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_preview_migration) {
    return pgwright::pg::json_datum(pgwright::schema::preview(
        args.text(0), pgwright::schema::backfill_of(args.optional_text(1))));
}
