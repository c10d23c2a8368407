// SQL: log_failed_operation. Functions that change a definition and publish it in one go roll the change
// back when the publication fails; what was tried is then told here, because the log forgets what is
// rolled back. Only who may publish can have failed at it, and speaks for himself alone.
#include "pg/guard.hpp"

#include "core/error.hpp"
#include "schema/definition.hpp"
#include "schema/definition_store.hpp"
#include "security/scope.hpp"

namespace pgwright::schema {

namespace {

// Nil for what was to be created and is not there.
core::Uuid entity_id(const security::Identity& identity, std::optional<std::string_view> name) {
    if (!name) return {};
    const auto stored = read_stored_entity(identity.tenant_id(), *name);
    if (!stored || !stored->tenant_id)
        throw core::Failure(core::Code::resource_not_found, "there is no entity of that name");
    return stored->id;
}

void log_failed_operation(const pg::Arguments& args) {
    const auto identity = security::require_identity();
    security::require_permission(*identity, "data_model", core::Action::execute);
    const std::string_view error = args.text(3);
    if (error.empty())
        throw core::Failure(core::Code::validation_error, "the error is not valid",
                            {{"error", "must not be empty"}});
    log_operation(*identity, entity_id(*identity, args.optional_text(1)), args.text(0),
                  core::parse_json(args.text(2)), error);
}

}  // namespace

}  // namespace pgwright::schema

PGWRIGHT_FUNCTION(pgwright_log_failed_operation) {
    pgwright::schema::log_failed_operation(args);
    return pgwright::pg::return_void();
}
