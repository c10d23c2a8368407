"""Describing entities under /api/v1/data-model: drafts, fields, previews, publishing, history."""

import pytest

ENTITIES = "/data-model/entities"
NAME = {"name": "name", "field_type": "string", "is_required": True}
MISSING = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def studio(make_tenant):
    return make_tenant("studio")


@pytest.fixture(scope="module")
def product(studio):
    """A published entity, which the tests only look at."""
    return studio.owner.publish("product", NAME, {"name": "price", "field_type": "currency"}, category="Sales")


def draft(client, name, *fields, **properties):
    definition = {"name": name, "fields": list(fields)} | properties
    return client.post(ENTITIES, definition).must_be(201).json


def names(definitions):
    return [definition["name"] for definition in definitions]


# Entities -----------------------------------------------------------------------------------------


def test_an_entity_is_created_as_a_draft_with_its_fields(studio):
    entity = draft(
        studio.owner,
        "invoice",
        {"name": "number", "field_type": "string", "label": "No.", "is_required": True, "is_unique": True},
        {"name": "total", "field_type": "currency", "min_value": 0},
        label="Invoice",
        plural_label="Invoices",
        category="Finance",
        description="What we ask for",
    )
    assert entity["status"] == "draft"
    assert (entity["name"], entity["label"], entity["plural_label"]) == ("invoice", "Invoice", "Invoices")
    assert (entity["category"], entity["description"]) == ("Finance", "What we ask for")
    assert (entity["entity_type"], entity["version"]) == ("custom", 1)
    assert (entity["schema_name"], entity["table_name"]) == ("t_studio", "invoice")
    me = studio.owner.get("/auth/me").json
    assert (entity["tenant_id"], entity["created_by"]) == (me["tenant"]["id"], me["id"])
    number, total = entity["fields"]
    assert (number["name"], number["label"], number["field_type"], number["data_type"]) == (
        "number", "No.", "string", "text",
    )  # fmt: skip
    assert (number["is_required"], number["is_nullable"], number["is_unique"]) == (True, False, True)
    assert (total["label"], total["min_value"], total["decimal_places"]) == ("Total", 0, 2)
    assert number["entity_id"] == total["entity_id"] == entity["id"]
    assert [number["display_order"], total["display_order"]] == [1, 2]


def test_an_entity_needs_no_fields_yet(studio):
    assert draft(studio.owner, "bare")["fields"] == []
    entity = studio.owner.post(ENTITIES, {"name": "barer"}).must_be(201).json
    assert (entity["label"], entity["fields"]) == ("Barer", [])


def test_an_entity_is_named_by_name_or_id(studio, product):
    by_name = studio.member.get(f"{ENTITIES}/product").must_be(200).json
    by_id = studio.member.get(f"{ENTITIES}/{product['id']}").must_be(200).json
    assert by_name == by_id
    assert by_name["id"] == product["id"]
    assert names(by_name["fields"]) == ["name", "price"]
    for path in ("fields", "migrations"):
        assert (
            studio.member.get(f"{ENTITIES}/product/{path}").must_be(200).json
            == studio.member.get(f"{ENTITIES}/{product['id']}/{path}").must_be(200).json
        )


@pytest.mark.parametrize("name", ["nothing", MISSING, "Product", "product ", "t_studio.product", "%22product%22", "pg_class"])
def test_an_unknown_entity_is_not_found(studio, product, name):
    name = name.replace(" ", "%20")
    for method, path in [
        ("GET", ""), ("GET", "/fields"), ("GET", "/migrations"), ("POST", "/preview-migration"), ("POST", "/publish"),
    ]:  # fmt: skip
        studio.owner.request(method, f"{ENTITIES}/{name}{path}").must_be(404, "RESOURCE_NOT_FOUND")
    studio.owner.post(f"{ENTITIES}/{name}/fields", NAME).must_be(404, "RESOURCE_NOT_FOUND")


def test_a_name_is_taken_once(studio, product):
    studio.owner.post(ENTITIES, {"name": "product"}).must_be(409, "CONFLICT", fields=["name"])


