"""Shaping the data model under /api/v1/eav: entity types and attributes, in that family's envelope."""

import pytest

TYPES = "/eav/entity-types"
ATTRIBUTES = "/eav/attributes"
SCHEMA = "/eav/schema"
MISSING = "00000000-0000-7000-8000-000000000000"
REFUSED = (403, "PERMISSION_DENIED")
NOT_FOUND = (404, "RESOURCE_NOT_FOUND")


@pytest.fixture(scope="module")
def depot(make_tenant):
    return make_tenant("depot")


def data(answer, status=200):
    """What the envelope holds, after a look at the envelope."""
    document = answer.must_be(status).json
    assert set(document) == {"success", "data", "meta", "message"}
    assert document["success"] is True and document["message"]
    return document["data"]


def make_type(client, code, *attributes, **properties):
    made = data(client.post(TYPES, {"code": code} | properties), 201)
    for attribute in attributes:
        make_attribute(client, code, **attribute)
    return made


def make_attribute(client, entity_type, **properties):
    return data(client.post(ATTRIBUTES, {"entity_type": entity_type} | properties), 201)


def rules(attribute):
    return {rule["rule"]: rule.get("value") for rule in attribute["validation_rules"]}


NAME = {"attribute_code": "name", "backend_type": "varchar"}


# Entity types -------------------------------------------------------------------------------------


def test_an_entity_type_is_there_at_once(depot, database):
    body = {
        "code": "customer", "label": "Customer", "entity_table": "eav_entity_customer", "storage_strategy": "eav",
        "description": "Customer entity type", "is_active": True,
    }  # fmt: skip
    answer = depot.owner.post(TYPES, body)
    made = data(answer, 201)
    assert set(made) == set(body) | {"id", "created_at", "updated_at"}
    assert (body | {"storage_strategy": "table"}).items() <= made.items()
    said = answer.json["meta"]["storage_strategy"]
    assert (said["requested"], said["used"]) == ("eav", "table") and said["reason"]
    assert database.value("SELECT to_regclass('t_depot.eav_entity_customer') IS NOT NULL") == "t"
    assert data(depot.viewer.get(f"{TYPES}/customer")) == made
    depot.owner.post(TYPES, body).must_be(409, "CONFLICT", fields=["code"])


@pytest.mark.parametrize(
    "body, field",
    [
        ({"code": "select"}, "code"), ({"code": 7}, "code"), ({"label": "x"}, "code"), ({"code": "x", "label": ""}, "label"),
        ({"code": "x", "entity_table": "Bad Table"}, "entity_table"), ({"code": "x", "storage_strategy": "flat"}, "storage_strategy"),
        ({"code": "x", "is_active": "yes"}, "is_active"), ({"code": "x", "name": "y"}, "name"), ({"code": "x", "colour": "red"}, "colour"),
    ],
)  # fmt: skip
def test_faults_are_told_by_the_names_of_this_face(depot, body, field):
    depot.owner.post(TYPES, body).must_be(400, "VALIDATION_ERROR", fields=[field])
    depot.owner.get(f"{TYPES}/x").must_be(*NOT_FOUND)


def test_the_list_is_paged_searched_and_filtered(depot):
    for number in range(3):
        make_type(depot.owner, f"listed_{number}", label=f"Shown {number}")
    depot.owner.put(f"{TYPES}/listed_2", {"is_active": False}).must_be(200)
    page = depot.viewer.get(TYPES, search="listed", limit=2, page=1).must_be(200).json
    assert page["meta"] == {"total": 3, "page": 1, "limit": 2, "total_pages": 2}
    assert [each["code"] for each in page["data"]] == ["listed_0", "listed_1"]
    listed = lambda **query: [each["code"] for each in data(depot.viewer.get(TYPES, **query))]  # noqa: E731
    assert listed(search="SHOWN", page=2, limit=2) == ["listed_2"]
    assert listed(search="shown", status="active") == ["listed_0", "listed_1"]
    assert listed(search="shown", status="inactive") == ["listed_2"]
    assert len(listed(search="shown", status="all")) == 3
    assert "users" not in listed(limit=200)
    depot.viewer.get(TYPES, page=0, limit=201).must_be(400, fields=["page", "limit"])
    depot.viewer.get(TYPES, status="strange").must_be(400, fields=["status"])


