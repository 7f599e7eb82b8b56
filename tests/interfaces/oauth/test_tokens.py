"""A registered software gets a token, uses it, and loses it the moment it is suspended."""

from datetime import timedelta

import httpx
import pytest

from carnet.identity.api import register_software, set_software_status
from carnet.infra import clock
from carnet.infra.db import database as database_seat
from carnet.infra.db import system_work
from carnet.infra.db.database import Database
from carnet.interfaces.oauth.keys import rotate_token_keys
from factories.tokens import TOKEN_ENDPOINT, ask, assertion, form, public, token_of, use
from factories.world import OPERATOR


async def security_acts(client_id):
    async with system_work(at=clock.now()) as w:
        return [
            row
            async for row in await w.conn.execute(
                "SELECT act, outcome, reason, details ->> 'why' FROM security_entry WHERE client_id = %s "
                "ORDER BY at, entry_id",
                (client_id,),
            )
        ]


@pytest.mark.parametrize(("key", "alg"), [("ec", "ES384"), ("rsa", "RS384")])
async def test_a_software_proves_itself_and_is_known_at_the_fhir_door(authority, care, key, alg):
    signed = assertion(getattr(care, key), care.client_id, alg=alg)
    answer = await ask(authority, form(signed, client_id=care.client_id))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    given = answer.json()
    assert given["token_type"] == "bearer"
    assert given["expires_in"] == 300
    assert given["scope"] == "system/DocumentReference.rs"
    actor = (await use(authority, given["access_token"])).json()
    assert actor["kind"] == "software"
    assert (actor["identifier"], actor["organisation"]) == (care.client_id, care.finess)
    assert actor["scopes"] == ["system/DocumentReference.rs"]
    assert actor["profession"] is None
    assert await security_acts(care.client_id) == [("issue-token", "done", None, None)]


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ("system/DocumentReference.c system/Binary.r", "system/Binary.r system/DocumentReference.c"),
        ("system/DocumentReference.read", "system/DocumentReference.rs"),
        ("system/DocumentReference.rs user/DocumentReference.rs", "system/DocumentReference.rs"),
        (None, "system/Binary.r system/DocumentReference.crs"),
    ],
)
async def test_granted_is_requested_and_registered(authority, care, asked, granted):
    answer = await ask(authority, form(assertion(care.ec, care.client_id), scope=asked))
    assert answer.json()["scope"] == granted


@pytest.mark.parametrize("asked", ["user/DocumentReference.rs", "system/Observation.rs", "openid"])
async def test_nothing_in_common_is_no_token(authority, care, asked):
    answer = await ask(authority, form(assertion(care.ec, care.client_id), scope=asked))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})


@pytest.mark.parametrize(
    "asked", ["*", "*/*.*", "system/*.cruds", "system/*.sr system/Binary.r", "system/DocumentReference.*", "system/*.*"]
)
async def test_a_wildcard_nobody_registered_is_refused_whole(authority, care, asked):
    answer = await ask(authority, form(assertion(care.ec, care.client_id), scope=asked))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")
    assert "access_token" not in answer.json()
    assert (await security_acts(care.client_id))[-1] == ("issue-token", "refused", "scope", "wildcard-scope")


async def test_an_assertion_works_once(authority, care):
    signed = assertion(care.ec, care.client_id)
    assert (await ask(authority, form(signed))).status_code == 200
    again = await ask(authority, form(signed))
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert (await security_acts(care.client_id))[-1] == ("issue-token", "refused", "weak-authentication", "replayed")


async def test_two_software_may_choose_the_same_jti(authority, care, keys):
    other = f"{care.client_id}-bis"
    await register_software(
        actor=OPERATOR,
        client_id=other,
        name="Autre",
        finess=care.finess,
        jwks=public(*keys),
        scopes=("system/Binary.r",),
        at=clock.now(),
    )
    for client_id in (care.client_id, other):
        signed = assertion(care.ec, client_id, jti="the-same")
        assert (await ask(authority, form(signed, scope=None))).status_code == 200


async def test_expired_assertions_are_forgotten(authority, care):
    with clock.frozen(clock.now() - timedelta(hours=2)):
        assert (await ask(authority, form(assertion(care.ec, care.client_id, jti="old")))).status_code == 200
    await token_of(authority, care)
    async with system_work(at=clock.now()) as w:
        kept = await w.rows("SELECT jti FROM assertion_seen WHERE client_id = %s", (care.client_id,))
    assert len(kept) == 1
    assert kept[0][0] != "old"


@pytest.mark.parametrize("path", ["/fhir/Patient"])
async def test_suspended_is_out_at_once(authority, care, path):
    token = await token_of(authority, care)
    assert (await use(authority, token, path)).status_code == 200
    await set_software_status(actor=OPERATOR, client_id=care.client_id, active=False, at=clock.now())
    refused = await use(authority, token, path)
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    answer = await ask(authority, form(assertion(care.ec, care.client_id)))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert (await security_acts(care.client_id))[-1] == ("issue-token", "refused", "suspended", "suspended")
    await set_software_status(actor=OPERATOR, client_id=care.client_id, active=True, at=clock.now())
    assert (await use(authority, token, path)).status_code == 200


