#include "core/default_sql.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/array_text.hpp"
#include "core/expression.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {

namespace {

using Word = std::pair<std::string_view, std::string_view>;

constexpr std::array<Word, 4> kWords = {{
    {"now", "now()"},
    {"today", "(now() AT TIME ZONE 'UTC')::date"},
    {"current_user_id", "pgwright.user_id()"},
    {"new_uuid", "pgwright.uuid_v7()"},
}};

}  // namespace

std::string default_sql(const Field& field) {
    if (field.default_expression) {
        const auto* const found =
            std::ranges::find(kWords, *field.default_expression, &Word::first);
        if (found != kWords.end()) return std::string(found->second);
        return default_expression_sql(parse_expression(*field.default_expression), field);
    }
    if (!field.default_value) return {};
    const std::string type = sql_type_of(field);
    std::string sql = quote_literal(field.is_array() ? array_text(parse_json(*field.default_value))
                                                     : *field.default_value);
    if (!type.empty()) sql.append("::").append(type);
    return sql;
}

}  // namespace pgwright::core
