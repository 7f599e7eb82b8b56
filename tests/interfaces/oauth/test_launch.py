"""SMART EHR launch: from the care software to our pages or to a registered software, patient and professional kept."""

import datetime as dt
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import msgspec
import pytest

from carnet.access.api import authorise, block
from carnet.config.setting_values import LONGEST_TOKEN_MINUTES
from carnet.identity.api import (
    Door,
    Login,
    SessionLimits,
    register_app,
    register_software,
    sign_in,
)
from carnet.identity.data import OID_TEST_NIA
from carnet.infra import clock
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.infra.vault import FileKek
from carnet.infra.web.lean_route import LeanApp
from carnet.interfaces.fhir.router import fhir_router
from carnet.interfaces.oauth.access_tokens import TokenReader, issue
from carnet.interfaces.oauth.bearer import BearerMiddleware
from carnet.interfaces.oauth.grants import challenge_of
from carnet.interfaces.oauth.keys import TokenKeys
from carnet.interfaces.oauth.routes import oauth_routes
from carnet.interfaces.oauth.settings import OauthSettings
from carnet.interfaces.pro.routes import pro_routes
from carnet.interfaces.pro.setting import Pro
from carnet.journeys.api import WebDoor
from carnet.kernel.errors import Invalid
from carnet.spaces.api import open_space
from factories.events import as_owner
from factories.tokens import FHIR_BASE, assertion, form, public
from factories.world import AT, OPERATOR, give, make_person, make_professional, make_software

SITE = "https://carnet.test"
REDIRECT = "https://appli.example.org/retour"
LAUNCH = "https://appli.example.org/ouvrir?x=1"
VERIFIER = "v" * 43
STATE = "etat-impossible-a-deviner"


class Stage(msgspec.Struct, frozen=True):
    """The house with its doors, and who stands in it."""

    http: httpx.AsyncClient
    web: WebDoor
    settings: OauthSettings
    keys: TokenKeys
    signer: object
    person: object
    doctor: object
    software: object
    app: str

    async def signed_in(self, actor) -> dict:
        login = Login(
            door=Door.PRO, issuer="https://psc.test", subject=actor.identifier, id_token="x", acr="eidas1",
            authenticated_at=clock.now(), device="Firefox",
        )  # fmt: skip
        made = await sign_in(actor=actor, login=login, limits=self.web.limits, replaces=None, at=clock.now())
        return {"cookie": f"{self.web.session_cookie}={made.token}"}

    def bearer(self, actor, scopes=("user/*.cruds",)) -> dict:
        acting = msgspec.structs.replace(
            actor, client_id=self.software.client_id, client_name="Dossier Clair", session="exchange-1"
        )
        token = issue(acting, scopes=frozenset(scopes), settings=self.settings, keys=self.keys, at=clock.now())
        return {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}

    async def launch(self, *, by=None, person=None, app=None, headers=None) -> httpx.Response:
        ins = (person or self.person).ins
        parts = [{"name": "patient", "valueIdentifier": {"system": f"urn:oid:{ins.oid}", "value": ins.matricule}}]
        parts += [{"name": "app", "valueString": app}] if app else []
        body = {"resourceType": "Parameters", "parameter": parts}
        return await self.http.post(
            "/fhir/Patient/$launch", json=body, headers=headers or self.bearer(by or self.doctor)
        )

    async def ticket(self, **whom) -> str:
        answer = await self.launch(**({"app": self.app} | whom))
        assert answer.status_code == 200, answer.text
        return said(answer)["launch"]

    async def ask(self, cookie=None, **changes) -> httpx.Response:
        asked = {
            "response_type": "code",
            "client_id": self.app,
            "redirect_uri": REDIRECT,
            "scope": "launch user/DocumentReference.rs user/Binary.r user/Patient.rs",
            "state": STATE,
            "aud": FHIR_BASE,
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        } | changes
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return await self.http.get(f"/oauth/authorize?{query}", headers=cookie or {})

    async def code(self) -> str:
        answer = await self.ask(await self.signed_in(self.doctor), launch=await self.ticket())
        return query_of(answer)["code"]

    async def exchange(self, code, *, signer=None, client=None, **changes) -> httpx.Response:
        client = client or self.app
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
            "scope": None,
        } | changes
        return await self.http.post("/oauth/token", data=form(assertion(signer or self.signer, client), **fields))


def said(answer) -> dict:
    return {one["name"]: next(v for k, v in one.items() if k != "name") for one in answer.json()["parameter"]}


def query_of(answer) -> dict:
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.startswith(REDIRECT + "?"), location
    return dict(parse_qsl(urlsplit(location).query))