def test_an_entity_type_is_changed_and_switched_off(depot):
    make_type(depot.owner, "crate", NAME)
    changed = data(depot.owner.put(f"{TYPES}/crate", {"label": "Crates", "description": "Wooden", "is_active": False}))
    assert (changed["label"], changed["description"], changed["is_active"]) == ("Crates", "Wooden", False)
    depot.owner.get("/dynamic-data/crate/records").must_be(*NOT_FOUND)
    assert data(depot.owner.put(f"{TYPES}/crate", {"is_active": True}))["is_active"] is True
    depot.owner.create("crate", name="first")
    depot.owner.put(f"{TYPES}/crate", {"code": "box"}).must_be(400, fields=["code"])


def test_deleting_an_entity_type_must_be_allowed(depot):
    made = make_type(depot.owner, "pallet", NAME)
    depot.owner.delete(f"{TYPES}/pallet").must_be(409, "CONFLICT")
    assert data(depot.owner.get(f"{TYPES}/pallet"))["is_active"] is True
    assert data(depot.owner.delete(f"{TYPES}/pallet", allow_destructive="true")) == {"id": made["id"], "code": "pallet"}
    depot.owner.get(f"{TYPES}/pallet").must_be(*NOT_FOUND)


def test_statistics_count_what_the_caller_may_see(depot, database):
    make_type(depot.owner, "parcel", NAME | {"is_searchable": True})
    empty = data(depot.viewer.get(f"{TYPES}/parcel/stats"))
    assert (empty["record_count"], empty["attribute_count"], empty["last_modified"]) == (0, 1, None)
    ids = [depot.owner.create("parcel", name=name) for name in "abc"]
    depot.owner.delete(f"/dynamic-data/parcel/records/{ids[0]}").must_be(204)
    stats = data(depot.viewer.get(f"{TYPES}/parcel/stats"))
    assert stats["record_count"] == 2
    assert stats["index_count"] == int(database.value("SELECT count(*) FROM pg_index WHERE indrelid = 't_depot.parcel'::regclass")) >= 2
    assert stats["table_bytes"] > 0 and stats["index_bytes"] > 0
    newest = max(depot.owner.records("parcel"), key=lambda record: record["updated_at"])
    assert stats["last_modified"] == newest["updated_at"]
    depot.owner.put(f"{TYPES}/parcel", {"is_active": False}).must_be(200)
    assert data(depot.viewer.get(f"{TYPES}/parcel/stats"))["record_count"] is None


# Attributes ---------------------------------------------------------------------------------------


def test_an_attribute_is_a_column_with_its_rules(depot):
    made_type = make_type(depot.owner, "contact")
    given = [
        {"rule": "email", "message": "Must be a valid email address"},
        {"rule": "required", "message": "Email is required"},
        {"rule": "unique", "message": "Email already exists"},
    ]
    made = make_attribute(
        depot.owner, "contact", attribute_code="email", label="E-mail", is_searchable=True, sort_order=7, validation_rules=given
    )
    assert (made["entity_type"], made["entity_type_id"]) == ("contact", made_type["id"])
    assert (made["attribute_code"], made["label"], made["backend_type"], made["sort_order"]) == ("email", "E-mail", "email", 7)
    assert (made["is_required"], made["is_unique"], made["is_searchable"], made["is_filterable"]) == (True,) * 4
    assert made["validation_rules"][:3] == given
    assert data(depot.viewer.get(f"{ATTRIBUTES}/{made['id']}")) == made
    assert data(depot.viewer.get(f"{TYPES}/contact/attributes")) == [made]
    assert data(depot.viewer.get(f"{ATTRIBUTES}/by-entity-type/contact")) == [made]
    records = "/dynamic-data/contact/records"
    depot.owner.post(records, {"data": {"email": "nobody"}}).must_be(400, fields=["email"])
    depot.owner.post(records, {"data": {}}).must_be(400, fields=["email"])
    depot.owner.post(records, {"data": {"email": "a@b.example"}}).must_be(201)
    depot.owner.post(records, {"data": {"email": "a@b.example"}}).must_be(409, fields=["email"])


