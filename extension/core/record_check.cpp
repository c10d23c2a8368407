// Checks of records for each way to write them; see record_check.hpp.
#include "core/record_check.hpp"

#include "core/record_key.hpp"

namespace pgwright::core {

namespace {

// What whoever replaces a record leaves as it is.
bool keeps_value(const Entity& entity, const Field& field) {
    return field.readonly || field.write_once || is_key_field(entity, field);
}

}  // namespace

void check_written(const Entity& entity, const Json& data, Writing writing, Faults& faults,
                   int index) {
    const bool creates = writing == Writing::create;
    check_record(entity, data, creates ? WriteKind::create : WriteKind::update, faults, index);
    if (writing != Writing::replace || !data.is_object()) return;
    for (const Field& field : entity.fields) {
        if (field.must_be_given() && !keeps_value(entity, field) &&
            data.find(field.name) == nullptr)
            faults.add(field.name, "is required", index);
    }
}

}  // namespace pgwright::core
