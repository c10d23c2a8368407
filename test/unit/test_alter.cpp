// The way of a table from one version to the next: each kind of change with its SQL there and back.
#include <catch2/catch.hpp>

#include <algorithm>

#include "design_samples.hpp"

using namespace pgwright::core;
using namespace pgwright::core::sample;

namespace {

const std::string kTitle = R"({"name":"title","field_type":"string","max_length":100})";
const std::string kPrice = R"({"name":"price","field_type":"text"})";

// The first change of that operation, or one that says that there is none.
Change change_of(const Migration& migration, std::string_view operation) {
    const auto found =
        std::ranges::find(migration.changes, std::string(operation), &Change::operation);
    if (found != migration.changes.end()) return *found;
    Change none;
    none.up = none.down = "no such change";
    return none;
}

std::string probe_sql(const std::vector<Probe>& probes, Probe::Kind kind) {
    const auto found = std::ranges::find(probes, kind, &Probe::kind);
    return found == probes.end() ? "" : found->sql;
}

std::string faults_of(const Design& before, const Design& after,
                      const Surroundings& surroundings = {}) {
    try {
        alter(before, after, surroundings);
    } catch (const Failure& failure) {
        std::string text;
        for (const Fault& fault : failure.faults()) text += fault.field + ": " + fault.message;
        return text;
    }
    return "";
}

Surroundings filling(const std::string& field, const std::string& value) {
    Surroundings surroundings;
    surroundings.backfill[field] = value;
    return surroundings;
}

// The design with a calculated field, as compile_formulas() leaves it.
Design with_formula(Design design, const std::string& name, const std::string& sql,
                    std::vector<std::string> used) {
    Field field;
    field.id = id_of("calculated");
    field.name = field.label = name;
    field.type = FieldType::biginteger;
    field.formula = field.formula_sql = sql;
    field.formula_fields = std::move(used);
    design.entity.fields.push_back(field);
    return design;
}

}  // namespace

TEST_CASE("a design that does not change changes nothing", "[alter]") {
    const Design design = design_of(kTitle + "," + kPrice);
    const Migration migration = alter(design, design);
    CHECK(migration.name == "deal_v3");
    CHECK(migration.type == "alter");
    CHECK(migration.changes.empty());
}

TEST_CASE("a new field is a column that is retired on the way back, not dropped", "[alter]") {
    const Migration migration =
        alter(design_of(kTitle), design_of(kTitle + "," + kPrice + R"(,{"name":"stage",
            "field_type":"string","is_required":true,"default_value":"new"})"));
    CHECK(operations(migration) ==
          "grant add_column add_column set_not_null add_check grant comment");
    CHECK(migration.up_script() == R"sql(REVOKE ALL ON "t_demo"."deal"
    FROM pgwright_runtime, pgwright_user;

ALTER TABLE "t_demo"."deal" ADD COLUMN "price" text;

ALTER TABLE "t_demo"."deal" ADD COLUMN "stage" text DEFAULT 'new'::text;

ALTER TABLE "t_demo"."deal" ALTER COLUMN "stage" SET NOT NULL;

ALTER TABLE "t_demo"."deal"
    ADD CONSTRAINT "deal_stage_length" CHECK (char_length("stage") <= 255);

GRANT SELECT, INSERT, UPDATE, DELETE ON "t_demo"."deal"
    TO pgwright_runtime, pgwright_user;

COMMENT ON COLUMN "t_demo"."deal"."price" IS 'Price';
COMMENT ON COLUMN "t_demo"."deal"."stage" IS 'Stage';
)sql");
    CHECK(migration.down_script() == R"sql(REVOKE ALL ON "t_demo"."deal"
    FROM pgwright_runtime, pgwright_user;

ALTER TABLE "t_demo"."deal" DROP CONSTRAINT "deal_stage_length";

ALTER TABLE "t_demo"."deal" ALTER COLUMN "stage" DROP NOT NULL;

ALTER TABLE "t_demo"."deal" RENAME COLUMN "stage" TO "_retired_stage_r3";
ALTER TABLE "t_demo"."deal" ALTER COLUMN "_retired_stage_r3" DROP DEFAULT;
COMMENT ON COLUMN "t_demo"."deal"."_retired_stage_r3" IS 'retired by the rollback of version 3';

ALTER TABLE "t_demo"."deal" RENAME COLUMN "price" TO "_retired_price_r3";
COMMENT ON COLUMN "t_demo"."deal"."_retired_price_r3" IS 'retired by the rollback of version 3';

GRANT SELECT ("id", "title", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "deleted_by", "xmin", "ctid"),
    INSERT ("id", "title", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "deleted_by"),
    UPDATE ("id", "title", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "deleted_by"),
    DELETE ON "t_demo"."deal"
    TO pgwright_runtime, pgwright_user;
)sql");
    const Change added = change_of(migration, "add_column");
    CHECK(added.field == "price");
    CHECK(added.lock == "ACCESS EXCLUSIVE");
    CHECK(added.risk == Risk::safe);
    CHECK(added.returned == "_retired_price_r3");
}