@pytest.mark.parametrize(
    "backend, given, kept",
    [
        ("varchar", [{"rule": "min_length", "value": 2}, {"rule": "max_length", "value": 9}], {"min_length": 2, "max_length": 9}),
        ("varchar", [{"rule": "length", "min": 2, "max": 9}], {"min_length": 2, "max_length": 9}),
        ("int", [{"rule": "min", "value": 1}, {"rule": "max", "value": 5}], {"min": 1, "max": 5}),
        ("decimal", [{"rule": "range", "min": 0, "max": 1.5}], {"min": 0, "max": 1.5}),
        ("text", [{"rule": "url"}], {"url": None, "max_length": 2048}),
        ("varchar", [{"rule": "phone"}, {"rule": "required"}], {"phone": None, "required": None, "max_length": 32}),
    ],
)
def test_rules_become_constraints(depot, backend, given, kept):
    code = f"ruled_{abs(hash(str((backend, given)))) % 10**9}"
    make_type(depot.owner, code)
    made = make_attribute(depot.owner, code, attribute_code="x", backend_type=backend, validation_rules=given)
    assert rules(made) == kept


@pytest.mark.parametrize(
    "backend, rule",
    [("varchar", {"rule": "pattern"}), ("varchar", {"rule": "luhn"}), ("varchar", {"message": "x"}), ("varchar", "required"), ("int", {"rule": "email"}), ("int", {"rule": "range"})],
)
def test_a_rule_that_cannot_be_kept_is_named(depot, backend, rule):
    body = {"entity_type": "contact", "attribute_code": "x", "backend_type": backend, "validation_rules": [{"rule": "required"}, rule]}
    depot.owner.post(ATTRIBUTES, body).must_be(400, "VALIDATION_ERROR", fields=["validation_rules[1].rule"])


@pytest.mark.parametrize(
    "body, field",
    [
        ({"attribute_code": "select"}, "attribute_code"), ({"attribute_code": "x", "backend_type": "blob"}, "backend_type"),
        ({"label": "x"}, "attribute_code"), ({"attribute_code": "x", "field_type": "text"}, "field_type"),
        ({"attribute_code": "x", "code": "y"}, "attribute_code"), ({"attribute_code": "x", "is_searchable": True, "is_filterable": False}, "is_searchable"),
        ({"attribute_code": "x", "options": [1]}, "options"), ({"attribute_code": "x", "sort_order": "first"}, "sort_order"),
        ({"attribute_code": "x", "validation_rules": {}}, "validation_rules"),
    ],
)  # fmt: skip
def test_faults_of_attributes_are_told_by_the_names_of_this_face(depot, body, field):
    if not data(depot.owner.get(TYPES, search="faulty")):
        make_type(depot.owner, "faulty")
    answer = depot.owner.post(ATTRIBUTES, {"entity_type": "faulty"} | body).must_be(400, "VALIDATION_ERROR")
    assert [path.split("[")[0] for path in answer.faulty_fields] == [field]
    assert data(depot.owner.get(f"{TYPES}/faulty/attributes")) == []


def test_an_attribute_belongs_to_an_entity_type(depot, other):
    depot.owner.post(ATTRIBUTES, NAME).must_be(400, "VALIDATION_ERROR", fields=["entity_type"])
    depot.owner.post(ATTRIBUTES, NAME | {"entity_type": "nothing"}).must_be(*NOT_FOUND)
    depot.owner.post(ATTRIBUTES, NAME | {"entity_type": "users"}).must_be(*NOT_FOUND)


