"""No forged, mutated, stale or misdirected assertion is ever believed: 0 of them, whatever the day (T34)."""

import itertools
from datetime import timedelta

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carnet.infra import clock, signed_tokens
from carnet.infra.signed_tokens import TokenRefused, VerificationKeys, check_times, verify
from carnet.interfaces.oauth import client_assertion
from carnet.kernel.errors import Unauthenticated
from factories.forgeries import FORGED
from factories.tokens import assertion, ec_key, form, public

_addresses = itertools.count(1)
TOLD = (client_assertion.UNPROVED, "A time of the assertion cannot be read.", *client_assertion._PROVED.values())
REFUSALS = [{"error": "invalid_client", "error_description": told} for told in TOLD]


async def send(authority, fields):
    """From an address of its own: this test is about proofs, not about patience."""
    number = next(_addresses)
    app = authority.client._transport.app
    transport = httpx.ASGITransport(app=app, client=(f"127.1.{number // 256 % 256}.{number % 256}", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://carnet.test") as client:
        return await client.post("/oauth/token", data=fields)


async def believed(authority, care, forgeries=FORGED):
    """The names of the forgeries that got a token."""
    accepted = []
    for name, forge in forgeries.items():
        answer = await send(authority, form(forge(care), scope=None))
        assert answer.status_code in {200, 401}, (name, answer.text)
        if answer.status_code == 200:
            accepted.append(name)
        else:
            assert answer.json() in REFUSALS, name
            assert answer.headers["cache-control"] == "no-store"
    return accepted


async def test_no_forgery_is_believed(authority, care):
    assert len(FORGED) >= 60
    assert await believed(authority, care) == []
    assert (await send(authority, form(assertion(care.ec, care.client_id)))).status_code == 200


WRONG = {
    "expired": ({"iat": -900, "exp": -600}, "expired"),
    "lives for hours": ({"exp": 7200}, "lives-too-long"),
    "from the future": ({"iat": 600, "exp": 800}, "not-yet"),
    "for another": ({"aud": "https://elsewhere.invalid/token"}, "audience"),
    "of another": ({"sub": "somebody-else"}, "subject"),
    "without jti": ({"jti": None}, "jti"),
}


async def test_whoever_signed_it_is_told_what_is_wrong_and_nobody_else_is(authority, care):
    now = clock.now().timestamp()
    for name, (changes, why) in WRONG.items():
        claims = {key: int(now + value) if isinstance(value, int) else value for key, value in changes.items()}
        told = (await send(authority, form(assertion(care.ec, care.client_id, **claims), scope=None))).json()
        assert told == {"error": "invalid_client", "error_description": client_assertion._PROVED[why]}, name
        # the same from somebody with a key of their own, about a software that is there and one that is not
        for claimed in (care.client_id, "nobody-here"):
            forged = assertion(ec_key(kid=care.ec.kid), claimed, **claims)
            told = (await send(authority, form(forged, scope=None))).json()
            assert told == {"error": "invalid_client", "error_description": client_assertion.UNPROVED}, name
    once = form(assertion(care.ec, care.client_id), scope=None)
    assert (await send(authority, once)).status_code == 200
    assert "used before" in (await send(authority, once)).json()["error_description"]


def claims_unread(token):
    return msgspec.json.decode(client_assertion.base64.urlsafe_b64decode(token.split(".")[1] + "==="))


def accepts_none(token, **given):
    if signed_tokens.read_header(token + ("AA" if token.endswith(".") else "")).get("alg") == "none":
        return claims_unread(token)
    return verify(token, **given)


def believes_the_header(token, **given):
    header = signed_tokens.msgspec.json.decode(client_assertion.base64.urlsafe_b64decode(token.split(".")[0] + "==="))
    if isinstance(header, dict) and "jwk" in header:
        jwks = {"keys": [header["jwk"] | {"kid": "k1"}]}
        return signed_tokens.jwt.decode(token, VerificationKeys(jwks)._keys["k1"], algorithms=["ES384"]).claims
    return verify(token, **given)


def any_algorithm(token, **given):
    return verify(token, **(given | {"algorithms": frozenset({"RS256", "RS384", "ES256", "ES384", "PS384"})}))


def no_signature(token, **_):
    return claims_unread(token)


def any_type(token, **given):
    return verify(token, **(given | {"types": frozenset({"", "JWT", "at+jwt", "logout+jwt"})}))


@pytest.mark.parametrize("broken", [accepts_none, believes_the_header, any_algorithm, no_signature, any_type])
async def test_a_broken_verifier_would_be_seen(authority, care, monkeypatch, broken):
    monkeypatch.setattr(client_assertion, "verify", broken)
    forgeries = FORGED
    if broken is accepts_none:
        monkeypatch.setattr(client_assertion, "read_header", lambda _: {})
        forgeries = {name: forge for name, forge in FORGED.items() if name.startswith("alg none")}
    if broken is believes_the_header:
        monkeypatch.setattr(signed_tokens, "_KEY_NAMING_HEADERS", frozenset())
    assert await believed(authority, care, forgeries)


async def test_unchecked_times_would_be_seen(authority, care, monkeypatch):
    monkeypatch.setattr(client_assertion, "check_times", lambda _claims, *, at, longest: at + longest)
    accepted = await believed(authority, care)
    assert "expired a second ago" in accepted
    assert "exp in an hour" in accepted


async def test_an_unchecked_replay_would_be_seen(authority, care, monkeypatch):
    async def careless(**_):
        return True

    signed = assertion(care.ec, care.client_id)
    assert (await send(authority, form(signed))).status_code == 200
    assert (await send(authority, form(signed))).status_code == 401
    monkeypatch.setattr(client_assertion, "spend_assertion", careless)
    assert (await send(authority, form(signed))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": None},
        {"nbf": None},
        {"aud": ["https://carnet.test/oauth/token"]},
        {"header": {"typ": None}},
        {"header": {"typ": "jwt"}},
        {"jti": "j" * 256},
    ],
)
async def test_what_the_standards_allow_is_accepted(authority, care, changes):
    assert (await send(authority, form(assertion(care.ec, care.client_id, **changes)))).status_code == 200


async def test_clocks_may_differ_by_a_minute(authority, care):
    now = int(clock.now().timestamp())
    ahead = assertion(care.ec, care.client_id, iat=now + 55, nbf=now + 55, exp=now + 300)
    assert (await send(authority, form(ahead))).status_code == 200


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_of_a_good_assertion_verifies(keys, data):
    at = clock.now()
    good = assertion(keys[0], "lps-1", at=at)
    kind = data.draw(st.sampled_from(["replace", "insert", "delete", "swap"]))
    place = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_.=+/ \n~é"))
    mutated = {
        "replace": good[:place] + letter + good[place + 1 :],
        "insert": good[:place] + letter + good[place:],
        "delete": good[:place] + good[place + 1 :],
        "swap": good[:place] + good[place : place + 2][::-1] + good[place + 2 :],
    }[kind]
    if mutated != good:
        with pytest.raises(Unauthenticated):
            verify(mutated, keys=VerificationKeys(public(*keys)), algorithms=client_assertion.ALGORITHMS)


@given(text=st.text(max_size=200))
def test_no_text_makes_the_reader_fail_otherwise(keys, text):
    with pytest.raises(TokenRefused):
        verify(text, keys=VerificationKeys(public(*keys)), algorithms=client_assertion.ALGORITHMS)


@given(
    claims=st.dictionaries(
        st.sampled_from(["exp", "iat", "nbf"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([1]),
    )
)
def test_times_are_read_or_refused(claims):
    at = clock.now()
    try:
        until = check_times(claims, at=at, longest=timedelta(minutes=5))
    except TokenRefused:
        return
    assert at < until <= at + timedelta(minutes=6)


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": None},
        {"keys": [None, 1, "x", {}, {"kty": "EC"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}]},
        {"keys": [{"kty": "EC", "crv": "P-384", "x": "x", "y": "y", "kid": "k1"}]},
        {"keys": [{"kty": "quantum", "kid": "k1"}]},
    ],
)
def test_unusable_keys_verify_nothing(keys, jwks):
    with pytest.raises(TokenRefused):
        verify(assertion(keys[0], "x"), keys=VerificationKeys(jwks), algorithms=client_assertion.ALGORITHMS)


def test_a_key_for_encryption_does_not_verify(keys):
    jwks = public(keys[0])
    jwks["keys"][0] |= {"use": "enc"}
    with pytest.raises(TokenRefused):
        verify(assertion(keys[0], "x"), keys=VerificationKeys(jwks), algorithms=client_assertion.ALGORITHMS)