TEST_CASE("a field that is removed keeps its column, which nobody may read", "[alter]") {
    const Migration migration = alter(
        design_of(kTitle +
                  R"(,{"name":"stage","label":"Stage","field_type":"string","is_required":true,
            "default_value":"new","is_indexed":true})"),
        design_of(kTitle));
    CHECK(operations(migration) == "grant drop_index drop_check retire_column grant");
    const Change retired = change_of(migration, "retire_column");
    CHECK(retired.risk == Risk::destructive);
    CHECK(retired.field == "stage");
    CHECK(retired.retired == "_retired_stage_v3");
    CHECK(retired.up ==
          R"sql(ALTER TABLE "t_demo"."deal" RENAME COLUMN "stage" TO "_retired_stage_v3";
ALTER TABLE "t_demo"."deal" ALTER COLUMN "_retired_stage_v3" DROP NOT NULL;
ALTER TABLE "t_demo"."deal" ALTER COLUMN "_retired_stage_v3" DROP DEFAULT;
COMMENT ON COLUMN "t_demo"."deal"."_retired_stage_v3" IS 'retired by version 3';)sql");
    // Records made since have no value; the default is what they would have got.
    CHECK(retired.down ==
          R"sql(ALTER TABLE "t_demo"."deal" RENAME COLUMN "_retired_stage_v3" TO "stage";
ALTER TABLE "t_demo"."deal" ALTER COLUMN "stage" SET DEFAULT 'new'::text;
ALTER TABLE "t_demo"."deal" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" DISABLE TRIGGER USER;
UPDATE "t_demo"."deal" SET "stage" = 'new'::text WHERE "stage" IS NULL;
ALTER TABLE "t_demo"."deal" ENABLE TRIGGER USER;
ALTER TABLE "t_demo"."deal" FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" ALTER COLUMN "stage" SET NOT NULL;
COMMENT ON COLUMN "t_demo"."deal"."stage" IS 'Stage';)sql");
    CHECK(migration.changes.back().up.find("stage") == std::string::npos);
    CHECK(migration.changes.back().up.find("GRANT SELECT (\"id\", \"title\"") == 0);
    CHECK(change_of(migration, "drop_index").down ==
          R"sql(CREATE INDEX "deal_stage_idx" ON "t_demo"."deal" ("stage");)sql");
}

TEST_CASE("a required field that returns without a default asks for its values", "[alter]") {
    const Migration migration =
        alter(design_of(kTitle + R"(,{"name":"seats","field_type":"integer","is_required":true})"),
              design_of(kTitle));
    CHECK(
        probe_sql(change_of(migration, "retire_column").down_probes, Probe::Kind::without_value) ==
        R"sql(WITH found AS (SELECT "id" FROM (SELECT "id", "_retired_seats_v3" AS "seats" FROM "t_demo"."deal") AS r WHERE "seats" IS NULL)
SELECT count(*), ARRAY(SELECT ("id")::text FROM found ORDER BY "id" LIMIT 5) FROM found)sql");
}

TEST_CASE("a retired name that is taken already gets a number", "[alter]") {
    const Design before = design_of(kTitle + "," + kPrice);
    TableState state = state_of(before);
    state.columns.push_back({"_retired_price_v3", "text", false, std::nullopt, false});
    const Migration migration = plan_alter(before, design_of(kTitle), state, 2, 3, {});
    CHECK(change_of(migration, "retire_column").retired == "_retired_price_v3_2");
}

