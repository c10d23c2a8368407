"""Thousands of random groups over random records, against groups that are made in memory. Environment: see conftest.py."""

import collections
import datetime
import functools
import json
import statistics
from decimal import Decimal

import pytest

from evaluator import UTC, Evaluator, beginning
from generator import TYPES
from lists import ListGenerator, Model, kinds, plain
from session import Refused, literal

COUNT = 200  # for each caller
NUMBERS = ("integer", "decimal")
ORDERED = ("integer", "decimal", "text", "date", "datetime")
BUCKETS = ("day", "week", "month", "quarter", "year")


class GroupGenerator(ListGenerator):
    def request(self, entity):
        """(what is sent, keys as (way, bucket, name), aggregates as (function, way, distinct, fraction, filters, name), sort, having)"""
        sent, keys, aggregates = {}, [], []
        for n in range(self.random.choice([0, 1, 1, 2, 3])):
            keys.append(self.group_key(entity, f"k{n}"))
        sent["group_by"] = [self.key_document(*key) for key in keys]
        for n in range(self.random.randint(0 if keys else 1, 4)):
            aggregates.append(self.aggregate(entity, f"a{n}"))
        sent["aggregates"] = [self.aggregate_document(*each) for each in aggregates]
        filters = sent["filters"] = self.condition(entity, depth=2) if self.chance(0.5) else None
        names = [each[-1] for each in keys + aggregates]
        sort = [((name,), self.chance(0.5), self.chance(0.5)) for name in self.random.sample(names, self.random.randint(0, min(3, len(names))))]
        if sort:
            sent["sort"] = self.written_sort(sort)
        counts = [each[-1] for each in aggregates if each[0] == "count"]
        having = {"field": self.random.choice(counts), "operator": self.random.choice(["gt", "lte", "ne"]), "value": self.random.randint(0, 4)} if (
            counts and self.chance(0.4)) else None
        if having:
            sent["having"] = having
        return sent, keys, aggregates, filters, sort, having

    def group_key(self, entity, name):
        way, kind = self.typed_way(entity, lambda kind: not kind.startswith("array") and kind != "json")
        bucket = self.random.choice(BUCKETS) if kind in ("date", "datetime") and self.chance(0.7) else None
        return way, bucket, name

    def typed_way(self, entity, wanted):
        while True:
            way = self.way(entity)
            kind = kind_of(entity, way)
            if wanted(kind):
                return way, kind

    @staticmethod
    def key_document(way, bucket, name):
        return {"field": ".".join(way), "as": name, **({"bucket": bucket} if bucket else {})}

    def aggregate(self, entity, name):
        function = self.random.choice(["count", "count", "sum", "avg", "min", "max", "median", "percentile"])
        wanted = {"count": lambda kind: kind != "json" and not kind.startswith("array"), "min": lambda kind: kind in ORDERED, "max": lambda kind: kind in ORDERED}
        way = None if function == "count" and self.chance(0.4) else self.typed_way(entity, wanted.get(function, lambda kind: kind in NUMBERS))[0]
        distinct = way is not None and function in ("count", "sum", "avg") and self.chance(0.3)
        fraction = self.random.choice([0, 0.1, 0.25, 0.5, 1]) if function == "percentile" else None
        return function, way, distinct, fraction, self.condition(entity, depth=1) if self.chance(0.3) else None, name

    @staticmethod
    def aggregate_document(function, way, distinct, fraction, filters, name):
        optional = {"field": way and ".".join(way), "distinct": distinct or None, "fraction": fraction, "filters": filters}
        return {"function": function, "as": name} | {key: value for key, value in optional.items() if value is not None}


def kind_of(entity, way):
    for step in way[:-1]:
        entity = step  # lookups are called like what they lead to
    return kinds(entity)[way[-1]]