@pytest.fixture
async def stage(house, keys, tmp_path):
    settings = OauthSettings(base_url=SITE, fhir_base=FHIR_BASE)
    token_keys = TokenKeys.load_or_create(tmp_path / "k", kek=FileKek.open_or_create(tmp_path / "kek.json"))
    web = WebDoor(door=Door.PRO, base_url=SITE, limits=SessionLimits())
    bearer = BearerMiddleware(TokenReader(settings=settings, keys=token_keys))
    app = LeanApp(
        route_handlers=[
            *oauth_routes(settings, keys=token_keys, carers=None, pages=web),
            fhir_router(base=FHIR_BASE, middleware=[bearer]),
            *pro_routes(pro=Pro(web=web), sign_in=None),
        ],
        openapi_config=None,
        logging_config=None,
    )
    with clock.frozen(AT):
        person, doctor, software = await make_person(), await make_professional(), await make_software()
        await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
        client_id = f"appli-{person.space.hex[:12]}"
        await register_software(
            actor=OPERATOR, client_id=client_id, name="Courbes", finess=software.organisation, jwks=public(*keys),
            scopes=("user/DocumentReference.rs", "user/Binary.r", "user/Patient.rs"), at=AT,
        )  # fmt: skip
        await register_app(actor=OPERATOR, client_id=client_id, launch_url=LAUNCH, redirect_uris=(REDIRECT,), at=AT)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url=SITE) as http:
            yield Stage(http, web, settings, token_keys, keys[0], person, doctor, software, client_id)


# --- our own pages ----------------------------------------------------------------------------------------------------


async def test_the_doctors_page_of_that_patient_opens_and_no_address_holds_the_ins(stage):
    made = await stage.launch()
    address = said(made)["address"]
    assert address.startswith(f"{SITE}/pro/lancement?")
    assert parse_qs(urlsplit(address).query)["iss"] == [FHIR_BASE]
    cookie = await stage.signed_in(stage.doctor)
    opened = await stage.http.get(address, headers=cookie)
    assert opened.status_code == 303, opened.text
    page = await stage.http.get(opened.headers["location"], headers=cookie)
    assert page.status_code == 200
    assert stage.person.traits.birth_name.upper() in page.text.replace("&#39;", "'")
    for seen in (made.text, address, opened.headers["location"], page.text):
        assert stage.person.ins.matricule not in seen
        assert stage.person.space.hex not in seen
    again = await stage.http.get(address, headers=cookie)
    assert again.status_code == 400, "a launch is good once"


async def test_who_is_not_signed_in_signs_in_and_comes_back(stage):
    address = said(await stage.launch())["address"]
    sent = await stage.http.get(address)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith("/pro/connexion?retour=%2Fpro%2Flancement%3F")
    back = parse_qs(urlsplit(sent.headers["location"]).query)["retour"][0]
    opened = await stage.http.get(back, headers=await stage.signed_in(stage.doctor))
    assert opened.headers["location"].startswith("/pro/patient/")


async def test_a_launch_is_for_the_professional_whose_software_asked(stage):
    address = said(await stage.launch())["address"]
    other = await make_professional()
    stolen = await stage.http.get(address, headers=await stage.signed_in(other))
    assert stolen.status_code == 400
    mine = await stage.http.get(address, headers=await stage.signed_in(stage.doctor))
    assert mine.status_code == 400, "tried by another, it is spent"


async def test_a_launch_lasts_five_minutes(stage):
    address = said(await stage.launch())["address"]
    with clock.frozen(AT + dt.timedelta(minutes=5)):
        late = await stage.http.get(address, headers=await stage.signed_in(stage.doctor))
    assert late.status_code == 400


@pytest.mark.parametrize(
    "query", ["", "?launch=x", "?iss=https://evil.test/fhir&launch=x", "?iss={fhir}", "?iss={fhir}&launch=x"]
)
async def test_made_up_launches_open_nothing(stage, query):
    cookie = await stage.signed_in(stage.doctor)
    answer = await stage.http.get("/pro/lancement" + query.format(fhir=FHIR_BASE), headers=cookie)
    assert answer.status_code == 400


async def test_unknown_and_blocking_are_launched_alike_and_found_alike(stage):
    blocking, unknown = await make_person(), await make_person()
    await block(actor=blocking.actor, space=blocking.space, rpps=stage.doctor.rpps, at=AT)
    unknown = msgspec.structs.replace(unknown, ins=msgspec.structs.replace(unknown.ins, matricule="279035121518989"))
    cookie, seen = await stage.signed_in(stage.doctor), []
    for person in (blocking, unknown):
        made = await stage.launch(person=person)
        opened = await stage.http.get(said(made)["address"], headers=cookie)
        seen.append((made.status_code, len(made.content), opened.status_code, opened.content))
    assert seen[0] == seen[1]
    assert seen[0][2] == 200


