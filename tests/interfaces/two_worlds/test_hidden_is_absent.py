"""What a reader may not see is absent from everything they can observe: the worlds with and without it are alike.

Every reader goes through the whole route table and every link; a new route is covered the day it is declared.
"""

import datetime as dt
import json
from uuid import UUID, uuid4

import msgspec
import pytest

from carnet.access.api import authorise, block
from carnet.infra import clock
from carnet.interfaces.fhir.search.parameters import DOCUMENTS, LISTS
from carnet.kernel.ids import routable
from carnet.records.api import Deposit, Submission, deposit
from factories.fhir import reference
from factories.pdf import make_pdf
from factories.served import free_port
from factories.two_worlds import MADE_UP, Reader, Worlds, differences, undisturbed
from factories.world import make_person, make_professional, make_software, new_document

AT = dt.datetime(2026, 11, 21, 10, 0, tzinfo=dt.UTC)


class Cast(msgspec.Struct, frozen=True):
    """Who lives in the house, and what everybody concerned may see of it."""

    person: object
    stranger: object
    readers: dict[str, object]
    software: object
    elsewhere: object
    visible: tuple[UUID, ...]
    sets: tuple[UUID, ...]
    pages: dict[str, Reader]


async def put(person, software, *, content=b"Bonjour.", **changes):
    """Deposit one document in a submission set of its own; return (document, set)."""
    submission = Submission(unique_id=f"urn:uuid:{uuid4()}", submitted_at=AT, title="Envoi")
    one = Deposit(
        ins=person.ins,
        traits=person.traits,
        documents=(new_document(author=software, content=content, **changes),),
        submission=submission,
    )
    receipt = await deposit(actor=software, deposit=one, at=clock.now())
    return receipt.documents[0].document_id, receipt.set_id


@pytest.fixture(scope="module")
async def lived(new_database, postgres, tmp_path_factory):
    """A house somebody lives in, its people, and a way to copy it."""
    worlds = Worlds(
        home=tmp_path_factory.mktemp("worlds"), url=new_database(), postgres=postgres, smtp_port=free_port()
    )
    with undisturbed(), clock.frozen(AT) as standing:
        async with worlds.base():
            cast = await populate(worlds)
        standing.advance(dt.timedelta(minutes=5))
        yield worlds, cast


async def populate(worlds) -> Cast:
    person, stranger = await make_person(email="personne@example.org"), await make_person()
    software, elsewhere = await make_software(), await make_software()
    doctor, passer, blocked = [await make_professional() for _ in range(3)]
    pharmacist = await make_professional(profession="21")
    for one in (doctor, blocked, pharmacist):
        await authorise(actor=person.actor, space=person.space, rpps=one.rpps, at=AT)
    documents = [
        await put(person, software, title="Bilan sanguin"),
        await put(person, software, title="Radiographie", type_code="18748-4", content=make_pdf("Radio")),
        await put(person, software, title="Lettre de sortie", type_code="11490-0"),
    ]
    readers = {
        "doctor": doctor,
        "pharmacist": pharmacist,
        "passer-by": passer,
        "blocked": blocked,
        "person": person.actor,
        "stranger": stranger.actor,
    }
    pages = {
        name: await worlds.open_pages(actor, find="" if name in {"person", "stranger"} else person.ins.matricule)
        for name, actor in readers.items()
    }
    # after they opened the file: an old address must not help
    await block(actor=person.actor, space=person.space, rpps=blocked.rpps, at=AT)
    return Cast(
        person,
        stranger,
        readers | {"elsewhere": elsewhere},
        software,
        elsewhere,
        tuple(one for one, _ in documents),
        tuple(one for _, one in documents),
        pages,
    )


# --- what a reader may try --------------------------------------------------------------------------------------------


def at_pages(cast, name):
    """Someone at their pages, who also knows the address of what is hidden from them."""

    def reader(hidden: UUID) -> Reader:
        values = {
            "document": (str(hidden), str(MADE_UP), *map(str, cast.visible[:2])),
            "index": ("0", "1"),
            "notification": (str(MADE_UP),),
            "session": (str(MADE_UP),),
        }
        base = cast.pages[name]
        return msgspec.structs.replace(base, values=base.values | values)

    return reader


def searches(cast, hidden, parameters) -> tuple[str, ...]:
    """Each parameter of the table with values that fit and values that do not, and what can be asked beside."""
    patient = f"?patient.identifier=urn:oid:{cast.person.ins.oid}%7C{cast.person.ins.matricule}"
    values = {
        "token": ("current", "superseded", "18748-4", "11488-4", "10", "N", routable(cast.person.space, hidden)),
        "date": ("2026-11-21", "ge2026-11-01", "lt2026-11-21T10:30:00Z"),
        "string": ("Mar", "zzz"),
        "reference": (f"Patient/{cast.person.space.hex}",),
    }
    asked = [
        f"&{parameter.name}={value}"
        for parameter in parameters
        if not parameter.name.startswith("patient")
        for value in values[parameter.kind]
    ]
    beside = ("_summary=count", "_count=1", "_count=1&_sort=-date", "_count=2&_sort=creation", "_total=accurate")
    foreign = ("_include=*", "_revinclude=List:item", "_has:List:item:code=x", "_elements=id", "_list=x", "_filter=x")
    alone = (f"?_id={routable(cast.person.space, hidden)}", "", "?patient=x")
    return (patient, *(patient + one for one in asked), *(f"{patient}&{one}" for one in (*beside, *foreign)), *alone)


