// The boundary's test module: SQL-callable functions that put the boundary into every situation that
// the pgTAP files test/pgtap/boundary_*.sql look at. It is never shipped.
#include "pg/server.hpp"

extern "C" {
PG_MODULE_MAGIC;
}
