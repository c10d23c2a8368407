// Datums to JSON. Numbers, times and uuids go through a buffer on the stack; see pg/value.hpp for the
// rules.
#include "pg/base64.hpp"
#include "pg/iso8601.hpp"
#include "pg/spi.hpp"
#include "pg/type_rule.hpp"

#include <charconv>

namespace pgwright::pg {

namespace {

using core::JsonWriter;

std::string_view between(const char* begin, const char* end) {
    return {begin, static_cast<std::size_t>(end - begin)};
}

template <class Float>
void write_float(JsonWriter& writer, Float value) {
    if (std::isnan(value)) return writer.string("NaN");
    if (std::isinf(value)) return writer.string(value > 0 ? "Infinity" : "-Infinity");
    char buffer[64];
    writer.raw(between(buffer, std::to_chars(buffer, std::end(buffer), value).ptr));
}

void write_numeric(JsonWriter& writer, Datum value) {
    const ServerString text =
        own(call([value] { return DatumGetCString(DirectFunctionCall1(numeric_out, value)); }));
    const std::string_view digits(text.get());
    const char first = digits[digits[0] == '-' ? 1 : 0];
    if (first >= '0' && first <= '9') {
        writer.raw(digits);
    } else {
        writer.string(digits);  // NaN, Infinity, -Infinity
    }
}

// A string of characters that need no escape: spares the writer's look at each of them.
// `write` fills a buffer and returns its end.
template <std::size_t Length, class Write>
void write_plain(JsonWriter& writer, Write&& write) {
    char buffer[Length + 2];
    buffer[0] = '"';
    char* end = write(buffer + 1);
    *end++ = '"';
    writer.raw(between(buffer, end));
}

void write_uuid(JsonWriter& writer, Datum value) {
    write_plain<core::kUuidTextLength>(writer, [value](char* out) {
        uuid_from_datum(value).write(out);
        return out + core::kUuidTextLength;
    });
}

// Runs a server function that leaves things behind, in a context that goes with the object.
class Scratch {
  public:
    template <class Body>
    auto run(Body&& body) {
        ::MemoryContext outside = CurrentMemoryContext;
        return call([&] {
            MemoryContextSwitchTo(context_.get());
            const auto result = body();
            MemoryContextSwitchTo(outside);
            return result;
        });
    }

  private:
    OwnedContext context_{"pgwright value"};
};

void write_jsonb(JsonWriter& writer, Datum value) {
    const Detoasted document(value, Detoasted::Header::full);
    auto* jsonb = reinterpret_cast<Jsonb*>(document.get());
    Scratch scratch;
    const StringInfoData text = scratch.run([jsonb] {
        StringInfoData out;
        initStringInfo(&out);
        JsonbToCString(&out, &jsonb->root, static_cast<int>(VARSIZE(jsonb)));
        return out;
    });
    writer.raw({text.data, static_cast<std::size_t>(text.len)});
}

void write_by_output_function(JsonWriter& writer, Datum value, const TypeOutput& type) {
    FmgrInfo* function = &type.rule().output;
    Scratch scratch;
    writer.string(scratch.run([=] { return OutputFunctionCall(function, value); }));
}

template <class Write>
void write_iso(JsonWriter& writer, Write&& write) {
    write_plain<kIsoLength>(writer, std::forward<Write>(write));
}

// Walks the elements of an array in storage order; the dimensions only decide the brackets.
class ArrayWriter {
  public:
    ArrayWriter(JsonWriter& writer, ArrayType* array, const TypeOutput& element)
        : writer_(writer),
          element_(element),
          dimensions_(reinterpret_cast<const int*>(array + 1)),
          count_(array->ndim) {
        // Lengths and lower bounds follow the header, then the bitmap of what is not NULL, if any.
        const auto count = static_cast<std::size_t>(array->ndim);
        const bool has_nulls = array->dataoffset != 0;
        auto* start = reinterpret_cast<char*>(array);
        next_ = start + (has_nulls ? static_cast<std::size_t>(array->dataoffset)
                                   : ARR_OVERHEAD_NONULLS(count));
        if (has_nulls) not_null_ = reinterpret_cast<const bits8*>(dimensions_ + 2 * count);
    }

    void write() {
        if (count_ > 0) return write_dimension(0);
        writer_.begin_array();
        writer_.end_array();
    }

