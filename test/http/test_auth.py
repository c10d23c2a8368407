"""Signing in and out, and what a request may say about who is asking."""

import base64
import hashlib
import hmac
import json
import re
import time

import pytest

from client import Client, message
from shim_process import wait_until

WRONG = "AUTHENTICATION_REQUIRED"


@pytest.fixture(scope="module")
def acme(make_tenant):
    return make_tenant("acme")


def credentials(tenant, role="member"):
    return {"email": tenant.email(role), "password": tenant.passwords[tenant.email(role)]}


def sign_in(client, tenant, role="member"):
    answer = client.post("/auth/login", credentials(tenant, role)).must_be(200)
    return client.as_user(answer.json["access_token"])


def without_request_id(answer):
    document = answer.json
    del document["error"]["request_id"]
    return document


# Signing in ---------------------------------------------------------------------------------------


def test_login_opens_a_session(acme, anonymous):
    answer = anonymous.post("/auth/login", credentials(acme)).must_be(200).json
    assert set(answer) == {"access_token", "refresh_token", "token_type", "expires_in", "user"}
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] == 900
    assert len(answer["refresh_token"]) >= 32
    assert answer["access_token"].count(".") == 2
    user = answer["user"]
    assert set(user) == {"id", "email", "display_name", "tenant", "roles"}
    assert user["email"] == acme.email("member")
    assert user["tenant"]["slug"] == acme.slug
    assert user["roles"] == ["member"]


def test_every_login_is_a_session_of_its_own(acme, anonymous):
    first, second = (anonymous.post("/auth/login", credentials(acme)).json for _ in range(2))
    assert first["access_token"] != second["access_token"]
    assert first["refresh_token"] != second["refresh_token"]


def test_answers_with_tokens_are_not_cached(acme, anonymous):
    assert anonymous.post("/auth/login", credentials(acme)).headers["Cache-Control"] == "no-store"


def test_email_is_read_in_any_case_and_trimmed(acme, anonymous):
    given = credentials(acme)
    given["email"] = f"  {given['email'].upper()} "
    assert anonymous.post("/auth/login", given).must_be(200).json["user"]["email"] == acme.email("member")


def test_the_token_says_who_but_not_the_password(acme, anonymous):
    answer = anonymous.post("/auth/login", credentials(acme)).json
    claims = decode(answer["access_token"].split(".")[1])
    assert claims["sub"] == answer["user"]["id"]
    assert claims["tid"] == answer["user"]["tenant"]["id"]
    assert claims["exp"] - claims["iat"] == answer["expires_in"]
    assert acme.passwords[acme.email("member")] not in json.dumps(claims)


def test_whatever_is_wrong_the_answer_is_the_same(acme, other, anonymous, database):
    disabled, homeless = "disabled@acme.example", "homeless@acme.example"
    for email in (disabled, homeless):
        database.sql("SELECT pgwright.create_user(:'email', 'a good password', :'slug')", email=email, slug=acme.slug)
    database.sql("UPDATE pgwright.users SET status = 'disabled' WHERE email = :'email'", email=disabled)
    database.sql(
        "DELETE FROM pgwright.user_roles m USING pgwright.users u WHERE u.id = m.user_id AND u.email = :'email'",
        email=homeless,
    )
    right = credentials(acme)
    attempts = [
        right | {"password": right["password"] + "x"},
        right | {"password": right["password"][:-1]},
        right | {"password": right["password"].swapcase()},
        right | {"password": ""},
        right | {"password": "x" * 100_000},
        right | {"email": "nobody@acme.example"},
        right | {"email": ""},
        right | {"email": "not an address"},
        right | {"tenant": other.slug},
        right | {"tenant": "no_such_tenant"},
        right | {"tenant": ""},
        {"email": disabled, "password": "a good password"},
        {"email": homeless, "password": "a good password"},
    ]
    answers = []
    for attempt in attempts:
        answers.append(anonymous.post("/auth/login", attempt).must_be(401, WRONG, fields=[]))
        database.sql("DELETE FROM pgwright.login_attempts")  # lock-out has tests of its own
    assert [without_request_id(answer) for answer in answers] == [without_request_id(answers[0])] * len(attempts)


