"""Changing definitions under /api/v1/data-model: draft versions beside what is served, fields, indexes,
relationships, and what names are free."""

import pytest

from client import MISSING

ENTITIES = "/data-model/entities"
RELATIONSHIPS = "/data-model/relationships"
NAME = {"name": "name", "field_type": "string", "is_required": True, "max_length": 80}
PRICE = {"name": "price", "field_type": "decimal", "decimal_places": 2, "min_value": 0}
AMOUNT = {"name": "amount", "field_type": "integer", "default_value": 1}
TOTAL = {"name": "total", "field_type": "decimal", "is_calculated": True, "calculation_formula": "price * amount"}
CITY = {"name": "city", "field_type": "string", "max_length": 40}
BY_CITY = {"name": "by_city", "field_names": ["city", {"field": "name", "order": "desc", "nulls": "last"}]}


@pytest.fixture(scope="module")
def workshop(make_tenant):
    return make_tenant("workshop")


@pytest.fixture(scope="module")
def make(workshop):
    """Publishes an entity of that name with fields of most kinds, returns a client and its path."""

    def make(name, *fields):
        workshop.owner.publish(name, *(fields or (NAME, PRICE, AMOUNT, CITY)))
        return workshop.owner, f"{ENTITIES}/{name}"

    return make


def names(definitions):
    return [definition["name"] for definition in definitions]



# Drafts and versions ------------------------------------------------------------------------------


def test_a_change_opens_a_draft_and_what_is_published_keeps_serving(make):
    owner, path = make("bench")
    record = owner.create("bench", name="old", price=1)
    assert owner.get(path).json["draft_version"] is None
    changed = owner.put(path, {"label": "Work bench"}).must_be(200).json
    assert (changed["label"], changed["status"], changed["version"], changed["draft_version"]) == ("Work bench", "draft", 2, 2)
    owner.post(f"{path}/fields", {"name": "weight", "field_type": "integer"}).must_be(201)

    published = owner.get(path).must_be(200).json
    assert (published["label"], published["status"], published["version"], published["draft_version"]) == (
        "Bench", "published", 1, 2,
    )  # fmt: skip
    assert "weight" not in names(published["fields"])
    drafted = owner.get(path, version="draft").must_be(200).json
    assert (drafted["label"], drafted["status"], drafted["version"]) == ("Work bench", "draft", 2)
    assert names(drafted["fields"])[-1] == "weight"
    assert names(owner.get(f"{path}/fields", version="draft").json)[-1] == "weight"
    owner.get(f"{path}/fields/weight").must_be(404, "RESOURCE_NOT_FOUND")
    owner.get(f"{path}/fields/weight", version="draft").must_be(200)
    owner.put(f"/dynamic-data/bench/records/{record}", {"data": {"weight": 3}}).must_be(400, fields=["weight"])
    [listed] = [entity for entity in owner.get(ENTITIES).json if entity["name"] == "bench"]
    assert (listed["version"], listed["draft_version"]) == (1, 2)

    owner.post(f"{path}/publish").must_be(200)
    owner.put(f"/dynamic-data/bench/records/{record}", {"data": {"weight": 3}}).must_be(200)
    assert owner.get(path).json["draft_version"] is None


def test_a_discarded_draft_leaves_what_is_published(make):
    owner, path = make("discarded")
    before = owner.get(path).json
    owner.put(f"{path}/fields/price", {"name": "cost"}).must_be(200)
    assert owner.delete(f"{path}/draft").must_be(200).json == before
    assert owner.get(path).json == before
    owner.get(path, version="draft").must_be(404, "RESOURCE_NOT_FOUND")
    owner.delete(f"{path}/draft").must_be(409, "CONFLICT")


