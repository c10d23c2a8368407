"""API keys over HTTP: how they are sent, what they may, and when they end."""

import pytest

from client import Client
from shim_process import wait_until

WRONG = "AUTHENTICATION_REQUIRED"


@pytest.fixture(scope="module")
def keys(make_tenant):
    return make_tenant("keys")


@pytest.fixture
def made(keys):
    return keys.owner.post("/auth/api-keys", {"name": "ci", "scopes": ["users:read"]}).must_be(201).json


def with_key(client, key, path="/auth/me", method="GET", body=None, token=None):
    return client.as_user(token).request(method, path, body, headers={"X-API-Key": key})


def test_a_key_comes_in_either_header(keys, made, anonymous):
    by_header = with_key(anonymous, made["key"]).must_be(200).json
    by_bearer = anonymous.as_user(made["key"]).get("/auth/me").must_be(200).json
    assert by_header == by_bearer
    assert by_header["email"] == keys.email("owner")
    assert by_header["permissions"] == ["users:read:tenant"]
    assert by_header["api_key"] == made["id"]
    with_key(anonymous, made["key"], token=made["key"]).must_be(200)


def test_two_credentials_that_differ_are_refused(keys, made, anonymous):
    answer = with_key(anonymous, made["key"], token=keys.viewer.token)
    answer.must_be(400, "VALIDATION_ERROR", fields=["X-API-Key"])
    other = keys.owner.post("/auth/api-keys", {"name": "other", "scopes": ["users:read"]}).json
    with_key(anonymous, made["key"], token=other["key"]).must_be(400, "VALIDATION_ERROR")


def test_what_is_no_key_is_refused(made, anonymous):
    flipped = made["key"][:-1] + ("A" if made["key"][-1] != "A" else "B")
    prefix = made["prefix"]
    for guess in (
        flipped, made["key"] + "A", made["key"][:-1], "pgw_", f"pgw_{prefix}", f"pgw_{prefix}_", f"pgw_{'0' * 16}_{'A' * 43}",
        "pgw_" + "a" * 9000, "rubbish", "Bearer x", "pgw_' OR true --", "pgw_%00",
    ):  # fmt: skip
        with_key(anonymous, guess).must_be(401, WRONG)


def test_a_header_beyond_all_measure_is_refused(anonymous):
    with_key(anonymous, "pgw_" + "a" * 200_000).must_be(431)


def test_a_key_does_what_its_scopes_say(keys, made, anonymous):
    assert with_key(anonymous, made["key"], "/users").must_be(200).json["total"] == 4
    with_key(anonymous, made["key"], "/data-model/entities").must_be(403, "PERMISSION_DENIED")
    with_key(anonymous, made["key"], "/auth/logout", "POST").must_be(403, "PERMISSION_DENIED")
    with_key(anonymous, made["key"], "/auth/api-keys", "POST", {"name": "x"}).must_be(403, "PERMISSION_DENIED")


def test_a_key_beyond_ones_rights_is_refused(keys):
    keys.viewer.post("/auth/api-keys", {"name": "x", "scopes": ["users:create"]}).must_be(403, "PERMISSION_DENIED")


def test_a_key_is_read_changed_replaced_and_revoked(keys, made, anonymous):
    path = f"/auth/api-keys/{made['id']}"
    shown = keys.owner.get(path).must_be(200).json
    assert shown == {name: value for name, value in made.items() if name != "key"}
    assert made["id"] in [key["id"] for key in keys.owner.get("/auth/api-keys").must_be(200).json]
    keys.viewer.get(path).must_be(404, "RESOURCE_NOT_FOUND")
    assert keys.owner.put(path, {"name": "new"}).must_be(200).json["name"] == "new"
    keys.owner.put(path, {"prefix": "x"}).must_be(400, "VALIDATION_ERROR", fields=["prefix"])
    replacement = keys.owner.post(path + "/rotate", {"overlap": "1 hour"}).must_be(201).json
    for key in (made, replacement):
        with_key(anonymous, key["key"]).must_be(200)
    keys.owner.delete(path).must_be(204)
    for _ in range(8):  # whichever backend answers
        with_key(anonymous, made["key"]).must_be(401, WRONG)
        with_key(anonymous, replacement["key"]).must_be(200)


def test_use_is_counted_also_of_requests_that_fail(keys, made, database, start_shim, anonymous):
    name = database.value("SELECT current_database()")
    database.sql(f'ALTER DATABASE "{name}" SET pgwright.api_key_usage_interval = 0')
    try:
        client = Client(start_shim().url)
        for _ in range(3):
            with_key(client, made["key"], "/users").must_be(200)
        with_key(client, made["key"], "/data-model/entities").must_be(403)
        usage = keys.owner.get(f"/auth/api-keys/{made['id']}/usage", unit="hour").must_be(200).json
        assert usage["total"] == 4
        assert sum(each["requests"] for each in usage["usage"]) == 4
        assert keys.owner.get(f"/auth/api-keys/{made['id']}").json["last_used_at"] is not None
    finally:
        database.sql(f'ALTER DATABASE "{name}" RESET pgwright.api_key_usage_interval')


def test_a_disabled_user_and_a_suspended_tenant_have_no_keys(keys, made, anonymous, database):
    for table, where in (("users", f"email = '{keys.email('owner')}'"), ("tenants", f"slug = '{keys.slug}'")):
        out = "disabled" if table == "users" else "suspended"
        database.sql(f"UPDATE pgwright.{table} SET status = '{out}' WHERE {where}")
        with_key(anonymous, made["key"]).must_be(401, WRONG)
        database.sql(f"UPDATE pgwright.{table} SET status = 'active' WHERE {where}")
        wait_until(lambda: with_key(anonymous, made["key"]).status == 200, "the key is good again")
