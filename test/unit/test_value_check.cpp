// Values and records against the fields of an entity.
#include <catch2/catch.hpp>

#include <string>

#include "core/value_check.hpp"

using namespace pgwright::core;

namespace {

Field field_of(FieldType type) {
    Field field;
    field.name = "f";
    field.type = type;
    field.type_oid = info(type).type_oid;
    return field;
}

std::string fault(const Field& field, std::string_view json) {
    return fault_of_value(field, parse_json(json)).value_or("ok");
}

Entity company() {
    Entity entity;
    entity.name = "company";
    entity.fields = leading_system_fields();
    Field name = field_of(FieldType::string);
    name.name = "name";
    name.required = true;
    name.max_length = 10;
    Field size = field_of(FieldType::integer);
    size.name = "size";
    size.required = true;
    size.default_value = "1";
    Field number = field_of(FieldType::integer);
    number.name = "number";
    number.readonly = true;
    for (const Field& field : {name, size, number}) entity.fields.push_back(field);
    for (Field& stamp : trailing_system_fields(true)) entity.fields.push_back(stamp);
    return entity;
}

// "field: message; field: message"
std::string record_faults(std::string_view json, WriteKind kind, int index = -1) {
    Faults faults;
    check_record(company(), parse_json(json), kind, faults, index);
    std::string text;
    for (const Fault& each : faults.list()) {
        text += (text.empty() ? "" : "; ") + each.field + ": " + each.message;
        CHECK(each.index == index);
    }
    return text;
}

}  // namespace

TEST_CASE("null is right unless the field is required", "[value_check]") {
    for (const auto& type : field_types()) {
        Field field = field_of(type.type);
        CAPTURE(type.name);
        CHECK(fault(field, "null") == "ok");
        field.required = true;
        CHECK(fault(field, "null") == "is required");
    }
}

TEST_CASE("each type takes its own kind of value", "[value_check]") {
    const std::string uuid = R"("0189d5c0-0000-7000-8000-000000000001")";
    struct Row {
        FieldType type;
        const char* good;
        const char* bad;
        const char* message;
    };
    const Row rows[] = {
        {FieldType::string, R"("")", "1", "must be text"},
        {FieldType::text, R"("a\nb")", "[]", "must be text"},
        {FieldType::integer, "12", R"("twelve")", "must be an integer"},
        {FieldType::integer, R"("12")", "1.5", "must be an integer"},
        {FieldType::integer, "-2147483648", "true", "must be an integer"},
        {FieldType::integer, "2147483647", "2147483648",
         "must be an integer from -2147483648 to 2147483647"},
        {FieldType::biginteger, "2147483648", "9223372036854775808",
         "must be an integer from -9223372036854775808 to 9223372036854775807"},
        {FieldType::decimal, "1.5e3", R"("1,5")", "must be a number"},
        {FieldType::decimal, R"("0.1")", R"("NaN")", "must be a number"},
        {FieldType::decimal, "0", "1e300000", "must be a number"},
        {FieldType::boolean, "false", R"("false")", "must be true or false"},
        {FieldType::boolean, "true", "1", "must be true or false"},
        {FieldType::date, R"("2024-02-29")", R"("2023-02-29")", "must be a date (YYYY-MM-DD)"},
        {FieldType::time, R"("12:30")", R"("25:00")", "must be a time (HH:MM:SS)"},
        {FieldType::datetime, R"("2024-02-29T12:30:00+02:00")", R"("yesterday")",
         "must be a date and time (ISO 8601)"},
        {FieldType::email, R"("a@b.co")", R"("a@b")", "must be an e-mail address"},
        {FieldType::url, R"("https://example.org")", R"("example.org")",
         "must be a URL that begins with http:// or https://"},
        {FieldType::phone, R"("+49 89 1234")", R"("call me")", "must be a phone number"},
        {FieldType::uuid, uuid.c_str(), R"("0189d5c0")", "must be a UUID"},
        {FieldType::lookup, uuid.c_str(), "1", "must be a UUID"},
        {FieldType::json, R"({"a":[1,"x",null]})", nullptr, nullptr},
        {FieldType::json, "\"text\"", nullptr, nullptr},
        {FieldType::other, "\"(1,2)\"", "12", "must be text"},
    };
    for (const Row& row : rows) {
        CAPTURE(info(row.type).name, row.good);
        CHECK(fault(field_of(row.type), row.good) == "ok");
        if (row.bad == nullptr) continue;
        CAPTURE(row.bad);
        // 1e300000 is no number to the JSON parser either; from a string it reaches the check.
        const bool huge = std::string_view(row.bad) == "1e300000";
        CHECK(fault(field_of(row.type), huge ? R"("1e300000")" : row.bad) == row.message);
    }
    CHECK(fault(field_of(FieldType::json), R"({"a":[0.)" + std::string(1001, '1') + "]}") ==
          "must hold no number of over 1000 digits");
}

