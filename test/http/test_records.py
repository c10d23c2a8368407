"""Records under /api/v1/dynamic-data: shapes, statuses, pages, filters, and whose they are."""

import json
import re

import pytest

from client import message

MISSING = "00000000-0000-7000-8000-000000000000"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")  # version 7
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
STAMPS = {"id", "created_at", "updated_at", "created_by", "updated_by"}

BOOK = [
    {"name": "title", "field_type": "string", "is_required": True, "max_length": 60},
    {"name": "isbn", "field_type": "string", "is_unique": True},
    {"name": "price", "field_type": "decimal", "min_value": 0},
    {"name": "pages", "field_type": "integer"},
    {"name": "printed", "field_type": "date"},
    {"name": "sold_at", "field_type": "datetime"},
    {"name": "in_stock", "field_type": "boolean", "default_value": "true"},
    {"name": "kind", "field_type": "string", "allowed_values": ["novel", "essay"]},
    {"name": "author", "field_type": "lookup", "reference_entity": "author"},
]


@pytest.fixture(scope="module")
def library(make_tenant):
    tenant = make_tenant("library")
    tenant.owner.publish("author", {"name": "name", "field_type": "string", "is_required": True})
    tenant.owner.publish("book", *BOOK)
    return tenant


@pytest.fixture(scope="module")
def shelf(library):
    """Twelve books that the tests only read."""
    library.owner.publish("shelved", *BOOK[:-1])
    books = [
        {
            "title": f"Volume {number:02}" if number != 7 else "100% _pure_",
            "isbn": f"isbn-{number}",
            "price": f"{number}.50",
            "pages": number % 3 * 100 if number != 12 else None,
            "printed": f"2026-01-{number:02}",
            "sold_at": f"2026-01-{number:02}T12:00:00Z",
            "in_stock": number % 2 == 0,
            "kind": "novel" if number <= 6 else "essay",
        }
        for number in range(1, 13)
    ]
    answer = library.owner.post("/dynamic-data/shelved/records/bulk", {"records": books}).must_be(201)
    assert answer.json["created"] == 12
    return library


def path(entity, *rest):
    return "/".join(["/dynamic-data", entity, "records", *rest])


def create(client, **data):
    return client.post(path("book"), {"data": {"title": "x"} | data})


def numbers(client, **query):
    """Which of the shelf's books a list answers, by the number of their ISBN."""
    items = client.get(path("shelved"), **{"page_size": 100} | query).must_be(200).json["items"]
    return [int(item["isbn"].removeprefix("isbn-")) for item in items]


# One record ---------------------------------------------------------------------------------------


def test_a_record_is_created_read_changed_and_deleted(library):
    member = library.member
    me = member.get("/auth/me").json["id"]

    created = member.post(path("book"), {"data": {"title": "Emma", "price": 9.5}}).must_be(201).json
    assert set(created) == {"id", "data"}
    data = created["data"]
    assert set(data) == STAMPS | {field["name"] for field in BOOK}
    assert UUID.fullmatch(created["id"]) and data["id"] == created["id"]
    assert (data["title"], data["price"], data["isbn"], data["in_stock"]) == ("Emma", 9.5, None, True)
    assert data["created_by"] == data["updated_by"] == me
    assert INSTANT.fullmatch(data["created_at"]) and data["updated_at"] == data["created_at"]

    read = library.viewer.get(path("book", created["id"])).must_be(200)
    assert read.json == created

    changed = library.owner.put(path("book", created["id"]), {"data": {"price": 7}}).must_be(200).json
    assert set(changed) == {"id", "data"}
    assert (changed["data"]["title"], changed["data"]["price"]) == ("Emma", 7)
    assert changed["data"]["updated_at"] > data["updated_at"]
    assert changed["data"]["updated_by"] == library.owner.get("/auth/me").json["id"]
    for kept in ("id", "created_at", "created_by"):
        assert changed["data"][kept] == data[kept]
    assert member.get(path("book", created["id"])).json == changed

    deleted = member.delete(path("book", created["id"])).must_be(204)
    assert deleted.body == b""
    for answer in (
        member.get(path("book", created["id"])),
        member.put(path("book", created["id"]), {"data": {"price": 1}}),
        member.delete(path("book", created["id"])),
    ):
        answer.must_be(404, "RESOURCE_NOT_FOUND")
    assert created["id"] not in [item["id"] for item in member.records("book")]