def test_every_version_can_be_read(make):
    owner, path = make("versioned")
    for label in ("Second", "Third"):
        owner.put(path, {"label": label}).must_be(200)
        owner.post(f"{path}/publish").must_be(200)
    owner.put(path, {"label": "Fourth"}).must_be(200)
    versions = owner.get(f"{path}/versions").must_be(200).json
    assert [(version["version"], version["status"]) for version in versions] == [
        (4, "draft"), (3, "published"), (2, "superseded"), (1, "superseded"),
    ]  # fmt: skip
    assert not {"definition", "table_state"} & set(versions[0])
    labels = {number: owner.get(f"{path}/versions/{number}").must_be(200).json["label"] for number in (1, 2, 3, 4, "draft", "published")}
    assert labels == {1: "Versioned", 2: "Second", 3: "Third", 4: "Fourth", "draft": "Fourth", "published": "Third"}
    for number in (5, 0, -1):
        owner.get(f"{path}/versions/{number}").must_be(404, "RESOURCE_NOT_FOUND")
    for word in ("latest", "1.0", "%27", "1%20", "99999999999999999999"):
        owner.get(f"{path}/versions/{word}").must_be(400, "VALIDATION_ERROR", fields=["version"])


def test_what_was_published_keeps_its_name_until_it_is_renamed(make):
    owner, path = make("stable")
    owner.put(path, {"name": "other"}).must_be(400, "VALIDATION_ERROR", fields=["name"])
    owner.put(path, {"table_name": "other", "label": ""}).must_be(400, "VALIDATION_ERROR", fields=["table_name", "label"])
    assert owner.get(path).json["draft_version"] is None, "a refused change opens no draft"


def test_an_entity_is_renamed_and_its_table_is_not(make, database):
    owner, path = make("old_name")
    record = owner.create("old_name", name="kept")
    draft = owner.post(f"{path}/rename", {"name": "new_name"}).must_be(200).json
    assert (draft["name"], draft["table_name"]) == ("new_name", "old_name")
    owner.get(f"/dynamic-data/old_name/records/{record}").must_be(200)
    owner.post(f"{path}/publish").must_be(200)
    owner.get(f"/dynamic-data/new_name/records/{record}").must_be(200)
    for gone in (path, f"{path}/fields"):
        owner.get(gone).must_be(404, "RESOURCE_NOT_FOUND")
    assert database.value("SELECT to_regclass('t_workshop.old_name') IS NOT NULL") == "t"


@pytest.mark.parametrize("name, status", [("taken_already", 409), ("select", 400), ("", 400), ("users", 400), ("Ä", 400)])
def test_a_new_name_must_be_good_and_free(make, workshop, name, status):
    if status == 409:
        make("taken_already")
    entity = f"unrenamed_{status}_{len(name)}"
    owner, path = make(entity)
    answer = owner.post(f"{path}/rename", {"name": name})
    answer.must_be(status, "CONFLICT" if status == 409 else "VALIDATION_ERROR", fields=["name"])
    assert owner.get(path).json["draft_version"] is None


# Fields -------------------------------------------------------------------------------------------


def test_a_field_is_changed_by_the_members_given(make):
    owner, path = make("merged")
    before = owner.get(f"{path}/fields/price").must_be(200).json
    changed = owner.put(f"{path}/fields/price", {"label": "Unit price", "max_value": 100}).must_be(200).json
    assert (changed["id"], changed["label"], changed["max_value"]) == (before["id"], "Unit price", 100)
    assert {key: changed[key] for key in ("min_value", "decimal_places", "display_order")} == {
        key: before[key] for key in ("min_value", "decimal_places", "display_order")
    }
    assert owner.get(f"{path}/fields/{before['id']}", version="draft").json == changed
    assert owner.put(f"{path}/fields/price", {"max_value": None}).must_be(200).json["max_value"] is None


def test_a_renamed_field_keeps_its_values_and_its_users(make):
    owner, path = make("carried", NAME, PRICE, AMOUNT, TOTAL)
    record = owner.create("carried", name="x", price="2.50", amount=4)
    owner.put(path, {"default_sort_field": "price"}).must_be(200)
    owner.post(f"{path}/indexes", {"name": "dear", "field_names": ["price"], "condition": {"field": "price", "operator": "gt", "value": 1}}).must_be(201)
    owner.put(f"{path}/fields/price", {"name": "unit_price"}).must_be(200)
    draft = owner.get(path, version="draft").json
    assert draft["default_sort_field"] == "unit_price"
    assert draft["fields"][3]["calculation_formula"] == "unit_price * amount"
    assert draft["indexes"][0]["field_names"] == ["unit_price"]
    assert draft["indexes"][0]["condition"]["field"] == "unit_price"
    owner.post(f"{path}/publish").must_be(200)
    data = owner.get(f"/dynamic-data/carried/records/{record}").json["data"]
    assert (data["unit_price"], data["total"]) == (2.5, 10)


