"""Hostile and odd strings in every place that takes a string: none does more than be a string.

Each is either refused for what it is (4xx) or stored and comes back unchanged; never does the
server fail (5xx), and the database afterwards has the same tables, functions, roles and people."""

import json
import urllib.parse

import pytest

from corpus import CORPUS, fingerprint

RECORDS = "/dynamic-data/target/records"
MISSING = "00000000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def target(make_tenant, other):
    tenant = make_tenant("target")
    tenant.owner.publish(
        "target",
        {"name": "text", "field_type": "text"},
        {"name": "extra", "field_type": "json"},
        {"name": "number", "field_type": "decimal"},
        {"name": "day", "field_type": "date"},
    )
    for text in ("first", "second"):
        tenant.owner.create("target", text=text)
    return tenant


@pytest.fixture(scope="module", autouse=True)
def nothing_else_changed(target, database):
    entities = "SELECT count(*) FROM pgwright.entity_definitions"
    before = fingerprint(database) + database.sql(entities)
    yield
    assert fingerprint(database) + database.sql(entities) == before
    assert sorted(row["text"] for row in target.owner.records("target")) == ["first", "second"]


@pytest.fixture(params=CORPUS, ids=[f"{number}" for number in range(len(CORPUS))])
def string(request):
    return request.param


def quoted(string):
    return urllib.parse.quote(string, safe="")


def refused(answer, *statuses):
    """A 4xx in the envelope of all errors."""
    assert answer.status in statuses, (answer.status, answer.body)
    assert answer.error
    return answer


# Names --------------------------------------------------------------------------------------------


def test_in_the_path_it_names_nothing(target, string):
    owner = target.owner
    segment = quoted(string)
    for path in (f"/dynamic-data/{segment}/records", f"/data-model/entities/{segment}", f"/data-model/entities/{segment}/fields",
                 f"/data-model/entities/{segment}/migrations", f"/dynamic-data/{segment}/records/{MISSING}"):  # fmt: skip
        refused(owner.get(path), 400, 404)
    refused(owner.post(f"/data-model/entities/{segment}/publish"), 400, 404)
    refused(owner.post(f"/data-model/entities/{segment}/preview-migration"), 400, 404)
    refused(owner.post(f"/data-model/entities/{segment}/fields", {"name": "x", "field_type": "text"}), 400, 404)
    refused(owner.post(f"/dynamic-data/{segment}/records", {"data": {"text": "x"}}), 400, 404)
    refused(owner.post(f"/dynamic-data/{segment}/records/bulk", {"records": [{"text": "x"}]}), 400, 404)
    refused(owner.get(f"{RECORDS}/{segment}"), 400)
    refused(owner.put(f"{RECORDS}/{segment}", {"data": {"text": "x"}}), 400)
    refused(owner.delete(f"{RECORDS}/{segment}"), 400)
    refused(owner.get(f"/{segment}"), 400, 404)


def test_as_a_name_it_is_refused(target, string):
    entities, owner = "/data-model/entities", target.owner
    field = {"name": "x", "field_type": "string"}
    for definition, faulty in [
        ({"name": string}, "name"),
        ({"name": "fine", "table_name": string}, "table_name"),
        ({"name": "fine", "fields": [field | {"name": string}]}, "fields[0].name"),
        ({"name": "fine", "fields": [field | {"field_type": string}]}, "fields[0].field_type"),
        ({"name": "fine", "fields": [field | {"default_expression": string}]}, "fields[0].default_expression"),
        ({"name": "fine", "fields": [{"name": "x", "field_type": "lookup", "reference_entity": string}]}, "fields[0].reference_entity"),
        ({"name": "fine", "fields": [{"name": "x", "field_type": "integer", "min_value": string}]}, "fields[0].min_value"),
        ({"name": "fine", "fields": [{"name": "x", "field_type": "date", "default_value": string}]}, "fields[0].default_value"),
        ({"name": "fine", "primary_field": string, "fields": [field]}, "primary_field"),
        ({"name": "fine", "default_sort_field": string, "fields": [field]}, "default_sort_field"),
        ({"name": "fine", "default_sort_order": string}, "default_sort_order"),
        ({"name": "fine", "search_language": string}, "search_language"),
        ({"name": "fine", string: 1}, string),
        ({"name": "fine", "fields": [field | {string: 1}]}, f"fields[0].{string}"),
    ]:
        if (faulty, string) in VALID:
            continue
        answer = refused(owner.post(entities, definition), 400)
        assert faulty[:50] in [field[:50] for field in answer.faulty_fields], (definition, answer.body)
    owner.get(f"{entities}/fine").must_be(404)


# What of the corpus is right where it stands: a name or a number.
# Literals of the expression language, however they look to SQL.
LITERALS = ("''", "null", "NULL", "'||pg_sleep(3000)||'", "'" * 1000)
VALID = {("fields[0].min_value", "-1"), ("fields[0].min_value", "1e999")} | {
    ("fields[0].default_expression", literal) for literal in LITERALS
}


