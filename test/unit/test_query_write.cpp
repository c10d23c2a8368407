// Statements that write one record in a version, by a key, or many at once: what the server is sent.
#include <catch2/catch.hpp>

#include "core/query_write.hpp"
#include "core/record_check.hpp"
#include "sample_entity.hpp"

using namespace pgwright::core;

namespace {

const Entity& product() {
    static const Entity entity = sample::product();
    return entity;
}

const Entity& tag() {
    static const Entity entity = sample::tag();
    return entity;
}

const Json kId = Json::string("0190a0b0-c0d0-7000-8000-000000000001");

bool has(const std::string& text, std::string_view part) {
    CAPTURE(text, part);
    return text.find(part) != std::string::npos;
}

std::string faults(const Entity& entity, std::string_view data, Writing writing) {
    Faults found;
    check_written(entity, parse_json(data), writing, found);
    std::string text;
    for (const Fault& fault : found.list()) text += fault.field + ": " + fault.message + "; ";
    return text;
}

}  // namespace

TEST_CASE("a statement finds the record in the versions asked for, and tells the one it leaves",
          "[query_write]") {
    const Json data = parse_json(R"({"label":"x"})");
    const Statement update = compile_update(tag(), kId, data, {true, {{1, -2}}});
    CHECK(
        update.sql ==
        R"(UPDATE "t_demo"."tag" AS r SET "label" = $1 WHERE r."id" = $2 AND pgwright.row_tag(r."xmin", r."ctid") = ANY ($3) RETURNING r."id", r."label", pgwright.row_tag(r."xmin", r."ctid"))");
    CHECK(update.parameters.at(2).type_oid == 1016);
    CHECK(update.parameters.at(2).values.size() == 2);
    CHECK(update.parameters.at(2).values.at(1).text() == "-2");
    // No tag of ours: nothing is found.
    CHECK(compile_update(tag(), kId, data, {false, {std::vector<std::int64_t>()}})
              .parameters.at(2)
              .values.empty());
    CHECK(has(compile_update(tag(), kId, Json::object(), {false, {{1}}}).sql, "SELECT r.\"id\""));
    CHECK(has(compile_update(tag(), kId, Json::object(), {false, {{1}}}).sql, "row_tag"));
    CHECK(has(compile_delete(tag(), kId, {false, {{1}}}).sql, "= ANY ($2) RETURNING r.\"id\""));
    CHECK(
        compile_insert(tag(), data, true).sql ==
        R"(INSERT INTO "t_demo"."tag" AS r ("label") VALUES ($1) RETURNING r."id", r."label", pgwright.row_tag(r."xmin", r."ctid"))");
    // The number of versions does not change the statement.
    CHECK(compile_update(tag(), kId, data, {false, {{1}}}).sql ==
          compile_update(tag(), kId, data, {false, {{1, 2, 3}}}).sql);
}

TEST_CASE("what a replacement does not give takes its default", "[query_write]") {
    const Statement statement = compile_replace(product(), kId, parse_json(R"({"name":"x"})"));
    CHECK(has(
        statement.sql,
        R"(SET "name" = $1, "stock" = DEFAULT, "price" = DEFAULT, "active" = DEFAULT, "released" = DEFAULT, "seen_at" = DEFAULT, "opens" = DEFAULT, "maker" = DEFAULT, "extra" = DEFAULT WHERE)"));
    Entity once = sample::tag();
    once.fields.at(1).write_once = true;
    CHECK(compile_replace(once, kId, Json::object()).sql.starts_with("SELECT"));
    CHECK(faults(product(), R"({"stock":1})", Writing::replace) == "name: is required; ");
    CHECK(faults(product(), R"({"stock":1})", Writing::update).empty());
    CHECK(faults(product(), R"({"name":"x","id":"y"})", Writing::replace) == "id: is read-only; ");
}

