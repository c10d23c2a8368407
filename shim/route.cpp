// The row comes from the database and is trusted to name functions, but not to be free of mistakes:
// text that becomes SQL (types) is checked for its alphabet, and names must fit together.
#include "shim/route.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "shim/ascii.hpp"
#include "shim/json_document.hpp"

namespace pgwright::shim {

namespace {

using Problem = std::optional<std::string>;

constexpr std::size_t kConstantsDepth = 64;

ArgumentKind kind_of(std::string_view type) {
    struct Known {
        std::string_view type;
        ArgumentKind kind;
    };
    static constexpr std::array kKnown{
        Known{"text", ArgumentKind::text},         Known{"json", ArgumentKind::json},
        Known{"jsonb", ArgumentKind::json},        Known{"boolean", ArgumentKind::boolean},
        Known{"bool", ArgumentKind::boolean},      Known{"uuid", ArgumentKind::uuid},
        Known{"smallint", ArgumentKind::smallint}, Known{"int2", ArgumentKind::smallint},
        Known{"integer", ArgumentKind::integer},   Known{"int", ArgumentKind::integer},
        Known{"int4", ArgumentKind::integer},      Known{"bigint", ArgumentKind::bigint},
        Known{"int8", ArgumentKind::bigint},       Known{"bytea", ArgumentKind::bytes},
    };
    const auto found =
        std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return k.type == type; });
    return found == kKnown.end() ? ArgumentKind::other : found->kind;
}

// Type names such as numeric(10,2), uuid[], "s"."t", timestamp with time zone.
bool is_type_name(std::string_view type) {
    return !type.empty() && std::all_of(type.begin(), type.end(), [](char c) {
        return is_alpha(c) || is_digit(c) ||
               std::string_view("_ .,()[]\"").find(c) != std::string_view::npos;
    });
}

std::string_view text_of(const rapidjson::Value& value) {
    return {value.GetString(), value.GetStringLength()};
}

Problem read_argument(const rapidjson::Value& value, Argument& argument) {
    if (!value.IsObject() || !value.HasMember("name") || !value["name"].IsString() ||
        !value.HasMember("type") || !value["type"].IsString()) {
        return "an argument lacks its name or type";
    }
    argument.name = text_of(value["name"]);
    argument.type = text_of(value["type"]);
    if (argument.name.empty() || argument.name.find('\0') != std::string::npos) {
        return "an argument has an unusable name";
    }
    if (!is_type_name(argument.type)) {
        return "argument \"" + argument.name + "\" has an unusable type";
    }
    argument.kind = kind_of(argument.type);
    argument.required =
        value.HasMember("required") && value["required"].IsBool() && value["required"].GetBool();
    return std::nullopt;
}

std::vector<Argument>::iterator find_argument(Route& route, std::string_view name) {
    return std::find_if(route.arguments.begin(), route.arguments.end(),
                        [&](const Argument& argument) { return argument.name == name; });
}

Problem read_arguments(const std::optional<std::string>& text, Route& route) {
    rapidjson::Document list;
    list.Parse<rapidjson::kParseIterativeFlag>(text ? text->c_str() : "[]");
    if (list.HasParseError() || !list.IsArray()) {
        return "arguments is not a JSON array";
    }
    for (const auto& value : list.GetArray()) {
        Argument argument;
        if (auto problem = read_argument(value, argument)) {
            return problem;
        }
        if (find_argument(route, argument.name) != route.arguments.end()) {
            return "argument \"" + argument.name + "\" is listed twice";
        }
        route.arguments.push_back(std::move(argument));
    }
    return std::nullopt;
}

// An argument with a constant leaves the list of those a client may give.
Problem read_constants(const std::optional<std::string>& text, Route& route) {
    JsonDocument document;
    const std::string_view written = text && *text != "null" ? std::string_view(*text) : "{}";
    if (read_json(written, kConstantsDepth, true, document) || document.kind != JsonKind::object) {
        return "constants is not a JSON object";
    }
    for (JsonMember& member : document.members) {
        Constant constant{member.name, {}, std::nullopt};
        if (member.kind != JsonKind::null) {
            constant.value = std::move(member.text);
        }
        if (const auto argument = find_argument(route, member.name);
            argument != route.arguments.end()) {
            constant.type = argument->type;
            route.arguments.erase(argument);
        }
        route.constants.push_back(std::move(constant));
    }
    return std::nullopt;
}

std::optional<std::size_t> argument_index(Route& route, std::string_view name) {
    const auto found = find_argument(route, name);
    if (found == route.arguments.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - route.arguments.begin());
}

bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_alpha(c) || is_digit(c) ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