TEST_CASE("a field under a new name keeps its column and what hangs on it", "[alter]") {
    const Migration migration = alter(
        design_of(R"({"name":"code","field_type":"string","max_length":9,"is_unique":true})"),
        design_of(
            R"({"name":"sku","label":"Code","field_type":"string","max_length":9,"is_unique":true})",
            {{"sku", "code"}}));
    CHECK(operations(migration) == "rename_column rename_constraint rename_index");
    CHECK(migration.up_script() ==
          R"sql(ALTER TABLE "t_demo"."deal" RENAME COLUMN "code" TO "sku";

ALTER TABLE "t_demo"."deal" RENAME CONSTRAINT "deal_code_length" TO "deal_sku_length";

ALTER INDEX "t_demo"."deal_code_key" RENAME TO "deal_sku_key";
)sql");
    CHECK(migration.down_script() ==
          R"sql(ALTER INDEX "t_demo"."deal_sku_key" RENAME TO "deal_code_key";

ALTER TABLE "t_demo"."deal" RENAME CONSTRAINT "deal_sku_length" TO "deal_code_length";

ALTER TABLE "t_demo"."deal" RENAME COLUMN "sku" TO "code";
)sql");
    CHECK(migration.changes[0].risk == Risk::caution);
    CHECK(migration.changes[2].lock == "SHARE UPDATE EXCLUSIVE");
}

TEST_CASE("fields that swap their names go through a free one", "[alter]") {
    const std::string a = R"({"name":"a","label":"L","field_type":"integer"})";
    const std::string b = R"({"name":"b","label":"L","field_type":"integer"})";
    const Migration migration =
        alter(design_of(a + "," + b), design_of(a + "," + b, {{"a", "b"}, {"b", "a"}}));
    CHECK(migration.up_script() ==
          R"sql(ALTER TABLE "t_demo"."deal" RENAME COLUMN "a" TO "_moving_a";

ALTER TABLE "t_demo"."deal" RENAME COLUMN "b" TO "a";

ALTER TABLE "t_demo"."deal" RENAME COLUMN "_moving_a" TO "b";
)sql");
}

TEST_CASE("a name that a removed field leaves is free for another", "[alter]") {
    const Migration migration =
        alter(design_of(R"({"name":"a","field_type":"integer"},{"name":"b","field_type":"date"})"),
              design_of(R"({"name":"b","field_type":"integer"})", {{"b", "a"}}));
    CHECK(operations(migration) == "grant retire_column rename_column grant comment");
    CHECK(change_of(migration, "retire_column").retired == "_retired_b_v3");
    CHECK(change_of(migration, "rename_column").up ==
          R"sql(ALTER TABLE "t_demo"."deal" RENAME COLUMN "a" TO "b";)sql");
}

TEST_CASE("an index is renamed by the name it really has, to one that is free", "[alter]") {
    Surroundings surroundings;
    surroundings.taken = {"deal_code_key", "deal_sku_key"};
    const Migration migration = alter(
        design_of(R"({"name":"code","field_type":"uuid","is_unique":true})"),
        design_of(R"({"name":"sku","field_type":"uuid","is_unique":true})", {{"sku", "code"}}),
        surroundings);
    CHECK(change_of(migration, "rename_index").up ==
          "ALTER INDEX \"t_demo\".\"" + hashed_name({"deal", "code"}, "key") + "\" RENAME TO \"" +
              hashed_name({"deal", "sku"}, "key") + "\";");
}

TEST_CASE("a type that takes every value is changed in place", "[alter]") {
    const Migration migration = alter(
        design_of(R"({"name":"seats","field_type":"integer","default_value":1,"min_value":0})"),
        design_of(R"({"name":"seats","field_type":"text","default_value":"1"})"));
    CHECK(operations(migration) == "drop_check convert_column");
    const Change change = change_of(migration, "convert_column");
    CHECK(change.risk == Risk::caution);
    CHECK(change.up == R"sql(ALTER TABLE "t_demo"."deal"
    ALTER COLUMN "seats" DROP DEFAULT,
    ALTER COLUMN "seats" TYPE text USING "seats"::text,
    ALTER COLUMN "seats" SET DEFAULT '1'::text;)sql");
    CHECK(change.down == R"sql(ALTER TABLE "t_demo"."deal"
    ALTER COLUMN "seats" DROP DEFAULT,
    ALTER COLUMN "seats" TYPE integer USING "seats"::integer,
    ALTER COLUMN "seats" SET DEFAULT '1'::integer;)sql");
    CHECK(
        probe_sql(change.down_probes, Probe::Kind::not_convertible)
            .find(
                R"(WHERE "seats" IS NOT NULL AND (pgwright.is_convertible("seats", 'integer')) IS NOT TRUE)") !=
        std::string::npos);
}

