// Values to keys; see labels.hpp.
#include "pg/row_store.hpp"

#include "transfer/labels.hpp"

#include <map>
#include <unordered_map>

#include "core/identifier.hpp"
#include "core/sql_builder.hpp"
#include "core/utf8.hpp"
#include "security/scope.hpp"
#include "transfer/ready_rows.hpp"

namespace pgwright::transfer {

namespace {

using core::ImportColumn;
using core::ImportRow;
using core::Json;

constexpr char kLabels[] = "pgwright_import_labels";

struct Found {
    std::uint64_t count = 0;
    std::string key;  // of one of them
};

// The different values of one column, in the order they came in.
class Labels {
  public:
    explicit Labels(const ImportColumn& column) : column_(column) {}

    std::size_t add(const Json& value) {
        const auto [place, added] = positions_.try_emplace(value.dump(), values_.size());
        if (added) values_.push_back(&value);
        return place->second;
    }

    void find() {
        found_.resize(values_.size());
        const security::Scope scope(security::Rights::runtime);
        const std::vector<pg::StoreColumn> columns = {{"pgwright_n", INT8OID},
                                                      {"pgwright_label", column_.label->type_oid}};
        pg::RowStore store(kLabels, columns);
        fill(store);
        store.publish();
        const pg::Result result = pg::execute(statement(), pg::Params(), false);
        for (std::size_t i = 0; i < result.rows(); ++i) {
            const pg::Row row = result.row(i);
            found_.at(static_cast<std::size_t>(row.integer(0))) = {
                static_cast<std::uint64_t>(row.integer(1)), row.text(2)};
        }
    }

    [[nodiscard]] const Found& at(std::size_t position) const { return found_[position]; }

  private:
    void fill(pg::RowStore& store) const {
        pg::OwnedContext memory("pgwright label");
        for (std::size_t i = 0; i < values_.size(); ++i) {
            const pg::ContextSwitch inside(memory.get());
            Datum values[] = {Int64GetDatum(static_cast<std::int64_t>(i)),
                              import_datum(*column_.label, *values_[i])};
            bool nulls[] = {false, false};
            store.add(values, nulls);
        }
    }

    [[nodiscard]] std::string statement() const {
        const core::Entity& target = *column_.target;
        const core::SqlBuilder sql(target);
        const std::string live = sql.live();
        return "SELECT v.pgwright_n, count(*), min(r." +
               core::quote_identifier(column_.field->reference->column) + "::text) FROM " +
               std::string(kLabels) + " v JOIN " + sql.source() + " ON " +
               sql.equals(*column_.label, "v.pgwright_label") +
               (live.empty() ? "" : " AND " + live) + " GROUP BY v.pgwright_n";
    }

    const ImportColumn& column_;
    std::unordered_map<std::string, std::size_t> positions_;
    std::vector<const Json*> values_;
    std::vector<Found> found_;
};

std::string shown(const Json& value) {
    const std::string text = value.is_string() ? value.text() : value.dump();
    return "\"" + std::string(core::echo(text)) + "\"";
}

// Where a value stands that is looked up.
struct Use {
    ImportRow* row;
    std::size_t position;
    std::size_t label;
};

void resolve(const Use& use, const ImportColumn& column, const Found& found) {
    Json& value = use.row->values[use.position];
    if (found.count == 1) {
        value = Json::string(found.key);
        return;
    }
    const std::string which = column.label->name + " " + shown(value);
    use.row->faults.push_back(
        {column.name(), found.count == 0
                            ? "there is no " + column.target->name + " with the " + which
                            : std::to_string(found.count) + " records of " + column.target->name +
                                  " have the " + which});
}

}  // namespace

void resolve_labels(std::span<ImportRow> rows) {
    std::map<const ImportColumn*, std::pair<Labels, std::vector<Use>>> columns;
    for (ImportRow& row : rows) {
        if (!row.faults.empty()) continue;
        for (const ImportRow::Label& label : row.labels) {
            auto& [labels, uses] =
                columns.try_emplace(label.column, Labels(*label.column), std::vector<Use>())
                    .first->second;
            uses.push_back({&row, label.position, labels.add(row.values[label.position])});
        }
    }
    for (auto& [column, found] : columns) {
        found.first.find();
        for (const Use& use : found.second) resolve(use, *column, found.first.at(use.label));
    }
}

}  // namespace pgwright::transfer
