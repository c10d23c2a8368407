"""Random records and random conditions about them, in every form that a condition may have."""

import datetime

WORDS = ["", "a", "ab", "Abc", "abc", "b", "B%", "a_c", "c\\d", "it's", "x y", "zz", "aXb", "100%", "{now}x",
         "Ärger", "ärg", "straße", "日本語", "\U0001f600", "e\u0301", "É\u200b", "\t"]
PATTERNS = ["%", "a%", "%b", "%a%", "_", "a_c", "a%c", "%\\%", "\\_", "A%", "ab", "", "%_%_%", "a\\\\%", "Ä%", "_rg%", "%本%", "__"]
REGULAR = ["^a", "b$", "a.c", "[a-c]+", "(a|z)+$", "^$|x", "[^a]", "a{2,3}|zz", "^[A-Z]", "\\d+", "\\w \\w", "\\\\", "^.$", "[ä-ü]", "本.?$"]
STATES = ["new", "open", "paid"]
NUMBERS = [-3, 0, 1, 2, 5, 7, 10]
DECIMALS = ["-3", "0", "0.5", "1", "1.00", "2.5", "10", "99999.99"]
DOCUMENTS = [
    None, {}, [], {"a": None}, {"a": 1}, {"a": 1.0, "b": "x"}, {"a": "1"}, {"a": "abc", "b": {"c": 5}}, {"a": True},
    {"a": ["x", 1, "y"]}, {"a": []}, {"a": {}}, {"a": ""}, {"b": {"c": "Abc", "d.e": 2}}, {"b": {"c": -2.5}},
    {"b": ["p", {"c": 7}]}, ["x", {"c": 7}],
]
SCALARS = [1, 2, -2.5, 5, 7, "1", "x", "abc", "", True, False]

ORDER = {"eq": ("gt", "gte", "lt", "lte")}
OF_ALL = ["is_null", "is_not_null", "is_empty", "is_not_empty"]
ORDERED = ["eq", "ne", "gt", "gte", "lt", "lte", "between", "not_between", "in", "not_in"]
SEARCH = ["contains", "not_contains", "starts_with", "ends_with", "like", "ilike", "matches"]
PERIODS = ["today", "yesterday", "tomorrow", "last_n_days", "next_n_days", "last_7_days", "next_n_weeks", "last_n_months",
           "next_2_quarters", "last_n_years"] + [f"{w}_{u}" for w in ("this", "last", "next") for u in ("week", "month", "quarter", "year")]
ALIASES = {"eq": ["=", "==", "equals"], "ne": ["!=", "<>", "not_equals"], "gt": [">", "greater_than"], "gte": [">=", "greater_than_or_equal"],
           "lt": ["<", "less_than"], "lte": ["<=", "less_than_or_equal"], "not_in": ["nin"], "matches": ["regex"], "is_empty": ["empty"],
           "is_null": ["null"], "array_overlaps": ["overlaps"]}

TYPES = {
    "customer": {"code": "integer", "name": "text", "city": "text", "budget": "decimal", "since": "date"},
    "purchase": {"code": "integer", "title": "text", "note": "text", "state": "enum", "number": "integer", "total": "decimal", "open": "boolean",
                 "day": "date", "due": "datetime", "labels": "array text", "numbers": "array integer", "settings": "json"},
    "line": {"code": "integer", "note": "text", "amount": "integer", "shipped": "date"},
}
LOOKUPS = {"purchase": {"customer": "customer"}, "line": {"purchase": "purchase"}, "customer": {}}
MANY = {"purchase": {"line": "line"}, "customer": {"purchase": "purchase"}, "line": {}}
OTHERS = [("number", "total"), ("total", "number"), ("day", "due"), ("title", "note"), ("number", "customer.code"), ("total", "customer.budget"),
          ("customer.budget", "total"), ("customer.since", "day"), ("customer.city", "title"), ("open", "open"), ("day", "day")]


