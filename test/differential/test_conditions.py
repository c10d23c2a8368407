"""Thousands of random conditions over random records: the records that list_records() finds are those that
an evaluator in Python, which has nothing in common with the engine, finds too.

Environment: PGWRIGHT_TEST_DSN, a superuser's connection string to a database with the extension;
PGWRIGHT_CONDITIONS, their number (default 3000); PGWRIGHT_CONDITIONS_SEED (default 1).
"""

import collections
import datetime
import json
import os
import random

import pytest

from evaluator import Evaluator, read
from generator import MANY, STATES, TYPES, Generator
from session import Refused, Session, literal

DSN = os.environ.get("PGWRIGHT_TEST_DSN")
COUNT = int(os.environ.get("PGWRIGHT_CONDITIONS", "3000"))
SEED = int(os.environ.get("PGWRIGHT_CONDITIONS_SEED", "1"))

pytestmark = pytest.mark.skipif(not DSN, reason="PGWRIGHT_TEST_DSN is not set")

FIELD_TYPES = {"enum": {"field_type": "enum", "allowed_values": STATES}, "array text": {"field_type": "array", "item_type": "string", "is_indexed": True},
               "array integer": {"field_type": "array", "item_type": "integer", "is_indexed": True}}


def definition(entity, lookups):
    fields = [{"name": name, **FIELD_TYPES.get(kind, {"field_type": kind}), **({"is_indexed": True} if kind in ("date", "integer") else {})}
              for name, kind in TYPES[entity].items()]
    fields += [{"name": f"{target}_id", "field_type": "lookup", "reference_entity": target} for target in lookups]
    return {"name": entity, "supports_soft_delete": entity != "line", "fields": fields}


class World:
    """The same records in the database and in memory."""

    def __init__(self, session, seed):
        self.session, self.random = session, random.Random(seed)
        session.run("SELECT pgwright.create_tenant('diff', 'Diff')")
        session.run("SELECT pgwright.create_user('ann@diff.example', 'a long password', 'diff', 'owner')")
        session.run("SELECT pgwright.act_as('ann@diff.example')")
        self.today = datetime.date.fromisoformat(session.run("SELECT (now() AT TIME ZONE 'UTC')::date")[0])
        self.generator = Generator(self.random, self.today)
        self.records = {}
        self.make("customer", 15, None)
        self.make("purchase", 90, "customer")
        self.make("line", 160, "purchase")
        self.delete("customer", 3)
        self.delete("purchase", 8)
        self.relate()

    def make(self, entity, count, target):
        self.session.call("create_entity", definition(entity, [target] if target else []))
        self.session.call("publish_entity", entity, "first")
        made = []
        for code in range(count):
            fields = self.generator.record(entity, code)
            parent = self.random.choice([*self.records[target], None]) if target else None
            made.append({"entity": entity, "sent": fields, "parent": parent, "gone": False})
        rows = [each["sent"] | ({f"{target}_id": each["parent"] and each["parent"]["id"]} if target else {}) for each in made]
        for each, record_id in zip(made, self.session.call("bulk_create_records", entity, rows)["ids"]):
            each["id"] = record_id
        self.records[entity] = made

    def delete(self, entity, count):
        for each in self.random.sample(self.records[entity], count):
            try:
                self.session.call("delete_record", entity, each["id"])
                each["gone"] = True
            except Refused:  # something refers to it
                pass

    def relate(self):
        for entity, made in self.records.items():
            for each in made:
                each["fields"] = {name: None if each["sent"][name] is None else value_of(kind, each["sent"][name]) for name, kind in TYPES[entity].items()}
                each["fields"] |= {name: [] for name in MANY[entity]}
        for entity, target in (("purchase", "customer"), ("line", "purchase")):
            for each in self.records[entity]:
                parent = each["parent"]
                each["fields"][target] = parent if parent and not parent["gone"] else None
                if parent and not each["gone"]:
                    parent["fields"][entity].append(each)

    def found(self, condition):
        lines = self.session.run(
            "SELECT coalesce(string_agg(i ->> 'code', ' ' ORDER BY (i ->> 'code')::integer), '') FROM json_array_elements("
            f"pgwright.list_records('purchase', page_size => 100, filters => {literal(json.dumps(condition))}) -> 'items') i")
        return [int(code) for code in lines[0].split()]


def value_of(kind, sent):
    if kind.startswith("array"):
        return [read(kind, each) for each in sent]
    return sent if kind == "json" else read(kind, sent)


@pytest.fixture(scope="module")
def world():
    session = Session(DSN)
    yield World(session, SEED)
    session.close()


def test_the_engine_finds_what_the_evaluator_finds(world):
    evaluator = Evaluator(TYPES, world.today, None)
    live = [each for each in world.records["purchase"] if not each["gone"]]
    sizes = collections.Counter()
    for number in range(COUNT):
        condition = world.generator.condition("purchase")
        expected = [each["fields"]["code"] for each in live if evaluator.holds(condition, each)]
        try:
            found = world.found(condition)
        except Refused as refused:
            if "must take at most 32 steps" in str(refused):
                continue
            pytest.fail(f"condition {number} of seed {SEED} is refused: {json.dumps(condition)}\n{refused}")
        assert found == [int(code) for code in expected], f"condition {number} of seed {SEED}: {json.dumps(condition)}"
        sizes[len(found)] += 1
    # Conditions that find nothing, or everything, would prove little.
    telling = sum(count for size, count in sizes.items() if 0 < size < len(live))
    assert telling > COUNT / 2 and len(sizes) > 40, sizes


def test_the_negation_finds_the_rest(world):
    everything = sorted(each["fields"]["code"] for each in world.records["purchase"] if not each["gone"])
    for number in range(COUNT // 10):
        condition = world.generator.condition("purchase")
        rest = world.found({"operator": "NOT", "conditions": [condition, {"operator": "AND", "conditions": []}]})
        assert sorted(world.found(condition) + rest) == everything, f"condition {number} of seed {SEED}: {json.dumps(condition)}"
