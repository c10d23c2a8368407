"""Existing tables over HTTP: looked at, imported, served by their own keys and let go."""

import urllib.parse

import pytest

RECORDS = "/dynamic-data/{}/records"


@pytest.fixture(scope="module")
def library(make_tenant, database):
    tenant = make_tenant("readers")
    database.sql(
        "CREATE SCHEMA books;"
        'CREATE TABLE books."Shelf" (room text, no integer, label text, PRIMARY KEY (room, no));'
        "INSERT INTO books.\"Shelf\" VALUES ('a,b/c', 1, 'first'), ('é', 2, 'second');"
        "SELECT pgwright.attach_schema('books', 'readers')"
    )
    return tenant


def test_an_existing_table_is_imported_served_and_let_go(library, other):
    owner = library.owner
    (found,) = owner.get("/data-model/introspect", schema="books").must_be(200).json
    assert (found["relation"], found["key"], found["importable"]) == ('books."Shelf"', ["room", "no"], True)
    body = {"relation": found["relation"], "definition": {"label": "Shelves"}}
    preview = owner.post("/data-model/import/preview", body).must_be(200).json
    entity = owner.post("/data-model/import", body).must_be(201).json
    assert (entity["name"], entity["label"], entity["origin"]) == ("shelf", "Shelves", "imported")
    assert entity["migration"] == preview["migration"]

    assert owner.create("shelf", room="x", no=3, label="third") == "x,3"
    record = RECORDS.format("shelf") + "/" + urllib.parse.quote(r"a\,b/c,1", safe="")
    assert owner.get(record).must_be(200).json == {
        "id": r"a\,b/c,1",
        "data": {"room": "a,b/c", "no": 1, "label": "first"},
    }
    assert owner.put(record, {"data": {"label": "new"}}).must_be(200).json["data"]["label"] == "new"
    owner.put(record, {"data": {"room": "y"}}).must_be(400, "VALIDATION_ERROR", ["room"])
    owner.get(RECORDS.format("shelf") + "/x").must_be(400, "VALIDATION_ERROR", ["id"])
    owner.delete(record).must_be(204)
    owner.get(record).must_be(404, "RESOURCE_NOT_FOUND")

    other.owner.get("/data-model/introspect", schema="books").must_be(404, "RESOURCE_NOT_FOUND")
    other.owner.post("/data-model/import", body).must_be(404, "RESOURCE_NOT_FOUND")
    other.owner.get(RECORDS.format("shelf")).must_be(404, "RESOURCE_NOT_FOUND")
    library.member.post("/data-model/import", body).must_be(403, "PERMISSION_DENIED")

    owner.post("/data-model/entities/shelf/unimport").must_be(204)
    owner.get(RECORDS.format("shelf")).must_be(404, "RESOURCE_NOT_FOUND")
