#include "pg/datum.hpp"

namespace pgwright::pg {

namespace {

Datum varlena_datum(const void* bytes, std::size_t size) {
    auto* value = static_cast<char*>(allocate(size + VARHDRSZ));
    SET_VARSIZE(value, static_cast<std::int32_t>(size + VARHDRSZ));
    if (size > 0) std::memcpy(VARDATA(value), bytes, size);
    return PointerGetDatum(value);
}

}  // namespace

Datum text_datum(std::string_view text) { return varlena_datum(text.data(), text.size()); }

Datum bytea_datum(std::span<const std::uint8_t> bytes) {
    return varlena_datum(bytes.data(), bytes.size());
}

Datum uuid_datum(const Uuid& uuid) {
    void* value = allocate(sizeof(pg_uuid_t));
    std::memcpy(value, uuid.bytes.data(), sizeof(pg_uuid_t));
    return PointerGetDatum(value);
}

std::string_view varlena_view(Datum datum) {
    auto* value = reinterpret_cast<varlena*>(DatumGetPointer(datum));
    if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
        value = call([value] { return pg_detoast_datum_packed(value); });
    return {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
}

}  // namespace pgwright::pg
