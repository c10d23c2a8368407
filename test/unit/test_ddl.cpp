// The plan of a new entity's table: its script whole, as documentation, and its rules one by one.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "core/ddl.hpp"
#include "core/identifier.hpp"

using namespace pgwright::core;

namespace {

// The entity of that definition in tenant demo's schema, or of the platform; lookups find their
// target beside it.
Entity entity_of(std::string_view json, bool platform = false) {
    Faults faults;
    const EntityDefinition definition = parse_entity_definition(parse_json(json), faults);
    REQUIRE(faults.empty());
    Entity entity = definition.entity;
    entity.schema = platform ? "pgwright_shared" : "t_demo";
    if (!platform) entity.tenant_id = Uuid::parse("0189d5c0-0000-7000-8000-000000000001");
    entity.fields = all_fields(definition);
    for (const FieldDefinition& each : definition.fields) {
        if (!each.reference_entity) continue;
        const auto field = std::find_if(entity.fields.begin(), entity.fields.end(),
                                        [&](const Field& f) { return f.name == each.field.name; });
        field->reference =
            Reference{{}, *each.reference_entity, entity.schema, *each.reference_entity, "id"};
    }
    return entity;
}

Entity entity_with(const std::string& fields, bool platform = false) {
    return entity_of(R"({"name":"deal","fields":[)" + fields + "]}", platform);
}

// The plan's script has that line.
bool has(const Migration& migration, std::string_view line) {
    return migration.up_script().find(line) != std::string::npos;
}

std::string operations(const Migration& migration) {
    std::string text;
    for (const Change& change : migration.changes)
        text += (text.empty() ? "" : " ") + change.operation;
    return text;
}

std::string constraint_message(const Entity& entity, std::string_view name) {
    const ConstraintMeaning meaning = explain_constraint(entity, name);
    return (meaning.field == nullptr ? "-" : meaning.field->name) + ": " + meaning.message;
}

}  // namespace

TEST_CASE("a new entity becomes a table that enforces what its definition says", "[ddl]") {
    const Migration migration = plan_create(entity_of(R"({"name":"deal","label":"Deal","fields":[
        {"name":"title","field_type":"string","is_required":true,"max_length":120},
        {"name":"code","field_type":"string","max_length":20,"is_unique":true},
        {"name":"stage","field_type":"string","default_value":"new","allowed_values":["new","won"]},
        {"name":"amount","field_type":"currency","min_value":0},
        {"name":"seats","field_type":"integer","min_value":1,"max_value":50},
        {"name":"phone","field_type":"phone"},
        {"name":"company_id","label":"Company","field_type":"lookup","is_required":true,"reference_entity":"company"}]})"));
    CHECK(migration.name == "deal_v1");
    CHECK(migration.type == "create");
    CHECK(migration.up_script() == R"sql(CREATE TABLE "t_demo"."deal" (
    "id"         uuid                     NOT NULL DEFAULT pgwright.uuid_v7(),
    "title"      text                     NOT NULL,
    "code"       text,
    "stage"      text                     DEFAULT 'new'::text,
    "amount"     numeric,
    "seats"      integer,
    "phone"      text,
    "company_id" uuid                     NOT NULL,
    "created_at" timestamp with time zone NOT NULL DEFAULT now(),
    "updated_at" timestamp with time zone NOT NULL DEFAULT now(),
    "created_by" uuid                     DEFAULT pgwright.user_id(),
    "updated_by" uuid                     DEFAULT pgwright.user_id(),
    "deleted_at" timestamp with time zone,
    "deleted_by" uuid,
    CONSTRAINT "deal_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "deal_title_length" CHECK (char_length("title") <= 120),
    CONSTRAINT "deal_code_length" CHECK (char_length("code") <= 20),
    CONSTRAINT "deal_stage_length" CHECK (char_length("stage") <= 255),
    CONSTRAINT "deal_stage_allowed" CHECK ("stage" = ANY (ARRAY['new', 'won']::text[])),
    CONSTRAINT "deal_amount_range" CHECK ("amount" >= 0 AND "amount" < 'Infinity'),
    CONSTRAINT "deal_amount_scale" CHECK (min_scale("amount") <= 2),
    CONSTRAINT "deal_seats_range" CHECK ("seats" BETWEEN 1 AND 50),
    CONSTRAINT "deal_phone_length" CHECK (char_length("phone") <= 32),
    CONSTRAINT "deal_phone_format" CHECK ("phone" ~ '^[+]?[(]?[0-9]([ ()./-]*[0-9]){2,}( *([xX]|[eE][xX][tT][.]?) *[0-9]+)?$')
);

CREATE UNIQUE INDEX "deal_code_key" ON "t_demo"."deal" ("code") WHERE "deleted_at" IS NULL;

