"""Lock-out, refresh tokens, sessions, invitations and security policies over HTTP."""

import threading

import pytest

WRONG = "AUTHENTICATION_REQUIRED"


@pytest.fixture(scope="module")
def house(make_tenant):
    return make_tenant("house")


def credentials(tenant, role="member"):
    return {"email": tenant.email(role), "password": tenant.passwords[tenant.email(role)]}


def login(client, tenant, role="member"):
    return client.post("/auth/login", credentials(tenant, role)).must_be(200).json


def test_failed_attempts_lock_an_address_whoever_has_it(house, anonymous, database):
    answers = {}
    for email in (house.email("viewer"), "nobody@house.example"):
        wrong = {"email": email, "password": "wrong"}
        for _ in range(5):
            anonymous.post("/auth/login", wrong).must_be(401, WRONG)
        answers[email] = anonymous.post("/auth/login", wrong).must_be(429, "RATE_LIMIT_EXCEEDED", fields=[])
        assert 0 < int(answers[email].headers["Retry-After"]) <= 30
    anonymous.post("/auth/login", credentials(house, "viewer")).must_be(429, "RATE_LIMIT_EXCEEDED")
    database.sql("DELETE FROM pgwright.login_attempts")
    login(anonymous, house, "viewer")
    failed = house.owner.get("/admin/security/failed-logins", page_size=100).must_be(200).json["items"]
    ours = [entry["data"] if "data" in entry else entry for entry in failed]
    assert [entry["email"] for entry in ours] == [house.email("viewer")] * 5
    assert {entry["reason"] for entry in ours} == {"wrong_password"}
    assert all(entry["ip"] for entry in ours)
    house.member.get("/admin/security/failed-logins").must_be(403, "PERMISSION_DENIED")


def test_a_refresh_token_works_once_and_a_copy_ends_the_session(house, anonymous):
    first = login(anonymous, house)
    second = anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).must_be(200).json
    assert set(second) == set(first)
    anonymous.as_user(second["access_token"]).get("/auth/me").must_be(200)
    anonymous.post("/auth/refresh", {"refresh_token": first["refresh_token"]}).must_be(401, WRONG)
    for _ in range(8):
        anonymous.as_user(second["access_token"]).get("/auth/me").must_be(401, WRONG)
    anonymous.post("/auth/refresh", {"refresh_token": second["refresh_token"]}).must_be(401, WRONG)
    anonymous.post("/auth/refresh", {}).must_be(400, "VALIDATION_ERROR", fields=["refresh_token"])


def test_of_many_refreshes_at_once_one_wins_at_most(house, anonymous):
    token = login(anonymous, house)["refresh_token"]
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(anonymous.post("/auth/refresh", {"refresh_token": token})))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200] + [401] * 5
    winner = next(answer.json for answer in answers if answer.status == 200)
    anonymous.as_user(winner["access_token"]).get("/auth/me").must_be(401, WRONG)


def test_a_revoked_session_cannot_be_refreshed(house, anonymous):
    opened = login(anonymous, house)
    anonymous.as_user(opened["access_token"]).post("/auth/logout").must_be(204)
    anonymous.post("/auth/refresh", {"refresh_token": opened["refresh_token"]}).must_be(401, WRONG)


def test_sessions_are_listed_and_ended(house, anonymous):
    here, there = (login(anonymous, house) for _ in range(2))
    client = anonymous.as_user(here["access_token"])
    listed = client.get("/auth/sessions").must_be(200).json
    assert [session["current"] for session in listed[:2]] == [False, True]
    assert listed[0]["ip"]
    client.delete(f"/auth/sessions/{listed[0]['id']}").must_be(204)
    anonymous.as_user(there["access_token"]).get("/auth/me").must_be(401, WRONG)
    house.viewer.delete(f"/auth/sessions/{listed[1]['id']}").must_be(404, "RESOURCE_NOT_FOUND")
    assert house.owner.get("/admin/security/sessions").must_be(200).json["total"] > 0
    house.owner.delete(f"/admin/security/sessions/{listed[1]['id']}").must_be(204)
    client.get("/auth/me").must_be(401, WRONG)


def test_a_password_is_changed(house, anonymous, database):
    database.sql(
        "SELECT pgwright.create_user('changer@house.example', 'old password', :'slug')", slug=house.slug
    )
    old = {"email": "changer@house.example", "password": "old password"}
    here, there = (anonymous.post("/auth/login", old).must_be(200).json["access_token"] for _ in range(2))
    client = anonymous.as_user(here)
    change = {"old_password": "old password", "new_password": "new password"}
    client.post("/auth/change-password", change | {"old_password": "x"}).must_be(
        400, "VALIDATION_ERROR", fields=["old_password"]
    )
    client.post("/auth/change-password", change | {"new_password": "x"}).must_be(
        400, "VALIDATION_ERROR", fields=["new_password"]
    )
    client.post("/auth/change-password", change).must_be(204)
    client.get("/auth/me").must_be(200)
    anonymous.as_user(there).get("/auth/me").must_be(401, WRONG)
    anonymous.post("/auth/login", old).must_be(401, WRONG)
    anonymous.post("/auth/login", old | {"password": "new password"}).must_be(200)


def test_people_are_invited_and_administered(house, anonymous):
    invited = house.admin.post("/users/invitations", {"email": "new@house.example", "roles": ["viewer"]}).must_be(201)
    assert len(house.admin.get("/users/invitations").must_be(200).json) == 1
    accept = {"token": invited.json["token"], "password": "a good password", "display_name": "New"}
    user = anonymous.post("/auth/invitations/accept", accept).must_be(200).json["user_id"]
    anonymous.post("/auth/login", {"email": "new@house.example", "password": "a good password"}).must_be(200)
    assert house.admin.get(f"/users/{user}").must_be(200).json["roles"] == ["viewer"]
    house.admin.put(f"/users/{user}", {"department": "Sales"}).must_be(200)
    house.admin.put(f"/users/{user}/roles", {"roles": ["owner"]}).must_be(403, "PERMISSION_DENIED")
    house.admin.put(f"/users/{user}/roles", {"roles": ["member"]}).must_be(200)
    house.admin.put(f"/users/{user}/status", {"status": "disabled"}).must_be(403, "PERMISSION_DENIED")
    house.admin.delete(f"/users/{user}").must_be(204)
    house.admin.get(f"/users/{user}").must_be(404, "RESOURCE_NOT_FOUND")


def test_policies_are_read_and_changed(house):
    policies = house.owner.get("/admin/security/policies").must_be(200).json
    assert set(policies) == {"scope", "password_policy", "lockout_policy", "session_policy"}
    changed = house.owner.put("/admin/security/policies", {"password_policy": {"history": 5}}).must_be(200).json
    assert changed["password_policy"] == policies["password_policy"] | {"history": 5}
    house.owner.put("/admin/security/policies/platform", {}).must_be(403, "PERMISSION_DENIED")
    house.member.get("/admin/security/policies").must_be(403, "PERMISSION_DENIED")


def test_tenants_are_switched(house, anonymous):
    client = anonymous.as_user(login(anonymous, house)["access_token"])
    assert [tenant["slug"] for tenant in client.get("/auth/tenants").must_be(200).json] == [house.slug]
    client.post("/auth/switch-tenant", {"tenant": "nowhere"}).must_be(404, "RESOURCE_NOT_FOUND")
    again = client.post("/auth/switch-tenant", {"tenant": house.slug}).must_be(200).json
    anonymous.as_user(again["access_token"]).get("/auth/me").must_be(200)
