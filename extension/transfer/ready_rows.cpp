// Statements over rows held ready; see ready_rows.hpp.
#include "pg/row_store.hpp"
#include "pg/value.hpp"

#include "transfer/ready_rows.hpp"

#include <algorithm>
#include <map>

#include "core/sql_builder.hpp"
#include "core/transfer_write.hpp"
#include "data/constraint_error.hpp"
#include "security/scope.hpp"

namespace pgwright::transfer {

namespace {

using core::Code;
using core::Failure;
using core::Field;
using core::ImportAction;
using core::ImportRow;
using Rows = std::span<const ImportRow* const>;

constexpr char kRows[] = "pgwright_import_rows";

bool has_default(const Field& field) { return field.default_value || field.default_expression; }

// What the rows of one statement give: a field that none gives is left as it is, or to its default.
class Shape {
  public:
    Shape(const Target& target, Rows rows) : numbered(target.action == ImportAction::update) {
        for (std::size_t i = 0; i < target.fields.size(); ++i) {
            const Field* const field = target.fields[i];
            const auto gives = [i](const ImportRow* row) { return row->given[i]; };
            if (std::ranges::none_of(rows, gives)) continue;
            const bool matters = target.action != ImportAction::insert || has_default(*field);
            columns.push_back({field, matters && !std::ranges::all_of(rows, gives)});
            positions.push_back(i);
        }
    }

    [[nodiscard]] std::vector<pg::StoreColumn> store_columns() const {
        std::vector<pg::StoreColumn> list;
        if (numbered) list.push_back({core::kReadyNumber, INT8OID});
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string name = core::ready_name(i);
            list.push_back({name, columns[i].field->type_oid});
            if (columns[i].marked) list.push_back({name + "_given", BOOLOID});
        }
        if (list.empty()) list.push_back({"pgwright_none", BOOLOID});
        return list;
    }

    std::vector<core::ReadyColumn> columns;
    std::vector<std::size_t> positions;  // of each among the rows' values
    bool numbered;                       // the first column is the row's number, from 0
};

// One row's datums, in memory that the next row takes over.
class RowWriter {
  public:
    RowWriter(const Shape& shape, pg::RowStore& store, std::size_t width)
        : shape_(shape),
          store_(store),
          memory_("pgwright row"),
          values_(width),
          nulls_(std::make_unique<bool[]>(width)) {}

    void write(const ImportRow& row) {
        {
            const pg::ContextSwitch inside(memory_.get());
            fill(row);
        }
        store_.add(values_.data(), nulls_.get());
        memory_.reset();
    }

  private:
    void fill(const ImportRow& row) {
        std::size_t at = 0;
        nulls_[0] = true;
        if (shape_.numbered) put(at++, Int64GetDatum(number_++));
        for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
            const core::Json& value = row.values[shape_.positions[i]];
            nulls_[at] = value.is_null();
            values_[at] =
                value.is_null() ? Datum{0} : import_datum(*shape_.columns[i].field, value);
            ++at;
            if (shape_.columns[i].marked) put(at++, BoolGetDatum(row.given[shape_.positions[i]]));
        }
    }

    void put(std::size_t at, Datum value) {
        nulls_[at] = false;
        values_[at] = value;
    }

    const Shape& shape_;
    pg::RowStore& store_;
    pg::OwnedContext memory_;
    std::vector<Datum> values_;
    std::unique_ptr<bool[]> nulls_;
    std::int64_t number_ = 0;
};

// The rows are visible in a connection of their own, which an error takes along with their name: where it
// happened inside a trigger, other connections lie on top, and the name could not be taken back.
class Ready {
  public:
    Ready(const Target& target, Rows rows)
        : scope_(security::Rights::runtime),
          target_(target),
          shape_(target, rows),
          columns_(shape_.store_columns()),
          store_(kRows, columns_) {
        RowWriter writer(shape_, store_, columns_.size());
        for (const ImportRow* const row : rows) writer.write(*row);
        store_.publish();
    }

    void insert() {
        const pg::Result done =
            run(core::compile_ready_insert(target_.entity, shape_.columns, kRows));
    }

    // How many rows were written, and how many of them are new.
    std::pair<std::size_t, std::size_t> upsert() {
        const pg::Result done =
            run(core::compile_ready_upsert(target_.entity, shape_.columns, *target_.key, kRows));
        const pg::Row counts = done.row(0);
        return {static_cast<std::size_t>(counts.integer(0)),
                static_cast<std::size_t>(counts.integer(1))};
    }

