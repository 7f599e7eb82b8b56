"""A provider's answer is believed only when everything about it is right; a slow or rambling one is left (T33, T34)."""

import asyncio
import contextlib
import time

import pytest
from joserfc import jwt
from msgspec import structs

from carnet.identity import oidc
from carnet.identity.api import InsService, RelyingParty
from carnet.identity.data import IdentityTraits, Sex
from carnet.identity.outside import MAX_ANSWER
from carnet.infra import clock
from carnet.infra.signed_tokens import TokenRefused
from carnet.kernel.errors import Unavailable
from factories.tokens import ec_key, segment

SUB = "pairwise-v1"
NONCE = "n-123"


def now() -> int:
    return int(clock.now().timestamp())


def identity(simulator, **changes):
    """Good claims of an id token; a change of None takes the claim away."""
    good = {
        "iss": simulator.franceconnect,
        "sub": SUB,
        "aud": "carnet-portal",
        "iat": now(),
        "exp": now() + 60,
        "auth_time": now(),
        "acr": "eidas2",
        "nonce": NONCE,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def ours(simulator, **changes):
    return simulator.sign(identity(simulator, **changes), provider="franceconnect")


@pytest.fixture
async def redeem(site, simulator, monkeypatch):
    """Redeem a code for which the provider answers a given id token; keys and userinfo stay real."""
    party = site.portal.provider
    claims = {"iss": simulator.franceconnect, "sub": SUB, "acr": "eidas2", "exp": now() + 60}
    bearer = simulator.sign(claims | {"token_use": "access", "login": "nour"}, provider="franceconnect")

    async def receive(id_token, *, nonce=NONCE, fresh_since=None):
        async def exchange(_code, _verifier):
            return {"access_token": bearer, "id_token": id_token}

        monkeypatch.setattr(party, "_exchange", exchange)
        return await party.redeem(code="c", verifier="v", nonce=nonce, at=clock.now(), fresh_since=fresh_since)

    return receive


def stranger(simulator, **header):
    key = ec_key("P-256", kid=simulator.key("franceconnect").kid)
    jwk = {"jwk": dict(key.as_dict(private=False))} if header.pop("embedded", False) else {}
    head = {"alg": "ES256", "kid": key.kid, **header, **jwk}
    return jwt.encode(head, identity(simulator), key, algorithms=["ES256"])


FORGED = {
    "alg none": lambda s: f"{segment({'alg': 'none', 'kid': s.key('franceconnect').kid})}.{segment(identity(s))}.",
    "alg none, a signature": lambda s: f"{segment({'alg': 'none', 'kid': 'x'})}.{segment(identity(s))}.AAAA",
    "a stranger's key": stranger,
    "a key in the header": lambda s: stranger(s, embedded=True),
    "an unknown kid": lambda s: stranger(s, kid="unknown"),
    "the other provider's key": lambda s: s.sign(identity(s), provider="prosanteconnect"),
    "typ of an access token": lambda s: s.sign(identity(s), provider="franceconnect", typ="at+jwt"),
    "another issuer": lambda s: ours(s, iss=s.prosanteconnect),
    "issuer with a slash": lambda s: ours(s, iss=s.franceconnect + "/"),
    "no issuer": lambda s: ours(s, iss=None),
    "another audience": lambda s: ours(s, aud="carnet-programs"),
    "two audiences": lambda s: ours(s, aud=["carnet-portal", "evil"]),
    "no audience": lambda s: ours(s, aud=None),
    "another authorised party": lambda s: ours(s, azp="evil"),
    "expired": lambda s: ours(s, exp=now() - 1),
    "no expiry": lambda s: ours(s, exp=None),
    "from the future": lambda s: ours(s, iat=now() + 120),
    "another nonce": lambda s: ours(s, nonce="n-456"),
    "no nonce": lambda s: ours(s, nonce=None),
    "nonce a number": lambda s: ours(s, nonce=123),
    "no subject": lambda s: ours(s, sub=None),
    "empty subject": lambda s: ours(s, sub=""),
    "somebody else than userinfo": lambda s: ours(s, sub="another"),
    "auth_time a text": lambda s: ours(s, auth_time="now"),
    "not a token": lambda _: "hello",
}


async def test_a_good_answer_is_believed(redeem, simulator):
    proof = await redeem(ours(simulator))
    assert (proof.subject, proof.strong, proof.claims["given_name"]) == (SUB, True, "Nour")
    assert SUB not in repr(proof)
    assert (await redeem(ours(simulator, aud=["carnet-portal"], azp="carnet-portal"))).strong
    assert not (await redeem(ours(simulator, acr="eidas1"))).strong


@pytest.mark.parametrize("name", FORGED)
async def test_no_other_answer_is(redeem, simulator, name):
    with pytest.raises(TokenRefused):
        await redeem(FORGED[name](simulator))


async def test_without_the_signature_check_a_stranger_would_be_believed(redeem, simulator, monkeypatch):
    monkeypatch.setattr(oidc, "verify", lambda _token, **_: identity(simulator))
    monkeypatch.setattr(oidc.RelyingParty, "_userinfo", lambda *_, **__: _claims())
    assert (await redeem(stranger(simulator))).subject == SUB


async def _claims():
    return {"sub": SUB}


async def test_unsigned_claims_are_refused_where_signed_ones_were_agreed(redeem, site, simulator, monkeypatch):
    get = site.portal.provider._outside.get

    async def plain(url, *, headers=None):
        return await get(url, headers=(headers or {}) | {"Accept": "application/json"})

    monkeypatch.setattr(site.portal.provider._outside, "get", plain)
    with pytest.raises(TokenRefused):
        await redeem(ours(simulator))


async def test_the_providers_keys_are_read_again_when_they_change(redeem, site, simulator, monkeypatch):
    """But not at every unknown kid: a stream of forgeries must not become a stream of calls."""
    party = site.portal.provider
    await redeem(ours(simulator))
    calls = []
    get = party._outside.get

    async def counted(url, **kwargs):
        calls.append(url)
        return await get(url, **kwargs)

    monkeypatch.setattr(party._outside, "get", counted)
    for _ in range(5):
        with pytest.raises(TokenRefused):
            await redeem(stranger(simulator, kid="unknown"))
    assert not [url for url in calls if url.endswith("/jwks")]
    monkeypatch.setattr(oidc, "REFRESH_SECONDS", 0.0)
    with pytest.raises(TokenRefused):
        await redeem(stranger(simulator, kid="unknown"))
    assert len([url for url in calls if url.endswith("/jwks")]) == 1


@contextlib.asynccontextmanager
async def answering(answer: bytes, *, pause: float = 0.0, repeat: int = 1):
    """A server that says `answer` to anybody, `repeat` times, with pauses; yields its address."""

    async def serve(reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for _ in range(repeat):
                writer.write(answer)
                await writer.drain()
                await asyncio.sleep(pause)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def http(body: bytes, *, status: str = "200 OK", length: int | None = None) -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status.encode(),
        len(body) if length is None else length,
        body,
    )


async def start(site, url, **changes):
    party = RelyingParty(structs.replace(site.portal.provider.settings, issuer=url, **changes))
    try:
        return await party.authorization_url(state="s", nonce="n", verifier="v")
    finally:
        await party.close()


METADATA = (
    b'{"issuer":"%s","authorization_endpoint":"http://a.test/","token_endpoint":"http://a.test/",'
    b'"userinfo_endpoint":"http://a.test/","jwks_uri":"http://a.test/"}'
)


@pytest.mark.parametrize(
    "answer",
    [
        http(METADATA % b"https://another.test"),
        http(b"{}"),
        http(b"<html>"),
        http(b"", status="500 Internal Server Error"),
        http(b"", status="302 Found\r\nLocation: http://127.0.0.1:1/"),
        http(b"x" * (MAX_ANSWER + 1)),
        b"not http at all\r\n\r\n",
        http(b"{", length=50),
    ],
)
async def test_a_provider_that_makes_no_sense_is_unavailable(site, answer):
    async with answering(answer) as url:
        with pytest.raises(Unavailable) as refusal:
            await start(site, url)
    assert refusal.value.problems[0].code == "provider-down"


async def test_a_drip_feeding_provider_does_not_hold_us(site):
    begun = time.monotonic()
    async with answering(b"HTTP/1.1 200 OK\r\nX: y\r\n", pause=0.1, repeat=40) as url:
        with pytest.raises(Unavailable):
            await start(site, url, seconds=0.5)
    assert time.monotonic() - begun < 3


async def test_an_https_provider_may_not_send_us_to_http(site, monkeypatch):
    party = RelyingParty(structs.replace(site.portal.provider.settings, issuer="https://idp.test"))

    async def said(_url, **_):
        return _Answer(METADATA % b"https://idp.test")

    monkeypatch.setattr(party._outside, "get", said)
    with pytest.raises(Unavailable):
        await party.authorization_url(state="s", nonce="n", verifier="v")


class _Answer:
    status, media_type = 200, "application/json"

    def __init__(self, body):
        self.body = body


@pytest.mark.parametrize("answer", [http(b"[]"), http(b'{"status":1}'), http(b"", status="503 Busy"), b"?"])
async def test_an_ins_service_that_makes_no_sense_is_unavailable(house, answer):
    traits = IdentityTraits(birth_name="X", given_names=("Y",), sex=Sex.FEMALE, birth_date="1991-04-03")
    async with answering(answer) as url:
        service = InsService(url, seconds=2)
        with pytest.raises(Unavailable) as refusal:
            await service.find(traits)
        await service.close()
    assert refusal.value.problems[0].code == "ins-service-down"
