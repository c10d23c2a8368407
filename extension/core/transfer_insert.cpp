// One INSERT for many rows; see transfer_insert.hpp.
#include "core/transfer_insert.hpp"

#include "core/default_sql.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {

std::string compile_ready_insert(const Entity& entity, const std::vector<ReadyColumn>& columns,
                                 std::string_view rows) {
    std::string names;
    std::string values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const std::string column = "v.c" + std::to_string(i + 1);
        names.append(i == 0 ? "" : ", ").append(quote_identifier(columns[i].field->name));
        values.append(i == 0 ? "" : ", ");
        if (!columns[i].marked) {
            values += column;
            continue;
        }
        values.append("CASE WHEN ").append(column).append("_given THEN ").append(column);
        values.append(" ELSE ").append(default_sql(*columns[i].field)).append(" END");
    }
    std::string sql = "INSERT INTO " + quote_qualified(entity.schema, entity.table);
    if (!names.empty()) sql += " (" + names + ")";
    return sql + " SELECT " + values + " FROM " + std::string(rows) + " v";
}

}  // namespace pgwright::core
