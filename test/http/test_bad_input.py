"""What no request should say, through every face that takes it: each is refused, by the field's name, and quickly."""

import base64
import contextlib
import json
import os
import subprocess
import time

import pytest

RECORDS, QUERY, AGGREGATE = "/dynamic-data/measure/records", "/dynamic-data/measure/records/query", "/dynamic-data/measure/records/aggregate"


@pytest.fixture(scope="module")
def lab(make_tenant):
    """Measures of a probe, one of each kind of field."""
    owner = make_tenant("lab").owner
    owner.publish("probe", {"name": "name", "field_type": "string", "max_length": 40})
    owner.publish("measure", {"name": "label", "field_type": "string", "max_length": 20}, {"name": "small", "field_type": "integer"},
                  {"name": "big", "field_type": "biginteger"}, {"name": "exact", "field_type": "decimal"}, {"name": "price", "field_type": "currency"},
                  {"name": "day", "field_type": "date"}, {"name": "at", "field_type": "datetime"}, {"name": "hour", "field_type": "time"},
                  {"name": "ok", "field_type": "boolean"}, {"name": "state", "field_type": "enum", "allowed_values": ["new", "old"]},
                  {"name": "labels", "field_type": "array", "item_type": "integer"}, {"name": "info", "field_type": "json"},
                  {"name": "mail", "field_type": "email"}, {"name": "key", "field_type": "uuid"},
                  {"name": "probe_id", "field_type": "lookup", "reference_entity": "probe"})
    owner.probes = [owner.create("probe", name=f"probe {n}") for n in range(2)]
    for n in range(8):
        owner.create("measure", label=f"m{n}", small=n, day="2026-01-01", probe_id=owner.probes[n % 2], info={"a": n})
    return owner


# Values of no type, by field: what a condition and what a record may not hold.
VALUES = [
    ("small", 2147483648), ("small", -2147483649), ("small", 1.5), ("small", "x"), ("small", True), ("small", {}), ("small", [1]), ("small", "1e3"),
    ("big", 9223372036854775808), ("big", "-9223372036854775809"), ("exact", "NaN"), ("exact", "Infinity"), ("exact", "0x10"), ("exact", "1_000"),
    ("exact", "1e200000"), ("exact", "9" * 200000), ("price", "1e140000"), ("day", "2023-02-29"), ("day", "2023-13-01"), ("day", "2023-00-10"), ("day", "0000-01-01"),
    ("day", "infinity"), ("day", "today"), ("day", "2023-1-1"), ("day", 20230101), ("day", "20230101"), ("day", "2023-01-01 BC"), ("day", "99999-01-01"),
    ("at", "2023-02-29T00:00:00Z"), ("at", "2023-01-01T24:00:01Z"), ("at", "2023-01-01T00:60:00Z"), ("at", "2023-01-01T00:00:00+25:00"), ("at", "now"),
    ("at", "epoch"), ("at", "-infinity"), ("at", "0000-01-01T00:00:00Z"), ("hour", "25:00"), ("hour", "12:60"), ("hour", "noon"), ("hour", "allballs"),
    ("ok", "maybe"), ("ok", 2), ("ok", []), ("state", "lost"), ("state", ""), ("state", 1), ("labels", ["x"]), ("labels", [2147483648]), ("labels", [[1]]),
    ("labels", {"a": 1}), ("mail", 7), ("key", "x"), ("key", "00000000-0000-0000-0000-00000000000g"), ("key", 1), ("probe_id", "x"), ("probe_id", 7),
]  # fmt: skip