@pytest.mark.parametrize(
    "body, missing",
    [
        ({}, ["email", "password"]),
        ({"email": "a@b.example"}, ["password"]),
        ({"password": "secret"}, ["email"]),
        ({"email": None, "password": None}, ["email", "password"]),
        (None, ["email", "password"]),
    ],
)
def test_missing_fields_are_named(anonymous, body, missing):
    anonymous.post("/auth/login", body).must_be(400, "VALIDATION_ERROR", fields=missing)


def test_unknown_fields_are_named(acme, anonymous):
    anonymous.post("/auth/login", credentials(acme) | {"otp": "1"}).must_be(400, "VALIDATION_ERROR", fields=["otp"])


def test_login_is_not_hindered_by_a_useless_token(acme, anonymous):
    anonymous.as_user("useless").post("/auth/login", credentials(acme)).must_be(200)


# Tenants ------------------------------------------------------------------------------------------


def test_a_user_of_two_tenants_chooses_one(acme, other, anonymous, database):
    email, password = "both@acme.example", "a good password"
    database.sql(
        "SELECT pgwright.create_user(:'email', :'password', :'here', 'viewer');"
        "INSERT INTO pgwright.user_roles (user_id, role_id, tenant_id)"
        " SELECT u.id, r.id, t.id FROM pgwright.users u, pgwright.roles r, pgwright.tenants t"
        "  WHERE u.email = :'email' AND r.name = 'owner' AND t.slug = :'there'",
        email=email,
        password=password,
        here=acme.slug,
        there=other.slug,
    )
    login = {"email": email, "password": password}
    anonymous.post("/auth/login", login).must_be(400, "VALIDATION_ERROR", fields=["tenant"])
    anonymous.post("/auth/login", login | {"password": "wrong"}).must_be(401, WRONG)
    for slug, role in ((acme.slug, "viewer"), (other.slug, "owner")):
        answer = anonymous.post("/auth/login", login | {"tenant": slug}).must_be(200).json
        assert (answer["user"]["tenant"]["slug"], answer["user"]["roles"]) == (slug, [role])
        me = anonymous.as_user(answer["access_token"]).get("/auth/me").must_be(200).json
        assert (me["tenant"]["slug"], me["roles"]) == (slug, [role])


def test_the_only_tenant_may_be_named(acme, anonymous):
    anonymous.post("/auth/login", credentials(acme) | {"tenant": acme.slug}).must_be(200)


# Who am I -----------------------------------------------------------------------------------------


def test_me_is_the_caller(acme):
    me = acme.viewer.get("/auth/me").must_be(200).json
    assert set(me) == {
        "authenticated", "id", "email", "display_name", "tenant", "roles", "permissions", "expires_at",
    }  # fmt: skip
    assert me["authenticated"] is True
    assert me["email"] == acme.email("viewer")
    assert me["tenant"] == {"id": me["tenant"]["id"], "slug": acme.slug, "name": acme.slug.title()}
    assert me["roles"] == ["viewer"]
    platform = {"data_model:read:tenant", "files:read:tenant", "tenants:read:tenant"}
    assert platform <= set(me["permissions"])
    # Of entities what was granted when each was made: to read it.
    assert all(text.endswith(":read:tenant") for text in me["permissions"])
    assert time.time() < me["expires_at"] <= time.time() + 900


@pytest.mark.parametrize("role", ["owner", "admin", "member", "viewer"])
def test_me_tells_the_role(acme, role):
    assert getattr(acme, role).get("/auth/me").must_be(200).json["roles"] == [role]