def test_fields_that_are_used_are_not_removed(make):
    owner, path = make("used", NAME, PRICE, AMOUNT, TOTAL)
    owner.put(path, {"primary_field": "name"}).must_be(200)
    owner.post(f"{path}/indexes", {"name": "few", "field_names": ["price"]}).must_be(201)
    owner.delete(f"{path}/fields/price").must_be(409, "CONFLICT", fields=["total", "few"])
    owner.delete(f"{path}/fields/name").must_be(409, "CONFLICT", fields=["primary_field"])
    assert names(owner.get(f"{path}/fields", version="draft").json) == ["name", "price", "amount", "total"]
    for gone in ("fields/total", "indexes/few", "fields/price"):
        owner.delete(f"{path}/{gone}").must_be(204)
    assert names(owner.get(f"{path}/fields", version="draft").json) == ["name", "amount"]
    owner.delete(f"{path}/fields/price").must_be(404, "RESOURCE_NOT_FOUND")


def test_all_faults_of_a_change_are_told_and_nothing_changes(make):
    owner, path = make("faulty", NAME, PRICE, AMOUNT, TOTAL)
    answer = owner.put(f"{path}/fields/price", {"min_value": 9, "max_value": 1, "label": "x" * 1_000_000, "color": "red", "id": MISSING})
    answer.must_be(400, "VALIDATION_ERROR")
    assert {"label", "color", "id"} <= set(answer.faulty_fields)
    assert {"min_value", "max_value"} & set(answer.faulty_fields)
    owner.put(f"{path}/fields/total", {"calculation_formula": "total + 1"}).must_be(400, fields=["calculation_formula"])
    owner.put(f"{path}/fields/total", {"name": "sum", "calculation_formula": "price *"}).must_be(400, fields=["calculation_formula"])
    owner.put(f"{path}/fields/amount", {"default_value": "many"}).must_be(400, fields=["default_value"])
    owner.post(f"{path}/fields", {"name": "PRICE", "field_type": "string"}).must_be(400, fields=["name"])
    owner.post(f"{path}/fields", {"name": "xmin", "field_type": "string"}).must_be(400, fields=["name"])
    assert owner.get(path).json["draft_version"] is None


@pytest.mark.parametrize("field_type", ["file", "json", "array", "enum", "lookup", "rich_text", "datetime"])
def test_a_field_of_any_type_can_get_another_label(make, field_type):
    more = {
        "array": {"item_type": "integer", "default_value": [1]},
        "enum": {"allowed_values": [{"value": "a", "label": "A"}]},
        "json": {"default_value": {"a": "b"}, "json_schema": {"type": "object"}},
        "lookup": {"reference_entity": "users", "on_delete": "SET NULL"},
    }.get(field_type, {})
    owner, path = make(f"labelled_{field_type}", NAME, {"name": "thing", "field_type": field_type} | more)
    before = owner.get(f"{path}/fields/thing").json
    after = owner.put(f"{path}/fields/thing", {"label": "Relabelled"}).must_be(200).json
    kept = set(before) - {"label", "updated_at", "updated_by"}
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert after["label"] == "Relabelled"
    owner.put(f"{path}/fields/name", {"label": "Beside it"}).must_be(200)
    beside = owner.get(f"{path}/fields/thing", version="draft").json
    assert beside == after
    owner.post(f"{path}/publish").must_be(200)
    published = owner.get(f"{path}/fields/thing").json
    assert {key: published[key] for key in kept} == {key: before[key] for key in kept}


# Indexes ------------------------------------------------------------------------------------------