@pytest.mark.parametrize("name", ["users", "sessions", "data_model", "routes"])
def test_the_names_of_the_platforms_parts_are_reserved(studio, name):
    """Else a role that may read the entity of that name could read the platform's."""
    studio.owner.post(ENTITIES, {"name": name}).must_be(400, "VALIDATION_ERROR", fields=["name"])


# Lists --------------------------------------------------------------------------------------------


def test_the_list_is_a_bare_array_in_order_of_names(studio, product):
    entities = studio.viewer.get(ENTITIES).must_be(200).json
    assert isinstance(entities, list)
    assert names(entities) == sorted(names(entities))
    assert {"product", "users", "entity_definitions"} <= set(names(entities))
    assert all("fields" not in entity for entity in entities)


def test_filters_narrow_the_list(studio, product):
    draft(studio.owner, "sale_draft", category="Sales")
    listed = lambda **query: set(names(studio.viewer.get(ENTITIES, **query).must_be(200).json))  # noqa: E731
    assert listed(category="Sales") == {"product", "sale_draft"}
    assert listed(category="Sales", status="published") == {"product"}
    assert listed(category="sales") == set()
    assert {"users", "tenants", "routes"} <= listed(entity_type="system")
    assert "product" in listed(entity_type="custom")
    assert not listed(entity_type="custom") & {"users", "tenants", "routes"}
    assert "sale_draft" in listed(status="draft")
    assert "product" not in listed(status="draft")


@pytest.mark.parametrize("query", [{"page": "1"}, {"name": "product"}, {"Category": "Sales"}])
def test_an_unknown_filter_is_named(studio, query):
    studio.viewer.get(ENTITIES, **query).must_be(400, "VALIDATION_ERROR", fields=list(query))


# Fields -------------------------------------------------------------------------------------------


def test_a_field_is_added_to_a_draft(studio):
    entity = draft(studio.owner, "growing", NAME)
    field = studio.owner.post(
        f"{ENTITIES}/growing/fields", {"name": "colour", "field_type": "string", "allowed_values": ["red", "green"]}
    ).must_be(201)
    assert field.json["entity_id"] == entity["id"]
    assert (field.json["name"], field.json["allowed_values"]) == ("colour", ["red", "green"])
    fields = studio.owner.get(f"{ENTITIES}/growing/fields").must_be(200).json
    assert names(fields) == ["name", "colour"]
    assert fields[1] == field.json
    studio.owner.post(f"{ENTITIES}/growing/publish").must_be(200)
    studio.owner.create("growing", name="a", colour="red")
    studio.owner.post("/dynamic-data/growing/records", {"data": {"name": "b", "colour": "blue"}}).must_be(
        400, "VALIDATION_ERROR", fields=["colour"]
    )


def test_a_field_of_a_taken_name_is_a_conflict(studio):
    draft(studio.owner, "crowded", NAME)
    for name in ("name", "id", "created_at"):
        answer = studio.owner.post(f"{ENTITIES}/crowded/fields", {"name": name, "field_type": "string"})
        assert answer.status in (400, 409) and answer.faulty_fields == ["name"], (name, answer.body)
    assert names(studio.owner.get(f"{ENTITIES}/crowded/fields").json) == ["name"]


def test_a_change_of_a_published_entity_is_drafted(studio, product):
    studio.owner.post(f"{ENTITIES}/product/fields", {"name": "late", "field_type": "string"}).must_be(201)
    assert "late" not in names(studio.owner.get(f"{ENTITIES}/product/fields").json)
    assert "late" in names(studio.owner.get(f"{ENTITIES}/product/fields", version="draft").json)
    discarded = studio.owner.delete(f"{ENTITIES}/product/draft").must_be(200).json
    assert (discarded["status"], discarded["draft_version"]) == ("published", None)


