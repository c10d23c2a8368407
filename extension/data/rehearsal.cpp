// Dry runs; see rehearsal.hpp.
#include "data/rehearsal.hpp"

#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include "data/constraint_error.hpp"

namespace pgwright::data {

namespace {

// What would be checked at the transaction's end.
void check_deferred(const core::Entity& entity) {
    try {
        pg::run("SET CONSTRAINTS ALL IMMEDIATE");
    } catch (const pg::Error& error) {
        rethrow_for_people(entity, error);
    }
}

}  // namespace

std::string rehearse(const core::Entity& entity, const std::function<std::string()>& write) {
    const pg::Spi connection;
    pg::Subtransaction attempt;
    const std::string answer = write();
    check_deferred(entity);
    attempt.rollback();
    return R"({"dry_run":true,)" + answer.substr(1);
}

}  // namespace pgwright::data
