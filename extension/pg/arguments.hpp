// The arguments of an SQL-callable function. Positions count from 0. A reader without "optional" in
// its name refuses NULL with SQLSTATE 22004. Views are good for the duration of the call.
#pragma once

#include "pg/datum.hpp"

namespace pgwright::pg {

class Arguments {
  public:
    explicit Arguments(FunctionCallInfo fcinfo) noexcept : fcinfo_(fcinfo) {}

    [[nodiscard]] FunctionCallInfo fcinfo() const noexcept { return fcinfo_; }
    [[nodiscard]] int count() const noexcept { return fcinfo_->nargs; }
    [[nodiscard]] bool is_null(int i) const;
    [[nodiscard]] Datum datum(int i) const;

    // text, varchar, json, bytea, ...
    [[nodiscard]] std::string_view text(int i) const;
    [[nodiscard]] std::int32_t integer(int i) const;
    [[nodiscard]] std::int64_t bigint(int i) const;
    [[nodiscard]] bool boolean(int i) const;
    [[nodiscard]] Oid oid(int i) const;
    [[nodiscard]] Uuid uuid(int i) const;

    [[nodiscard]] std::optional<std::string_view> optional_text(int i) const;
    [[nodiscard]] std::optional<std::int32_t> optional_integer(int i) const;
    [[nodiscard]] std::optional<std::int64_t> optional_bigint(int i) const;
    [[nodiscard]] std::optional<bool> optional_boolean(int i) const;
    [[nodiscard]] std::optional<Uuid> optional_uuid(int i) const;

  private:
    FunctionCallInfo fcinfo_;
};

// NULL as the function's result: return pg::return_null(args);
inline Datum return_null(const Arguments& args) noexcept {
    args.fcinfo()->isnull = true;
    return Datum{0};
}

// The result of a function that returns void.
inline Datum return_void() noexcept { return Datum{0}; }

}  // namespace pgwright::pg
