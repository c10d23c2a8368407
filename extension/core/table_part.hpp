// What a table is made of, as its design says: columns, and the named objects on them. One set of
// functions makes them for a new table, for the change of one and for the repair of one, so that the
// three cannot disagree. Used by the planners (ddl.cpp, alter.cpp, drop.cpp) only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/alter.hpp"

namespace pgwright::core {

struct ColumnPart {
    std::string
        key;  // of the same column in every version: the field's id, or a system column's name
    Field field;
    std::string name;
    std::string type;
    std::string default_sql;  // empty: none
    std::string formula;      // of a generated column
    bool required = false;
    std::string label;  // its comment; empty: none
};

struct TablePart {
    enum class Kind : std::uint8_t { check, index, foreign_key, trigger, policy };
    Kind kind = Kind::check;
    std::string key;  // of the same object in every version: "check:<column's key>:length"
    std::string name;
    std::string second_name;  // when the first is taken; empty where it cannot be
    // CREATE before and behind the name. The body, which is what versions are compared by, is both.
    std::string head, tail;
    std::string summary;
    std::string field;                 // the name of the field it is about; may be empty
    std::vector<std::string> columns;  // that it cannot do without
    // What the rows must satisfy: of a check the condition, of a unique index the rows it covers.
    std::string predicate;
    // Of a validation rule, which may be false of nulls: what its message says of a record.
    std::string message;
    bool unique = false;                   // an index
    std::vector<std::string> key_columns;  // of a unique index, a foreign key
    std::string target;                    // of a foreign key: the quoted table
    std::vector<std::string> target_columns;

    [[nodiscard]] std::string body() const { return head + '|' + tail; }
    [[nodiscard]] std::string create_sql(std::string_view chosen_name) const;
    [[nodiscard]] std::string drop_sql(const Entity& entity, std::string_view chosen_name) const;
};

// "check", "index", "foreign_key", "trigger", "policy"
std::string_view kind_name(TablePart::Kind kind) noexcept;
// The strongest lock of making one; dropping one takes ACCESS EXCLUSIVE.
std::string_view create_lock(TablePart::Kind kind) noexcept;

std::string qualified_table(const Entity& entity);

// Throws VALIDATION_ERROR for what no table can be made of: a virtual entity, a field of type other, a
// lookup without its target.
void refuse_impossible(const Entity& entity);

// In the table's order; fields that are computed at read have none.
std::vector<ColumnPart> columns_of(const Entity& entity);

std::vector<TablePart> checks_of(const Entity& entity);
std::vector<TablePart> foreign_keys_of(const Entity& entity);
std::vector<TablePart> triggers_of(const Entity& entity);
std::vector<TablePart> policies_of(const Entity& entity);
// Those that fields ask for, and those of definitions. Faults are told under "indexes[i]".
std::vector<TablePart> field_indexes_of(const Entity& entity);
std::vector<TablePart> definition_indexes_of(const Design& design,
                                             const std::string& trigram_schema, Faults& faults);
// All of them, in the order they are made.
std::vector<TablePart> parts_of(const Design& design, const std::string& trigram_schema,
                                Faults& faults);

// COMMENT ON TABLE, COMMENT ON COLUMN; NULL for an empty text.
std::string table_comment(const Entity& entity);
std::string column_comment(const Entity& entity, std::string_view column, std::string_view text);

// Lets the engine and direct connections use the table: all of it or, when it has columns that nobody
// may read any more, these columns.
std::string grant_sql(const Entity& entity);
std::string grant_sql(const Entity& entity, const std::vector<std::string>& columns);
std::string revoke_sql(const Entity& entity);
// What direct connections may do with these columns, given anew: field rules keep some from them.
std::string user_grant_sql(const Entity& entity, const std::vector<std::string>& columns);

// "a", "b"
std::string column_list(const std::vector<std::string>& columns);

}  // namespace pgwright::core
