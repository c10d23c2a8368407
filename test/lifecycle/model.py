"""What an entity of records ought to be after drafts, publications, writes and rollbacks: plain Python,
which the database is compared with. Values are int, bool, str; decimals are their digits as text."""

import copy
import dataclasses
import re

TYPES = ("integer", "biginteger", "decimal", "boolean", "date", "datetime", "text")
INTEGERS = ("integer", "biginteger")
LIMITS = {"integer": 2**31, "biginteger": 2**63}


class Unfit(Exception):
    """A value without a counterpart in the other type."""


@dataclasses.dataclass
class Field:
    key: int  # stays when the name changes
    name: str
    type: str
    required: bool = False
    default: object = None


@dataclasses.dataclass
class Migration:
    id: str
    before: list  # fields
    after: list
    kept: dict  # key -> {record: value}: what it took out of service
    given: dict  # key -> ({records}, value): what it filled
    structure: list


def shown(value):
    """The digits of a number, without those that say nothing."""
    return str(value) if isinstance(value, int) else value


def number(text):
    if not re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text):
        raise Unfit(text)
    return text


def whole(text, target):
    digits, _, fraction = number(text).partition(".")
    if fraction.strip("0") or not -LIMITS[target] <= int(digits) < LIMITS[target]:
        raise Unfit(text)
    return int(digits)


def from_text(text, target):
    if target in INTEGERS:
        if not re.fullmatch(r"-?(0|[1-9]\d*)", text):
            raise Unfit(text)
        return whole(text, target)
    if target == "decimal":
        return number(text)
    if target == "boolean":
        if text not in ("true", "false"):
            raise Unfit(text)
        return text == "true"
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return text if target == "date" else text + "T00:00:00Z"
    if target == "datetime" and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        return text
    raise Unfit(text)


def convert(value, source, target):
    """The conversions that docs/data-model.md promises."""
    if value is None or source == target:
        return value
    if source == "text":
        return from_text(value, target)
    if target == "text":
        return ("true" if value else "false") if source == "boolean" else shown(value)
    if source == "boolean":
        return int(value)
    if target == "boolean":
        if value not in (0, 1):
            raise Unfit(value)
        return value == 1
    if source == "date":
        return value + "T00:00:00Z"
    if target == "date":
        return value[:10]
    return whole(shown(value), target) if target in INTEGERS else shown(value)


def convertible(source, target):
    pairs = {("date", "datetime"), ("datetime", "date")}
    pairs |= {(i, "boolean") for i in INTEGERS} | {("boolean", i) for i in INTEGERS}
    numbers = ("integer", "biginteger", "decimal")
    return source != target and ("text" in (source, target) or (source, target) in pairs
                                 or (source in numbers and target in numbers))


# Between these the values themselves are rewritten; any other way keeps the ones there were.
def in_place(source, target):
    numbers = ("integer", "biginteger", "decimal")
    if target == "text":
        return True
    return source in numbers and target in numbers and numbers.index(source) < numbers.index(target)


class Model:
    def __init__(self, fields):
        self.fields = fields  # published
        self.draft = None
        self.records = {}  # id -> {key: value}; the deleted ones too, which constraints also hold for
        self.deleted = set()
        self.migrations = []

    def drafted(self):
        """The fields to edit; they become the draft by assigning them."""
        return copy.deepcopy(self.fields) if self.draft is None else self.draft

    def obstacles(self, backfill):
        """The names of the draft's fields that the records do not fit."""
        old = {field.key: field for field in self.fields}
        names = set()
        for field in self.draft:
            for record in self.records.values():
                try:
                    value = record.get(field.key)
                    if field.key in old:
                        value = convert(value, old[field.key].type, field.type)
                    elif value is None:
                        value = field.default
                except Unfit:
                    names.add(field.name)
                    continue
                if value is None and field.required and field.name not in backfill:
                    names.add(field.name)
        return names

    def publish(self, migration_id, backfill, structure):
        old = {field.key: field for field in self.fields}
        new = {field.key: field for field in self.draft}
        migration = Migration(migration_id, self.fields, self.draft, {}, {}, structure)
        for key, field in old.items():
            if key not in new or (field.type != new[key].type and not in_place(field.type, new[key].type)):
                migration.kept[key] = {id_: record.get(key) for id_, record in self.records.items()}
        for key, field in new.items():
            given = set()
            for id_, record in self.records.items():
                value = convert(record.get(key), old[key].type, field.type) if key in old else None
                if value is None and field.name in backfill:
                    value = backfill[field.name]
                    given.add(id_)
                elif key not in old:
                    value = field.default
                record[key] = value
            if given and key in old:
                migration.given[key] = (given, backfill[field.name])
        for record in self.records.values():
            for key in list(record):
                if key not in new:
                    del record[key]
        self.fields, self.draft = self.draft, None
        self.migrations.append(migration)

    def rollback(self):
        """Raises Unfit when a value written since has no way back."""
        migration = self.migrations[-1]
        old = {field.key: field for field in migration.before}
        new = {field.key: field for field in migration.after}
        records = {}
        for id_, record in self.records.items():
            back = records[id_] = {}
            for key, field in old.items():
                kept = migration.kept.get(key, {}).get(id_)
                if key not in new:
                    back[key] = kept
                    if kept is None and field.required:
                        back[key] = field.default
                else:
                    back[key] = self.value_back(migration, key, id_, record[key], kept, field, new[key])
                if back[key] is None and field.required:
                    raise Unfit(field.name)
        self.records = records
        self.fields, self.draft = migration.before, self.draft or migration.after
        self.migrations.pop()

    @staticmethod
    def value_back(migration, key, id_, value, kept, old, new):
        filled, fill = migration.given.get(key, (set(), None))
        if id_ in filled and value == fill:
            return None
        if key in migration.kept and kept is not None and convert(kept, old.type, new.type) == value:
            return kept
        back = convert(value, new.type, old.type)
        if convert(back, old.type, new.type) != value:
            raise Unfit(value)  # it would come back as another
        return back

    def served(self):
        return {id_: {field.name: record.get(field.key) for field in self.fields}
                for id_, record in self.records.items() if id_ not in self.deleted}