TEST_CASE("any other type gets a new column, and the old values stay", "[alter]") {
    const Migration migration =
        alter(design_of(kPrice), design_of(R"({"name":"price","field_type":"integer"})"));
    const Change change = change_of(migration, "replace_column");
    CHECK(change.retired == "_retired_price_v3");
    CHECK(change.returned == "_retired_price_r3");
    CHECK(change.up ==
          R"sql(ALTER TABLE "t_demo"."deal" RENAME COLUMN "price" TO "_retired_price_v3";
COMMENT ON COLUMN "t_demo"."deal"."_retired_price_v3" IS 'retired by version 3';
ALTER TABLE "t_demo"."deal" ADD COLUMN "price" integer;
ALTER TABLE "t_demo"."deal" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" DISABLE TRIGGER USER;
UPDATE "t_demo"."deal" SET "price" = "_retired_price_v3"::integer WHERE "_retired_price_v3" IS NOT NULL;
ALTER TABLE "t_demo"."deal" ENABLE TRIGGER USER;
ALTER TABLE "t_demo"."deal" FORCE ROW LEVEL SECURITY;)sql");
    CHECK(change.down ==
          R"sql(ALTER TABLE "t_demo"."deal" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" DISABLE TRIGGER USER;
UPDATE "t_demo"."deal" SET "_retired_price_v3" = "price"::text WHERE "price" IS DISTINCT FROM "_retired_price_v3"::integer;
ALTER TABLE "t_demo"."deal" ENABLE TRIGGER USER;
ALTER TABLE "t_demo"."deal" FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" RENAME COLUMN "price" TO "_retired_price_r3";
COMMENT ON COLUMN "t_demo"."deal"."_retired_price_r3" IS 'retired by the rollback of version 3';
ALTER TABLE "t_demo"."deal" RENAME COLUMN "_retired_price_v3" TO "price";
COMMENT ON COLUMN "t_demo"."deal"."price" IS 'Price';)sql");
    CHECK(
        probe_sql(change.probes, Probe::Kind::loses_precision) ==
        R"sql(WITH found AS (SELECT "id" FROM "t_demo"."deal" WHERE "price" IS NOT NULL AND CASE WHEN pgwright.is_convertible("price", 'integer') THEN (("price"::integer)::text = "price") IS NOT TRUE END)
SELECT count(*), ARRAY(SELECT ("id")::text FROM found ORDER BY "id" LIMIT 5) FROM found)sql");
}

TEST_CASE("a type that values have no way to is refused", "[alter]") {
    CHECK(faults_of(design_of(R"({"name":"day","field_type":"date"})"),
                    design_of(R"({"name":"day","field_type":"integer"})")) ==
          "day: cannot become integer from date; remove the field and add another");
}

TEST_CASE("a field that shares its column's type changes in its constraints alone", "[alter]") {
    const Migration migration =
        alter(design_of(R"({"name":"mail","field_type":"string","max_length":254})"),
              design_of(R"({"name":"mail","field_type":"email"})"));
    CHECK(operations(migration) == "add_check");
    CHECK(probe_sql(migration.changes[0].probes, Probe::Kind::violates)
              .starts_with(
                  R"(WITH found AS (SELECT "id" FROM "t_demo"."deal" WHERE NOT ("mail" ~ )"));
}

