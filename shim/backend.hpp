// The database as the service sees it: one call, one outcome. Database implements it over the pool;
// tests put a fake in its place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shim/interrupt.hpp"
#include "shim/row_sink.hpp"
#include "shim/sqlstate.hpp"
#include "shim/task.hpp"

namespace pgwright::shim {

struct BinaryParameter {
    std::size_t index = 0;
    std::size_t size = 0;
};

struct Call {
    std::string sql;
    std::vector<const char*> parameters;  // nullptr is NULL; owned by the caller
    bool with_context = true;             // set token, request id and client first
    bool idempotent = false;              // may be sent again if it cannot have run
    std::string token = {};               // empty: the anonymous caller
    std::string request_id = {};
    std::string client_address = {};
    std::string client_agent = {};
    std::optional<BinaryParameter> binary = std::nullopt;
    // Takes the rows as they come, in binary form, without a limit to the time that all of them take; the
    // outcome then has none.
    RowSink* sink = nullptr;
};

// The first row of the result; nothing in it when there was no row.
struct Row {
    std::vector<std::optional<std::string>> columns;
};

// Why the database said nothing.
enum class Unavailable { no_connection, queue_full, queue_timeout, connection_lost, interrupted };

using Outcome = std::variant<Row, ServerError, Unavailable>;

class Backend {
  public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    // Ends early, with Unavailable::interrupted or SQLSTATE 57014, when the interrupt is raised.
    virtual Task<Outcome> execute(const Call& call, Interrupt& interrupt) = 0;
};

}  // namespace pgwright::shim
