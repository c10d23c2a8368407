// Identifiers are always quoted; types and the function come ready from the route table.
#include "shim/statement_text.hpp"

#include <string_view>

namespace pgwright::shim {

namespace {

void append_identifier(std::string& sql, std::string_view name) {
    sql += '"';
    for (const char c : name) {
        sql += c;
        if (c == '"') {
            sql += '"';
        }
    }
    sql += '"';
}

void append_parameter(std::string& sql, std::string_view name, std::string_view type,
                      std::size_t number) {
    if (number > 1) {
        sql += ", ";
    }
    append_identifier(sql, name);
    sql += " => $";
    sql += std::to_string(number);
    // Without a type the server takes the argument's own.
    if (!type.empty()) {
        sql += "::";
        sql += type;
    }
}

void append_call(std::string& sql, const Route& route, const Binding& binding) {
    std::size_t number = 0;
    sql += route.function_name;
    sql += '(';
    for (const BoundArgument& bound : binding) {
        const Argument& argument = route.arguments[bound.argument];
        append_parameter(sql, argument.name, argument.type, ++number);
    }
    for (const Constant& constant : route.constants) {
        append_parameter(sql, constant.name, constant.type, ++number);
    }
    sql += ')';
}

}  // namespace

std::string statement_text(const Route& route, const Binding& binding) {
    std::string sql;
    sql.reserve(256);
    switch (route.returns) {
        case Returns::json:
            sql += "SELECT ";
            append_call(sql, route, binding);
            sql += "::text";
            break;
        case Returns::nothing:
        case Returns::stream:
            sql += "SELECT ";
            append_call(sql, route, binding);
            break;
        case Returns::response:
            sql += "SELECT (r).status, (r).headers::text, (r).body::text FROM ";
            append_call(sql, route, binding);
            sql += " r";
            break;
    }
    return sql;
}

std::vector<const char*> statement_parameters(const Route& route, const Binding& binding) {
    std::vector<const char*> values;
    values.reserve(binding.size() + route.constants.size());
    for (const BoundArgument& bound : binding) {
        values.push_back(bound.value ? bound.value->c_str() : nullptr);
    }
    for (const Constant& constant : route.constants) {
        values.push_back(constant.value ? constant.value->c_str() : nullptr);
    }
    return values;
}

std::optional<BinaryParameter> binary_parameter(const Route& route, const Binding& binding) {
    for (std::size_t i = 0; i < binding.size(); ++i) {
        if (route.takes_bytes() && binding[i].argument == *route.body_argument) {
            return BinaryParameter{i, binding[i].value ? binding[i].value->size() : 0};
        }
    }
    return std::nullopt;
}

}  // namespace pgwright::shim
