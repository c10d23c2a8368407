// Inserting, and finding out which row the database has refused; see batch.hpp.
//
// The statement tells of one refused row and not which. So rows are halved until it is alone: refused rows
// cost a few statements each, others nothing.
#include "pg/row_store.hpp"
#include "pg/subtransaction.hpp"
#include "pg/value.hpp"

#include "transfer/batch.hpp"

#include <algorithm>
#include <map>

#include "core/query.hpp"
#include "core/sql_builder.hpp"
#include "core/transfer_insert.hpp"
#include "data/constraint_error.hpp"
#include "security/scope.hpp"

namespace pgwright::transfer {

namespace {

using core::Field;
using core::ImportRow;

constexpr char kRows[] = "pgwright_import_rows";

using RowPointers = std::vector<const ImportRow*>;

// What the rows of one statement give: a field that none gives is left to its default.
class Shape {
  public:
    Shape(std::span<const Field* const> fields, std::span<const ImportRow* const> rows) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const auto gives = [i](const ImportRow* row) { return row->given[i]; };
            if (std::ranges::none_of(rows, gives)) continue;
            const bool has_default = fields[i]->default_value || fields[i]->default_expression;
            columns.push_back({fields[i], has_default && !std::ranges::all_of(rows, gives)});
            positions.push_back(i);
        }
    }

    [[nodiscard]] std::vector<pg::StoreColumn> store_columns() const {
        std::vector<pg::StoreColumn> list;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            const std::string name = "c" + std::to_string(i + 1);
            list.push_back({name, columns[i].field->type_oid});
            if (columns[i].marked) list.push_back({name + "_given", BOOLOID});
        }
        if (list.empty()) list.push_back({"c0", BOOLOID});
        return list;
    }

    std::vector<core::ReadyColumn> columns;
    std::vector<std::size_t> positions;  // of each among the rows' values
};

Datum datum_of(const Field& field, const core::Json& value) {
    const bool in_utc =
        field.type_oid == core::kTimestamptzOid || field.type_oid == core::kTimestamptzArrayOid;
    return in_utc ? pg::to_datum(core::parameter_value(field, value), field.type_oid, -1)
                  : pg::to_datum(value, field.type_oid, -1);
}

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
        for (std::size_t i = 0; i < shape_.columns.size(); ++i) {
            const core::Json& value = row.values[shape_.positions[i]];
            nulls_[at] = value.is_null();
            values_[at] = value.is_null() ? Datum{0} : datum_of(*shape_.columns[i].field, value);
            ++at;
            if (!shape_.columns[i].marked) continue;
            nulls_[at] = false;
            values_[at++] = BoolGetDatum(row.given[shape_.positions[i]]);
        }
    }

    const Shape& shape_;
    pg::RowStore& store_;
    pg::OwnedContext memory_;
    std::vector<Datum> values_;
    std::unique_ptr<bool[]> nulls_;
};

// The rows are visible in a connection of their own, which an error takes along with their name: where it
// happened inside a trigger, other connections lie on top, and the name could not be taken back.
void insert_alike(const core::Entity& entity, std::span<const Field* const> fields,
                  std::span<const ImportRow* const> rows) {
    const security::Scope scope(security::Rights::runtime);
    const Shape shape(fields, rows);
    const std::vector<pg::StoreColumn> columns = shape.store_columns();
    pg::RowStore store(kRows, columns);
    {
        RowWriter writer(shape, store, columns.size());
        for (const ImportRow* const row : rows) writer.write(*row);
    }
    store.publish();
    const std::string sql = core::compile_ready_insert(entity, shape.columns, kRows);
    const pg::Result done = pg::execute(sql, pg::Params(), false);
}

// A default that the server alone knows is taken by leaving the column out: rows that give such a column
// and rows that do not go separately.
std::vector<RowPointers> alike(std::span<const Field* const> fields,
                               std::span<const ImportRow* const> rows) {
    std::map<std::vector<bool>, RowPointers> groups;
    for (const ImportRow* const row : rows) {
        std::vector<bool> given;
        for (std::size_t i = 0; i < fields.size(); ++i)
            if (fields[i]->default_in_database) given.push_back(row->given[i]);
        groups[std::move(given)].push_back(row);
    }
    std::vector<RowPointers> list;
    list.reserve(groups.size());
    for (auto& [given, group] : groups) list.push_back(std::move(group));
    return list;
}