TEST_CASE("a field becomes required last, and asks for its values", "[alter]") {
    const Design before = design_of(R"({"name":"seats","field_type":"integer"})");
    const Design after = design_of(R"({"name":"seats","field_type":"integer","is_required":true})");
    const Migration plain = alter(before, after);
    CHECK(operations(plain) == "set_not_null");
    CHECK(plain.changes[0].risk == Risk::caution);
    CHECK(probe_sql(plain.changes[0].probes, Probe::Kind::without_value)
              .find(R"(WHERE "seats" IS NULL)") != std::string::npos);

    const Migration filled = alter(before, after, filling("seats", "4"));
    CHECK(operations(filled) == "grant backfill set_not_null grant");
    const Change backfill = change_of(filled, "backfill");
    CHECK(backfill.up ==
          R"sql(ALTER TABLE "t_demo"."deal" ADD COLUMN "_retired_seats_v3_filled" boolean;
COMMENT ON COLUMN "t_demo"."deal"."_retired_seats_v3_filled" IS 'rows that version 3 gave a value of seats';
ALTER TABLE "t_demo"."deal" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" DISABLE TRIGGER USER;
UPDATE "t_demo"."deal" SET "seats" = '4'::integer, "_retired_seats_v3_filled" = true WHERE "seats" IS NULL;
ALTER TABLE "t_demo"."deal" ENABLE TRIGGER USER;
ALTER TABLE "t_demo"."deal" FORCE ROW LEVEL SECURITY;)sql");
    CHECK(backfill.down ==
          R"sql(ALTER TABLE "t_demo"."deal" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" DISABLE TRIGGER USER;
UPDATE "t_demo"."deal" SET "seats" = NULL WHERE "_retired_seats_v3_filled" AND "seats" = '4'::integer;
ALTER TABLE "t_demo"."deal" ENABLE TRIGGER USER;
ALTER TABLE "t_demo"."deal" FORCE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" DROP COLUMN "_retired_seats_v3_filled";)sql");
    CHECK(change_of(filled, "set_not_null").probes.empty());
}

TEST_CASE("a back-fill is a value of its field", "[alter]") {
    const Design before = design_of(kTitle);
    const Design after = design_of(
        kTitle + R"(,{"name":"seats","field_type":"integer","is_required":true,"max_value":9})");
    CHECK(faults_of(before, after, filling("seats", "10")) == "backfill.seats: must be at most 9");
    CHECK(faults_of(before, after, filling("chairs", "1")) ==
          "backfill.chairs: is not a field that can be filled");
    CHECK(operations(alter(before, after, filling("seats", "9"))) ==
          "grant add_column backfill set_not_null add_check grant comment");
    CHECK(probe_sql(change_of(alter(before, after), "set_not_null").probes,
                    Probe::Kind::without_value)
              .find(R"((SELECT "id", NULL::integer AS "seats" FROM "t_demo"."deal"))") !=
          std::string::npos);
}

TEST_CASE("defaults come, change and go", "[alter]") {
    const auto seats = [](const std::string& more) {
        return design_of(R"({"name":"seats","field_type":"integer")" + more + "}");
    };
    const Migration set = alter(seats(""), seats(R"(,"default_value":2)"));
    CHECK(set.up_script() ==
          "ALTER TABLE \"t_demo\".\"deal\" ALTER COLUMN \"seats\" SET DEFAULT '2'::integer;\n");
    CHECK(set.down_script() ==
          "ALTER TABLE \"t_demo\".\"deal\" ALTER COLUMN \"seats\" DROP DEFAULT;\n");
    CHECK(operations(alter(seats(R"(,"default_value":2)"), seats(""))) == "drop_default");
    CHECK(operations(alter(seats(R"(,"default_value":2)"), seats(R"(,"default_value":2)"))) == "");
}

TEST_CASE("a constraint that changes is made anew, and judges the rows there are", "[alter]") {
    const Migration migration = alter(
        design_of(kTitle), design_of(R"({"name":"title","field_type":"string","max_length":5})"));
    CHECK(migration.up_script() ==
          R"sql(ALTER TABLE "t_demo"."deal" DROP CONSTRAINT "deal_title_length";

ALTER TABLE "t_demo"."deal"
    ADD CONSTRAINT "deal_title_length" CHECK (char_length("title") <= 5);
)sql");
    CHECK(
        probe_sql(migration.changes[1].probes, Probe::Kind::violates) ==
        R"sql(WITH found AS (SELECT "id" FROM "t_demo"."deal" WHERE NOT (char_length("title") <= 5))
SELECT count(*), ARRAY(SELECT ("id")::text FROM found ORDER BY "id" LIMIT 5) FROM found)sql");
    // And the old one judges what was written since, when it returns.
    CHECK(probe_sql(migration.changes[0].down_probes, Probe::Kind::violates).find("<= 100") !=
          std::string::npos);
}

