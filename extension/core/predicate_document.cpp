// Conditions about values in JSON documents. The path to a value is a parameter, and so is the value, as
// jsonb: only values of the same kind are equal or in an order, and nothing in a document is an error.
#include "core/array_text.hpp"
#include "core/identifier.hpp"
#include "core/sql_builder.hpp"
#include "core/text_match.hpp"

namespace pgwright::core {

namespace {

std::string_view kind_of(const Json& value) noexcept {
    return value.is_number() ? "'number'" : "'string'";
}

std::string_view order_sign(Operator op) noexcept {
    switch (op) {
        case Operator::gt: return " > ";
        case Operator::gte: return " >= ";
        case Operator::lt: return " < ";
        default: return " <= ";
    }
}

}  // namespace

std::string SqlBuilder::as_jsonb(const Field& field) const {
    return field.type_oid == kJsonbOid ? reference(field) : reference(field) + "::jsonb";
}

std::string SqlBuilder::not_empty_document(const std::string& document) {
    return document + R"( <> ALL ('{"null","\"\"","[]","{}"}'::jsonb[]))";
}

std::string SqlBuilder::bind_document(const Json& value) {
    return literal() ? quote_literal(value.dump()) + "::jsonb" : bind(kJsonbOid, value);
}

std::string SqlBuilder::bind_documents(const std::vector<Json>& values) {
    if (!literal()) return bind_list(kJsonbArrayOid, kJsonbOid, values);
    std::string list;
    for (const Json& value : values)
        list.append(list.empty() ? "" : ", ").append(quote_literal(value.dump()));
    return "ARRAY[" + list + "]::jsonb[]";
}

std::string SqlBuilder::bind_path(const std::vector<std::string>& keys) {
    Json path = Json::array();
    for (const std::string& key : keys) path.items().push_back(Json::string(key));
    return literal() ? quote_literal(array_text(path)) + "::text[]"
                     : bind(kTextArrayOid, std::move(path));
}

std::string SqlBuilder::in_document(const Condition& condition, Operator op) {
    const std::string column = as_jsonb(*condition.field);
    const std::string path = bind_path(condition.document);
    const std::string found = "(" + column + " #> " + path + ")";
    const std::string text = "(" + column + " #>> " + path + ")";
    const auto value = [&](std::size_t at) { return bind_document(condition.values[at]); };
    const auto of_kind = [&](std::string_view kind, const std::string& rest) {
        return "(jsonb_typeof" + found + " = " + std::string(kind) + " AND " + rest + ")";
    };
    switch (op) {
        case Operator::is_not_null: return text + " IS NOT NULL";
        case Operator::is_not_empty: return not_empty_document(found);
        case Operator::eq: return found + " = " + value(0);
        case Operator::in: return found + " = ANY (" + bind_documents(condition.values) + ")";
        case Operator::between: {
            const std::string low = found + " >= " + value(0);
            return of_kind(kind_of(condition.values[0]), low + " AND " + found + " <= " + value(1));
        }
        case Operator::gt:
        case Operator::gte:
        case Operator::lt:
        case Operator::lte:
            return of_kind(kind_of(condition.values[0]),
                           found + std::string(order_sign(op)) + value(0));
        case Operator::array_contains:
            return found + " @> " + bind_document(Json::array(condition.values));
        case Operator::array_contained:
            return of_kind("'array'",
                           found + " <@ " + bind_document(Json::array(condition.values)));
        case Operator::array_overlaps: return overlaps(found, condition.values);
        default: break;
    }
    return of_kind("'string'", text + text_match(condition.values.front().text(), op));
}

// An index's condition may have no sub-select.
std::string SqlBuilder::overlaps(const std::string& array, const std::vector<Json>& values) {
    if (!literal())
        return "EXISTS (SELECT FROM unnest(" + bind_documents(values) + ") v WHERE " + array +
               " @> jsonb_build_array(v))";
    std::string any;
    for (const Json& value : values)
        any += (any.empty() ? "(" : " OR ") + array + " @> " + bind_document(Json::array({value}));
    return any.empty() ? "false" : any + ")";
}

// What is asked of a text that is no column: nothing of it is indexed.
std::string SqlBuilder::text_match(const std::string& value, Operator op) {
    switch (op) {
        case Operator::starts_with:
            return " ILIKE " + bind_text(like_pattern(value, Anchor::start));
        case Operator::ends_with: return " ILIKE " + bind_text(like_pattern(value, Anchor::end));
        case Operator::like: return " LIKE " + bind_text(value);
        case Operator::ilike: return " ILIKE " + bind_text(value);
        case Operator::matches: return " ~ " + bind_text(value);
        default: return " ILIKE " + bind_text(like_pattern(value, Anchor::anywhere));
    }
}

}  // namespace pgwright::core