def test_without_a_token_every_route_but_those_to_come_in_by_asks_for_one(anonymous, database):
    """Whatever the route table holds: nothing is served to a passer-by. An invitation brings its own token."""
    values = {"json": {}, "boolean": True, "integer": 1, "interval": "1 day"}
    routes = database.sql(
        "SELECT method, path, body_argument, arguments, constants FROM pgwright.route_table()"
        " WHERE path LIKE '/api/v1/%' AND path NOT IN ('/api/v1/auth/login', '/api/v1/auth/invitations/accept') AND path NOT LIKE '/api/v1/public/%' AND function_name LIKE 'pgwright.%'"
    )
    assert len(routes) >= 17
    for method, path, body_argument, arguments, constants in routes:
        target = path.replace("{entity}", "users")
        target = re.sub(r"\{\w+\}", "00000000-0000-0000-0000-000000000000", target)
        fixed = json.loads(constants)
        needed = [
            a
            for a in json.loads(arguments)
            if a["required"] and f"{{{a['name']}}}" not in path and a["name"] not in fixed
        ]
        body = {a["name"]: values.get(a["type"], "x") for a in needed} if method != "GET" and needed else None
        if body_argument:  # the others are in the query string
            others = [a["name"] for a in needed if a["name"] != body_argument]
            target += "".join(f"{'&' if i else '?'}{name}=x" for i, name in enumerate(others))
        answer = anonymous.request(method, target, {} if body_argument else body)
        assert (answer.status, answer.error) == (401, WRONG), (method, path, answer.body)


# Signing out --------------------------------------------------------------------------------------


def test_logout_ends_the_session_at_once_and_everywhere(acme, anonymous, start_shim):
    client = sign_in(anonymous, acme)
    beside = Client(start_shim().url, client.token)
    for _ in range(10):  # so that several pooled connections know the token
        client.get("/auth/me").must_be(200)
        beside.get("/auth/me").must_be(200)
    answer = client.post("/auth/logout").must_be(204)
    assert answer.body == b""
    assert "Content-Length" not in answer.headers
    for _ in range(10):
        client.get("/auth/me").must_be(401, WRONG)
        beside.get("/auth/me").must_be(401, WRONG)
    client.get("/dynamic-data/users/records").must_be(401, WRONG)
    client.post("/auth/logout").must_be(401, WRONG)


def test_logout_leaves_the_users_other_sessions(acme, anonymous):
    here, there = sign_in(anonymous, acme), sign_in(anonymous, acme)
    here.post("/auth/logout").must_be(204)
    there.get("/auth/me").must_be(200)


# What ends a session without the user -------------------------------------------------------------


def test_the_lifetime_is_a_setting_of_the_database(acme, database, start_shim):
    # A shim of its own, as a session of the database takes the setting when it begins.
    name = database.value("SELECT current_database()")
    database.sql(f'ALTER DATABASE "{name}" SET pgwright.access_token_lifetime = 60')
    try:
        login = Client(start_shim().url).post("/auth/login", credentials(acme)).must_be(200).json
    finally:
        database.sql(f'ALTER DATABASE "{name}" RESET pgwright.access_token_lifetime')
    assert login["expires_in"] == 60
    claims = decode(login["access_token"].split(".")[1])
    assert claims["exp"] - claims["iat"] == 60


def test_a_token_expires(acme, anonymous, database):
    """In the backends that know it already, too: the token is used until it is refused."""
    soon = anonymous.as_user(resign(database, acme.member.token, exp=int(time.time()) + 2))
    soon.get("/auth/me").must_be(200)
    wait_until(lambda: soon.get("/auth/me").status != 200, "the token expires", 10)
    for _ in range(10):
        soon.get("/auth/me").must_be(401, WRONG)
    acme.member.get("/auth/me").must_be(200)