def test_a_deleted_record_frees_its_unique_values(library):
    first = create(library.member, isbn="978-1").must_be(201).json["id"]
    create(library.member, isbn="978-1").must_be(409, "CONFLICT", fields=["isbn"])
    library.member.delete(path("book", first)).must_be(204)
    create(library.member, isbn="978-1").must_be(201)


def test_a_null_given_is_kept_where_a_default_would_be(library):
    assert create(library.member, in_stock=None).json["data"]["in_stock"] is None
    assert create(library.member).json["data"]["in_stock"] is True


def test_a_change_of_nothing_answers_the_record_as_it_is(library):
    created = create(library.member, price=3).json
    assert library.owner.put(path("book", created["id"]), {"data": {}}).must_be(200).json == created


def test_a_field_is_emptied_by_null(library):
    id = create(library.member, price=3, isbn="978-2").json["id"]
    data = library.member.put(path("book", id), {"data": {"price": None}}).must_be(200).json["data"]
    assert (data["price"], data["isbn"]) == (None, "978-2")
    library.member.put(path("book", id), {"data": {"title": None}}).must_be(400, "VALIDATION_ERROR", fields=["title"])


def test_the_id_is_answered_in_its_one_spelling(library):
    id = create(library.member).json["id"]
    for spelling in (id, id.upper()):
        answer = library.member.get(path("book", spelling)).must_be(200).json
        assert (answer["id"], answer["data"]["id"]) == (id, id)
        answer = library.member.put(path("book", spelling), {"data": {"price": 1}}).must_be(200).json
        assert (answer["id"], answer["data"]["id"]) == (id, id)


@pytest.mark.parametrize("id", ["1", "x", "null", MISSING[:-1], MISSING + "0", "%27%20OR%201=1", "%7B%7D", "é"])
def test_what_cannot_be_an_id_is_a_fault(library, id):
    id = id.replace("é", "%C3%A9")
    library.member.get(path("book", id)).must_be(400, "VALIDATION_ERROR", fields=["id"])
    library.member.put(path("book", id), {"data": {}}).must_be(400, "VALIDATION_ERROR", fields=["id"])
    library.member.delete(path("book", id)).must_be(400, "VALIDATION_ERROR", fields=["id"])


def test_an_unknown_id_is_not_found(library):
    library.member.get(path("book", MISSING)).must_be(404, "RESOURCE_NOT_FOUND")
    library.member.put(path("book", MISSING), {"data": {"price": 1}}).must_be(404, "RESOURCE_NOT_FOUND")
    library.member.put(path("book", MISSING), {"data": {}}).must_be(404, "RESOURCE_NOT_FOUND")
    library.member.delete(path("book", MISSING)).must_be(404, "RESOURCE_NOT_FOUND")


