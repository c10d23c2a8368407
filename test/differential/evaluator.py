"""What a condition means, told a second time: evaluated over records in memory, straight from the document
and from docs/conditions.md. It knows nothing of SQL. Every comparison is true or false, and a missing
value is different from every value.

A record is a dictionary; a lookup holds the record that it refers to, or None, and a relationship the list
of those that refer to it.
"""

import calendar
import datetime
import re
from decimal import Decimal

NEGATIONS = {"ne": "eq", "not_in": "in", "not_between": "between", "not_contains": "contains",
             "is_null": "is_not_null", "is_empty": "is_not_empty"}

ALIASES = {"=": "eq", "==": "eq", "equals": "eq", "!=": "ne", "<>": "ne", "not_equals": "ne", ">": "gt",
           "greater_than": "gt", ">=": "gte", "greater_than_or_equal": "gte", "<": "lt", "less_than": "lt",
           "<=": "lte", "less_than_or_equal": "lte", "nin": "not_in", "empty": "is_empty", "after": "gt",
           "before": "lt", "regex": "matches", "overlaps": "array_overlaps", "null": "is_null"}

EMPTY = (None, "", [], {})
UTC = datetime.timezone.utc


class Evaluator:
    """types: entity -> field -> type name; `today` and `now` are the server's."""

    def __init__(self, types, today, now):
        self.types, self.today, self.now = types, today, now

    def holds(self, condition, record):
        if isinstance(condition, list):
            return all(self.holds(each, record) for each in condition)
        if "conditions" in condition:
            if name := condition.get("field", condition.get("attribute")):
                return self.quantified(condition["operator"], self.behind(record, name.split(".")),
                                       lambda other: self.holds(condition["conditions"], other))
            parts = [self.holds(each, record) for each in condition["conditions"]]
            if not parts:
                return True
            return {"AND": all(parts), "OR": any(parts), "NOT": not all(parts)}[condition["operator"].upper()]
        if "operator" in condition:
            return self.compared(condition.get("field", condition.get("attribute")), condition, record)
        return all(self.pair(name, value, record) for name, value in condition.items())

    def pair(self, name, value, record):
        if not isinstance(value, dict):
            return self.compared(name, {"operator": "eq", "value": value}, record)
        if "operator" in value:
            return self.compared(name, value, record)
        return all(self.member(name, spelled, given, record) for spelled, given in value.items())

    def member(self, name, spelled, given, record):
        operator = ALIASES.get(spelled, spelled)
        if isinstance(given, str) and operator in ("in", "not_in", "between", "not_between"):
            given = given.split(",") if given else []
        found = self.compared(name, {"operator": operator, "value": given}, record)
        return found if given not in (False, "false") or not operator.startswith("is_") else not found

    # Related records ----------------------------------------------------------------------------

    def behind(self, record, steps):
        records = [record]
        for step in steps:
            found = []
            for each in records:
                related = each["fields"].get(step)
                found += related if isinstance(related, list) else [related] if related else []
            records = found
        return records

    @staticmethod
    def quantified(quantifier, records, holds):
        found = [holds(each) for each in records]
        return {"any": any(found), "all": all(found), "none": not any(found)}[quantifier]

    # Comparisons --------------------------------------------------------------------------------

    def compared(self, name, comparison, record):
        *steps, field = self.path(name, record)
        if steps and isinstance(record["fields"].get(steps[0]), list):
            return self.quantified(comparison.get("quantifier", "any"), self.behind(record, steps),
                                   lambda other: self.leaf(field, comparison, other, other))
        behind = self.behind(record, steps)
        return self.leaf(field, comparison, behind[0] if behind else None, record)

    @staticmethod
    def path(name, record):
        """Steps and the field; a json field takes the rest of the name with it."""
        steps = name.split(".")
        for i, step in enumerate(steps):
            if step == "settings":
                return steps[:i] + [".".join(steps[i:])]
        return steps

    def leaf(self, field, comparison, at, record):
        name, *document = field.split(".")
        document += comparison.get("path", [])
        kind = self.types[at["entity"]][name] if at else None
        value = at["fields"][name] if at else None
        if document:
            kind, value = "document", dig(value, document)
        operator = ALIASES.get(comparison["operator"], comparison["operator"])
        given = comparison.get("value")
        if "value_field" in comparison:
            given, kind = self.other(comparison["value_field"], record), "other"
            value = moment(value) if isinstance(value, (datetime.date, datetime.datetime)) else value
            if given is None:
                return operator == "ne"
        elif given is None and operator in ("eq", "ne"):
            operator = {"eq": "is_null", "ne": "is_not_null"}[operator]
        if operator in NEGATIONS:
            return not self.positive(NEGATIONS[operator], kind, value, given)
        return self.positive(operator, kind, value, given)

    def other(self, name, record):
        *steps, field = name.split(".")
        behind = self.behind(record, steps)
        value = behind[0]["fields"][field] if behind else None
        return moment(value) if isinstance(value, (datetime.date, datetime.datetime)) else value

    def positive(self, operator, kind, value, given):
        if operator == "is_not_empty":
            return value not in EMPTY
        if value is None:
            return False
        if operator == "is_not_null":
            return True
        if operator in ("array_contains", "array_overlaps", "array_contained") or kind.startswith("array"):
            return self.of_array(operator, kind, value, given)
        if operator in ("contains", "starts_with", "ends_with", "like", "ilike", "matches"):
            return isinstance(value, str) and of_text(operator, value, given)
        if kind in ("date", "datetime") and (bounds := self.period(operator, given)) is not None:
            return bounds[0] <= moment(value) < bounds[1]
        if operator == "in":
            return any(same(value, read(kind, each)) for each in given)
        if operator == "between":
            return self.between(kind, value, given)
        return ordered(operator, value, read(kind, given))

    @staticmethod
    def between(kind, value, given):
        low, high = (read(kind, each) for each in given)
        if kind == "datetime" and len(given[1]) == 10:
            return low <= value < high + datetime.timedelta(days=1)
        return ordered("gte", value, low) and ordered("lte", value, high)

    @staticmethod
    def of_array(operator, kind, value, given):
        if not isinstance(value, list):
            return False
        items = [read(kind, each) for each in given] if isinstance(given, list) else [read(kind, given)]
        has = lambda array, item: any(same(each, item) for each in array)
        if operator == "eq":
            return len(value) == len(items) and all(map(same, value, items))
        if operator in ("array_contains", "contains"):
            return all(has(value, item) for item in items)
        if operator == "array_overlaps":
            return any(has(value, item) for item in items)
        return all(has(items, each) for each in value)

    # Periods ------------------------------------------------------------------------------------

    def period(self, name, count):
        day = self.today
        whole = {"today": 0, "yesterday": -1, "tomorrow": 1}
        if name in whole:
            return days(day, whole[name], whole[name] + 1)
        if not (found := re.fullmatch(r"(this|last|next)_(?:(n|\d+)_)?(day|week|month|quarter|year)s?", name)):
            return None
        direction, number, unit = found.groups()
        if number:
            far = int(count if number == "n" else number)
            edge = shifted(day, unit, -far if direction == "last" else far)
            first, last = sorted((edge, day))
            return moment(first), moment(last + datetime.timedelta(days=1))
        begin = beginning(day, unit)
        offset = {"this": 0, "last": -1, "next": 1}[direction]
        return moment(shifted(begin, unit, offset)), moment(shifted(begin, unit, offset + 1))