async def test_the_authority_that_gave_the_number_goes_with_it(stage):
    """The same fifteen characters given by two authorities are two people."""
    first, second = stage.person, await make_person()
    ins = msgspec.structs.replace(first.ins, oid=OID_TEST_NIA)
    space = await open_space(actor=OPERATOR, ins=ins, traits=second.traits, active=True, at=AT)
    cookie = await stage.signed_in(stage.doctor)
    other = msgspec.structs.replace(second, ins=ins, space=space)
    for person, traits in ((first, first.traits), (other, second.traits)):
        opened = await stage.http.get(said(await stage.launch(person=person))["address"], headers=cookie)
        page = await stage.http.get(opened.headers["location"], headers=cookie)
        assert traits.birth_name.upper() in page.text.replace("&#39;", "'")


async def test_only_a_professional_through_a_software_may_launch(stage):
    assert (await stage.launch(headers={"content-type": "application/fhir+json"})).status_code == 401
    assert (await stage.launch(by=stage.software)).status_code == 403
    narrow = stage.bearer(stage.doctor, scopes=("user/Binary.r",))
    assert (await stage.launch(headers=narrow)).status_code == 403
    assert (await stage.launch(app="appli-inconnue")).status_code == 422


# --- a registered software --------------------------------------------------------------------------------------------


async def test_a_registered_software_gets_a_token_for_that_patient_and_no_other(stage):
    other = await make_person()
    await authorise(actor=other.actor, space=other.space, rpps=stage.doctor.rpps, at=AT)
    for person in (stage.person, other):
        await give(person, by=stage.software)
    made = said(await stage.launch(app=stage.app))
    assert made["address"].startswith(LAUNCH + "&iss=")
    answer = query_of(await stage.ask(await stage.signed_in(stage.doctor), launch=made["launch"]))
    assert (answer["state"], answer["iss"]) == (STATE, SITE)
    given = await stage.exchange(answer["code"])
    assert given.status_code == 200, given.text
    token = given.json()
    assert token["patient"] == stage.person.space.hex
    assert token["need_patient_banner"] is True
    assert set(token["scope"].split()) == {
        "launch", "user/DocumentReference.rs", "user/Binary.r", "user/Patient.rs",
    }  # fmt: skip
    header = {"authorization": f"Bearer {token['access_token']}"}
    found = await stage.http.get(f"/fhir/DocumentReference?patient={stage.person.space.hex}", headers=header)
    assert len(found.json()["entry"]) == 1, found.text
    identifier = f"urn:oid:{other.ins.oid}|{other.ins.matricule}"
    for query in (f"patient={other.space.hex}", f"patient.identifier={identifier}"):
        outside = await stage.http.get(f"/fhir/DocumentReference?{query}", headers=header)
        assert outside.status_code == 404, query
    nobody = await stage.http.get(f"/fhir/Patient?identifier={identifier}", headers=header)
    assert nobody.json()["total"] == 0
    theirs = (
        await stage.http.get(f"/fhir/DocumentReference?patient={other.space.hex}", headers=stage.bearer(stage.doctor))
    ).json()
    one = theirs["entry"][0]["resource"]["id"]
    assert (await stage.http.get(f"/fhir/DocumentReference/{one}", headers=header)).status_code == 404
    assert (await stage.http.get(f"/fhir/Binary/{one}", headers=header)).status_code == 404
    assert (await stage.launch(headers=header | {"content-type": "application/fhir+json"})).status_code == 403


HERE = {
    "an unknown software": {"client_id": "appli-inconnue"},
    "no software": {"client_id": None},
    "another address": {"redirect_uri": "https://evil.test/retour"},
    "a longer address": {"redirect_uri": REDIRECT + "/x"},
    "a query more": {"redirect_uri": REDIRECT + "?x=1"},
    "a fragment": {"redirect_uri": REDIRECT + "#x"},
    "other letters": {"redirect_uri": REDIRECT.upper()},
    "a host that begins alike": {"redirect_uri": "https://appli.example.org.evil.test/retour"},
    "a user in front": {"redirect_uri": "https://appli.example.org@evil.test/retour"},
    "a way up": {"redirect_uri": "https://appli.example.org/x/../retour"},
    "no address": {"redirect_uri": None},
}


@pytest.mark.parametrize("trick", HERE)
async def test_what_cannot_be_trusted_is_redirected_nowhere(stage, trick):
    answer = await stage.ask(await stage.signed_in(stage.doctor), launch=await stage.ticket(), **HERE[trick])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "location" not in answer.headers