def test_a_record_of_another_entity_is_not_found(library):
    id = library.owner.create("author", name="Austen")
    library.member.get(path("book", id)).must_be(404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("entity", ["nothing", "pg_class", "t_library.book", "%22book%22", "Book", "book%20"])
def test_an_unknown_entity_is_not_found(library, entity):
    for method, rest, body in [
        ("GET", [], None),
        ("POST", [], {"data": {}}),
        ("POST", ["bulk"], {"records": [{}]}),
        ("GET", [MISSING], None),
        ("PUT", [MISSING], {"data": {}}),
        ("DELETE", [MISSING], None),
    ]:
        library.owner.request(method, path(entity, *rest), body).must_be(404, "RESOURCE_NOT_FOUND")


# Faults -------------------------------------------------------------------------------------------


def test_every_fault_of_a_record_is_told_at_once(library):
    answer = library.member.post(
        path("book"),
        {"data": {
            "price": -1, "pages": "many", "printed": "2026-02-30", "sold_at": "noon", "in_stock": "maybe",
            "kind": "poem", "author": "Austen", "colour": "red",
        }},
    )  # fmt: skip
    faulty = ["title", "price", "pages", "printed", "sold_at", "in_stock", "kind", "author", "colour"]
    answer.must_be(400, "VALIDATION_ERROR", fields=faulty)


@pytest.mark.parametrize("field", sorted(STAMPS) + ["deleted_at", "deleted_by"])
def test_generated_fields_are_not_written(library, field):
    value = MISSING if field in ("id", "created_by", "updated_by", "deleted_by") else "2026-01-01T00:00:00Z"
    create(library.owner, **{field: value}).must_be(400, "VALIDATION_ERROR", fields=[field])
    id = create(library.owner).json["id"]
    library.owner.put(path("book", id), {"data": {field: value}}).must_be(400, "VALIDATION_ERROR", fields=[field])


@pytest.mark.parametrize(
    "body, fields",
    [
        ({}, ["data"]),
        ({"data": {"title": "x"}, "more": 1}, ["more"]),
        ({"data": {"title": "x"}, "id": MISSING}, ["id"]),
        ({"data": {"title": "x"}, "entity": "author"}, ["entity"]),
        ({"title": "x"}, ["title", "data"]),
        ([], ["body"]),
        ("data", ["body"]),
        (None, ["data"]),
    ],
)
def test_the_body_of_a_creation_holds_data_alone(library, body, fields):
    library.member.post(path("book"), body).must_be(400, "VALIDATION_ERROR", fields=fields)


@pytest.mark.parametrize("data", [None, [], "x", 7, True, [{"title": "x"}]])
def test_data_is_an_object(library, data):
    library.member.post(path("book"), {"data": data}).must_be(400, "VALIDATION_ERROR")
    id = create(library.member).json["id"]
    library.member.put(path("book", id), {"data": data}).must_be(400, "VALIDATION_ERROR")


def test_conflicts_name_their_field(library):
    create(library.member, isbn="978-3").must_be(201)
    answer = create(library.member, isbn="978-3").must_be(409, "CONFLICT", fields=["isbn"])
    assert "978-3" not in answer.message, "what others have stored is not told"
    id = create(library.member, isbn="978-4").json["id"]
    library.member.put(path("book", id), {"data": {"isbn": "978-3"}}).must_be(409, "CONFLICT", fields=["isbn"])
    create(library.member, author=MISSING).must_be(409, "CONFLICT", fields=["author"])


def test_lookups_refer_to_records(library):
    author = library.member.create("author", name="Woolf")
    book = create(library.member, author=author).must_be(201).json
    assert book["data"]["author"] == author
    create(library.member, author=book["id"]).must_be(409, "CONFLICT", fields=["author"])


# Values on the wire -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "digits",
    [
        "0.1", "1.10", "100.00", "0.30000000000000004", "123456789012345678901234567890.123456789012345678901234567890",
        "9007199254740993", "0.000000000000000000000000000000001", "1E+3", "1e-7", "0",
    ],
)  # fmt: skip
def test_numbers_keep_their_digits(library, digits):
    """Compared as text: a client in between that reads doubles would hide a loss."""
    body = b'{"data":{"title":"digits","price":%s}}' % digits.encode()
    created = library.member.post(path("book"), body).must_be(201)
    kept = {"1E+3": "1000", "1e-7": "0.0000001"}.get(digits, digits)
    assert f'"price":{kept},'.encode() in created.body
    id = created.json["id"]
    assert f'"price":{kept},'.encode() in library.viewer.get(path("book", id)).body
    listed = library.viewer.get(path("book"), filters=f'{{"price":{digits},"id":"{id}"}}').must_be(200)
    assert listed.json["total"] == 1
    assert f'"price":{kept},'.encode() in listed.body


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x10", "1_000"])
def test_what_json_does_not_call_a_number_is_malformed(library, number):
    library.member.post(path("book"), b'{"data":{"title":"x","price":%s}}' % number.encode()).must_be(400, fields=["body"])


@pytest.mark.parametrize("number", ['"NaN"', '"Infinity"', '"1,5"', '"0x10"', '"1 2"', '""', "true", "[1]", '"one"'])
def test_what_is_no_number_is_a_fault_of_its_field(library, number):
    body = b'{"data":{"title":"x","price":%s}}' % number.encode()
    library.member.post(path("book"), body).must_be(400, "VALIDATION_ERROR", fields=["price"])


