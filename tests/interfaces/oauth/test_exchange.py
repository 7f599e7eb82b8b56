"""A software shows a professional's token: the actor is that professional, in that organisation, by that software."""

from contextlib import asynccontextmanager

import httpx
import pytest
from joserfc import jwt
from litestar import Litestar
from msgspec import structs

from carnet.identity.api import (
    DirectoryFeed,
    FeedProfessional,
    RelyingParty,
    import_directory,
    register_software,
    set_software_status,
)
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.interfaces.oauth.grants import ACCESS_TOKEN, TOKEN_EXCHANGE
from carnet.interfaces.oauth.routes import oauth_routes
from factories.simulator import CARNET
from factories.tokens import assertion, ec_key, form, public, use
from factories.world import OPERATOR

DOCTOR = "palpite"


def exchange(care, shown, **changes):
    good = {
        "grant_type": TOKEN_EXCHANGE,
        "subject_token": shown,
        "subject_token_type": ACCESS_TOKEN,
        "scope": "user/DocumentReference.rs user/Patient.rs",
    }
    return form(assertion(care.ec, care.client_id), **(good | changes))


@pytest.fixture
async def ask(authority):
    async def send(fields):
        return await authority.client.post("/oauth/token", data=fields)

    return send


@pytest.fixture
def carer_token(simulator):
    return simulator.carer_token(DOCTOR)


