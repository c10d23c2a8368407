// Sets of records with what is nested in them; see bulk_records.hpp.
#include "data/bulk_records.hpp"

#include <algorithm>

namespace pgwright::data {

using core::Json;

BulkRecords::BulkRecords(const core::Entity& entity, Json records, core::Writing kind,
                         BulkRequest& request)
    : entity_(entity), records_(std::move(records)), kind_(kind) {
    const auto may_be = [&](const Json& each) {
        return each.is_object() && core::may_be_nested(entity, each);
    };
    if (std::ranges::any_of(records_.items(), may_be)) check_nested(request);
    if (nested_) return;
    for (std::size_t i = 0; i < records_.items().size(); ++i) {
        core::Faults faults;
        core::check_written(entity, records_.items()[i], kind, faults);
        request.refuse(i, faults);
    }
}

void BulkRecords::check_nested(BulkRequest& request) {
    NestedWrite nested(entity_);
    for (std::size_t i = 0; i < records_.items().size(); ++i)
        nested.add(records_.items()[i], static_cast<int>(i));
    core::Faults faults;
    nested.prepare(kind_, faults);
    if (!nested.has_nested() && faults.empty()) return;
    for (const core::Fault& fault : faults.list())
        request.refuse(static_cast<std::size_t>(fault.index), "the record is not valid",
                       {{fault.field, fault.message}});
    nested_ = std::move(nested);
}

const Json& BulkRecords::own(std::size_t row) const {
    return nested_ ? nested_->own(row) : records_.items()[row];
}

Attempt BulkRecords::attempt(WriteOwn write_own) const {
    return [this, write_own = std::move(write_own)](Rows rows) {
        if (nested_) return write_nested(rows, write_own);
        Json chosen = Json::array();
        for (const std::size_t row : rows) chosen.items().push_back(records_.items()[row]);
        return write_own(rows, std::move(chosen));
    };
}

BulkOutcome BulkRecords::write_nested(Rows rows, const WriteOwn& write_own) const {
    NestedWrite nested(entity_);
    for (const std::size_t row : rows) nested.add(records_.items()[row]);
    core::Faults none;  // they have been checked
    nested.prepare(kind_, none);
    nested.write_referred();
    Json own = Json::array();
    for (std::size_t i = 0; i < rows.size(); ++i) own.items().push_back(nested.own(i));
    BulkOutcome outcome = write_own(rows, std::move(own));
    if (!outcome.faults.empty()) raise(outcome.faults, "some records are refused");
    for (const auto& [row, id] : outcome.done)
        nested.identify(
            static_cast<std::size_t>(std::ranges::lower_bound(rows, row) - rows.begin()), id);
    nested.write_referring();
    return outcome;
}

}  // namespace pgwright::data