TEST_CASE("what is marked deleted is restored or purged, and nothing else", "[query_write]") {
    CHECK(has(
        compile_restore(product(), kId).sql,
        R"(SET "deleted_at" = NULL, "deleted_by" = NULL WHERE r."id" = $1 AND r."deleted_at" IS NOT NULL RETURNING)"));
    CHECK(
        compile_purge(product(), kId).sql ==
        R"(DELETE FROM "t_demo"."product" AS r WHERE r."id" = $1 AND r."deleted_at" IS NOT NULL RETURNING r."id")");
    CHECK(compile_state(product(), kId, false).sql ==
          R"(SELECT r."deleted_at" IS NULL FROM "t_demo"."product" r WHERE r."id" = $1)");
}

TEST_CASE("an upsert names the key and changes what else is given", "[query_write]") {
    const UniqueKey key{"tag_label", {&tag().fields.at(1)}, "(deleted_at IS NULL)"};
    CHECK(
        compile_upsert(tag(), parse_json(R"({"label":"x"})"), key).sql ==
        R"(INSERT INTO "t_demo"."tag" AS r ("label") VALUES ($1) ON CONFLICT ("label") WHERE (deleted_at IS NULL) DO UPDATE SET "label" = EXCLUDED."label" RETURNING r."id", r."label", r."xmax" = 0)");
    Entity once = sample::product();
    once.fields.at(2).write_once = true;
    const UniqueKey name{"product_name", {&once.fields.at(1)}, ""};
    CHECK(has(
        compile_upsert(once, parse_json(R"({"name":"x","stock":1,"price":2})"), name).sql,
        R"(ON CONFLICT ("name") DO UPDATE SET "stock" = EXCLUDED."stock", "price" = EXCLUDED."price" WHERE (r."stock" IS NULL OR r."stock" IS NOT DISTINCT FROM EXCLUDED."stock") RETURNING)"));
}

TEST_CASE("many upserts are one statement, which asks its lists again for what is not given",
          "[query_write]") {
    Entity entity = sample::product();
    const UniqueKey key{"product_name", {&entity.fields.at(1)}, ""};
    CHECK(
        compile_bulk_upsert(entity,
                            parse_json(R"([{"name":"a","stock":1},{"name":"b","stock":2}])"), key)
            .sql ==
        R"(INSERT INTO "t_demo"."product" AS r ("name", "stock") SELECT v.c1, v.c2 FROM unnest($1, $2) WITH ORDINALITY AS v(c1, c2, ordinal) ORDER BY v.ordinal ON CONFLICT ("name") DO UPDATE SET "stock" = EXCLUDED."stock" RETURNING r."id", r."xmax" = 0)");
    const std::string mixed =
        compile_bulk_upsert(entity, parse_json(R"([{"name":"a"},{"name":"b","stock":2}])"), key)
            .sql;
    CHECK(mixed.starts_with(
        R"(WITH v AS MATERIALIZED (SELECT * FROM unnest($1, $2, $3) WITH ORDINALITY AS v(c1, c2, c2_given, ordinal)) INSERT INTO)"));
    CHECK(has(
        mixed,
        R"(DO UPDATE SET "stock" = CASE WHEN (EXCLUDED."name") IN (SELECT v.c1 FROM v WHERE v.c2_given) THEN EXCLUDED."stock" ELSE r."stock" END WHERE (EXCLUDED."name") IN (SELECT v.c1 FROM v) RETURNING)"));
    entity.fields.at(2).write_once = true;
    CHECK(has(
        compile_bulk_upsert(entity, parse_json(R"([{"name":"a"},{"name":"b","stock":2}])"), key)
            .sql,
        R"(WHERE (NOT (EXCLUDED."name") IN (SELECT v.c1 FROM v WHERE v.c2_given) OR r."stock" IS NULL OR r."stock" IS NOT DISTINCT FROM EXCLUDED."stock") AND)"));
    CHECK(has(compile_bulk_upsert(entity, parse_json(R"([{"name":"a"}])"), key).sql,
              R"(DO UPDATE SET "name" = EXCLUDED."name" RETURNING)"));
    CHECK(has(
        compile_bulk_upsert(entity, parse_json(R"([{"name":"a"}])"), key, Novelty::by_key).sql,
        R"(RETURNING r."id", NOT EXISTS (SELECT FROM "t_demo"."product" AS w WHERE (w."name") = (r."name")))"));
}

