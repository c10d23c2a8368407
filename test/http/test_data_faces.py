"""Records under the other paths and in the other shapes, and what lists, cursors and groups look like over HTTP."""

import pytest

from client import MISSING

TEXT = {"name": "title", "field_type": "string", "is_required": True, "max_length": 50}
NUMBER = {"name": "amount", "field_type": "integer"}
NOT_FOUND = (404, "RESOURCE_NOT_FOUND")


@pytest.fixture(scope="module")
def shop(make_tenant):
    return make_tenant("shop")


@pytest.fixture(scope="module")
def owner(shop):
    """An owner with two entities, one of which refers to the other, and five records."""
    owner = shop.owner
    owner.publish("maker", {"name": "name", "field_type": "string", "is_required": True})
    owner.publish("item", TEXT, NUMBER, {"name": "maker_id", "field_type": "lookup", "reference_entity": "maker"})
    maker = owner.create("maker", name="Acme")
    for number in range(5):
        owner.create("item", title=f"item {number}", amount=number, maker_id=maker if number else None)
    return owner


def titles(items):
    return [item["title"] for item in items]


def patch(client, path, body, **headers):
    return client.request("PATCH", path, body, headers=headers)


# Lists --------------------------------------------------------------------------------------------

RECORDS = "/dynamic-data/item/records"


def test_lists_select_expand_and_sort_over_relations(owner):
    answer = owner.get(RECORDS, fields="title,maker.name", sort="maker.name:asc:nulls_first,title", page_size=2)
    assert answer.must_be(200).json["items"] == [
        {"title": "item 0", "maker": None},
        {"title": "item 1", "maker": {"name": "Acme"}},
    ]
    maker = owner.get("/dynamic-data/maker/records", expand='{"item": {"fields": "title", "limit": 2}}').must_be(200).json["items"][0]
    assert titles(maker["item"]) == ["item 1", "item 2"]


def test_query_strings_filter_by_fields_in_brackets(owner):
    assert titles(owner.get(RECORDS, **{"filter[amount][gte]": "3"}).must_be(200).json["items"]) == ["item 3", "item 4"]
    assert titles(owner.get(RECORDS, **{"filter[title]": "item 2"}).must_be(200).json["items"]) == ["item 2"]
    owner.get(RECORDS, **{"filter[nope]": "1"}).must_be(400, "VALIDATION_ERROR", ["filter.nope"])


def test_cursors_walk_a_list(owner):
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.get(RECORDS, sort="-amount", cursor=cursor, page_size=2).must_be(200).json
        seen += titles(page["items"])
        cursor = page["next_cursor"]
    assert seen == ["item 4", "item 3", "item 2", "item 1", "item 0"]
    owner.get(RECORDS, cursor="nonsense").must_be(400, "VALIDATION_ERROR", ["cursor"])


def test_documents_ask_like_query_strings(owner):
    query = {"filters": {"amount": 1}, "fields": ["title"], "count": "none"}
    answer = owner.post(f"{RECORDS}/query", query).must_be(200).json
    assert answer == {"items": [{"title": "item 1"}], "page": 1, "page_size": 25, "has_more": False}
    owner.post(f"{RECORDS}/query", {"nope": 1}).must_be(400, "VALIDATION_ERROR", ["nope"])


def test_records_are_counted_in_groups(owner):
    query = {"group_by": ["maker.name"], "aggregates": [{"function": "sum", "field": "amount"}, {"function": "count"}]}
    answer = owner.post(f"{RECORDS}/aggregate", query).must_be(200).json
    assert answer["items"] == [
        {"maker_name": "Acme", "sum_amount": 10, "count": 4},
        {"maker_name": None, "sum_amount": 0, "count": 1},
    ]
    owner.post(f"{RECORDS}/aggregate", {"aggregates": [{"function": "nope"}]}).must_be(
        400, "VALIDATION_ERROR", ["aggregates[0].function"])


