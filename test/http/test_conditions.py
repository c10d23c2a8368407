"""Conditions over HTTP: brackets in the query, the forms of the clients that there are, related records,
and what nobody should send."""

import pytest

from corpus import CORPUS, fingerprint

RECORDS = "/dynamic-data/parcel/records"
QUERY = RECORDS + "/query"


@pytest.fixture(scope="module")
def post_office(make_tenant):
    """Parcels 1 to 9, of which every third one is heavy; each has as many stamps as its number says."""
    tenant = make_tenant("postoffice")
    owner = tenant.owner
    owner.publish("sender", {"name": "city", "field_type": "string"}, {"name": "secret", "field_type": "string"})
    owner.publish(
        "parcel",
        {"name": "number", "field_type": "integer", "is_required": True},
        {"name": "label", "field_type": "string"},
        {"name": "weight", "field_type": "decimal"},
        {"name": "state", "field_type": "enum", "allowed_values": ["new", "sent", "lost"]},
        {"name": "sent_at", "field_type": "datetime"},
        {"name": "tags", "field_type": "array", "item_type": "string"},
        {"name": "info", "field_type": "json"},
        {"name": "sender_id", "field_type": "lookup", "reference_entity": "sender"},
    )
    owner.publish("stamp", {"name": "worth", "field_type": "integer"}, {"name": "parcel_id", "field_type": "lookup", "reference_entity": "parcel"})
    cities = [owner.create("sender", city=city, secret="x" + city) for city in ("Rome", "Oslo")]
    parcels = [
        {"number": n, "label": f"Parcel {n}", "weight": "20.5" if n % 3 == 0 else f"{n}.5", "state": ["new", "sent", "lost"][n % 3],
         "sent_at": f"2026-01-{n:02}T12:00:00Z", "tags": ["even" if n % 2 == 0 else "odd", f"t{n}"], "info": {"size": {"w": n}, "name": f"p{n}"},
         "sender_id": cities[n % 2] if n < 8 else None}
        for n in range(1, 10)
    ]  # fmt: skip
    ids = owner.post(RECORDS + "/bulk", {"records": parcels}).must_be(201).json["ids"]
    stamps = [{"worth": worth, "parcel_id": ids[n - 1]} for n in range(1, 10) for worth in range(n)]
    owner.post("/dynamic-data/stamp/records/bulk", {"records": stamps}).must_be(201)
    return tenant


def numbers(answer):
    return [item["number"] for item in answer.must_be(200).json["items"]]


def asked(tenant, **query):
    return numbers(tenant.viewer.get(RECORDS, sort="number", **query))


def filtered(tenant, condition):
    return numbers(tenant.viewer.post(QUERY, {"filters": condition, "sort": "number"}))


@pytest.mark.parametrize(
    "query, expected",
    [
        ({"filter[number]": 3}, [3]),
        ({"filter[number][gte]": 3, "filter[number][lt]": 6}, [3, 4, 5]),
        ({"filter[number][in]": "1,4, 9"}, [1, 4, 9]),
        ({"filter[state]": "lost", "filter[number][gt]": 4}, [5, 8]),
        ({"filter[label][contains]": "CEL 7"}, [7]),
        ({"filter[weight][between]": "4,6"}, [4, 5]),
        ({"filter[sent_at][between]": "2026-01-02,2026-01-04"}, [2, 3, 4]),
        ({"filter[sent_at][after]": "2026-01-08"}, [8, 9]),
        ({"filter[sender_id][is_null]": "true"}, [8, 9]),
        ({"filter[sender.city]": "Rome"}, [2, 4, 6]),
        ({"filter[tags][array_overlaps]": "t1,t2"}, [1, 2]),
        ({"filter[info.name]": "p5"}, [5]),
        ({"filter[number][lte]": 2, "filters": '{"state":"sent"}'}, [1]),
    ],
)
def test_brackets_are_conditions(post_office, query, expected):
    assert asked(post_office, **query) == expected


