"""Hostile and odd strings in definitions, whose texts reach the SQL that publishing executes: they
come back unchanged, and nothing is made but the tables asked for."""

import json
import urllib.parse

import pytest

from corpus import CORPUS, fingerprint


@pytest.fixture(scope="module", autouse=True)
def nothing_else_changed(definer, database):
    before = fingerprint(database, but="t_definer")
    yield
    assert fingerprint(database, but="t_definer") == before
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 't_definer'::regnamespace AND relkind NOT IN ('i', 't')"
    made = {"strings", "edited"} | {f"entity_{number}" for number in range(len(CORPUS))}
    assert {name for [name] in database.sql(tables)} == made


def refused(answer, *statuses):
    assert answer.status in statuses, (answer.status, answer.body)
    return answer.error


@pytest.fixture(scope="module")
def definer(make_tenant):
    return make_tenant("definer")


def test_strings_of_a_definition_reach_the_database_unchanged(definer, database):
    """Labels become comments; defaults, allowed values and bounds become expressions. One entity for
    the whole corpus: each string is a field's label, default and only values."""
    owner = definer.owner
    strings = [string for string in CORPUS if len(string) <= 200]
    fields = [
        {
            "name": f"f{number}", "field_type": "string", "label": string, "description": string, "help_text": string,
            "placeholder": string, "prefix": string, "suffix": string, "default_value": string, "allowed_values": [string, "other"],
            "metadata": {string: string}, "max_length": 200, "is_indexed": True,
        }
        for number, string in enumerate(strings)
    ]  # fmt: skip
    before = database.value("SELECT count(*) FROM pg_class WHERE relnamespace = 't_definer'::regnamespace AND relkind = 'r'")
    definition = owner.post("/data-model/entities", {"name": "strings", "label": strings[0], "fields": fields}).must_be(201).json
    for string, field in zip(strings, definition["fields"], strict=True):
        for key in ("label", "description", "help_text", "placeholder", "prefix", "suffix", "default_value"):
            assert field[key] == string
        assert (field["allowed_values"], field["metadata"]) == ([string, "other"], {string: string})
    preview = owner.post("/data-model/entities/strings/preview-migration").must_be(200).json
    migration = owner.post("/data-model/entities/strings/publish").must_be(200).json
    assert migration["up_script"] == preview["up_script"]
    after = database.value("SELECT count(*) FROM pg_class WHERE relnamespace = 't_definer'::regnamespace AND relkind = 'r'")
    assert int(after) == int(before) + 1

    path = "/dynamic-data/strings/records"
    data = owner.post(path, {"data": {}}).must_be(201).json["data"]
    assert [data[field["name"]] for field in fields] == strings, "as defaults"
    given = {field["name"]: "other" for field in fields}
    data = owner.post(path, {"data": given}).must_be(201).json["data"]
    owner.put(f"{path}/{data['id']}", {"data": {field["name"]: field["label"] for field in fields}}).must_be(200)
    owner.post(path, {"data": {field["name"]: "none of them" for field in fields}}).must_be(
        400, "VALIDATION_ERROR", fields=[field["name"] for field in fields]
    )
    comments = database.value(
        "SELECT json_agg(col_description(attrelid, attnum) ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = 't_definer.strings'::regclass AND attname ~ '^f[0-9]+$'"
    )
    assert json.loads(comments) == strings


@pytest.mark.parametrize("number", range(len(CORPUS)))
def test_commit_messages_and_texts_of_an_entity_come_back(definer, number):
    owner, string, name = definer.owner, CORPUS[number], f"entity_{number}"
    texts = {"label": string[:200], "plural_label": string[:200], "description": string, "category": string[:100], "icon": string[:50]}
    fields = [{"name": "text", "field_type": "text"}]
    created = owner.post("/data-model/entities", {"name": name, "fields": fields, **texts}).must_be(201).json
    assert {key: created[key] for key in texts} == texts
    listed = owner.get("/data-model/entities", category=string[:100]).must_be(200).json
    assert name in [entity["name"] for entity in listed]
    assert {entity["category"] for entity in listed} == {string[:100]}
    for query in ({"status": string}, {"entity_type": string}):
        answer = owner.get("/data-model/entities", **query)
        assert (answer.status, answer.json) == (200, []) or refused(answer, 400)
    migration = owner.post(f"/data-model/entities/{name}/publish", {"commit_message": string}).must_be(200).json
    assert migration["commit_message"] == string
    assert migration.pop("warnings") == []  # of the answer to publish, and not of the record
    assert owner.get(f"/data-model/entities/{name}/migrations").must_be(200).json == [migration]


# Changing what is there ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def edited(definer):
    """A published entity with a field, an index, a relationship and a record, which every string is tried on."""
    owner = definer.owner
    owner.publish("edited", {"name": "text", "field_type": "string", "max_length": 600})
    owner.post("/data-model/entities/edited/indexes", {"name": "by_text", "field_names": [{"field": "created_at", "order": "desc"}]}).must_be(201)
    body = {"name": "edits", "relationship_type": "one-to-many", "source_entity": "edited", "target_entity": "edited"}
    owner.post("/data-model/relationships", body).must_be(201)
    owner.post("/data-model/entities/edited/publish").must_be(200)
    owner.create("edited", text="here")
    return owner


ENTITY = "/data-model/entities/edited"


