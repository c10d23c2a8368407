// Datum to JSON and back.
#include "probe.hpp"

#include "pg/value.hpp"

#include <algorithm>

namespace pgwright::test {
namespace {

Oid argument_type(const pg::Arguments& args, int i) {
    return pg::call([&] { return get_fn_expr_argtype(args.fcinfo()->flinfo, i); });
}

std::string as_json(Datum value, Oid type) {
    core::JsonWriter writer;
    pg::write_json(writer, value, pg::TypeOutput::of(type));
    return std::string(writer.view());
}

// (value): as JSON text.
PGWRIGHT_FUNCTION(pgwright_test_to_json) {
    return pg::text_datum(as_json(args.datum(0), argument_type(args, 0)));
}

// (value): to JSON text, parsed, and back.
PGWRIGHT_FUNCTION(pgwright_test_round_trip) {
    const Oid type = argument_type(args, 0);
    return pg::to_datum(core::parse_json(as_json(args.datum(0), type)), type, -1);
}

// (json text, type of the result, typmod)
PGWRIGHT_FUNCTION(pgwright_test_from_json) {
    return pg::to_datum(core::parse_json(args.text(0)), argument_type(args, 1), args.integer(2));
}

// (value, n): writes it n times; the length of the answer. For memory tests.
PGWRIGHT_FUNCTION(pgwright_test_write_many) {
    const pg::TypeOutput type = pg::TypeOutput::of(argument_type(args, 0));
    core::JsonWriter writer;
    for (int i = 0; i < args.integer(1); ++i) {
        writer.clear();
        pg::write_json(writer, args.datum(0), type);
    }
    return pg::bigint_datum(static_cast<std::int64_t>(writer.view().size()));
}

// (milliseconds, ten random bytes)
PGWRIGHT_FUNCTION(pgwright_test_uuid_v7) {
    std::array<std::uint8_t, 10> random{};
    const std::string_view bytes = args.text(1);
    std::memcpy(random.data(), bytes.data(), std::min(bytes.size(), random.size()));
    return pg::uuid_datum(core::uuid_v7(static_cast<std::uint64_t>(args.bigint(0)), random));
}

// (text): the canonical form, or NULL.
PGWRIGHT_FUNCTION(pgwright_test_parse_uuid) {
    const auto uuid = core::Uuid::parse(args.text(0));
    return uuid ? pg::text_datum(uuid->to_string()) : pg::return_null(args);
}

// What "void" becomes.
PGWRIGHT_FUNCTION(pgwright_test_void_json) { return pg::text_datum(as_json(Datum{0}, VOIDOID)); }

}  // namespace
}  // namespace pgwright::test
