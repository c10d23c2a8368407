// Parameter values, built in chunks that never move, so that datums may point into them.
#include "pg/params.hpp"

#include <algorithm>

namespace pgwright::pg {

namespace {

constexpr std::size_t kChunkBytes = 1024;
constexpr std::size_t kAlignment = MAXIMUM_ALIGNOF;

constexpr std::size_t aligned(std::size_t bytes) {
    return (bytes + kAlignment - 1) & ~(kAlignment - 1);
}

void write_varlena(std::byte* out, std::string_view value) {
    SET_VARSIZE(out, static_cast<std::int32_t>(value.size() + VARHDRSZ));
    if (!value.empty()) std::memcpy(VARDATA(out), value.data(), value.size());
}

// The header of a one-dimensional array without NULLs; returns where its elements go.
std::byte* write_array_header(std::byte* out, std::size_t bytes, std::size_t elements, Oid type) {
    auto* array = reinterpret_cast<ArrayType*>(out);
    SET_VARSIZE(array, static_cast<std::int32_t>(bytes));
    array->ndim = elements == 0 ? 0 : 1;
    array->dataoffset = 0;
    array->elemtype = type;
    if (elements == 0) return out + sizeof(ArrayType);
    const int length_and_lower_bound[2] = {static_cast<int>(elements), 1};
    std::memcpy(out + sizeof(ArrayType), length_and_lower_bound, sizeof length_and_lower_bound);
    return out + ARR_OVERHEAD_NONULLS(1);
}

}  // namespace

Params& Params::add(Oid type, Datum value, bool is_null) {
    types_.push_back(type);
    values_.push_back(value);
    nulls_.push_back(is_null ? 'n' : ' ');
    return *this;
}

Params& Params::add_varlena(Oid type, std::string_view value) {
    std::byte* out = reserve(value.size() + VARHDRSZ);
    write_varlena(out, value);
    return add(type, PointerGetDatum(out), false);
}

Params& Params::add_uuid(const Uuid& value) {
    std::byte* out = reserve(sizeof(pg_uuid_t));
    std::memcpy(out, value.bytes.data(), sizeof(pg_uuid_t));
    return add(UUIDOID, PointerGetDatum(out), false);
}

Params& Params::add_text_array(std::span<const std::string> values) {
    std::size_t bytes = ARR_OVERHEAD_NONULLS(1);
    for (const std::string& value : values) bytes += INTALIGN(value.size() + VARHDRSZ);
    std::byte* out = reserve(bytes);
    std::memset(out, 0, bytes);
    std::byte* next =
        write_array_header(out, values.empty() ? sizeof(ArrayType) : bytes, values.size(), TEXTOID);
    for (const std::string& value : values) {
        write_varlena(next, value);
        next += INTALIGN(value.size() + VARHDRSZ);
    }
    return add(TEXTARRAYOID, PointerGetDatum(out), false);
}

Params& Params::add_uuid_array(std::span<const Uuid> values) {
    const std::size_t bytes = ARR_OVERHEAD_NONULLS(1) + values.size() * sizeof(pg_uuid_t);
    std::byte* out = reserve(bytes);
    std::byte* next =
        write_array_header(out, values.empty() ? sizeof(ArrayType) : bytes, values.size(), UUIDOID);
    for (const Uuid& value : values) {
        std::memcpy(next, value.bytes.data(), sizeof(pg_uuid_t));
        next += sizeof(pg_uuid_t);
    }
    return add(UUIDARRAYOID, PointerGetDatum(out), false);
}

std::byte* Params::reserve(std::size_t bytes) {
    if (!AllocSizeIsValid(bytes))
        throw Error(ERRCODE_PROGRAM_LIMIT_EXCEEDED, "value exceeds the limit of 1 GB");
    const std::size_t needed = aligned(bytes);
    if (used_ + needed > capacity_) {
        const std::size_t size = std::max(needed, kChunkBytes);
        chunks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size));
        capacity_ = size;
        used_ = 0;
    }
    std::byte* out = chunks_.back().get() + used_;
    used_ += needed;
    return out;
}

}  // namespace pgwright::pg
