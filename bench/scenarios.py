"""What is measured: the requests of each scenario, as the programs and people of the country send them."""

import base64
import datetime as dt
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.cda import NUMBER, make_cda
from bench.load import BASE64_MARK, NUMBER_MARK, Requests
from bench.population import FINESS, RPPS, Population, Someone
from carnet.kernel.ids import routable
from carnet.sandbox.api import load_population
from carnet.sandbox.send.bundle import transaction
from carnet.sandbox.send.parcels import of_file

FHIR = "application/fhir+json"
DEPOSIT_BYTES = 100_000
TEMPLATES = 40


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report. goal, aim: requests a second that issue 2 §8 asks and hopes for."""

    name: str
    title: str
    requests: Requests
    goal: int | None = None
    aim: int | None = None


class Tickets(msgspec.Struct, frozen=True, kw_only=True):
    """What opens the doors: two bearer tokens, and cookies of people."""

    software: str
    doctor: str
    cookies: tuple[str, ...]


def scenarios(world: Population, tickets: Tickets, *, folder: Path) -> list[Scenario]:
    """Return every scenario, ready to be sent. Deposits last: their floor leaves rows that nobody can open."""
    reading = {"Authorization": f"Bearer {tickets.doctor}"}
    whole = [one for one in world.people if one.large]
    return [
        Scenario(name="list", title="ITI-67, a list of 20", requests=_lists(world, reading), goal=800, aim=1500),
        Scenario(
            name="read",
            title="ITI-68, 50 kB",
            requests=_get(reading, [_binary(one, one.read) for one in world.people]),
            goal=800,
            aim=1500,
        ),
        Scenario(
            name="read-large",
            title="ITI-68, 5 MB",
            requests=_get(reading, [_binary(one, one.large) for one in whole if one.large]),
        ),
        Scenario(
            name="home",
            title="Portal, home page",
            requests=Requests(
                method="GET", paths=("/accueil",), headers={"Accept": "text/html"}, cookies=tickets.cookies
            ),
        ),
        Scenario(
            name="deposit",
            title="ITI-65, a CDA of 100 kB",
            requests=deposits(world.people[:TEMPLATES], tickets.software, folder=folder),
            goal=250,
            aim=600,
        ),
    ]


def _get(headers: dict[str, str], paths: list[str]) -> Requests:
    return Requests(method="GET", paths=tuple(paths), headers=headers)


def _lists(world: Population, headers: dict[str, str]) -> Requests:
    paths = [f"/fhir/DocumentReference?patient=Patient/{one.space.hex}&_count=20" for one in world.people]
    return _get({**headers, "Accept": FHIR}, paths)


def _binary(one: Someone, document: uuid.UUID) -> str:
    return f"/fhir/Binary/{routable(one.space, document)}"


def deposits(people: list[Someone], token: str, *, folder: Path) -> Requests:
    """ITI-65 messages, one template a person; every one sent is a new document of a new submission set."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": FHIR, "Accept": FHIR}
    bodies = tuple(_message(one, folder / "sample.xml") for one in people)
    return Requests(method="POST", paths=("/fhir",), headers=headers, bodies=bodies)


def _message(one: Someone, path: Path) -> bytes:
    content = make_cda(ins=one.ins, traits=one.traits, rpps=RPPS, finess=FINESS, size=DEPOSIT_BYTES)
    path.write_bytes(content)
    bundle = transaction(
        of_file(path, population=load_population(), sender=load_population().organisations[0]),
        sent=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
        source_oid="1.2.250.1.999.1",
    )
    submission, reference, _ = (entry["resource"] for entry in bundle["entry"])
    del reference["content"][0]["attachment"]["hash"]  # the content changes with every number
    submission["identifier"][0]["value"] = f"urn:oid:1.2.250.1.999.3.1{NUMBER}"
    text = msgspec.json.encode(bundle)
    encoded = base64.b64encode(NUMBER.encode())
    marked = text.replace(encoded, BASE64_MARK, 1).replace(NUMBER.encode(), NUMBER_MARK)
    if marked.count(NUMBER_MARK) < 2 or marked.count(BASE64_MARK) != 1:
        raise RuntimeError("a deposit that would not be new each time")
    return marked


def chosen(every: list[Scenario], only: str | None) -> list[Scenario]:
    """Return the scenarios named by `--only`, all of them without it."""
    wanted: Callable[[Scenario], bool] = lambda one: only is None or one.name == only  # noqa: E731 - one expression
    found = [one for one in every if wanted(one)]
    if not found:
        raise SystemExit(f"no scenario {only!r}; there are: " + ", ".join(one.name for one in every))
    return found
