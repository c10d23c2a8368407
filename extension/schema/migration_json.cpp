// A plan as people see it: preview's answer and the change log of a migration's record.
#include <algorithm>

#include "schema/migration_plan.hpp"

#include "schema/access_check.hpp"

namespace pgwright::schema {

using core::Json;
using core::Probe;

namespace {

std::string_view kind_name(Probe::Kind kind) {
    switch (kind) {
        case Probe::Kind::not_convertible: return "not_convertible";
        case Probe::Kind::loses_precision: return "loses_precision";
        case Probe::Kind::without_value: return "without_value";
        case Probe::Kind::violates: return "violates";
        case Probe::Kind::duplicates: return "duplicates";
        case Probe::Kind::dangling: return "dangling";
        case Probe::Kind::affects: return "affects";
    }
    return "";
}

Probe::Kind kind_of(std::string_view name) {
    for (const auto kind :
         {Probe::Kind::not_convertible, Probe::Kind::loses_precision, Probe::Kind::without_value,
          Probe::Kind::violates, Probe::Kind::duplicates, Probe::Kind::dangling}) {
        if (kind_name(kind) == name) return kind;
    }
    return Probe::Kind::affects;
}

// As the end of "3 records: ...".
std::string_view words_of(Probe::Kind kind) {
    switch (kind) {
        case Probe::Kind::not_convertible: return "the value does not convert to the new type";
        case Probe::Kind::without_value: return "no value; give a default or a back-fill";
        case Probe::Kind::violates: return "the value breaks the new rule";
        case Probe::Kind::duplicates: return "the value must be unique and is not";
        case Probe::Kind::dangling: return "refers to a record that does not exist";
        case Probe::Kind::loses_precision:
        case Probe::Kind::affects: return "";
    }
    return "";
}

Json number(std::int64_t value) { return Json::number(std::to_string(value)); }

std::int64_t affected(const std::vector<Finding>& findings) {
    std::int64_t count = 0;
    for (const Finding& finding : findings) {
        if (finding.kind == Probe::Kind::affects) count = std::max(count, finding.count);
    }
    return count;
}

Json finding_json(const Finding& finding) {
    Json ids = Json::array();
    for (const std::string& id : finding.sample_ids) ids.items().push_back(Json::string(id));
    Json json = Json::object();
    json.set("kind", Json::string(std::string(kind_name(finding.kind))));
    json.set("count", number(finding.count));
    json.set("sample_ids", std::move(ids));
    return json;
}

Json change_json(const core::Change& change, const std::vector<Finding>& findings) {
    Json list = Json::array();
    for (const Finding& finding : findings) {
        if (finding.kind != Probe::Kind::affects) list.items().push_back(finding_json(finding));
    }
    Json json = Json::object();
    json.set("operation", Json::string(change.operation));
    json.set("object", Json::string(change.object));
    json.set("field", change.field.empty() ? Json() : Json::string(change.field));
    json.set("summary", Json::string(change.summary));
    json.set("up", Json::string(change.up));
    json.set("down", Json::string(change.down));
    json.set("lock", Json::string(change.lock));
    json.set("risk", Json::string(std::string(core::risk_name(change.risk))));
    json.set("rows_affected", number(affected(findings)));
    json.set("findings", std::move(list));
    return json;
}

Json impact_json(const MigrationPlan& plan) {
    Json json = Json::object();
    json.set("risk", Json::string(std::string(core::risk_name(plan.risk()))));
    json.set("changes", number(static_cast<std::int64_t>(plan.migration.changes.size())));
    json.set("rows_affected", number(plan.rows_affected()));
    return json;
}

Json blockers_json(const MigrationPlan& plan) {
    Json list = Json::array();
    for (const core::Fault& fault : plan.blockers()) {
        Json json = Json::object();
        json.set("field", Json::string(fault.field));
        json.set("message", Json::string(fault.message));
        list.items().push_back(std::move(json));
    }
    return list;
}

Json warnings_json(const MigrationPlan& plan) {
    Json list = index_warnings(plan.design, plan.actual);
    if (plan.drifted)
        list.items().insert(
            list.items().begin(),
            Json::string(
                "the table was changed behind its definition; analyze_schema() tells how"));
    return list;
}

}  // namespace

std::string Finding::complaint() const {
    const std::string_view words = message.empty() ? words_of(kind) : std::string_view(message);
    if (words.empty() || kind == Probe::Kind::affects) return {};
    std::string text = std::to_string(count) + (count == 1 ? " record: " : " records: ");
    text += words;
    if (sample_ids.empty()) return text;
    text += " (";
    for (const std::string& id : sample_ids)
        text.append(text.ends_with('(') ? "" : ", ").append(id);
    return text + ')';
}

core::Risk MigrationPlan::risk() const {
    core::Risk highest = core::Risk::safe;
    for (const core::Change& change : migration.changes) highest = std::max(highest, change.risk);
    return highest;
}

std::int64_t MigrationPlan::rows_affected() const {
    std::int64_t rows = 0;
    for (const auto& each : findings) rows = std::max(rows, affected(each));
    return rows;
}

std::vector<core::Fault> MigrationPlan::blockers() const {
    std::vector<core::Fault> faults;
    for (std::size_t i = 0; i < findings.size(); ++i) {
        for (const Finding& finding : findings[i]) {
            std::string complaint = finding.complaint();
            if (complaint.empty()) continue;
            const core::Change& change = migration.changes[i];
            faults.push_back(
                {change.field.empty() ? change.object : change.field, std::move(complaint)});
        }
    }
    return faults;
}

Json changes_json(const MigrationPlan& plan) {
    Json changes = Json::array();
    for (std::size_t i = 0; i < plan.migration.changes.size(); ++i) {
        static const std::vector<Finding> kNone;
        changes.items().push_back(change_json(plan.migration.changes[i],
                                              i < plan.findings.size() ? plan.findings[i] : kNone));
    }
    return changes;
}

Json changes_json(const core::Migration& migration) {
    MigrationPlan plan;
    plan.migration = migration;
    return changes_json(plan);
}

Json down_probes_json(const core::Migration& migration) {
    Json list = Json::array();
    for (const core::Change& change : migration.changes) {
        for (const Probe& probe : change.down_probes) {
            if (probe.kind == Probe::Kind::affects) continue;
            Json json = Json::object();
            json.set("field", Json::string(change.field.empty() ? change.object : change.field));
            json.set("kind", Json::string(std::string(kind_name(probe.kind))));
            json.set("message", Json::string(probe.message));
            json.set("sql", Json::string(probe.sql));
            list.items().push_back(std::move(json));
        }
    }
    return list;
}

// A way back that would lose something is as bad as one that cannot be gone.
std::vector<core::Fault> ask_down_probes(const Json& probes) {
    std::vector<core::Fault> faults;
    for (const Json& each : probes.items()) {
        Probe probe;
        probe.kind = kind_of(each.find("kind")->text());
        probe.sql = each.find("sql")->text();
        probe.message = each.find("message")->text();
        if (probe.kind == Probe::Kind::loses_precision && probe.message.empty())
            probe.message = "the value does not convert back without loss";
        const Finding finding = ask(probe);
        if (finding.count > 0) faults.push_back({each.find("field")->text(), finding.complaint()});
        // A value that does not convert cannot be asked what it would lose.
        if (finding.count > 0 && probe.kind == Probe::Kind::not_convertible) break;
    }
    return faults;
}

Json preview_json(const MigrationPlan& plan) {
    Json json = Json::object();
    json.set("entity_id", Json::string(plan.draft.stored.id.to_string()));
    json.set("entity_name", Json::string(plan.draft.entity().name));
    json.set("migration_type", Json::string(plan.migration.type));
    json.set("from_version", plan.from == 0 ? Json() : number(plan.from));
    json.set("to_version", number(plan.to));
    json.set("up_script", Json::string(plan.migration.up_script()));
    json.set("down_script", Json::string(plan.migration.down_script()));
    json.set("estimated_impact", impact_json(plan));
    json.set("changes", changes_json(plan));
    json.set("blockers", blockers_json(plan));
    json.set("warnings", warnings_json(plan));
    json.set("in_step", Json::boolean(plan.migration.changes.empty() && !plan.drifted));
    json.set("fingerprint", Json::string(plan.fingerprint));
    return json;
}

}  // namespace pgwright::schema
