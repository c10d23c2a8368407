// A PostgreSQL error as a C++ exception, carried whole: what pg::call caught in the server leaves
// through the outward guard as the same error. Copying does not throw (copies share their
// data), and the setters work on an error under construction: throw Error(...).hint(...);
#pragma once

#include "pg/server.hpp"

namespace pgwright::pg {

// The fields of the server's ErrorData in memory of our own.
struct ErrorFields {
    int sqlstate = ERRCODE_INTERNAL_ERROR;
    bool from_server = false;  // raised by the server: its context is complete, do not add to it
    bool output_to_server = true;
    bool output_to_client = true;
    bool hide_stmt = false;
    bool hide_ctx = false;
    int lineno = 0;
    int cursorpos = 0;
    int internalpos = 0;
    int saved_errno = 0;
    // Constants that outlive the process' use of them (see intern() in error.cpp).
    const char* filename = nullptr;
    const char* funcname = nullptr;
    const char* domain = nullptr;
    const char* context_domain = nullptr;
    const char* message_id = nullptr;
    std::string message;
    std::string detail;
    std::string detail_log;
    std::string hint;
    std::string context;
    std::string backtrace;
    std::string schema;
    std::string table;
    std::string column;
    std::string datatype;
    std::string constraint;
    std::string internalquery;
};

class Error : public std::exception {
  public:
    // A new error; `sqlstate` is an ERRCODE_ constant, `message` follows the server's message style.
    // The place is for the server's verbose log.
    Error(int sqlstate, std::string message, const char* file = __builtin_FILE(),
          int line = __builtin_LINE(), const char* function = __builtin_FUNCTION());
    // An error that the server raised.
    explicit Error(const ErrorData& data);

    Error detail(std::string text) &&;
    Error detail_log(std::string text) &&;  // for the server's log alone
    Error hint(std::string text) &&;

    [[nodiscard]] const char* what() const noexcept override { return fields_->message.c_str(); }
    [[nodiscard]] int sqlstate() const noexcept { return fields_->sqlstate; }
    [[nodiscard]] const std::string& message() const noexcept { return fields_->message; }
    [[nodiscard]] const std::string& detail() const noexcept { return fields_->detail; }
    [[nodiscard]] const std::string& hint() const noexcept { return fields_->hint; }
    [[nodiscard]] const std::string& context() const noexcept { return fields_->context; }
    [[nodiscard]] const std::string& schema() const noexcept { return fields_->schema; }
    [[nodiscard]] const std::string& table() const noexcept { return fields_->table; }
    [[nodiscard]] const std::string& column() const noexcept { return fields_->column; }
    [[nodiscard]] const std::string& datatype() const noexcept { return fields_->datatype; }
    [[nodiscard]] const std::string& constraint() const noexcept { return fields_->constraint; }
    [[nodiscard]] const ErrorFields& fields() const noexcept { return *fields_; }

    // Query cancel, statement timeout or termination: whoever catches it must let it pass.
    [[nodiscard]] bool is_cancel() const noexcept;
    // SQLSTATE class ("22", "23", ...).
    [[nodiscard]] bool in_class(std::string_view two_characters) const noexcept;

  private:
    std::shared_ptr<ErrorFields> fields_;
};

// The fields as a palloc'd ErrorData in one chunk of the error context, which the server empties when
// it recovers; nullptr when memory is short. Never raises.
ErrorData* to_error_data(const ErrorFields& fields) noexcept;

}  // namespace pgwright::pg
