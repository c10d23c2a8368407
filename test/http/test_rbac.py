"""Roles, permissions, rules, templates and public records over HTTP."""

import secrets

import pytest

from client import Client

TICKET = [
    {"name": "title", "field_type": "string", "is_required": True},
    {"name": "state", "field_type": "string"},
    {"name": "secret", "field_type": "string"},
]


@pytest.fixture(scope="module")
def desk(make_tenant):
    tenant = make_tenant("desk")
    tenant.owner.publish("ticket", *TICKET)
    for title, state in (("one", "open"), ("two", "open"), ("three", "done")):
        tenant.owner.post(
            "/dynamic-data/ticket/records", {"data": {"title": title, "state": state, "secret": "1234567890"}}
        ).must_be(201)
    return tenant


@pytest.fixture(scope="module")
def clerk(desk, database, base_url):
    """A role of the tenant's own, narrowed by a row rule and field rules, and a client who holds it."""
    entity = desk.owner.get("/data-model/entities/ticket").must_be(200).json
    fields = {field["name"]: field["id"] for field in entity["fields"]}
    role = desk.owner.post("/rbac/roles", {"name": "clerk", "label": "Clerk"}).must_be(201).json["id"]
    for permission in ("ticket:read", "ticket:update"):
        desk.owner.post(f"/rbac/roles/{role}/permissions", {"permission": permission}).must_be(201)
    condition = {"field": "state", "operator": "eq", "value": "open"}
    rule = {"role_id": role, "entity_id": entity["id"], "action": "update", "condition": condition}
    desk.owner.post("/rbac/row-rules", rule).must_be(201)
    masked = {"role_id": role, "entity_id": entity["id"], "field_id": fields["secret"], "mode": "masked", "mask": "last4"}
    desk.owner.post("/rbac/field-rules", masked).must_be(201)
    password = secrets.token_urlsafe(12)
    database.sql(
        "SELECT pgwright.create_user('clerk@desk.example', :'password', 'desk', 'clerk')", password=password
    )
    answer = Client(base_url).post("/auth/login", {"email": "clerk@desk.example", "password": password}).must_be(200)
    return Client(base_url, answer.json["access_token"])


def tickets(client):
    return {item["title"]: item for item in client.get("/dynamic-data/ticket/records").must_be(200).json["items"]}


def test_lists_roles_permissions_and_templates(desk):
    names = {item["name"] for item in desk.owner.get("/rbac/roles").must_be(200).json["items"]}
    assert {"owner", "admin", "data_manager", "member", "viewer", "api_client", "public"} <= names
    assert desk.owner.get("/rbac/permissions", resource="ticket").must_be(200).json["total"] == 21
    templates = [template["name"] for template in desk.owner.get("/rbac/templates").must_be(200).json]
    assert templates == ["private", "tenant_shared", "public_read", "owner_only", "api_key_only"]


def test_roles_are_for_those_who_may(desk):
    assert desk.member.get("/rbac/roles").status == 403
    assert desk.member.post("/rbac/roles", {"name": "x", "label": "X"}).status == 403
    assert desk.admin.get("/rbac/roles").status == 200
    assert desk.admin.post("/rbac/roles", {"name": "x", "label": "X"}).status == 403


def test_a_group_is_made_changed_and_deleted(desk):
    group = desk.owner.post("/rbac/groups", {"name": "night", "label": "Night"}).must_be(201).json["id"]
    changed = desk.owner.put(f"/rbac/groups/{group}", {"label": "Nights"}).must_be(200).json
    assert changed["data"]["label"] == "Nights"
    desk.owner.delete(f"/rbac/groups/{group}").must_be(204)
    assert desk.owner.get(f"/rbac/groups/{group}").status == 404