@pytest.mark.parametrize(
    "change, undo",
    [
        ("UPDATE pgwright.users SET status = 'disabled' WHERE id = :'user'",
         "UPDATE pgwright.users SET status = 'active' WHERE id = :'user'"),
        ("UPDATE pgwright.users SET is_deleted = true WHERE id = :'user'",
         "UPDATE pgwright.users SET is_deleted = false WHERE id = :'user'"),
        ("UPDATE pgwright.tenants SET status = 'suspended' WHERE id = :'tenant'",
         "UPDATE pgwright.tenants SET status = 'active' WHERE id = :'tenant'"),
        ("UPDATE pgwright.sessions SET expires_at = now() WHERE id = :'session'", ""),
        ("UPDATE pgwright.sessions SET revoked_at = now() WHERE id = :'session'", ""),
        ("DELETE FROM pgwright.sessions WHERE id = :'session'", ""),
    ],
    ids=["user disabled", "user deleted", "tenant suspended", "session expired", "session revoked", "session gone"],
)  # fmt: skip
def test_a_token_ends_with_what_it_stands_for(acme, anonymous, database, change, undo):
    client = sign_in(anonymous, acme, "admin")
    me = client.get("/auth/me").must_be(200).json
    ids = {"user": me["id"], "tenant": me["tenant"]["id"], "session": decode(client.token.split(".")[1])["sid"]}
    database.sql(change, **ids)
    try:
        client.get("/auth/me").must_be(401, WRONG)
    finally:
        database.sql(undo, **ids)


def test_a_role_taken_away_counts_at_once(acme, anonymous, database):
    client = sign_in(anonymous, acme, "viewer")
    client.get("/data-model/entities").must_be(200)
    user = client.get("/auth/me").json["id"]
    taken = database.sql("DELETE FROM pgwright.user_roles WHERE user_id = :'user' RETURNING role_id, tenant_id", user=user)
    try:
        client.get("/data-model/entities").must_be(403, "PERMISSION_DENIED")
        assert client.get("/auth/me").must_be(200).json["permissions"] == []
    finally:
        for role, tenant in taken:
            database.sql(
                "INSERT INTO pgwright.user_roles (user_id, role_id, tenant_id) VALUES (:'user', :'role', :'tenant')",
                user=user, role=role, tenant=tenant,
            )  # fmt: skip
    client.get("/data-model/entities").must_be(200)


def test_a_retired_key_verifies_nothing(acme, anonymous, database):
    client = sign_in(anonymous, acme)
    client.get("/auth/me").must_be(200)
    database.sql("UPDATE pgwright.signing_keys SET retired_at = now()")
    try:
        client.get("/auth/me").must_be(401, WRONG)
        sign_in(anonymous, acme).get("/auth/me").must_be(200)  # a new key was made
    finally:
        database.sql("UPDATE pgwright.signing_keys SET retired_at = NULL")
    client.get("/auth/me").must_be(200)


# The Authorization header -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "Basic dXNlcjpwYXNzd29yZA==",
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer a,b",
        "Bearer a;b",
        "Bearer 'a'",
        'Bearer token="a"',
        "Token abc",
        "abc",
        "",
        "Digest username=x",
    ],
)
def test_a_malformed_header_is_refused_even_where_none_is_needed(acme, anonymous, header):
    for method, path, body in (("GET", "/auth/me", None), ("POST", "/auth/login", credentials(acme))):
        anonymous.request(method, path, body, headers={"Authorization": header}).must_be(401, WRONG)


def test_the_scheme_is_read_in_any_case(acme, anonymous):
    for scheme in ("bearer", "BEARER", "Bearer  "):
        header = {"Authorization": f"{scheme} {acme.member.token}"}
        anonymous.request("GET", "/auth/me", headers=header).must_be(200)


def test_two_headers_are_refused(acme, anonymous):
    data = message("GET", "/api/v1/auth/me", authorization="Bearer " + acme.member.token)
    doubled = data.replace(b"\r\n\r\n", f"\r\nAuthorization: Bearer {acme.owner.token}\r\n\r\n".encode())
    with anonymous.wire() as wire:
        wire.send(doubled)
        wire.receive().must_be(401, WRONG)


def test_a_token_is_taken_from_the_header_alone(acme, anonymous):
    anonymous.get("/auth/me", access_token=acme.member.token).must_be(400, fields=["access_token"])
    anonymous.request("GET", "/auth/me", headers={"Cookie": "access_token=" + acme.member.token}).must_be(401, WRONG)


