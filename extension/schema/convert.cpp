// SQL: is_convertible, which the planner's statements ask before they convert texts.
#include "pg/guard.hpp"

#include "core/conversion.hpp"

PGWRIGHT_FUNCTION(pgwright_is_convertible) {
    return pgwright::pg::bool_datum(
        pgwright::core::is_convertible_text(args.text(0), args.text(1)));
}
