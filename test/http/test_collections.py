"""Shaping the data model under /api/v1/projects: what is created is there at once, or not at all."""

import json

import pytest

PROJECTS = "/projects"
PROJECT = "/projects/bazaar"
COLLECTIONS = f"{PROJECT}/schema/collections"
OPS = f"{PROJECT}/schema/ops"
MISSING = "00000000-0000-7000-8000-000000000000"
REFUSED = (403, "PERMISSION_DENIED")
NOT_FOUND = (404, "RESOURCE_NOT_FOUND")


@pytest.fixture(scope="module")
def bazaar(make_tenant):
    return make_tenant("bazaar")


@pytest.fixture(scope="module")
def platform(bazaar, database, base_url):
    """Somebody who may create projects."""
    email, password = "platform@bazaar.example", "platform secret"
    create = "SELECT pgwright.create_user(:'email', :'password', 'bazaar', 'super_admin')"
    database.sql(create, email=email, password=password)
    answer = bazaar.owner.as_user(None).post("/auth/login", {"email": email, "password": password}).must_be(200)
    return bazaar.owner.as_user(answer.json["access_token"])


def create(client, name, *fields, **properties):
    collection = client.post(COLLECTIONS, {"name": name} | properties).must_be(201).json
    for field in fields:
        client.post(f"{COLLECTIONS}/{name}/fields", field).must_be(201)
    return collection


def patch(client, path, body):
    return client.request("PATCH", path, body)


def operations(client, **query):
    return [(op["op_type"], op["status"]) for op in client.get(OPS, **query).must_be(200).json["items"]]


TITLE = {"name": "title", "type": "string", "max_length": 100}


# Projects -----------------------------------------------------------------------------------------


def test_a_project_is_a_tenant(bazaar):
    listed = bazaar.member.get(PROJECTS).must_be(200).json
    assert (listed["total"], listed["page"], listed["pages"]) == (1, 1, 1)
    [project] = listed["items"]
    assert (project["slug"], project["sql_schema_name"], project["is_active"]) == ("bazaar", "t_bazaar", True)
    assert bazaar.member.get(PROJECT).must_be(200).json == project
    assert bazaar.member.get(f"{PROJECTS}/{project['id']}").must_be(200).json == project


def test_projects_are_created_by_who_may(bazaar, platform, database):
    body = {"slug": "stall", "display_name": "A stall"}
    bazaar.owner.post(PROJECTS, body).must_be(*REFUSED)
    project = platform.post(PROJECTS, body).must_be(201).json
    assert (project["slug"], project["display_name"], project["is_active"]) == ("stall", "A stall", True)
    assert database.value("SELECT count(*) FROM pg_namespace WHERE nspname = 't_stall'") == "1"
    assert {"bazaar", "stall"} <= {each["slug"] for each in platform.get(PROJECTS, page_size=100).json["items"]}
    platform.post(PROJECTS, body).must_be(409, "CONFLICT", fields=["slug"])
    platform.post(PROJECTS, {"slug": "B", "display_name": ""}).must_be(400, fields=["slug", "display_name"])


def test_the_owner_names_a_project_and_the_platform_switches_it_off(bazaar, platform, make_tenant):
    make_tenant("kiosk")
    assert bazaar.owner.put(PROJECT, {"display_name": "Grand bazaar"}).must_be(200).json["display_name"] == "Grand bazaar"
    bazaar.owner.put(PROJECT, {"display_name": ""}).must_be(400, "VALIDATION_ERROR", fields=["display_name"])
    bazaar.owner.put(PROJECT, {"is_active": False}).must_be(*REFUSED)
    bazaar.member.put(PROJECT, {"display_name": "Mine"}).must_be(*REFUSED)
    bazaar.owner.put(f"{PROJECTS}/kiosk", {"display_name": "Mine"}).must_be(*NOT_FOUND)
    assert platform.put(f"{PROJECTS}/kiosk", {"is_active": False}).must_be(200).json["is_active"] is False
    assert bazaar.owner.get(PROJECT).json["is_active"] is True


