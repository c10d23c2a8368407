"""Writes under /api/v1/dynamic-data: versions, preferences, keys, sets and trials."""

import re

import pytest

from client import MISSING

ETAG = re.compile(r'"[0-9a-f]{16}"')


@pytest.fixture(scope="module")
def shop(make_tenant):
    tenant = make_tenant("writes")
    tenant.owner.publish(
        "product",
        {"name": "name", "field_type": "string", "is_required": True},
        {"name": "code", "field_type": "string", "is_unique": True},
        {"name": "stock", "field_type": "integer", "default_value": 0},
    )
    return tenant


@pytest.fixture
def product(shop):
    """A new product: its path and the tag of its version."""
    answer = shop.owner.post(path(), {"data": {"name": "Chair"}}).must_be(201)
    return answer.headers["Location"], answer.headers["ETag"]


def path(*rest):
    return "/".join(["/dynamic-data/product/records", *rest])


def send(client, method, target, body=None, **headers):
    headers = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return client.request(method, target, body, headers=headers)


def test_a_creation_tells_place_and_version(shop):
    answer = shop.owner.post(path(), {"data": {"name": "Stool"}}).must_be(201)
    assert answer.headers["Location"] == "/api/v1" + path(answer.json["id"])
    assert ETAG.fullmatch(answer.headers["ETag"])
    read = shop.owner.get(answer.headers["Location"]).must_be(200)
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert read.json == answer.json


