"""A tenant's identity provider: set up, signed in with and shut off through HTTP."""

import time

import pytest

from token_signer import Signer

WRONG = "AUTHENTICATION_REQUIRED"
PATH = "/admin/security/identity-providers"


@pytest.fixture(scope="module")
def acme(make_tenant):
    return make_tenant("federated")


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    signer = Signer(tmp_path_factory.mktemp("keys"))
    for name, kind in (("r1", "rsa"), ("e1", "ec"), ("evil", "rsa")):
        signer.make(name, kind)
    return signer


@pytest.fixture
def provider(acme, signer):
    """A provider of its own for each test."""
    definition = {
        "name": "corp",
        "issuer": "https://idp.example",
        "audience": "http-test",
        "algorithms": ["RS256", "ES256"],
        "jwks": signer.jwks("r1", "e1"),
        "claim_mapping": {"roles": "groups"},
        "role_mapping": {"Staff": "member"},
        "auto_provision": True,
    }
    yield acme.owner.post(PATH, definition).must_be(201).json
    acme.owner.delete(f"{PATH}/corp").must_be(204)


def claims(**changes):
    now = int(time.time())
    told = {"iss": "https://idp.example", "aud": "http-test", "sub": "u-1", "iat": now, "exp": now + 600}
    return told | {"email": f"cat{time.time_ns()}@corp.example", "groups": ["Staff"]} | changes


def test_a_bearer_of_a_providers_token_is_somebody_once_signed_in(anonymous, provider, signer):
    token = signer.token("r1", claims())
    bearer = anonymous.as_user(token)
    bearer.get("/auth/me").must_be(401, WRONG)
    answer = anonymous.post("/auth/token", {"token": token}).must_be(200).json
    assert (answer["provider"], answer["created"], answer["user"]["roles"]) == ("corp", True, ["member"])
    me = bearer.get("/auth/me").must_be(200).json
    assert (me["id"], me["tenant"]["slug"], me["roles"]) == (answer["user"]["id"], "federated", ["member"])
    bearer.get("/data-model/entities").must_be(200)
    bearer.get(PATH).must_be(403, "PERMISSION_DENIED")
    # The header will do, and the other key's tokens are the same person's.
    assert anonymous.as_user(signer.token("e1", claims())).post("/auth/token").must_be(200).json["created"] is False
    bearer.post("/auth/logout").must_be(204)
    bearer.get("/auth/me").must_be(401, WRONG)


def test_forged_tokens_are_refused_and_only_an_administrator_learns_why(anonymous, acme, provider, signer):
    good = claims(sub="u-2")
    anonymous.post("/auth/token", {"token": signer.token("r1", good)}).must_be(200)
    header = '{"alg":"RS256","kid":"r1"}'
    text = str(good).replace("'", '"')
    for token, reason in (
        (signer.sign("evil", header, text), "its signature is wrong"),
        (signer.sign("hmac:r1", header.replace("RS256", "HS256"), text), "an algorithm among"),
        (signer.sign("r1", header.replace("RS256", "none"), text), "an algorithm among"),
        (signer.token("r1", good | {"exp": good["iat"]}), "it has expired"),
        (signer.token("r1", good | {"aud": "another"}), "has its audience"),
        (signer.token("r1", good | {"iss": "https://evil.example"}), "has its issuer"),
    ):
        anonymous.as_user(token).get("/auth/me").must_be(401, WRONG)
        answer = anonymous.post("/auth/token", {"token": token}).must_be(401, WRONG)
        assert reason not in answer.body.decode()
        told = acme.owner.post(f"{PATH}/test", {"token": token}).must_be(200).json
        assert told["accepted"] is False
        assert reason in told["reason"]


def test_a_provider_that_is_switched_off_ends_its_tokens(anonymous, acme, provider, signer):
    bearer = anonymous.as_user(signer.token("r1", claims(sub="u-3")))
    bearer.post("/auth/token").must_be(200)
    for _ in range(5):
        bearer.get("/auth/me").must_be(200)
    acme.owner.put(f"{PATH}/corp", {"is_active": False}).must_be(200)
    for _ in range(5):
        bearer.get("/auth/me").must_be(401, WRONG)


def test_providers_are_the_owners_business(acme, provider):
    acme.admin.get(f"{PATH}/{provider['id']}").must_be(200)
    for client in (acme.member, acme.viewer):
        client.get(PATH).must_be(403, "PERMISSION_DENIED")
    acme.admin.put(f"{PATH}/corp", {"is_active": False}).must_be(403, "PERMISSION_DENIED")
    acme.owner.put(f"{PATH}/corp", {"algorithms": ["none"]}).must_be(400, fields=["algorithms"])
    acme.owner.get(f"{PATH}/nonesuch").must_be(404)
    for method, path in (("GET", "/signing-keys"), ("POST", "/signing-keys/rotate")):
        acme.owner.request(method, f"/admin/security{path}").must_be(403, "PERMISSION_DENIED")
