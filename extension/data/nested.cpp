// Writing nested records set by set; see nested.hpp.
#include "pg/snapshot.hpp"
#include "pg/spi.hpp"

#include "data/nested.hpp"

#include <algorithm>
#include <set>

#include "core/record_key.hpp"
#include "data/execution.hpp"
#include "data/related.hpp"

namespace pgwright::data {

using core::Action;
using core::Code;
using core::Failure;
using core::Json;
using core::NestedBranch;
using core::NestedItem;
using core::NestedSet;

namespace {

using Indexes = std::vector<std::size_t>;

Indexes chosen(const NestedSet& set, bool (*wanted)(const NestedItem&)) {
    Indexes indexes;
    for (std::size_t i = 0; i < set.items.size(); ++i)
        if (wanted(set.items[i])) indexes.push_back(i);
    return indexes;
}

bool is_new(const NestedItem& item) { return item.is_new; }
bool is_removed(const NestedItem& item) { return item.is_removed; }
bool is_changed(const NestedItem& item) {
    return !item.is_new && !item.is_removed && !item.data.members().empty();
}

// Checks ------------------------------------------------------------------------------------------

void require(const security::Identity& identity, const core::Entity& entity, bool offered,
             Action action) {
    require_writable(entity, offered);
    security::require_permission(identity, entity.resource, action);
}

void require_rights(const security::Identity& identity, const NestedBranch& branch) {
    const NestedSet& set = branch.set;
    const core::Entity& entity = *set.entity;
    const bool links = !branch.related.is_lookup && !branch.related.junction;
    if (std::ranges::any_of(set.items, is_new))
        require(identity, entity, entity.creatable, Action::create);
    if (std::ranges::any_of(set.items, is_removed))
        require(identity, entity, entity.deletable, Action::delete_);
    if (std::ranges::any_of(set.items, [&](const NestedItem& item) {
            return is_changed(item) || (links && !item.is_new && !item.is_removed);
        }))
        require(identity, entity, entity.updatable, Action::update);
    if (branch.related.junction)
        require(identity, *branch.related.junction, branch.related.junction->creatable,
                Action::create);
}

// The fields that a record gets from the records around it.
std::set<std::string> given_around(const NestedSet& set, std::size_t at,
                                   const NestedBranch* within) {
    std::set<std::string> names;
    if (within != nullptr && !within->related.is_lookup && !within->related.junction)
        names.insert(within->related.near->name);
    for (const auto& branch : set.branches) {
        const auto stands_in = [&](const NestedItem& item) { return item.parent == at; };
        if (branch->related.is_lookup && std::ranges::any_of(branch->set.items, stands_in))
            names.insert(branch->related.near->name);
    }
    return names;
}

void check_data(const NestedSet& set, std::size_t at, core::Writing kind,
                const NestedBranch* within, core::Faults& faults) {
    const NestedItem& item = set.items[at];
    core::Faults found;
    core::check_written(*set.entity, item.data, kind, found);
    const std::set<std::string> given = given_around(set, at, within);
    for (const core::Fault& fault : found.list()) {
        if (given.contains(fault.field) && item.data.find(fault.field) == nullptr) continue;
        const bool nested = !item.path.empty() && !fault.field.empty();
        faults.add(item.path + (nested ? "." : "") + fault.field, fault.message, item.index);
    }
}

void check_item(const NestedBranch& branch, std::size_t at, core::Faults& faults) {
    const NestedItem& item = branch.set.items[at];
    if (item.id) {
        try {
            (void)core::parse_key(*branch.set.entity, *item.id);
        } catch (const Failure& failure) {
            for (const core::Fault& fault : failure.faults())
                faults.add(item.path + ".id", fault.message, item.index);
        }
    }
    const auto kind = item.is_new ? core::Writing::create : core::Writing::update;
    if (!item.is_removed) check_data(branch.set, at, kind, &branch, faults);
}

void check(const security::Identity& identity, const NestedSet& set, core::Faults& faults) {
    for (const auto& branch : set.branches) {
        require_rights(identity, *branch);
        std::set<std::pair<std::size_t, std::string>> seen;
        for (std::size_t i = 0; i < branch->set.items.size(); ++i) {
            const NestedItem& item = branch->set.items[i];
            check_item(*branch, i, faults);
            const NestedItem& parent = set.items[item.parent];
            if (branch->related.is_lookup &&
                parent.data.find(branch->related.near->name) != nullptr)
                faults.add(item.path, "is given twice, also as " + branch->related.near->name,
                           item.index);
            if (item.id &&
                !seen.emplace(branch->related.is_lookup ? item.parent : 0, *item.id).second)
                faults.add(item.path + ".id", "is given more than once", item.index);
        }
        check(identity, branch->set, faults);
    }
}

// Statements --------------------------------------------------------------------------------------

// Faults of rows as those of the request, by their paths.
[[noreturn]] void raise(const NestedSet& set, const std::vector<RowFault>& row_faults) {
    std::vector<core::Fault> faults;
    for (const RowFault& fault : row_faults) {
        const NestedItem& item = set.items[fault.index];
        if (fault.details.empty()) faults.push_back({item.path, fault.message, item.index});
        for (const core::Fault& detail : fault.details)
            faults.push_back({item.path.empty() ? detail.field : item.path + "." + detail.field,
                              detail.message, item.index});
    }
    throw Failure(row_faults.front().code,
                  row_faults.size() == 1 ? row_faults.front().message
                                         : "some of the records are refused; none was written",
                  std::move(faults));
}

void write(NestedSet& set, const Indexes& rows, const Attempt& attempt) {
    if (rows.empty()) return;
    const pg::Spi connection;  // outlives the attempts' subtransactions
    BulkOutcome outcome = write_each(rows, attempt);
    if (!outcome.faults.empty()) raise(set, outcome.faults);
    for (auto& [index, id] : outcome.done) set.items[index].id = std::move(id);
}

Json data_of(const NestedSet& set, Rows rows) {
    Json records = Json::array();
    for (const std::size_t row : rows) records.items().push_back(set.items[row].data);
    return records;
}

Json::Array keys_of(const NestedSet& set, Rows rows) {
    Json::Array keys;
    for (const std::size_t row : rows)
        keys.push_back(core::parse_key(*set.entity, *set.items[row].id));
    return keys;
}

BulkOutcome insert(const NestedSet& set, Rows rows) {
    BulkOutcome outcome;
    for (core::BulkGroup& group : core::group_by_defaults(*set.entity, data_of(set, rows))) {
        const core::Statement statement =
            core::compile_bulk_insert(*set.entity, std::move(group.records));
        const Execution execution(*set.entity, statement, Access::write);
        for (std::size_t i = 0; i < execution.rows(); ++i)
            outcome.done.emplace_back(rows[group.positions[i]], execution.id_of(execution.row(i)));
    }
    return outcome;
}

// A statement about records that are there answers the positions of those it found.
BulkOutcome run_found(const NestedSet& set, Rows rows, const core::Statement& statement,
                      Access access) {
    std::vector<bool> found(rows.size());
    {
        const Execution execution(*set.entity, statement, access);
        for (std::size_t i = 0; i < execution.rows(); ++i)
            found.at(static_cast<std::size_t>(execution.row(i).integer(0)) - 1) = true;
    }
    BulkOutcome outcome;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (found[i])
            outcome.done.emplace_back(rows[i], *set.items[rows[i]].id);
        else
            outcome.faults.push_back(
                {rows[i],
                 Code::resource_not_found,
                 "there is no such record, or it may not be changed",
                 {{"id", "there is no such record, or it may not be changed"}}});
    }
    return outcome;
}

BulkOutcome update(const NestedSet& set, Rows rows) {
    return run_found(set, rows,
                     core::compile_bulk_update(*set.entity, keys_of(set, rows), data_of(set, rows)),
                     Access::write);
}

BulkOutcome remove(const NestedSet& set, Rows rows) {
    return run_found(set, rows, core::compile_bulk_delete(*set.entity, keys_of(set, rows)),
                     Access::remove);
}

// The live records of the set, as far as the caller sees them, as JSON texts.
std::vector<std::string> read(const NestedSet& set, const Indexes& rows) {
    std::vector<std::string> texts(rows.size());
    if (rows.empty()) return texts;
    const core::Statement statement = core::compile_bulk_get(*set.entity, keys_of(set, rows), true);
    const pg::FreshSnapshot snapshot;
    const Execution execution(*set.entity, statement, Access::read);
    for (std::size_t i = 0; i < execution.rows(); ++i) {
        core::JsonWriter writer;
        execution.write_object(writer, execution.row(i));
        texts.at(static_cast<std::size_t>(execution.row(i).integer(execution.extra(0))) - 1) =
            writer.view();
    }
    return texts;
}

// The write ---------------------------------------------------------------------------------------

void write_set(NestedSet& set);

Json id_value(const NestedItem& item, const core::Entity& entity) {
    return core::parse_key(entity, *item.id);
}

void write_lookups(NestedSet& set) {
    for (const auto& branch : set.branches) {
        if (!branch->related.is_lookup) continue;
        write_set(branch->set);
        for (const NestedItem& item : branch->set.items)
            set.items[item.parent].data.set(branch->related.near->name,
                                            id_value(item, *branch->set.entity));
    }
}

// Only what refers to a record is deleted through it.
void require_belonging(const NestedSet& set, const NestedBranch& branch) {
    const Indexes rows = chosen(branch.set, is_removed);
    const std::vector<std::string> texts = read(branch.set, rows);
    std::vector<RowFault> faults;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const NestedItem& item = branch.set.items[rows[i]];
        const Json record = texts[i].empty() ? Json() : core::parse_json(texts[i]);
        const Json* const near = record.find(branch.related.near->name);
        if (near == nullptr || near->text() != *set.items[item.parent].id)
            faults.push_back({rows[i],
                              Code::resource_not_found,
                              "there is no such record here",
                              {{"id", "there is no such record here"}}});
    }
    if (!faults.empty()) raise(branch.set, faults);
}

