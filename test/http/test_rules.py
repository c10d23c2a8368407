"""Patterns and validation rules over HTTP: how they are given, and how a record that breaks one is answered."""

import pytest

ENTITIES = "/data-model/entities"
PRICE = {
    "name": "price", "field_type": "currency",
    "validation_rules": [{"name": "above_cost", "expression": "price >= cost", "message": "must not be below the cost"}],
}  # fmt: skip
DEAL = {
    "name": "deal",
    "fields": [{"name": "code", "field_type": "string", "pattern": r"^[A-Z]{2}\d+$"}, {"name": "cost", "field_type": "currency"}, PRICE],
}


@pytest.fixture(scope="module")
def market(make_tenant):
    tenant = make_tenant("market")
    tenant.owner.post(ENTITIES, DEAL).must_be(201)
    tenant.owner.post(f"{ENTITIES}/deal/publish", {}).must_be(200)
    return tenant


def records(answer):
    return answer.must_be(400, "VALIDATION_ERROR").json["error"]["details"]


def test_a_definition_shows_them(market):
    fields = {field["name"]: field for field in market.viewer.get(f"{ENTITIES}/deal/fields").must_be(200).json}
    assert fields["code"]["pattern"] == r"^[A-Z]{2}\d+$"
    assert fields["price"]["validation_rules"] == PRICE["validation_rules"]
    assert fields["cost"]["pattern"] is None and fields["cost"]["validation_rules"] == []


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        ({"code": "ab1"}, "code", r"must match the pattern ^[A-Z]{2}\d+$"),
        ({"price": 1, "cost": 2}, "price", "must not be below the cost"),
    ],
)
def test_a_record_that_breaks_one_is_refused_with_its_field(market, record, field, message):
    answer = market.member.post("/dynamic-data/deal/records", {"data": record})
    assert records(answer) == [{"field": field, "message": message}]


def test_a_change_of_another_field_may_break_a_rule(market):
    made = market.member.create("deal", price=5, cost=4, code="AB1")
    path = f"/dynamic-data/deal/records/{made}"
    assert records(market.member.put(path, {"data": {"cost": 6}})) == [{"field": "price", "message": "must not be below the cost"}]
    market.member.put(path, {"data": {"cost": 6, "price": None}}).must_be(200)


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"pattern": "("}, ["pattern"]),
        ({"validation_rules": [{"expression": "cost >", "message": "m"}, {"expression": "1"}]},
         ["validation_rules[0].expression", "validation_rules[1].expression", "validation_rules[1].message"]),
        ({"validation_rules": [{"expression": "nothing > 1", "message": "m", "name": "Big"}]},
         ["validation_rules[0].expression", "validation_rules[0].name"]),
        ({"validation_rules": "none"}, ["validation_rules"]),
    ],
)  # fmt: skip
def test_faults_of_definitions_are_told_with_their_paths(market, given, fields):
    body = {"name": "extra", "field_type": "string"} | given
    answer = market.owner.post(f"{ENTITIES}/deal/fields", body)
    assert sorted(fault["field"] for fault in records(answer)) == fields


def test_a_field_that_a_rule_uses_is_kept(market):
    answer = market.owner.delete(f"{ENTITIES}/deal/fields/cost").must_be(409, "CONFLICT")
    assert answer.json["error"]["details"] == [{"field": "price", "message": "uses the field in its rule above_cost"}]


def test_a_rule_that_records_break_is_not_published(market):
    made = market.member.create("deal", price=50, cost=1)
    rules = [{"name": "above_cost", "expression": "price >= cost and price < 50", "message": "is out of bounds"}]
    market.owner.put(f"{ENTITIES}/deal/fields/price", {"validation_rules": rules}).must_be(200)
    plan = market.owner.post(f"{ENTITIES}/deal/preview-migration", {}).must_be(200).json
    [finding] = [finding for change in plan["changes"] for finding in change["findings"]]
    assert (finding["kind"], finding["count"], finding["sample_ids"]) == ("violates", 1, [made])
    market.owner.post(f"{ENTITIES}/deal/publish", {}).must_be(400, "VALIDATION_ERROR", fields=["price"])
    market.owner.delete(f"{ENTITIES}/deal/draft").must_be(200)