@pytest.mark.parametrize("field, value", VALUES, ids=[f"{field}-{str(value)[:20]}" for field, value in VALUES])
def test_values_that_cannot_be_are_faults_of_their_field(lab, field, value):
    begun = time.monotonic()
    for operator in ("array_contains" if field == "labels" else "eq", "array_overlaps" if field == "labels" else "ne"):
        faulty = lab.post(QUERY, {"filters": {"field": field, "operator": operator, "value": value}}).must_be(400, "VALIDATION_ERROR").faulty_fields
        assert [name.split("[")[0] for name in faulty] == ["filters.value"], faulty
    if field != "labels":
        [faulty] = lab.post(QUERY, {"filters": {field: {"in": [value]}}}).must_be(400, "VALIDATION_ERROR").faulty_fields
        assert faulty.startswith(f"filters.{field}.in")
    asked = [lab.post(RECORDS, {"data": {field: value}}), lab.post(f"{RECORDS}/bulk", {"records": [{field: value}]}),
             lab.post("/dynamic-data/probe/records", {"data": {"name": "p", "measure": [{field: value}]}}),
             lab.post("/data/measure", {"data": {field: value}}), lab.post("/projects/lab/data/measure", {field: value}),
             lab.post("/eav/entities/measure", {"attributes": {field: value}})]
    for answer in asked:
        faulty = answer.must_be(400, "VALIDATION_ERROR").faulty_fields
        assert [name.split(".")[-1].split("[")[0] for name in faulty] == [field], faulty
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("document, fields", [
    ({"filters": {"nothing": 1}}, ["filters.nothing"]), ({"filters": {"probe.nothing": 1}}, ["filters.probe.nothing"]),
    ({"filters": {"field": "probe.name.x", "operator": "eq", "value": 1}}, ["filters.field"]), ({"sort": "nothing"}, ["sort"]),
    ({"sort": "probe.nothing"}, ["sort"]), ({"sort": "info"}, ["sort"]), ({"sort": [{"field": "info"}]}, ["sort[0]"]), ({"sort": "labels:desc"}, ["sort"]),
    ({"sort": "info.a"}, ["sort"]), ({"sort": ",".join(["label"] * 2)}, ["sort"]), ({"sort": 7}, ["sort"]), ({"fields": "nothing"}, ["fields"]),
    ({"fields": "probe.nothing"}, ["fields"]), ({"expand": "nothing"}, ["expand"]), ({"expand": {"probe": {"sort": "name"}}}, ["expand.probe.sort"]),
    ({"expand": {"probe": {"filters": {"x": 1}}}}, ["expand.probe.filters.x"]), ({"expand": {"probe": {"limit": 0}}}, ["expand.probe.limit"]),
    ({"expand": "probe.measure.probe.measure.probe"}, ["expand"]), ({"page": 0}, ["page"]), ({"page": 10**12}, ["page"]), ({"page": -1}, ["page"]),
    ({"page": 10**30}, ["page"]), ({"page": "1"}, ["page"]), ({"page_size": 10**12}, ["page_size"]), ({"page_size": 1.5}, ["page_size"]),
    ({"count": "all"}, ["count"]), ({"distinct": True}, ["fields"]), ({"distinct": True, "fields": "info"}, ["fields"]),
    ({"distinct": True, "fields": "labels", "cursor": ""}, ["fields"]), ({"cursor": "", "page": 1}, ["page"]), ({"nothing": 1}, ["nothing"]),
    ({"filters": {"label": {"in": ["x"] * 10001}}}, ["filters.label.in"]), ({"filters": {"info.a": {"in": [1] * 10001}}}, ["filters.info.a.in"]),
    ({"filters": {"labels": {"array_overlaps": [1] * 10001}}}, ["filters.labels.array_overlaps"]), ({"filters": {"day": {"last_n_days": 10**9}}}, ["filters.day.last_n_days"]),
])  # fmt: skip
def test_lists_that_cannot_be_are_told_by_the_members_name(lab, document, fields):
    lab.post(QUERY, document).must_be(400, "VALIDATION_ERROR", fields=fields)


