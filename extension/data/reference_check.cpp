// SQL: check_references, a trigger after each statement that inserts or updates: what its rows refer to
// is not marked deleted. The foreign keys have been checked by then and hold the rows referred to, so
// a deletion that runs at the same time either has been seen or waits for this transaction's end.
// One query for each key that was written, none for a statement that wrote none.
#include "pg/guard.hpp"

#include "data/foreign_key.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace pgwright::data {

namespace {

// The rows of a transition table, one after the other.
class TransitionRows {
  public:
    TransitionRows(Tuplestorestate* rows, TupleDesc descriptor) : rows_(rows) {
        pg::call([&] {
            slot_ = MakeSingleTupleTableSlot(descriptor, &TTSOpsMinimalTuple);
            // A position of our own: other triggers read the same rows.
            position_ = tuplestore_alloc_read_pointer(rows_, EXEC_FLAG_REWIND);
            tuplestore_select_read_pointer(rows_, position_);
            tuplestore_rescan(rows_);
        });
    }
    ~TransitionRows() {
        pg::call_or_end_session([this] { ExecDropSingleTupleTableSlot(slot_); });
    }
    TransitionRows(const TransitionRows&) = delete;
    TransitionRows& operator=(const TransitionRows&) = delete;

    bool next() {
        return pg::call([this] {
            tuplestore_select_read_pointer(rows_, position_);
            if (!tuplestore_gettupleslot(rows_, true, false, slot_)) return false;
            slot_getallattrs(slot_);
            return true;
        });
    }
    [[nodiscard]] pg::Value value(AttrNumber attribute) const {
        return {slot_->tts_values[attribute - 1], slot_->tts_isnull[attribute - 1]};
    }

  private:
    Tuplestorestate* rows_;
    TupleTableSlot* slot_ = nullptr;
    int position_ = 0;
};

// What the rows of a statement give for one foreign key.
class Given {
  public:
    Given(ForeignKey key, TupleDesc descriptor)
        : key_(std::move(key)), descriptor_(descriptor), values_(key_.columns.size()) {}

    [[nodiscard]] bool differs(const TransitionRows& a, const TransitionRows& b) const {
        return std::ranges::any_of(key_.columns, [&](AttrNumber column) {
            return !equal(column, a.value(column), b.value(column));
        });
    }

    // A reference with a null in it refers to nothing.
    void add(const TransitionRows& row) {
        const auto is_null = [&](AttrNumber column) { return row.value(column).is_null; };
        if (std::ranges::any_of(key_.columns, is_null)) return;
        if (repeats_last(row)) return;
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const FormData_pg_attribute* column = attribute(key_.columns[i]);
            const Datum value = row.value(key_.columns[i]).datum;
            values_[i].push_back(
                pg::call([=] { return datumCopy(value, column->attbyval, column->attlen); }));
        }
    }

    void require_live() {
        if (values_.front().empty()) return;
        const OwnerScope scope(key_.referred);
        if (!refers_to_deleted()) return;
        throw core::Failure(core::Code::conflict, "a record that is referred to does not exist",
                            {{NameStr(attribute(key_.columns.back())->attname),
                              "refers to a record that does not exist"}});
    }

  private:
    [[nodiscard]] const FormData_pg_attribute* attribute(AttrNumber number) const {
        return TupleDescAttr(descriptor_, number - 1);
    }

    [[nodiscard]] bool equal(AttrNumber column, const pg::Value& a, const pg::Value& b) const {
        if (a.is_null || b.is_null) return a.is_null == b.is_null;
        return datumIsEqual(a.datum, b.datum, attribute(column)->attbyval,
                            attribute(column)->attlen);
    }