def test_in_a_list_it_is_a_value_or_a_fault(target, string):
    owner = target.owner
    if string:
        answer = refused(owner.get(RECORDS, sort=string), 400)
        assert answer.faulty_fields
    refused(owner.get(RECORDS, sort=f"text:{string}"), 400)
    refused(owner.get(RECORDS, sort=f"text,{string}"), 400)
    refused(owner.get(RECORDS, page_size=string), 400)
    refused(owner.get(RECORDS, **{string: "1"}), 400)
    for filters in (string, json.dumps({string: "x"}), json.dumps([string]),
                    json.dumps({"field": string, "operator": "eq", "value": "x"}),
                    json.dumps({"field": "text", "operator": string, "value": "x"}),
                    json.dumps({"operator": string, "conditions": []}),
                    json.dumps({"field": "day", "operator": "gte", "value": string})):  # fmt: skip
        if filters not in ("null", "{}", "[]"):  # no filter
            refused(owner.get(RECORDS, filters=filters), 400)
    for operator in ("eq", "contains", "starts_with", "ends_with", "gt", "in"):
        value = [string] if operator == "in" else string
        filters = json.dumps({"field": "text", "operator": operator, "value": value})
        found = owner.get(RECORDS, filters=filters).must_be(200).json["items"]
        for item in found:
            matches = {
                "eq": item["text"] == string,
                "in": item["text"] == string,
                "contains": string.lower() in item["text"].lower(),
                "starts_with": item["text"].lower().startswith(string.lower()),
                "ends_with": item["text"].lower().endswith(string.lower()),
                "gt": True,
            }
            assert matches[operator], (operator, item)


def test_as_a_key_of_a_record_it_is_refused(target, string):
    owner = target.owner
    [faulty] = refused(owner.post(RECORDS, {"data": {string: "x"}}), 400).faulty_fields
    assert faulty[:50] == string[:50], "long ones are told by their beginning"
    refused(owner.post(RECORDS, {"data": {"text": "x"}, string: 1}), 400)
    refused(owner.post(RECORDS + "/bulk", {"records": [{string: "x"}]}), 400)
    for field in ("day", "number"):
        if field == "day" or string not in ("-1", "1e999"):
            assert refused(owner.post(RECORDS, {"data": {field: string}}), 400).faulty_fields == [field]


# Values -------------------------------------------------------------------------------------------


def test_as_a_value_it_is_stored_and_comes_back(target, string):
    owner = target.owner
    extra = {"value": string, "list": [string], string: 1}
    created = owner.post(RECORDS, {"data": {"text": string, "extra": extra}}).must_be(201).json
    assert (created["data"]["text"], created["data"]["extra"]) == (string, extra)
    assert owner.get(f"{RECORDS}/{created['id']}").must_be(200).json == created
    by_value = owner.get(RECORDS, filters=json.dumps({"text": string, "id": created["id"]})).must_be(200).json
    assert by_value["items"] == [created["data"]]
    [id] = owner.post(RECORDS + "/bulk", {"records": [{"text": string}]}).must_be(201).json["ids"]
    assert owner.get(f"{RECORDS}/{id}").json["data"]["text"] == string
    assert owner.put(f"{RECORDS}/{id}", {"data": {"text": string + string}}).json["data"]["text"] == string + string
    for one in (created["id"], id):
        owner.delete(f"{RECORDS}/{one}").must_be(204)


def test_as_an_account_it_is_nobody(target, anonymous, database, string):
    database.sql("DELETE FROM pgwright.login_attempts")  # lock-out has tests of its own
    right = {"email": target.email("owner"), "password": target.passwords[target.email("owner")]}
    refused(anonymous.post("/auth/login", right | {"email": string}), 401)
    refused(anonymous.post("/auth/login", right | {"email": target.email("owner") + string}), 401)
    refused(anonymous.post("/auth/login", right | {"tenant": string}), 401)
    refused(anonymous.post("/auth/login", right | {"password": string}), 401)
    refused(anonymous.post("/auth/login", right | {string: string}), 400)


def test_as_a_credential_or_request_id_it_is_refused_or_replaced(anonymous, string):
    for header in (f"Bearer {string}", string):
        header = header.encode().replace(b"\r", b"").replace(b"\n", b"")
        refused(anonymous.request("GET", "/auth/me", headers={"Authorization": header}), 401)
    sent = string.encode().replace(b"\r", b"").replace(b"\n", b"")
    anonymous.request("GET", "/api/health", headers={"X-Request-Id": sent}).must_be(200)


def test_only_the_platform_makes_tenants_of_it(target, string):
    refused(target.owner.post("/tenants", {"slug": string, "name": string}), 403)