TEST_CASE("a field that becomes unique reports live records of the same value", "[alter]") {
    const Migration migration =
        alter(design_of(R"({"name":"seats","field_type":"integer"})"),
              design_of(R"({"name":"seats","field_type":"integer","is_unique":true})"));
    CHECK(operations(migration) == "add_index");
    CHECK(migration.changes[0].lock == "SHARE");
    CHECK(migration.changes[0].risk == Risk::caution);
    CHECK(
        probe_sql(migration.changes[0].probes, Probe::Kind::duplicates) ==
        R"sql(WITH found AS (SELECT "id" FROM (SELECT "id", count(*) OVER (PARTITION BY "seats") AS copies FROM "t_demo"."deal" WHERE "seats" IS NOT NULL AND "deleted_at" IS NULL) AS same WHERE copies > 1)
SELECT count(*), ARRAY(SELECT ("id")::text FROM found ORDER BY "id" LIMIT 5) FROM found)sql");
}

TEST_CASE("a reference is a foreign key that may dangle", "[alter]") {
    const Migration migration =
        alter(design_of(R"({"name":"owner","field_type":"uuid"})"),
              design_of(R"({"name":"owner","field_type":"lookup","reference_entity":"company"})"));
    CHECK(operations(migration) == "add_index add_foreign_key create_trigger create_trigger");
    CHECK(
        probe_sql(migration.changes[1].probes, Probe::Kind::dangling) ==
        R"sql(WITH found AS (SELECT "id" FROM (SELECT * FROM "t_demo"."deal") AS referring WHERE "owner" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "t_demo"."company" AS target WHERE target."id" = referring."owner"))
SELECT count(*), ARRAY(SELECT ("id")::text FROM found ORDER BY "id" LIMIT 5) FROM found)sql");
}

TEST_CASE("the trigger is told the new name of a column that refers to users", "[alter]") {
    const auto user = [](const std::string& name) {
        Design design = design_of(
            R"({"name":")" + name + R"(","field_type":"lookup","reference_entity":"users"})",
            {{name, "user"}});
        for (Field& field : design.entity.fields) {
            if (field.reference) field.reference->schema = "pgwright";
        }
        return design;
    };
    const Migration migration = alter(user("chief"), user("boss"));
    CHECK(operations(migration) ==
          "drop_trigger rename_column rename_constraint rename_index create_trigger comment");
    CHECK(change_of(migration, "create_trigger").up.find("stamp_record('users:boss')") !=
          std::string::npos);
}

TEST_CASE("deleted records stand in the way of the end of soft delete", "[alter]") {
    const std::string code = R"({"name":"code","field_type":"uuid","is_unique":true})";
    const Design soft = design_of(code);
    const Design hard = design_of(code, {}, "", R"("supports_soft_delete":false,)");
    const Migration off = alter(soft, hard);
    CHECK(operations(off) ==
          "grant drop_trigger drop_policy drop_index retire_column retire_column add_index "
          "create_policy grant");
    const auto& probes = change_of(off, "retire_column").probes;
    const auto deleted = std::ranges::find(probes, Probe::Kind::violates, &Probe::kind);
    REQUIRE(deleted != probes.end());
    CHECK(deleted->message == "are deleted; purge or restore them first");

    const Migration on = alter(hard, soft);
    CHECK(
        operations(on) ==
        "grant drop_policy drop_index add_column add_column add_index create_trigger create_policy "
        "grant comment");
    CHECK(probe_sql(change_of(on, "add_index").probes, Probe::Kind::duplicates)
              .find("NULL::timestamp with time zone AS \"deleted_at\"") != std::string::npos);
}

