// Settings changed for a scope, as a function's SET clause does, at a fraction of its cost.
#pragma once

#include "pg/call.hpp"

namespace pgwright::pg {

inline constexpr char kPinnedSearchPath[] = "pg_catalog, pg_temp";

// What set() changes is restored by the destructor, and by (sub)transaction abort. Scopes nest as C++
// scopes do. A scope that sets nothing costs nothing.
class SettingsScope {
  public:
    SettingsScope() noexcept = default;
    ~SettingsScope();
    SettingsScope(const SettingsScope&) = delete;
    SettingsScope& operator=(const SettingsScope&) = delete;

    // Throws Error when the server refuses the value.
    void set(const char* name, const char* value);
    // search_path = pg_catalog, pg_temp; does nothing when it is exactly that already.
    void pin_search_path();

  private:
    int nest_level_ = 0;  // 0: nothing set yet
};

// The setting's present value, numbers in their base unit; nullopt when there is no such setting.
std::optional<std::string> setting(const char* name);

}  // namespace pgwright::pg
