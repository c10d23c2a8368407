// Subtransactions, SPI connections, plans and results.
#include "probe.hpp"

#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"
#include "pg/value.hpp"

#include "core/error.hpp"

#include <map>
#include <stdexcept>

namespace pgwright::test {
namespace {

// Rows as a JSON array of arrays.
std::string rows_as_json(const pg::Result& result) {
    core::JsonWriter writer;
    writer.begin_array();
    for (std::size_t i = 0; i < result.rows(); ++i) {
        const pg::Row row = result.row(i);
        writer.begin_array();
        for (int column = 0; column < row.columns(); ++column) {
            if (row.is_null(column)) {
                writer.null();
            } else {
                pg::write_json(writer, row.datum(column), pg::TypeOutput::of(row.type(column)));
            }
        }
        writer.end_array();
    }
    writer.end_array();
    return std::string(writer.view());
}

std::map<std::string, pg::Plan, std::less<>>& plans() {
    static auto& plans = *new std::map<std::string, pg::Plan, std::less<>>;
    return plans;
}

// How many connections the server has open, asked through the innermost: one left behind shows.
std::string open_connections() {
    const pg::Result result = pg::execute(
        "SELECT count(*) || ' open' FROM pg_backend_memory_contexts WHERE name = 'SPI Proc'", {},
        true);
    return result.row(0).text(0);
}

// (sql, how): runs it in a subtransaction and ends that as told: commit, rollback, leave (destructor),
// failure (a C++ exception), error (a server error after it). Reports what came out of the block.
PGWRIGHT_FUNCTION(pgwright_test_subtransaction) {
    const std::string_view how = args.text(1);
    const State before = State::now();
    std::string outcome = "left";
    try {
        const pg::Spi spi;
        pg::Subtransaction attempt;
        pg::run(args.text(0));
        if (how == "failure") throw core::Failure(core::Code::conflict, "on purpose");
        if (how == "error") pg::run("SELECT 1/0");
        if (how == "commit") attempt.commit();
        if (how == "rollback") attempt.rollback();
    } catch (const std::exception& exception) {
        outcome = exception.what();
    }
    return pg::text_datum(outcome + " " + differences(before, State::now()).dump());
}

// (outer, inner): two levels; the inner one fails after its statement, the outer one is committed.
PGWRIGHT_FUNCTION(pgwright_test_nested_subtransactions) {
    const pg::Spi spi;
    pg::Subtransaction outer;
    pg::run(args.text(0));
    try {
        const pg::Subtransaction inner;
        pg::run(args.text(1));
        pg::run("SELECT 1/0");
    } catch (const pg::Error&) {
    }
    // The connection opened outside is in order again.
    const pg::Result result = pg::execute("SELECT 'still here'::text", {}, true);
    outer.commit();
    return pg::text_datum(result.row(0).text(0));
}

// (sql): the statement fails with connections of other functions open above ours; afterwards ours and
// the ones below work. The depth of the C++ connections before and after shows in the answer.
PGWRIGHT_FUNCTION(pgwright_test_connections) {
    const pg::Spi outer;
    const std::uint64_t before = pg::Spi::current();
    std::string unusable = "usable";
    try {
        const pg::Subtransaction attempt;
        const pg::Spi inner;
        try {
            pg::run(args.text(0));
        } catch (const pg::Error&) {
            if (pg::Spi::current() == 0) unusable = "unusable";
            throw;
        }
    } catch (const pg::Error&) {
    }
    return pg::text_datum(
        unusable + ", " + open_connections() +
        (pg::Spi::current() == before ? ", same connection" : ", another connection"));
}

// A C++ exception, no server error: the connection must be closed, or the next one pairs wrongly.
PGWRIGHT_FUNCTION(pgwright_test_connection_and_exception) {
    const pg::Spi outer;
    try {
        const pg::Spi inner;
        pg::run("SELECT 1");
        throw std::runtime_error("plain");
    } catch (const std::runtime_error&) {
    }
    return pg::text_datum(open_connections());
}

// (how): ends a subtransaction in which a connection is still open. A commit is refused; a rollback
// closes the connection, and the outer one must not be mistaken for it.
PGWRIGHT_FUNCTION(pgwright_test_open_connection) {
    const pg::Spi outer;
    std::string outcome = "ended";
    try {
        pg::Subtransaction attempt;
        const pg::Spi inner;
        if (args.text(0) == "commit") attempt.commit();
        attempt.rollback();
    } catch (const pg::Error& error) {
        outcome = error.message();
    }
    return pg::text_datum(outcome + ", " + open_connections());
}

// A statement without a connection.
PGWRIGHT_FUNCTION(pgwright_test_no_connection) {
    pg::run("SELECT 1");
    return pg::return_void();
}

// (name, sql): keeps a plan with one text parameter.
PGWRIGHT_FUNCTION(pgwright_test_prepare) {
    const Oid types[] = {TEXTOID};
    plans().insert_or_assign(std::string(args.text(0)), pg::Plan(args.text(1), types));
    return pg::return_void();
}

// (name, parameter): the rows.
PGWRIGHT_FUNCTION(pgwright_test_execute) {
    const Probe probe;
    const pg::Spi spi;
    pg::Params params;
    params.add_text(args.text(1));
    const pg::Result result = pg::execute(plans().at(std::string(args.text(0))), params, false);
    return pg::json_datum(rows_as_json(result));
}

PGWRIGHT_FUNCTION(pgwright_test_plan_valid) {
    return pg::bool_datum(plans().at(std::string(args.text(0))).valid());
}

PGWRIGHT_FUNCTION(pgwright_test_drop_plan) {
    return pg::bool_datum(plans().erase(std::string(args.text(0))) == 1);
}

// (sql): the rows of a statement that may have anything but parameters.
PGWRIGHT_FUNCTION(pgwright_test_query) {
    const pg::Spi spi;
    const pg::Result result = pg::execute(args.text(0), {}, true);
    return pg::json_datum(rows_as_json(result));
}

// Every kind of parameter through one statement and back through Row's readers.
PGWRIGHT_FUNCTION(pgwright_test_params) {
    const pg::Spi spi;
    const std::vector<std::string> texts = {"a", "", "long enough to need padding"};
    const auto uuid = core::Uuid::parse("0190a6f0-7b3c-7def-8123-456789abcdef").value();
    const std::vector<core::Uuid> uuids = {uuid, {}};
    pg::Params params;
    params.add_bool(true)
        .add_integer(-7)
        .add_bigint(1LL << 40)
        .add_oid(11)
        .add_text("täxt")
        .add_json("{\"a\": 1}");
    params.add_uuid(uuid).add_null(DATEOID).add_text_array(texts).add_uuid_array(uuids);
    params.add_text_array({})
        .add_text(std::string(5000, 'x'))
        .add_bytea(std::string_view("\0\xFF", 2));
    const pg::Result result = pg::execute(
        "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, length($12), $13, $12::name", params,
        true, 1);
    const pg::Row row = result.row(0);
    const bool same = row.boolean(0) && row.integer(1) == -7 && row.integer(2) == 1LL << 40 &&
                      row.integer(3) == 11 && row.text(4) == "täxt" &&
                      row.text(5) == "{\"a\": 1}" && row.uuid(6) == uuid && row.is_null(7) &&
                      row.text(8) == "{a,\"\",\"long enough to need padding\"}" &&
                      row.integer(11) == 5000 && row.text(12).size() == 2 &&
                      row.text(13) == std::string(63, 'x') && !row.optional_text(7);
    if (!same) throw std::runtime_error("a reader gave something else");
    return pg::json_datum(rows_as_json(result));
}

// (column): reads a column of (NULL, 'text') as what it is not.
PGWRIGHT_FUNCTION(pgwright_test_misread) {
    const pg::Spi spi;
    const pg::Result result =
        pg::execute("SELECT NULL::text AS nothing, 'x'::text AS word", {}, true);
    const pg::Row row = result.row(0);
    return pg::bigint_datum(row.integer(args.integer(0)));
}

// (rows): a Row of 100 columns, beyond what lies inside the object; the sum of the last column.
PGWRIGHT_FUNCTION(pgwright_test_wide_rows) {
    const pg::Spi spi;
    std::string sql = "SELECT n";
    for (int i = 1; i < 100; ++i) sql += ", n + " + std::to_string(i);
    sql += " FROM generate_series(1, " + std::to_string(args.integer(0)) + ") n";
    const pg::Result result = pg::execute(sql, {}, true);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < result.rows(); ++i) sum += result.row(i).integer(99);
    return pg::bigint_datum(sum);
}

// (n): n results in one connection, each freed with its object; how many the server still holds.
PGWRIGHT_FUNCTION(pgwright_test_results) {
    const pg::Spi spi;
    for (int i = 0; i < args.integer(0); ++i) {
        const pg::Result one = pg::execute("SELECT 1", {}, true);
        pg::Result other = pg::execute("SELECT 2", {}, true);
        other = pg::Result();
    }
    const pg::Result counted = pg::execute(
        "SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'SPI TupTable'", {}, true);
    return pg::bigint_datum(counted.row(0).integer(0));
}

// A result's text outlives connection and result: it must not lie in SPI's memory.
PGWRIGHT_FUNCTION(pgwright_test_result_memory) {
    Datum text = 0;
    {
        const pg::Spi spi;
        const pg::Result result = pg::execute("SELECT repeat('y', 100)", {}, true);
        text = pg::text_datum(result.row(0).text(0));
    }
    return text;
}

}  // namespace
}  // namespace pgwright::test
