// The expression language: what is read, how it is told when it cannot be, and its SQL.
#include <catch2/catch.hpp>

#include "core/default_sql.hpp"
#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/expression_function.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;
using sample::field;

namespace {

const std::vector<Field>& fields() {
    static const std::vector<Field> made = [] {
        std::vector<Field> list = sample::product().fields;
        list.push_back(field("code", FieldType::string));
        list.push_back(field("due_on", FieldType::date));
        list.push_back(field("weight", FieldType::decimal));
        list.push_back(field("Mixed Case", FieldType::text));
        list.push_back(field("and", FieldType::boolean));
        list.push_back(field("year", FieldType::integer));
        return list;
    }();
    return made;
}

std::string printed(std::string_view text) { return print_expression(parse_expression(text)); }

std::string sql(std::string_view text, std::string_view alias = "") {
    return expression_sql(parse_expression(text), fields(), alias);
}

// Every fault, of parser or check, one per line.
std::string faults(std::string_view text) {
    Faults found;
    try {
        (void)check_expression(parse_expression(text), fields(), "f", found);
    } catch (const Failure& failure) {
        CHECK(failure.code() == Code::validation_error);
        REQUIRE(failure.faults().size() == 1);
        CHECK(failure.faults()[0].field.empty());
        return failure.faults()[0].message;
    }
    std::string lines;
    for (const Fault& fault : found.list()) {
        CHECK(fault.field == "f");
        lines += (lines.empty() ? "" : "\n") + fault.message;
    }
    return lines;
}

CheckedExpression checked(std::string_view text) {
    Faults found;
    CheckedExpression result = check_expression(parse_expression(text), fields(), "f", found);
    CHECK(found.empty());
    return result;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

}  // namespace

// The grammar ------------------------------------------------------------------------------------

TEST_CASE("operators hold together as in SQL", "[expression]") {
    // The parentheses that are not needed go, and only those.
    CHECK(printed("(a * b) + c") == "a * b + c");
    CHECK(printed("a * (b + c)") == "a * (b + c)");
    CHECK(printed("(a - b) - c") == "a - b - c");
    CHECK(printed("a - (b - c)") == "a - (b - c)");
    CHECK(printed("(a or b) and not (c = d)") == "(a or b) and not c = d");
    CHECK(printed("a or (b and c)") == "a or b and c");
    CHECK(printed("(not a) = b") == "(not a) = b");
    CHECK(printed("(a || b) = c") == "a || b = c");
    CHECK(printed("(a + b) || c") == "a + b || c");
    CHECK(printed("-(a + b) * - c % 2") == "-(a + b) * -c % 2");
    CHECK(printed("(a = b) = (c in (1))") == "(a = b) = (c in (1))");
    CHECK(printed("a + 1 not in (1, 2 * 3)") == "a + 1 not in (1, 2 * 3)");
}

TEST_CASE("words and function names are read in any case, texts and quoted names as they are",
          "[expression]") {
    CHECK(printed("IF(Active AND TRUE, NULL, Upper('It''s'))") ==
          "if(active and true, null, upper('It''s'))");
    CHECK(printed("a != 1") == "a <> 1");
    CHECK(printed("\"Mixed Case\"||\"and\"||\"price\"") == "\"Mixed Case\" || \"and\" || price");
    CHECK(printed("\"a\"\"b\"") == "\"a\"\"b\"");
    CHECK(printed("year + year(due_on)") == "year + year(due_on)");
    CHECK(printed("today ( )") == "today()");
    CHECK(printed("12345678901234567890.0010 + .5") == "12345678901234567890.0010 + .5");
}

TEST_CASE("the fields of an expression are known by the names they have", "[expression]") {
    CHECK(fields_of(parse_expression("PRICE + year(due_on) + \"Mixed Case\" + price")) ==
          std::set<std::string>{"Mixed Case", "due_on", "price"});
    CHECK(fields_of(parse_expression("today() = '1'")).empty());
}

TEST_CASE("a fault of the text is told with its place", "[expression]") {
    CHECK(faults("") == "character 1: an expression must not be empty");
    CHECK(faults("  ") == "character 3: an expression must not be empty");
    CHECK(faults("price +") == "character 8: expects a value, not the end");
    CHECK(faults("price 5") == "character 7: expects an operator or the end, not 5");
    CHECK(faults("(price") == "character 7: expects ), not the end");
    CHECK(faults("round(price,)") == "character 13: expects a value, not )");
    CHECK(faults("1 < 2 < 3") == "character 7: comparisons do not chain; combine them with and");
    CHECK(faults("code = 'x") == "character 8: this text has no closing '");
    CHECK(faults("\"code") == "character 1: this name has no closing \"");
    CHECK(faults("\"\"") == "character 1: a name must not be empty");
    CHECK(faults("'ä' || ;") == "character 8: does not expect ;");
    CHECK(faults("'ä' || ü") == "character 8: does not expect ü");
    CHECK(faults("12abc") ==
          "character 1: a number is written in digits with a point at most: 1250 or 12.50");
    CHECK(faults("1e5").find("character 1: a number") == 0);
    CHECK(faults("1.2.3").find("character 1: a number") == 0);
    CHECK(faults("and = 1") == "character 1: expects a value, not and");
    CHECK(faults("code in 'a'") == "character 9: expects (, not 'a'");
    CHECK(faults("code in ()") == "character 10: expects a value, not )");
    CHECK(faults("code -- comment") ==
          "character 9: there is no field \"comment\"\n"
          "character 6: the left side of - must be a number, not "
          "text; use to_number()");
    CHECK(faults("code; DROP TABLE x") == "character 5: does not expect ;");
}

TEST_CASE("an expression has limits", "[expression]") {
    const std::string text(kMaxExpressionLength - 2, 'a');
    CHECK(faults("'" + text + "'").empty());
    CHECK(faults("'" + text + "a'") ==
          "character 4001: an expression must be at most 4000 characters");
    CHECK(faults(repeated("(", 64) + "1" + repeated(")", 64)).empty());
    CHECK(faults(repeated("(", 65) + "1" + repeated(")", 65)) ==
          "character 65: an expression must be at most 64 levels deep");
    CHECK(faults(repeated("not ", 65) + "true").find("levels deep") != std::string::npos);
    CHECK(faults(repeated("-", 65) + "1").find("levels deep") != std::string::npos);
    CHECK(faults(repeated("abs(", 65) + "1").find("levels deep") != std::string::npos);
    CHECK(faults("1" + repeated("+1", 499)).empty());  // 999 nodes
    CHECK(faults("1" + repeated("+1", 500)) ==
          "character 1001: an expression must have at most 1000 values, operators and calls");
}

// Renaming ---------------------------------------------------------------------------------------

TEST_CASE("a renamed field changes its name and nothing else", "[expression]") {
    CHECK(rename_in_expression("PRICE*2 +  Round( price ,2) -- 1", "price", "cost") ==
          "cost*2 +  Round( cost ,2) -- 1");
    CHECK(rename_in_expression("'price' || \"price\" || prices", "price", "cost") ==
          "'price' || cost || prices");
    CHECK(rename_in_expression("year(due_on) + year", "year", "y") == "year(due_on) + y");
    CHECK(rename_in_expression("a + 1", "a", "Mixed \"Case\"") == "\"Mixed \"\"Case\"\"\" + 1");
    CHECK(rename_in_expression("not \"A\"and b", "A", "a") == "not \"a\"and b");
    CHECK(rename_in_expression("null and true", "null", "x") == "null and true");
    CHECK_THROWS_AS(rename_in_expression("a +", "a", "b"), Failure);
}

// Types ------------------------------------------------------------------------------------------

TEST_CASE("every expression has a type", "[expression]") {
    CHECK(checked("stock + 1").result == ValueClass::integer);
    CHECK(checked("stock + 1.5").result == ValueClass::numeric);
    CHECK(checked("stock / 2").result == ValueClass::numeric);
    CHECK(checked("stock % 2").result == ValueClass::integer);
    CHECK(checked("abs(price)").result == ValueClass::numeric);
    CHECK(checked("abs(stock)").result == ValueClass::integer);
    CHECK(checked("round(price)").result == ValueClass::integer);
    CHECK(checked("code || stock || released").result == ValueClass::text);
    CHECK(checked("if(active, stock, price)").result == ValueClass::numeric);
    CHECK(checked("coalesce(null, released, seen_at)").result == ValueClass::datetime);
    CHECK(checked("date_add(released, 1, 'month')").result == ValueClass::date);
    CHECK(checked("date_add(seen_at, 1, 'hour')").result == ValueClass::datetime);
    CHECK(checked("maker = id").result == ValueClass::boolean);
    CHECK(checked("extra").result == ValueClass::json);
    CHECK(checked("null").result == std::nullopt);
    CHECK(checked("if(active, null, null)").result == std::nullopt);
    CHECK(checked("null + 1").result == ValueClass::integer);
}

TEST_CASE("what depends on more than the record is not immutable", "[expression]") {
    CHECK(checked("price * 2").immutable);
    CHECK(checked("date_trunc(seen_at, 'month')").immutable);
    CHECK_FALSE(checked("released < today()").immutable);
    // The server could not fold this without a collation.
    CHECK_FALSE(checked("stock + position('abc', 'b')").immutable);
    CHECK(checked("released < to_date('2026-01-01')").immutable);
    CHECK_FALSE(checked("if(active, now(), null)").immutable);
}

TEST_CASE("faults of types are told together, each with what to do", "[expression]") {
    CHECK(faults("prise + code * active") ==
          "character 1: there is no field \"prise\"\n"
          "character 14: the left side of * must be a number, not text; use to_number()\n"
          "character 14: the right side of * must be a number, not true or false; use to_number()");
    CHECK(faults("today - 1") ==
          "character 1: there is no field \"today\"; the function is called "
          "today()");
    CHECK(faults("released + 1") ==
          "character 10: the left side of + must be a number, not a date; use date_add() or "
          "date_diff()");
    CHECK(faults("lookup(1)") == "character 1: there is no function lookup()");
    CHECK(faults("round(1, 2, 3)") == "character 1: round() takes 1 or 2 arguments, not 3");
    CHECK(faults("coalesce(1)") == "character 1: coalesce() takes at least 2 arguments, not 1");
    CHECK(faults("upper()") == "character 1: upper() takes 1 argument, not 0");
    CHECK(faults("left(code, 1.5)") ==
          "character 12: argument 2 of left() must be an integer, not a number; round it with "
          "to_integer()");
    CHECK(faults("upper(stock)") ==
          "character 7: argument 1 of upper() must be text, not an integer; use to_text()");
    CHECK(faults("if(stock, 1, 2)") ==
          "character 4: argument 1 of if() must be true or false, not "
          "an integer; compare it, or use to_boolean()");
    CHECK(faults("if(active, 1, 'a')") ==
          "character 15: if() cannot choose between an integer and text; use to_integer()");
    CHECK(faults("released > '2026-01-01'") ==
          "character 10: > cannot compare a date and text; use to_date()");
    CHECK(faults("code in ('a', 1)") ==
          "character 15: in cannot compare text and an integer; use to_text()");
    CHECK(faults("price = null") ==
          "character 7: a comparison with null is never true; use "
          "is_null() or is_not_null()");
    CHECK(faults("extra = extra") ==
          "character 7: the left side of = must be a value that can be compared, not a JSON "
          "document\n"
          "character 7: the right side of = must be a value that can be compared, not a JSON "
          "document");
    CHECK(faults("shape || 'x'") ==
          "character 1: the field \"shape\" is of a type that expressions do not take");
    CHECK(faults("not price") ==
          "character 1: what follows not must be true or false, not a "
          "number; compare it, or use to_boolean()");
    CHECK(faults("date_add(released, 1, 'hour')") ==
          "character 23: argument 3 of date_add() must be one of: 'day', 'week', 'month', "
          "'quarter', 'year'");
    CHECK(faults("date_add(seen_at, 1, code)").find("must be one of: 'second'") !=
          std::string::npos);
    CHECK(faults("hour(released)") ==
          "character 6: argument 1 of hour() must be a time, or a date "
          "and time, not a date");
}

TEST_CASE("a fault is told once, not again by what it is part of", "[expression]") {
    CHECK(faults("round(-(prise * 2) / 3, 1) > 5 and active") ==
          "character 9: there is no field \"prise\"");
}

TEST_CASE("a result fits its field or says what to do", "[expression]") {
    const auto fault = [](std::string_view text, FieldType type) {
        Faults found;
        check_assignable(checked(text), field("f", type), "f", found);
        return found.empty() ? std::string() : found.list()[0].message;
    };
    CHECK(fault("stock", FieldType::decimal).empty());
    CHECK(fault("stock", FieldType::biginteger).empty());
    CHECK(fault("code", FieldType::email).empty());
    CHECK(fault("released", FieldType::datetime).empty());
    CHECK(fault("null", FieldType::time).empty());
    CHECK(fault("price", FieldType::integer) ==
          "gives a number, but the field's type is integer; round it with to_integer()");
    CHECK(fault("stock", FieldType::string) ==
          "gives an integer, but the field's type is string; use to_text()");
    CHECK(fault("seen_at", FieldType::date) ==
          "gives a date and time, but the field's type is date; use to_date()");
    CHECK(fault("active", FieldType::uuid) == "gives true or false, but the field's type is uuid");
}

// SQL --------------------------------------------------------------------------------------------

TEST_CASE("SQL reads like the expression", "[expression]") {
    CHECK(sql("price * weight * (1 - coalesce(price, 0) / 100)") ==
          "\"price\" * \"weight\" * (1 - coalesce(\"price\", 0) / 100)");
    CHECK(sql("if(code = 'won', price, 0)", "r") ==
          "CASE WHEN r.\"code\" = 'won' THEN r.\"price\" ELSE 0 END");
    CHECK(sql("not active and stock in (1, 2) or code || 'x' <> 'y'") ==
          "NOT \"active\" AND \"stock\" IN (1, 2) OR \"code\" || 'x' <> 'y'");
    CHECK(sql("(active or active) and stock not in (1)") ==
          "(\"active\" OR \"active\") AND \"stock\" NOT IN (1)");
    CHECK(sql("upper(left(code, 3))") == "upper(left(\"code\", 3))");
}

TEST_CASE("whole numbers neither overflow nor lose the fraction of a quotient", "[expression]") {
    CHECK(sql("stock + year") == "\"stock\"::numeric + \"year\"");
    CHECK(sql("stock * price") == "\"stock\" * \"price\"");
    CHECK(sql("stock / 2") == "\"stock\"::numeric / 2");
    CHECK(sql("-stock") == "- \"stock\"::numeric");
    CHECK(sql("abs(stock)") == "abs(\"stock\"::numeric)");
    CHECK(sql("2 - -3") == "2::numeric - - 3");
    CHECK(sql("length(code) + length(code)") == "length(\"code\")::numeric + length(\"code\")");
    CHECK(sql("if(active, stock, year) + stock") ==
          "CASE WHEN \"active\" THEN \"stock\" ELSE \"year\" END::numeric + \"stock\"");
    CHECK(sql("if(active, stock, price) + stock") ==
          "CASE WHEN \"active\" THEN \"stock\" ELSE \"price\" END + \"stock\"");
}

TEST_CASE("what has no result is null, not an error", "[expression]") {
    CHECK(sql("price / stock") == "\"price\" / nullif(\"stock\", 0)");
    CHECK(sql("price / 0.0") == "\"price\" / nullif(0.0, 0)");
    CHECK(sql("price / (stock + 1)") == "\"price\" / nullif(\"stock\"::numeric + 1, 0)");
    CHECK(sql("stock % year") == "mod(\"stock\"::numeric, nullif(\"year\", 0))");
    CHECK(sql("to_number(code)") == "pgwright.expression_number(\"code\")");
    CHECK(sql("left(code, stock)") ==
          "left(\"code\", pgwright.expression_count(\"stock\", 0, 10485760))");
    CHECK(sql("left(code, -1)") == "left(\"code\", pgwright.expression_count(- 1, 0, 10485760))");
    CHECK(sql("left(code, 99999999999)") ==
          "left(\"code\", pgwright.expression_count(99999999999, 0, 10485760))");
}

TEST_CASE("a null is of the type that its place wants", "[expression]") {
    CHECK(sql("null") == "NULL::text");
    CHECK(sql("price + null") == "\"price\" + NULL::numeric");
    CHECK(sql("if(null, released, null)") ==
          "CASE WHEN NULL::boolean THEN \"released\" ELSE NULL::date END");
    CHECK(sql("date_diff(null, released, 'day')") ==
          "trunc(extract(epoch FROM \"released\"::timestamp - NULL::date::timestamp) / 86400)");
    CHECK(sql("to_integer(null)").find("NULL::text") != std::string::npos);
}

TEST_CASE("times are UTC, whatever the session's time zone", "[expression]") {
    CHECK(sql("hour(seen_at)") == "extract(hour FROM (\"seen_at\" AT TIME ZONE 'UTC'))");
    CHECK(sql("to_date(seen_at)") == "(\"seen_at\" AT TIME ZONE 'UTC')::date");
    CHECK(sql("released < seen_at") ==
          "(\"released\"::timestamp AT TIME ZONE 'UTC') < \"seen_at\"");
    CHECK(sql("date_add(seen_at, 2, 'week')") ==
          "(((\"seen_at\" AT TIME ZONE 'UTC') + make_interval(days => 2 * 7)) AT TIME ZONE 'UTC')");
    CHECK(sql("date_trunc(released, 'year')") ==
          "(date_trunc('year', \"released\"::timestamp))::date");
}

TEST_CASE("text cannot become SQL", "[expression]") {
    CHECK(sql("'it''s' || '\\' || '$1 #1'") == "'it''s' || E'\\\\' || '$1 #1'");
    CHECK(sql("concat(\"Mixed Case\", '\"')") == "coalesce(\"Mixed Case\", '') || '\"'");
    CHECK(sql("replace(code, '$2', '#3')") == "replace(\"code\", '$2', '#3')");
}

TEST_CASE("columns of imported tables are brought to the types of the language", "[expression]") {
    const auto of = [](std::uint32_t oid, FieldType type) {
        Field made = field("c", type);
        made.type_oid = oid;
        const std::vector<Field> list = {made};
        return expression_sql(parse_expression("c"), list);
    };
    CHECK(of(701, FieldType::decimal) == "\"c\"::numeric");
    CHECK(of(1043, FieldType::string) == "\"c\"::text");
    CHECK(of(1114, FieldType::datetime) == "(\"c\" AT TIME ZONE 'UTC')");
    CHECK(of(114, FieldType::json) == "\"c\"::jsonb");
    CHECK(of(21, FieldType::integer) == "\"c\"");
}

TEST_CASE("SQL is not made of what has faults", "[expression]") {
    CHECK_THROWS_AS(sql("prise"), Failure);
    CHECK_THROWS_AS(sql("code + 1"), Failure);
}

// Defaults ---------------------------------------------------------------------------------------

TEST_CASE("a default may be an expression without fields", "[expression]") {
    const auto made = [](FieldType type, std::string_view text) {
        Field with = field("f", type);
        with.default_expression = text;
        return with;
    };
    CHECK(default_sql(made(FieldType::date, "date_add(today(), 30, 'day')")) ==
          "((now() AT TIME ZONE 'UTC')::date::timestamp + make_interval(days => 30))::date");
    CHECK(default_sql(made(FieldType::integer, "6 * 7")) == "(6::numeric * 7)::integer");
    CHECK(default_sql(made(FieldType::string, "'a'")) == "'a'::text");
    CHECK(default_sql(made(FieldType::date, "today")) == "(now() AT TIME ZONE 'UTC')::date");

    const auto fault = [&](FieldType type, std::string_view text) {
        Faults found;
        check_field(made(type, text), "", found);
        return found.empty() ? std::string()
                             : found.list()[0].field + ": " + found.list()[0].message;
    };
    CHECK(fault(FieldType::datetime, "date_add(now(), 1, 'hour')").empty());
    CHECK(fault(FieldType::integer, "1.5") ==
          "default_expression: gives a number, but the field's type is integer; round it with "
          "to_integer()");
    CHECK(fault(FieldType::integer, "1 +") ==
          "default_expression: character 4: expects a value, not the end");
    CHECK(fault(FieldType::date, "tomorrow") ==
          "default_expression: must not use fields, as \"tomorrow\"; it must be an expression "
          "without them, or one of: now, today, current_user_id, new_uuid");
}

TEST_CASE("every form of a function is found by its name and number of arguments", "[expression]") {
    for (const expression::Function& each : expression::functions()) {
        CAPTURE(each.name);
        CHECK(expression::find_function(each.name, each.arguments) == &each);
    }
}
