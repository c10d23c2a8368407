"""Random list requests, and what they bring, told a second time in memory.

A selection is a tree: {"all": whether every field is shown, "fields": [names], "filters", "sort": [keys],
"limit", "into": {relation: selection}}. A sort key is (steps and field, descending, nulls first).
"""

import datetime
import functools
from decimal import Decimal

from evaluator import UTC, Evaluator
from generator import LOOKUPS, MANY, TYPES, Generator
from world import DEFAULT_SORT

RELATED = {entity: LOOKUPS[entity] | MANY[entity] for entity in TYPES}
UNSORTABLE = ("json", "array text", "array integer")
STAMPS = ("created_at", "updated_at", "created_by", "updated_by")


def kinds(entity):
    return TYPES[entity] | {f"{name}_id": "uuid" for name in LOOKUPS[entity]} | {"id": "uuid"}


class ListGenerator(Generator):
    """What is asked, as members of a request and as the model takes it."""

    def request(self, entity):
        """(the request's members, what they mean)"""
        sent, means = {}, {"filters": None, "distinct": False, "deleted": False, "by_cursor": True}
        if self.chance(0.6):
            means["filters"] = sent["filters"] = self.condition(entity, depth=2)
        if self.chance(0.2):
            means["distinct"] = sent["distinct"] = True
            self.distinct_fields(entity, sent, means)
            return sent, means
        sent_sort, means["sort"] = self.sort(entity)
        if sent_sort is not None:
            sent["sort"] = sent_sort
        means["selection"] = self.selection(entity, sent)
        return sent, means

    def distinct_fields(self, entity, sent, means):
        names = [name for name, kind in kinds(entity).items() if kind != "json" and name not in ("id", "code")]
        fields = self.random.sample(names, self.random.randint(1, min(3, len(names))))
        sortable = [name for name in fields if kinds(entity)[name] not in UNSORTABLE]
        chosen = self.random.sample(sortable, self.random.randint(0, len(sortable)))
        means["sort"] = [((name,), self.chance(0.5), self.chance(0.5)) for name in chosen]
        if chosen:
            sent["sort"] = self.written_sort(means["sort"])
        sent["fields"] = ",".join(fields)
        means["by_cursor"] = len(sortable) == len(fields)
        means["selection"] = {"all": False, "fields": fields, "into": {}}

    # Orders -------------------------------------------------------------------------------------

    def sort(self, entity):
        if self.chance(0.2):
            return None, [((name,), descending, False) for name, descending in DEFAULT_SORT[entity]]
        ways = []
        for _ in range(self.random.choice([1, 1, 2, 2, 3, 4])):
            way = self.way(entity)
            if way not in ways:
                ways.append(way)
        keys = [(way, self.chance(0.5), self.chance(0.5)) for way in ways]
        return self.written_sort(keys), keys

    def way(self, entity):
        way = ()
        while LOOKUPS[entity] and self.chance(0.3):
            name = self.random.choice(list(LOOKUPS[entity]))
            way += (name,)
            entity = LOOKUPS[entity][name]
        return way + (self.random.choice([name for name, kind in kinds(entity).items() if kind not in UNSORTABLE]),)

    def written_sort(self, keys):
        """As a text, or an array of texts and objects; only documents take the latter."""
        if self.chance(0.5):
            return ",".join(self.key_text(*key) for key in keys)
        return [self.key_object(*key) if self.chance(0.7) else self.key_text(*key) for key in keys]

    def key_text(self, way, descending, nulls_first):
        name = ".".join(step + self.random.choice(["", "_id"]) for step in way[:-1]) + "." * (len(way) > 1) + way[-1]
        if not nulls_first and self.chance(0.4):
            return ("-" if descending else "") + name
        nulls = ":nulls_first" if nulls_first else self.random.choice(["", ":nulls_last", ":LAST"])
        return f"{name}:{self.random.choice(['desc', 'DESC']) if descending else 'asc'}{nulls}"

    def key_object(self, way, descending, nulls_first):
        key = {self.random.choice(["field", "attribute"]): ".".join(way)}
        if descending or self.chance(0.5):
            key[self.random.choice(["direction", "order"])] = "desc" if descending else "asc"
        if nulls_first or self.chance(0.3):
            key["nulls"] = "first" if nulls_first else "last"
        return key

    # Fields and relations -----------------------------------------------------------------------

    def selection(self, entity, sent):
        tree = {"all": True, "fields": [], "into": {}}
        budget = [5]
        if self.chance(0.5):
            sent["expand"] = self.expand_texts(entity, tree, budget) if self.chance(0.3) else self.expand_options(entity, tree, budget, 0)
        if self.chance(0.5):
            sent["fields"] = self.some_fields(entity, tree, 0)
        return tree

    def some_fields(self, entity, tree, depth):
        names = [self.field_name(entity, tree, depth) for _ in range(self.random.randint(1, 4))]
        return ",".join(names) if self.chance(0.7) else names

    def field_name(self, entity, tree, depth):
        tree["all"] = False
        if depth < 2 and self.chance(0.25):
            name = self.relation(entity)
            inside = tree["into"].setdefault(name, {"all": True, "fields": [], "into": {}})
            return f"{name}." + self.field_name(RELATED[entity][name], inside, depth + 1)
        name = self.random.choice(list(kinds(entity)))
        if name not in tree["fields"]:
            tree["fields"].append(name)
        return name

    def expand_texts(self, entity, tree, budget):
        names = []
        for _ in range(self.random.randint(1, 2)):
            at, inside, steps = entity, tree, []
            while budget[0] and len(steps) < 3 and (not steps or self.chance(0.5)):
                steps.append(self.relation(at))
                inside = inside["into"].setdefault(steps[-1], {"all": True, "fields": [], "into": {}})
                at = RELATED[at][steps[-1]]
                budget[0] -= 1
            if steps:
                names.append(".".join(steps))
        return ",".join(names)

    def expand_options(self, entity, tree, budget, depth):
        options = {}
        for name in self.random.sample(list(RELATED[entity]), self.random.randint(1, len(RELATED[entity]))):
            if budget[0] == 0:
                break
            budget[0] -= 1
            inside = tree["into"].setdefault(name, {"all": True, "fields": [], "into": {}})
            options[name] = self.options(RELATED[entity][name], name in MANY[entity], inside, budget, depth + 1)
        return options

    def options(self, entity, many, inside, budget, depth):
        if self.chance(0.3):
            return True
        given = {}
        if self.chance(0.4):
            given["filters"] = inside["filters"] = self.condition(entity, depth=1, steps=1)
        if many and self.chance(0.5):
            sent, inside["sort"] = self.sort(entity)
            if sent is not None:
                given["sort"] = sent
        if many and self.chance(0.4):
            given["limit"] = inside["limit"] = self.random.randint(1, 4)
        if depth < 3 and self.chance(0.4):
            given["expand"] = self.expand_options(entity, inside, budget, depth)
        if self.chance(0.3):
            given["fields"] = self.some_fields(entity, inside, 1)
        return given