async def test_suspended_is_out_planted_fault(authority, care, monkeypatch):
    """Without the check of the door, a suspended software would still be in: the test above would be red."""

    async def believe(**_):
        return True

    monkeypatch.setattr("carnet.interfaces.oauth.bearer.is_live", believe)
    token = await token_of(authority, care)
    await set_software_status(actor=OPERATOR, client_id=care.client_id, active=False, at=clock.now())
    assert (await use(authority, token)).status_code == 200


async def test_routes_that_ask_the_gate_cost_no_query(authority, care, monkeypatch):
    token = await token_of(authority, care)

    async def fail(**_):
        raise AssertionError

    monkeypatch.setattr("carnet.interfaces.oauth.bearer.is_live", fail)
    assert (await use(authority, token, "/fhir/DocumentReference")).status_code == 200
    assert (await use(authority, token, "/fhir/metadata")).status_code == 200
    assert (await use(authority, token)).status_code == 500  # the query this one makes


async def test_a_token_dies_after_five_minutes_cached_or_not(authority, care):
    at = clock.now()
    with clock.frozen(at) as still:
        token = await token_of(authority, care)
        assert (await use(authority, token)).status_code == 200
        still.advance(timedelta(seconds=299))
        assert (await use(authority, token)).status_code == 200
        still.advance(timedelta(seconds=2))
        assert (await use(authority, token)).status_code == 401


async def test_no_token_and_no_bearer(authority):
    absent = await authority.client.get("/fhir/Patient")
    assert (absent.status_code, absent.headers["www-authenticate"]) == (401, 'Bearer realm="carnet"')
    for header in ("Basic YTpi", "Bearer", "Bearer ", "bearer a.b.c", "Bearer a b"):
        wrong = await authority.client.get("/fhir/Patient", headers={"Authorization": header})
        assert wrong.status_code == 401
        assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    assert (await authority.client.get("/fhir/metadata")).status_code == 200


async def test_two_authorization_headers_are_none(authority, care):
    token = await token_of(authority, care)
    headers = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert (await authority.client.get("/fhir/Patient", headers=headers)).status_code == 401


async def test_a_token_in_the_address_is_not_read(authority, care):
    token = await token_of(authority, care)
    assert (await authority.client.get("/fhir/Patient", params={"access_token": token})).status_code == 401


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_client"),
    ],
)
async def test_other_requests_are_refused_in_oauth_words(authority, fields, error):
    answer = await ask(authority, fields)
    assert answer.json()["error"] == error
    assert answer.status_code == (401 if error == "invalid_client" else 400)


async def test_bodies_that_are_no_form(authority, care):
    post = authority.client.post
    assert (await post("/oauth/token", json=form(assertion(care.ec, care.client_id)))).status_code == 400
    body = "&".join(f"{k}={v}" for k, v in form(assertion(care.ec, care.client_id)).items()) + "&scope=system/Binary.r"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    doubled = await post("/oauth/token", content=body, headers=kind)
    assert doubled.json()["error_description"] == "A field is given twice."
    assert (await post("/oauth/token", content=b"a=" + b"x" * 70_000, headers=kind)).status_code == 400
    assert (await post("/oauth/token", content=b"\xff\xfe", headers=kind)).status_code == 400


async def test_failing_too_often_waits_but_never_locks_the_software_out_elsewhere(authority, care):
    async def from_address(address, fields):
        transport = httpx.ASGITransport(app=authority.client._transport.app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://carnet.test") as client:
            return await client.post("/oauth/token", data=fields)

    answers = [
        await from_address("127.9.9.9", form(assertion(care.ec, care.client_id, aud="https://elsewhere.test")))
        for _ in range(25)
    ]
    assert [answer.status_code for answer in answers[:20]] == [401] * 20
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    waiting = await from_address("127.9.9.9", form(assertion(care.ec, care.client_id)))
    assert waiting.status_code == 429
    assert (await from_address("127.8.8.8", form(assertion(care.ec, care.client_id)))).status_code == 200


async def test_keys_rotate_without_a_restart_and_the_previous_one_still_verifies(authority, care):
    old = await token_of(authority, care)
    kid = rotate_token_keys(authority.key_file, kek=authority.kek)
    new = await token_of(authority, care)
    assert (await use(authority, old)).status_code == 200
    assert (await use(authority, new)).status_code == 200
    published = (await authority.client.get("/oauth/jwks")).json()["keys"]
    assert published[0]["kid"] == kid
    assert len(published) == 2
    assert all("d" not in key for key in published)
    rotate_token_keys(authority.key_file, kek=authority.kek)
    assert len((await authority.client.get("/oauth/jwks")).json()["keys"]) == 2


async def test_the_database_down_is_told_as_such(authority, care, house):
    nowhere = Database("postgresql://127.0.0.1:1/none", min_size=0, max_size=1, wait_seconds=0.2)
    database_seat.seat(nowhere)
    try:
        answer = await ask(authority, form(assertion(care.ec, care.client_id)))
    finally:
        database_seat.seat(house.database)
    assert (answer.status_code, answer.json()) == (503, {"error": "temporarily_unavailable"})
    assert "retry-after" in answer.headers


async def test_discovery_says_what_is_there(authority):
    for path in ("/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration"):
        described = (await authority.client.get(path)).json()
        assert described["token_endpoint"] == TOKEN_ENDPOINT
        assert described["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        assert described["token_endpoint_auth_signing_alg_values_supported"] == ["ES384", "RS384"]
    assert (await authority.client.get("/.well-known/openid-configuration")).status_code == 404