CREATE INDEX "deal_company_id_idx" ON "t_demo"."deal" ("company_id");

ALTER TABLE "t_demo"."deal"
    ADD CONSTRAINT "deal_company_id_fkey" FOREIGN KEY ("company_id")
    REFERENCES "t_demo"."company" ("id") ON DELETE RESTRICT;

CREATE TRIGGER pgwright_guard_record
    BEFORE UPDATE OR DELETE ON "t_demo"."deal"
    FOR EACH ROW EXECUTE FUNCTION pgwright.guard_record('deal', '', '');

CREATE TRIGGER pgwright_stamp_record
    BEFORE INSERT OR UPDATE ON "t_demo"."deal"
    FOR EACH ROW EXECUTE FUNCTION pgwright.stamp_record();

CREATE TRIGGER pgwright_check_references_insert
    AFTER INSERT ON "t_demo"."deal" REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.check_references();

CREATE TRIGGER pgwright_check_references_update
    AFTER UPDATE ON "t_demo"."deal" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pgwright.check_references();

CREATE TRIGGER pgwright_delete_referrers
    AFTER UPDATE OF "deleted_at" ON "t_demo"."deal"
    FOR EACH ROW WHEN (OLD."deleted_at" IS NULL AND NEW."deleted_at" IS NOT NULL)
    EXECUTE FUNCTION pgwright.delete_referrers();

ALTER TABLE "t_demo"."deal" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "t_demo"."deal" FORCE ROW LEVEL SECURITY;

CREATE POLICY pgwright_select ON "t_demo"."deal" FOR SELECT TO pgwright_runtime, pgwright_user
    USING ((SELECT pgwright.tenant_id()) = '0189d5c0-0000-7000-8000-000000000001'::uuid
        AND (SELECT pgwright.tenant_with('deal:read')) = '0189d5c0-0000-7000-8000-000000000001'::uuid);

CREATE POLICY pgwright_insert ON "t_demo"."deal" FOR INSERT TO pgwright_runtime, pgwright_user
    WITH CHECK ((SELECT pgwright.tenant_id()) = '0189d5c0-0000-7000-8000-000000000001'::uuid
        AND (SELECT pgwright.tenant_with('deal:create')) = '0189d5c0-0000-7000-8000-000000000001'::uuid);

CREATE POLICY pgwright_update ON "t_demo"."deal" FOR UPDATE TO pgwright_runtime, pgwright_user
    USING ((SELECT pgwright.tenant_id()) = '0189d5c0-0000-7000-8000-000000000001'::uuid
        AND (SELECT pgwright.tenant_with('deal:read')) = '0189d5c0-0000-7000-8000-000000000001'::uuid)
    WITH CHECK ((SELECT pgwright.tenant_id()) = '0189d5c0-0000-7000-8000-000000000001'::uuid
        AND CASE WHEN "deleted_at" IS NULL THEN (SELECT pgwright.has_permission('deal:update'))
                 ELSE (SELECT pgwright.has_permission('deal:delete')) END);

CREATE POLICY pgwright_delete ON "t_demo"."deal" FOR DELETE TO pgwright_runtime, pgwright_user
    USING ((SELECT pgwright.tenant_id()) = '0189d5c0-0000-7000-8000-000000000001'::uuid
        AND (SELECT pgwright.tenant_with('deal:read')) = '0189d5c0-0000-7000-8000-000000000001'::uuid);

REVOKE ALL ON "t_demo"."deal" FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON "t_demo"."deal"
    TO pgwright_runtime, pgwright_user;

COMMENT ON TABLE "t_demo"."deal" IS 'Deal';
COMMENT ON COLUMN "t_demo"."deal"."id" IS 'ID';
COMMENT ON COLUMN "t_demo"."deal"."title" IS 'Title';
COMMENT ON COLUMN "t_demo"."deal"."code" IS 'Code';
COMMENT ON COLUMN "t_demo"."deal"."stage" IS 'Stage';
COMMENT ON COLUMN "t_demo"."deal"."amount" IS 'Amount';
COMMENT ON COLUMN "t_demo"."deal"."seats" IS 'Seats';
COMMENT ON COLUMN "t_demo"."deal"."phone" IS 'Phone';
COMMENT ON COLUMN "t_demo"."deal"."company_id" IS 'Company';
COMMENT ON COLUMN "t_demo"."deal"."created_at" IS 'Created at';
COMMENT ON COLUMN "t_demo"."deal"."updated_at" IS 'Updated at';
COMMENT ON COLUMN "t_demo"."deal"."created_by" IS 'Created by';
COMMENT ON COLUMN "t_demo"."deal"."updated_by" IS 'Updated by';
COMMENT ON COLUMN "t_demo"."deal"."deleted_at" IS 'Deleted at';
COMMENT ON COLUMN "t_demo"."deal"."deleted_by" IS 'Deleted by';
)sql");
    CHECK(operations(migration) ==
          "create_table add_index add_index add_foreign_key create_trigger create_trigger "
          "create_trigger create_trigger create_trigger enable_row_security "
          "create_policy create_policy create_policy "
          "create_policy grant comment");
}

