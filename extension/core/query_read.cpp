// Compiles the statements that read: one record, a page with its total, existence.
#include <algorithm>

#include "core/identifier.hpp"
#include "core/order_sql.hpp"
#include "core/query.hpp"
#include "core/record_key.hpp"
#include "core/row_level.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

namespace {

void append(std::string& predicate, const std::string& more) {
    if (!more.empty()) predicate += (predicate.empty() ? "" : " AND ") + more;
}

std::string clause(const std::string& predicate) {
    return predicate.empty() ? predicate : " WHERE " + predicate;
}

// Of the record that others are related to, when the caller sees it; else null, which nothing equals.
std::string anchor(SqlBuilder& sql, const Within& within) {
    SqlBuilder part(*within.parent, sql.parameters());
    std::string value = "(SELECT r." + quote_identifier(anchor_column(within.related)) + " FROM " +
                        part.source() + part.where_key(within.key) + ")";
    sql.adopt(std::move(part));
    return value;
}

bool is_ranked(const ListRequest& request) {
    return std::ranges::any_of(
        request.sort, [](const SortKey& key) { return key.field == &search_rank_field(); });
}

// Which records a request is about, and their rank where it orders them.
struct Found {
    std::string predicate, rank;
};

// Called once per statement: the texts are used twice and name the same parameters both times.
Found found(SqlBuilder& sql, const ListRequest& request) {
    std::string predicate = request.with_deleted ? std::string() : sql.live();
    if (request.author)
        append(predicate, "r.\"created_by\" = " +
                              sql.bind(kUuidOid, Json::string(request.author->to_string())));
    if (request.within)
        append(predicate,
               related_predicate(sql, request.within->related, anchor(sql, *request.within)));
    const std::optional<Condition>& filter = request.filter;
    if (filter && !(filter->kind == Condition::Kind::all && filter->children.empty()))
        append(predicate, sql.predicate(*filter));
    if (!request.search) return {std::move(predicate), {}};
    SearchSql search(sql, *request.search);
    append(predicate, search.predicate());
    return {std::move(predicate), is_ranked(request) ? search.rank() : std::string()};
}

// The limit is part of the text: a plan for an unknown one expects a tenth of all rows, so the server
// would plan every page anew. Pages come in few sizes, but at any offset.
std::string page_limits(SqlBuilder& sql, const ListRequest& request) {
    std::string text;
    if (request.limit > 0) text += " LIMIT " + std::to_string(request.limit);
    if (request.offset > 0)
        text += " OFFSET " + sql.bind(kBigintOid, Json::number(std::to_string(request.offset)));
    return text;
}

// deleted_at and deleted_by, which an entity's fields leave out.
const std::vector<Field>& deletion_fields() {
    static const std::vector<Field> fields = [] {
        const std::vector<Field> all = trailing_system_fields(true);
        return std::vector<Field>(all.end() - 2, all.end());
    }();
    return fields;
}

std::vector<const Field*> shown_of_deletion(const Entity& entity, bool with_deleted) {
    std::vector<const Field*> shown;
    if (!with_deleted || !entity.soft_delete) return shown;
    for (const Field& field : deletion_fields())
        if (entity.find(field.name) == nullptr) shown.push_back(&field);
    return shown;
}

// A statement that reads, while it is put together.
struct Reading {
    explicit Reading(const Entity& entity, std::size_t parameters_before = 0)
        : sql(entity, parameters_before), level(sql, entity) {}

    SqlBuilder sql;
    RowLevel level;
    std::vector<const Field*> kept;

    void keep(const Field& field, const std::string& expression) {
        kept.push_back(&field);
        level.append_outer(level.keep(expression));
    }

    Statement finish(std::string text, bool counts) {
        Statement statement = sql.finish(std::move(text));
        statement.columns = level.fields();
        statement.nested = level.nested();
        statement.cursor = std::move(kept);
        statement.counts = counts;
        return statement;
    }