def test_related_records_are_listed_made_linked_and_unlinked(owner):
    maker = owner.create("maker", name="Bond")
    made = owner.post(f"/dynamic-data/maker/records/{maker}/item", {"data": {"title": "made"}}).must_be(201).json
    related = f"/dynamic-data/maker/records/{maker}/item"
    assert titles(owner.get(related).must_be(200).json["items"]) == ["made"]
    assert owner.request("DELETE", related, {"ids": [made["id"]]}).must_be(200).json == {"unlinked": 1}
    assert owner.get(related).json["total"] == 0
    assert owner.put(related, {"ids": [made["id"]]}).must_be(200).json == {"linked": 1}
    assert owner.get(related).json["total"] == 1
    owner.get(f"/dynamic-data/maker/records/{maker}/nope").must_be(*NOT_FOUND)
    owner.get(f"/dynamic-data/maker/records/{MISSING}/item").must_be(*NOT_FOUND)
    owner.delete(f"{RECORDS}/{made['id']}").must_be(204)


# /data --------------------------------------------------------------------------------------------


def test_data_is_dynamic_data_under_a_shorter_path(owner):
    listed = owner.get("/data/item", page_size=2, sort="title").must_be(200).json
    assert (titles(listed["items"]), listed["total"]) == (["item 0", "item 1"], 5)
    created = owner.post("/data/item", {"data": {"title": "short"}}).must_be(201)
    path = f"/data/item/{created.json['id']}"
    assert owner.get(path).must_be(200).json == created.json
    assert owner.put(path, {"data": {"amount": 9}}).must_be(200).json["data"]["amount"] == 9
    patch(owner, path, {"data": {"amount": 8}}, **{"If-Match": created.headers["ETag"]}).must_be(412, "PRECONDITION_FAILED")
    owner.delete(path).must_be(204)
    owner.get(path).must_be(*NOT_FOUND)


def test_the_old_list_warns(owner):
    answer = owner.post("/data/item/list", {"sort": "title", "page_size": 1}).must_be(200)
    assert titles(answer.json["items"]) == ["item 0"]
    assert "Deprecated" in answer.headers["Warning"]


def test_many_records_are_written_as_the_operation_says(owner):
    created = owner.post("/data/item/bulk", {"operation": "create", "records": [{"title": "a"}, {"title": "b"}]}).must_be(200).json
    ids = created["ids"]
    changed = owner.post("/data/item/bulk", {"operation": "update", "records": [{"id": ids[0], "title": "c"}]}).must_be(200).json
    assert (created["created"], changed["updated"]) == (2, 1)
    assert owner.post("/data/item/bulk", {"operation": "delete", "ids": ids}).must_be(200).json["deleted"] == 2
    owner.post("/data/item/bulk", {"operation": "delete", "records": []}).must_be(400, "VALIDATION_ERROR", ["ids"])
    owner.post("/data/item/bulk", {"operation": "nope"}).must_be(400, "VALIDATION_ERROR", ["operation"])


# Projects -----------------------------------------------------------------------------------------

COLLECTION = "/projects/shop/data/item"


def test_collections_are_read_by_cursor(owner):
    first = owner.get(COLLECTION, limit=3, sort="title").must_be(200).json
    assert titles(first["items"]) == ["item 0", "item 1", "item 2"]
    rest = owner.get(COLLECTION, limit=3, sort="title", cursor=first["next_cursor"]).must_be(200).json
    assert (titles(rest["items"]), rest["next_cursor"]) == (["item 3", "item 4"], None)
    assert titles(owner.get(COLLECTION, **{"filter[title]": "item 1"}).json["items"]) == ["item 1"]
    owner.get(COLLECTION, limit=0).must_be(400, "VALIDATION_ERROR", ["limit"])


def test_records_of_collections_come_by_themselves(owner):
    record = owner.post(COLLECTION, {"title": "mine"}).must_be(201).json
    path = f"{COLLECTION}/{record['id']}"
    assert owner.get(path).must_be(200).json == record
    assert patch(owner, path, {"amount": 3}).must_be(200).json["amount"] == 3
    owner.post(COLLECTION, {"nope": 1}).must_be(400, "VALIDATION_ERROR", ["nope", "title"])
    owner.delete(path).must_be(204)
    owner.get(path).must_be(*NOT_FOUND)


def test_another_project_is_not_there(owner, other):
    for client, path in ((owner, "/projects/other/data/item"), (other.owner, COLLECTION)):
        client.get(path).must_be(*NOT_FOUND)
        client.post(path, {"title": "x"}).must_be(*NOT_FOUND)


# Entities and attributes ----------------------------------------------------------------------------

ENTITIES = "/eav/entities/item"


def attributes(items):
    return [item["attributes"] for item in items]


