"""Thousands of random conditions over random records: the records that list_records() finds are those that
an evaluator in Python, which has nothing in common with the engine, finds too.

Environment: see conftest.py.
"""

import collections
import json

import pytest

from evaluator import Evaluator
from generator import TYPES
from session import Refused, literal

COUNT = 1500


def found_by(session, condition):
    lines = session.run(
        "SELECT coalesce(string_agg(i ->> 'code', ' ' ORDER BY (i ->> 'code')::integer), '') FROM json_array_elements("
        f"pgwright.list_records('purchase', page_size => 100, filters => {literal(json.dumps(condition))}) -> 'items') i")
    return [int(code) for code in lines[0].split()]


def live(world, who):
    return [each for each in world.view(who)["purchase"] if not each["gone"]]


@pytest.mark.parametrize(("who", "share"), [("owner", 1), ("ruled", 3)])
def test_the_engine_finds_what_the_evaluator_finds(world, cases, who, share):
    evaluator = Evaluator(TYPES, world.today, None)
    records, sizes, count = live(world, who), collections.Counter(), 0
    world.become(who)
    for case, generator in cases(COUNT // share):
        condition = generator.condition("purchase")
        expected = [int(each["fields"]["code"]) for each in records if evaluator.holds(condition, each)]
        try:
            found = found_by(world.session, condition)
        except Refused as refused:
            if "must take at most 32 steps" in str(refused):
                continue
            pytest.fail(f"{case} is refused: {json.dumps(condition)}\n{refused}")
        assert found == expected, f"{case}: {json.dumps(condition)}"
        sizes[len(found)] += 1
        count += 1
    # Conditions that find nothing, or everything, would prove little.
    telling = sum(times for size, times in sizes.items() if 0 < size < len(records))
    assert telling > count / 2 and len(sizes) > len(records) / 2.5, sizes


def test_the_negation_finds_the_rest(world, cases):
    world.become("owner")
    everything = [int(each["fields"]["code"]) for each in live(world, "owner")]
    for case, generator in cases(COUNT // 10):
        condition = generator.condition("purchase")
        try:
            rest = found_by(world.session, {"operator": "NOT", "conditions": [condition, {"operator": "AND", "conditions": []}]})
            assert sorted(found_by(world.session, condition) + rest) == everything, f"{case}: {json.dumps(condition)}"
        except Refused as refused:
            assert "must take at most 32 steps" in str(refused), f"{case}: {json.dumps(condition)}"