    // The inner select as a whole, or as the page that the outer one reads.
    [[nodiscard]] std::string page(const std::string& inner) const {
        if (level.is_plain()) return inner;
        return "SELECT " + level.outer_list() + " FROM (" + inner + ") " + level.page_name();
    }
};

// The count is one row and the outer side of a left join without a condition. The server can run such
// a join only as a nested loop over that row (a hash or merge join needs a clause, and the sides of a
// left join do not swap), and cannot pull the page up because it has an ORDER BY; so the page's rows
// come out in the page's order, without a second sort, and a row of nulls stands for an empty page.
std::string counted(const RowLevel& level, const std::string& count, const std::string& inner) {
    return "SELECT c.total, " + (level.is_plain() ? "page.*" : level.outer_list()) +
           " FROM (SELECT count(*) AS total" + count + ") c LEFT JOIN (" + inner + ") " +
           (level.is_plain() ? "page" : level.page_name()) + " ON true";
}

std::string counted_rows(const RowLevel& level, const ListRequest& request,
                         const std::string& rows) {
    if (!request.distinct) return rows;
    return " FROM (SELECT DISTINCT " + level.inner_list() + rows + ") d";
}

}  // namespace

Statement compile_get(const Entity& entity, const Json& id) { return compile_get(entity, id, {}); }

Statement compile_get(const Entity& entity, const Json& id, const Selection& selection,
                      bool with_deleted, bool tagged) {
    Reading reading(entity);
    reading.level.show(selection, shown_of_deletion(entity, with_deleted));
    for (const Field* const field : key_fields(entity)) {
        if (std::ranges::find(reading.level.fields(), field) == reading.level.fields().end())
            reading.keep(*field, SqlBuilder::item(*field));
    }
    if (tagged) reading.level.append_outer(reading.level.keep(std::string(kRowTag)));
    const std::string where =
        reading.sql.where_key(id, with_deleted ? SqlBuilder::Rows::all : SqlBuilder::Rows::live);
    const std::string inner =
        "SELECT " + reading.level.inner_list() + " FROM " + reading.sql.source() + where;
    return reading.finish(reading.page(inner), false);
}

namespace {

Statement compile_page(Reading& reading, const Entity& entity, const ListRequest& request) {
    RowLevel& level = reading.level;
    SqlBuilder& sql = reading.sql;
    const auto [where, rank] = found(sql, request);
    const std::string source = " FROM " + sql.source();
    level.show(request.selection, shown_of_deletion(entity, request.with_deleted));
    OrderSql order(entity, complete_sort(entity, request), rank);
    if (request.keeps_position) {
        for (std::size_t i = 0; i < order.keys().size(); ++i)
            reading.keep(*order.keys()[i].field, order.expressions()[i]);
    }
    // Tells an empty page from a record of nulls where the total does not.
    if (request.position && request.counts) level.append_outer(level.keep("true"));
    std::string page_where = where;
    if (request.position) {
        if (request.position->backward) order.reverse();
        append(page_where, order.after(sql, request.position->values));
    }
    std::string inner = (request.distinct ? "SELECT DISTINCT " : "SELECT ") + level.inner_list() +
                        source + order.joins() + clause(page_where) + order.clause();
    inner += page_limits(sql, request);
    if (!request.counts) return reading.finish(reading.page(inner), false);
    const std::string rows = counted_rows(level, request, source + clause(where));
    return reading.finish(counted(level, rows, inner), true);
}

}  // namespace

Statement compile_list(const Entity& entity, const ListRequest& request) {
    Reading reading(entity);
    return compile_page(reading, entity, request);
}

// The server runs a WITH that is read twice once.
Statement compile_list(const Entity& entity, const ListRequest& request, DerivedTable from) {
    Reading reading(entity, from.parameters.size());
    reading.sql.read_from("derived");
    Statement statement = compile_page(reading, entity, request);
    statement.sql = "WITH derived AS (" + from.sql + ") " + statement.sql;
    for (Parameter& parameter : statement.parameters)
        from.parameters.push_back(std::move(parameter));
    statement.parameters = std::move(from.parameters);
    return statement;
}

Statement compile_rows(const Entity& entity, const ListRequest& request) {
    SqlBuilder sql(entity);
    const std::string where = found(sql, request).predicate;
    std::string list = "1";
    // What is shown counts where it tells rows apart; what else it needs would be bound for nothing.
    if (request.distinct) {
        RowLevel level(sql, entity);
        level.show(request.selection);
        list = "DISTINCT " + level.inner_list();
    }
    std::string text = "SELECT " + list + " FROM " + sql.source() + clause(where);
    return sql.finish(std::move(text));
}

Statement compile_exists(const Entity& entity, const Json& id) {
    SqlBuilder sql(entity);
    std::string text = "SELECT 1 FROM " + sql.source() + sql.where_key(id);
    return sql.finish(std::move(text));
}

}  // namespace pgwright::core