def test_another_project_does_not_exist(bazaar, other, platform, anonymous):
    create(bazaar.owner, "secret", TITLE)
    for project in (bazaar.owner.get(PROJECT).json["id"], "bazaar", MISSING, "nowhere"):
        path = f"{PROJECTS}/{project}"
        other.owner.get(path).must_be(*NOT_FOUND)
        for method, rest in [
            ("GET", "collections"), ("GET", "collections/secret"), ("DELETE", "collections/secret"),
            ("GET", "collections/secret/fields"), ("GET", "collections/secret/fields/title"),
            ("DELETE", "collections/secret/fields/title"), ("GET", "collections/secret/indexes"), ("GET", "ops"),
        ]:  # fmt: skip
            other.owner.request(method, f"{path}/schema/{rest}").must_be(*NOT_FOUND)
        other.owner.post(f"{path}/schema/collections", {"name": "mine"}).must_be(*NOT_FOUND)
        other.owner.post(f"{path}/schema/collections/secret/fields", TITLE).must_be(*NOT_FOUND)
    # Nor does a collection of another project under one's own.
    foreign = bazaar.owner.get(f"{COLLECTIONS}/secret").json["id"]
    other.owner.get(f"{PROJECTS}/other/schema/collections/{foreign}").must_be(*NOT_FOUND)
    platform.get(f"{PROJECTS}/other/schema/collections").must_be(*NOT_FOUND)
    anonymous.get(f"{COLLECTIONS}/secret").must_be(401, "AUTHENTICATION_REQUIRED")


def test_nothing_is_served_to_a_passer_by(bazaar, anonymous, database):
    routes = database.sql(
        "SELECT t.method, t.path, t.body_argument, t.arguments FROM pgwright.route_table() t JOIN pgwright.routes r USING (id)"
        " WHERE r.tag IN ('projects', 'eav')"
    )
    assert len(routes) >= 34
    for method, path, whole, arguments in routes:
        needed = [each for each in json.loads(arguments) if each["required"] and f"{{{each['name']}}}" not in path]
        values = {each["name"]: {} if each["type"] == "json" else "x" for each in needed}
        body = None if method in ("GET", "DELETE") else {} if whole else values
        target = path.replace("{project}", "bazaar").replace("{id}", MISSING).replace("{", "").replace("}", "")
        if whole:  # the others are in the query string
            target += "?" + "&".join(f"{each['name']}=x" for each in needed if each["name"] != whole)
        anonymous.request(method, target, body).must_be(401, "AUTHENTICATION_REQUIRED")


# Collections --------------------------------------------------------------------------------------


def test_a_collection_is_there_at_once(bazaar, database):
    collection = create(bazaar.owner, "book", display_name="Book")
    assert set(collection) == {
        "id", "project_id", "name", "display_name", "description", "sql_table_name", "is_active", "created_at", "updated_at",
    }  # fmt: skip
    assert collection["project_id"] == bazaar.owner.get(PROJECT).json["id"]
    assert (collection["name"], collection["display_name"], collection["is_active"]) == ("book", "Book", True)
    columns = database.sql("SELECT attname FROM pg_attribute WHERE attrelid = 't_bazaar.book'::regclass AND attnum > 0")
    assert {"id", "created_at", "updated_at", "created_by"} <= {name for [name] in columns}
    assert bazaar.viewer.get(f"{COLLECTIONS}/book").must_be(200).json == collection
    assert collection in bazaar.viewer.get(COLLECTIONS).must_be(200).json
    assert operations(bazaar.owner, collection="book") == [("publish_entity", "applied"), ("create_entity", "applied")]
    bazaar.owner.post(COLLECTIONS, {"name": "book"}).must_be(409, "CONFLICT", fields=["name"])


@pytest.mark.parametrize("name", ["select", "users", "Bad", "", "a" * 64, 7])
def test_a_bad_name_is_refused(bazaar, name):
    bazaar.owner.post(COLLECTIONS, {"name": name}).must_be(400, "VALIDATION_ERROR", fields=["name"])


def test_faults_are_told_by_the_names_of_this_face(bazaar):
    bazaar.owner.post(COLLECTIONS, {"name": "x", "display_name": ""}).must_be(400, fields=["display_name"])
    bazaar.owner.post(COLLECTIONS, {"name": "x", "label": "X"}).must_be(400, fields=["label"])
    bazaar.owner.post(COLLECTIONS, b"[]").must_be(400, "VALIDATION_ERROR")
    bazaar.owner.get(f"{COLLECTIONS}/x").must_be(*NOT_FOUND)


def test_the_platforms_entities_are_no_collections(bazaar):
    bazaar.owner.get(f"{COLLECTIONS}/users").must_be(*NOT_FOUND)
    assert "users" not in {each["name"] for each in bazaar.owner.get(COLLECTIONS).json}