def claims_of(simulator, population, **changes):
    """What Pro Santé Connect's access token says, to be signed by its own key."""
    now = int(clock.now().timestamp())
    one = population.professional(DOCTOR)
    place = population.workplace(one)
    good = {
        "iss": simulator.prosanteconnect,
        "sub": f"f:7c1f9a52-0c3b-4d1e-9f2b-0000c0ffee00:{one.national_id}",
        "iat": now,
        "exp": now + 300,
        "auth_time": now,
        "acr": "eidas1",
        "aud": CARNET,
        "azp": "carnet-programs",
        "client_id": "carnet-programs",
        "token_use": "access",
        "login": DOCTOR,
        "SubjectNameID": one.national_id,
        "SubjectOrganizationID": place.national_id,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


async def whys(client_id):
    async with system_work(at=clock.now()) as w:
        rows = await w.rows(
            "SELECT details ->> 'why' FROM security_entry WHERE client_id = %s AND outcome = 'refused'", (client_id,)
        )
    return [row[0] for row in rows]


async def test_the_actor_is_that_professional_in_that_organisation_by_that_software(
    authority, care, ask, population, carer_token
):
    answer = await ask(exchange(care, carer_token))
    assert answer.status_code == 200, answer.text
    given = answer.json()
    assert given["issued_token_type"] == ACCESS_TOKEN
    assert given["scope"] == "user/DocumentReference.rs user/Patient.rs"
    actor = (await use(authority, given["access_token"])).json()
    one = population.professional(DOCTOR)
    assert actor["kind"] == "professional"
    assert (actor["identifier"], actor["profession"]) == (one.rpps, one.profession)
    assert actor["organisation"] == population.workplace(one).finess
    assert (actor["client_id"], actor["client_name"]) == (care.client_id, "Dossier Clair")
    assert actor["strong"] is True


async def test_tokens_of_one_sign_in_share_a_session_and_no_others(authority, care, ask, simulator, population, keys):
    """An emergency outlives the token it was declared with, not the sign-in, and not in another software."""
    now = int(clock.now().timestamp())
    first = simulator.sign(claims_of(simulator, population, auth_time=now))
    renewed = simulator.sign(claims_of(simulator, population, auth_time=now, iat=now - 1))
    later = simulator.sign(claims_of(simulator, population, auth_time=now - 60))
    undated = [simulator.sign(claims_of(simulator, population, auth_time=None)) for _ in range(2)]
    sessions = []
    for shown in (first, renewed, later, *undated):
        given = (await ask(exchange(care, shown))).json()
        sessions.append((await use(authority, given["access_token"])).json()["session"])
    assert sessions[0] == sessions[1]
    assert len(set(sessions)) == 4
    other = "lps-autre"
    await register_software(
        actor=OPERATOR, client_id=other, name="Autre", finess=care.finess, jwks=public(*keys),
        scopes=("user/Patient.rs",), at=clock.now(),
    )  # fmt: skip
    elsewhere = (await ask(exchange(structs.replace(care, client_id=other), first, scope="user/Patient.rs"))).json()
    assert (await use(authority, elsewhere["access_token"])).json()["session"] not in sessions


async def test_only_the_signed_identity_says_who_regulates(authority, care, ask, carer_token, monkeypatch):
    plain = (await ask(exchange(care, carer_token, Acces_Regulation_Medicale="VRAI", regulation="true"))).json()
    assert (await use(authority, plain["access_token"])).json()["regulation"] is False
    told = RelyingParty.read_access_token

    async def regulating(self, token, *, at):
        proof = await told(self, token, at=at)
        return structs.replace(proof, claims=proof.claims | {"Acces_Regulation_Medicale": "VRAI"})

    monkeypatch.setattr(RelyingParty, "read_access_token", regulating)
    given = (await ask(exchange(care, carer_token))).json()
    assert (await use(authority, given["access_token"])).json()["regulation"] is True


FORGED = {
    "another audience": lambda s, p: s.sign(claims_of(s, p, aud="https://other.test")),
    "no audience": lambda s, p: s.sign(claims_of(s, p, aud=None)),
    "a lookalike audience": lambda s, p: s.sign(claims_of(s, p, aud=CARNET + ".evil.test")),
    "expired": lambda s, p: s.sign(claims_of(s, p, exp=int(clock.now().timestamp()) - 1)),
    "no expiry": lambda s, p: s.sign(claims_of(s, p, exp=None)),
    "from the future": lambda s, p: s.sign(claims_of(s, p, iat=int(clock.now().timestamp()) + 600)),
    "another issuer": lambda s, p: s.sign(claims_of(s, p, iss=s.franceconnect)),
    "signed by FranceConnect's key": lambda s, p: s.sign(claims_of(s, p), provider="franceconnect"),
    "a foreign signature": lambda s, p: ec_token(claims_of(s, p), ec_key("P-256", s.key("prosanteconnect").kid)),
    "a foreign key in the header": lambda s, p: ec_token(
        claims_of(s, p), (key := ec_key("P-256")), jwk=dict(key.as_dict(private=False))
    ),
    "an id token": lambda s, p: s.sign(claims_of(s, p, token_use=None, typ="ID")),
    "not an access token": lambda s, p: s.sign(claims_of(s, p, token_use="refresh")),
    "somebody the provider does not know": lambda s, p: s.sign(claims_of(s, p, login="nobody")),
    "somebody else at the provider": lambda s, p: s.sign(claims_of(s, p, login="grandchene")),
    "somebody else's number": lambda s, p: s.sign(claims_of(s, p, SubjectNameID="899900000001")),
    "another place": lambda s, p: s.sign(claims_of(s, p, SubjectOrganizationID="1990000024")),
    "no subject": lambda s, p: s.sign(claims_of(s, p, sub=None)),
    "weak authentication": lambda s, p: s.sign(claims_of(s, p, acr="low")),
    "a citizen's token": lambda s, _: httpx.post(
        f"{s.franceconnect}/token",
        data={
            "grant_type": "password",
            "client_id": "carnet-programs",
            "username": "nour",
            "password": "bac-a-sable",
        },
    ).json()["access_token"],
    "no token": lambda _s, _p: "not.a.token",
}


def ec_token(claims, key, **header):
    return jwt.encode({"alg": "ES256", "kid": key.kid, **header}, claims, key, algorithms=["ES256"])


async def test_our_own_making_of_a_good_token_is_accepted(ask, care, simulator, population):
    """So that every forgery below fails for its one fault and not for another."""
    assert (await ask(exchange(care, simulator.sign(claims_of(simulator, population))))).status_code == 200


@pytest.mark.parametrize("name", FORGED)
async def test_no_other_token_is_believed(ask, care, simulator, population, name):
    answer = await ask(exchange(care, FORGED[name](simulator, population)))
    assert answer.status_code == 400
    assert answer.json() == {"error": "invalid_request", "error_description": "The subject token is not acceptable."}
    assert len(await whys(care.client_id)) == 1


async def test_forgeries_without_audience_check_would_be_seen(authority, ask, care, simulator, population):
    """The planted fault: an installation that trusts tokens for anybody."""
    both = frozenset({CARNET, "https://other.test"})
    authority.carers.settings = structs.replace(authority.carers.settings, audiences=both)
    assert (await ask(exchange(care, FORGED["another audience"](simulator, population)))).status_code == 200


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:id_token"}, "invalid_request"),
        ({"subject_token_type": None}, "invalid_request"),
        ({"actor_token": "x", "actor_token_type": ACCESS_TOKEN}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"audience": "https://other.test"}, "invalid_target"),
        ({"resource": "https://other.test"}, "invalid_target"),
        ({"scope": "system/DocumentReference.rs"}, "invalid_scope"),
        ({"client_assertion": "a.b.c"}, "invalid_client"),
        ({"client_assertion": None}, "invalid_client"),
    ],
)
async def test_other_exchanges_are_refused(ask, care, carer_token, changes, error):
    assert (await ask(exchange(care, carer_token, **changes))).json()["error"] == error