  private:
    void write_dimension(int dimension) {
        writer_.begin_array();
        for (int i = 0; i < dimensions_[dimension]; ++i) {
            if (dimension + 1 < count_) {
                write_dimension(dimension + 1);
            } else {
                write_element();
            }
        }
        writer_.end_array();
    }

    void write_element() {
        const std::size_t position = position_++;
        if (not_null_ != nullptr && (not_null_[position / 8] & (1U << position % 8)) == 0)
            return writer_.null();
        const TypeOutput::Rule& rule = element_.rule();
        write_json(writer_, fetch_att(next_, rule.by_value, rule.length), element_);
        next_ = att_addlength_pointer(next_, rule.length, next_);
        next_ = reinterpret_cast<char*>(att_align_nominal(next_, rule.alignment));
    }

    JsonWriter& writer_;
    const TypeOutput& element_;
    const int* dimensions_;
    int count_;
    char* next_;
    const bits8* not_null_ = nullptr;
    std::size_t position_ = 0;
};

void write_array(JsonWriter& writer, Datum value, const TypeOutput& type) {
    const Detoasted array(value, Detoasted::Header::full);
    ArrayWriter(writer, reinterpret_cast<ArrayType*>(array.get()), *type.rule().element).write();
}

void write_composite(JsonWriter& writer, Datum value) {
    const Detoasted stored(value, Detoasted::Header::full);
    auto* header = reinterpret_cast<HeapTupleHeader>(stored.get());
    const std::shared_ptr<const RowShape> shape =
        row_shape(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
    HeapTupleData tuple{};
    tuple.t_len = HeapTupleHeaderGetDatumLength(header);
    tuple.t_data = header;

    const Row row(&tuple, shape->descriptor.get());
    writer.begin_object();
    for (int i = 0; i < row.columns(); ++i) {
        const std::optional<TypeOutput>& output = shape->columns[static_cast<std::size_t>(i)];
        if (!output) continue;
        writer.key(NameStr(TupleDescAttr(shape->descriptor.get(), i)->attname));
        if (row.is_null(i)) {
            writer.null();
        } else {
            write_json(writer, row.datum(i), *output);
        }
    }
    writer.end_object();
}

}  // namespace

void write_json(JsonWriter& writer, Datum value, const TypeOutput& type) {
    switch (type.kind()) {
        case OutputKind::boolean: return writer.boolean(DatumGetBool(value));
        case OutputKind::int2: return writer.integer(DatumGetInt16(value));
        case OutputKind::int4: return writer.integer(DatumGetInt32(value));
        case OutputKind::int8: return writer.integer(DatumGetInt64(value));
        case OutputKind::float4: return write_float(writer, DatumGetFloat4(value));
        case OutputKind::float8: return write_float(writer, DatumGetFloat8(value));
        case OutputKind::numeric: return write_numeric(writer, value);
        case OutputKind::text: return writer.string(Detoasted(value).view());
        case OutputKind::name: return writer.string(NameStr(*DatumGetName(value)));
        case OutputKind::uuid: return write_uuid(writer, value);
        case OutputKind::date:
            return write_iso(writer,
                             [=](char* out) { return write_date(out, DatumGetDateADT(value)); });
        case OutputKind::time:
            return write_iso(writer,
                             [=](char* out) { return write_time(out, DatumGetTimeADT(value)); });
        case OutputKind::timetz:
            return write_iso(
                writer, [=](char* out) { return write_timetz(out, *DatumGetTimeTzADTP(value)); });
        case OutputKind::timestamp:
            return write_iso(writer, [=](char* out) {
                return write_timestamp(out, DatumGetTimestamp(value), false);
            });
        case OutputKind::timestamptz:
            return write_iso(writer, [=](char* out) {
                return write_timestamp(out, DatumGetTimestampTz(value), true);
            });
        case OutputKind::interval:
            return write_iso(
                writer, [=](char* out) { return write_interval(out, *DatumGetIntervalP(value)); });
        case OutputKind::json: return writer.raw(Detoasted(value).view());
        case OutputKind::jsonb: return write_jsonb(writer, value);
        case OutputKind::bytea: return writer.string(base64_encode(Detoasted(value).view()));
        case OutputKind::array: return write_array(writer, value, type);
        case OutputKind::composite: return write_composite(writer, value);
        case OutputKind::void_: return writer.null();
        case OutputKind::other: return write_by_output_function(writer, value, type);
    }
}

}  // namespace pgwright::pg
