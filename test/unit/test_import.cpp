// Imports: the name an entity gets, the rows that describe it and the SQL that lets the engine in.
#include <catch2/catch.hpp>

#include "core/error.hpp"
#include "core/identifier.hpp"
#include "core/import.hpp"

using namespace pgwright::core;

namespace {

constexpr std::string_view kFilm = R"json({
    "schema": "rental", "name": "Film", "kind": "table", "comment": "What is shown", "read_only_reason": null,
    "columns": [
        {"name": "FilmId", "type": "integer", "field_type": "integer", "nullable": false, "default": "nextval('x')", "from_sequence": true},
        {"name": "title", "type": "character varying(80)", "field_type": "string", "nullable": false, "max_length": 80, "comment": "As on the poster"},
        {"name": "rating", "type": "rental.rating", "field_type": "string", "nullable": true, "allowed_values": ["G", "R"]},
        {"name": "slug", "type": "text", "field_type": "text", "nullable": true, "generated": "lower(title)"},
        {"name": "language", "type": "integer", "field_type": "integer", "nullable": false, "default": "1"},
        {"name": "sequel_of", "type": "integer", "field_type": "integer", "nullable": true},
        {"name": "words", "type": "tsvector", "field_type": "other", "nullable": false},
        {"name": "created_at", "type": "timestamp with time zone", "field_type": "datetime", "nullable": false},
        {"name": "deleted_at", "type": "timestamp with time zone", "field_type": "datetime", "nullable": true},
        {"name": "deleted_by", "type": "uuid", "field_type": "uuid", "nullable": true}],
    "key": ["FilmId"], "primary_key": ["FilmId"], "unique_keys": [["slug"]],
    "indexes": [{"columns": ["FilmId"]}, {"columns": ["title", "rating"]}],
    "foreign_keys": [
        {"columns": ["language"], "target": {"schema": "rental", "name": "language", "entity": "tongue", "is_key": true}},
        {"columns": ["sequel_of"], "target": {"schema": "rental", "name": "Film", "entity": null, "is_key": true}}],
    "access": {"row_security": false, "policies": [],
        "privileges": [{"grantee": "pgwright_runtime", "privilege": "SELECT"}],
        "sequences": [{"schema": "rental", "name": "film_seq", "grantees": ["pgwright_user"]}]}})json";

Relation film() { return parse_relation(parse_json(kFilm)); }

Entity entity_of(const Relation& relation) {
    Entity entity;
    entity.id = *Uuid::parse("00000000-0000-0000-0000-0000000000e1");
    entity.tenant_id = *Uuid::parse("00000000-0000-0000-0000-0000000000aa");
    entity.name = entity.resource = "film";
    entity.schema = relation.schema;
    entity.table = relation.name;
    entity.soft_delete = false;
    return entity;
}

ImportDefinition defined(std::string_view json, const Relation& relation) {
    Faults faults;
    ImportDefinition definition = parse_import_definition(parse_json(json), relation, faults);
    CHECK(faults.list().empty());
    return definition;
}

const Json& field_of(const Json& rows, std::string_view name) {
    for (const Json& row : rows.items())
        if (row.find("name")->text() == name) return row;
    throw std::runtime_error("no such field");
}

Json fields(std::string_view definition) {
    const Relation relation = film();
    return import_field_rows(entity_of(relation), relation, defined(definition, relation));
}

std::string script(const Relation& relation, bool stamp = false) {
    return plan_import(entity_of(relation), relation, stamp).up_script();
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a relation's name becomes a legal entity's name", "[import]") {
    const auto name = [](std::string_view relation, int n = 1) {
        std::string suggested = suggested_entity_name(relation, n);
        const auto fault = entity_name_fault(suggested);
        CHECK((!fault || *fault != "must begin with a letter a-z and hold only a-z, 0-9 and _"));
        CHECK(suggested.size() <= kMaxNameBytes);
        return suggested;
    };
    CHECK(name("film") == "film");
    CHECK(name("StaffNotes") == "staff_notes");
    CHECK(name("HTTPLog") == "httplog");
    CHECK(name("order-lines (old)") == "order_lines_old");
    CHECK(name("2fa") == "r_2fa");
    CHECK(name("Größe") == "gr_e");
    CHECK(name("__") == "r_relation");
    CHECK(name("film", 3) == "film_3");
    CHECK(name(std::string(63, 'x'), 12) == std::string(60, 'x') + "_12");
}