    // The rows of a bulk often refer to the same record one after the other.
    [[nodiscard]] bool repeats_last(const TransitionRows& row) const {
        if (values_.front().empty()) return false;
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const AttrNumber column = key_.columns[i];
            if (!equal(column, {values_[i].back(), false}, row.value(column))) return false;
        }
        return true;
    }

    // Most statements write one row, for which a plain look into the key's index is the cheapest.
    bool refers_to_deleted() {
        const bool one = values_.front().size() == 1;
        pg::Params params;
        for (std::size_t i = 0; i < values_.size(); ++i) {
            if (one) {
                params.add(attribute(key_.columns[i])->atttypid, values_[i].front(), false);
            } else {
                add_list(params, i);
            }
        }
        const Purpose purpose = one ? Purpose::check_one : Purpose::check_many;
        PlanPointer plan = find_plan(key_, purpose);
        if (!plan) plan = keep_plan(key_, purpose, one ? one_sql() : many_sql(), params.types());
        return pg::execute_as_referential(*plan, params, 1).processed() > 0;
    }

    void add_list(pg::Params& params, std::size_t i) {
        const FormData_pg_attribute* column = attribute(key_.columns[i]);
        std::vector<Datum>& values = values_[i];
        const Oid array = pg::call([=] { return get_array_type(column->atttypid); });
        const Datum list = pg::call([&] {
            return PointerGetDatum(construct_array(values.data(), static_cast<int>(values.size()),
                                                   column->atttypid, column->attlen,
                                                   column->attbyval, column->attalign));
        });
        params.add(array, list, false);
    }

    [[nodiscard]] std::string one_sql() const {
        return "SELECT FROM " + table_sql(key_.referred) + " t WHERE " +
               equals_parameters(key_.referred, "t", key_.keys) +
               " AND t.\"deleted_at\" IS NOT NULL LIMIT 1";
    }

    // The sub-select keeps the plan to one look into the key's index for each value, however many
    // records are deleted.
    [[nodiscard]] std::string many_sql() const {
        std::string arrays;
        std::string names;
        std::string matches;
        for (std::size_t i = 0; i < key_.keys.size(); ++i) {
            const std::string number = std::to_string(i + 1);
            arrays.append(i == 0 ? "$" : ", $").append(number);
            names.append(i == 0 ? "c" : ", c").append(number);
            matches.append(i == 0 ? "t." : " AND t.")
                .append(column_sql(key_.referred, key_.keys[i]))
                .append(" = n.c")
                .append(number);
        }
        return "SELECT FROM unnest(" + arrays + ") AS n (" + names +
               ") WHERE (SELECT t.\"deleted_at\" FROM " + table_sql(key_.referred) + " t WHERE " +
               matches + ") IS NOT NULL LIMIT 1";
    }

    ForeignKey key_;
    TupleDesc descriptor_;
    std::vector<std::vector<Datum>> values_;  // one list for each column
};

std::vector<Given> soft_references(const pg::Trigger& trigger) {
    std::vector<Given> given;
    for (ForeignKey& key : foreign_keys_of(trigger.relation())) {
        if (has_soft_delete(key.referred)) given.emplace_back(std::move(key), trigger.descriptor());
    }
    return given;
}

bool is_deleted(const TransitionRows& row, AttrNumber deleted_at) {
    return deleted_at != InvalidAttrNumber && !row.value(deleted_at).is_null;
}

void collect_inserted(const pg::Trigger& trigger, std::vector<Given>& given) {
    const AttrNumber deleted_at = trigger.attribute("deleted_at");
    TransitionRows row(trigger.data().tg_newtable, trigger.descriptor());
    while (row.next()) {
        if (is_deleted(row, deleted_at)) continue;
        for (Given& each : given) each.add(row);
    }
}

// Both tables hold the rows in the order of their update. What was given before is not asked about
// again, unless the record itself comes back to life.
void collect_updated(const pg::Trigger& trigger, std::vector<Given>& given) {
    const AttrNumber deleted_at = trigger.attribute("deleted_at");
    TransitionRows before(trigger.data().tg_oldtable, trigger.descriptor());
    TransitionRows after(trigger.data().tg_newtable, trigger.descriptor());
    while (before.next() && after.next()) {
        if (is_deleted(after, deleted_at)) continue;
        const bool revived = is_deleted(before, deleted_at);
        for (Given& each : given) {
            if (revived || each.differs(before, after)) each.add(after);
        }
    }
}

}  // namespace

}  // namespace pgwright::data

PGWRIGHT_TRIGGER(pgwright_check_references) {
    namespace data = pgwright::data;
    std::vector<data::Given> given = data::soft_references(trigger);
    if (given.empty()) return trigger.proceed();
    if (trigger.inserting()) {
        data::collect_inserted(trigger, given);
    } else {
        data::collect_updated(trigger, given);
    }
    for (data::Given& each : given) each.require_live();
    return trigger.proceed();
}
