"""Access tokens are made here and nowhere else: a token of anybody else's making opens nothing."""

import base64
import json

import pytest
from joserfc import jwt

from carnet.infra import clock
from carnet.interfaces.oauth import access_tokens
from carnet.interfaces.oauth.access_tokens import TokenReader
from carnet.kernel.actors import Actor, ActorKind
from factories.tokens import assertion, ec_key, segment, token_of, use


@pytest.fixture
async def token(authority, care):
    return await token_of(authority, care)


def opened(token):
    head, claims, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "===")) for part in (head, claims))


def resigned(token, key, header=None, **claims):
    head, body = opened(token)
    return jwt.encode(head | (header or {}), body | claims, key, algorithms=["ES256", "ES384"], default_type=None)


def reheaded(token, *, signed=True, **header):
    _, claims, signature = token.split(".")
    return f"{segment(opened(token)[0] | header)}.{claims}.{signature if signed else ''}"


def reclaimed(token, **claims):
    head, _, signature = token.split(".")
    return f"{head}.{segment(opened(token)[1] | claims)}.{signature}"


FORGED = {
    "alg none": lambda t, _: reheaded(t, signed=False, alg="none"),
    "alg none with the signature": lambda t, _: reheaded(t, alg="none"),
    "claims changed": lambda t, _: reclaimed(t, scope="system/*.cruds"),
    "a stranger's key": lambda t, _: resigned(t, ec_key("P-256", opened(t)[0]["kid"])),
    "a stranger's key, its own kid": lambda t, _: resigned(t, ec_key("P-256", "k9"), {"kid": "k9"}),
    "the software's own key": lambda t, c: resigned(t, c.ec, {"alg": "ES384", "kid": "k1"}),
    "kid null": lambda t, _: reheaded(t, kid=None),
    "typ JWT": lambda t, _: reheaded(t, typ="JWT"),
    "cut": lambda t, _: t[:-1],
    "respelled signature": lambda t, _: t[:-1] + chr(ord(t[-1]) + 1),
    "padded": lambda t, _: t + "==",
    "an assertion instead": lambda _, c: assertion(c.ec, c.client_id),
}


@pytest.mark.parametrize("name", FORGED)
async def test_no_forged_token_opens_a_door(authority, care, token, name):
    forged = FORGED[name](token, care)
    assert forged != token
    answer = await use(authority, forged)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="carnet", error="invalid_token"'
    assert (await use(authority, token)).status_code == 200


OWN_BUT_WRONG = {
    "another audience": {"aud": "https://other.test/fhir"},
    "audience in a list": {"aud": ["https://carnet.test/fhir", "https://other.test"]},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://other.test"},
    "no expiry": {"exp": None},
    "a long life": {"exp": 2**33},
    "an unknown kind": {"actor": {"kind": "insurer", "name": "x"}},
    "no actor": {"actor": None},
    "an actor that is a text": {"actor": "x"},
    "no scope": {"scope": None},
}


@pytest.mark.parametrize("name", OWN_BUT_WRONG)
async def test_our_own_signature_is_not_enough(authority, token, name):
    claims = {k: v for k, v in (opened(token)[1] | OWN_BUT_WRONG[name]).items() if v is not None}
    if name == "no scope":
        claims.pop("scope", None)
    assert (await use(authority, authority.keys.sign(claims))).status_code == 401


async def test_a_reader_without_the_signature_check_would_be_seen(authority, care, token, monkeypatch):
    monkeypatch.setattr(access_tokens, "verify", lambda text, **_: opened(text)[1])
    assert (await use(authority, FORGED["claims changed"](token, care))).status_code == 200


def test_the_memory_of_verified_tokens_is_bounded(authority):
    reader = TokenReader(settings=authority.settings, keys=authority.keys, capacity=10)
    at = clock.now()
    actor = Actor(kind=ActorKind.SOFTWARE, identifier="lps", name="x", client_id="lps")
    made = [
        access_tokens.issue(actor, scopes=frozenset(), settings=authority.settings, keys=authority.keys, at=at)
        for _ in range(30)
    ]
    assert len({reader.read(token, at=at).session for token in made}) == 30
    assert len(reader._known) == 10