def test_indexes_are_made_changed_and_removed_by_publishing(make, database):
    owner, path = make("indexed")
    made = "SELECT indexdef FROM pg_indexes WHERE schemaname = 't_workshop' AND indexname = 'indexed_by_city_ix'"
    index = owner.post(f"{path}/indexes", BY_CITY).must_be(201).json
    assert (index["name"], index["index_type"], index["is_unique"]) == ("by_city", "btree", False)
    assert index["field_names"] == BY_CITY["field_names"]
    assert owner.get(f"{path}/indexes").must_be(200).json == []
    assert owner.get(f"{path}/indexes", version="draft").json == [index]
    assert owner.get(f"{path}/indexes/{index['id']}", version="draft").must_be(200).json == index
    assert database.sql(made) == []
    owner.post(f"{path}/publish").must_be(200)
    assert "(city, name DESC NULLS LAST)" in database.value(made)
    assert owner.get(f"{path}/indexes/by_city").must_be(200).json["id"] == index["id"]
    owner.put(f"{path}/indexes/by_city", {"is_unique": True}).must_be(200)
    owner.post(f"{path}/publish").must_be(200)
    assert "UNIQUE" in database.value(made)
    owner.delete(f"{path}/indexes/by_city").must_be(204)
    owner.post(f"{path}/publish").must_be(200)
    assert database.sql(made) == []
    owner.get(f"{path}/indexes/by_city").must_be(404, "RESOURCE_NOT_FOUND")


def test_what_is_searched_is_a_setting_and_an_index(make, database):
    owner, path = make("searched")
    assert owner.put(path, {"search_language": "english"}).must_be(200).json["search_language"] == "english"
    words = {"name": "words", "index_type": "search", "field_names": ["name", "city"]}
    assert owner.post(f"{path}/indexes", words).must_be(201).json["index_type"] == "search"
    owner.post(f"{path}/publish").must_be(200)
    assert "search_ops" in database.value("SELECT indexdef FROM pg_indexes WHERE schemaname = 't_workshop' AND indexname = 'searched_words_ix'")
    shown = owner.get("/metadata/entities/searched").must_be(200).json["table_config"]["search"]
    assert shown == {"fields": ["name", "city"], "language": "english"}
    refused = owner.put(path, {"search_language": "klingon"}).must_be(400, "VALIDATION_ERROR")
    assert refused.faulty_fields == ["search_language"]


@pytest.mark.parametrize(
    "index, faulty",
    [
        ({"name": "i", "field_names": ["nothing"]}, ["field_names[0]"]),
        ({"name": "i"}, ["field_names"]),
        ({"name": "select", "field_names": []}, ["name", "field_names"]),
        ({"name": "i", "field_names": ["city"], "index_type": "bitmap"}, ["index_type"]),
        ({"name": "i", "field_names": ["city"], "condition": {"field": "x", "operator": "eq", "value": 1}}, ["condition.field"]),
        ({"name": "i", "field_names": ["city"], "where_clause": "true"}, ["where_clause"]),
        ({"name": "i", "field_names": ["price", "city"], "index_type": "search"}, ["field_names[0]"]),
        ({"name": "i", "field_names": ["city"], "index_type": "search", "is_unique": True}, ["is_unique"]),
    ],
)
def test_a_bad_index_is_refused_with_its_faults(workshop, make, index, faulty):
    owner = workshop.owner
    if owner.get(f"{ENTITIES}/unindexed").status == 404:
        make("unindexed")
    answer = owner.post(f"{ENTITIES}/unindexed/indexes", index).must_be(400, "VALIDATION_ERROR")
    assert set(faulty) <= set(answer.faulty_fields) | {field.split(".")[0] for field in answer.faulty_fields}, answer.body
    assert owner.get(f"{ENTITIES}/unindexed").json["draft_version"] is None


# Relationships ------------------------------------------------------------------------------------


