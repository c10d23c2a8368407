// SQL: field_type_of, for the importer.
#include "pg/guard.hpp"

#include "core/field_type.hpp"

PGWRIGHT_FUNCTION(pgwright_field_type_of) {
    return pgwright::pg::text_datum(
        pgwright::core::info(pgwright::core::field_type_of(args.oid(0))).name);
}