TEST_CASE("columns of imported tables are checked as what they are", "[value_check]") {
    Field field = field_of(FieldType::integer);
    field.type_oid = 21;  // smallint
    CHECK(fault(field, "32767") == "ok");
    CHECK(fault(field, "32768") == "must be an integer from -32768 to 32767");

    field = field_of(FieldType::datetime);
    field.type_oid = 1114;  // timestamp without time zone, where the server would ignore an offset
    CHECK(fault(field, R"("2024-02-29T12:00")") == "ok");
    CHECK(fault(field, R"("2024-02-29T12:00Z")") ==
          "must be a date and time without a time zone (YYYY-MM-DDTHH:MM:SS)");

    field = field_of(FieldType::lookup);
    field.type_oid = 20;  // a lookup to a bigint key
    CHECK(fault(field, "5000000000") == "ok");
    CHECK(fault(field, R"("x")") == "must be an integer");
    field.type_oid = 25;
    CHECK(fault(field, R"("x")") == "ok");
}

TEST_CASE("length counts characters, not bytes", "[value_check]") {
    Field field = field_of(FieldType::string);
    field.max_length = 3;
    CHECK(fault(field, R"("äö😀")") == "ok");
    CHECK(fault(field, R"("äö😀x")") == "must be at most 3 characters");
    field.min_length = 2;
    CHECK(fault(field, R"("ä")") == "must be between 2 and 3 characters");
    field.max_length.reset();
    CHECK(fault(field, R"("ä")") == "must be at least 2 characters");
    field.min_length = 1;
    CHECK(fault(field, R"("")") == "must be at least 1 character");
}

TEST_CASE("ranges and scales are exact", "[value_check]") {
    Field field = field_of(FieldType::decimal);
    field.min_value = "0";
    field.max_value = "9007199254740993";
    CHECK(fault(field, "9007199254740993") == "ok");
    CHECK(fault(field, "9007199254740993.0000000001") == "must be between 0 and 9007199254740993");
    CHECK(fault(field, "-0") == "ok");
    CHECK(fault(field, "-1e-30") == "must be between 0 and 9007199254740993");
    field.max_value.reset();
    CHECK(fault(field, "-1") == "must be at least 0");
    field.decimal_places = 2;
    CHECK(fault(field, "1.230") == "ok");
    CHECK(fault(field, "1.235") == "must have at most 2 decimal places");
    CHECK(fault(field, "123e-3") == "must have at most 2 decimal places");
    field.decimal_places = 1;
    CHECK(fault(field, "1.25") == "must have at most 1 decimal place");

    Field whole = field_of(FieldType::integer);
    whole.max_value = "10";
    CHECK(fault(whole, "11") == "must be at most 10");
}

TEST_CASE("allowed values are compared as values", "[value_check]") {
    Field text = field_of(FieldType::string);
    text.allowed_values = {Json::string("new"), Json::string("won")};
    CHECK(fault(text, R"("won")") == "ok");
    CHECK(fault(text, R"("Won")") == "must be one of: new, won");

    Field number = field_of(FieldType::decimal);
    number.allowed_values = {Json::number("1.50")};
    CHECK(fault(number, "1.5") == "ok");
    CHECK(fault(number, R"("15e-1")") == "ok");
    CHECK(fault(number, "1") == "must be one of: 1.50");
}

TEST_CASE("a message lists no more allowed values than one can read", "[value_check]") {
    Field field = field_of(FieldType::string);
    for (int i = 0; i < 1000; ++i)
        field.allowed_values.push_back(Json::string("v" + std::to_string(i)));
    CHECK(fault(field, R"("x")") == "must be one of: v0, v1, v2, v3, v4, v5, v6, v7, v8, v9, ...");
    field.allowed_values = {Json::string(std::string(10000, 'x'))};
    CHECK(fault(field, R"("x")") == "must be one of the allowed values");
}

TEST_CASE("a new record has what is required, unless something supplies it", "[value_check]") {
    CHECK(record_faults(R"({"name":"Acme"})", WriteKind::create).empty());
    CHECK(record_faults("{}", WriteKind::create) == "name: is required");
    CHECK(record_faults(R"({"name":null,"size":null})", WriteKind::create) ==
          "name: is required; size: is required");
}

TEST_CASE("an update needs nothing but empties nothing that is required", "[value_check]") {
    CHECK(record_faults("{}", WriteKind::update).empty());
    CHECK(record_faults(R"({"size":2})", WriteKind::update).empty());
    CHECK(record_faults(R"({"name":null})", WriteKind::update) == "name: is required");
}

TEST_CASE("all faults of a record are told at once, each with its field", "[value_check]") {
    CHECK(
        record_faults(
            R"({"name":"Acme Incorporated","size":"many","colour":"red","number":1,"id":"x","created_at":null})",
            WriteKind::create, 3) ==
        "name: must be at most 10 characters; size: must be an integer; colour: is not a field of "
        "company; number: is read-only; "
        "id: is read-only; created_at: is read-only");
    CHECK(record_faults("[]", WriteKind::create) == ": must be an object");
}

TEST_CASE("what somebody sent is not sent back at full length", "[value_check]") {
    Json data = Json::object();
    data.set(std::string(1000000, 'k'), Json::number("1"));
    for (int i = 0; i < 1000; ++i) data.set("k" + std::to_string(i), Json::number("1"));
    Faults faults;
    check_record(company(), data, WriteKind::update, faults);
    CHECK(faults.list().size() == 20);
    CHECK(faults.list().front().field.size() == 64);
}