def test_one_to_many_puts_a_lookup_into_its_target(make):
    owner, _ = make("author")
    _, book = make("book")
    body = {"name": "author_books", "relationship_type": "one-to-many", "source_entity": "author", "target_entity": "book", "on_delete": "CASCADE"}
    made = owner.post(RELATIONSHIPS, body).must_be(201).json
    assert (made["name"], made["label"], made["relationship_type"]) == ("author_books", "author_books", "one-to-many")
    assert (made["target_field_name"], made["on_delete"], made["is_active"]) == ("author_id", "CASCADE", True)
    assert owner.get(f"{RELATIONSHIPS}/author_books").must_be(200).json == made
    assert owner.get(f"{RELATIONSHIPS}/{made['id']}").must_be(200).json == made
    lookup = owner.get(f"{book}/fields/author_id", version="draft").must_be(200).json
    assert (lookup["field_type"], lookup["on_delete"]) == ("lookup", "CASCADE")
    owner.post(f"{book}/publish").must_be(200)
    author = owner.create("author", name="A")
    owner.create("book", name="B", author_id=author)
    changed = owner.put(f"{RELATIONSHIPS}/author_books", {"label": "Books", "on_delete": "SET NULL", "target_field_name": "writer"})
    assert changed.must_be(200).json["label"] == "Books"
    assert owner.get(f"{book}/fields/writer", version="draft").json["on_delete"] == "SET NULL"
    owner.post(f"{book}/publish").must_be(200)
    assert [record["writer"] for record in owner.records("book")] == [author]
    owner.delete(f"{RELATIONSHIPS}/author_books").must_be(204)
    owner.get(f"{RELATIONSHIPS}/author_books").must_be(404, "RESOURCE_NOT_FOUND")
    owner.get(f"{book}/fields/writer", version="draft").must_be(404)


def test_many_to_many_makes_a_junction(make):
    owner, _ = make("student")
    make("course")
    body = {"name": "enrolment", "relationship_type": "many-to-many", "source_entity": "student", "target_entity": "course"}
    made = owner.post(RELATIONSHIPS, body).must_be(201).json
    assert (made["junction_table_name"], made["junction_source_field"], made["junction_target_field"]) == (
        "student_course", "student_id", "course_id",
    )  # fmt: skip
    assert made["on_delete"] == "CASCADE"
    owner.post(f"{ENTITIES}/student_course/publish").must_be(200)
    ends = {"student_id": owner.create("student", name="S"), "course_id": owner.create("course", name="C")}
    owner.create("student_course", **ends)
    owner.post("/dynamic-data/student_course/records", {"data": ends}).must_be(409, "CONFLICT")
    owner.put(f"{RELATIONSHIPS}/enrolment", {"on_delete": "RESTRICT"}).must_be(400, fields=["on_delete"])
    owner.delete(f"{RELATIONSHIPS}/enrolment").must_be(204)
    assert owner.get(f"{ENTITIES}/student_course").json["status"] == "archived"


def test_an_entity_may_refer_to_itself(make):
    owner, path = make("part")
    body = {"name": "parts", "relationship_type": "one-to-many", "source_entity": "part", "target_entity": "part", "target_field_name": "whole"}
    owner.post(RELATIONSHIPS, body).must_be(201)
    owner.post(f"{path}/publish").must_be(200)
    whole = owner.create("part", name="whole")
    owner.create("part", name="piece", whole=whole)
    owner.delete(f"/dynamic-data/part/records/{whole}").must_be(409, "CONFLICT")


def test_relationships_are_listed_by_entity(make):
    owner, _ = make("listed_a")
    make("listed_b")
    make("listed_c")
    for name, source, target in (("z_ab", "listed_a", "listed_b"), ("a_cb", "listed_c", "listed_b")):
        owner.post(RELATIONSHIPS, {"name": name, "relationship_type": "one-to-one", "source_entity": source, "target_entity": target}).must_be(201)
    listed = lambda **query: names(owner.get(RELATIONSHIPS, **query).must_be(200).json)  # noqa: E731
    assert listed(entity="listed_b") == ["a_cb", "z_ab"]
    assert listed(entity="listed_a") == ["z_ab"]
    assert {"a_cb", "z_ab"} <= set(listed())
    owner.get(RELATIONSHIPS, entity="nothing").must_be(404, "RESOURCE_NOT_FOUND")


