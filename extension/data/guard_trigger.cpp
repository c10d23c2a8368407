// SQL: guard_record, a trigger before a row is updated or deleted: whoever sees the row and may not do
// that to it is told so. Policies alone would pass the row over in silence. It judges the row as it was;
// what it becomes is for the policy's WITH CHECK. A change beyond the marks of a deletion takes the right
// to update, also together with them. It binds whom row security binds.
//
// Arguments: the resource; the predicates of rows that may be updated and deleted by a row rule or as
// their author, empty where rows are not told apart (core/policy.hpp).
//
// Cache of plans: key: table and predicate. Bound: kMaxKeptPlans, then emptied. Owner: this file. A plan
// that is not valid any more is prepared anew.
#include "pg/guard.hpp"
#include "pg/immortal.hpp"
#include "pg/spi.hpp"

#include <algorithm>
#include <array>
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

bool marks_deletion(const FormData_pg_attribute& column) {
    constexpr std::array<std::string_view, 4> kMarks{"deleted_at", "deleted_by", "updated_at",
                                                     "updated_by"};
    return std::ranges::find(kMarks, std::string_view(NameStr(column.attname))) != kMarks.end();
}

bool differs(const pg::Trigger& trigger, const FormData_pg_attribute& column) {
    const pg::Value before = trigger.old_value(column.attnum);
    const pg::Value after = trigger.new_value(column.attnum);
    if (before.is_null || after.is_null) return before.is_null != after.is_null;
    const bool by_value = column.attbyval;
    const int length = column.attlen;
    return !pg::call([=] { return datum_image_eq(before.datum, after.datum, by_value, length); });
}

// Who may only delete changes nothing of the record on that occasion, nor of a deleted one.
bool changes_content(const pg::Trigger& trigger) {
    TupleDesc descriptor = trigger.descriptor();
    for (int i = 0; i < descriptor->natts; ++i) {
        const FormData_pg_attribute& column = *TupleDescAttr(descriptor, i);
        if (column.attisdropped || column.attgenerated != '\0' || marks_deletion(column)) continue;
        if (differs(trigger, column)) return true;
    }
    return false;
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

void require(const pg::Trigger& trigger, const security::IdentityPointer& identity, Action action) {
    const std::string_view resource = trigger.argument(0);
    if (identity) {
        if (identity->permissions.allows(resource, action, core::Scope::tenant)) return;
        if (holds(trigger, trigger.argument(action == Action::update ? 1 : 2))) return;
    }
    throw core::Failure(core::Code::permission_denied,
                        "permission denied: " + std::string(resource) + ":" +
                            std::string(core::action_name(action)) + " of this record");
}

void guard(const pg::Trigger& trigger) {
    if (!security::row_security_applies(trigger.relation_oid())) return;
    const auto identity = security::current_identity();
    const Action action = action_of(trigger);
    require(trigger, identity, action);
    if (action == Action::delete_ && trigger.updating() && changes_content(trigger))
        require(trigger, identity, Action::update);
}

}  // namespace

}  // namespace pgwright::data

PGWRIGHT_TRIGGER(pgwright_guard_record) {
    pgwright::data::guard(trigger);
    return trigger.proceed();
}
