// Rows as JSON; see answer.hpp.
#include "pg/value.hpp"

#include "transfer/answer.hpp"

#include "core/error.hpp"

namespace pgwright::transfer {

namespace {

constexpr std::int64_t kMaxPageSize = 100;

void check_page(std::int64_t page, std::int64_t page_size) {
    core::Faults faults;
    if (page < 1 || page > INT32_MAX) faults.add("page", "must be at least 1");
    if (page_size < 1 || page_size > kMaxPageSize)
        faults.add("page_size", "must be between 1 and " + std::to_string(kMaxPageSize));
    faults.raise("the page is not valid");
}

void write_number(core::JsonWriter& writer, std::string_view key, std::int64_t value) {
    writer.key(key);
    writer.integer(value);
}

}  // namespace

void write_row(core::JsonWriter& writer, const pg::Row& row, TupleDesc descriptor) {
    writer.begin_object();
    for (int i = 0; i < row.columns(); ++i) {
        writer.key(NameStr(TupleDescAttr(descriptor, i)->attname));
        if (row.is_null(i))
            writer.null();
        else
            pg::write_json(writer, row.datum(i), pg::TypeOutput::of(row.type(i)));
    }
    writer.end_object();
}

std::string page_of(const std::string& columns, const std::string& from, const std::string& order,
                    pg::Params params, std::int64_t page, std::int64_t page_size) {
    check_page(page, page_size);
    const pg::Result counted = pg::execute("SELECT count(*)" + from, params, false);
    const std::int64_t total = counted.row(0).integer(0);
    const std::string limits = " LIMIT $" + std::to_string(params.count() + 1) + " OFFSET $" +
                               std::to_string(params.count() + 2);
    params.add_bigint(page_size).add_bigint((page - 1) * page_size);
    const pg::Result rows =
        pg::execute("SELECT " + columns + from + " ORDER BY " + order + limits, params, false);
    core::JsonWriter writer;
    writer.begin_object();
    writer.key("items");
    writer.begin_array();
    for (std::size_t i = 0; i < rows.rows(); ++i) write_row(writer, rows.row(i), rows.descriptor());
    writer.end_array();
    write_number(writer, "total", total);
    write_number(writer, "page", page);
    write_number(writer, "page_size", page_size);
    write_number(writer, "pages", (total + page_size - 1) / page_size);
    writer.end_object();
    return std::string(writer.view());
}

}  // namespace pgwright::transfer