Problem read_headers(const RouteRow& row, Route& route) {
    JsonDocument document;
    const std::string text = row.headers.value_or("{}");
    if (read_json(text, 2, true, document) || document.kind != JsonKind::object) {
        return "headers is not a JSON object";
    }
    for (const JsonMember& member : document.members) {
        const auto index = argument_index(route, member.name);
        if (!index || index == route.body_argument || route.arguments[*index].required) {
            return "header argument \"" + member.name + "\" is no argument that a header may give";
        }
        if (member.kind != JsonKind::string || !is_header_name(member.text)) {
            return "the header of argument \"" + member.name + "\" has an unusable name";
        }
        route.headers.push_back({*index, member.text});
    }
    return std::nullopt;
}

Problem read_path(Route& route) {
    const auto pattern = read_path_pattern(route.path);
    if (!pattern) {
        return "path is malformed";
    }
    for (const PathSegment& segment : *pattern) {
        if (!segment.parameter) {
            continue;
        }
        const auto index = argument_index(route, segment.text);
        if (!index || index == route.body_argument) {
            return "path parameter \"" + segment.text + "\" is no argument a client may give";
        }
        if (std::count(route.path_arguments.begin(), route.path_arguments.end(), *index) != 0) {
            return "path parameter \"" + segment.text + "\" is given twice";
        }
        route.path_arguments.push_back(*index);
    }
    return std::nullopt;
}

Problem read_returns(const RouteRow& row, Route& route) {
    const std::string returns = row.returns.value_or("json");
    if (returns == "json") {
        route.returns = Returns::json;
    } else if (returns == "void") {
        route.returns = Returns::nothing;
    } else if (returns == "response") {
        route.returns = Returns::response;
    } else if (returns == "stream") {
        route.returns = Returns::stream;
    } else {
        return "returns is none of json, void, response, stream";
    }
    const std::string status = row.success_status.value_or("200");
    const auto end = status.data() + status.size();
    const auto parsed = std::from_chars(status.data(), end, route.success_status);
    if (parsed.ec != std::errc() || parsed.ptr != end || route.success_status < 200 ||
        route.success_status > 299) {
        return "success_status is not between 200 and 299";
    }
    return std::nullopt;
}

Problem read_names(const RouteRow& row, Route& route) {
    static constexpr std::array<std::string_view, 5> kMethods{"GET", "POST", "PUT", "PATCH",
                                                              "DELETE"};
    route.id = row.id.value_or("");
    route.method = row.method.value_or("");
    route.path = row.path.value_or("");
    route.function_name = row.function_name.value_or("");
    if (std::find(kMethods.begin(), kMethods.end(), route.method) == kMethods.end()) {
        return "method is none of GET, POST, PUT, PATCH, DELETE";
    }
    if (route.function_name.empty()) {
        return "function_name is empty";
    }
    return std::nullopt;
}

Problem read_body_argument(const RouteRow& row, Route& route) {
    if (!row.body_argument || row.body_argument->empty()) {
        return std::nullopt;
    }
    route.body_argument = argument_index(route, *row.body_argument);
    if (!route.body_argument) {
        return "body_argument \"" + *row.body_argument + "\" is no argument a client may give";
    }
    if (route.method == "GET") {
        return "body_argument on a GET route";
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<PathSegment>> read_path_pattern(std::string_view path) {
    if (!path.starts_with('/')) {
        return std::nullopt;
    }
    std::vector<PathSegment> segments;
    for (std::string_view rest = path.substr(1);;) {
        const std::size_t slash = rest.find('/');
        std::string_view text = rest.substr(0, slash);
        const bool parameter = text.size() > 2 && text.front() == '{' && text.back() == '}';
        if (parameter) {
            text = text.substr(1, text.size() - 2);
        }
        if (text.find_first_of("{}?#") != std::string_view::npos) {
            return std::nullopt;
        }
        segments.push_back({std::string(text), parameter});
        if (slash == std::string_view::npos) {
            return segments;
        }
        rest.remove_prefix(slash + 1);
    }
}

std::optional<std::string> read_route(const RouteRow& row, Route& route) {
    route = {};
    Problem problem = read_names(row, route);
    if (!problem) {
        problem = read_arguments(row.arguments, route);
    }
    if (!problem) {
        problem = read_constants(row.constants, route);
    }
    if (!problem) {
        problem = read_body_argument(row, route);
    }
    if (!problem) {
        problem = read_headers(row, route);
    }
    if (!problem) {
        problem = read_path(route);
    }
    return problem ? problem : read_returns(row, route);
}

}  // namespace pgwright::shim