    std::vector<bool> update(std::size_t rows) {
        return numbers(
            run(core::compile_ready_update(target_.entity, shape_.columns, *target_.key, kRows)),
            rows);
    }

    std::vector<bool> match(std::size_t rows) {
        return numbers(
            run(core::compile_ready_match(target_.entity, shape_.columns, *target_.key, kRows)),
            rows);
    }

    // Whether rows give something that is written once.
    [[nodiscard]] std::vector<core::Fault> second_values() const {
        std::vector<core::Fault> faults;
        for (const core::ReadyColumn& column : shape_.columns)
            if (column.field->write_once)
                faults.push_back({column.field->name, "is written once and has a value"});
        return faults;
    }

  private:
    static pg::Result run(const std::string& sql) { return pg::execute(sql, pg::Params(), false); }

    // A key identifies one record, but in an inheritance tree, where each table has its own.
    static std::vector<bool> numbers(const pg::Result& result, std::size_t rows) {
        std::vector<bool> found(rows);
        for (std::size_t i = 0; i < result.rows(); ++i) {
            const auto number = static_cast<std::size_t>(result.row(i).integer(0));
            if (found.at(number))
                throw Failure(Code::conflict, "more than one record has this key");
            found[number] = true;
        }
        return found;
    }

    security::Scope scope_;
    const Target& target_;
    Shape shape_;
    std::vector<pg::StoreColumn> columns_;
    pg::RowStore store_;
};

void write_upsert(const Target& target, Rows rows, Written& written) {
    Ready ready(target, rows);
    const auto [all, made] = ready.upsert();
    if (all < rows.size()) {
        auto faults = ready.second_values();
        if (faults.empty())
            throw Failure(Code::conflict, "the record was not written: the table left it out");
        throw Failure(Code::permission_denied, "the record has values that are written once",
                      std::move(faults));
    }
    written.inserted += made;
    written.updated += all - made;
}

void write_update(const Target& target, Rows rows, Written& written) {
    Ready ready(target, rows);
    const std::vector<bool> done = ready.update(rows.size());
    const auto changed = static_cast<std::size_t>(std::ranges::count(done, true));
    written.updated += changed;
    if (changed == rows.size()) return;
    const std::vector<bool> seen =
        target.reads ? ready.match(rows.size()) : std::vector<bool>(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!done[i]) written.missing.push_back({rows[i], seen[i]});
}

// A default that the server alone knows is taken by leaving the column out: rows that give such a column
// and rows that do not go separately.
std::vector<RowPointers> alike(const Target& target, Rows rows) {
    std::map<std::vector<bool>, RowPointers> groups;
    for (const ImportRow* const row : rows) {
        std::vector<bool> given;
        for (std::size_t i = 0; i < target.fields.size(); ++i)
            if (target.fields[i]->default_in_database) given.push_back(row->given[i]);
        groups[std::move(given)].push_back(row);
    }
    std::vector<RowPointers> list;
    list.reserve(groups.size());
    for (auto& [given, group] : groups) list.push_back(std::move(group));
    return list;
}

void write_group(const Target& target, Rows rows, Written& written) {
    if (target.action == ImportAction::upsert) return write_upsert(target, rows, written);
    Ready(target, rows).insert();
    written.inserted += rows.size();
}

}  // namespace

Datum import_datum(const Field& field, const core::Json& value) {
    const bool in_utc =
        field.type_oid == core::kTimestamptzOid || field.type_oid == core::kTimestamptzArrayOid;
    return in_utc ? pg::to_datum(core::parameter_value(field, value), field.type_oid, -1)
                  : pg::to_datum(value, field.type_oid, -1);
}

Written write_ready(const Target& target, Rows rows) {
    Written written;
    try {
        if (target.action == ImportAction::update)
            write_update(target, rows, written);
        else
            for (const RowPointers& group : alike(target, rows))
                write_group(target, group, written);
    } catch (const pg::Error& error) {
        data::rethrow_for_people(target.entity, error, false);
    }
    return written;
}

std::vector<bool> match_ready(const Target& target, Rows rows) {
    if (rows.empty()) return {};
    Target matched = target;
    matched.action = ImportAction::update;
    return Ready(matched, rows).match(rows.size());
}

}  // namespace pgwright::transfer