@pytest.mark.parametrize("value", [2147483648, -2147483649, 1.5, "1.5", 1e100])
def test_integers_keep_their_range(library, value):
    create(library.member, pages=value).must_be(400, "VALIDATION_ERROR", fields=["pages"])


@pytest.mark.parametrize(
    "text",
    [
        "naïve café", "日本語", "🚀👩‍👩‍👧", "\u202eright to left", "e\u0301", "\u00e9", "\ufeffBOM", "tab\tnew\nline\r",
        'quotes " and \\ and /', "\u0001\u001f\u007f", "<script>&amp;</script>", "\U0010ffff\ue000", " leading and trailing ",
        "%41", "\\u0041", "${x} {{x}} $1 :x @x",
    ],
)  # fmt: skip
def test_text_comes_back_as_it_went(library, text):
    created = create(library.member, title=text).must_be(201).json
    assert created["data"]["title"] == text
    assert library.viewer.get(path("book", created["id"])).json["data"]["title"] == text
    found = library.viewer.get(path("book"), filters=json.dumps({"title": text, "id": created["id"]})).must_be(200).json
    assert [item["title"] for item in found["items"]] == [text]


def test_length_is_counted_in_characters(library):
    create(library.member, title="🚀" * 60).must_be(201)
    create(library.member, title="🚀" * 61).must_be(400, "VALIDATION_ERROR", fields=["title"])