def test_options_are_added_one_by_one(depot):
    make_type(depot.owner, "shirt")
    made = make_attribute(depot.owner, "shirt", attribute_code="size", frontend_type="select", options=["s", "m"])
    assert (made["backend_type"], made["frontend_type"], made["options"]) == ("enum", "select", ["s", "m"])
    path = f"{ATTRIBUTES}/{made['id']}/options"
    assert data(depot.owner.post(path, {"value": "l", "label": "Large"}), 201)["options"] == ["s", "m", {"value": "l", "label": "Large"}]
    depot.owner.create("shirt", size="l")
    depot.owner.post(path, {"value": "s"}).must_be(400, "VALIDATION_ERROR")
    depot.owner.post(path, {}).must_be(400, fields=["value"])
    depot.viewer.post(path, {"value": "xl"}).must_be(*REFUSED)


def test_an_attribute_is_changed_in_place(depot):
    make_type(depot.owner, "badge", NAME)
    depot.owner.create("badge", name="kept")
    [attribute] = data(depot.owner.get(f"{TYPES}/badge/attributes"))
    path = f"{ATTRIBUTES}/{attribute['id']}"
    changed = data(depot.owner.put(path, {"attribute_code": "title", "label": "Title", "validation_rules": [{"rule": "max_length", "value": 9, "message": "Short!"}]}))
    assert (changed["id"], changed["attribute_code"], changed["label"]) == (attribute["id"], "title", "Title")
    assert {"rule": "max_length", "value": 9, "message": "Short!"} in changed["validation_rules"]
    assert [record["title"] for record in depot.owner.records("badge")] == ["kept"]
    depot.owner.put(path, {"validation_rules": [{"rule": "max_length", "value": 2}]}).must_be(400, "VALIDATION_ERROR", fields=["title"])
    assert rules(data(depot.owner.get(path)))["max_length"] == 9
    assert data(depot.owner.put(path, {"label": "Heading"}))["validation_rules"] == changed["validation_rules"]


def test_deleting_an_attribute_must_be_allowed(depot):
    make_type(depot.owner, "flag", NAME)
    made = make_attribute(depot.owner, "flag", attribute_code="colour")
    path = f"{ATTRIBUTES}/{made['id']}"
    depot.owner.delete(path).must_be(409, "CONFLICT", fields=["colour"])
    assert data(depot.owner.delete(path, allow_destructive="true")) == {"id": made["id"], "attribute_code": "colour"}
    depot.owner.get(path).must_be(*NOT_FOUND)


def test_attributes_are_listed_over_all_types(depot):
    make_type(depot.owner, "gauge_a", NAME, {"attribute_code": "reading_one", "backend_type": "int"})
    make_type(depot.owner, "gauge_b", {"attribute_code": "reading_two", "backend_type": "int"})
    page = depot.viewer.get(ATTRIBUTES, search="READING", limit=1).must_be(200).json
    assert page["meta"] == {"total": 2, "page": 1, "limit": 1, "total_pages": 2}
    assert [(each["entity_type"], each["attribute_code"]) for each in page["data"]] == [("gauge_a", "reading_one")]
    of_type = data(depot.viewer.get(ATTRIBUTES, entity_type="gauge_a"))
    assert [each["attribute_code"] for each in of_type] == ["name", "reading_one"]


def test_members_read_but_do_not_shape(depot):
    make_type(depot.owner, "sealed", NAME)
    [attribute] = data(depot.member.get(f"{TYPES}/sealed/attributes"))
    for client in (depot.member, depot.viewer):
        client.post(TYPES, {"code": "mine"}).must_be(*REFUSED)
        client.put(f"{TYPES}/sealed", {"label": "Mine"}).must_be(*REFUSED)
        client.delete(f"{TYPES}/sealed", allow_destructive="true").must_be(*REFUSED)
        client.post(ATTRIBUTES, {"entity_type": "sealed", "attribute_code": "x"}).must_be(*REFUSED)
        client.put(f"{ATTRIBUTES}/{attribute['id']}", {"label": "Mine"}).must_be(*REFUSED)
        client.delete(f"{ATTRIBUTES}/{attribute['id']}", allow_destructive="true").must_be(*REFUSED)
    assert data(depot.owner.get(f"{TYPES}/sealed/attributes")) == [attribute]