void link(const NestedSet& set, const NestedBranch& branch) {
    Json links = Json::array();
    const core::Related& related = branch.related;
    for (const NestedItem& item : branch.set.items) {
        Json record = Json::object();
        record.set(related.near->name, id_value(set.items[item.parent], *set.entity));
        record.set(related.far->name, id_value(item, *branch.set.entity));
        links.items().push_back(std::move(record));
    }
    const core::Statement statement =
        core::compile_bulk_insert(*related.junction, std::move(links), true);
    const Execution execution(*related.junction, statement, Access::write);
}

void write_others(NestedSet& set) {
    for (const auto& branch : set.branches) {
        if (branch->related.is_lookup) continue;
        if (branch->related.junction) {
            write_set(branch->set);
            link(set, *branch);
            continue;
        }
        require_belonging(set, *branch);
        for (NestedItem& item : branch->set.items)
            if (!item.is_removed)
                item.data.set(branch->related.near->name,
                              id_value(set.items[item.parent], *set.entity));
        write_set(branch->set);
    }
}

void write_set(NestedSet& set) {
    write_lookups(set);
    write(set, chosen(set, is_removed), [&](Rows rows) { return remove(set, rows); });
    write(set, chosen(set, is_changed), [&](Rows rows) { return update(set, rows); });
    write(set, chosen(set, is_new), [&](Rows rows) { return insert(set, rows); });
    write_others(set);
}

