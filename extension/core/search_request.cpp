// Searches and their SQL; see search_request.hpp.
#include "core/search_request.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "core/sql_builder.hpp"

namespace pgwright::core {

namespace {

std::vector<const Field*> searched_fields(const Entity& entity) {
    std::vector<const Field*> fields;
    for (const std::string& name : entity.search_fields) {
        const Field* const field = entity.find(name);
        if (field != nullptr && can_be_searched(*field)) fields.push_back(field);
    }
    if (!fields.empty()) return fields;
    for (const Field& field : entity.fields)
        if (can_be_searched(field)) fields.push_back(&field);
    return fields;
}

[[noreturn]] void refuse(std::string_view path, std::string message) {
    throw Failure(Code::validation_error, "the search is not valid",
                  {{std::string(path), std::move(message)}});
}

bool is_markup(const Field& field) noexcept { return field.type == FieldType::rich_text; }

std::string text_of(const Field& field) {
    return is_markup(field) ? "pgwright.markup_text(" + column_sql(field) + ")"
                            : column_sql(field) + "::text";
}

}  // namespace

bool can_be_searched(const Field& field) noexcept {
    const bool is_text = field.type_oid == kTextOid || field.type_oid == kVarcharOid;
    return is_text && !field.reference && field.mask_sql.empty();
}

Search read_search(std::string_view text, const Entity& entity, std::string_view path) {
    Search search{parse_search(text, entity.search_language), searched_fields(entity),
                  !entity.search_fields.empty()};
    if (auto fault = search_fault(text, search.query)) refuse(path, *std::move(fault));
    if (search.fields.empty()) refuse(path, "records of this entity have no text to search in");
    search.is_indexed = std::ranges::all_of(search.fields, [&](const Field* field) {
        return std::ranges::find(entity.search_fields, field->name) != entity.search_fields.end();
    });
    return search;
}

const Field& search_rank_field() {
    static const Field field = [] {
        Field rank;
        rank.name = "search_rank";
        rank.type = FieldType::integer;
        rank.required = true;
        set_type_oids(rank);
        return rank;
    }();
    return field;
}

std::string SearchSql::in_any_field(const SearchGroup& group) {
    const std::string query = sql_.bind(kTextOid, Json::string(search_text(search_.query, group)));
    std::string any;
    for (const Field* const field : search_.fields) {
        if (!any.empty()) any += group.excluded ? " AND " : " OR ";
        const std::string_view sign = is_markup(*field) ? "<@@@>" : "@@@";
        const std::string found =
            column_sql(*field) + " OPERATOR(pgwright." + std::string(sign) + ") " + query;
        any += group.excluded ? "(" + found + ") IS NOT TRUE" : found;
    }
    return "(" + any + ")";
}

// Through the index, group by group: each column of the index answers for itself. Without one, a record's
// texts are read once, for all groups.
std::string SearchSql::predicate() {
    if (!search_.is_indexed) return rank() + " > 0";
    std::string all;
    for (const SearchGroup& group : search_.query.groups)
        all += (all.empty() ? "" : " AND ") + in_any_field(group);
    return all;
}

const std::string& SearchSql::rank() {
    if (!rank_.empty()) return rank_;
    rank_ = "pgwright.search_rank(" + sql_.bind(kTextOid, Json::string(search_text(search_.query)));
    for (const Field* const field : search_.fields) rank_ += ", " + text_of(*field);
    return rank_ += ")";
}

}  // namespace pgwright::core