def test_the_character_zero_has_no_place_in_text(library):
    body = rb'{"data":{"title":"a\u0000b"}}'
    library.member.post(path("book"), body).must_be(400, "VALIDATION_ERROR")
    library.member.post(path("book"), rb'{"data":{"title":"\ud800"}}').must_be(400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "given, answered",
    [
        ("2026-01-31T23:59:59Z", "2026-01-31T23:59:59Z"),
        ("2026-01-31T23:59:59.123456Z", "2026-01-31T23:59:59.123456Z"),
        ("2026-01-31T23:59:59+05:30", "2026-01-31T18:29:59Z"),
        ("2026-01-31T23:59:59-08:00", "2026-02-01T07:59:59Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    ],
)
def test_instants_are_iso_8601_in_utc(library, given, answered):
    data = create(library.member, sold_at=given).must_be(201).json["data"]
    assert data["sold_at"] == answered


@pytest.mark.parametrize("field, value", [
    ("sold_at", "2026-02-29T00:00:00Z"), ("sold_at", "now"), ("sold_at", "infinity"), ("sold_at", 1700000000),
    ("sold_at", "31/01/2026"), ("printed", "2026-13-01"), ("printed", "tomorrow"), ("printed", "20260101"), ("printed", ""),
])  # fmt: skip
def test_other_spellings_of_time_are_faults(library, field, value):
    create(library.member, **{field: value}).must_be(400, "VALIDATION_ERROR", fields=[field])


def test_every_field_type_goes_in_and_out(library):
    values = {
        "string": "text", "text": "long\ntext", "integer": -2147483648, "biginteger": 9223372036854775807,
        "decimal": 1.5, "currency": 10.25, "percentage": 99.9, "boolean": False, "date": "2026-01-31",
        "datetime": "2026-01-31T12:00:00Z", "time": "12:30:00", "email": "ann@example.com",
        "url": "https://example.com/a?b=c#d", "phone": "+1 234 567 890",
        "json": {"a": [1, None, {"b": "c"}], "d": 1.10}, "uuid": MISSING,
    }  # fmt: skip
    fields = [{"name": f"a_{type}", "field_type": type} for type in values]
    library.owner.publish("everything", *fields)
    given = {f"a_{type}": value for type, value in values.items()}
    created = library.owner.post(path("everything"), {"data": given}).must_be(201).json["data"]
    assert {name: created[name] for name in given} == given
    empty = library.owner.post(path("everything"), {"data": dict.fromkeys(given)}).must_be(201).json["data"]
    assert {name: empty[name] for name in given} == dict.fromkeys(given)
    [found] = library.owner.get(
        path("everything"),
        filters=json.dumps({name: value for name, value in given.items() if name != "a_json"}),
    ).must_be(200).json["items"]
    assert found == created


# Lists --------------------------------------------------------------------------------------------


def test_a_list_is_a_page(shelf):
    answer = shelf.viewer.get(path("shelved")).must_be(200).json
    assert set(answer) == {"items", "total", "page", "page_size", "pages"}
    assert (answer["total"], answer["page"], answer["page_size"], answer["pages"]) == (12, 1, 25, 1)
    assert len(answer["items"]) == 12
    for item in answer["items"]:
        assert set(item) == STAMPS | {field["name"] for field in BOOK[:-1]}


def test_an_empty_list_is_a_page(library):
    library.owner.publish("nobody", {"name": "name", "field_type": "string"})
    answer = library.viewer.get(path("nobody")).must_be(200).json
    assert answer == {"items": [], "total": 0, "page": 1, "page_size": 25, "pages": 0}


def test_pages_are_disjoint_and_complete(shelf):
    seen = []
    for page in (1, 2, 3):
        answer = shelf.viewer.get(path("shelved"), page=page, page_size=5, sort="kind").must_be(200).json
        assert (answer["total"], answer["page"], answer["page_size"], answer["pages"]) == (12, page, 5, 3)
        seen += [item["id"] for item in answer["items"]]
    assert len(seen) == len(set(seen)) == 12
    beyond = shelf.viewer.get(path("shelved"), page=4, page_size=5).must_be(200).json
    assert (beyond["items"], beyond["total"], beyond["page"]) == ([], 12, 4)
    assert shelf.viewer.get(path("shelved"), page=2147483647, page_size=100).must_be(200).json["items"] == []


@pytest.mark.parametrize("query", [
    {"page": 0}, {"page": -1}, {"page_size": 0}, {"page_size": 101}, {"page": "x"}, {"page": "1.5"}, {"page": ""},
    {"page": 2147483648}, {"page_size": "1; DROP TABLE x"}, {"page": "0x1"}, {"page": "1e1"}, {"page_size": 99999999999999},
])  # fmt: skip
def test_a_page_that_cannot_be_is_a_fault(shelf, query):
    shelf.viewer.get(path("shelved"), **query).must_be(400, "VALIDATION_ERROR", fields=list(query))


@pytest.mark.parametrize(
    "sort, expected",
    [
        ("price:asc", list(range(1, 13))),
        ("price:desc", list(range(12, 0, -1))),
        ("-price", list(range(12, 0, -1))),
        ("kind,price:desc", [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("kind:desc,price", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("pages:asc,price:asc", [3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 12]),
        ("pages:desc,price:asc", [2, 5, 8, 11, 1, 4, 7, 10, 3, 6, 9, 12]),
        ("in_stock:desc,printed:desc", [12, 10, 8, 6, 4, 2, 11, 9, 7, 5, 3, 1]),
        ("", list(range(1, 13))),
    ],
)
def test_lists_are_sorted_by_several_fields_nulls_last(shelf, sort, expected):
    assert numbers(shelf.viewer, sort=sort) == expected


@pytest.mark.parametrize(
    "sort", ["colour", "price:up", "price asc", "price:asc:desc", "price,price", ",", "price,", "deleted_at", "1", "random()", "Price"]
)
def test_a_sort_that_cannot_be_is_a_fault(shelf, sort):
    answer = shelf.viewer.get(path("shelved"), sort=sort).must_be(400, "VALIDATION_ERROR")
    assert answer.faulty_fields and all(field.startswith("sort") for field in answer.faulty_fields), answer.body


@pytest.mark.parametrize(
    "filters, expected",
    [
        ({"kind": "novel"}, range(1, 7)),
        ({"kind": "novel", "in_stock": True}, [2, 4, 6]),
        ({"pages": None}, [12]),
        ({"price": 3.5}, [3]),
        ({"price": "3.50"}, [3]),
        ({"printed": "2026-01-05"}, [5]),
        ({"sold_at": "2026-01-05T13:00:00+01:00"}, [5]),
        ({}, range(1, 13)),
        ({"field": "price", "operator": "gt", "value": 10}, [10, 11, 12]),
        ({"field": "price", "operator": "gte", "value": 10.5}, [10, 11, 12]),
        ({"field": "price", "operator": "lt", "value": 2}, [1]),
        ({"field": "price", "operator": "lte", "value": 2.5}, [1, 2]),
        ({"field": "kind", "operator": "ne", "value": "novel"}, range(7, 13)),
        ({"field": "pages", "operator": "ne", "value": 0}, [1, 2, 4, 5, 7, 8, 10, 11, 12]),
        ({"field": "title", "operator": "contains", "value": "LUME 1"}, [10, 11, 12]),
        ({"field": "title", "operator": "contains", "value": "%"}, [7]),
        ({"field": "title", "operator": "contains", "value": "_"}, [7]),
        ({"field": "title", "operator": "starts_with", "value": "100%"}, [7]),
        ({"field": "title", "operator": "ends_with", "value": "02"}, [2]),
        ({"field": "isbn", "operator": "in", "value": ["isbn-2", "isbn-4", "none"]}, [2, 4]),
        ({"field": "isbn", "operator": "not_in", "value": [f"isbn-{n}" for n in range(3, 13)]}, [1, 2]),
        ({"field": "pages", "operator": "is_null"}, [12]),
        ({"field": "pages", "operator": "is_not_null"}, range(1, 12)),
        ({"operator": "AND", "conditions": []}, range(1, 13)),
        ({"operator": "OR", "conditions": [
            {"field": "price", "operator": "lt", "value": 2},
            {"operator": "AND", "conditions": [
                {"field": "kind", "operator": "eq", "value": "essay"},
                {"field": "printed", "operator": "gte", "value": "2026-01-11"}]}]}, [1, 11, 12]),
        ({"operator": "NOT", "conditions": [{"field": "price", "operator": "gt", "value": 3}]}, [1, 2]),
    ],
)  # fmt: skip
def test_filters_select(shelf, filters, expected):
    assert numbers(shelf.viewer, filters=json.dumps(filters), sort="price") == list(expected)


def test_the_total_counts_what_the_filter_selects(shelf):
    answer = shelf.viewer.get(path("shelved"), filters='{"kind":"novel"}', page_size=4, page=2).must_be(200).json
    assert (answer["total"], answer["pages"], len(answer["items"])) == (6, 2, 2)


@pytest.mark.parametrize(
    "filters, faulty",
    [
        ('{"colour":"red"}', "filters.colour"),
        ('{"field":"colour","operator":"eq","value":1}', "filters.field"),
        ('{"field":"price","operator":"like","value":1}', "filters.operator"),
        ('{"field":"price","operator":"contains","value":"1"}', "filters.operator"),
        ('{"field":"price","operator":"gt","value":"dear"}', "filters.value"),
        ('{"field":"price","operator":"in","value":7}', "filters.value"),
        ('{"operator":"XOR","conditions":[]}', "filters.operator"),
        ('{"operator":"AND","conditions":[{"field":"a","operator":"eq","value":1}]}', "filters.conditions[0].field"),
        ("[7]", "filters[0]"),
        ("7", "filters"),
        ('"title"', "filters"),
        ("{", "filters"),
        ("title=x", "filters"),
        ('{"title":"a","title":"b"}', "filters"),
    ],
)
def test_a_filter_that_cannot_be_is_a_fault(shelf, filters, faulty):
    shelf.viewer.get(path("shelved"), filters=filters).must_be(400, "VALIDATION_ERROR", fields=[faulty])


# Many at once -------------------------------------------------------------------------------------


def test_many_records_are_created_at_once(library):
    records = [{"title": f"bulk {number}", "price": number} for number in range(300)]
    answer = library.member.post(path("book", "bulk"), {"records": records}).must_be(201).json
    assert set(answer) == {"created", "failed", "errors", "ids"}
    assert (answer["created"], answer["failed"], answer["errors"]) == (300, 0, [])
    assert len(set(answer["ids"])) == 300
    for at in (0, 150, 299):
        data = library.viewer.get(path("book", answer["ids"][at])).must_be(200).json["data"]
        assert (data["title"], data["price"], data["in_stock"]) == (f"bulk {at}", at, True)


def test_one_fault_and_none_is_created(library):
    before = library.viewer.get(path("book"), page_size=1).json["total"]
    answer = library.member.post(
        path("book", "bulk"),
        {"records": [{"title": "fine"}, {"price": "x"}, {"title": "fine"}, {"title": "a", "colour": 1}, 7]},
    ).must_be(400, "VALIDATION_ERROR")
    faults = {(detail["index"], detail["field"]) for detail in answer.json["error"]["details"]}
    assert {(1, "price"), (1, "title"), (3, "colour")} <= faults
    assert {index for index, _ in faults} == {1, 3, 4}
    library.member.post(
        path("book", "bulk"), {"records": [{"title": "one", "isbn": "978-5"}, {"title": "two", "isbn": "978-5"}]}
    ).must_be(409, "CONFLICT", fields=["isbn"])
    assert library.viewer.get(path("book"), page_size=1).json["total"] == before


@pytest.mark.parametrize("records", [{}, "x", 7, [], [{"title": "x"}] * 1001])
def test_records_are_an_array_of_one_to_a_thousand(library, records):
    library.member.post(path("book", "bulk"), {"records": records}).must_be(400, "VALIDATION_ERROR", fields=["records"])


def test_records_are_not_null(library):
    library.member.post(path("book", "bulk"), {"records": None}).must_be(400, "VALIDATION_ERROR")


def test_bulk_is_a_path_of_its_own(library):
    """A literal segment wins over {id}; and what has no such method says so."""
    library.member.post(path("book", "bulk"), {"data": {"title": "x"}}).must_be(400, fields=["data", "records"])
    answer = library.member.request("PATCH", path("book"))
    assert answer.must_be(405, "METHOD_NOT_ALLOWED")


# Whose records ------------------------------------------------------------------------------------


def test_a_viewer_reads_and_writes_nothing(library):
    id = create(library.member, price=1).json["id"]
    refused = (403, "PERMISSION_DENIED")
    create(library.viewer).must_be(*refused)
    library.viewer.put(path("book", id), {"data": {"price": 2}}).must_be(*refused)
    library.viewer.delete(path("book", id)).must_be(*refused)
    library.viewer.post(path("book", "bulk"), {"records": [{"title": "x"}]}).must_be(*refused)
    assert library.viewer.get(path("book", id)).must_be(200).json["data"]["price"] == 1


def test_another_tenant_finds_nothing(library, other):
    id = create(library.member).json["id"]
    missing = (404, "RESOURCE_NOT_FOUND")
    other.owner.get(path("book")).must_be(*missing)
    other.owner.get(path("book", id)).must_be(*missing)
    create(other.owner).must_be(*missing)
    other.owner.put(path("book", id), {"data": {"price": 2}}).must_be(*missing)
    other.owner.delete(path("book", id)).must_be(*missing)
    entity = library.owner.get("/data-model/entities/book").json["id"]
    other.owner.get(path(entity)).must_be(*missing)
    library.member.get(path("book", id)).must_be(200)


def test_an_entity_of_the_same_name_holds_only_the_tenants_own(library, other):
    other.owner.publish("author", {"name": "name", "field_type": "string"})
    mine, theirs = library.owner.create("author", name="mine"), other.owner.create("author", name="theirs")
    other.owner.get(path("author", mine)).must_be(404, "RESOURCE_NOT_FOUND")
    library.owner.get(path("author", theirs)).must_be(404, "RESOURCE_NOT_FOUND")
    assert [item["name"] for item in other.owner.records("author")] == ["theirs"]
    assert mine in [item["id"] for item in library.owner.records("author")]


def test_entities_are_named_by_id_too(library):
    entity = library.owner.get("/data-model/entities/book").json["id"]
    id = create(library.member).json["id"]
    assert library.member.get(path(entity, id)).must_be(200).json == library.member.get(path("book", id)).json


# System entities ----------------------------------------------------------------------------------


def test_the_catalog_is_served_like_any_entity(library, other):
    definitions = library.owner.records("entity_definitions", filters='{"entity_type":"custom"}', sort="name")
    assert {"author", "book"} <= {definition["name"] for definition in definitions}
    assert {definition["schema_name"] for definition in definitions} == {"t_library"}
    book = next(definition for definition in definitions if definition["name"] == "book")
    one = library.viewer.get(path("entity_definitions", book["id"])).must_be(200).json
    assert one == {"id": book["id"], "data": book}
    fields = library.viewer.records("field_definitions", filters=json.dumps({"entity_id": book["id"]}), sort="display_order")
    assert [field["name"] for field in fields] == [field["name"] for field in BOOK]
    other.owner.get(path("entity_definitions", book["id"])).must_be(404, "RESOURCE_NOT_FOUND")


def test_people_see_their_own_tenant_alone(library, other):
    for tenant in (library, other):
        emails = {user["email"] for user in tenant.owner.records("users")}
        assert {tenant.email(role) for role in ("owner", "admin", "member", "viewer")} <= emails
        assert not emails & {(other if tenant is library else library).email("owner")}
        assert [row["slug"] for row in tenant.owner.records("tenants")] == [tenant.slug]


SECRETS = [
    ("users", "password_hash"),
    ("refresh_tokens", "token_hash"),
    ("signing_keys", "secret"),
    ("api_keys", "key_hash"),
    ("invitations", "token_hash"),
    ("password_history", "password_hash"),
]


@pytest.mark.parametrize("entity, hidden", SECRETS)
def test_secrets_are_never_served(library, entity, hidden):
    assert hidden not in [field["name"] for field in library.owner.get(f"/data-model/entities/{entity}").json["fields"]]
    if entity == "signing_keys":
        library.owner.get(path(entity)).must_be(403, "PERMISSION_DENIED")
        return
    if entity == "api_keys":
        library.owner.post("/auth/api-keys", {"name": "a key", "scopes": ["users:read"]}).must_be(201)
    if entity == "invitations":
        library.owner.post("/users/invitations", {"email": "invited@library.example"}).must_be(201)
    rows = library.owner.records(entity)
    # What only the engine looks at has no rows for anybody.
    assert bool(rows) == (entity not in ("refresh_tokens", "password_history"))
    assert all(hidden not in row for row in rows)
    library.owner.get(path(entity), sort=hidden).must_be(400, "VALIDATION_ERROR")
    library.owner.get(path(entity), filters=json.dumps({"field": hidden, "operator": "is_not_null"})).must_be(400)


@pytest.mark.parametrize("entity", ["users", "user_roles", "entity_definitions", "routes", "sessions", "schema_ops"])
def test_system_entities_are_not_written_as_records(library, entity):
    refused = (403, "PERMISSION_DENIED")
    library.owner.post(path(entity), {"data": {}}).must_be(*refused)
    library.owner.post(path(entity, "bulk"), {"records": [{}]}).must_be(*refused)
    library.owner.put(path(entity, MISSING), {"data": {}}).must_be(*refused)
    library.owner.delete(path(entity, MISSING)).must_be(*refused)


@pytest.mark.parametrize("role, entity", [("viewer", "users"), ("member", "users"), ("member", "routes"), ("viewer", "schema_ops")])
def test_platform_areas_have_permissions_of_their_own(library, role, entity):
    getattr(library, role).get(path(entity)).must_be(403, "PERMISSION_DENIED")


def test_everyone_sees_only_their_own_sessions_unless_allowed(library):
    assert len({row["user_id"] for row in library.owner.records("sessions")}) >= 4
    library.member.get(path("sessions")).must_be(403, "PERMISSION_DENIED")


# The query string ---------------------------------------------------------------------------------


def test_escapes_in_the_query_are_read_as_forms_write_them(shelf):
    filters = "%7B%22title%22%3A%22Volume+01%22%7D"
    data = message("GET", f"/api/v1/dynamic-data/shelved/records?filters={filters}&&page=%31&sort=", authorization="Bearer " + shelf.viewer.token)
    with shelf.viewer.wire() as wire:
        wire.send(data)
        assert wire.receive().must_be(200).json["total"] == 1