def test_another_tenants_types_and_attributes_do_not_exist(depot, other, anonymous):
    made = make_type(depot.owner, "hidden", NAME)
    [attribute] = data(depot.owner.get(f"{TYPES}/hidden/attributes"))
    for code in ("hidden", made["id"], "users", MISSING):
        for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/attributes"), ("GET", "/stats")]:
            other.owner.request(method, f"{TYPES}/{code}{path}").must_be(*NOT_FOUND)
        other.owner.put(f"{TYPES}/{code}", {"label": "x"}).must_be(*NOT_FOUND)
        other.owner.get(f"{ATTRIBUTES}/by-entity-type/{code}").must_be(*NOT_FOUND)
    for id in (attribute["id"], MISSING, "name"):
        other.owner.get(f"{ATTRIBUTES}/{id}").must_be(*NOT_FOUND)
        other.owner.put(f"{ATTRIBUTES}/{id}", {"label": "x"}).must_be(*NOT_FOUND)
        other.owner.delete(f"{ATTRIBUTES}/{id}").must_be(*NOT_FOUND)
        other.owner.post(f"{ATTRIBUTES}/{id}/options", {"value": "x"}).must_be(*NOT_FOUND)
    assert data(other.owner.get(TYPES, search="hidden")) == []
    anonymous.get(TYPES).must_be(401, "AUTHENTICATION_REQUIRED")
    anonymous.get(ATTRIBUTES).must_be(401, "AUTHENTICATION_REQUIRED")


# Both or nothing ----------------------------------------------------------------------------------


def test_a_refused_publication_leaves_nothing_but_its_record(depot):
    made = make_type(depot.owner, "packed", NAME)
    depot.owner.create("packed", name="x")
    before = depot.owner.get("/data-model/entities/packed").json
    body = {"entity_type": "packed", "attribute_code": "label", "validation_rules": [{"rule": "required"}]}
    depot.owner.post(ATTRIBUTES, body).must_be(400, "VALIDATION_ERROR", fields=["label"])
    assert depot.owner.get("/data-model/entities/packed").json == before
    [latest] = depot.owner.get("/projects/depot/schema/ops", collection="packed", page_size=1).json["items"]
    assert (latest["op_type"], latest["status"], latest["collection_id"]) == ("create_field", "failed", made["id"])
    assert data(depot.owner.post(ATTRIBUTES, body | {"backfill": "none"}), 201)["is_required"] is True


def test_an_open_draft_is_not_published_along(depot):
    make_type(depot.owner, "halfway", NAME)
    depot.owner.post("/data-model/entities/halfway/fields", {"name": "pending", "field_type": "text"}).must_be(201)
    answer = depot.owner.post(ATTRIBUTES, {"entity_type": "halfway", "attribute_code": "x"}).must_be(409, "CONFLICT")
    assert "halfway" in answer.message
    depot.owner.put(f"{TYPES}/halfway", {"label": "x"}).must_be(409, "CONFLICT")


# The schema ---------------------------------------------------------------------------------------


def test_migrations_are_listed_and_previewed(depot):
    make_type(depot.owner, "moved", NAME)
    page = depot.viewer.get(f"{SCHEMA}/migrations/list", entity_type="moved", limit=1).must_be(200).json
    assert page["meta"] == {"total": 2, "page": 1, "limit": 1, "total_pages": 2}
    assert [migration["migration_name"] for migration in page["data"]] == ["moved_v2"]
    depot.owner.post("/data-model/entities/moved/fields", {"name": "weight", "field_type": "integer"}).must_be(201)
    plan = data(depot.owner.post(f"{SCHEMA}/migrations/generate", {"entity_type": "moved"}))
    assert "add_column" in [change["operation"] for change in plan["changes"]]
    assert "weight" not in [each["attribute_code"] for each in data(depot.viewer.get(f"{TYPES}/moved/attributes"))]
    depot.owner.post(f"{SCHEMA}/migrations/generate", {"entity_type": "nothing"}).must_be(*NOT_FOUND)
    depot.owner.get(f"{SCHEMA}/migrations/list", limit=101).must_be(400, fields=["limit"])