def test_a_lookup_refers_by_name_or_id(studio, product):
    entity = draft(
        studio.owner,
        "order_line",
        {"name": "item", "field_type": "lookup", "reference_entity": "product"},
        {"name": "other_item", "field_type": "lookup", "reference_entity_id": product["id"]},
        {"name": "parent", "field_type": "lookup", "reference_entity": "order_line"},
    )
    targets = [field["reference_entity_id"] for field in entity["fields"]]
    assert targets == [product["id"], product["id"], entity["id"]]
    studio.owner.post(ENTITIES, {"name": "dangling", "fields": [
        {"name": "x", "field_type": "lookup", "reference_entity": "nothing"},
        {"name": "y", "field_type": "lookup"},
    ]}).must_be(400, "VALIDATION_ERROR", fields=["fields[0].reference_entity", "fields[1].reference_entity"])  # fmt: skip


# Faults -------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_its_path(studio):
    definition = {
        "name": "Bad Name",
        "colour": "red",
        "records_per_page": 0,
        "fields": [
            {"name": "select", "field_type": "string"},
            {"name": "ok", "field_type": "strange"},
            {"name": "short", "field_type": "string", "max_length": -1, "unknown": 1},
            {"name": "range", "field_type": "integer", "min_value": 10, "max_value": 1},
            {"name": "twice", "field_type": "date"},
            {"name": "twice", "field_type": "date"},
            {"field_type": "string"},
        ],
    }
    answer = studio.owner.post(ENTITIES, definition).must_be(400, "VALIDATION_ERROR")
    assert {
        "name",
        "colour",
        "records_per_page",
        "fields[0].name",
        "fields[1].field_type",
        "fields[2].max_length",
        "fields[2].unknown",
        "fields[5].name",
        "fields[6].name",
    } <= set(answer.faulty_fields)
    assert any(field.startswith("fields[3].") for field in answer.faulty_fields)
    assert len(answer.faulty_fields) == len(set(answer.faulty_fields)), "no path is told twice"
    studio.owner.get(f"{ENTITIES}/Bad%20Name").must_be(404)


@pytest.mark.parametrize(
    "name",
    ["select", "user", "table", "order", "", " ", "a b", "A", "1a", "_a", "a-b", "a.b", 'a"b', "ä", "a" * 64, "a;drop", 7, None],
)
def test_a_bad_name_is_a_fault_of_entity_and_field(studio, name):
    studio.owner.post(ENTITIES, {"name": name}).must_be(400, "VALIDATION_ERROR", fields=["name"])
    fields = [{"name": name, "field_type": "string"}]
    studio.owner.post(ENTITIES, {"name": "fine", "fields": fields}).must_be(400, fields=["fields[0].name"])
    studio.owner.get(f"{ENTITIES}/fine").must_be(404)


@pytest.mark.parametrize("name", ["id", "created_at", "updated_at", "created_by", "updated_by", "deleted_at", "deleted_by"])
def test_a_field_may_not_bear_the_name_of_a_generated_one(studio, name):
    fields = [{"name": name, "field_type": "string"}]
    studio.owner.post(ENTITIES, {"name": "fine", "fields": fields}).must_be(400, fields=["fields[0].name"])


@pytest.mark.parametrize("key", ["id", "tenant_id", "status", "version", "created_by", "is_deleted", "schema_name"])
def test_what_the_server_computes_cannot_be_given(studio, key):
    studio.owner.post(ENTITIES, {"name": "fine", key: "published"}).must_be(400, "VALIDATION_ERROR", fields=[key])


def test_fields_are_an_array_of_objects(studio):
    fields = [NAME, "name", None, 7, []]
    studio.owner.post(ENTITIES, {"name": "fine", "fields": fields}).must_be(
        400, "VALIDATION_ERROR", fields=[f"fields[{index}]" for index in range(1, 5)]
    )
    studio.owner.post(ENTITIES, {"name": "fine", "fields": {"a": NAME}}).must_be(400, fields=["fields"])


