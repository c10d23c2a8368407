// Rows made here that a statement reads as a table, without a detour through parameters: a tuple store
// under a name that statements of the open SPI connection know. Rows come out in the order they went in.
// What exceeds work_mem goes to a temporary file.
#pragma once

#include "pg/spi.hpp"

extern "C" {
#include <utils/queryenvironment.h>
}

namespace pgwright::pg {

struct StoreColumn {
    std::string name;
    Oid type;
};

class RowStore {
  public:
    // `name` must be a string literal. Needs an open Spi, which must outlive the object.
    RowStore(const char* name, std::span<const StoreColumn> columns);
    ~RowStore();
    RowStore(const RowStore&) = delete;
    RowStore& operator=(const RowStore&) = delete;

    // Copies the values. One for each column.
    void add(Datum* values, bool* nulls);
    // Lets statements see the rows, of which there are no more to come.
    void publish();

  private:
    OwnedContext memory_;
    const char* name_;
    TupleDesc descriptor_ = nullptr;
    Tuplestorestate* rows_ = nullptr;
    EphemeralNamedRelationData relation_{};
    std::uint64_t connection_;
    bool published_ = false;
    double count_ = 0;
};

}  // namespace pgwright::pg