TEST_CASE("keys that are given twice are found by the server", "[query_write]") {
    const Entity entity = sample::product();
    const UniqueKey key{"k", {&entity.fields.at(1), &entity.fields.at(2)}, ""};
    const Json records = parse_json(R"([{"name":"a","stock":1,"price":2},{"name":"b","stock":1}])");
    const Json* const given[] = {&records.items()[0], &records.items()[1]};
    const Statement statement = compile_repeated_keys(entity, given, key);
    CHECK(
        statement.sql ==
        R"(SELECT k.ordinal, k.earlier FROM (SELECT v.ordinal, min(v.ordinal) OVER (PARTITION BY v.k1, v.k2) AS earlier FROM unnest($1, $2) WITH ORDINALITY AS v(k1, k2, ordinal)) AS k WHERE k.ordinal > k.earlier ORDER BY k.ordinal)");
    CHECK(statement.parameters.size() == 2);
    CHECK(statement.parameters.front().values.size() == 2);
}

TEST_CASE("a record may be created only if it is not there", "[query_write]") {
    const Json data = parse_json(R"({"label":"x"})");
    CHECK(has(compile_insert(tag(), data, false, Existing::same_key).sql,
              R"(VALUES ($1) ON CONFLICT ("id") DO NOTHING RETURNING)"));
    CHECK(has(compile_insert(tag(), data, false, Existing::any).sql,
              "VALUES ($1) ON CONFLICT DO NOTHING RETURNING"));
    CHECK_FALSE(has(compile_insert(tag(), data).sql, "CONFLICT"));
}

TEST_CASE("many records are changed by one statement, each in what it gives", "[query_write]") {
    const Json::Array keys{kId, Json::string("0190a0b0-c0d0-7000-8000-000000000002")};
    CHECK(
        compile_bulk_update(product(), keys, parse_json(R"([{"name":"a"},{"name":"b","stock":1}])"))
            .sql ==
        R"(UPDATE "t_demo"."product" AS r SET "name" = v.c1, "stock" = CASE WHEN v.c2_given THEN v.c2 ELSE r."stock" END FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS v(k1, c1, c2, c2_given, ordinal) WHERE r."id" = v.k1 AND r."deleted_at" IS NULL RETURNING v.ordinal)");
    CHECK(compile_bulk_update(tag(), keys, parse_json("[{},{}]")).sql ==
          compile_bulk_exists(tag(), keys).sql);
    CHECK(
        compile_bulk_delete(tag(), keys).sql ==
        R"(DELETE FROM "t_demo"."tag" AS r USING unnest($1) WITH ORDINALITY AS v(k1, ordinal) WHERE r."id" = v.k1 RETURNING v.ordinal)");
    CHECK(has(compile_bulk_delete(product(), keys).sql, R"(SET "deleted_at" = now())"));
    CHECK(has(compile_bulk_insert(tag(), parse_json(R"([{"label":"x"}])"), true).sql,
              "ON CONFLICT DO NOTHING RETURNING"));
}

TEST_CASE("values never enter the text of a write", "[query_write]") {
    const Json harmless = parse_json(R"({"label":"x"})");
    for (const char* const text : {"'; DROP TABLE x; --", "$1", "\\", "\"", "') ON CONFLICT"}) {
        Json data = Json::object();
        data.set("label", Json::string(text));
        const Json key = Json::string(text);
        const UniqueKey unique{"k", {&tag().fields.at(1)}, ""};
        CHECK(compile_replace(tag(), key, data).sql == compile_replace(tag(), kId, harmless).sql);
        CHECK(compile_upsert(tag(), data, unique).sql ==
              compile_upsert(tag(), harmless, unique).sql);
        CHECK(compile_bulk_upsert(tag(), Json::array({data}), unique).sql ==
              compile_bulk_upsert(tag(), Json::array({harmless}), unique).sql);
        CHECK(compile_bulk_update(tag(), {key}, Json::array({data})).sql ==
              compile_bulk_update(tag(), {kId}, Json::array({harmless})).sql);
        CHECK(compile_bulk_delete(tag(), {key}).sql == compile_bulk_delete(tag(), {kId}).sql);
        CHECK(compile_purge(product(), key).sql == compile_purge(product(), kId).sql);
    }
}