TEST_CASE("the way down drops the policies and the table, and nothing outlives it", "[ddl]") {
    const std::string script =
        plan_create(entity_with(R"({"name":"code","field_type":"string","is_unique":true})"))
            .down_script();
    CHECK(script.starts_with("DROP POLICY pgwright_delete ON \"t_demo\".\"deal\";\n"));
    CHECK(script.ends_with("\nDROP TABLE \"t_demo\".\"deal\";\n"));
}

TEST_CASE("every change says what it does, what it locks and how risky it is", "[ddl]") {
    for (const Change& change :
         plan_create(
             entity_with(R"({"name":"parent_id","field_type":"lookup","reference_entity":"deal"})"))
             .changes) {
        CAPTURE(change.operation);
        CHECK_FALSE(change.object.empty());
        CHECK_FALSE(change.summary.empty());
        CHECK_FALSE(change.lock.empty());
        CHECK(change.up.ends_with(";"));
        CHECK(risk_name(change.risk) == "safe");
    }
}

TEST_CASE("the table has its generated columns whichever of them the entity lists", "[ddl]") {
    Entity entity = entity_with(R"({"name":"title","field_type":"text"})");
    const std::string script = plan_create(entity).up_script();
    std::erase_if(entity.fields, [](const Field& field) { return field.system; });
    CHECK(plan_create(entity).up_script() == script);

    entity.soft_delete = false;
    CHECK_FALSE(has(plan_create(entity), "deleted_at"));
    CHECK(has(
        plan_create(entity),
        "FOR UPDATE TO pgwright_runtime, pgwright_user\n"
        "    USING ((SELECT pgwright.tenant_id()) = '0189d5c0-0000-7000-8000-000000000001'::uuid\n"
        "        AND (SELECT pgwright.tenant_with('deal:read')) = "
        "'0189d5c0-0000-7000-8000-000000000001'::uuid)\n"
        "    WITH CHECK ((SELECT pgwright.tenant_id()) = "
        "'0189d5c0-0000-7000-8000-000000000001'::uuid\n"
        "        AND (SELECT pgwright.has_permission('deal:update')));"));
}

TEST_CASE("numbers keep out what JSON lacks, with or without bounds", "[ddl]") {
    const auto plan = plan_create(entity_with(
        R"({"name":"a","field_type":"decimal"},{"name":"b","field_type":"decimal","max_value":5},
        {"name":"c","field_type":"decimal","min_value":-1.5,"max_value":5},{"name":"d","field_type":"integer"})"));
    CHECK(has(plan, R"("deal_a_range" CHECK ("a" > '-Infinity' AND "a" < 'Infinity'))"));
    CHECK(has(plan, R"("deal_b_range" CHECK ("b" <= 5 AND "b" > '-Infinity'))"));
    CHECK(has(plan, R"("deal_c_range" CHECK ("c" BETWEEN -1.5 AND 5))"));
    CHECK_FALSE(has(plan, "deal_d_range"));
}

TEST_CASE("a lookup's column is indexed once, over all rows", "[ddl]") {
    const std::string lookup =
        R"({"name":"boss","field_type":"lookup","reference_entity":"deal","is_indexed":true)";
    CHECK(has(plan_create(entity_with(lookup + "}")),
              "CREATE INDEX \"deal_boss_idx\" ON \"t_demo\".\"deal\" (\"boss\");"));

    // Live rows only would not help the check that nothing refers to a record.
    Entity unique = entity_with(lookup + ",\"is_unique\":true}");
    CHECK(has(plan_create(unique), "CREATE UNIQUE INDEX \"deal_boss_key\""));
    CHECK(has(plan_create(unique), "CREATE INDEX \"deal_boss_idx\""));
    unique.soft_delete = false;
    CHECK(has(plan_create(unique),
              "CREATE UNIQUE INDEX \"deal_boss_key\" ON \"t_demo\".\"deal\" (\"boss\");"));
    CHECK_FALSE(has(plan_create(unique), "deal_boss_idx"));
}

TEST_CASE("an index does not take the name of another relation", "[ddl]") {
    const Entity entity = entity_with(R"({"name":"code","field_type":"string","is_unique":true})");
    const auto plan = plan_create(entity, {"deal_code_key"});
    CHECK_FALSE(has(plan, "\"deal_code_key\""));
    CHECK(has(plan, hashed_name({"deal", "code"}, "key")));
    CHECK(constraint_message(entity, hashed_name({"deal", "code"}, "key")) ==
          "code: must be unique");
}

TEST_CASE("a platform entity's rows carry their tenant, in its indexes, policies and references",
          "[ddl]") {
    const auto plan =
        plan_create(entity_with(R"({"name":"code","field_type":"string","is_unique":true},
        {"name":"company_id","field_type":"lookup","reference_entity":"company"})",
                                true));
    CHECK(has(plan,
              "(\n    \"tenant_id\"  uuid                     NOT NULL DEFAULT "
              "pgwright.tenant_id(),\n    \"id\""));
    CHECK(has(
        plan,
        R"(CREATE UNIQUE INDEX "deal_tenant_id_key" ON "pgwright_shared"."deal" ("tenant_id", "id");)"));
    CHECK(has(plan,
              R"(ON "pgwright_shared"."deal" ("tenant_id", "code") WHERE "deleted_at" IS NULL;)"));
    CHECK(has(plan, R"(FOREIGN KEY ("tenant_id", "company_id"))"));
    CHECK(has(plan,
              R"(REFERENCES "pgwright_shared"."company" ("tenant_id", "id") ON DELETE RESTRICT;)"));
    CHECK(has(plan, R"(USING ("tenant_id" = (SELECT pgwright.tenant_with('deal:read')))"));
}