TEST_CASE("a calculated column steps aside for the column it is made of", "[alter]") {
    const std::string seats = R"({"name":"seats","field_type":"integer"})";
    const Design before = with_formula(design_of(seats), "total", "\"seats\" * 2", {"seats"});
    const Design wider = with_formula(design_of(R"({"name":"seats","field_type":"biginteger"})"),
                                      "total", "\"seats\" * 2", {"seats"});
    const Migration migration = alter(before, wider);
    CHECK(operations(migration) ==
          "grant drop_calculated convert_column add_calculated grant comment");
    CHECK(change_of(migration, "drop_calculated").up ==
          R"sql(ALTER TABLE "t_demo"."deal" DROP COLUMN "total";)sql");
    CHECK(
        change_of(migration, "add_calculated").up ==
        R"sql(ALTER TABLE "t_demo"."deal" ADD COLUMN "total" bigint GENERATED ALWAYS AS ("seats" * 2) STORED;)sql");
}

TEST_CASE("a calculated column follows a rename by itself", "[alter]") {
    const Design before =
        with_formula(design_of(R"({"name":"seats","label":"L","field_type":"integer"})"), "total",
                     "\"seats\" * length('\"seats\"')", {"seats"});
    const Design after = with_formula(
        design_of(R"({"name":"chairs","label":"L","field_type":"integer"})", {{"chairs", "seats"}}),
        "total", "\"chairs\" * length('\"seats\"')", {"chairs"});
    CHECK(operations(alter(before, after)) == "rename_column");
}

TEST_CASE("indexes of definitions come, change, follow renames and go", "[alter]") {
    const std::string fields =
        R"({"name":"city","label":"L","field_type":"string","max_length":50},{"name":"rank","field_type":"integer"})";
    const std::string index =
        R"({"name":"by_city","field_names":["city",{"field":"rank","order":"desc"}],
            "condition":{"operator":"AND","conditions":[{"field":"city","operator":"ne","value":"it's"}]}})";
    const Migration added = alter(design_of(fields), design_of(fields, {}, index));
    CHECK(added.up_script() ==
          "CREATE INDEX \"deal_by_city_ix\" ON \"t_demo\".\"deal\" (\"city\", \"rank\" DESC) "
          "WHERE \"city\" IS DISTINCT FROM 'it''s'::text;\n");
    CHECK(added.changes[0].risk == Risk::safe);

    const std::string moved =
        R"({"name":"town","label":"L","field_type":"string","max_length":50},{"name":"rank","field_type":"integer"})";
    const std::string moved_index =
        R"({"name":"by_town","field_names":["town",{"field":"rank","order":"desc"}],
            "condition":{"operator":"AND","conditions":[{"field":"town","operator":"ne","value":"it's"}]}})";
    CHECK(operations(
              alter(design_of(fields, {}, index),
                    design_of(moved, {{"town", "city"}, {"by_town", "by_city"}}, moved_index))) ==
          "rename_column rename_constraint rename_index");
    CHECK(operations(alter(design_of(fields, {}, index), design_of(fields))) == "drop_index");
    CHECK(
        operations(alter(design_of(fields, {}, index),
                         design_of(fields, {}, R"({"name":"by_city","field_names":["city"]})"))) ==
        "drop_index add_index");
}

TEST_CASE("a search index follows what it is of", "[alter]") {
    const std::string fields =
        R"({"name":"city","label":"L","field_type":"text"},{"name":"note","label":"N","field_type":"text"})";
    const auto words = [](const std::string& names) {
        return R"({"name":"words","index_type":"search","field_names":[)" + names + "]}";
    };
    const Design both = design_of(fields, {}, words(R"("city","note")"));
    CHECK(operations(alter(design_of(fields), both)) == "add_index");
    CHECK(operations(alter(both, design_of(fields))) == "drop_index");

    const Migration smaller = alter(both, design_of(fields, {}, words(R"("note")")));
    CHECK(operations(smaller) == "drop_index add_index");
    CHECK(
        smaller.changes[1].up ==
        R"(CREATE INDEX "deal_words_ix" ON "t_demo"."deal" USING gin ("note" "pgwright"."search_ops");)");
    CHECK(operations(alter(both, design_of(fields, {}, words(R"("note","city")")))) ==
          "drop_index add_index");

    const std::string renamed =
        R"({"name":"town","label":"L","field_type":"text"},{"name":"note","label":"N","field_type":"text"})";
    CHECK(operations(alter(both, design_of(renamed, {{"town", "city"}},
                                           words(R"("town","note")")))) == "rename_column");
}

