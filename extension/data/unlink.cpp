// SQL: unlink_related_records. Takes apart what a relationship ties together: over a lookup or a
// one-to-many the lookup is emptied, over a many-to-many the links go. One statement, however many.
#include "pg/guard.hpp"

#include <algorithm>

#include "core/record_key.hpp"
#include "data/bulk.hpp"
#include "data/caller.hpp"
#include "data/execution.hpp"
#include "data/records.hpp"
#include "data/related.hpp"

namespace pgwright::data {

namespace {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using core::Related;

// What is written to unlink: records of `entity` whose `from` is the one end and whose `to` is one of
// the others.
struct Ties {
    const core::Entity* entity = nullptr;
    const core::Field* from = nullptr;
    const core::Field* to = nullptr;
    const core::Field* emptied = nullptr;  // none: the record itself is the link, and goes
};

const core::Field* key_of(const core::Entity& entity) {
    core::require_key(entity);
    const auto fields = core::key_fields(entity);
    return fields.size() == 1 ? fields.front() : nullptr;
}

Ties ties_of(const core::Entity& entity, const Related& related) {
    if (related.junction) return {related.junction.get(), related.near, related.far, nullptr};
    if (related.is_lookup) return {&entity, key_of(entity), related.near, related.near};
    return {related.target.get(), related.near, key_of(*related.target), related.near};
}

// Both ends are named by their keys, and lookups hold keys.
void require_simple(const Ties& ties) {
    if (ties.from != nullptr && ties.to != nullptr) return;
    throw Failure(Code::validation_error, "records of several keys are not unlinked by id",
                  {{"relationship", "refers to records by another value than their key"}});
}

void require_right(const security::Identity& identity, const Ties& ties) {
    const core::Entity& entity = *ties.entity;
    if (ties.emptied == nullptr) {
        require_writable(entity, entity.deletable);
        return security::require_permission(identity, entity.resource, Action::delete_);
    }
    require_writable(entity, entity.updatable);
    security::require_permission(identity, entity.resource, Action::update);
    const core::Field& field = *ties.emptied;
    if (field.required)
        throw Failure(Code::conflict, "the records cannot be without each other",
                      {{field.name, "is required"}});
    if (field.readonly || field.write_once)
        throw Failure(Code::permission_denied, "the records may not be unlinked",
                      {{field.name, "is read-only"}});
}

std::vector<Json> read_ids(const core::Entity& target, const Json& ids) {
    if (!ids.is_array() || ids.items().empty() || ids.items().size() > kMaxBulkRecords)
        throw Failure(
            Code::validation_error, "the ids are not valid",
            {{"ids", "must be an array of 1 to " + std::to_string(kMaxBulkRecords) + " ids"}});
    std::vector<Json> keys;
    core::Faults faults;
    for (std::size_t i = 0; i < ids.items().size(); ++i) {
        try {
            keys.push_back(core::parse_key(target, ids.items()[i].text()));
        } catch (const Failure&) {
            faults.add("ids[" + std::to_string(i) + "]", "is no id of " + target.name);
        }
    }
    faults.raise("the ids are not valid");
    return keys;
}

core::Condition equal_to(const core::Field& field, core::Operator op, std::vector<Json> values) {
    core::Condition condition;
    condition.kind = core::Condition::Kind::comparison;
    condition.field = &field;
    condition.op = op;
    condition.values = std::move(values);
    return condition;
}

core::Statement compile(const Ties& ties, const Json& key, const std::vector<Json>& keys) {
    core::Condition both;
    both.children.push_back(equal_to(*ties.from, core::Operator::eq, {key}));
    both.children.push_back(equal_to(*ties.to, core::Operator::in, keys));
    if (ties.emptied == nullptr) return core::compile_delete_where(*ties.entity, both);
    Json change = Json::object();
    change.set(ties.emptied->name, Json());
    return core::compile_update_where(*ties.entity, both, change);
}

void require_seen(const core::Entity& entity, const Json& key) {
    const core::Statement statement = core::compile_exists(entity, key);
    if (Execution(entity, statement, Access::read).rows() == 0)
        throw Failure(Code::resource_not_found, "there is no such record");
}

std::size_t distinct(const std::vector<Json>& keys) {
    std::vector<std::string> texts;
    texts.reserve(keys.size());
    for (const Json& key : keys) texts.push_back(key.dump());
    std::ranges::sort(texts);
    return static_cast<std::size_t>(std::unique(texts.begin(), texts.end()) - texts.begin());
}

std::string unlink(const Caller& caller, std::string_view id, std::string_view relationship,
                   const Json& ids) {
    const core::Entity& entity = *caller.entity;
    require_read(*caller.identity, entity);
    const Json key = core::parse_key(entity, id);
    const auto related = related_finder(caller.identity)(entity, relationship);
    if (!related) throw Failure(Code::resource_not_found, "there is no such relationship");
    const Ties ties = ties_of(entity, *related);
    require_simple(ties);
    const std::vector<Json> keys = read_ids(*related->target, ids);
    require_seen(entity, key);
    require_right(*caller.identity, ties);
    const core::Statement statement = compile(ties, key, keys);
    const Execution execution(*ties.entity, statement,
                              ties.emptied == nullptr ? Access::remove : Access::write);
    const std::size_t wanted = related->is_lookup ? 1 : distinct(keys);
    // The failure undoes the statement.
    if (execution.rows() < wanted)
        throw Failure(Code::resource_not_found,
                      "some of the records are not linked to this one; none was unlinked");
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("unlinked");
    writer.integer(static_cast<std::int64_t>(execution.rows()));
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace

}  // namespace pgwright::data

PGWRIGHT_FUNCTION(pgwright_unlink_related_records) {
    namespace data = pgwright::data;
    const data::Caller caller(args);
    return pgwright::pg::json_datum(
        data::unlink(caller, args.text(1), args.text(2), pgwright::core::parse_json(args.text(3))));
}