@pytest.mark.parametrize("body", ["[]", "7", '"name"', "null", "true", "{}"])
def test_a_definition_is_an_object_with_a_name(studio, body):
    studio.owner.post(ENTITIES, body.encode()).must_be(400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "field, faulty",
    [
        ({"default_value": "x" * 10, "max_length": 5}, "default_value"),
        ({"default_value": "c", "allowed_values": ["a", "b"]}, "default_value"),
        ({"allowed_values": [1]}, "allowed_values"),
        ({"field_type": "integer", "default_value": "many"}, "default_value"),
        ({"field_type": "boolean", "max_length": 5}, "max_length"),
        ({"field_type": "date", "min_value": 5}, "min_value"),
        ({"field_type": "integer", "decimal_places": 2}, "decimal_places"),
        ({"default_expression": "now(); DROP TABLE x"}, "default_expression"),
        ({"reference_entity": "users"}, "reference_entity"),
        ({"is_required": "yes"}, "is_required"),
        ({"label": "x" * 201}, "label"),
    ],
)
def test_a_rule_must_fit_its_field(studio, field, faulty):
    field = {"name": "x", "field_type": "string"} | field
    answer = studio.owner.post(ENTITIES, {"name": "fine", "fields": [field]}).must_be(400, "VALIDATION_ERROR")
    assert all(path.startswith("fields[0]." + faulty) for path in answer.faulty_fields), answer.body
    assert answer.faulty_fields


def test_names_may_be_as_long_as_the_database_allows(studio):
    """Generated names of constraints would be longer than 63 bytes, and must still differ."""
    long = "a" * 62
    entity = "e" * 63
    fields = [
        {"name": long + end, "field_type": "string", "is_unique": True, "min_length": 1, "allowed_values": ["x", "yy"]}
        for end in "bc"
    ]
    studio.owner.publish(entity, *fields)
    studio.owner.create(entity, **{long + "b": "x", long + "c": "x"})
    studio.owner.post(f"/dynamic-data/{entity}/records", {"data": {long + "b": "yy", long + "c": "x"}}).must_be(
        409, "CONFLICT", fields=[long + "c"]
    )


# Preview and publish ------------------------------------------------------------------------------


def test_a_preview_shows_what_publishing_does_and_changes_nothing(studio, database):
    entity = draft(studio.owner, "planned", NAME)
    preview = studio.owner.post(f"{ENTITIES}/planned/preview-migration").must_be(200).json
    assert set(preview) == {
        "entity_id", "entity_name", "migration_type", "from_version", "to_version", "up_script", "down_script",
        "estimated_impact", "changes", "blockers", "warnings", "in_step", "fingerprint",
    }  # fmt: skip
    assert (preview["entity_id"], preview["entity_name"]) == (entity["id"], "planned")
    assert preview["estimated_impact"] == {"risk": "safe", "changes": len(preview["changes"]), "rows_affected": 0}
    assert preview["changes"][0]["operation"] == "create_table"
    for change in preview["changes"]:
        assert set(change) == {
            "operation", "object", "field", "summary", "up", "down", "lock", "risk", "rows_affected", "findings",
        }  # fmt: skip
        assert change["up"] in preview["up_script"]
    assert database.value("SELECT to_regclass('t_studio.planned') IS NULL") == "t"
    assert studio.owner.get(f"{ENTITIES}/planned").json["status"] == "draft"

    migration = studio.owner.post(f"{ENTITIES}/planned/publish").must_be(200).json
    assert migration["up_script"] == preview["up_script"]
    assert migration["changes"] == preview["changes"]
    assert database.value("SELECT to_regclass('t_studio.planned') IS NULL") == "f"


def test_publishing_records_the_migration(studio):
    entity = draft(studio.owner, "noted", NAME)
    message = "What's “new”; -- 変更 🚀"
    migration = studio.owner.post(f"{ENTITIES}/noted/publish", {"commit_message": message}).must_be(200).json
    assert (migration["entity_id"], migration["status"]) == (entity["id"], "completed")
    assert (migration["commit_message"], migration["error_message"]) == (message, None)
    assert (migration["migration_type"], migration["from_version"], migration["to_version"]) == ("create", None, 1)
    assert migration["executed_at"].endswith("Z")
    assert migration["created_by"] == studio.owner.get("/auth/me").json["id"]
    assert migration.pop("warnings") == []  # of the answer to publish, and not of the record
    assert studio.viewer.get(f"{ENTITIES}/noted/migrations").must_be(200).json == [migration]
    assert studio.viewer.get(f"{ENTITIES}/noted").json["status"] == "published"