TEST_CASE("columns become fields of their own names", "[import]") {
    const Json rows =
        fields(R"({"fields": {"title": "Name of the film", "rating": {"help_text": "h"}}})");
    CHECK(rows.items().size() == 10);
    const Json& title = field_of(rows, "title");
    CHECK(title.find("label")->text() == "Name of the film");
    CHECK(title.find("description")->text() == "As on the poster");
    CHECK(title.find("max_length")->text() == "80");
    CHECK(title.find("is_required")->as_boolean());
    CHECK(title.find("is_indexed")->as_boolean());
    CHECK(field_of(rows, "FilmId").find("label")->text() == "Film id");
    CHECK(field_of(rows, "rating").find("allowed_values")->dump() == R"(["G","R"])");
    CHECK(field_of(rows, "rating").find("field_type")->text() == "enum");
    CHECK(field_of(rows, "rating").find("input_type")->text() == "select");
    CHECK(field_of(rows, "slug").find("is_unique")->as_boolean());
}

TEST_CASE("what people do not write is read-only, and nothing asks for it", "[import]") {
    const Json rows = fields("{}");
    for (const char* const name : {"FilmId", "slug", "words", "deleted_at", "deleted_by"}) {
        CHECK(field_of(rows, name).find("is_readonly")->as_boolean());
        CHECK_FALSE(field_of(rows, name).find("is_required")->as_boolean());
    }
    for (const char* const name : {"title", "rating", "language", "created_at"})
        CHECK_FALSE(field_of(rows, name).find("is_readonly")->as_boolean());
    CHECK_FALSE(field_of(rows, "language").find("is_required")->as_boolean());  // it has a default
    CHECK(field_of(fields(R"({"stamp": true})"), "created_at").find("is_readonly")->as_boolean());
    CHECK_FALSE(field_of(fields(R"({"supports_soft_delete": false})"), "deleted_at")
                    .find("is_readonly")
                    ->as_boolean());
}

TEST_CASE("foreign keys to the keys of entities become lookups", "[import]") {
    const Json rows = fields("{}");
    CHECK(field_of(rows, "language").find("field_type")->text() == "lookup");
    CHECK(field_of(rows, "language").find("reference_entity")->text() == "tongue");
    CHECK(field_of(rows, "sequel_of").find("reference_entity")->text() == "film");
    CHECK(field_of(rows, "title").find("reference_entity")->is_null());
}

TEST_CASE("the entity's row says how it is kept", "[import]") {
    const Relation relation = film();
    const Json row = import_entity_row(entity_of(relation), relation, defined("{}", relation));
    CHECK(row.find("label")->text() == "Film");
    CHECK(row.find("description")->text() == "What is shown");
    CHECK(row.find("key_fields")->dump() == R"(["FilmId"])");
    CHECK(row.find("supports_soft_delete")->as_boolean());
    CHECK_FALSE(row.find("is_readonly")->as_boolean());
}

TEST_CASE("a table without row security gets it, and everybody else stays where they were",
          "[import]") {
    const std::string up = script(film());
    CHECK(has(up, R"(GRANT REFERENCES ON "rental"."Film" TO pgwright_owner;)"));
    // Only what is not granted yet.
    CHECK(has(up, R"(GRANT INSERT, UPDATE, DELETE ON "rental"."Film" TO pgwright_runtime;)"));
    CHECK(has(up, R"(GRANT SELECT, INSERT, UPDATE, DELETE ON "rental"."Film" TO pgwright_user;)"));
    CHECK(has(up, R"(GRANT USAGE ON SEQUENCE "rental"."film_seq" TO pgwright_runtime;)"));
    CHECK_FALSE(has(up, R"("film_seq" TO pgwright_user)"));
    CHECK(has(up, R"(CREATE POLICY pgwright_others ON "rental"."Film" TO PUBLIC)"));
    CHECK(has(up, R"(CREATE POLICY pgwright_delete ON "rental"."Film" AS RESTRICTIVE FOR DELETE)"
                  R"( TO pgwright_runtime, pgwright_user)"));
    CHECK(has(up, R"(ALTER TABLE "rental"."Film" ENABLE ROW LEVEL SECURITY;)"));
    CHECK_FALSE(has(up, "FORCE"));
    CHECK_FALSE(has(up, "TRIGGER"));
    CHECK(has(script(film(), true), "CREATE TRIGGER pgwright_stamp_record"));
}