def days(day, first, last):
    return moment(day + datetime.timedelta(days=first)), moment(day + datetime.timedelta(days=last))


def beginning(day, unit):
    if unit == "week":
        return day - datetime.timedelta(days=day.weekday())
    if unit == "quarter":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def shifted(day, unit, count):
    if unit in ("day", "week"):
        return day + datetime.timedelta(days=count * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def moment(value):
    if isinstance(value, datetime.datetime):
        return value
    return datetime.datetime(value.year, value.month, value.day, tzinfo=UTC)


# Values -----------------------------------------------------------------------------------------


def read(kind, given):
    """A value of a condition as the records have it."""
    kind = kind.removeprefix("array ")
    if kind in ("other", "document"):
        return Decimal(str(given)) if is_number(given) else given
    if kind in ("integer", "decimal"):
        return Decimal(str(given))
    if kind == "boolean":
        return given in (True, "true")
    if kind == "date":
        return datetime.date.fromisoformat(given)
    if kind == "datetime":
        whole = given if len(given) > 10 else given + "T00:00:00Z"
        return datetime.datetime.fromisoformat(whole.replace("Z", "+00:00"))
    return given


def is_number(value):
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def comparable(value):
    """Numbers equal numbers, and nothing equals what is of another kind."""
    return ("number", Decimal(str(value))) if is_number(value) else (type(value).__name__, value)


def same(one, other):
    return comparable(one) == comparable(other)


def ordered(operator, value, given):
    one, other = comparable(value), comparable(given)
    if one[0] != other[0]:
        return False
    return {"eq": one == other, "gt": one > other, "gte": one >= other, "lt": one < other, "lte": one <= other}[operator]


def dig(document, path):
    for key in path:
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list):
            in_it = re.fullmatch(r"\d+", key) and int(key) < len(document)
            document = document[int(key)] if in_it else None
        else:
            return None
    return document


def of_text(operator, value, given):
    lower, needle = value.lower(), given.lower()
    if operator == "matches":
        return re.search(given, value) is not None
    if operator in ("like", "ilike"):
        return re.fullmatch(like(given), value, re.S | (re.I if operator == "ilike" else 0)) is not None
    return {"contains": needle in lower, "starts_with": lower.startswith(needle), "ends_with": lower.endswith(needle)}[operator]


def like(pattern):
    parts, rest = [], iter(pattern)
    for c in rest:
        if c == "\\":
            parts.append(re.escape(next(rest)))
        else:
            parts.append({"%": ".*", "_": "."}.get(c) or re.escape(c))
    return "".join(parts)
