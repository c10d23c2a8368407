"""The demo application, as a reader of the API finds it."""

import json
import pathlib

import pytest

ISO_CODES = pathlib.Path("/usr/share/iso-codes/json")


def iso_3166(part):
    with open(ISO_CODES / f"iso_3166-{part}.json", encoding="utf-8") as file:
        return json.load(file)[f"3166-{part}"]


def total(client, entity):
    answer = client.get(f"/dynamic-data/{entity}/records", page_size=1)
    assert answer.status == 200, answer.body
    return answer.json["total"]


@pytest.mark.parametrize(
    "entity, number",
    [("country", 249), ("subdivision", len(iso_3166(2))), ("company", 40), ("contact", 120), ("deal", 80)],
)
def test_every_record_is_loaded(demo, entity, number):
    assert total(demo.viewer, entity) == number


def test_countries_are_those_of_the_standard(demo):
    loaded = {item["alpha_2"]: item for item in demo.viewer.records("country")}
    for country in iso_3166(1):
        record = loaded.pop(country["alpha_2"])
        assert record["name"] == country["name"]
        assert record["alpha_3"] == country["alpha_3"]
        assert record["numeric_code"] == country["numeric"]
        assert record["official_name"] == country.get("official_name")
    assert loaded == {}


def test_subdivisions_refer_to_their_country_and_parent(demo):
    country_code = {item["id"]: item["alpha_2"] for item in demo.viewer.records("country")}
    subdivisions = demo.viewer.records("subdivision")
    code = {item["id"]: item["code"] for item in subdivisions}
    loaded = {item["code"]: item for item in subdivisions}
    for entry in iso_3166(2):
        record = loaded[entry["code"]]
        prefix = entry["code"].split("-")[0]
        assert record["name"] == entry["name"]
        assert country_code[record["country"]] == prefix
        parent = entry.get("parent")
        if parent is None:
            assert record["parent"] is None
        else:
            assert code[record["parent"]] in (parent, f"{prefix}-{parent}")


def test_companies_refer_to_countries(demo):
    countries = {item["id"] for item in demo.viewer.records("country")}
    assert {item["country"] for item in demo.viewer.records("company")} <= countries


def test_loading_again_loads_nothing(demo, reload_demo):
    assert reload_demo() == ""
    assert total(demo.viewer, "contact") == 120


def test_an_interrupted_load_is_completed(demo, reload_demo):
    records = demo.owner.records("deal")
    for item in records[:3]:
        assert demo.owner.delete(f"/dynamic-data/deal/records/{item['id']}").status == 204
    assert "loaded 3 records" in reload_demo()
    references = {item["reference"] for item in demo.owner.records("deal")}
    assert references == {item["reference"] for item in records}


@pytest.mark.parametrize("entity", ["country", "subdivision", "company", "contact", "deal"])
def test_another_tenant_has_no_such_entity(other, demo, entity):
    answer = other.owner.get(f"/dynamic-data/{entity}/records")
    assert answer.status == 404
    assert answer.error == "RESOURCE_NOT_FOUND"