class Model:
    """What lists bring of the records that somebody sees."""

    def __init__(self, seen, today):
        self.seen, self.evaluator = seen, Evaluator(TYPES, today, None)

    def rows(self, entity, means):
        """Every item of the list, in its order."""
        records = [each for each in self.seen[entity] if means["deleted"] or not each["gone"]]
        if means["filters"] is not None:
            records = [each for each in records if self.evaluator.holds(means["filters"], each)]
        if means["distinct"]:
            return self.distinct(records, means)
        return [self.shown(each, means["selection"]) | deletion(each, means) for each in self.ordered(records, means["sort"])]

    def ordered(self, records, keys):
        """By the keys, and by the record's own in the direction of the last."""
        ends = [*keys, (("id",), bool(keys) and keys[-1][1], False)]
        return sorted(records, key=functools.cmp_to_key(lambda one, other: self.compared(one, other, ends)))

    def compared(self, one, other, keys):
        for way, descending, nulls_first in keys:
            first, second = self.at(one, way), self.at(other, way)
            if first == second:
                continue
            if first is None or second is None:
                return -1 if (first is None) == nulls_first else 1
            return (-1 if first < second else 1) * (-1 if descending else 1)
        return 0

    @staticmethod
    def at(record, way):
        for step in way[:-1]:
            record = record["fields"][step]
            if record is None:
                return None
        return record["fields"][way[-1]]

    def distinct(self, records, means):
        fields = means["selection"]["fields"]
        keys = list(means["sort"])
        last = bool(keys) and keys[-1][1]
        keys += [((name,), last, False) for name in fields if name not in [way[0] for way, _, _ in keys]]
        rows = []
        for each in records:
            row = {"fields": {name: each["fields"][name] for name in fields}}
            if row not in rows:
                rows.append(row)
        rows.sort(key=functools.cmp_to_key(lambda one, other: self.compared(one, other, keys)))
        return [{name: plain(value) for name, value in row["fields"].items()} for row in rows]

    def shown(self, record, selection):
        names = list(kinds(record["entity"])) if selection["all"] else []
        item = {name: plain(record["fields"][name]) for name in [*names, *selection["fields"]]}
        for name, inside in selection["into"].items():
            item[name] = self.related(record, name, inside)
        return item

    def related(self, record, name, inside):
        behind, filters = record["fields"][name], inside.get("filters")
        if not isinstance(behind, list):
            shown = behind and (filters is None or self.evaluator.holds(filters, behind))
            return self.shown(behind, inside) if shown else None
        default = [((field,), descending, False) for field, descending in DEFAULT_SORT[RELATED[record["entity"]][name]]]
        found = [each for each in behind if filters is None or self.evaluator.holds(filters, each)]
        found = self.ordered(found, inside.get("sort", default))
        return [self.shown(each, inside) for each in found[: inside.get("limit")]]


def deletion(record, means):
    return {"deleted_at": record["gone"], "deleted_by": record["gone"]} if means["deleted"] else {}


# Values as an answer has them -------------------------------------------------------------------


def plain(value):
    """Comparable values: true is not 1, and 1.0 is."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, (int, float)):
        return Decimal(str(value))
    if isinstance(value, datetime.datetime):
        return ("moment", value.astimezone(UTC))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def as_shown(entity, item):
    """An item of an answer in the same form; what the model knows nothing of is taken away."""
    found = {}
    for name, value in item.items():
        if name in RELATED[entity]:
            many = name in MANY[entity]
            found[name] = [as_shown(RELATED[entity][name], each) for each in value] if many else value and as_shown(RELATED[entity][name], value)
        elif name in ("deleted_at", "deleted_by"):
            found[name] = value is not None
        elif name in STAMPS:
            assert value is not None, name
        elif kinds(entity)[name] == "datetime" and value is not None:
            found[name] = ("moment", datetime.datetime.fromisoformat(value.replace("Z", "+00:00")))
        else:
            found[name] = plain(value)
    return found