def by_fhir(worlds, cast, name):
    """Someone with a token, who knows the ids of what is hidden from them."""

    def reader(hidden: UUID) -> Reader:
        space = cast.person.space
        ids = tuple(routable(space, one) for one in (hidden, MADE_UP, cast.visible[0], cast.sets[0]))
        replacing = reference(cast.person, masterIdentifier={"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4"})
        replacing["relatesTo"] = [{"code": "replaces", "target": {"reference": f"DocumentReference/{ids[0]}"}}]
        plain = cast.readers[name]
        actor = msgspec.structs.replace(plain, client_id=cast.elsewhere.client_id, client_name="Dossier Clair")
        form = "patient.identifier=urn%3Aoid%3A" + f"{cast.person.ins.oid}%7C{cast.person.ins.matricule}"
        return worlds.with_token(
            actor,
            values={"id": ids},
            queries={
                "/fhir/DocumentReference": searches(cast, hidden, DOCUMENTS),
                "/fhir/List": searches(cast, hidden, LISTS),
                "/fhir/Patient": (f"?identifier=urn:oid:{cast.person.ins.oid}%7C{cast.person.ins.matricule}",),
            },
            bodies={
                ("POST", "/fhir/DocumentReference"): (json.dumps(replacing).encode(),),
                ("POST", "/fhir/DocumentReference/_search"): (form.encode(),),
            },
        )

    return reader


async def masked(cast):
    document, _ = await put(cast.person, cast.software, title="Caché", codes=frozenset({"MASQUE_PS"}))
    return document


async def announced_later(cast):
    document, _ = await put(cast.person, cast.software, title="Caché", codes=frozenset({"INVISIBLE_PATIENT"}))
    return document


async def of_a_type_they_may_not_consult(cast):
    document, _ = await put(cast.person, cast.software, title="Caché", type_code="28617-9")
    return document


async def anything(cast):
    document, _ = await put(cast.person, cast.software, title="Caché", content=make_pdf("Caché"))
    return document


CASES = {
    "a doctor, a masked document": ("doctor", masked),
    "a pharmacist, a type the matrix keeps from them": ("pharmacist", of_a_type_they_may_not_consult),
    "a doctor whom nobody let in": ("passer-by", anything),
    "a blocked doctor": ("blocked", anything),
    "somebody else": ("stranger", anything),
    "the person, what is to be announced": ("person", announced_later),
}
TOKENS = {
    **{name: case for name, case in CASES.items() if case[0] not in {"person", "stranger"}},
    "the software of another place": ("elsewhere", anything),
}


async def look(lived, name, hide, *, fhir=False):
    worlds, cast = lived
    reader = by_fhir(worlds, cast, name) if fhir else at_pages(cast, name)
    seen = await worlds.look(
        reader, hide=lambda: hide(cast), mails_to="personne@example.org" if name == "person" else ""
    )
    assert len(seen["plain"].answers) > 15, "hardly anything was asked"
    assert differences(seen["plain"], seen["again"]) == [], "the harness itself is not steady"
    assert name == "elsewhere" or any(answer.status == 200 for answer in seen["plain"].answers.values())
    return seen


NUMBERED = ("GET /activite/export.csv", "GET /activite/export.json")
"""The person's whole journal is numbered without a gap, so that nothing can be taken out unnoticed: until a document to
be announced is released, its entries are a jump in the numbers of the exports. Nothing else tells of it."""


@pytest.mark.parametrize("case", CASES)
async def test_pages_are_alike(lived, case):
    name, hide = CASES[case]
    seen = await look(lived, name, hide)
    told = [one for one in differences(seen["hidden"], seen["plain"]) if not one.startswith(NUMBERED)]
    assert "\n".join(told) == ""


@pytest.mark.parametrize("case", TOKENS)
async def test_fhir_is_alike(lived, case):
    name, hide = TOKENS[case]
    seen = await look(lived, name, hide, fhir=True)
    assert "\n".join(differences(seen["hidden"], seen["plain"])) == ""


async def test_what_is_not_hidden_is_seen(lived):
    """The harness has eyes: an ordinary document makes a difference everywhere it should."""
    seen = await look(lived, "doctor", anything)
    assert any("body" in one for one in differences(seen["hidden"], seen["plain"]))
    seen = await look(lived, "doctor", anything, fhir=True)
    found = differences(seen["hidden"], seen["plain"])
    for what in ("DocumentReference/", "Binary/", "_summary=count", "_count=1", "List?"):
        assert any(what in one for one in found), what
