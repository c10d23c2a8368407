#include "pg/arguments.hpp"

namespace pgwright::pg {

bool Arguments::is_null(int i) const {
    if (i < 0 || i >= fcinfo_->nargs)
        throw Error(ERRCODE_INTERNAL_ERROR, "function has fewer arguments than expected");
    return fcinfo_->args[i].isnull;
}

Datum Arguments::datum(int i) const {
    if (is_null(i))
        throw Error(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                    "argument " + std::to_string(i + 1) + " must not be null");
    return fcinfo_->args[i].value;
}

std::string_view Arguments::text(int i) const { return varlena_view(datum(i)); }
std::int32_t Arguments::integer(int i) const { return DatumGetInt32(datum(i)); }
std::int64_t Arguments::bigint(int i) const { return DatumGetInt64(datum(i)); }
bool Arguments::boolean(int i) const { return DatumGetBool(datum(i)); }
Oid Arguments::oid(int i) const { return DatumGetObjectId(datum(i)); }
Uuid Arguments::uuid(int i) const { return uuid_from_datum(datum(i)); }

std::optional<std::string_view> Arguments::optional_text(int i) const {
    if (is_null(i)) return std::nullopt;
    return text(i);
}

std::optional<std::int32_t> Arguments::optional_integer(int i) const {
    if (is_null(i)) return std::nullopt;
    return integer(i);
}

std::optional<std::int64_t> Arguments::optional_bigint(int i) const {
    if (is_null(i)) return std::nullopt;
    return bigint(i);
}

std::optional<bool> Arguments::optional_boolean(int i) const {
    if (is_null(i)) return std::nullopt;
    return boolean(i);
}

std::optional<Uuid> Arguments::optional_uuid(int i) const {
    if (is_null(i)) return std::nullopt;
    return uuid(i);
}

}  // namespace pgwright::pg
