// SQL: array_contains() and array_overlaps(), the server's @> and && under row security. They are marked
// LEAKPROOF, and made for items whose comparison raises no error, whatever they are; without a collation
// that the arguments agree on, where the server refuses as soon as there is a row, the database's counts.
#include "pg/guard.hpp"
#include "pg/planner.hpp"

namespace {

namespace pg = pgwright::pg;

// The server keeps what it knows of the items' type with the call.
Datum compare(const pg::Arguments& args, Datum (*function)(FunctionCallInfo)) {
    FunctionCallInfo fcinfo = args.fcinfo();
    if (!OidIsValid(fcinfo->fncollation)) fcinfo->fncollation = DEFAULT_COLLATION_OID;
    return pg::call([fcinfo, function] { return function(fcinfo); });
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_array_contains) { return compare(args, arraycontains); }

PGWRIGHT_FUNCTION(pgwright_array_overlaps) { return compare(args, arrayoverlap); }