BACK = {
    "no PKCE": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "plain PKCE": ({"code_challenge_method": "plain"}, "invalid_request"),
    "PKCE without its method": ({"code_challenge_method": None}, "invalid_request"),
    "a short challenge": ({"code_challenge": "x" * 42}, "invalid_request"),
    "another audience": ({"aud": "https://other.test/fhir"}, "invalid_request"),
    "no audience": ({"aud": None}, "invalid_request"),
    "no state": ({"state": None}, "invalid_request"),
    "a short state": ({"state": "1"}, "invalid_request"),
    "no launch": ({"launch": None}, "invalid_request"),
    "a made-up launch": ({"launch": "x" * 43}, "invalid_request"),
    "a token at once": ({"response_type": "token"}, "unsupported_response_type"),
    "no launch scope": ({"scope": "user/DocumentReference.rs"}, "invalid_scope"),
    "a wildcard": ({"scope": "launch user/*.cruds"}, "invalid_scope"),
    "patient scopes": ({"scope": "launch patient/*.rs"}, "invalid_scope"),
    "a software's own scopes": ({"scope": "launch system/DocumentReference.rs"}, "invalid_scope"),
    "nothing but the launch": ({"scope": "launch"}, "invalid_scope"),
}


@pytest.mark.parametrize("fault", BACK)
async def test_every_other_fault_goes_back_without_a_code(stage, fault):
    changes, error = BACK[fault]
    asked = {"launch": await stage.ticket()} | changes
    answer = query_of(await stage.ask(await stage.signed_in(stage.doctor), **asked))
    assert answer["error"] == error
    assert "code" not in answer
    assert answer["iss"] == SITE


async def test_a_field_given_twice_is_refused(stage):
    cookie = await stage.signed_in(stage.doctor)
    answer = await stage.http.get(
        f"/oauth/authorize?client_id={stage.app}&redirect_uri={REDIRECT}&redirect_uri=https://evil.test", headers=cookie
    )
    assert answer.status_code == 400


async def test_launches_are_for_one_software_one_professional_once(stage):
    cookie = await stage.signed_in(stage.doctor)
    ours = await stage.ticket(app=None)
    assert query_of(await stage.ask(cookie, launch=ours))["error"] == "invalid_request", "made for our pages"
    theirs = await stage.ticket(by=await make_professional())
    assert query_of(await stage.ask(cookie, launch=theirs))["error"] == "invalid_request"
    good = await stage.ticket()
    assert "code" in query_of(await stage.ask(cookie, launch=good))
    assert query_of(await stage.ask(cookie, launch=good))["error"] == "invalid_request"


async def test_nobody_there_is_denied_whatever_the_reason(stage):
    blocking = await make_person()
    await block(actor=blocking.actor, space=blocking.space, rpps=stage.doctor.rpps, at=AT)
    unknown = msgspec.structs.replace(blocking, ins=msgspec.structs.replace(blocking.ins, matricule="279035121518989"))
    cookie = await stage.signed_in(stage.doctor)
    answers = [
        (await stage.ask(cookie, launch=await stage.ticket(person=person))).headers["location"]
        for person in (blocking, unknown)
    ]
    assert answers[0] == answers[1]
    assert "error=access_denied" in answers[0]


async def test_whoever_brings_launches_of_nobody_waits_and_a_good_one_is_not_spent_meanwhile(stage):
    """Else thirty launches a second would ask who has a space, faster than the search of numbers lets anybody."""
    nobody = msgspec.structs.replace(
        stage.person, ins=msgspec.structs.replace(stage.person.ins, matricule="279035121518989")
    )
    cookie, good = await stage.signed_in(stage.doctor), await stage.ticket()
    for number in range(30):
        launch = await stage.ticket(person=nobody) if number < 3 else f"{number:043d}"
        assert query_of(await stage.ask(cookie, launch=launch))["error"] in {"access_denied", "invalid_request"}
    late = [await stage.ask(cookie, launch=one) for one in (good, await stage.ticket(person=nobody))]
    assert [query_of(one)["error"] for one in late] == ["temporarily_unavailable"] * 2
    with clock.frozen(AT + dt.timedelta(seconds=3)):
        assert "code" in query_of(await stage.ask(cookie, launch=good))


