"""Hostile and odd strings in what only writes take: versions, keys, ids of sets, conditions, nested records."""

import urllib.parse

import pytest

from client import MISSING
from corpus import CORPUS, fingerprint

RECORDS = "/dynamic-data/parcel/records"


@pytest.fixture(scope="module")
def post_office(make_tenant):
    tenant = make_tenant("parcels")
    tenant.owner.publish("depot", {"name": "name", "field_type": "text"})
    tenant.owner.publish(
        "parcel",
        {"name": "code", "field_type": "string", "max_length": 600, "is_unique": True},
        {"name": "weight", "field_type": "integer"},
        {"name": "depot", "field_type": "lookup", "reference_entity": "depot"},
    )
    tenant.owner.create("parcel", code="kept", weight=1)
    return tenant


@pytest.fixture(scope="module", autouse=True)
def nothing_else_changed(post_office, database):
    before = fingerprint(database)
    yield
    assert fingerprint(database) == before
    [kept] = post_office.owner.records("parcel")
    assert (kept["code"], kept["weight"]) == ("kept", 1)
    assert post_office.owner.records("depot") == []


@pytest.fixture(params=CORPUS, ids=[f"{number}" for number in range(len(CORPUS))])
def string(request):
    return request.param


def refused(answer, *statuses):
    assert answer.status in statuses, (answer.status, answer.body)
    assert answer.error
    return answer


def kept_id(owner):
    return owner.records("parcel")[0]["id"]


def test_as_a_version_it_is_no_version(post_office, string):
    owner = post_office.owner
    target, body = f"{RECORDS}/{kept_id(owner)}", {"data": {"weight": 2}}
    refused(owner.put(target, body | {"if_match": string}), 400, 412)
    refused(owner.delete(target, if_match=string), 400, 412)
    refused(owner.put(target, body | {"if_match": f'"{string}"'}), 400, 412)
    if string.isascii() and string.isprintable():
        refused(owner.request("PUT", target, body, headers={"If-Match": string}), 400, 412)
        assert owner.request("GET", target, headers={"If-None-Match": string}).status in (200, 400)
        refused(owner.request("PUT", target, body, headers={"If-None-Match": string}), 400)
        refused(owner.request("POST", RECORDS, body, headers={"If-None-Match": string}), 400)
        answer = owner.request("PATCH", target, {"data": {}}, headers={"Prefer": string}).must_be(200)
        assert "Preference-Applied" not in answer.headers


def test_as_a_key_it_names_none(post_office, string):
    owner = post_office.owner
    data = {"code": "other", "weight": 2}
    assert refused(owner.post(f"{RECORDS}/upsert", {"data": data, "key": string}), 400).faulty_fields == ["key"]
    assert refused(owner.post(f"{RECORDS}/upsert", {"data": data | {string: 1}}), 400)
    bulk = {"records": [data, {"code": "third"}]}
    assert refused(owner.post(f"{RECORDS}/bulk/upsert", bulk | {"key": string}), 400).faulty_fields == ["key"]
    assert refused(owner.post(f"{RECORDS}/bulk/upsert", {"records": [data | {string: 1}]}), 400)


def test_as_an_id_it_is_none(post_office, string):
    owner = post_office.owner
    segment = urllib.parse.quote(string, safe="")
    refused(owner.request("PUT", f"{RECORDS}/{segment}", {"data": {"weight": 2}}, headers={"If-None-Match": "*"}), 400)
    for action in ("restore", "purge"):
        refused(owner.post(f"{RECORDS}/{segment}/{action}"), 400, 404)
    refused(owner.put(f"{RECORDS}/bulk", {"records": [{"id": string, "weight": 2}]}), 400)
    refused(owner.request("DELETE", f"{RECORDS}/bulk", {"ids": [string]}), 400)
    refused(owner.put(f"{RECORDS}/bulk", {"records": [{"id": MISSING, string: 2}]}), 400)


def test_in_a_condition_it_is_a_value_or_a_fault(post_office, string):
    owner = post_office.owner
    where = {"filters": {"code": string}, "data": {"weight": 2}}
    assert owner.put(f"{RECORDS}/bulk", where).must_be(200).json["updated"] == 0
    assert owner.request("DELETE", f"{RECORDS}/bulk", {"filters": {"code": string}}).must_be(200).json["deleted"] == 0
    refused(owner.put(f"{RECORDS}/bulk", {"filters": {string: 1}, "data": {"weight": 2}}), 400)
    refused(owner.put(f"{RECORDS}/bulk", {"filters": {"code": "x"}, "data": {string: 2}}), 400)


def test_in_nested_records_it_is_a_value_or_a_fault(post_office, string):
    owner = post_office.owner
    refused(owner.post(RECORDS, {"data": {"depot": {string: "x"}}}), 400)
    refused(owner.post(RECORDS, {"data": {string: [{"x": 1}]}}), 400)
    refused(owner.post(RECORDS, {"data": {"depot": {"id": string}}}), 400)
    tried = owner.post(RECORDS, {"data": {"depot": {"name": string}}, "dry_run": True}).must_be(200).json
    assert tried["data"]["depot"]["name"] == string
    code = string[:600]
    made = owner.post(f"{RECORDS}/upsert", {"data": {"code": code}, "dry_run": True}).must_be(200).json
    assert made["data"]["code"] == code