@pytest.mark.parametrize("document, fields", [
    ({"group_by": ["nothing"]}, ["group_by[0].field"]), ({"group_by": ["info"]}, ["group_by[0].field"]),
    ({"group_by": [{"field": "day", "bucket": "eon"}]}, ["group_by[0].bucket"]), ({"group_by": [{"field": "label", "bucket": "day"}]}, ["group_by[0].bucket"]),
    ({"group_by": [{"field": "at", "bucket": "day", "timezone": "Mars/Base"}]}, ["group_by[0].timezone"]),
    ({"aggregates": [{"function": "sum", "field": "label"}]}, ["aggregates[0].field"]), ({"aggregates": [{"function": "evil"}]}, ["aggregates[0].function"]),
    ({"aggregates": [{"function": "percentile", "field": "small", "fraction": 2}]}, ["aggregates[0].fraction"]),
    ({"aggregates": [{"function": "percentile", "field": "small", "fraction": "1e-400000"}]}, ["aggregates[0].fraction"]),
    ({"aggregates": [{"function": "count", "as": "x y"}]}, ["aggregates[0].as"]), ({"aggregates": []}, ["aggregates"]),
    ({"aggregates": [{"function": "count"}], "having": {"nothing": 1}}, ["having.nothing"]), ({"aggregates": [{"function": "count"}], "sort": "nothing"}, ["sort"]),
    ({"aggregates": [{"function": "count"}], "having": {"count": 10**30}}, ["having.count"]), ({"aggregates": [{"function": "count"}], "page": 10**12}, ["page"]),
    ({"aggregates": [{"function": "count"}] * 33}, ["aggregates"]), ({"group_by": ["label"] * 17}, ["group_by"]),
])  # fmt: skip
def test_groups_that_cannot_be_are_told_by_the_members_name(lab, document, fields):
    lab.post(AGGREGATE, document).must_be(400, "VALIDATION_ERROR", fields=fields)


def test_long_lists_of_values_are_answered_quickly(lab):
    for field, values in (("label", [f"m{n}" for n in range(10000)]), ("small", list(range(10000))), ("info.a", list(range(10000))),
                          ("day", ["2026-01-01"] * 10000), ("probe.name", [f"probe {n}" for n in range(10000)])):  # fmt: skip
        begun = time.monotonic()
        answer = lab.post(QUERY, {"filters": {"field": field, "operator": "in", "value": values}, "page_size": 1}).must_be(200).json
        assert answer["total"] == 8, field
        assert time.monotonic() - begun < 3, field


def test_deep_documents_are_refused_wherever_they_are(lab):
    def nested(inner, levels, left='{"operator":"NOT","conditions":[', right="]}"):
        return left * levels + inner + right * levels

    tree = nested('{"small":1}', 200)
    for body in ('{"filters":%s}' % tree, '{"filter":%s}' % tree, '{"expand":{"probe":{"filters":%s}}}' % tree):
        lab.request("POST", QUERY, body.encode()).must_be(400, "VALIDATION_ERROR")
    lab.request("POST", AGGREGATE, ('{"aggregates":[{"function":"count","filters":%s}]}' % tree).encode()).must_be(400, "VALIDATION_ERROR")
    lab.request("POST", QUERY, ('{"expand":%s}' % nested("true", 200, '{"probe":{"expand":', "}}")).encode()).must_be(400, "VALIDATION_ERROR")
    lab.request("POST", RECORDS, ('{"data":{"info":%s}}' % nested("1", 100000, "[", "]")).encode()).must_be(400, "VALIDATION_ERROR")
    lab.request("PUT", f"{RECORDS}/bulk", ('{"filters":%s,"data":{"small":1}}' % tree).encode()).must_be(400, "VALIDATION_ERROR")
    lab.request("POST", "/eav/entities/measure/search", ('{"filters":%s}' % tree).encode()).must_be(400, "VALIDATION_ERROR")


