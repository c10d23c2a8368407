// What a trigger function is told, and the rows it may hand back.
// Attribute numbers are the server's: 1 is the first column.
#pragma once

#include "pg/datum.hpp"

namespace pgwright::pg {

// A column's value within a tuple.
struct Value {
    Datum datum = 0;
    bool is_null = true;
};

// A column to replace in the row that a BEFORE ROW trigger returns.
struct ColumnChange {
    AttrNumber attribute;
    Datum datum = 0;
    bool is_null = false;
};

class Trigger {
  public:
    // `fcinfo` must be that of a trigger call.
    explicit Trigger(FunctionCallInfo fcinfo) noexcept;

    [[nodiscard]] bool before() const noexcept { return TRIGGER_FIRED_BEFORE(data_->tg_event); }
    [[nodiscard]] bool after() const noexcept { return TRIGGER_FIRED_AFTER(data_->tg_event); }
    [[nodiscard]] bool for_row() const noexcept { return TRIGGER_FIRED_FOR_ROW(data_->tg_event); }
    [[nodiscard]] bool inserting() const noexcept {
        return TRIGGER_FIRED_BY_INSERT(data_->tg_event);
    }
    [[nodiscard]] bool updating() const noexcept {
        return TRIGGER_FIRED_BY_UPDATE(data_->tg_event);
    }
    [[nodiscard]] bool deleting() const noexcept {
        return TRIGGER_FIRED_BY_DELETE(data_->tg_event);
    }
    [[nodiscard]] bool truncating() const noexcept {
        return TRIGGER_FIRED_BY_TRUNCATE(data_->tg_event);
    }

    [[nodiscard]] const TriggerData& data() const noexcept { return *data_; }
    [[nodiscard]] Relation relation() const noexcept { return data_->tg_relation; }
    [[nodiscard]] Oid relation_oid() const noexcept { return RelationGetRelid(data_->tg_relation); }
    [[nodiscard]] TupleDesc descriptor() const noexcept {
        return RelationGetDescr(data_->tg_relation);
    }

    // The row before and after; nullptr where there is none (and in statement triggers).
    [[nodiscard]] HeapTuple old_tuple() const noexcept;
    [[nodiscard]] HeapTuple new_tuple() const noexcept;
    [[nodiscard]] Value old_value(AttrNumber attribute) const;
    [[nodiscard]] Value new_value(AttrNumber attribute) const;
    // The column's number by name; InvalidAttrNumber when there is none.
    [[nodiscard]] AttrNumber attribute(const char* name) const noexcept;

    // Arguments of CREATE TRIGGER, from 0.
    [[nodiscard]] int argument_count() const noexcept { return data_->tg_trigger->tgnargs; }
    [[nodiscard]] std::string_view argument(int i) const;

    // Results. proceed: the row as it came. skip: a BEFORE ROW trigger drops the row silently.
    // replace: the new row with some columns changed.
    [[nodiscard]] Datum proceed() const noexcept;
    [[nodiscard]] Datum skip() const noexcept { return PointerGetDatum(nullptr); }
    [[nodiscard]] Datum replace(std::span<const ColumnChange> changes) const;

  private:
    TriggerData* data_;
};

}  // namespace pgwright::pg
