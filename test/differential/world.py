"""The same records in the database and in memory: customers, their purchases, and the lines of these, in
two tenants; and people who see all of them, those that a row rule lets through, or what they made themselves.
"""

import datetime
import random

from evaluator import Evaluator, read
from generator import MANY, LOOKUPS, STATES, TYPES, WORDS, Generator
from session import Refused

FIELD_TYPES = {"enum": {"field_type": "enum", "allowed_values": STATES}, "array text": {"field_type": "array", "item_type": "string", "is_indexed": True},
               "array integer": {"field_type": "array", "item_type": "integer", "is_indexed": True}}
# What a list is ordered by when it does not say.
DEFAULT_SORT = {"customer": [], "purchase": [("number", True)], "line": [("amount", False)]}
# What the one under rules reads.
RULES = {
    "customer": {"operator": "OR", "conditions": [{"field": "city", "operator": "in", "value": WORDS[::2]}, {"budget": {"gt": 1}}]},
    "purchase": {"operator": "OR", "conditions": [{"field": "customer.code", "operator": "gte", "value": 4}, {"open": True},
                                                  {"operator": "NOT", "conditions": [{"field": "title", "operator": "is_not_null"}]}]},
}
GRANTS = {
    "ruled": ["customer:read:tenant", "purchase:read:tenant", "line:read:tenant"],
    "author": ["customer:read:tenant", "purchase:read:own", "purchase:create:tenant", "purchase:bulk:tenant", "line:read:tenant"],
}
PASSWORD = "a long password"


def definition(entity, lookups):
    fields = [{"name": name, **FIELD_TYPES.get(kind, {"field_type": kind}), **({"is_indexed": True} if kind in ("date", "integer") else {})}
              for name, kind in TYPES[entity].items()]
    fields += [{"name": f"{target}_id", "field_type": "lookup", "reference_entity": target} for target in lookups]
    order = {}
    for name, descending in DEFAULT_SORT[entity]:
        order = {"default_sort_field": name, "default_sort_order": "DESC" if descending else "ASC"}
    return {"name": entity, "supports_soft_delete": entity != "line", "fields": fields, **order}


class World:
    """records: entity -> what was sent of each, its author, its parent, and whether it is deleted."""

    def __init__(self, session, seed):
        self.session, self.random = session, random.Random(seed)
        self.tenant = "diff"
        self.people()
        self.become("owner")
        self.today = datetime.date.fromisoformat(session.run("SELECT (now() AT TIME ZONE 'UTC')::date")[0])
        self.generator = Generator(self.random, self.today)
        for entity in TYPES:
            session.call("create_entity", definition(entity, LOOKUPS[entity].values()))
            session.call("publish_entity", entity, "first")
        self.roles()
        self.records = {entity: [] for entity in TYPES}
        self.make("customer", 15, None)
        self.make("purchase", 70, "customer")
        self.become("author")
        self.make("purchase", 20, "customer")
        self.become("owner")
        self.make("line", 160, "purchase")
        self.delete("customer", 3)
        self.delete("purchase", 8)
        self.elsewhere()
        self.become("owner")

    # People -------------------------------------------------------------------------------------

    def people(self):
        for tenant in ("diff", "beside"):
            self.session.run(f"SELECT pgwright.create_tenant('{tenant}', '{tenant}')")
            self.session.run(f"SELECT pgwright.create_user('owner@{tenant}.example', '{PASSWORD}', '{tenant}', 'owner')")

    def roles(self):
        for role, grants in GRANTS.items():
            made = self.session.call("create_record", "roles", {"name": role, "label": role})["id"]
            for permission in grants:
                self.session.call("grant_permission", made, permission)
            if role == "ruled":
                for entity, condition in RULES.items():
                    self.session.call("create_record", "row_rules", {"role_id": made, "entity_id": self.session.call("get_entity", entity)["id"],
                                                                     "action": "read", "condition": condition})
            self.session.run("SET pgwright.token = ''")
            self.session.run(f"SELECT pgwright.create_user('{role}@diff.example', '{PASSWORD}', 'diff', '{role}')")
            self.become("owner")

    def become(self, who, tenant="diff"):
        self.session.run(f"SELECT pgwright.act_as('{who}@{tenant}.example')")
        self.who = who

    # Records ------------------------------------------------------------------------------------

    def make(self, entity, count, target):
        made, before = [], len(self.records[entity])
        for code in range(before, before + count):
            fields = self.generator.record(entity, code)
            parent = self.random.choice([*self.records[target], None]) if target else None
            made.append({"entity": entity, "sent": fields, "parent": parent, "author": self.who, "gone": False})
        rows = [each["sent"] | ({f"{target}_id": each["parent"] and each["parent"]["id"]} if target else {}) for each in made]
        for each, record_id in zip(made, self.session.call("bulk_create_records", entity, rows)["ids"], strict=True):
            each["id"] = record_id
        self.records[entity] += made

    def delete(self, entity, count):
        for each in self.random.sample(self.records[entity], count):
            try:
                self.session.call("delete_record", entity, each["id"])
                each["gone"] = True
            except Refused:  # something refers to it
                pass

    def elsewhere(self):
        """The same entities of another tenant, of whose records nobody here is to see any."""
        self.become("owner", "beside")
        for entity in TYPES:
            self.session.call("create_entity", definition(entity, LOOKUPS[entity].values()))
            self.session.call("publish_entity", entity, "first")
            self.session.call("bulk_create_records", entity, [self.generator.record(entity, code) for code in range(40)])

    # What somebody sees -------------------------------------------------------------------------

    def view(self, who="owner"):
        """entity -> the records as this person sees them, deleted ones too. Each has `fields`, where a lookup
        is the record that it leads to, or None, and an entity that refers here is a list of them."""
        evaluator = Evaluator(TYPES, self.today, None)
        seen, by_id = {}, {}
        for entity in TYPES:
            seen[entity] = []
            for each in self.records[entity]:
                shown = {"entity": entity, "id": each["id"], "gone": each["gone"], "values": self.values(each), "fields": {}}
                shown["fields"] = shown["values"] | {"id": each["id"]} | {name: [] for name in MANY[entity]}
                for name in LOOKUPS[entity]:
                    parent = each["parent"] and by_id.get(each["parent"]["id"])
                    shown["fields"][name] = parent if parent and not parent["gone"] else None
                if self.may_see(who, each, shown, evaluator):
                    seen[entity].append(shown)
                    by_id[each["id"]] = shown
        self.refer(seen)
        return seen

    def may_see(self, who, record, shown, evaluator):
        if who == "author" and record["entity"] == "purchase":
            return record["author"] == "author"
        return who != "ruled" or record["entity"] not in RULES or evaluator.holds(RULES[record["entity"]], shown)

    @staticmethod
    def refer(seen):
        for entity, lookups in LOOKUPS.items():
            for each in seen[entity]:
                for name in lookups:
                    if each["fields"][name] and not each["gone"]:
                        each["fields"][name]["fields"][entity].append(each)

    @staticmethod
    def values(record):
        entity, sent = record["entity"], record["sent"]
        found = {name: None if sent[name] is None else value_of(kind, sent[name]) for name, kind in TYPES[entity].items()}
        return found | {f"{name}_id": record["parent"] and record["parent"]["id"] for name in LOOKUPS[entity]}


def value_of(kind, sent):
    if kind.startswith("array"):
        return [read(kind, each) for each in sent]
    return sent if kind == "json" else read(kind, sent)
