// The indexes of a table: those its fields ask for, and those of index definitions.
#include <algorithm>

#include "core/identifier.hpp"
#include "core/index_definition.hpp"
#include "core/sql_builder.hpp"
#include "core/table_part.hpp"

namespace pgwright::core {
namespace {

constexpr std::string_view kTenantColumn = "tenant_id";
constexpr std::string_view kLive = "\"deleted_at\" IS NULL";

bool is_platform(const Entity& entity) { return !entity.tenant_id; }

std::string create_index(bool unique) { return unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX "; }

void need_live_rows(const Entity& entity, TablePart& part) {
    if (!entity.soft_delete) return;
    part.predicate = kLive;
    part.columns.emplace_back("deleted_at");
}

class FieldIndexes {
  public:
    explicit FieldIndexes(const Entity& entity) : entity_(entity) {}

    std::vector<TablePart> all() {
        if (is_platform(entity_)) add_tenant();
        for (const Field& field : entity_.fields) {
            if (!field.system && field.has_column()) add(field);
        }
        return std::move(parts_);
    }

  private:
    void add_tenant() {
        TablePart part = part_of(kTenantColumn, kTenantColumn, true);
        part.key_columns = {std::string(kTenantColumn), "id"};
        part.summary = "Index records by tenant";
        finish(std::move(part));
    }

    void add(const Field& field) {
        const std::string key = field.id == Uuid{} ? field.name : field.id.to_string();
        if (field.is_array()) {
            if (field.indexed) add_items(field, key);
            return;
        }
        if (field.unique) {
            TablePart part = keyed_part(field, key, true);
            part.summary = "Keep " + field.label + " unique";
            need_live_rows(entity_, part);
            finish(std::move(part));
        }
        // The check that nothing refers to a record looks at deleted rows too: a partial index won't do.
        const bool covered = field.unique && !entity_.soft_delete;
        const bool wanted = field.reference || (field.indexed && !field.unique);
        if (!wanted || covered) return;
        TablePart part = keyed_part(field, key, false);
        part.summary = "Index " + field.label;
        finish(std::move(part));
    }

    // For what arrays are asked: whether they hold an item.
    void add_items(const Field& field, std::string_view key) {
        TablePart part = part_of(field.name, key, false);
        part.field = field.name;
        part.key_columns = {field.name};
        part.summary = "Index the items of " + field.label;
        finish(std::move(part), " USING gin");
    }

    TablePart keyed_part(const Field& field, std::string_view key, bool unique) {
        TablePart part = part_of(field.name, key, unique);
        part.field = field.name;
        if (is_platform(entity_)) part.key_columns.emplace_back(kTenantColumn);
        part.key_columns.push_back(field.name);
        return part;
    }

    TablePart part_of(std::string_view name, std::string_view key, bool unique) {
        const char* const suffix = unique ? "key" : "idx";
        TablePart part;
        part.kind = TablePart::Kind::index;
        part.key = "index:" + std::string(key) + ':' + suffix;
        part.name = derived_name({entity_.table, name}, suffix);
        part.second_name = hashed_name({entity_.table, name}, suffix);
        part.unique = unique;
        return part;
    }

    void finish(TablePart part, std::string_view method = {}) {
        part.columns.insert(part.columns.end(), part.key_columns.begin(), part.key_columns.end());
        part.head = create_index(part.unique);
        part.tail = " ON " + qualified_table(entity_) + std::string(method) + " (" +
                    column_list(part.key_columns) + ")";
        if (!part.predicate.empty()) part.tail.append(" WHERE ").append(part.predicate);
        part.tail += ";";
        parts_.push_back(std::move(part));
    }

    const Entity& entity_;
    std::vector<TablePart> parts_;
};

class DefinitionIndex {
  public:
    DefinitionIndex(const Entity& entity, const IndexDefinition& index, std::string_view trigram,
                    const std::string& path, Faults& faults)
        : entity_(entity), index_(index), trigram_(trigram), path_(path), faults_(faults) {}

    TablePart part() {
        TablePart part;
        part.kind = TablePart::Kind::index;
        part.key = "ix:" + (index_.id == Uuid{} ? index_.name : index_.id.to_string());
        part.name = derived_name({entity_.table, index_.name}, "ix");
        part.second_name = hashed_name({entity_.table, index_.name}, "ix");
        part.unique = index_.unique;
        part.summary = (index_.unique ? "Keep unique by " : "Index by ") + index_.name;
        const std::string keys = key_list(part);
        part.columns = part.key_columns;
        if (index_.unique) need_live_rows(entity_, part);
        add_condition(part);
        part.head = create_index(index_.unique);
        part.tail = " ON " + qualified_table(entity_) + method() + " (" + keys + ")";
        if (!part.predicate.empty()) part.tail.append(" WHERE ").append(part.predicate);
        part.tail += ";";
        return part;
    }

  private:
    [[nodiscard]] std::string method() const {
        if (index_.method == IndexMethod::btree) return {};
        if (index_.method == IndexMethod::search) return " USING gin";
        return " USING " + std::string(index_method_name(index_.method));
    }

    // A platform table's rows are told apart by tenant first, where the method knows an order.
    std::string key_list(TablePart& part) {
        std::string list;
        if (is_platform(entity_) && index_.method == IndexMethod::btree) {
            part.key_columns.emplace_back(kTenantColumn);
            list = quote_identifier(kTenantColumn);
        }
        for (std::size_t i = 0; i < index_.keys.size(); ++i) {
            part.key_columns.push_back(index_.keys[i].field);
            list.append(list.empty() ? "" : ", ").append(key_sql(index_.keys[i], i));
        }
        return list;
    }

    std::string key_sql(const IndexKey& key, std::size_t position) {
        const Field* const field = entity_.find(key.field);
        std::string sql = quote_identifier(key.field);
        if (key.descending) sql += " DESC";
        if (key.nulls_first && *key.nulls_first != key.descending)
            sql += *key.nulls_first ? " NULLS FIRST" : " NULLS LAST";
        const std::string at = path_ + ".field_names[" + std::to_string(position) + "]";
        if (field == nullptr || !field->has_column()) {
            faults_.add(at, "is not a field with a column");
        } else if (index_.method == IndexMethod::search) {
            sql.append(" ").append(quote_qualified("pgwright", search_class(*field)));
        } else if (needs_trigram(index_.method, *field)) {
            if (trigram_.empty())
                faults_.add(at, "needs the extension pg_trgm, which is not installed");
            sql.append(" ").append(quote_qualified(
                trigram_, std::string(index_method_name(index_.method)) + "_trgm_ops"));
        }
        return sql;
    }

    void add_condition(TablePart& part) {
        if (index_.condition.is_null()) return;
        try {
            const Condition condition =
                parse_condition(index_.condition, entity_, path_ + ".condition");
            for (const std::string& column : fields_of(condition)) part.columns.push_back(column);
            SqlBuilder builder(entity_, SqlBuilder::Values::literals);
            part.predicate.append(part.predicate.empty() ? "" : " AND ")
                .append(builder.predicate(condition));
        } catch (const Failure& failure) {
            for (const Fault& fault : failure.faults()) faults_.add(fault.field, fault.message);
        }
    }

    const Entity& entity_;
    const IndexDefinition& index_;
    std::string_view trigram_;
    const std::string& path_;
    Faults& faults_;
};

}  // namespace

std::vector<TablePart> field_indexes_of(const Entity& entity) { return FieldIndexes(entity).all(); }

std::vector<TablePart> definition_indexes_of(const Design& design,
                                             const std::string& trigram_schema, Faults& faults) {
    std::vector<TablePart> parts;
    for (std::size_t i = 0; i < design.indexes.size(); ++i) {
        const std::string path = "indexes[" + std::to_string(i) + "]";
        parts.push_back(
            DefinitionIndex(design.entity, design.indexes[i], trigram_schema, path, faults).part());
    }
    return parts;
}

}  // namespace pgwright::core