def test_a_repeated_bracket_is_a_list(post_office):
    target = f"/api/v1{RECORDS}?sort=number&filter[number][in][]=2&filter[number][in][]=5"
    viewer = post_office.viewer
    assert numbers(viewer.send("GET", target, None, {"Authorization": "Bearer " + viewer.token})) == [2, 5]


@pytest.mark.parametrize(
    "condition, expected",
    [
        ([{"attribute": "weight", "operator": "between", "value": [1, 3]}, {"attribute": "label", "operator": "like", "value": "%cel%"}], [1, 2]),
        ({"number": {"operator": ">", "value": 7}}, [8, 9]),
        ({"field": "stamp", "operator": "any", "conditions": [{"worth": {"gte": 7}}]}, [8, 9]),
        ({"field": "stamp.worth", "operator": "lt", "value": 2, "quantifier": "all"}, [1, 2]),
        ({"field": "stamp", "operator": "none", "conditions": [{"worth": 3}]}, [1, 2, 3]),
        ({"field": "sender.city", "operator": "ne", "value": "Rome"}, [1, 3, 5, 7, 8, 9]),
        ({"field": "weight", "operator": "greater_than", "value_field": "number"}, list(range(1, 10))),
        ({"field": "label", "operator": "matches", "value": "[1-3]$"}, [1, 2, 3]),
        ({"field": "info", "path": ["size", "w"], "operator": "gt", "value": 6}, [7, 8, 9]),
        ({"number": {"in": list(range(5, 10_005))}}, [5, 6, 7, 8, 9]),
        ({"number": {"not_in": list(range(5, 10_005))}}, [1, 2, 3, 4]),
        ({"weight": {"not_in": [n + 0.5 for n in range(3, 10_003)]}}, [1, 2]),
        ({"field": "created_at", "operator": "last_n_days", "value": 1}, list(range(1, 10))),
        ({"created_by": {"ne": "{current_user_id}"}}, list(range(1, 10))),
        ([], list(range(1, 10))),
    ],
)  # fmt: skip
def test_conditions_in_every_form(post_office, condition, expected):
    assert filtered(post_office, condition) == expected


@pytest.mark.parametrize(
    "query, fields",
    [
        ({"filter[colour]": "red"}, ["filter.colour"]),
        ({"filter[number][near]": 1}, ["filter.number.near"]),
        ({"filter[number][in]": "1,x"}, ["filter.number.in[1]"]),
        ({"filter[state]": "sennt"}, ["filter.state"]),
        ({"filter[number": 1}, ["filter[number"]),
        ({"page[x]": 1}, ["page[x]"]),
        ({"filter[number]": 1, "filter[number][gt]": 2}, ["filter[number][gt]"]),
        ({"filter" + "[a]" * 9: 1}, ["filter" + "[a]" * 9]),
        ({"filter[sent_at]": "2026-02-30"}, ["filter.sent_at"]),
    ],
)
def test_what_is_wrong_with_brackets_is_told(post_office, query, fields):
    post_office.viewer.get(RECORDS, **query).must_be(400, "VALIDATION_ERROR", fields=fields)


@pytest.mark.parametrize(
    "condition, fields",
    [
        ({"number": 99999999999}, ["filters.number"]),
        ({"sent_at": "2023-02-29"}, ["filters.sent_at"]),
        ({"label": {"matches": "(a+)+\\1"}}, ["filters.label.matches"]),
        ({"label": {"matches": "((((a{99}){99}){99}){99})"}}, ["filters.label.matches"]),
        ({"label": {"like": "\\"}}, ["filters.label.like"]),
        ({"number": {"in": list(range(10_001))}}, ["filters.number.in"]),
        ([{"number": n} for n in range(257)], ["filters"]),
        ({"sent_at": {"last_n_days": 5001}}, ["filters.sent_at.last_n_days"]),
        ({"field": "stamp.parcel.stamp.parcel.stamp.worth", "operator": "eq", "value": 1}, ["filters.field"]),
    ],
)
def test_what_is_wrong_with_a_condition_is_told(post_office, condition, fields):
    post_office.viewer.post(QUERY, {"filters": condition}).must_be(400, "VALIDATION_ERROR", fields=fields)


