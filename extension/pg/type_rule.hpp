// What the two halves of pg/value.hpp know about a type; nobody else includes it.
#pragma once

#include "pg/value.hpp"

namespace pgwright::pg {

struct TypeOutput::Rule {
    Oid type = InvalidOid;          // as asked for
    Oid base = InvalidOid;          // of a domain; otherwise the type itself
    std::int32_t base_typmod = -1;  // of a domain: the modifier of its base type
    OutputKind kind = OutputKind::other;
    // How values of the base type lie in an array.
    std::int16_t length = 0;
    bool by_value = false;
    char alignment = 0;
    std::optional<TypeOutput> element;  // of arrays

    // For `other`: the output function keeps what it caches in `memory`.
    mutable FmgrInfo output{};
    std::optional<OwnedContext> memory;

    [[nodiscard]] bool is_domain() const noexcept { return type != base; }
};

// A datum of variable length, made plain; a copy made for that is freed with the object.
class Detoasted {
  public:
    enum class Header { any, full };

    explicit Detoasted(Datum datum, Header header = Header::any);
    ~Detoasted() {
        if (copy_ != nullptr) pfree(copy_);
    }
    Detoasted(const Detoasted&) = delete;
    Detoasted& operator=(const Detoasted&) = delete;

    [[nodiscard]] varlena* get() const noexcept { return value_; }
    [[nodiscard]] std::string_view view() const noexcept {
        return {VARDATA_ANY(value_), VARSIZE_ANY_EXHDR(value_)};
    }

  private:
    varlena* value_;
    varlena* copy_ = nullptr;
};

// A string that the server palloc'd for us.
using ServerString = std::unique_ptr<char, void (*)(char*)>;
inline ServerString own(char* text) {
    return {text, [](char* chunk) { pfree(chunk); }};
}

// A row type's columns as a copy of our own.
using RowDescriptor = std::unique_ptr<TupleDescData, void (*)(TupleDesc)>;
RowDescriptor row_descriptor(Oid type, std::int32_t typmod);

// How the rows of a type are written. Those of an anonymous row type, which many records of one answer
// share, are cached: keyed by its modifier, bounded by kMaxCachedTypes, emptied by any change to pg_type.
struct RowShape {
    RowDescriptor descriptor;
    std::vector<std::optional<TypeOutput>> columns;  // none: dropped
};
std::shared_ptr<const RowShape> row_shape(Oid type, std::int32_t typmod);

// "integer", "text[]", ... for messages.
std::string type_name(Oid type);

}  // namespace pgwright::pg
