"""Hostile and odd strings in definitions, whose texts reach the SQL that publishing executes: they
come back unchanged, and nothing is made but the tables asked for."""

import json

import pytest

from corpus import CORPUS, fingerprint


@pytest.fixture(scope="module", autouse=True)
def nothing_else_changed(definer, database):
    before = fingerprint(database, but="t_definer")
    yield
    assert fingerprint(database, but="t_definer") == before
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 't_definer'::regnamespace AND relkind NOT IN ('i', 't')"
    assert {name for [name] in database.sql(tables)} == {"strings"} | {f"entity_{number}" for number in range(len(CORPUS))}


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
    assert owner.get(f"/data-model/entities/{name}/migrations").must_be(200).json == [migration]