def test_a_tree_of_200_levels_is_refused(post_office):
    tree = '{"number":1}'
    for _ in range(200):
        tree = '{"operator":"NOT","conditions":[' + tree + "]}"
    post_office.viewer.request("POST", QUERY, ('{"filters":' + tree + "}").encode()).must_be(400, "VALIDATION_ERROR")
    post_office.viewer.get(RECORDS, filters=tree).must_be(400, "VALIDATION_ERROR")


def test_nul_and_bytes_that_are_no_text_are_refused(post_office):
    viewer = post_office.viewer
    viewer.request("POST", QUERY, b'{"filters":{"label":"a\\u0000b"}}').must_be(400, "VALIDATION_ERROR")
    viewer.request("POST", QUERY, b'{"filters":{"label":"\xff"}}').must_be(400, "VALIDATION_ERROR")
    for query in ("filter[label]=%00", "filter[label]=%ff", "filter[%ff]=1"):
        viewer.send("GET", f"/api/v1{RECORDS}?{query}", None, {"Authorization": "Bearer " + viewer.token}).must_be(400, "VALIDATION_ERROR")


def test_records_that_the_caller_may_not_read_do_not_exist_in_conditions(post_office):
    owner = post_office.owner
    role = owner.get("/rbac/roles", filters='{"name":"viewer"}').must_be(200).json["items"][0]["id"]
    permissions = owner.get(f"/rbac/roles/{role}/permissions").must_be(200).json["items"]
    held = next(each for each in permissions if each["resource"] == "stamp" and each["action"] == "read")
    worth = {"field": "stamp.worth", "operator": "gt", "value": 0}
    assert filtered(post_office, worth) == list(range(2, 10))
    owner.delete(f"/rbac/roles/{role}/permissions/{held['id']}")
    try:
        post_office.viewer.post(QUERY, {"filters": worth}).must_be(400, "VALIDATION_ERROR", fields=["filters.field"])
        any_stamp = {"field": "stamp", "operator": "any", "conditions": []}
        post_office.viewer.post(QUERY, {"filters": any_stamp}).must_be(400, "VALIDATION_ERROR", fields=["filters.field"])
    finally:
        owner.post(f"/rbac/roles/{role}/permissions", {"permission": "stamp:read:tenant"})


@pytest.mark.parametrize("string", CORPUS, ids=range(len(CORPUS)))
def test_hostile_strings_are_values_or_faults(post_office, database, string):
    before = fingerprint(database)
    conditions = [
        {"field": "info", "path": [string], "operator": "eq", "value": string},
        {"field": f"info.{string}", "operator": "contains", "value": string},
        {"field": string, "operator": "any", "conditions": [{string: string}]},
        {"field": "number", "operator": "gt", "value_field": string},
        {"field": "stamp.worth", "operator": "eq", "value": 1, "quantifier": string},
        {"label": {"matches": string}},
        {"label": {"like": string}},
        {"label": {"ilike": string}},
        {"tags": {"array_overlaps": [string]}},
        {"sent_at": {string: 1}},
        {"info.a": {"in": [string, 1]}},
    ]
    for condition in conditions:
        answer = post_office.viewer.post(QUERY, {"filters": condition})
        assert answer.status in (200, 400), (condition, answer.status, answer.body)
    for query in ({f"filter[{string}]": string}, {"filter[label][like]": string}, {f"filter[info.{string}][gt]": string}):
        answer = post_office.viewer.get(RECORDS, **query)
        assert answer.status in (200, 400, 414, 431), (query, answer.status, answer.body)
    assert fingerprint(database) == before
