// Reading a job's file; see job_reader.hpp.
#include "pg/server.hpp"

#include "transfer/job_reader.hpp"

#include <algorithm>

#include "data/related.hpp"
#include "data/unique_key.hpp"
#include "transfer/labels.hpp"
#include "transfer/repeats.hpp"

namespace pgwright::transfer {

namespace {

using core::Faults;
using core::Field;
using core::ImportAction;
using core::ImportRow;
using core::ImportRules;
using core::ReadState;

// Those that the caller knows; an update may name records by them.
std::vector<const Field*> id_fields(const core::Entity& entity) {
    std::vector<const Field*> fields;
    for (const std::string& name : entity.key)
        if (const Field* const field = entity.find(name)) fields.push_back(field);
    return fields;
}

void require_change(const Job& job, const ImportRules& rules, std::span<const Field* const> given,
                    Faults& faults) {
    const auto is_key = [&](const Field* field) {
        return std::ranges::find(rules.key, field) != rules.key.end();
    };
    if (job.action == ImportAction::update && std::ranges::all_of(given, is_key))
        faults.add("mapping", "gives the key alone, and nothing to change");
}

}  // namespace

ImportRules rules_of(const Job& job, const data::Caller& caller) {
    ImportRules rules{*caller.entity, job.action};
    rules.find_related = data::related_finder(caller.identity);
    if (job.action == ImportAction::insert) return rules;
    if (!job.key.empty())
        rules.key = data::named_unique_key(*caller.entity, job.key).fields;
    else if (job.action == ImportAction::update)
        rules.key = id_fields(*caller.entity);
    return rules;
}

std::optional<core::UniqueKey> choose_key(const Job& job, ImportRules& rules,
                                          std::span<const Field* const> given, Faults& faults) {
    if (job.action == ImportAction::insert) return std::nullopt;
    core::UniqueKey key =
        job.key.empty()
            ? data::unique_key_among(rules.entity, given, job.action == ImportAction::update)
            : data::named_unique_key(rules.entity, job.key);
    for (const Field* const field : key.fields)
        if (std::ranges::find(given, field) == given.end())
            faults.add(field->name, "is required: it is part of the key, and no column gives it");
    rules.key = key.fields;
    require_change(job, rules, given, faults);
    return key;
}

Target target_of(const data::Caller& caller, ImportAction action,
                 std::optional<core::UniqueKey> key, std::vector<const Field*> fields) {
    const core::Entity& entity = *caller.entity;
    const bool reads =
        entity.is_public || caller.identity->may(entity.resource, core::Action::read);
    return {entity, action, std::move(key), reads, std::move(fields)};
}

JobReader::JobReader(Job& job, const data::Caller& caller, core::ByteSource& source)
    : job_(job), file_(source, job.format, job.options.delimiter, job.position) {
    if (job.format == core::FileFormat::csv)
        open_csv(caller);
    else
        open_json(caller);
}

void JobReader::open_csv(const data::Caller& caller) {
    Faults faults;
    if (job_.columns.empty()) {
        job_.columns = core::read_columns(file_, job_.options.header, faults);
        faults.raise("the file is not valid");
        job_.options.delimiter = file_.delimiter();
    }
    ImportRules rules = rules_of(job_, caller);
    auto columns = core::resolve_mapping(job_.columns, job_.mapping, rules, faults);
    faults.raise("the mapping is not valid");
    auto key = choose_key(job_, rules, core::fields_given(columns), faults);
    faults.raise("the mapping is not valid");
    reader_.emplace(file_, std::move(rules), job_.options, std::move(columns));
    target_.emplace(target_of(caller, job_.action, std::move(key), reader_->fields()));
}

void JobReader::open_json(const data::Caller& caller) {
    Faults faults;
    ImportRules rules = rules_of(job_, caller);
    core::MemberMapping mapping(job_.mapping, rules, faults);
    faults.raise("the mapping is not valid");
    auto key = choose_key(job_, rules, core::fields_taken(rules), faults);
    faults.raise("the mapping is not valid");
    reader_.emplace(file_, std::move(rules), std::move(mapping));
    target_.emplace(target_of(caller, job_.action, std::move(key), reader_->fields()));
}

bool JobReader::read(std::uint64_t most, std::size_t bytes, std::vector<ImportRow>& rows) {
    rows.clear();
    const bool more = read_rows(most, bytes, rows);
    resolve_labels(rows);
    refuse_repeats(job_, *target_, rows);
    return more;
}

bool JobReader::read_rows(std::uint64_t most, std::size_t bytes, std::vector<ImportRow>& rows) {
    const std::uint64_t begin = position().bytes;
    while (most-- > 0 && position().bytes - begin < bytes) {
        pg::check_interrupts();
        ImportRow row;
        const ReadState state = reader_->next(row);
        unreadable_ = state == ReadState::failed;
        if (state != ReadState::record) return false;
        rows.push_back(std::move(row));
    }
    return true;
}

}  // namespace pgwright::transfer