def test_a_collection_is_changed_and_switched_off(bazaar):
    create(bazaar.owner, "shelf", TITLE)
    for change in (patch, lambda client, path, body: client.put(path, body)):
        changed = change(bazaar.owner, f"{COLLECTIONS}/shelf", {"display_name": "Shelves"}).must_be(200).json
        assert changed["display_name"] == "Shelves"
    off = patch(bazaar.owner, f"{COLLECTIONS}/shelf", {"is_active": False, "display_name": "Old shelves"}).must_be(200).json
    assert (off["is_active"], off["display_name"]) == (False, "Old shelves")
    bazaar.owner.get("/dynamic-data/shelf/records").must_be(*NOT_FOUND)
    assert patch(bazaar.owner, f"{COLLECTIONS}/shelf", {"is_active": True}).must_be(200).json["is_active"] is True
    bazaar.owner.create("shelf", title="first")
    patch(bazaar.owner, f"{COLLECTIONS}/shelf", {"is_active": "no"}).must_be(400, fields=["is_active"])


def test_deleting_a_collection_must_be_allowed_and_loses_nothing(bazaar, database):
    collection = create(bazaar.owner, "pamphlet", TITLE)
    bazaar.owner.create("pamphlet", title="kept")
    bazaar.owner.delete(f"{COLLECTIONS}/pamphlet").must_be(409, "CONFLICT")
    assert bazaar.owner.get(f"{COLLECTIONS}/pamphlet").json["is_active"] is True
    bazaar.owner.delete(f"{COLLECTIONS}/pamphlet", allow_destructive="true").must_be(204)
    bazaar.owner.get(f"{COLLECTIONS}/pamphlet").must_be(*NOT_FOUND)
    retired = [each for each in bazaar.owner.get("/data-model/retired").json if each["entity_id"] == collection["id"]]
    assert [each["kind"] for each in retired] == ["table"]
    assert operations(bazaar.owner, collection=collection["id"])[0] == ("delete_entity", "applied")


# Fields -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, column",
    [
        ("string", "text"), ("int", "bigint"), ("float", "numeric"), ("bool", "boolean"), ("date", "date"),
        ("datetime", "timestamp with time zone"), ("uuid", "uuid"), ("integer", "integer"), ("currency", "numeric"),
    ],
)  # fmt: skip
def test_a_field_is_a_column_of_its_type(bazaar, database, kind, column):
    create(bazaar.owner, f"of_{kind}")
    field = bazaar.owner.post(f"{COLLECTIONS}/of_{kind}/fields", {"name": "x", "type": kind}).must_be(201).json
    assert (field["type"], field["sql_column_name"]) == (kind, "x")
    found = database.value(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = ('t_bazaar.of_' || :'kind')::regclass AND attname = 'x'",
        kind=kind,
    )
    assert found == column


def test_an_enum_has_values(bazaar):
    create(bazaar.owner, "poster")
    field = {"name": "size", "type": "enum", "values": ["a3", "a4"], "default_value": "a4", "is_indexed": True}
    made = bazaar.owner.post(f"{COLLECTIONS}/poster/fields", field).must_be(201).json
    assert field.items() <= made.items()
    assert bazaar.viewer.get(f"{COLLECTIONS}/poster/fields").json == [made]
    assert bazaar.viewer.get(f"{COLLECTIONS}/poster/fields/size").json == made
    assert bazaar.viewer.get(f"{COLLECTIONS}/poster/fields/{made['id']}").json == made
    bazaar.owner.post(f"{COLLECTIONS}/poster/fields", {"name": "x", "type": "enum"}).must_be(400, fields=["values"])
    bazaar.owner.post(f"{COLLECTIONS}/poster/fields", {"name": "x", "type": "money"}).must_be(400, fields=["type"])
    bazaar.owner.post("/dynamic-data/poster/records", {"data": {"size": "a9"}}).must_be(400, fields=["size"])


