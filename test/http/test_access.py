"""Who reaches which record over HTTP: test/pgtap/access_expected.psql, where the tables and people are
explained, line by line. People and rules are made here by the routes."""

import pathlib

import pytest

from client import Client

TABLE = pathlib.Path(__file__).resolve().parent.parent / "pgtap" / "access_expected.psql"
PLACES = {"own_near": ("open", "north"), "own_far": ("open", "south"), "near": ("open", "north"), "shut": ("shut", "north"), "far": ("open", "south")}
OURS = {"field": "company.owner", "operator": "eq", "value": "{current_user_department}"}
OPEN = {"operator": "AND", "conditions": [OURS, {"field": "stage", "operator": "eq", "value": "open"}]}
SIGNS = {"-": (403, "PERMISSION_DENIED"), "0": (404, "RESOURCE_NOT_FOUND"), "x": (401, "AUTHENTICATION_REQUIRED")}
ENTITIES = ("deal", "task")
ALL = ("create", "read", "update", "delete")


def expected():
    """{who: {column: signs}}, of the lines that are not about bare tables alone."""
    lines = [line.split() for line in TABLE.read_text().split("$$")[1].splitlines() if line.strip()]
    return {line[0]: dict(zip(lines[0][1:], line[1:], strict=True)) for line in lines[1:] if "/" not in line[0]}


EXPECTED = expected()
CASES = [(who, entity, cell) for who in EXPECTED for entity in ENTITIES for cell in EXPECTED[who]]


def judge(answer, sign, done):
    if sign == "+":
        answer.must_be(done)
    else:
        answer.must_be(*SIGNS[sign])


class World:
    """The tables, roles, people and records in two tenants."""

    def __init__(self, database, base_url, acme, rival):
        self.database, self.base_url, self.acme = database, base_url, acme
        self.people = {"owner": acme.owner, "member": acme.member, "viewer": acme.viewer, "stranger": rival.owner, "nobody": Client(base_url)}
        self.emails = {who: acme.email(who) for who in ("owner", "member", "viewer")}
        self.entities, self.companies, self.records, self.roles = {}, {}, {}, {}
        for owner in (acme.owner, rival.owner):
            self.make_tables(owner)
        self.make_roles()
        for who in ("idle", "author", "regional", "heir", "blind"):
            self.add_person(who, who)
        for who in ("grouped", "both"):
            self.add_person(who, "idle")
        self.place_people()
        self.add_key("member_key", "member", "deal:read", "task:read")
        self.add_key("regional_key", "regional", "deal:read", "task:read", "company:read")

    def make_tables(self, owner):
        owner.publish("company", {"name": "owner", "field_type": "string"})
        text = [{"name": name, "field_type": "string"} for name in ("title", "stage")]
        company = {"name": "company_id", "field_type": "lookup", "reference_entity": "company"}
        for entity in ENTITIES:
            made = owner.publish(entity, *text, company, supports_soft_delete=entity == "deal")
            self.entities.setdefault(entity, made["id"])
        self.companies[owner] = {side: owner.create("company", owner=side) for side in ("north", "south")}

    def make_roles(self):
        self.make_role("idle")
        self.make_role("author", *((action, "own") for action in ALL))
        self.make_role("regional", *((action, "tenant") for action in ALL))
        self.acme.owner.post(f"/rbac/roles/{self.roles['regional']}/permissions", {"permission": "company:read"}).must_be(201)
        self.make_role("heir", ("read", "own"), parent="regional")
        self.make_role("blind", ("read", "tenant"))
        for entity in ENTITIES:
            for role, action, rule in [("regional", "create", OURS), ("regional", "read", OURS), ("regional", "update", OPEN), ("regional", "delete", OPEN), ("blind", "read", OURS)]:
                data = {"role_id": self.roles[role], "entity_id": self.entities[entity], "action": action, "condition": rule}
                self.acme.owner.post("/rbac/row-rules", data).must_be(201)

    def make_role(self, name, *grants, parent=None):
        owner = self.acme.owner
        data = {"name": name, "label": name, "parent_role_id": self.roles.get(parent)}
        self.roles[name] = owner.post("/rbac/roles", data).must_be(201).json["id"]
        for entity in ENTITIES:
            for action, scope in grants:
                owner.post(f"/rbac/roles/{self.roles[name]}/permissions", {"permission": f"{entity}:{action}:{scope}"}).must_be(201)

    def add_person(self, who, role):
        self.emails[who] = f"{who}@matrix.example"
        self.database.sql("SELECT pgwright.create_user(:'email', 'not a secret', 'matrix', :'role')", email=self.emails[who], role=role)
        answer = Client(self.base_url).post("/auth/login", {"email": self.emails[who], "password": "not a secret"}).must_be(200)
        self.people[who] = Client(self.base_url, answer.json["access_token"])

    def id_of(self, who):
        return self.people[who].get("/auth/me").must_be(200).json["id"]

    def place_people(self):
        owner = self.acme.owner
        for who in ("regional", "heir", "blind", "grouped", "both"):
            owner.put(f"/users/{self.id_of(who)}", {"department": "north"}).must_be(200)
        owner.put(f"/users/{self.id_of('both')}/roles", {"roles": ["author", "regional"]}).must_be(200)
        group = owner.post("/rbac/groups", {"name": "northerners", "label": "Northerners"}).must_be(201).json["id"]
        owner.post("/rbac/group-roles", {"group_id": group, "role_id": self.roles["regional"]}).must_be(201)
        owner.post("/rbac/group-members", {"group_id": group, "user_id": self.id_of("grouped")}).must_be(201)

    def add_key(self, name, holder, *scopes):
        definition = {"name": name, "scopes": list(scopes), "user_id": self.id_of(holder)}
        made = self.acme.owner.post("/auth/api-keys", definition).must_be(201).json
        self.people[name] = Client(self.base_url, made["key"])
        self.emails[name] = self.emails[holder]

    def company(self, who, side):
        return self.companies[self.people[who] if who == "stranger" else self.acme.owner][side]

    def lay_out(self, who, entity):
        """The records as they are at the beginning; `own_...` are this caller's, whether or not he may write them."""
        rows = [("matrix", place, stage, self.company("owner", side)) for place, (stage, side) in PLACES.items()]
        rows.append(("matrixtwo", "foreign", "open", self.company("stranger", "north")))
        made = self.database.sql(
            f"DELETE FROM t_matrix.{entity}; DELETE FROM t_matrixtwo.{entity};"
            + "".join(
                f"INSERT INTO t_{tenant}.{entity} (title, stage, company_id, created_by)"
                f" SELECT '{place}', '{stage}', '{company}', id FROM pgwright.users"
                f" WHERE email = :'{'who' if place.startswith('own') else 'owner'}' RETURNING title, id;"
                for tenant, place, stage, company in rows
            ),
            who=self.emails.get(who, self.emails["owner"]),
            owner=self.emails["owner"],
        )
        self.records = dict(made)