def test_a_bad_relationship_is_refused_with_all_its_faults(make):
    owner, _ = make("related")
    owner.post(RELATIONSHIPS, {"color": "red"}).must_be(
        400, "VALIDATION_ERROR", fields=["color", "name", "relationship_type", "source_entity", "target_entity"]
    )
    good = {"name": "r", "relationship_type": "one-to-many", "source_entity": "related", "target_entity": "related"}
    owner.post(RELATIONSHIPS, good | {"source_entity": "nothing"}).must_be(400, "VALIDATION_ERROR", fields=["source_entity"])
    owner.post(RELATIONSHIPS, good | {"target_field_name": "name"}).must_be(409, "CONFLICT", fields=["name"])
    owner.post(RELATIONSHIPS, good | {"junction_table_name": "x"}).must_be(400, fields=["junction_table_name"])
    owner.get(f"{RELATIONSHIPS}/r").must_be(404, "RESOURCE_NOT_FOUND")
    owner.post(RELATIONSHIPS, good).must_be(201)
    owner.post(RELATIONSHIPS, good).must_be(409, "CONFLICT", fields=["name"])
    owner.put(f"{RELATIONSHIPS}/r", {"source_entity": "x", "relationship_type": "one-to-one"}).must_be(
        400, fields=["source_entity", "relationship_type"]
    )
    owner.put(f"{RELATIONSHIPS}/r", {"is_active": "no"}).must_be(400, fields=["is_active"])


def test_a_referenced_entity_is_neither_archived_nor_deleted(make):
    owner, path = make("needed")
    make("needing", NAME, {"name": "need", "field_type": "lookup", "reference_entity": "needed"})
    owner.post(f"{path}/archive").must_be(409, "CONFLICT", fields=["needing.need"])
    assert owner.get(path).json["status"] == "published"


# Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, valid, suggestion",
    [
        ("free_name", True, None), ("a" * 63, True, None), ("a" * 64, False, "a" * 60), ("select", False, None),
        ("Sales Order", False, "sales_order"), ("StaffNotes", False, "staff_notes"), ("9lives", False, "n_9lives"),
        ("", False, "item"), ("'; DROP TABLE x; --", False, "drop_table_x"), ("users", False, "users_2"), ("SKU", False, "sku"), ("pg_x", False, None),
    ],
)  # fmt: skip
def test_a_name_for_an_entity_is_judged(workshop, name, valid, suggestion):
    verdict = workshop.viewer.post(f"{ENTITIES}/validate-name", {"name": name}).must_be(200).json
    assert set(verdict) == {"name", "valid", "available", "errors", "suggestion"}
    assert (verdict["valid"], verdict["available"]) == (valid, valid)
    assert bool(verdict["errors"]) == (not valid)
    if suggestion is not None or valid:
        assert verdict["suggestion"] == suggestion
    if verdict["suggestion"]:
        again = workshop.viewer.post(f"{ENTITIES}/validate-name", {"name": verdict["suggestion"]}).json
        assert (again["valid"], again["available"]) == (True, True)


def test_a_taken_name_is_valid_and_not_available(workshop, make):
    _, path = make("named")
    assert workshop.viewer.post(f"{ENTITIES}/validate-name", {"name": "named"}).json == {
        "name": "named", "valid": True, "available": False, "errors": ["is taken"], "suggestion": "named_2",
    }  # fmt: skip
    verdict = workshop.viewer.post(f"{path}/fields/validate-name", {"name": "price"}).must_be(200).json
    assert (verdict["valid"], verdict["available"], verdict["suggestion"]) == (True, False, "price_2")
    verdict = workshop.viewer.post(f"{path}/fields/validate-name", {"name": "created_at"}).json
    assert (verdict["valid"], verdict["available"]) == (False, False)
    verdict = workshop.viewer.post(f"{path}/fields/validate-name", {"name": "weight"}).json
    assert (verdict["available"], verdict["errors"]) == (True, [])
    workshop.owner.post(f"{path}/fields", {"name": "weight", "field_type": "integer"}).must_be(201)
    assert not workshop.viewer.post(f"{path}/fields/validate-name", {"name": "weight"}).json["available"], "in the draft"


@pytest.mark.parametrize("system", ["users", "files", "entity_versions", "retired_objects", "schema_backups", "attached_schemas", "routes"])
def test_every_system_entitys_name_is_reserved(workshop, database, system):
    """Else a role that may read the entity of that name could read the platform's."""
    assert database.value("SELECT count(*) FROM pgwright.entity_definitions WHERE tenant_id IS NULL AND name = :'name'", name=system) == "1"
    assert not workshop.viewer.post(f"{ENTITIES}/validate-name", {"name": system}).json["valid"]
    workshop.owner.post(ENTITIES, {"name": system}).must_be(400, "VALIDATION_ERROR", fields=["name"])
