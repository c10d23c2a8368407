// Creating one record, also under an id that the caller chooses, or changing the one of the same unique
// key; see records.hpp.
#include "core/record_key.hpp"
#include "data/row_version.hpp"
#include "data/unique_key.hpp"
#include "data/written_record.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using security::Identity;

namespace {

// What a record gets that its data does not say: the key, where the caller chooses it.
using Extra = std::vector<std::pair<const core::Field*, Json>>;

Record insert_own(const core::Entity& entity, Json data, const Extra& extra, bool told,
                  core::Existing existing) {
    for (const auto& [field, value] : extra) data.set(field->name, value);
    const core::Statement statement = core::compile_insert(entity, data, told, existing);
    const Execution execution(entity, statement, Access::write);
    if (execution.rows() == 0)
        throw Failure(Code::precondition_failed, "there is such a record already");
    return written_record(execution, told);
}

Record insert(const Identity& identity, const core::Entity& entity, const Json& data,
              const Extra& extra, bool tagged, core::Existing existing) {
    const bool told = tagged && has_versions(entity);
    auto nested = checked_nested(entity, data, core::Writing::create);
    Record record;
    if (nested) {
        nested->write_referred();
        nested->identify(0, insert_own(entity, nested->own(0), extra, false, existing).id);
        nested->write_referring();
        record = written_record(identity, entity, *nested, told);
    } else {
        record = insert_own(entity, data, extra, told, existing);
    }
    record.created = true;
    return record;
}

// Takes the key into the data where people write it, and into the extra where it is made for them.
Extra place_key(const core::Entity& entity, const Json& key, Json& data) {
    Extra extra;
    core::Faults faults;
    const std::vector<const core::Field*> fields = core::key_fields(entity);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const core::Field& field = *fields[i];
        const Json& part = core::key_part(entity, key, i);
        const Json* const given = data.find(field.name);
        if (field.system && entity.kind != core::EntityKind::system)
            extra.emplace_back(&field, part);
        else if (field.system || field.readonly || field.is_calculated())
            faults.add("id", "cannot be chosen: the database makes it");
        else if (given != nullptr && given->text() != part.text())
            faults.add(field.name, "is not what the record's id says");
        else
            data.set(field.name, part);
    }
    faults.raise("the record is not valid");
    return extra;
}

core::UniqueKey upsert_key(const core::Entity& entity, const Json& data,
                           std::optional<std::string_view> named) {
    const Json* const records[] = {&data};
    core::UniqueKey key = unique_key_of(entity, records, named);
    core::Faults faults;
    check_key(key, data, faults);
    faults.raise("the record is not valid");
    return key;
}

Record upsert_own(const core::Entity& entity, const Json& data, std::optional<std::string_view> key,
                  bool told) {
    const core::UniqueKey unique = upsert_key(entity, data, key);
    const auto novelty = has_versions(entity) ? core::Novelty::by_row : core::Novelty::by_key;
    const core::Statement statement = core::compile_upsert(entity, data, unique, told, novelty);
    const Execution execution(entity, statement, Access::write);
    if (execution.rows() == 0) {
        refuse_second_value(entity, data);
        refuse_permission(entity, Action::update);
    }
    Record record = written_record(execution, told);
    record.created = execution.row(0).boolean(execution.extra(told ? 1 : 0));
    return record;
}

}  // namespace

Record create_record(const Identity& identity, const core::Entity& entity, const Json& data,
                     bool tagged, bool only_new) {
    require_writable(entity, entity.creatable);
    security::require_permission(identity, entity.resource, Action::create);
    return insert(identity, entity, data, {}, tagged,
                  only_new ? core::Existing::any : core::Existing::none);
}

Record create_record_as(const Identity& identity, const core::Entity& entity, std::string_view id,
                        const Json& data, bool tagged) {
    core::require_key(entity);
    require_writable(entity, entity.creatable);
    security::require_permission(identity, entity.resource, Action::create);
    const Json key = core::parse_key(entity, id);
    Json own = data;
    const Extra extra = data.is_object() ? place_key(entity, key, own) : Extra();
    return insert(identity, entity, own, extra, tagged, core::Existing::same_key);
}

Record upsert_record(const Identity& identity, const core::Entity& entity, const Json& data,
                     std::optional<std::string_view> key, bool tagged) {
    require_writable(entity, entity.creatable && entity.updatable);
    security::require_permission(identity, entity.resource, Action::create);
    security::require_permission(identity, entity.resource, Action::update);
    const bool told = tagged && has_versions(entity);
    auto nested = checked_nested(entity, data, core::Writing::create);
    if (!nested) return upsert_own(entity, data, key, told);
    nested->write_referred();
    const Record own = upsert_own(entity, nested->own(0), key, false);
    nested->identify(0, own.id);
    nested->write_referring();
    Record record = written_record(identity, entity, *nested, told);
    record.created = own.created;
    return record;
}

}  // namespace pgwright::data
