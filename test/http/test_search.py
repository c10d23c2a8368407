"""Search over HTTP: the argument of lists on every face, of groups and of exports; what is refused."""

import pytest

WORDS = {"name": "words", "index_type": "search", "field_names": ["title", "body"]}
RECORDS = "/dynamic-data/page/records"
ARTICLES = [
    ("Running shoes", "<p>For <b>run</b>ners in Z&uuml;rich</p>"),
    ("Shoes", "<p>Müller &amp; Söhne</p>"),
    ("New York", "<p>Microsoft, smith@acme.example</p>"),
    ("York is new", None),
]


@pytest.fixture(scope="module")
def library(make_tenant):
    return make_tenant("library")


@pytest.fixture(scope="module")
def owner(library):
    owner = library.owner
    fields = [{"name": "title", "field_type": "string"}, {"name": "body", "field_type": "rich_text"}, {"name": "size", "field_type": "integer"}]
    owner.publish("page", *fields, search_language="english", indexes=[WORDS])
    owner.publish("count", {"name": "amount", "field_type": "integer"})
    for title, body in ARTICLES:
        owner.create("page", title=title, body=body)
    return owner


def titles(answer):
    return [item["title"] for item in answer.must_be(200).json["items"]]


@pytest.mark.parametrize(
    "search, found",
    [
        ("shoes", ["Shoes", "Running shoes"]),
        ("runs", ["Running shoes"]),
        ('"new york"', ["New York"]),
        ("new york", ["New York", "York is new"]),
        ("shoes -running", ["Shoes"]),
        ("mircosoft", ["New York"]),
        ("zurich", ["Running shoes"]),
        ("MÜLLER", ["Shoes"]),
        ("muller sohne", ["Shoes"]),
        ("smith@acme", ["New York"]),
        ("müller OR microsoft", ["Shoes", "New York"]),
        ("strong", []),
        ("'; DROP TABLE page; --shoes", []),
    ],
)
def test_words_are_found(owner, search, found):
    assert sorted(titles(owner.get(RECORDS, search=search))) == sorted(found)


def test_the_best_comes_first(owner):
    assert titles(owner.get(RECORDS, search="new york")) == ["New York", "York is new"]
    assert titles(owner.get(RECORDS, search="york", sort="-title")) == ["York is new", "New York"]


def test_cursors_walk_what_is_found(owner):
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.get(RECORDS, search="shoes OR york", cursor=cursor, page_size=1).must_be(200).json
        seen += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == titles(owner.get(RECORDS, search="shoes OR york")) and len(seen) == 4
    other = owner.get(RECORDS, search="shoes", cursor="", page_size=1).must_be(200).json["next_cursor"]
    owner.get(RECORDS, search="york", cursor=other).must_be(400, "VALIDATION_ERROR", ["cursor"])


def test_every_face_searches(library, owner):
    assert titles(owner.get("/data/page", search="mircosoft")) == ["New York"]
    assert titles(owner.post(f"{RECORDS}/query", {"search": "mircosoft"})) == ["New York"]
    assert titles(owner.get("/projects/library/data/page", search="mircosoft")) == ["New York"]
    listed = owner.get("/eav/entities/page", search="mircosoft").must_be(200).json
    assert [each["attributes"]["title"] for each in listed["data"]] == ["New York"] and listed["meta"]["total"] == 1
    found = owner.post("/eav/entities/page/search", {"search": "mircosoft", "include_attributes": ["title"]}).must_be(200).json
    assert [each["attributes"] for each in found["data"]] == [{"title": "New York"}]
    groups = owner.post(f"{RECORDS}/aggregate", {"aggregates": [{"function": "count"}], "search": "shoes"}).must_be(200).json
    assert groups["items"] == [{"count": 2}]
    file = owner.get("/dynamic-data/page/export", search="mircosoft", columns="title").must_be(200)
    assert file.body.decode().split() == ["title", "New", "York"]


def test_conditions_search_one_field(owner):
    assert titles(owner.get(RECORDS, **{"filter[title][search]": "york", "sort": "title"})) == ["New York", "York is new"]
    owner.get(RECORDS, **{"filter[size][search]": "1"}).must_be(400, "VALIDATION_ERROR", ["filter.size.search"])
    owner.get(RECORDS, **{"filter[title][search]": "&&"}).must_be(400, "VALIDATION_ERROR", ["filter.title.search"])


@pytest.mark.parametrize("search", ["&|!:*", '""', "-shoes", "x" * 501, "w1 " * 21, "\u2028 …"])
def test_what_says_nothing_is_refused(owner, search):
    owner.get(RECORDS, search=search).must_be(400, "VALIDATION_ERROR", ["search"])


def test_blank_is_no_search(owner):
    assert len(titles(owner.get(RECORDS, search=""))) == len(titles(owner.get(RECORDS, search="   "))) == 4


def test_nothing_to_search_in(owner):
    owner.get("/dynamic-data/count/records", search="one").must_be(400, "VALIDATION_ERROR", ["search"])
    owner.post(f"{RECORDS}/query", {"search": ["a"]}).must_be(400, "VALIDATION_ERROR", ["search"])