TEST_CASE("names and texts of the definition cannot break out of the script", "[ddl]") {
    Entity entity = entity_with(
        R"({"name":"stage","label":"it's\\","field_type":"string","default_value":"'; DROP TABLE x; --",
        "allowed_values":["'; DROP TABLE x; --"]})");
    CHECK(has(plan_create(entity), R"(DEFAULT '''; DROP TABLE x; --'::text)"));
    CHECK(has(plan_create(entity), R"(ARRAY['''; DROP TABLE x; --']::text[])"));
    CHECK(has(plan_create(entity), R"(IS E'it''s\\';)"));
    entity.resource = "a'b";
    CHECK(plan_policies(entity)[0].up.find("tenant_with('a''b:read')") != std::string::npos);
}

TEST_CASE("what no table can be made of is refused", "[ddl]") {
    Entity entity =
        entity_with(R"({"name":"company_id","field_type":"lookup","reference_entity":"company"})");
    entity.fields[1].reference.reset();
    CHECK_THROWS_AS(plan_create(entity), Failure);
    entity = entity_with(R"({"name":"a","field_type":"text"})");
    entity.fields[1].type = FieldType::other;
    CHECK_THROWS_AS(plan_create(entity), Failure);
    entity = entity_with("");
    entity.kind = EntityKind::virtual_;
    CHECK_THROWS_AS(plan_create(entity), Failure);
}

TEST_CASE("a constraint's name leads back to the field and its rule", "[ddl]") {
    const std::string long_name(63, 'f');
    const Entity entity = entity_with(R"({"name":"title","field_type":"string","max_length":120},
        {"name":"amount","field_type":"currency","min_value":0,"max_value":9.5},{"name":"weight","field_type":"decimal"},
        {"name":"email","field_type":"email"},{"name":"stage","field_type":"string","allowed_values":["new","won"]},
        {"name":"company_id","field_type":"lookup","reference_entity":"company"},{"name":"key","field_type":"integer"},
        {"name":")" + long_name + R"(","field_type":"string","min_length":2})");
    CHECK(constraint_message(entity, "deal_pkey") == "id: must be unique");
    CHECK(constraint_message(entity, "deal_title_key") == "title: must be unique");
    CHECK(constraint_message(entity, "deal_title_length") ==
          "title: must be at most 120 characters");
    CHECK(constraint_message(entity, "deal_amount_range") == "amount: must be between 0 and 9.5");
    CHECK(constraint_message(entity, "deal_amount_scale") ==
          "amount: must have at most 2 decimal places");
    CHECK(constraint_message(entity, "deal_weight_range") == "weight: must be a finite number");
    CHECK(constraint_message(entity, "deal_email_format") == "email: must be an e-mail address");
    CHECK(constraint_message(entity, "deal_stage_allowed") == "stage: must be one of: new, won");
    CHECK(constraint_message(entity, "deal_company_id_fkey") ==
          "company_id: refers to a record that does not exist");
    CHECK(constraint_message(entity, "deal_key_key") == "key: must be unique");
    CHECK(constraint_message(entity, "deal_title_check") ==
          "title: is refused by a constraint of the table");
    CHECK(constraint_message(entity, derived_name({"deal", long_name}, "length")) ==
          long_name + ": must be between 2 and 255 characters");

    for (const auto* name : {"", "deal", "deal_title", "deal_key", "title_length",
                             "deal_nothing_length", "invoice_deal_id_fkey", "deal_title_length_"}) {
        CAPTURE(name);
        CHECK(constraint_message(entity, name) == "-: ");
    }
}