@pytest.fixture(scope="module")
def world(database, base_url, make_tenant):
    return World(database, base_url, make_tenant("matrix"), make_tenant("matrixtwo"))


def check_seen(world, who, entity, signs):
    answer = world.people[who].get(f"/dynamic-data/{entity}/records")
    if not signs.isdigit():
        answer.must_be(*SIGNS[signs])
    else:
        assert answer.must_be(200).json["total"] == len(answer.json["items"]) == int(signs)


def check_new(world, who, entity, signs):
    for sign, side in zip(signs, ("north", "south"), strict=True):
        data = {"title": "new", "stage": "open", "company_id": world.company(who, side)}
        judge(world.people[who].post(f"/dynamic-data/{entity}/records", {"data": data}), sign, 201)


def check_record(world, who, entity, place, signs):
    """One after another on the same record: who may move it has lost nothing by that."""
    client, path = world.people[who], f"/dynamic-data/{entity}/records/{world.records[place]}"
    judge(client.get(path), signs[0], 200)
    judge(client.put(path, {"data": {"title": "changed"}}), signs[1], 200)
    judge(client.put(path, {"data": {"company_id": world.company(who, "south")}}), signs[2], 200)
    judge(client.delete(path), signs[3], 204)
    judge(client.get(path), "0" if signs[3] == "+" else signs[0], 200)


@pytest.mark.parametrize(("who", "entity", "cell"), CASES)
def test_access(world, who, entity, cell):
    world.lay_out(who, entity)
    signs = EXPECTED[who][cell]
    if cell == "seen":
        check_seen(world, who, entity, signs)
    elif cell == "new":
        check_new(world, who, entity, signs)
    else:
        check_record(world, who, entity, cell, signs)