@pytest.mark.parametrize("string", CORPUS)
def test_names_of_what_is_asked_for_are_values(edited, string):
    """In a path, whatever is not there is not found."""
    part = urllib.parse.quote(string, safe="")
    entity = f"/data-model/entities/{part}"
    for method, path, body in [
        ("GET", entity, None), ("PUT", entity, {"label": "x"}), ("DELETE", entity, None), ("DELETE", entity + "/draft", None),
        ("POST", entity + "/rename", {"name": "x"}), ("POST", entity + "/archive", None), ("POST", entity + "/unarchive", None),
        ("GET", entity + "/versions", None), ("GET", entity + "/indexes", None), ("GET", entity + "/migrations", None),
        ("POST", entity + "/publish", None), ("POST", entity + "/preview-migration", None),
        ("GET", f"{ENTITY}/versions/{part}", None), ("GET", f"{ENTITY}/fields/{part}", None), ("PUT", f"{ENTITY}/fields/{part}", {"label": "x"}),
        ("DELETE", f"{ENTITY}/fields/{part}", None), ("GET", f"{ENTITY}/indexes/{part}", None), ("PUT", f"{ENTITY}/indexes/{part}", {}),
        ("DELETE", f"{ENTITY}/indexes/{part}", None), ("GET", f"/data-model/relationships/{part}", None),
        ("PUT", f"/data-model/relationships/{part}", {"label": "x"}), ("DELETE", f"/data-model/relationships/{part}", None),
        ("GET", f"/data-model/migrations/{part}", None), ("POST", f"/data-model/migrations/{part}/rollback", None),
    ]:  # fmt: skip
        refused(edited.request(method, path, body), 400, 404)
    for path, name in ((ENTITY, "version"), (ENTITY + "/fields", "version"), ("/data-model/relationships", "entity")):
        refused(edited.get(path, **{name: string}), 400, 404)


@pytest.mark.parametrize("string", CORPUS)
def test_hostile_names_are_judged_and_refused(edited, string):
    for path in ("/data-model/entities/validate-name", f"{ENTITY}/fields/validate-name"):
        verdict = edited.post(path, {"name": string}).must_be(200).json
        assert verdict["name"] == string.encode()[:64].decode(errors="ignore")
        assert not verdict["valid"] or string.isidentifier()
        if verdict["suggestion"]:
            assert verdict["suggestion"].isidentifier() and verdict["suggestion"].isascii()
    if not edited.post("/data-model/entities/validate-name", {"name": string}).json["valid"]:
        refused(edited.post(f"{ENTITY}/rename", {"name": string}), 400)
        refused(edited.put(f"{ENTITY}/fields/text", {"name": string}), 400)
        refused(edited.put(f"{ENTITY}/indexes/by_text", {"name": string}), 400)
        refused(edited.post("/data-model/relationships", {
            "name": string, "relationship_type": "many-to-many", "source_entity": string, "target_entity": string,
            "junction_table_name": string, "junction_source_field": string, "junction_target_field": string,
        }), 400)  # fmt: skip
    refused(edited.put(f"{ENTITY}/fields/text", {"field_type": string, "reference_entity": string, "input_type": 1}), 400)
    for definition in (
        {"name": "x", "field_names": [string]}, {"name": "x", "field_names": ["text"], "index_type": string},
        {"name": "x", "field_names": [{"field": "text", "order": string, "nulls": string}]},
        {"name": "x", "field_names": ["text"], "condition": {"field": string, "operator": "eq", "value": "x"}},
        {"name": "x", "field_names": ["text"], "condition": {"field": "text", "operator": string, "value": "x"}},
    ):  # fmt: skip
        refused(edited.post(f"{ENTITY}/indexes", definition), 400)
    refused(edited.post("/data-model/entities/publish", {"entities": [string]}), 404)
    refused(edited.post(f"{ENTITY}/publish", {"fingerprint": string}), 409)
    refused(edited.post(f"{ENTITY}/preview-migration", {"backfill": {string: string}}), 400)
    refused(edited.post("/data-model/retired/purge", {"older_than": "soon " + string}), 400)


def test_strings_in_changes_reach_the_database_unchanged(edited, database):
    """Defaults, allowed values, back-fills, labels and an index's condition, all altered in one table."""
    strings = [string for string in CORPUS if len(string) <= 200]
    for number, string in enumerate(strings):
        field = {
            "name": f"f{number}", "field_type": "string", "max_length": 200, "label": string, "description": string,
            "default_value": string, "allowed_values": [{"value": string, "label": string}, "other"],
        }  # fmt: skip
        made = edited.post(f"{ENTITY}/fields", field).must_be(201).json
        assert {key: made[key] for key in field} == field
    edited.put(ENTITY, {"label": strings[0], "description": "\n".join(strings)}).must_be(200)
    condition = {"operator": "OR", "conditions": [
        {"field": "text", "operator": "eq", "value": string} for string in strings
    ]}  # fmt: skip
    edited.post(f"{ENTITY}/indexes", {"name": "odd", "field_names": ["text"], "condition": condition}).must_be(201)
    edited.post(f"{ENTITY}/publish", {"commit_message": strings[1]}).must_be(200)
    [record] = edited.records("edited")
    assert [record[f"f{number}"] for number in range(len(strings))] == strings, "defaults fill the rows there are"

    for number, string in enumerate(strings):
        edited.post(f"{ENTITY}/fields", {"name": f"g{number}", "field_type": "string", "max_length": 200, "is_required": True}).must_be(201)
    backfill = {f"g{number}": string for number, string in enumerate(strings)}
    edited.post(f"{ENTITY}/publish", {"backfill": backfill}).must_be(200)
    [record] = edited.records("edited")
    assert {key: record[key] for key in backfill} == backfill
    assert database.value("SELECT count(*) FROM pg_index WHERE indrelid = 't_definer.edited'::regclass AND indpred IS NOT NULL") == "1"


@pytest.mark.parametrize("string", CORPUS[:40])
def test_texts_of_relationships_come_back(edited, string):
    texts = {"label": string[:200], "description": string}
    changed = edited.put("/data-model/relationships/edits", texts).must_be(200).json
    assert {key: changed[key] for key in texts} == texts