class Generator:
    def __init__(self, random, today):
        self.random, self.today = random, today

    def chance(self, part):
        return self.random.random() < part

    # Values -------------------------------------------------------------------------------------

    def day(self):
        near = self.random.choice([-800, -400, -370, -100, -92, -61, -31, -8, -7, -1, 0, 1, 6, 7, 30, 31, 90, 200, 366])
        return (self.today + datetime.timedelta(days=near + self.random.randint(-1, 1))).isoformat()

    def value(self, kind):
        """As a request sends it."""
        choose = self.random.choice
        return {
            "text": lambda: choose(WORDS), "enum": lambda: choose(STATES), "integer": lambda: choose(NUMBERS),
            "decimal": lambda: choose(DECIMALS), "boolean": lambda: choose([True, False]), "date": self.day,
            "datetime": lambda: self.day() + choose(["T00:00:00Z", "T12:30:00Z", "T23:59:59.999999Z", "T01:00:00+02:00"]),
            "document": lambda: choose(SCALARS), "json": lambda: choose(DOCUMENTS),
            "array text": lambda: [choose(WORDS) for _ in range(self.random.randint(0, 3))],
            "array integer": lambda: [choose(NUMBERS) for _ in range(self.random.randint(0, 3))],
        }[kind]()

    def record(self, entity, code):
        fields = {name: None if self.chance(0.2) else self.value(kind) for name, kind in TYPES[entity].items()}
        return fields | {"code": code}

    # Conditions ---------------------------------------------------------------------------------

    def condition(self, entity, depth=3, steps=0):
        if depth == 0 or self.chance(0.35):
            return self.leaf(entity, steps)
        if steps < 2 and self.chance(0.25) and (name := self.relation(entity)):
            target = (LOOKUPS[entity] | MANY[entity])[name]
            inside = [self.condition(target, depth - 1, steps + 1) for _ in range(self.random.randint(0, 2))]
            return {"field": name, "operator": self.random.choice(["any", "all", "none"]),
                    "conditions": inside[0] if len(inside) == 1 and self.chance(0.3) else inside}
        parts = [self.condition(entity, depth - 1, steps) for _ in range(self.random.choice([0, 1, 2, 2, 2, 3]))]
        if self.chance(0.1):
            return parts
        return {"operator": self.random.choice(["AND", "OR", "NOT", "and", "Or"]), "conditions": parts}

    def relation(self, entity):
        names = list(LOOKUPS[entity] | MANY[entity])
        return self.random.choice(names) if names else None

    def leaf(self, entity, steps):
        if entity == "purchase" and self.chance(0.1):
            one, other = self.random.choice(OTHERS)
            operator = self.random.choice(["eq", "ne"] if one == "open" else ["eq", "ne", "gt", "gte", "lt", "lte"])
            if steps == 0 or "." not in one + other:
                return {"field": one, "operator": self.alias(operator), "value_field": other}
        prefix, quantifier = "", {}
        if steps < 2 and self.chance(0.25) and (name := self.relation(entity)):
            prefix = name + "."
            if name in MANY[entity]:
                quantifier = {"quantifier": self.random.choice(["any", "all", "none"])} if self.chance(0.6) else {}
            entity = (LOOKUPS[entity] | MANY[entity])[name]
        field, kind = self.random.choice(list(TYPES[entity].items()))
        if kind == "json" and self.chance(0.85):
            return self.written(prefix + field, "document", quantifier)
        return self.written(prefix + field, kind, quantifier)

    def written(self, field, kind, extra):
        extra = dict(extra)
        if kind == "document":
            path = self.random.choice([["a"], ["b", "c"], ["b", "d.e"], ["b"], ["a", "1"], ["b", "1", "c"], ["0"], ["nothing"]])
            if any("." in key for key in path) or self.chance(0.2):
                extra["path"] = path
            else:
                field = ".".join([field, *path])
        operator, value = self.comparison(kind)
        given = {} if value is None else {"value": value}
        if operator in ("eq", "ne") and self.chance(0.08):
            given = {"value": None}
        spelled = self.alias(operator)
        if not extra and given.get("value") is not None and self.chance(0.3):
            short = self.short(kind, operator, value)
            return {field: value} if operator == "eq" and self.chance(0.5) and not isinstance(value, list) else {field: {spelled: short}}
        if not extra and not given and operator in OF_ALL and self.chance(0.3):
            return {field: {spelled: self.random.choice([True, "true", "false", False])}}
        return {self.random.choice(["field", "attribute"]): field, "operator": spelled, **given, **extra}

    def alias(self, operator):
        return self.random.choice([operator, *ALIASES.get(operator, [])])

    def short(self, kind, operator, value):
        """As a query string would have it: numbers as text, lists with commas."""
        if kind in ("integer", "decimal") and self.chance(0.5):
            return ",".join(map(str, value)) if isinstance(value, list) else str(value)
        return value

    def comparison(self, kind):
        choose, some = self.random.choice, lambda: [self.value(kind) for _ in range(self.random.randint(0, 4))]
        if kind == "document":
            return self.of_document()
        if kind.startswith("array"):
            operator = choose(["eq", "ne", "contains", "not_contains", "array_contains", "array_overlaps", "array_contained", *OF_ALL])
            item = kind.removeprefix("array ")
            value = self.value(item) if operator.endswith("contains") and self.chance(0.5) else self.value(kind)
            if operator in ("contains", "not_contains"):
                value = self.value(item)
            return operator, None if operator in OF_ALL else value
        if kind == "json":
            return choose(OF_ALL), None
        operators = list(OF_ALL) + (ORDERED * 2 if kind not in ("boolean", "enum") else ["eq", "ne", "in", "not_in"] * 2)
        operators += SEARCH * 2 if kind == "text" else PERIODS if kind in ("date", "datetime") else []
        operator = choose(operators)
        if operator in OF_ALL:
            return operator, None
        if operator in PERIODS:
            return operator, self.random.randint(0, 30) if "_n_" in operator else None
        if operator in ("in", "not_in"):
            return operator, some()
        if operator.endswith("between"):
            pair = [self.value(kind), self.value(kind)]
            return operator, [each[:10] if kind == "datetime" and self.chance(0.5) else each for each in pair]
        return operator, self.searched(operator) or self.value(kind)

    def searched(self, operator):
        return {"like": lambda: self.random.choice(PATTERNS), "ilike": lambda: self.random.choice(PATTERNS),
                "matches": lambda: self.random.choice([each for each in REGULAR if each != "^$|x"])}.get(operator, lambda: None)()

    def of_document(self):
        operator = self.random.choice(ORDERED * 2 + SEARCH + OF_ALL + ["array_contains", "array_overlaps", "array_contained"])
        words, numbers = ["", "x", "abc", "1"], [1, 2, -2.5, 5, 7]
        if operator in OF_ALL:
            return operator, None
        if operator in ("in", "not_in") or operator.startswith("array"):
            return operator, [self.random.choice(SCALARS) for _ in range(self.random.randint(0, 3))]
        if operator.endswith("between"):
            kind = self.random.choice([words, numbers])
            return operator, [self.random.choice(kind), self.random.choice(kind)]
        if operator in SEARCH:
            return operator, self.searched(operator) or self.random.choice(words)
        return operator, self.random.choice(SCALARS if operator in ("eq", "ne") else words + numbers)