def test_a_required_field_needs_a_value_for_the_rows_there_are(bazaar):
    create(bazaar.owner, "ticket", TITLE)
    ids = [bazaar.owner.create("ticket", title=title) for title in "ab"]
    fields = f"{COLLECTIONS}/ticket/fields"
    seats = {"name": "seats", "type": "int", "is_required": True}
    bazaar.owner.post(fields, seats).must_be(400, "VALIDATION_ERROR", fields=["seats"])
    assert [field["name"] for field in bazaar.owner.get(fields).json] == ["title"]
    assert bazaar.owner.get("/data-model/entities/ticket").json["draft_version"] is None
    bazaar.owner.post(fields, seats | {"backfill": 2}).must_be(201)
    bazaar.owner.post(fields, {"name": "paid", "type": "bool", "is_required": True, "default_value": False}).must_be(201)
    records = [bazaar.owner.get(f"/dynamic-data/ticket/records/{id}").json["data"] for id in ids]
    assert [(record["seats"], record["paid"]) for record in records] == [(2, False)] * 2


def test_a_field_is_changed_in_place(bazaar):
    create(bazaar.owner, "label", TITLE)
    bazaar.owner.create("label", title="kept")
    path = f"{COLLECTIONS}/label/fields"
    changed = patch(bazaar.owner, f"{path}/title", {"name": "heading", "display_name": "Heading", "is_unique": True}).must_be(200).json
    assert (changed["name"], changed["display_name"], changed["is_unique"]) == ("heading", "Heading", True)
    assert [record["heading"] for record in bazaar.owner.records("label")] == ["kept"]
    bazaar.owner.post("/dynamic-data/label/records", {"data": {"heading": "kept"}}).must_be(409, fields=["heading"])


def test_deleting_a_field_must_be_allowed(bazaar):
    create(bazaar.owner, "mug", TITLE, {"name": "colour", "type": "string"})
    path = f"{COLLECTIONS}/mug/fields/colour"
    bazaar.owner.delete(path).must_be(409, "CONFLICT", fields=["colour"])
    bazaar.owner.get(path).must_be(200)
    bazaar.owner.delete(path, allow_destructive="true").must_be(204)
    bazaar.owner.get(path).must_be(*NOT_FOUND)


# Indexes ------------------------------------------------------------------------------------------


def test_an_index_comes_and_goes(bazaar, database):
    create(bazaar.owner, "lamp", TITLE, {"name": "watts", "type": "int"})
    path = f"{COLLECTIONS}/lamp/indexes"
    body = {"name": "by_title", "fields": ["title", {"field": "watts", "order": "desc"}], "is_unique": True}
    index = bazaar.owner.post(path, body).must_be(201).json
    assert (index["name"], index["is_unique"], index["fields"][0]) == ("by_title", True, "title")
    assert bazaar.viewer.get(path).must_be(200).json == [index]
    assert bazaar.viewer.get(f"{path}/{index['id']}").must_be(200).json == index
    count = "SELECT count(*) FROM pg_class WHERE relname = 'lamp_by_title_ix'"
    assert database.value(count) == "1"
    bazaar.owner.post(path, {"name": "odd", "fields": ["nothing"]}).must_be(400, "VALIDATION_ERROR", fields=["fields[0]"])
    bazaar.owner.delete(f"{path}/by_title").must_be(204)
    assert (bazaar.owner.get(path).json, database.value(count)) == ([], "0")


# Both or nothing ----------------------------------------------------------------------------------


@pytest.fixture
def no_columns(database):
    """While this lasts no table is altered, and none is made."""
    database.sql(
        "CREATE FUNCTION public.no_columns() RETURNS event_trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE EXCEPTION 'not on a Monday'; END $$;"
        "CREATE EVENT TRIGGER no_columns ON ddl_command_start WHEN TAG IN ('ALTER TABLE', 'CREATE TABLE')"
        " EXECUTE FUNCTION public.no_columns()"
    )
    yield
    database.sql("DROP EVENT TRIGGER no_columns; DROP FUNCTION public.no_columns()")


@pytest.fixture(scope="module")
def vase(bazaar):
    return create(bazaar.owner, "vase", TITLE)


def test_a_failing_change_leaves_nothing_but_its_record(bazaar, vase, no_columns):
    before = bazaar.owner.get("/data-model/entities/vase").json
    versions = bazaar.owner.get("/data-model/entities/vase/migrations").json
    answer = bazaar.owner.post(f"{COLLECTIONS}/vase/fields", {"name": "height", "type": "int"}).must_be(409, "CONFLICT", fields=[])
    assert "not on a Monday" in answer.message
    assert bazaar.owner.get("/data-model/entities/vase").json == before
    assert bazaar.owner.get("/data-model/entities/vase/migrations").json == versions
    failed = bazaar.owner.get(OPS, collection="vase").json["items"][0]
    assert (failed["op_type"], failed["status"], failed["collection_id"]) == ("create_field", "failed", vase["id"])
    assert failed["payload_json"]["name"] == "height"
    assert "not on a Monday" in failed["error"]
    assert failed["actor_user_id"] == bazaar.owner.get("/auth/me").json["id"]


