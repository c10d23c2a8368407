#include "core/default_sql.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/array_text.hpp"
#include "core/error.hpp"
#include "core/identifier.hpp"

namespace pgwright::core {

namespace {

using Expression = std::pair<std::string_view, std::string_view>;

constexpr std::array<Expression, 4> kExpressions = {{
    {"now", "now()"},
    {"today", "(now() AT TIME ZONE 'UTC')::date"},
    {"current_user_id", "pgwright.user_id()"},
    {"new_uuid", "pgwright.uuid_v7()"},
}};

}  // namespace

std::string default_sql(const Field& field) {
    if (field.default_expression) {
        const auto* const found =
            std::ranges::find(kExpressions, *field.default_expression, &Expression::first);
        if (found == kExpressions.end())
            throw Failure(Code::server_error,
                          "unknown default expression of field \"" + field.name + "\"");
        return std::string(found->second);
    }
    if (!field.default_value) return {};
    const std::string type = sql_type_of(field);
    std::string sql = quote_literal(field.is_array() ? array_text(parse_json(*field.default_value))
                                                     : *field.default_value);
    if (!type.empty()) sql.append("::").append(type);
    return sql;
}

}  // namespace pgwright::core
