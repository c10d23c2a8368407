// SQL: delete_referrers, a trigger after each soft delete of a row: does to what refers to the record
// what the foreign key says of a real deletion. The row is locked first as a real deletion would lock
// it, so whoever refers to it at this moment either is seen here or meets check_references() after.
// Cascades go on through the triggers of the tables they reach; they end because what is deleted
// already is passed over.
#include "pg/guard.hpp"

#include "data/foreign_key.hpp"

#include <algorithm>

#include "core/ddl.hpp"
#include "core/error.hpp"
#include "security/identity.hpp"
#include "security/scope.hpp"

namespace pgwright::data {

namespace {

enum class Action : std::uint8_t { refuse, cascade, set_null };

// What the server's own trigger on the referred table does; nullopt for any other trigger.
std::optional<Action> action_of(Oid function) {
    switch (function) {
        case F_RI_FKEY_CASCADE_DEL: return Action::cascade;
        case F_RI_FKEY_SETNULL_DEL: return Action::set_null;
        case F_RI_FKEY_NOACTION_DEL:
        case F_RI_FKEY_RESTRICT_DEL:
        case F_RI_FKEY_SETDEFAULT_DEL: return Action::refuse;
        default: return std::nullopt;
    }
}

struct Referrer {
    Action action;
    Oid constraint, relation;
};

// Copied out of the relation cache, which may be rebuilt while they are worked on. Refusals first.
std::vector<Referrer> referrers_of(Relation relation) {
    std::vector<Referrer> found;
    const TriggerDesc* const triggers = relation->trigdesc;
    for (int i = 0; triggers != nullptr && i < triggers->numtriggers; ++i) {
        const ::Trigger& each = triggers->triggers[i];
        if (const auto action = action_of(each.tgfoid))
            found.push_back({*action, each.tgconstraint, each.tgconstrrelid});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Referrer& a, const Referrer& b) { return a.action < b.action; });
    return found;
}

// What a caller who may read the entity is told; for everybody else it does not exist.
std::string visible_label(Oid relation) {
    const auto identity = security::current_identity();
    const security::Scope scope(security::Rights::engine);
    pg::Params params;
    params.add_oid(relation);
    const pg::Result result = pg::execute(
        "SELECT e.label, coalesce(e.metadata ->> 'resource', e.name)"
        "  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        "  JOIN pgwright.entity_definitions e ON e.schema_name = n.nspname"
        "   AND e.table_name = c.relname AND NOT e.is_deleted"
        " WHERE c.oid = $1",
        params, true);
    if (result.empty()) return {};
    const pg::Row row = result.row(0);
    const bool visible = !identity || identity->may(row.text(1), core::Action::read);
    return visible ? row.text(0) : std::string();
}

class Reference {
  public:
    Reference(const pg::Trigger& trigger, ForeignKey key) : key_(std::move(key)) {
        for (const AttrNumber column : key_.keys) {
            const pg::Value value = trigger.new_value(column);
            params_.add(TupleDescAttr(trigger.descriptor(), column - 1)->atttypid, value.datum,
                        value.is_null);
        }
    }

    void follow(Action action) {
        run(key_.referred, Purpose::lock, [this] { return lock_sql(); });
        switch (action) {
            case Action::refuse: return refuse();
            case Action::set_null:
                run(key_.referring, Purpose::set_null, [this] { return set_null_sql(); });
                return;
            case Action::cascade: break;
        }
        run(key_.referring, Purpose::cascade, [this] { return cascade_sql(); });
    }

  private:
    template <class Text>
    std::uint64_t run(Oid owned, Purpose purpose, Text&& sql) {
        const OwnerScope scope(owned);
        PlanPointer plan = find_plan(key_, purpose);
        if (!plan) plan = keep_plan(key_, purpose, sql(), params_.types());
        return pg::execute_as_referential(*plan, params_).processed();
    }

    void refuse() {
        if (run(key_.referring, Purpose::find, [this] { return find_sql(); }) == 0) return;
        const std::string label = visible_label(key_.referring);
        throw core::Failure(core::Code::conflict, "the record " +
                                                      std::string(core::kStillReferredTo) +
                                                      (label.empty() ? "" : ", in " + label));
    }

    [[nodiscard]] std::string lock_sql() const {
        return "SELECT FROM " + table_sql(key_.referred) + " t WHERE " +
               equals_parameters(key_.referred, "t", key_.keys) + " FOR UPDATE";
    }

    // The live records that refer to the deleted one.
    [[nodiscard]] std::string live_referrers() const {
        return equals_parameters(key_.referring, "t", key_.columns) +
               (has_soft_delete(key_.referring) ? " AND t.\"deleted_at\" IS NULL" : "");
    }

    [[nodiscard]] std::string find_sql() const {
        return "SELECT FROM " + table_sql(key_.referring) + " t WHERE " + live_referrers() +
               " LIMIT 1";
    }

    // The author of the deletion is set by the record trigger.
    [[nodiscard]] std::string cascade_sql() const {
        const std::string table = table_sql(key_.referring);
        const std::string start =
            has_soft_delete(key_.referring)
                ? "UPDATE " + table + " t SET \"deleted_at\" = pg_catalog.now()"
                : "DELETE FROM " + table + " t";
        return start + " WHERE " + live_referrers();
    }

    [[nodiscard]] std::string set_null_sql() const {
        std::string assignments;
        for (const AttrNumber column : nullable_columns()) {
            assignments.append(assignments.empty() ? "" : ", ")
                .append(column_sql(key_.referring, column))
                .append(" = NULL");
        }
        return "UPDATE " + table_sql(key_.referring) + " t SET " + assignments + " WHERE " +
               live_referrers();
    }

    // Of a key with the tenant in it the tenant stays. With nothing to let go of the server refuses.
    [[nodiscard]] std::vector<AttrNumber> nullable_columns() const {
        std::vector<AttrNumber> nullable;
        for (const AttrNumber column : key_.columns) {
            const Oid relation = key_.referring;
            const bool required = pg::call([=] {
                HeapTuple tuple =
                    SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(column));
                if (!HeapTupleIsValid(tuple)) elog(ERROR, "column %d vanished", column);
                const bool not_null =
                    reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attnotnull;
                ReleaseSysCache(tuple);
                return not_null;
            });
            if (!required) nullable.push_back(column);
        }
        return nullable.empty() ? key_.columns : nullable;
    }

    ForeignKey key_;
    pg::Params params_;
};

}  // namespace

}  // namespace pgwright::data

PGWRIGHT_TRIGGER(pgwright_delete_referrers) {
    namespace data = pgwright::data;
    for (const data::Referrer& referrer : data::referrers_of(trigger.relation())) {
        auto key = data::find_foreign_key(referrer.relation, referrer.constraint);
        if (key) data::Reference(trigger, *std::move(key)).follow(referrer.action);
    }
    return trigger.proceed();
}
