// One row of pgwright.route_table(), checked once when it is read so that nothing about a route can
// fail while a request is served. Immutable afterwards and shared by all threads.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgwright::shim {

// What the shim checks before it asks the database; everything else is left to the database.
// bytes: of the request body, as it is, whatever its media type.
enum class ArgumentKind { text, json, boolean, uuid, smallint, integer, bigint, bytes, other };

struct Argument {
    std::string name;
    std::string type;  // as SQL writes it
    ArgumentKind kind = ArgumentKind::other;
    bool required = false;
};

// A value the route itself gives. `type` is empty when the argument list does not tell it.
struct Constant {
    std::string name;
    std::string type;
    std::optional<std::string> value;
};

// An argument that a header of the request may give.
struct HeaderArgument {
    std::size_t argument = 0;  // index into arguments
    std::string name;          // of the header
};

// stream: rows of bytes, which are the head and then the parts of the reply.
enum class Returns { json, nothing, response, stream };

struct Route {
    std::string id;
    std::string method;
    std::string path;
    std::string function_name;
    std::vector<Argument> arguments;  // those a client may give
    std::vector<Constant> constants;
    std::optional<std::size_t> body_argument;  // index into arguments
    std::vector<std::size_t> path_arguments;   // of each {parameter} of the path, in order
    std::vector<HeaderArgument> headers;
    int success_status = 200;
    Returns returns = Returns::json;

    // The body is one value, whatever it holds, and the query names the other arguments.
    bool takes_bytes() const {
        return body_argument && arguments[*body_argument].kind == ArgumentKind::bytes;
    }
};

// A row as the database sends it; NULL is an empty optional.
struct RouteRow {
    std::optional<std::string> id, method, path, function_name, arguments, constants, body_argument,
        success_status, returns, headers;
};

struct PathSegment {
    std::string text;  // literal, or the parameter's name
    bool parameter = false;
};

// "/a/{b}" to its segments; nothing when it is malformed.
std::optional<std::vector<PathSegment>> read_path_pattern(std::string_view path);

// Fills `route`, or says why the row is not usable.
std::optional<std::string> read_route(const RouteRow& row, Route& route);

}  // namespace pgwright::shim