class Groups:
    def __init__(self, model):
        self.model = model

    def rows(self, entity, keys, aggregates, filters, sort, having):
        evaluator, found = self.model.evaluator, collections.defaultdict(list)
        for each in self.model.seen[entity]:
            if not each["gone"] and (filters is None or evaluator.holds(filters, each)):
                found[tuple(self.key(each, way, bucket) for way, bucket, _ in keys)].append(each)
        if not keys:
            found[()] = found.get((), [])
        names = [name for _, _, name in keys]
        rows = [dict(zip(names, key, strict=True)) | {each[-1]: self.value(members, *each[:-1]) for each in aggregates} for key, members in found.items()]
        if having:
            judge = Evaluator({"group": {having["field"]: "integer"}}, None, None)
            rows = [row for row in rows if judge.holds(having, {"entity": "group", "fields": row})]
        last = bool(sort) and sort[-1][1]
        ends = [*sort, *(((name,), last, False) for name in [*names, *(each[-1] for each in aggregates)] if name not in [way[0] for way, _, _ in sort])]
        made = [{"fields": row} for row in rows]
        made.sort(key=functools.cmp_to_key(lambda one, other: self.model.compared(one, other, ends)))
        return [each["fields"] for each in made]

    def key(self, record, way, bucket):
        value = self.model.at(record, way)
        if bucket is None or value is None:
            return value
        day = value.astimezone(UTC).date() if isinstance(value, datetime.datetime) else value
        begin = day if bucket == "day" else beginning(day, bucket)
        return datetime.datetime(begin.year, begin.month, begin.day, tzinfo=UTC) if isinstance(value, datetime.datetime) else begin

    def value(self, records, function, way, distinct, fraction, filters):
        records = [each for each in records if filters is None or self.model.evaluator.holds(filters, each)]
        if way is None:
            return Decimal(len(records))
        values = [value for value in (self.model.at(each, way) for each in records) if value is not None]
        values = list(set(values)) if distinct else values
        if function == "count":
            return Decimal(len(values))
        if not values:
            return None
        if function in ("median", "percentile"):
            return Decimal(str(percentile(sorted(map(float, values)), 0.5 if fraction is None else fraction)))
        return {"sum": sum, "avg": statistics.mean, "min": min, "max": max}[function](values)


def percentile(values, fraction):
    """Continuous: between the two values that it falls between."""
    place = fraction * (len(values) - 1)
    below = int(place)
    return values[below] + (values[min(below + 1, len(values) - 1)] - values[below]) * (place - below)


def same(got, expected):
    if isinstance(expected, Decimal) and not isinstance(got, (type(None), str, bool)):
        return abs(Decimal(str(got)) - expected) <= abs(expected) * Decimal("1e-12")
    if isinstance(expected, datetime.datetime) and isinstance(got, str):
        return datetime.datetime.fromisoformat(got.replace("Z", "+00:00")) == expected
    return plain(got) == plain(expected)


@pytest.mark.parametrize("who", ["owner", "ruled", "author"])
def test_groups_are_what_the_model_makes(world, cases, who):
    model, sizes = Model(world.view(who), world.today), []
    world.become(who)
    for case, generator in cases(COUNT, GroupGenerator):
        entity = generator.random.choice(["purchase", "line"])
        sent, *means = generator.request(entity)
        expected = Groups(model).rows(entity, *means)
        where = f"{case}, {who}: {entity} {json.dumps(sent)}"
        try:
            answer = json.loads(world.session.run(f"SELECT pgwright.aggregate_records('{entity}', {literal(sent | {'page_size': 100})})")[0], parse_float=Decimal)
        except Refused as refused:
            assert "must take at most 32 steps" in str(refused), f"{where}\n{refused}"
            continue
        assert answer["total"] == len(expected), where
        for got, row in zip(answer["items"], expected[:100], strict=True):
            assert set(got) == set(row) and all(same(got[name], row[name]) for name in row), f"{where}\n{got}\n{row}"
        sizes.append(len(expected))
    world.become("owner")
    assert len(sizes) < 100 or sum(size > 3 for size in sizes) > len(sizes) / 4, "most have too few groups to tell anything"
