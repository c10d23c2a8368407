// Rows of a finished statement.
#include "pg/spi.hpp"

namespace pgwright::pg {

// --- Result ---------------------------------------------------------------------------------------

Result::Result(SPITupleTable* table, std::uint64_t processed) noexcept
    : table_(table),
      processed_(processed),
      connection_(Spi::current()),
      subtransaction_(GetCurrentSubTransactionId()) {}

Result::Result(Result&& other) noexcept
    : table_(std::exchange(other.table_, nullptr)),
      processed_(other.processed_),
      connection_(other.connection_),
      subtransaction_(other.subtransaction_) {}

Result& Result::operator=(Result&& other) noexcept {
    std::swap(table_, other.table_);
    std::swap(processed_, other.processed_);
    std::swap(connection_, other.connection_);
    std::swap(subtransaction_, other.subtransaction_);
    return *this;
}

// Only where the rows are surely still there: in the connection and subtransaction they were made in.
// Elsewhere they went, or will go, with the connection.
Result::~Result() {
    if (table_ == nullptr || connection_ == 0 || Spi::current() != connection_ ||
        subtransaction_ != GetCurrentSubTransactionId())
        return;
    SPITupleTable* table = table_;
    call_or_end_session([table] { SPI_freetuptable(table); });
}

std::size_t Result::rows() const noexcept { return table_ == nullptr ? 0 : table_->numvals; }

HeapTuple Result::tuple(std::size_t i) const {
    if (i >= rows())
        throw Error(ERRCODE_INTERNAL_ERROR, "the result has no row " + std::to_string(i));
    return table_->vals[i];
}

// --- Row ------------------------------------------------------------------------------------------

// heap_deform_tuple fills the values.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
Row::Row(HeapTuple tuple, TupleDesc descriptor)
    : descriptor_(descriptor), values_(inline_values_), nulls_(inline_nulls_) {
    if (descriptor->natts > kInlineColumns) {
        const auto count = static_cast<std::size_t>(descriptor->natts);
        more_values_ = std::make_unique<Datum[]>(count);
        more_nulls_ = std::make_unique<bool[]>(count);
        values_ = more_values_.get();
        nulls_ = more_nulls_.get();
    }
    heap_deform_tuple(tuple, descriptor, values_, nulls_);
}

void Row::check(int column) const {
    if (column < 0 || column >= columns())
        throw Error(ERRCODE_INTERNAL_ERROR, "the row has no column " + std::to_string(column));
}

Oid Row::type(int column) const {
    check(column);
    return TupleDescAttr(descriptor_, column)->atttypid;
}

bool Row::is_null(int column) const {
    check(column);
    return nulls_[column];
}

Datum Row::datum(int column) const { return is_null(column) ? Datum{0} : values_[column]; }

Datum Row::required(int column) const {
    if (is_null(column))
        throw Error(ERRCODE_NULL_VALUE_NOT_ALLOWED,
                    std::string("column \"") +
                        NameStr(TupleDescAttr(descriptor_, column)->attname) + "\" is null");
    return values_[column];
}

namespace {

[[noreturn]] void wrong_type(const FormData_pg_attribute& attribute, const char* wanted) {
    throw Error(ERRCODE_INTERNAL_ERROR, std::string("column \"") + NameStr(attribute.attname) +
                                            "\" is of type " + std::to_string(attribute.atttypid) +
                                            ", not " + wanted);
}

std::string output_text(Datum value, Oid type) {
    char* text = call([=] {
        Oid function = InvalidOid;
        bool is_varlena = false;
        getTypeOutputInfo(type, &function, &is_varlena);
        return OidOutputFunctionCall(function, value);
    });
    const std::unique_ptr<char, void (*)(char*)> owner(text, [](char* chunk) { pfree(chunk); });
    return text;
}

}  // namespace

std::string_view Row::text_view(int column) const {
    const Datum value = required(column);
    const FormData_pg_attribute* attribute = TupleDescAttr(descriptor_, column);
    if (attribute->attlen != -1) wrong_type(*attribute, "of variable length");
    return varlena_view(value);
}

std::string Row::text(int column) const {
    const Datum value = required(column);
    switch (type(column)) {
        case TEXTOID:
        case VARCHAROID:
        case BPCHAROID:
        case JSONOID:
        case BYTEAOID: return std::string(varlena_view(value));
        case NAMEOID: return NameStr(*DatumGetName(value));
        default: return output_text(value, type(column));
    }
}

std::int64_t Row::integer(int column) const {
    const Datum value = required(column);
    switch (type(column)) {
        case INT2OID: return DatumGetInt16(value);
        case INT4OID: return DatumGetInt32(value);
        case INT8OID: return DatumGetInt64(value);
        case OIDOID: return DatumGetObjectId(value);
        default: wrong_type(*TupleDescAttr(descriptor_, column), "an integer");
    }
}

bool Row::boolean(int column) const {
    const Datum value = required(column);
    if (type(column) != BOOLOID) wrong_type(*TupleDescAttr(descriptor_, column), "boolean");
    return DatumGetBool(value);
}

Uuid Row::uuid(int column) const {
    const Datum value = required(column);
    if (type(column) != UUIDOID) wrong_type(*TupleDescAttr(descriptor_, column), "uuid");
    return uuid_from_datum(value);
}

std::optional<std::string> Row::optional_text(int column) const {
    if (is_null(column)) return std::nullopt;
    return text(column);
}

std::optional<std::int64_t> Row::optional_integer(int column) const {
    if (is_null(column)) return std::nullopt;
    return integer(column);
}

std::optional<bool> Row::optional_boolean(int column) const {
    if (is_null(column)) return std::nullopt;
    return boolean(column);
}

std::optional<Uuid> Row::optional_uuid(int column) const {
    if (is_null(column)) return std::nullopt;
    return uuid(column);
}

}  // namespace pgwright::pg