# Forged tokens ------------------------------------------------------------------------------------


def encode(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def signed(header, claims, secret):
    text = f"{encode(header)}.{encode(claims)}"
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def resign(database, token, **changes):
    """The token with other claims, signed with the database's own key."""
    header, claims, _ = token.split(".")
    secret = database.value(
        "SELECT encode(secret, 'hex') FROM pgwright.signing_keys WHERE key_id = :'key'", key=decode(header)["kid"]
    )
    return signed(decode(header), decode(claims) | changes, bytes.fromhex(secret))


def test_the_keys_of_the_database_make_tokens(acme, anonymous, database):
    """The forgeries below fail for what is forged, not for how they are made."""
    anonymous.as_user(resign(database, acme.member.token)).get("/auth/me").must_be(200)


def forgeries(token, other_token):
    header, claims, signature = token.split(".")
    fields, kid = decode(claims), decode(header)["kid"]
    there = decode(other_token.split(".")[1])
    yield "empty signature", f"{header}.{claims}."
    yield "no signature", f"{header}.{claims}"
    yield "signature cut", token[:-1]
    yield "signature longer", token + "A"
    yield "signature padded", token + "="
    yield "another spelling of the last byte", token[:-1] + chr(ord(token[-1]) + 1)
    yield "four parts", token + ".x"
    yield "another's signature", f"{header}.{claims}.{other_token.split('.')[2]}"
    yield "another user", f"{header}.{encode(fields | {'sub': there['sub']})}.{signature}"
    yield "another tenant", f"{header}.{encode(fields | {'tid': there['tid']})}.{signature}"
    yield "a later end", f"{header}.{encode(fields | {'exp': fields['exp'] + 1})}.{signature}"
    yield "other roles", f"{header}.{encode(fields | {'roles': ['owner']})}.{signature}"
    yield "algorithm none", f"{encode({'alg': 'none', 'kid': kid})}.{claims}."
    yield "algorithm None", f"{encode({'alg': 'None', 'kid': kid})}.{claims}.{signature}"
    for secret in (b"", b"secret", kid.encode(), b"\0" * 32):
        yield f"secret {secret!r}", signed({"alg": "HS256", "kid": kid}, fields, secret)
    yield "unknown key", signed({"alg": "HS256", "kid": "unknown"}, fields, b"secret")
    yield "no key", signed({"alg": "HS256"}, fields, b"secret")
    yield "a key of SQL", signed({"alg": "HS256", "kid": "' OR true --"}, fields, b"secret")
    yield "too long", token + "A" * 9000
    yield "rubbish", "rubbish"
    yield "dots", ".."


def test_forged_tokens_are_refused(acme, other, anonymous):
    for what, token in forgeries(acme.member.token, other.member.token):
        answer = anonymous.as_user(token).get("/auth/me")
        assert (answer.status, answer.error) == (401, WRONG), (what, answer.body)


def test_a_signed_token_of_a_foreign_tenant_or_session_is_refused(acme, other, anonymous, database):
    """Even a rightly signed one must agree with its session."""
    theirs = decode(other.owner.token.split(".")[1])
    now = int(time.time())
    for changes in (
        {"tid": theirs["tid"]}, {"sub": theirs["sub"]}, {"sid": theirs["sid"]}, {"sid": "x"}, {"sub": None},
        {"exp": now - 1}, {"exp": 1}, {"exp": -1}, {"exp": None}, {"exp": str(now + 900)}, {"iss": "somebody"},
    ):  # fmt: skip
        answer = anonymous.as_user(resign(database, acme.member.token, **changes)).get("/auth/me")
        assert (answer.status, answer.error) == (401, WRONG), (changes, answer.body)
    roles = anonymous.as_user(resign(database, acme.viewer.token, roles=["owner"])).get("/auth/me").must_be(200).json
    assert roles["roles"] == ["viewer"]  # what a user may do is looked up, not believed