TEST_CASE("a text that becomes a rich text is searched as one", "[alter]") {
    const std::string index =
        R"({"name":"words","index_type":"search","field_names":["note"]},{"name":"h","index_type":"hash","field_names":["note"]})";
    const Design plain = design_of(R"({"name":"note","field_type":"text"})", {}, index);
    const Design rich = design_of(R"({"name":"note","field_type":"rich_text"})", {}, index);
    const auto made = [](const Migration& migration) {
        return change_of(migration, "add_index").up;
    };
    CHECK(made(alter(plain, rich)).find("search_markup_ops") != std::string::npos);
    CHECK(made(alter(rich, plain)).find("\"search_ops\"") != std::string::npos);
    CHECK(change_of(alter(plain, rich), "drop_index").object == "deal_words_ix");
}

TEST_CASE("the language of the texts changes nothing of the table", "[alter]") {
    const std::string fields = R"({"name":"note","field_type":"text"})";
    const std::string index = R"({"name":"words","index_type":"search","field_names":["note"]})";
    CHECK(alter(design_of(fields, {}, index),
                design_of(fields, {}, index, R"("search_language":"danish",)"))
              .changes.empty());
}

TEST_CASE("a new label is a comment", "[alter]") {
    const Migration migration = alter(
        design_of(kPrice), design_of(R"({"name":"price","field_type":"text","label":"Cost"})"));
    CHECK(migration.up_script() == "COMMENT ON COLUMN \"t_demo\".\"deal\".\"price\" IS 'Cost';\n");
    CHECK(migration.down_script() ==
          "COMMENT ON COLUMN \"t_demo\".\"deal\".\"price\" IS 'Price';\n");
    CHECK(migration.changes[0].risk == Risk::safe);
}

TEST_CASE("a table is taken out of service with its rows", "[alter]") {
    Design design = design_of(R"({"name":"code","field_type":"uuid","is_unique":true})");
    design.entity.id = *Uuid::parse("0189d5c0-0000-7000-8000-0000000000aa");
    TableState state = state_of(design);
    state.constraints.push_back(
        {"deal_code_fkey", "FOREIGN KEY (code) REFERENCES t_demo.company(id) ON DELETE RESTRICT",
         true});
    const Migration migration = plan_drop(design, state, 3, 4);
    CHECK(migration.type == "drop");
    CHECK(migration.up_script() ==
          R"sql(ALTER TABLE "t_demo"."deal" DROP CONSTRAINT "deal_code_fkey";

REVOKE ALL ON "t_demo"."deal"
    FROM PUBLIC, pgwright_runtime, pgwright_user;

ALTER INDEX "t_demo"."deal_pkey" RENAME TO "_retired_deal_pkey_v4_000000aa";

ALTER INDEX "t_demo"."deal_code_key" RENAME TO "_retired_deal_code_key_v4_000000aa";

ALTER TABLE "t_demo"."deal" RENAME TO "_retired_deal_v4_000000aa";
ALTER TABLE "t_demo"."_retired_deal_v4_000000aa" SET SCHEMA "pgwright_retired";
)sql");
    CHECK(migration.down_script() ==
          R"sql(ALTER TABLE "pgwright_retired"."_retired_deal_v4_000000aa" SET SCHEMA "t_demo";
ALTER TABLE "t_demo"."_retired_deal_v4_000000aa" RENAME TO "deal";

ALTER INDEX "t_demo"."_retired_deal_code_key_v4_000000aa" RENAME TO "deal_code_key";

ALTER INDEX "t_demo"."_retired_deal_pkey_v4_000000aa" RENAME TO "deal_pkey";

GRANT SELECT, INSERT, UPDATE, DELETE ON "t_demo"."deal"
    TO pgwright_runtime, pgwright_user;

ALTER TABLE "t_demo"."deal" ADD CONSTRAINT "deal_code_fkey" FOREIGN KEY (code) REFERENCES t_demo.company(id) ON DELETE RESTRICT;
)sql");
    CHECK(migration.changes.back().risk == Risk::destructive);
    CHECK(migration.changes.back().retired == retired_table_name(design.entity, 4));
}
