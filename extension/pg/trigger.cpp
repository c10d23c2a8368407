#include "pg/trigger.hpp"

namespace pgwright::pg {

namespace {

Value value_of(HeapTuple tuple, AttrNumber attribute, TupleDesc descriptor) {
    Value value;
    if (tuple == nullptr) return value;
    if (attribute < 1 || attribute > descriptor->natts)
        throw Error(ERRCODE_UNDEFINED_COLUMN,
                    "relation has no column " + std::to_string(attribute));
    value.datum = heap_getattr(tuple, attribute, descriptor, &value.is_null);
    return value;
}

}  // namespace

Trigger::Trigger(FunctionCallInfo fcinfo) noexcept
    : data_(reinterpret_cast<TriggerData*>(fcinfo->context)) {}

HeapTuple Trigger::old_tuple() const noexcept {
    return for_row() && (updating() || deleting()) ? data_->tg_trigtuple : nullptr;
}

HeapTuple Trigger::new_tuple() const noexcept {
    if (!for_row()) return nullptr;
    if (inserting()) return data_->tg_trigtuple;
    return updating() ? data_->tg_newtuple : nullptr;
}

Value Trigger::old_value(AttrNumber attribute) const {
    return value_of(old_tuple(), attribute, descriptor());
}
Value Trigger::new_value(AttrNumber attribute) const {
    return value_of(new_tuple(), attribute, descriptor());
}

AttrNumber Trigger::attribute(const char* name) const noexcept {
    for (int i = 0; i < descriptor()->natts; ++i) {
        const FormData_pg_attribute* column = TupleDescAttr(descriptor(), i);
        if (!column->attisdropped && std::strcmp(NameStr(column->attname), name) == 0)
            return column->attnum;
    }
    return InvalidAttrNumber;
}

std::string_view Trigger::argument(int i) const {
    if (i < 0 || i >= argument_count())
        throw Error(ERRCODE_INTERNAL_ERROR, "trigger has fewer arguments than expected");
    return data_->tg_trigger->tgargs[i];
}

Datum Trigger::proceed() const noexcept {
    HeapTuple tuple = deleting() ? old_tuple() : new_tuple();
    return PointerGetDatum(before() ? tuple : nullptr);
}

Datum Trigger::replace(std::span<const ColumnChange> changes) const {
    if (!before() || new_tuple() == nullptr)
        throw Error(ERRCODE_INTERNAL_ERROR,
                    "only a BEFORE INSERT OR UPDATE trigger for rows can change the row");
    const std::size_t count = changes.size();
    std::vector<int> columns(count);
    std::vector<Datum> values(count);
    const auto nulls = std::make_unique<bool[]>(count);
    for (std::size_t i = 0; i < count; ++i) {
        columns[i] = changes[i].attribute;
        values[i] = changes[i].datum;
        nulls[i] = changes[i].is_null;
    }
    return PointerGetDatum(call([&] {
        return heap_modify_tuple_by_cols(new_tuple(), descriptor(), static_cast<int>(count),
                                         columns.data(), values.data(), nulls.get());
    }));
}

}  // namespace pgwright::pg