def test_entities_have_attributes_and_an_envelope(owner):
    answer = owner.get(ENTITIES, limit=2, sort="title").must_be(200).json
    assert (answer["success"], answer["meta"]) == (True, {"total": 5, "page": 1, "limit": 2, "total_pages": 3})
    assert set(answer["data"][0]) == {"id", "entity_type", "attributes", "created_at", "updated_at"}
    assert answer["data"][0]["attributes"] == {"title": "item 0", "amount": 0, "maker_id": None}
    one = owner.get(f"{ENTITIES}/{answer['data'][0]['id']}", include="title").must_be(200).json
    assert one["data"]["attributes"] == {"title": "item 0"}
    owner.get(ENTITIES, limit=1000).must_be(400, "VALIDATION_ERROR", ["limit"])


def test_entities_are_searched(owner):
    search = {
        "filters": [
            {"attribute": "amount", "operator": "between", "value": [1, 3]},
            {"attribute": "title", "operator": "like", "value": "%item%"},
            {"attribute": "title", "operator": "in", "value": ["item 1", "item 2", "item 4"]},
        ],
        "sort": [{"attribute": "amount", "direction": "desc"}],
        "pagination": {"page": 1, "limit": 50},
        "include_attributes": ["title", "amount"],
    }
    answer = owner.post(f"{ENTITIES}/search", search).must_be(200).json
    assert attributes(answer["data"]) == [{"title": "item 2", "amount": 2}, {"title": "item 1", "amount": 1}]
    assert answer["meta"] == {"total": 2, "page": 1, "limit": 50, "total_pages": 1}
    owner.post(f"{ENTITIES}/search", {"pagination": {"page": "x", "limit": 1.5}, "include_attributes": [1]}).must_be(
        400, "VALIDATION_ERROR", ["pagination.page", "pagination.limit", "include_attributes"])
    owner.post(f"{ENTITIES}/search", {"include_attributes": ["nope"], "pagination": {"limit": 500}}).must_be(
        400, "VALIDATION_ERROR", ["include_attributes", "limit"])


def test_entities_are_written(owner):
    created = owner.post(ENTITIES, {"attributes": {"title": "new", "amount": 1}}).must_be(201).json
    path = f"{ENTITIES}/{created['data']['id']}"
    assert patch(owner, path, {"attributes": {"amount": 2}}).must_be(200).json["data"]["attributes"]["title"] == "new"
    replaced = owner.put(path, {"attributes": {"title": "newer"}}).must_be(200).json
    assert replaced["data"]["attributes"] == {"title": "newer", "amount": None, "maker_id": None}
    owner.put(path, {"attributes": {"amount": 1}}).must_be(400, "VALIDATION_ERROR", ["title"])
    assert owner.delete(path).must_be(200).json["success"] is True
    owner.get(path).must_be(*NOT_FOUND)
    many = owner.post(f"{ENTITIES}/bulk", {"entities": [{"title": "gone 1"}, {"title": "gone 2"}]}).must_be(201).json["data"]
    assert owner.put(f"{ENTITIES}/bulk", {"entities": [{"id": many["ids"][0], "amount": 7}]}).must_be(200).json["data"]["updated"] == 1
    for id in many["ids"]:
        owner.delete(f"{ENTITIES}/{id}", soft="false").must_be(200)
    assert owner.get(RECORDS, include_deleted="true", **{"filter[title][in]": "gone 1,gone 2"}).must_be(200).json["total"] == 0


# How to show them -------------------------------------------------------------------------------------


def test_metadata_is_generated_and_set(owner, shop):
    path = "/metadata/entities/item"
    assert "item" in [entity["entity_name"] for entity in owner.get("/metadata/entities", entity_type="custom").must_be(200).json]
    generated = owner.get(path).must_be(200).json
    assert [field["name"] for field in generated["form_config"]["fields"]] == ["title", "amount", "maker_id"]
    owner.post("/metadata/entities", {"entity_name": "item", "display_name": "Goods"}).must_be(201)
    changed = owner.put(path, {"table_config": {"page_size": 5}}).must_be(200).json
    assert (changed["display_name"], changed["table_config"]["page_size"]) == ("Goods", 5)
    assert shop.viewer.get(path).must_be(200).json["actions"]["update"] is False
    shop.viewer.put(path, {"icon": "x"}).must_be(403, "PERMISSION_DENIED")
    owner.delete(path).must_be(204)
    assert owner.get(path).json == generated