def test_a_version_that_is_known_is_not_sent_again(shop, product):
    target, tag = product
    known = send(shop.owner, "GET", target, if_none_match=tag).must_be(304)
    assert known.body == b"" and known.headers["ETag"] == tag
    send(shop.owner, "GET", target, if_none_match=f'"x", W/{tag}').must_be(304)
    send(shop.owner, "GET", target, if_none_match="*").must_be(304)
    assert send(shop.owner, "GET", target, if_none_match='"0000000000000000"').must_be(200).json
    send(shop.viewer, "GET", "/api/v1" + path(MISSING), if_none_match="*").must_be(404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_change_of_another_version_is_refused(shop, product, method):
    target, tag = product
    body = {"data": {"stock": 1}}
    changed = send(shop.owner, method, target, body, if_match=tag).must_be(200)
    assert changed.json["data"]["stock"] == 1 and changed.json["data"]["name"] == "Chair"
    assert ETAG.fullmatch(changed.headers["ETag"]) and changed.headers["ETag"] != tag
    refused = send(shop.owner, method, target, body, if_match=tag)
    refused.must_be(412, "PRECONDITION_FAILED")
    send(shop.owner, "DELETE", target, if_match=tag).must_be(412, "PRECONDITION_FAILED")
    send(shop.owner, method, target, body, if_match=f'{tag}, {changed.headers["ETag"]}').must_be(200)
    send(shop.owner, method, target, body, if_match="*").must_be(200)
    send(shop.owner, method, target, body, if_match="no tag").must_be(400, "VALIDATION_ERROR", ["if_match"])
    send(shop.viewer, method, target, body, if_match=tag).must_be(403, "PERMISSION_DENIED")
    send(shop.owner, method, "/api/v1" + path(MISSING), body, if_match=tag).must_be(404, "RESOURCE_NOT_FOUND")
    now = shop.owner.get(target).headers["ETag"]
    send(shop.owner, "DELETE", target, if_match=now).must_be(204)


def test_a_replacement_takes_defaults(shop, product):
    target, _ = product
    shop.owner.put(target, {"data": {"stock": 5, "code": "r1"}}).must_be(200)
    data = shop.owner.put(target, {"data": {"name": "Bench"}, "replace": True}).must_be(200).json["data"]
    assert (data["name"], data["stock"], data["code"]) == ("Bench", 0, None)
    shop.owner.put(target, {"data": {"stock": 1}, "replace": True}).must_be(400, "VALIDATION_ERROR", ["name"])


def test_whoever_prefers_less_gets_less(shop, product):
    target, _ = product
    made = send(shop.owner, "POST", path(), {"data": {"name": "x"}}, prefer="respond-async, return=minimal").must_be(201)
    assert made.body == b"" and made.headers["Preference-Applied"] == "return=minimal"
    assert shop.owner.get(made.headers["Location"]).headers["ETag"] == made.headers["ETag"]
    changed = send(shop.owner, "PATCH", target, {"data": {"stock": 2}}, prefer="return=minimal").must_be(204)
    assert ETAG.fullmatch(changed.headers["ETag"])
    whole = send(shop.owner, "PATCH", target, {"data": {"stock": 3}}, prefer="return=representation").must_be(200)
    assert whole.headers["Preference-Applied"] == "return=representation" and whole.json["data"]["stock"] == 3
    plain = send(shop.owner, "PATCH", target, {"data": {"stock": 3}}, prefer="lunch").must_be(200)
    assert "Preference-Applied" not in plain.headers


def test_a_deleted_record_comes_back_or_goes_for_good(shop, product):
    target, _ = product
    shop.owner.post(target + "/restore").must_be(409, "CONFLICT")
    shop.owner.post(target + "/purge").must_be(409, "CONFLICT")
    shop.owner.delete(target).must_be(204)
    shop.owner.get(target).must_be(404)
    shop.viewer.post(target + "/restore").must_be(403, "PERMISSION_DENIED")
    back = shop.owner.post(target + "/restore").must_be(200)
    assert back.json["data"]["name"] == "Chair" and ETAG.fullmatch(back.headers["ETag"])
    shop.owner.delete(target).must_be(204)
    shop.owner.post(target + "/purge").must_be(204)
    shop.owner.post(target + "/purge").must_be(404, "RESOURCE_NOT_FOUND")


def test_a_key_creates_once(shop):
    body = {"data": {"name": "Key", "code": "k1"}}
    made = shop.owner.post(path("upsert"), body).must_be(201)
    again = shop.owner.post(path("upsert"), body | {"key": "code"}).must_be(200)
    assert again.json["id"] == made.json["id"] and again.headers["ETag"] != made.headers["ETag"]
    shop.owner.post(path("upsert"), body | {"key": "name"}).must_be(400, "VALIDATION_ERROR", ["key"])
    shop.viewer.post(path("upsert"), body).must_be(403, "PERMISSION_DENIED")


def test_a_set_of_keys_creates_and_changes(shop):
    records = [{"name": "A", "code": "b1"}, {"name": "B", "code": "b2", "stock": 2}]
    made = shop.owner.post(path("bulk/upsert"), {"records": records}).must_be(200).json
    assert (made["created"], made["updated"], made["results"]) == (2, 0, ["created", "created"])
    records = [{"name": "C", "code": "b3"}, {"name": "B2", "code": "b2"}, {"name": "D", "code": "b3"}, {"code": "b4"}]
    refused = shop.owner.post(path("bulk/upsert"), {"records": records, "key": "code"})
    refused.must_be(400, "VALIDATION_ERROR", ["code", "name"])
    assert sorted(fault["index"] for fault in refused.json["error"]["details"]) == [2, 3]
    part = shop.owner.post(path("bulk/upsert"), {"records": records, "partial": True}).must_be(200).json
    assert (part["created"], part["updated"], part["failed"]) == (1, 1, 2)
    assert part["results"] == ["created", "updated", None, None] and part["ids"][1] == made["ids"][1]
    assert shop.owner.get(path(made["ids"][1])).json["data"]["stock"] == 2
    trial = shop.owner.post(path("bulk/upsert"), {"records": [{"name": "T", "code": "b9"}], "dry_run": True}).must_be(200)
    assert trial.json["dry_run"] is True and trial.json["records"][0]["code"] == "b9"
    shop.owner.get(path(trial.json["ids"][0])).must_be(404)
    quiet = send(shop.owner, "POST", path("bulk/upsert"), {"records": records[:2]}, prefer="return=minimal").must_be(204)
    assert quiet.body == b"" and quiet.headers["Preference-Applied"] == "return=minimal"
    told = send(shop.owner, "POST", path("bulk/upsert"), {"records": records[:1]}, prefer="return=representation").must_be(200)
    assert told.json["records"][0]["name"] == "C"
    shop.owner.post(path("bulk/upsert"), {"records": records[:1], "key": "name"}).must_be(400, "VALIDATION_ERROR", ["key"])
    shop.viewer.post(path("bulk/upsert"), {"records": records[:1]}).must_be(403, "PERMISSION_DENIED")


def test_what_is_not_there_is_created_once(shop):
    target, body = "/api/v1" + path("0189aaaa-bbbb-7ccc-8ddd-eeeeffff1111"), {"data": {"name": "Put", "code": "put"}}
    send(shop.viewer, "PUT", target, body, if_none_match="*").must_be(403, "PERMISSION_DENIED")
    made = send(shop.owner, "PUT", target, body, if_none_match="*").must_be(201)
    assert made.headers["Location"] == target and made.json["data"]["stock"] == 0
    assert shop.owner.get(target).headers["ETag"] == made.headers["ETag"]
    for method in ("PUT", "PATCH"):
        send(shop.owner, method, target, body, if_none_match="*").must_be(412, "PRECONDITION_FAILED")
        send(shop.owner, method, target, body, if_none_match=made.headers["ETag"]).must_be(400, "VALIDATION_ERROR", ["if_none_match"])
    send(shop.owner, "POST", path(), body, if_none_match="*").must_be(412, "PRECONDITION_FAILED")
    shop.owner.post(path(), body).must_be(409, "CONFLICT", ["code"])
    assert shop.owner.get(target).headers["ETag"] == made.headers["ETag"]
    send(shop.owner, "POST", path(), {"data": {"name": "New"}}, if_none_match="*").must_be(201)


def test_a_trial_leaves_nothing(shop, product):
    target, tag = product
    made = shop.owner.post(path(), {"data": {"name": "Trial"}, "dry_run": True}).must_be(200).json
    assert made["dry_run"] is True and made["data"]["name"] == "Trial"
    shop.owner.get(path(made["id"])).must_be(404)
    assert shop.owner.put(target, {"data": {"stock": 9}, "dry_run": True}).must_be(200).json["data"]["stock"] == 9
    assert shop.owner.delete(target, dry_run="true").must_be(200).json["deleted"] is True
    assert shop.owner.get(target).must_be(200).headers["ETag"] == tag


def test_sets_are_written_whole_or_in_part(shop):
    records = [{"name": "a", "code": "s1"}, {"name": "b", "code": "s1"}, {"code": "s2"}]
    refused = shop.owner.post(path("bulk"), {"records": records[:2]}).must_be(409, "CONFLICT")
    assert refused.json["error"]["details"] == [{"field": "code", "message": "must be unique", "index": 1}]
    made = shop.owner.post(path("bulk"), {"records": records, "partial": True}).must_be(201).json
    assert (made["created"], made["failed"], [e["index"] for e in made["errors"]]) == (1, 2, [1, 2])
    first = made["ids"][0]
    for method in ("PUT", "PATCH"):
        body = {"records": [{"id": first, "stock": 4}, {"id": MISSING, "stock": 4}], "partial": True}
        changed = shop.owner.request(method, path("bulk"), body).must_be(200).json
        assert (changed["updated"], changed["failed"], changed["errors"][0]["id"]) == (1, 1, MISSING)
    shop.owner.put(path("bulk"), {"records": [], "filters": {}}).must_be(400, "VALIDATION_ERROR", ["records"])
    shop.owner.put(path("bulk"), {}).must_be(400, "VALIDATION_ERROR", ["records"])
    shop.owner.put(path("bulk"), {"filters": {"code": "s1"}}).must_be(400, "VALIDATION_ERROR", ["data"])
    where = shop.owner.put(path("bulk"), {"filters": {"code": "s1"}, "data": {"stock": 5}}).must_be(200).json
    assert where == {"updated": 1, "failed": 0, "errors": [], "ids": [first]}
    shop.owner.request("DELETE", path("bulk"), {"ids": [first, MISSING]}).must_be(404, "RESOURCE_NOT_FOUND", ["id"])
    gone = shop.owner.request("DELETE", path("bulk"), {"ids": [first, MISSING], "partial": True}).must_be(200).json
    assert (gone["deleted"], gone["failed"]) == (1, 1)
    assert shop.owner.request("DELETE", path("bulk"), {"filters": {"name": "b"}}).must_be(200).json["deleted"] == 0
    shop.viewer.post(path("bulk"), {"records": records}).must_be(403, "PERMISSION_DENIED")


def test_a_header_is_an_argument_once(shop, product):
    target, tag = product
    body = {"data": {"stock": 1}, "if_match": tag}
    shop.owner.put(target, body).must_be(200)
    send(shop.owner, "PUT", target, body, if_match=tag).must_be(400, "VALIDATION_ERROR", ["if_match"])
    bad = send(shop.owner, "PUT", target, {"data": {}}, if_match="\xff")
    bad.must_be(400, "VALIDATION_ERROR", ["If-Match"])


def test_sets_have_records_nested_in_them(shop):
    shop.owner.publish(
        "extra",
        {"name": "label", "field_type": "string", "max_length": 5},
        {"name": "product_id", "field_type": "lookup", "reference_entity": "product"},
    )
    records = [{"name": "N", "code": f"n{i}", "extra": [{"label": "x"}, {"label": "y"}]} for i in range(3)]
    made = shop.owner.post(path("bulk/upsert"), {"records": records}).must_be(200).json
    assert made["created"] == 3
    changes = [{"id": made["ids"][i], "extra": [{"label": "z"}]} for i in range(3)]
    assert shop.owner.put(path("bulk"), {"records": changes}).must_be(200).json["updated"] == 3
    assert len(shop.owner.records("extra")) == 9
    changes[1]["extra"] = [{"label": "a"}, {"label": "too long"}]
    refused = shop.owner.put(path("bulk"), {"records": changes}).must_be(400, "VALIDATION_ERROR", ["extra[1].label"])
    assert refused.json["error"]["details"][0]["index"] == 1
    shop.owner.put(path("bulk"), {"records": changes, "partial": True}).must_be(200)
    assert sorted(each["label"] for each in shop.owner.records("extra")) == ["x"] * 3 + ["y"] * 3 + ["z"] * 5
    body = {"data": {"name": "N", "code": "n0", "extra": [{"label": "up"}]}}
    again = shop.owner.post(path("upsert"), body).must_be(200)
    assert again.json["id"] == made["ids"][0] and again.json["data"]["extra"][0]["label"] == "up"
