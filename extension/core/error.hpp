// Failures the engine raises on purpose, free of PostgreSQL. A Failure names one of the codes of the
// error table and carries every fault of the request; pg/guard.hpp turns it into a PostgreSQL error
// of SQLSTATE class PW. Code that finds several faults collects them in Faults and throws once.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgwright::core {

// The value is the HTTP status and the digits of the SQLSTATE (PW400, PW401, ...).
enum class Code : int {
    validation_error = 400,
    authentication_required = 401,
    permission_denied = 403,
    resource_not_found = 404,
    conflict = 409,
    precondition_failed = 412,
    rate_limit_exceeded = 429,
    server_error = 500,
    database_error = 503,
};

struct Fault {
    std::string field;    // name or path of the field; empty: the request as a whole
    std::string message;  // for a person, without the field's name in front
    int index = -1;       // position of the record in a bulk request; -1: none
};

class Failure : public std::exception {
  public:
    Failure(Code code, std::string message, std::vector<Fault> faults = {}, std::string hint = {})
        : code_(code),
          message_(std::move(message)),
          faults_(std::move(faults)),
          hint_(std::move(hint)) {}

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
    [[nodiscard]] Code code() const noexcept { return code_; }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] const std::vector<Fault>& faults() const noexcept { return faults_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }

  private:
    Code code_;
    std::string message_;
    std::vector<Fault> faults_;
    std::string hint_;
};

// Collects the faults of one request.
class Faults {
  public:
    void add(std::string_view field, std::string message, int index = -1) {
        faults_.push_back({std::string(field), std::move(message), index});
    }
    [[nodiscard]] bool empty() const noexcept { return faults_.empty(); }
    [[nodiscard]] const std::vector<Fault>& list() const noexcept { return faults_; }

    // Throws VALIDATION_ERROR with all faults when there are any.
    void raise(std::string message) {
        if (!faults_.empty())
            throw Failure(Code::validation_error, std::move(message), std::move(faults_));
    }

  private:
    std::vector<Fault> faults_;
};

// The faults as the JSON array that travels in DETAIL; empty string for none.
std::string faults_to_json(const std::vector<Fault>& faults);

}  // namespace pgwright::core