async def test_somebody_else_cannot_exchange_for_the_software(ask, care, carer_token):
    forged = assertion(ec_key(kid="k1"), care.client_id)
    answer = await ask(exchange(care, carer_token, client_assertion=forged))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@asynccontextmanager
async def without(population, statement):
    """The directory changed by `statement` for a while (%s: the doctor's RPPS)."""
    one = population.professional(DOCTOR)
    async with system_work(at=clock.now()) as w:
        await w.execute(statement, (one.rpps,))
    try:
        yield
    finally:
        place = population.workplace(one).finess
        line = FeedProfessional(
            rpps=one.rpps, family=one.family, given=one.given, profession=one.profession, finess=place
        )
        await import_directory(actor=OPERATOR, feed=DirectoryFeed(professionals=(line,)), at=clock.now())


ENDED = "UPDATE professional SET status = 'ended' WHERE rpps = %s"
MOVED = "DELETE FROM professional_situation WHERE rpps = %s"


@pytest.mark.parametrize(("statement", "why"), [(ENDED, "professional-not-listed"), (MOVED, "not-practising-there")])
async def test_the_directory_has_the_last_word(authority, care, population, carer_token, statement, why):
    async def ask(fields):
        return await authority.client.post("/oauth/token", data=fields)

    token = (await ask(exchange(care, carer_token))).json()["access_token"]
    assert (await use(authority, token)).status_code == 200
    async with without(population, statement):
        assert (await ask(exchange(care, carer_token))).status_code == 400
        assert (await use(authority, token)).status_code == 401
    assert await whys(care.client_id) == [why]
    assert (await use(authority, token)).status_code == 200


async def test_an_organisation_that_is_not_in_the_directory(authority, care, simulator, population, monkeypatch):
    """Pro Santé Connect says so, the directory does not know it."""
    unknown = {"SubjectOrganizationID": "1990099999"}
    claims = await authority.carers.read_access_token(simulator.carer_token(DOCTOR), at=clock.now())

    async def said(_token, *, at):
        return structs.replace(claims, claims=claims.claims | unknown)

    monkeypatch.setattr(authority.carers, "read_access_token", said)
    answer = await authority.client.post("/oauth/token", data=exchange(care, "any"))
    assert answer.status_code == 400
    assert await whys(care.client_id) == ["organisation-not-listed"]


async def test_pro_sante_connect_down_is_told_as_such(authority, care, carer_token, simulator):
    dead = RelyingParty(structs.replace(authority.carers.settings, issuer="http://127.0.0.1:1/prosanteconnect"))
    app = Litestar(
        route_handlers=oauth_routes(authority.settings, keys=authority.keys, carers=dead), openapi_config=None
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=CARNET) as client:
        answer = await client.post("/oauth/token", data=exchange(care, carer_token))
    await dead.close()
    assert (answer.status_code, answer.json()) == (503, {"error": "temporarily_unavailable"})


async def test_a_house_without_pro_sante_connect_exchanges_nothing(authority, care, carer_token):
    app = Litestar(
        route_handlers=oauth_routes(authority.settings, keys=authority.keys, carers=None), openapi_config=None
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=CARNET) as client:
        answer = await client.post("/oauth/token", data=exchange(care, carer_token))
        described = (await client.get("/.well-known/smart-configuration")).json()
    assert answer.json() == {"error": "unsupported_grant_type"}
    assert described["grant_types_supported"] == ["client_credentials"]


async def test_a_suspended_software_cannot_act_for_anybody(authority, ask, care, carer_token):
    token = (await ask(exchange(care, carer_token))).json()["access_token"]
    await set_software_status(actor=OPERATOR, client_id=care.client_id, active=False, at=clock.now())
    assert (await use(authority, token)).status_code == 401
    told = {"error": "invalid_client", "error_description": "This software is suspended."}
    assert (await ask(exchange(care, carer_token))).json() == told


async def test_another_organisation_may_be_refused_by_setting(authority, care, population, simulator):
    strict = structs.replace(authority.settings, same_organisation=True)
    app = Litestar(
        route_handlers=oauth_routes(strict, keys=authority.keys, carers=authority.carers), openapi_config=None
    )
    elsewhere = next(one for one in population.professionals if population.workplace(one).finess != care.finess)
    here = next(one for one in population.professionals if population.workplace(one).finess == care.finess)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=CARNET) as client:
        for one, status in ((elsewhere, 400), (here, 200)):
            answer = await client.post("/oauth/token", data=exchange(care, simulator.carer_token(one.login)))
            assert answer.status_code == status
    assert await whys(care.client_id) == ["another-organisation"]
