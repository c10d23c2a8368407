// The records of a statement that writes many, as lists of values by column: FROM unnest(arrays) WITH
// ORDINALITY AS v(names, ordinal).
#pragma once

#include <string>
#include <vector>

#include "core/model.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

// What the records give for one field. Empty when none gives it.
struct BulkColumn {
    std::vector<Json> values;  // null where nothing was given
    std::vector<Json> given;   // booleans
    bool by_all = true;
};

// One column per field of the entity, in its order, so that the shape depends on which fields are
// given and not on the order they come in. The values are moved out of the records.
std::vector<BulkColumn> transpose(const Entity& entity, Json::Array& records);

// The values of one field as a list; arrays travel as text and are to be cast.
std::string bind_column(SqlBuilder& sql, const Field& field, std::vector<Json> values);
// The value of a list's column of that name, as the field has it.
std::string listed_value(const Field& field, const std::string& name);

// A column of the lists, as expressions over v.
struct ListedColumn {
    std::string value;
    std::string given;  // boolean; empty where all records give the field
};

struct BulkLists {
    std::size_t size = 0;
    std::string columns, expressions, arrays, names;

    // Adds a list of the values and, where not all records give the field, one of which do.
    ListedColumn add(SqlBuilder& sql, const Field& field, BulkColumn column);
    // The same for an INSERT, with its column and expression: what is not given takes its default, for
    // which it needs to be known which records give the field only when there is one.
    enum class Given : std::uint8_t { for_defaults, always };
    ListedColumn insert(SqlBuilder& sql, const Field& field, BulkColumn column,
                        Given given = Given::for_defaults);
};

}  // namespace pgwright::core