// The answer --------------------------------------------------------------------------------------

std::vector<std::string> describe_set(const NestedSet& set);

// The records of a branch by the record they stand in, as members' values.
std::vector<std::string> describe_branch(const NestedBranch& branch, std::size_t parents) {
    const std::vector<std::string> texts = describe_set(branch.set);
    std::vector<std::string> values(parents, branch.related.many ? "[" : "null");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (texts[i].empty()) continue;
        std::string& value = values[branch.set.items[i].parent];
        if (!branch.related.many)
            value = texts[i];
        else
            value += (value.size() > 1 ? "," : "") + texts[i];
    }
    if (branch.related.many)
        for (std::string& value : values) value += "]";
    return values;
}

bool is_mentioned(const NestedBranch& branch, std::size_t parent) {
    return std::ranges::any_of(branch.set.items,
                               [&](const NestedItem& item) { return item.parent == parent; });
}

// Empty for what is not there (any more), or not for the caller to see.
std::vector<std::string> describe_set(const NestedSet& set) {
    const Indexes rows =
        chosen(set, [](const NestedItem& item) { return !item.is_removed && item.id.has_value(); });
    const std::vector<std::string> own = read(set, rows);
    std::vector<std::string> texts(set.items.size());
    for (std::size_t i = 0; i < rows.size(); ++i) texts[rows[i]] = own[i];
    for (const auto& branch : set.branches) {
        const std::vector<std::string> values = describe_branch(*branch, set.items.size());
        core::JsonWriter name;
        name.string(branch->name);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            // A member of a lookup's own name gives way to the record.
            if (texts[i].empty() || !is_mentioned(*branch, i)) continue;
            if (set.entity->find(branch->name) != nullptr) {
                Json record = core::parse_json(texts[i]);
                record.set(branch->name, core::parse_json(values[i]));
                texts[i] = record.dump();
                continue;
            }
            texts[i].pop_back();
            texts[i] += "," + std::string(name.view()) + ":" + values[i] + "}";
        }
    }
    return texts;
}

std::shared_ptr<const core::Entity> unowned(const core::Entity& entity) {
    return {std::shared_ptr<const core::Entity>(), &entity};
}

}  // namespace

NestedWrite::NestedWrite(const core::Entity& entity) { root_.entity = unowned(entity); }

void NestedWrite::add(Json data, int index) {
    NestedItem item;
    item.data = std::move(data);
    item.index = index;
    root_.items.push_back(std::move(item));
}

void NestedWrite::prepare(core::Writing kind, core::Faults& faults) {
    const security::IdentityPointer identity = security::require_identity();
    core::take_nested(root_, related_finder(identity), faults);
    if (!has_nested()) return;
    core::require_key(*root_.entity);
    for (std::size_t i = 0; i < root_.items.size(); ++i)
        check_data(root_, i, kind, nullptr, faults);
    check(*identity, root_, faults);
}

void NestedWrite::write_referred() { write_lookups(root_); }

void NestedWrite::identify(std::size_t i, std::string id) {
    root_.items[i].id = std::move(id);
    root_.items[i].is_new = false;
}

void NestedWrite::write_referring() { write_others(root_); }

std::vector<std::string> NestedWrite::describe() { return describe_set(root_); }

}  // namespace pgwright::data
