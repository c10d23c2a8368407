// A query whose rows are read a few at a time, also by later calls of a function: its portal lives to the
// end of the transaction, while the object and the SPI connections come and go.
#pragma once

#include "pg/spi.hpp"

namespace pgwright::pg {

class Cursor {
  public:
    // Opens under the active snapshot, which stays the query's. Needs an open Spi.
    Cursor(std::string_view sql, const Params& params);

    // Up to that many rows; none at the end. Needs an open Spi, and the rights it was opened with.
    [[nodiscard]] Result fetch(long rows) const;
    void close() const;

  private:
    std::string name_;
};

}  // namespace pgwright::pg