def test_publishing_twice_is_a_conflict(studio, product):
    for body in (None, {"commit_message": "again"}):
        studio.owner.post(f"{ENTITIES}/product/publish", body).must_be(409, "CONFLICT")
    assert len(studio.owner.get(f"{ENTITIES}/product/migrations").json) == 1


def test_a_draft_has_no_records(studio):
    draft(studio.owner, "unborn", NAME)
    studio.owner.get("/dynamic-data/unborn/records").must_be(404, "RESOURCE_NOT_FOUND")
    studio.owner.post("/dynamic-data/unborn/records", {"data": {"name": "x"}}).must_be(404, "RESOURCE_NOT_FOUND")


def test_a_table_that_is_there_already_is_not_taken_over(studio, database):
    draft(studio.owner, "occupied", NAME)
    database.sql("CREATE TABLE t_studio.occupied (a int)")
    studio.owner.post(f"{ENTITIES}/occupied/publish").must_be(409, "CONFLICT", fields=["table_name"])
    assert studio.owner.get(f"{ENTITIES}/occupied/migrations").json == []
    database.sql("DROP TABLE t_studio.occupied")
    studio.owner.post(f"{ENTITIES}/occupied/publish").must_be(200)


@pytest.fixture
def forbidden_triggers(database):
    """While this lasts, tables are made but no triggers."""
    database.sql(
        "CREATE FUNCTION public.forbid() RETURNS event_trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'not on a Sunday'; END $$;"
        "CREATE EVENT TRIGGER forbid ON ddl_command_start WHEN TAG IN ('CREATE TRIGGER') EXECUTE FUNCTION public.forbid()"
    )
    allow = lambda: database.sql("DROP EVENT TRIGGER IF EXISTS forbid; DROP FUNCTION IF EXISTS public.forbid()")  # noqa: E731
    yield allow
    allow()


def test_a_failing_publish_changes_nothing_and_is_recorded(studio, database, forbidden_triggers):
    draft(studio.owner, "blocked", NAME)
    answer = studio.owner.post(f"{ENTITIES}/blocked/publish", {"commit_message": "in vain"}).must_be(409, "CONFLICT")
    assert answer.json["success"] is False
    assert "not on a Sunday" in answer.message
    assert studio.owner.get(f"{ENTITIES}/blocked").json["status"] == "draft"
    assert database.value("SELECT to_regclass('t_studio.blocked') IS NULL") == "t"
    [failed] = studio.owner.get(f"{ENTITIES}/blocked/migrations").must_be(200).json
    assert (failed["status"], failed["commit_message"]) == ("failed", "in vain")
    assert failed["error_message"] == "not on a Sunday"
    assert answer.json["error"]["migration_id"] == failed["id"]

    forbidden_triggers()
    studio.owner.post(f"{ENTITIES}/blocked/publish").must_be(200)
    history = studio.owner.get(f"{ENTITIES}/blocked/migrations").json
    assert [migration["status"] for migration in history] == ["completed", "failed"], "newest first"
    studio.owner.create("blocked", name="at last")


