// Typed parameter values of a statement. Values added as C++ values are copied into memory of the
// object's own, so nothing is left behind in the server's contexts; a raw datum is borrowed and must
// outlive the object.
#pragma once

#include "pg/datum.hpp"

namespace pgwright::pg {

class Params {
  public:
    Params() = default;
    Params(Params&&) noexcept = default;
    Params& operator=(Params&&) noexcept = default;

    Params& add(Oid type, Datum value, bool is_null);
    Params& add_null(Oid type) { return add(type, Datum{0}, true); }
    Params& add_bool(bool value) { return add(BOOLOID, BoolGetDatum(value), false); }
    Params& add_integer(std::int32_t value) { return add(INT4OID, Int32GetDatum(value), false); }
    Params& add_bigint(std::int64_t value) { return add(INT8OID, Int64GetDatum(value), false); }
    Params& add_oid(Oid value) { return add(OIDOID, ObjectIdGetDatum(value), false); }
    Params& add_text(std::string_view value) { return add_varlena(TEXTOID, value); }
    Params& add_json(std::string_view value) {
        return add_varlena(JSONOID, value);
    }  // must be JSON
    Params& add_bytea(std::string_view value) { return add_varlena(BYTEAOID, value); }
    Params& add_uuid(const Uuid& value);
    Params& add_text_array(std::span<const std::string> values);  // text[]
    Params& add_uuid_array(std::span<const Uuid> values);         // uuid[]

    [[nodiscard]] int count() const noexcept { return static_cast<int>(types_.size()); }
    [[nodiscard]] std::span<const Oid> types() const noexcept { return types_; }
    // In the shape that SPI takes: 'n' for NULL, ' ' otherwise.
    [[nodiscard]] const Datum* values() const noexcept { return values_.data(); }
    [[nodiscard]] const char* nulls() const noexcept { return nulls_.data(); }

  private:
    Params& add_varlena(Oid type, std::string_view value);
    // Room for `bytes`, aligned for any datum, good for the life of the object.
    std::byte* reserve(std::size_t bytes);

    std::vector<Oid> types_;
    std::vector<Datum> values_;
    std::vector<char> nulls_;
    std::vector<std::unique_ptr<std::byte[]>> chunks_;
    std::size_t used_ = 0;      // of the last chunk
    std::size_t capacity_ = 0;  // of the last chunk
};

}  // namespace pgwright::pg
