// SQL: guard_record, a trigger before a row is updated or deleted: whoever sees the row and may not do
// that to it is told so. Policies alone would pass the row over in silence. It judges the row as it was;
// what it becomes is for the policy's WITH CHECK. It binds whom row security binds.
//
// Arguments: the resource; the predicates of rows that may be updated and deleted by a row rule or as
// their author, empty where rows are not told apart (core/policy.hpp).
//
// Cache of plans: key: table and predicate. Bound: kMaxKeptPlans, then emptied. Owner: this file. A plan
// that is not valid any more is prepared anew.
#include "pg/guard.hpp"
#include "pg/immortal.hpp"
#include "pg/spi.hpp"

#include <map>

#include "core/identifier.hpp"
#include "security/identity.hpp"
#include "security/row_security.hpp"
#include "security/scope.hpp"

namespace pgwright::data {

namespace {

using core::Action;

constexpr std::size_t kMaxKeptPlans = 256;

// Leaving a record live is an update, leaving it deleted a deletion.
Action action_of(const pg::Trigger& trigger) {
    if (trigger.deleting()) return Action::delete_;
    const AttrNumber deleted_at = trigger.attribute("deleted_at");
    const bool live = deleted_at == InvalidAttrNumber || trigger.new_value(deleted_at).is_null;
    return live ? Action::update : Action::delete_;
}

std::string question(const pg::Trigger& trigger, std::string_view predicate) {
    const std::string name = core::quote_identifier(RelationGetRelationName(trigger.relation()));
    std::string sql = "SELECT FROM (SELECT ($1).*) AS " + name + " WHERE ";
    return sql.append(predicate);
}

const pg::Plan& plan_of(const pg::Trigger& trigger, std::string_view predicate) {
    using Plans = std::map<std::pair<Oid, std::string>, pg::Plan>;
    static pg::Immortal<Plans> kept;
    const std::pair<Oid, std::string> key(trigger.relation_oid(), predicate);
    const auto found = kept->find(key);
    if (found != kept->end() && found->second.valid()) return found->second;
    if (found == kept->end() && kept->size() >= kMaxKeptPlans) kept->clear();
    const Oid row_type = trigger.relation()->rd_rel->reltype;
    pg::Plan plan(question(trigger, predicate), std::span(&row_type, 1));
    return (*kept)[key] = std::move(plan);
}

bool holds(const pg::Trigger& trigger, std::string_view predicate) {
    if (predicate.empty()) return false;
    const security::Scope scope(security::Rights::runtime);
    const pg::Plan& plan = plan_of(trigger, predicate);
    HeapTuple row = trigger.old_tuple();
    TupleDesc descriptor = trigger.descriptor();
    pg::Params params;
    params.add(trigger.relation()->rd_rel->reltype,
               pg::call([&row, &descriptor] { return heap_copy_tuple_as_datum(row, descriptor); }),
               false);
    return !pg::execute(plan, params, true, 1).empty();
}

void guard(const pg::Trigger& trigger) {
    if (!security::row_security_applies(trigger.relation_oid())) return;
    const std::string_view resource = trigger.argument(0);
    const Action action = action_of(trigger);
    const auto identity = security::current_identity();
    if (identity) {
        if (identity->permissions.allows(resource, action, core::Scope::tenant)) return;
        if (holds(trigger, trigger.argument(action == Action::update ? 1 : 2))) return;
    }
    throw core::Failure(core::Code::permission_denied,
                        "permission denied: " + std::string(resource) + ":" +
                            std::string(core::action_name(action)) + " of this record");
}

}  // namespace

}  // namespace pgwright::data

PGWRIGHT_TRIGGER(pgwright_guard_record) {
    pgwright::data::guard(trigger);
    return trigger.proceed();
}