def test_the_log_of_schema_operations_has_all_of_it(studio):
    entity = draft(studio.owner, "logged", NAME)
    studio.owner.post(f"{ENTITIES}/logged/fields", {"name": "more", "field_type": "text"}).must_be(201)
    studio.owner.post(f"{ENTITIES}/logged/publish").must_be(200)
    ops = studio.owner.records("schema_ops", filters=f'{{"entity_id":"{entity["id"]}"}}', sort="created_at")
    assert [(op["op_type"], op["status"]) for op in ops] == [
        ("create_entity", "applied"), ("create_field", "applied"), ("publish_entity", "applied"),
    ]  # fmt: skip


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_read_the_model_but_do_not_shape_it(studio, product, role):
    client = getattr(studio, role)
    if role == "member":
        draft(studio.owner, "guarded", NAME)
    refused = (403, "PERMISSION_DENIED")
    client.post(ENTITIES, {"name": "mine"}).must_be(*refused)
    client.post(f"{ENTITIES}/guarded/fields", {"name": "more", "field_type": "text"}).must_be(*refused)
    client.post(f"{ENTITIES}/guarded/publish").must_be(*refused)
    for path in ("", "/fields", "/migrations"):
        client.get(f"{ENTITIES}/product{path}").must_be(200)
    studio.owner.get(f"{ENTITIES}/mine").must_be(404)
    assert studio.owner.get(f"{ENTITIES}/guarded").json["status"] == "draft"


def test_an_administrator_shapes_the_model(studio):
    studio.admin.publish("administered", NAME)


@pytest.mark.parametrize("entity", ["users", "entity_definitions", "routes"])
def test_the_platforms_entities_are_read_but_not_changed(studio, entity):
    assert studio.owner.get(f"{ENTITIES}/{entity}").must_be(200).json["status"] == "published"
    studio.owner.post(f"{ENTITIES}/{entity}/fields", {"name": "x", "field_type": "text"}).must_be(403, "PERMISSION_DENIED")
    studio.owner.post(f"{ENTITIES}/{entity}/publish").must_be(403, "PERMISSION_DENIED")


def test_another_tenants_entity_does_not_exist(studio, other, product):
    draft(studio.owner, "hidden_draft", NAME)
    for name in ("product", product["id"], "hidden_draft"):
        for method, path in [
            ("GET", ""), ("GET", "/fields"), ("GET", "/migrations"), ("POST", "/preview-migration"), ("POST", "/publish"),
        ]:  # fmt: skip
            other.owner.request(method, f"{ENTITIES}/{name}{path}").must_be(404, "RESOURCE_NOT_FOUND")
        other.owner.post(f"{ENTITIES}/{name}/fields", {"name": "x", "field_type": "text"}).must_be(404)
    assert not {"product", "hidden_draft"} & set(names(other.owner.get(ENTITIES).json))
    other.owner.post(ENTITIES, {"name": "spy", "fields": [
        {"name": "x", "field_type": "lookup", "reference_entity_id": product["id"]},
    ]}).must_be(400, "VALIDATION_ERROR")  # fmt: skip


def test_two_tenants_may_use_the_same_name(studio, other, product):
    theirs = other.owner.publish("product", {"name": "title", "field_type": "text"})
    assert theirs["id"] != product["id"]
    other.owner.create("product", title="theirs")
    assert [item["title"] for item in other.owner.records("product")] == ["theirs"]
    assert names(studio.owner.get(f"{ENTITIES}/product/fields").json) == ["name", "price"]


def test_only_the_platform_makes_tenants(studio, database, anonymous):
    studio.owner.post("/tenants", {"slug": "grabbed", "name": "Grabbed"}).must_be(403, "PERMISSION_DENIED")
    database.sql("SELECT pgwright.create_user('root@studio.example', 'a good password', 'studio', 'super_admin')")
    login = anonymous.post("/auth/login", {"email": "root@studio.example", "password": "a good password"}).json
    root = anonymous.as_user(login["access_token"])
    tenant = root.post("/tenants", {"slug": "granted", "name": "Granted & Co."}).must_be(201).json
    assert (tenant["slug"], tenant["name"], tenant["schema_name"]) == ("granted", "Granted & Co.", "t_granted")
    root.post("/tenants", {"slug": "granted", "name": "Again"}).must_be(409, "CONFLICT", fields=["slug"])
    root.post("/tenants", {"slug": "No!", "name": ""}).must_be(400, "VALIDATION_ERROR", fields=["slug", "name"])