// Throws a Failure in the words of the data model where a constraint or a type was broken.
void insert_all(const core::Entity& entity, std::span<const Field* const> fields,
                std::span<const ImportRow* const> rows) {
    try {
        for (const RowPointers& group : alike(fields, rows)) insert_alike(entity, fields, group);
    } catch (const pg::Error& error) {
        data::rethrow_for_people(entity, error, false);
    }
}

// Why the database refused a row: what a row can be to blame for.
struct Refusal {
    std::string message;
    std::vector<core::Fault> faults;
};

bool blames_a_row(core::Code code) {
    return code == core::Code::validation_error || code == core::Code::conflict ||
           code == core::Code::permission_denied;
}

// The faults that an engine trigger put into its error's DETAIL.
std::vector<core::Fault> faults_in(const std::string& detail) {
    std::vector<core::Fault> faults;
    if (detail.empty()) return faults;
    const core::Json list = core::parse_json(detail);
    for (const core::Json& each : list.items()) {
        const core::Json* const field = each.find("field");
        const core::Json* const message = each.find("message");
        if (field != nullptr && message != nullptr)
            faults.push_back({field->text(), message->text()});
    }
    return faults;
}

// Errors of class PW come from the engine's triggers, P0 from other people's.
std::optional<Refusal> refusal_of(const pg::Error& error) {
    if (error.in_class("PW") && error.sqlstate() != MAKE_SQLSTATE('P', 'W', '5', '0', '0') &&
        error.sqlstate() != MAKE_SQLSTATE('P', 'W', '5', '0', '3'))
        return Refusal{error.message(), faults_in(error.fields().detail)};
    if (error.in_class("P0") || error.in_class("23")) return Refusal{error.message(), {}};
    return std::nullopt;
}

class Inserter {
  public:
    Inserter(const core::Entity& entity, std::span<const Field* const> fields, OnRefusal on_refusal,
             std::vector<RowFault>& faults)
        : entity_(entity), fields_(fields), on_refusal_(on_refusal), faults_(faults) {}

    void insert(std::span<const ImportRow* const> rows) {
        if (rows.empty()) return;
        const auto refusal = attempt(rows);
        if (!refusal) {
            done_.rows += rows.size();
        } else if (rows.size() == 1) {
            report(*rows.front(), *refusal);
        } else {
            pg::check_interrupts();
            const std::size_t half = rows.size() / 2;
            insert(rows.first(half));
            // Which row it was is known now, and nothing of the others is wanted.
            if (on_refusal_ == OnRefusal::stop && done_.refused > 0) return;
            insert(rows.subspan(half));
        }
    }

    [[nodiscard]] const Inserted& done() const noexcept { return done_; }

  private:
    std::optional<Refusal> attempt(std::span<const ImportRow* const> rows) {
        try {
            pg::Subtransaction whole;
            insert_all(entity_, fields_, rows);
            whole.commit();
            return std::nullopt;
        } catch (const core::Failure& failure) {
            if (!blames_a_row(failure.code())) throw;
            return Refusal{failure.message(), failure.faults()};
        } catch (const pg::Error& error) {
            auto refusal = refusal_of(error);
            if (!refusal) throw;
            return refusal;
        }
    }

    void report(const ImportRow& row, const Refusal& refusal) {
        ++done_.refused;
        for (const core::Fault& fault : refusal.faults)
            faults_.push_back({row.line, row.number, fault.field, fault.message});
        if (refusal.faults.empty()) faults_.push_back({row.line, row.number, "", refusal.message});
    }

    const core::Entity& entity_;
    std::span<const Field* const> fields_;
    OnRefusal on_refusal_;
    std::vector<RowFault>& faults_;
    Inserted done_;
};

}  // namespace

Inserted insert_rows(const core::Entity& entity, std::span<const Field* const> fields,
                     std::span<const ImportRow> rows, OnRefusal on_refusal,
                     std::vector<RowFault>& faults) {
    const pg::Spi spi;
    RowPointers all;
    all.reserve(rows.size());
    for (const ImportRow& row : rows) all.push_back(&row);
    Inserter inserter(entity, fields, on_refusal, faults);
    inserter.insert(all);
    return inserter.done();
}

}  // namespace pgwright::transfer