def test_a_collection_that_cannot_be_made_is_not_there(bazaar, no_columns):
    bazaar.owner.post(COLLECTIONS, {"name": "ghost"}).must_be(409, "CONFLICT")
    bazaar.owner.get(f"{COLLECTIONS}/ghost").must_be(*NOT_FOUND)
    failed = bazaar.owner.get(OPS).json["items"][0]
    assert (failed["op_type"], failed["status"], failed["collection_id"]) == ("create_entity", "failed", None)
    assert failed["payload_json"]["name"] == "ghost"


def test_an_open_draft_is_not_published_along(bazaar):
    create(bazaar.owner, "drafty", TITLE)
    bazaar.owner.post("/data-model/entities/drafty/fields", {"name": "pending", "field_type": "text"}).must_be(201)
    answers = [
        bazaar.owner.post(f"{COLLECTIONS}/drafty/fields", {"name": "more", "type": "int"}),
        bazaar.owner.delete(f"{COLLECTIONS}/drafty/fields/title", allow_destructive="true"),
        patch(bazaar.owner, f"{COLLECTIONS}/drafty", {"display_name": "Draughty"}),
        bazaar.owner.post(f"{COLLECTIONS}/drafty/indexes", {"name": "i", "fields": ["title"]}),
        bazaar.owner.delete(f"{COLLECTIONS}/drafty", allow_destructive="true"),
    ]
    for answer in answers:
        assert "drafty" in answer.must_be(409, "CONFLICT").message
    draft = bazaar.owner.get("/data-model/entities/drafty/versions/draft").json
    assert [field["name"] for field in draft["fields"]] == ["title", "pending"]
    bazaar.owner.delete("/data-model/entities/drafty/draft").must_be(200)
    bazaar.owner.post(f"{COLLECTIONS}/drafty/fields", {"name": "more", "type": "int"}).must_be(201)


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_members_read_collections_but_do_not_shape_them(bazaar, vase, role):
    client = getattr(bazaar, role)
    before = operations(bazaar.owner)
    client.post(COLLECTIONS, {"name": "mine"}).must_be(*REFUSED)
    patch(client, f"{COLLECTIONS}/vase", {"display_name": "Mine"}).must_be(*REFUSED)
    client.post(f"{COLLECTIONS}/vase/fields", {"name": "mine", "type": "int"}).must_be(*REFUSED)
    client.delete(f"{COLLECTIONS}/vase", allow_destructive="true").must_be(*REFUSED)
    client.get(OPS).must_be(*REFUSED)
    for path in ("", "/vase", "/vase/fields", "/vase/fields/title", "/vase/indexes"):
        client.get(COLLECTIONS + path).must_be(200)
    assert operations(bazaar.owner) == before


# The log ------------------------------------------------------------------------------------------


def test_the_log_is_paged_and_filtered(bazaar):
    collection = create(bazaar.admin, "diary", TITLE)
    admin = bazaar.owner.get(OPS, collection="diary").json["items"][0]["actor_user_id"]
    page = bazaar.owner.get(OPS, collection="diary", page_size=3).must_be(200).json
    assert (page["total"], page["pages"], len(page["items"])) == (4, 2, 3)
    times = [op["created_at"] for op in page["items"]]
    assert times == sorted(times, reverse=True)
    assert set(page["items"][0]) == {
        "id", "project_id", "collection_id", "op_type", "payload_json", "status", "error", "created_at", "actor_user_id",
    }  # fmt: skip
    day = times[0][:10]
    assert len(operations(bazaar.owner, collection=collection["id"], **{"from": day, "to": day})) == 4
    assert operations(bazaar.owner, collection="diary", to="2001-01-01") == []
    assert len(operations(bazaar.owner, collection="diary", actor=admin)) == 4
    assert operations(bazaar.owner, collection="diary", actor=bazaar.owner.get("/auth/me").json["id"]) == []
    bazaar.owner.get(OPS, actor="somebody").must_be(400, "VALIDATION_ERROR")
    bazaar.owner.get(OPS, **{"from": "yesterday"}).must_be(400, "VALIDATION_ERROR")
