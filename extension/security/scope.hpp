// Whose rights a statement runs with. Catalog and identity are read as the extension's owner; records
// are read and written as pgwright_runtime, so that row security always applies; DDL runs as
// pgwright_owner. Each scope pins the search path and holds the SPI connection.
#pragma once

#include "pg/settings.hpp"
#include "pg/spi.hpp"
#include "pg/user.hpp"

namespace pgwright::security {

enum class Rights { engine, runtime, owner };

class Scope {
  public:
    explicit Scope(Rights rights);

  private:
    pg::SettingsScope settings_;
    pg::UserSwitch user_;
    pg::Spi spi_;
};

// Whether the database role that calls is a member of pgwright_admin (or a superuser).
bool is_administrator();

}  // namespace pgwright::security
