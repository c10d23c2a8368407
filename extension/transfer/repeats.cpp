// Remembering keys; see repeats.hpp.
#include "pg/row_store.hpp"

#include "transfer/repeats.hpp"

#include <algorithm>

#include "security/scope.hpp"

namespace pgwright::transfer {

namespace {

using core::ImportRow;

constexpr char kKeys[] = "pgwright_import_row_keys";

std::vector<std::size_t> key_positions(const Target& target) {
    std::vector<std::size_t> positions;
    for (const core::Field* const field : target.key->fields)
        positions.push_back(static_cast<std::size_t>(std::ranges::find(target.fields, field) -
                                                     target.fields.begin()));
    return positions;
}

std::vector<pg::StoreColumn> store_columns(const Target& target) {
    std::vector<pg::StoreColumn> columns = {{"row_number", INT8OID}, {"line", INT8OID}};
    for (const core::Field* const field : target.key->fields)
        columns.push_back({"k" + std::to_string(columns.size() - 1), field->type_oid});
    return columns;
}

void fill(pg::RowStore& store, const Target& target, std::span<const ImportRow> rows) {
    const std::vector<std::size_t> positions = key_positions(target);
    const pg::OwnedContext memory("pgwright keys");
    std::vector<Datum> values(positions.size() + 2);
    const auto nulls = std::make_unique<bool[]>(values.size());
    for (const ImportRow& row : rows) {
        if (!row.faults.empty()) continue;
        const pg::ContextSwitch inside(memory.get());
        values[0] = Int64GetDatum(static_cast<std::int64_t>(row.number));
        values[1] = Int64GetDatum(static_cast<std::int64_t>(row.line));
        for (std::size_t i = 0; i < positions.size(); ++i)
            values[i + 2] = import_datum(*target.fields[positions[i]], row.values[positions[i]]);
        store.add(values.data(), nulls.get());
    }
}

// The rows whose key was there before, with the line of the one that had it first.
std::string statement(std::size_t fields) {
    std::string key;
    for (std::size_t i = 1; i <= fields; ++i)
        key.append(i == 1 ? "v.k" : ", v.k").append(std::to_string(i));
    const std::string hash = "pg_catalog.hash_record_extended(ROW(" + key + "), ";
    return "WITH here AS MATERIALIZED (SELECT v.row_number, v.line, " + hash + "0) AS h1, " + hash +
           "1) AS h2 FROM " + kKeys +
           " v), fresh AS (INSERT INTO pgwright.import_keys AS i (job_id, hash1, hash2, "
           "row_number, line) SELECT $1, h1, h2, row_number, line FROM here ON CONFLICT DO NOTHING "
           "RETURNING i.hash1, i.hash2, i.row_number, i.line) SELECT h.row_number, "
           "coalesce(f.line, k.line) FROM here h LEFT JOIN fresh f ON f.hash1 = h.h1 AND f.hash2 = "
           "h.h2 LEFT JOIN pgwright.import_keys k ON k.job_id = $1 AND k.hash1 = h.h1 AND k.hash2 "
           "= "
           "h.h2 WHERE f.row_number IS DISTINCT FROM h.row_number";
}

}  // namespace

void refuse_repeats(const Job& job, const Target& target, std::span<ImportRow> rows) {
    if (!target.key || rows.empty()) return;
    const security::Scope scope(security::Rights::engine);
    const std::vector<pg::StoreColumn> columns = store_columns(target);
    pg::RowStore store(kKeys, columns);
    fill(store, target, rows);
    store.publish();
    pg::Params params;
    params.add_uuid(job.id);
    const pg::Result found = pg::execute(statement(target.key->fields.size()), params, false);
    for (std::size_t i = 0; i < found.rows(); ++i) {
        const pg::Row row = found.row(i);
        const auto number = static_cast<std::uint64_t>(row.integer(0));
        const auto place = std::ranges::lower_bound(rows, number, {}, &ImportRow::number);
        place->faults.push_back({target.key->fields.front()->name,
                                 "repeats the key of line " + std::to_string(row.integer(1))});
    }
}

}  // namespace pgwright::transfer