@pytest.mark.parametrize("signed_in", [True, False])
async def test_a_house_without_its_database_says_so(stage, house, tmp_path, signed_in):
    cookie = await stage.signed_in(stage.doctor) if signed_in else {}
    gone = Database(f"postgresql://carnet_app@/x?host={tmp_path}", min_size=0, wait_seconds=0.2)
    await gone._pool.open(wait=False)
    seat.seat(gone)
    try:
        answer = await stage.ask(cookie, launch="x")
    finally:
        seat.seat(house.database)
        await gone.close()
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_who_is_not_signed_in_comes_back_to_the_same_question(stage):
    launch = await stage.ticket()
    sent = await stage.ask(launch=launch)
    assert sent.headers["location"].startswith("/pro/connexion?retour=")
    back = parse_qs(urlsplit(sent.headers["location"]).query)["retour"][0]
    answer = await stage.http.get(back, headers=await stage.signed_in(stage.doctor))
    assert "code" in query_of(answer)


MISUSED = {
    "another verifier": {"code_verifier": "w" * 43},
    "no verifier": {"code_verifier": None},
    "the challenge as verifier": {"code_verifier": challenge_of(VERIFIER)},
    "a short verifier": {"code_verifier": "v" * 42},
    "another address": {"redirect_uri": REDIRECT + "/x"},
}


@pytest.mark.parametrize("misuse", MISUSED)
async def test_a_misused_code_is_spent(stage, misuse):
    code = await stage.code()
    refused = await stage.exchange(code, **MISUSED[misuse])
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
    assert (await stage.exchange(code)).json() == {"error": "invalid_grant"}


async def test_a_code_works_once_for_a_minute_and_for_its_software(stage, keys):
    code = await stage.code()
    assert (await stage.exchange(code)).status_code == 200
    assert (await stage.exchange(code)).json() == {"error": "invalid_grant"}
    late = await stage.code()
    with clock.frozen(AT + dt.timedelta(seconds=60)):
        assert (await stage.exchange(late)).json() == {"error": "invalid_grant"}
    stolen = await stage.code()
    thief = f"voleur-{stage.app}"
    await register_software(
        actor=OPERATOR, client_id=thief, name="Voleur", finess=stage.software.organisation, jwks=public(*keys),
        scopes=("user/Binary.r",), at=AT,
    )  # fmt: skip
    assert (await stage.exchange(stolen, client=thief)).json() == {"error": "invalid_grant"}
    assert (await stage.exchange("x" * 43)).json() == {"error": "invalid_grant"}
    assert (await stage.exchange(None)).json()["error"] == "invalid_request"


async def test_a_professional_who_left_is_out_at_once_or_with_the_token(stage, house):
    """At most 15 minutes after the directory says so: a token lives five, and nothing renews it."""
    receipt = await give(stage.person, by=stage.software)
    address = f"/fhir/Binary/{stage.person.space.hex}{receipt.documents[0].document_id.hex}"
    cookie, header, code = await stage.signed_in(stage.doctor), stage.bearer(stage.doctor), await stage.code()
    assert (await stage.http.get(address, headers=header)).status_code == 200
    with as_owner(house) as conn:
        conn.execute("UPDATE professional SET status = 'ended' WHERE rpps = %s", (stage.doctor.rpps,))
    assert (await stage.exchange(code)).json() == {"error": "invalid_grant"}
    assert (await stage.launch()).status_code == 401, "asked of the directory at every request"
    assert (await stage.ask(cookie, launch="x")).headers["location"].startswith("/pro/connexion?")
    with clock.frozen(AT + stage.settings.token_life):
        assert (await stage.http.get(address, headers=header)).status_code == 401
    assert stage.settings.token_life <= dt.timedelta(minutes=LONGEST_TOKEN_MINUTES) == dt.timedelta(minutes=15)


@pytest.mark.parametrize(
    "address",
    ["http://appli.example.org/x", "https://*.example.org/x", "https://a.example.org/x#y", "javascript:alert(1)",
     "https://a@b.example.org/", "//a.example.org/x", "https:///x", "https://a.example.org/ x", ""],
)  # fmt: skip
async def test_an_app_is_registered_with_exact_addresses_only(stage, address):
    with pytest.raises(Invalid):
        await register_app(
            actor=OPERATOR, client_id=stage.app, launch_url=LAUNCH, redirect_uris=(REDIRECT, address), at=AT
        )


async def test_discovery_says_so(stage):
    found = (await stage.http.get("/fhir/.well-known/smart-configuration")).json()
    assert found["authorization_endpoint"] == f"{SITE}/oauth/authorize"
    assert {"launch-ehr", "context-ehr-patient", "client-confidential-asymmetric"} <= set(found["capabilities"])
    assert "authorization_code" in found["grant_types_supported"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert "launch" in found["scopes_supported"]
    assert not [scope for scope in found["scopes_supported"] if "*" in scope]