@pytest.mark.parametrize("part", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\\u0000b", b"\\ud800", b"\x00"])
def test_bytes_that_are_no_text_are_refused_everywhere(lab, part):
    texts = [(RECORDS, b'{"data":{"label":"%s"}}'), (RECORDS, b'{"data":{"info":{"%s":1}}}'), (RECORDS, b'{"data":{"info":["%s"]}}'),
             (f"{RECORDS}/bulk", b'{"records":[{"label":"%s"}]}'), (QUERY, b'{"filters":{"label":"%s"}}'), (QUERY, b'{"sort":"%s"}'),
             (QUERY, b'{"fields":"%s"}'), (QUERY, b'{"cursor":"%s"}'), (AGGREGATE, b'{"group_by":["%s"]}'), ("/eav/entities/measure/search", b'{"filters":[{"attribute":"%s"}]}')]  # fmt: skip
    for path, body in texts:
        lab.request("POST", path, body % part).must_be(400, "VALIDATION_ERROR")
    if b"\\" not in part:
        escaped = "".join(f"%{byte:02x}" for byte in part)
        for target in (f"{RECORDS}?filters={escaped}", f"{RECORDS}?cursor={escaped}", f"{RECORDS}?sort={escaped}", f"{RECORDS}/{escaped}", f"/dynamic-data/{escaped}/records"):
            assert lab.request("GET", target).status in (400, 404), target


# Cursors ------------------------------------------------------------------------------------------


def cursor_of(lab, path=RECORDS, **query):
    return lab.get(path, cursor="", page_size=2, **query).must_be(200).json["next_cursor"]


def opened(cursor):
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def closed(document):
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def test_a_cursor_of_another_query_is_refused(lab):
    cursor = cursor_of(lab, sort="small")
    related = f"/dynamic-data/probe/records/{lab.probes[0]}/measure"
    for path, query in ((RECORDS, {}), (RECORDS, {"sort": "-small"}), (RECORDS, {"sort": "small", "filter[label]": "m1"}),
                        ("/dynamic-data/probe/records", {"sort": "name"}), (related, {"sort": "small"})):  # fmt: skip
        lab.get(path, cursor=cursor, **query).must_be(400, "VALIDATION_ERROR", fields=["cursor"])
    # Of the records related to another one.
    lab.get(f"/dynamic-data/probe/records/{lab.probes[1]}/measure", cursor=cursor_of(lab, related)).must_be(400, "VALIDATION_ERROR", fields=["cursor"])
    assert lab.get(RECORDS, cursor=cursor, sort="small", page_size=100).must_be(200).json["items"][0]["small"] == 2


@pytest.mark.parametrize("sort, values", [
    ("small", ["x", None]), ("small", [10**30, None]), ("day", ["2023-02-29", None]), ("exact", ["1e999999", None]), ("at", ["x", None]),
    ("hour", ["99:99", None]), ("ok", ["x", None]), ("small", [1, "x"]), ("small", [1, 7]), ("small", [1]), ("small", [1, 2, 3]), ("small", [{}, None]),
    ("label", [[1], None]), ("label", ["a\u0000b", None]), ("key", ["x", None]), ("probe.name", ["x", "not-an-id"]), ("small", "x"), ("small", None),
])  # fmt: skip
def test_a_cursor_that_was_tampered_with_is_refused(lab, sort, values):
    document = opened(cursor_of(lab, sort=sort))
    if isinstance(values, list) and len(values) == 2 and values[1] is None:
        values = [values[0], document["v"][1]]
    for changed in (document | {"v": values}, document | {"v": values, "b": True}):
        lab.get(RECORDS, cursor=closed(changed), sort=sort).must_be(400, "VALIDATION_ERROR", fields=["cursor"])


@pytest.mark.parametrize("cursor", ["x", "=", "e30", "W10", "bnVsbA", "MQ", "eyJxIjoxfQ", "A" * 100001, "é", "'", "eyJ"])
def test_what_is_no_cursor_is_refused(lab, cursor):
    lab.post(QUERY, {"cursor": cursor}).must_be(400, "VALIDATION_ERROR", fields=["cursor"])


@contextlib.contextmanager
def locked(database, table):
    """While another session holds the table for itself."""
    psql = subprocess.Popen(["psql", "-X", "-q", "-A", "-t"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | database.environment(), text=True)
    try:
        psql.stdin.write(f"BEGIN; LOCK TABLE {table};\n\\echo locked\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == "locked\n"
        yield
    finally:
        psql.communicate("ROLLBACK;\n", 30)


# Time ---------------------------------------------------------------------------------------------


def test_a_list_that_takes_too_long_says_what_to_do(lab, start_shim, database):
    shim = start_shim(statement_timeout=400)
    client = type(lab)(shim.url, lab.token)
    client.get(RECORDS).must_be(200)
    with locked(database, "t_lab.measure"):
        for answer in (client.get(RECORDS), client.post(QUERY, {"expand": "probe"}), client.post(RECORDS, {"data": {"label": "late"}})):
            answer.must_be(504, "STATEMENT_TIMEOUT", fields=[])
            assert "page" in answer.json["error"]["hint"]
    assert client.get(RECORDS, filters='{"label":"late"}').must_be(200).json["total"] == 0