TEST_CASE("every change of an import has its way back", "[import]") {
    for (const Change& change : plan_import(entity_of(film()), film(), true).changes) {
        CAPTURE(change.up);
        CHECK_FALSE(change.down.empty());
        CHECK(change.risk == Risk::safe);
    }
}

TEST_CASE("a table that has row security keeps it as it is", "[import]") {
    Relation relation = film();
    relation.row_security = true;
    const std::string up = script(relation);
    CHECK(has(
        up,
        R"(CREATE POLICY pgwright_access ON "rental"."Film" TO pgwright_runtime, pgwright_user)"));
    CHECK_FALSE(has(up, "pgwright_others"));
    CHECK_FALSE(has(up, "ALTER TABLE"));
}

TEST_CASE("what is read-only is granted to be read alone", "[import]") {
    Relation relation = film();
    relation.readonly_reason = "it has no key";
    relation.privileges.clear();
    std::string up = script(relation);
    CHECK(has(up, R"(GRANT SELECT ON "rental"."Film" TO pgwright_user;)"));
    CHECK(has(up, "pgwright_select"));
    CHECK_FALSE(has(up, "pgwright_insert"));
    CHECK_FALSE(has(up, "SEQUENCE"));
    relation.kind = "view";
    CHECK(script(relation) == "GRANT SELECT ON \"rental\".\"Film\" TO pgwright_runtime;\n");
}

TEST_CASE("faults of an import's definition are told together", "[import]") {
    Faults faults;
    (void)parse_import_definition(
        parse_json(R"({"name": "select", "label": 5, "primary_field": "nope",
            "default_sort_field": "words", "default_sort_order": "up", "stamp": "yes", "colour": 1,
            "fields": {"title": {"label": "", "colour": 2}, "nope": "x"}})"),
        film(), faults);
    std::vector<std::string> fields;
    for (const Fault& fault : faults.list()) fields.push_back(fault.field);
    CHECK(fields == std::vector<std::string>{"name", "label", "primary_field", "default_sort_order",
                                             "default_sort_field", "stamp", "fields.title.label",
                                             "fields.title.colour", "fields.nope", "colour"});
    Relation odd = film();
    odd.columns[1].name = "a, b";
    Faults sorted;
    (void)parse_import_definition(parse_json(R"({"default_sort_field": "a, b"})"), odd, sorted);
    CHECK(sorted.list().size() == 1);
    Faults spoken;
    (void)parse_import_definition(parse_json(R"({"search_language": "klingon"})"), film(), spoken);
    REQUIRE(spoken.list().size() == 1);
    CHECK(spoken.list()[0].field == "search_language");
    CHECK(spoken.list()[0].message.starts_with("must be one of: arabic, "));
    Faults other;
    (void)parse_import_definition(parse_json("[]"), film(), other);
    CHECK(other.list().size() == 1);
}

TEST_CASE("stamps need columns of the stamps' types", "[import]") {
    const auto faults = [](const Relation& relation, std::string_view definition) {
        Faults found;
        (void)parse_import_definition(parse_json(definition), relation, found);
        return found.list().size();
    };
    Relation relation = film();
    CHECK(faults(relation, R"({"stamp": true})") == 0);
    relation.columns[7].type = "date";
    CHECK(faults(relation, R"({"stamp": true})") == 1);
    relation.columns.resize(7);
    CHECK(faults(relation, R"({"stamp": true})") == 1);
    CHECK(faults(relation, R"({"supports_soft_delete": true})") == 1);
}