def differences(client, entity_type):
    [entity] = data(client.post(f"{SCHEMA}/analyze", {"entity_type": entity_type}))["entities"]
    return [(each["kind"], each["object"]) for each in entity["differences"]]


def test_drift_is_told_and_made_good(depot, database):
    make_type(depot.owner, "strayed", NAME | {"validation_rules": [{"rule": "max_length", "value": 9}]})
    assert data(depot.viewer.post(f"{SCHEMA}/analyze", {"entity_type": "strayed"}))["in_sync"] is True
    database.sql("ALTER TABLE t_depot.strayed DROP CONSTRAINT strayed_name_length, ADD COLUMN extra integer")
    found = [("added_column", "extra"), ("missing_constraint", "strayed_name_length")]
    assert sorted(differences(depot.viewer, "strayed")) == found
    body = {"direction": "database", "entity_type": "strayed"}
    depot.viewer.post(f"{SCHEMA}/sync", body).must_be(*REFUSED)
    dry = depot.owner.post(f"{SCHEMA}/sync", body | {"dry_run": True})
    assert data(dry)["dry_run"] is True and dry.json["meta"] == {"dry_run": True}
    assert sorted(differences(depot.viewer, "strayed")) == found
    done = data(depot.owner.post(f"{SCHEMA}/sync", body))
    assert done["backup_id"] and [each["kind"] for each in done["entities"][0]["left"]] == ["added_column"]
    done = data(depot.owner.post(f"{SCHEMA}/sync", body | {"direction": "definition"}))
    assert done["in_sync"] is True
    attributes = data(depot.viewer.get(f"{TYPES}/strayed/attributes"))
    assert [(each["attribute_code"], each["backend_type"]) for each in attributes] == [("name", "varchar"), ("extra", "int")]
    depot.owner.post(f"{SCHEMA}/sync", body | {"direction": "sideways"}).must_be(400, fields=["direction"])
    depot.owner.post(f"{SCHEMA}/analyze", {"entity_type": "nothing"}).must_be(*NOT_FOUND)


def test_a_backup_brings_definitions_back(make_tenant):
    vault = make_tenant("vault")
    make_type(vault.owner, "kept", NAME)
    made = data(vault.owner.post(f"{SCHEMA}/backup/create", {"name": "before", "description": "As it was"}), 201)
    assert (made["name"], made["description"]) == ("before", "As it was")
    assert [each["id"] for each in data(vault.viewer.get(f"{SCHEMA}/backup/list"))] == [made["id"]]
    vault.viewer.post(f"{SCHEMA}/backup/create", {"name": "mine"}).must_be(*REFUSED)
    [attribute] = data(vault.owner.get(f"{TYPES}/kept/attributes"))
    data(vault.owner.put(f"{ATTRIBUTES}/{attribute['id']}", {"label": "Other", "validation_rules": [{"rule": "pattern", "value": "^a"}]}))
    vault.viewer.post(f"{SCHEMA}/backup/restore", {"backup": made["id"]}).must_be(*REFUSED)
    report = data(vault.owner.post(f"{SCHEMA}/backup/restore", {"backup": made["id"]}))
    assert report["updated"] == ["kept"] and report["backup_id"]
    [attribute] = data(vault.owner.get(f"{TYPES}/kept/attributes"))
    assert attribute["label"] == "Name" and "pattern" not in rules(attribute)
    vault.owner.post(f"{SCHEMA}/backup/restore", {"backup": MISSING}).must_be(*NOT_FOUND)
