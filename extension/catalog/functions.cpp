// SQL: field_type_of, for the importers.
#include "pg/guard.hpp"

#include "core/field_type.hpp"

namespace {

namespace core = pgwright::core;

// A domain is as its base type; an enum's labels travel as text.
core::FieldType field_type_of(Oid type) {
    const Oid base = pgwright::pg::call([type] { return getBaseType(type); });
    if (pgwright::pg::call([base] { return get_typtype(base); }) == TYPTYPE_ENUM)
        return core::FieldType::string;
    return core::field_type_of(base);
}

}  // namespace

PGWRIGHT_FUNCTION(pgwright_field_type_of) {
    return pgwright::pg::text_datum(core::info(field_type_of(args.oid(0))).name);
}