def test_a_permission_is_granted_and_taken(desk):
    role = desk.owner.post("/rbac/roles", {"name": "taster", "label": "Taster"}).must_be(201).json["id"]
    path = f"/rbac/roles/{role}/permissions"
    listed = desk.owner.get("/rbac/permissions", resource="ticket").json["items"]
    export = next(item for item in listed if item["name"] == "ticket:export:tenant")
    desk.owner.post(path, {"permission_id": export["id"]}).must_be(201)
    assert [item["action"] for item in desk.owner.get(path).json["items"]] == ["export"]
    desk.owner.delete(f"{path}/{export['id']}").must_be(204)
    assert desk.owner.get(path).json["total"] == 0
    assert desk.owner.delete(f"{path}/ticket:export").status == 404
    assert desk.owner.post(path, {"permission": "ticket"}).status == 400
    assert desk.owner.post(path, {"permission": "tenants:create:all"}).status == 403


def test_a_rule_tells_seen_from_reached(desk, clerk):
    seen = tickets(clerk)
    assert set(seen) == {"one", "two", "three"}
    path = "/dynamic-data/ticket/records"
    clerk.put(f"{path}/{seen['one']['id']}", {"data": {"title": "one"}}).must_be(200)
    assert clerk.put(f"{path}/{seen['three']['id']}", {"data": {"title": "x"}}).status == 403
    assert clerk.put(f"{path}/{seen['one']['id']}", {"data": {"state": "done"}}).status == 403
    assert clerk.delete(f"{path}/{seen['one']['id']}").status == 403
    assert clerk.post(path, {"data": {"title": "new"}}).status == 403


def test_a_masked_field_is_neither_read_nor_probed(desk, clerk):
    assert {item["secret"] for item in tickets(clerk).values()} == {"******7890"}
    for query in ({"filters": '{"secret": "1234567890"}'}, {"sort": "secret"}):
        assert clerk.get("/dynamic-data/ticket/records", **query).status == 400
    assert {item["secret"] for item in tickets(desk.member).values()} == {"1234567890"}


def test_explains_previews_and_checks(desk, clerk):
    path = "/rbac/entities/ticket"
    told = desk.owner.post(f"{path}/explain", {"user_name": "clerk@desk.example", "action": "update"}).must_be(200).json
    assert told["scope"] == "by row rules"
    assert told["ways"][0]["row_rule"]["condition"]["field"] == "state"
    assert told["fields"] == {"secret": "masked"}
    role = told["ways"][0]["role"]
    assert role == "clerk"
    ids = {item["name"]: item["id"] for item in desk.owner.get("/rbac/roles").json["items"]}
    entity = desk.owner.get("/data-model/entities/ticket").json["id"]
    change = {
        "operation": "create",
        "entity": "row_rules",
        "data": {"role_id": ids["clerk"], "entity_id": entity, "action": "read", "condition": {"state": "done"}},
    }
    users = desk.owner.post(f"{path}/preview", {"changes": [change]}).must_be(200).json["users"]
    lost = {user["user"]: user["lost"] for user in users}
    assert lost["clerk@desk.example"] == 2
    assert lost["member@desk.example"] == 0
    kinds = {finding["kind"] for finding in desk.owner.get(f"{path}/conflicts").must_be(200).json}
    assert "column_without_index" in kinds
    assert clerk.get(f"{path}/conflicts").status == 403


def test_what_is_public_needs_no_sign_in(desk, anonymous):
    path = "/public/desk/ticket/records"
    assert anonymous.get(path).status == 404
    desk.owner.post("/rbac/entities/ticket/template", {"template": "public_read"}).must_be(200)
    listed = anonymous.get(path).must_be(200).json
    assert listed["total"] == 3
    record = listed["items"][0]["id"]
    assert anonymous.get(f"{path}/{record}").must_be(200).json["id"] == record
    assert anonymous.get("/dynamic-data/ticket/records").status == 401
    assert anonymous.get("/public/nobody/ticket/records").status == 404
    desk.owner.post("/rbac/entities/ticket/template", {"template": "tenant_shared"}).must_be(200)
    assert anonymous.get(path).status == 404
    assert desk.owner.post("/rbac/entities/ticket/template", {"template": "open"}).status == 400
