"""What a reader may not see is absent from everything they can observe: the worlds with and without it are alike.

Every reader goes through the whole route table and every link; a new route is covered the day it is declared. Each
world first shows that it has eyes: what is hidden there, put in sight, is seen. Alike means the same work too, step by
step (`factories/labour.py`), but for what is excused there with its reason: that is how close in time is shown.
"""

import logging

import msgspec
import pytest

from carnet.access.api import VISIBLE
from carnet.infra import clock, telemetry
from carnet.infra.db import work
from carnet.infra.db.message import Statement
from carnet.records.queries import listing
from factories.labour import unlike
from factories.two_worlds import Seen, differences
from factories.visit import Answer, Ask, house_lines
from interfaces.two_worlds.cast import MAIL
from interfaces.two_worlds.grammar import QUERIES
from interfaces.two_worlds.tries import Known, at_pages, betrayed, by_fhir, patient_query
from interfaces.two_worlds.ways import WAYS, hide, show

WHO = {"simple session": "person"}  # without a fresh proof
EYES = {"stranger": "person", "elsewhere": "doctor"}  # nothing would ever be in sight of these two
AT_PAGES = ("doctor", "urgent", "pharmacist", "passer-by", "blocked", "stranger", "person", "parent", "carer")
BY_FHIR = ("doctor", "pharmacist", "passer-by", "blocked", "elsewhere")


async def look(lived, name, *, fhir=False):
    """The worlds of one reader, after having seen that the harness is steady and has eyes."""
    worlds, cast = lived
    who = WHO.get(name, name)

    async def hidden():
        made = await hide(cast, name)
        return await betrayed(worlds, cast, made) if fhir else Known(hidden=made)

    async def in_sight():
        return Known(hidden=await show(cast, name))

    def going(one):
        return by_fhir(worlds, cast, one, queries=QUERIES if one == "doctor" else 0) if fhir else at_pages(cast, one)

    seen = await worlds.look(
        going(who),
        hide=hidden,
        show=in_sight,
        eyes=going(EYES.get(who, who)),
        mails_to=MAIL if who == "person" else "",
        again=name in {"doctor", "person"},
    )
    assert len(seen["plain"].answers) > 15, "hardly anything was asked"
    if "again" in seen:
        assert differences(seen["plain"], seen["again"]) == [], "the harness itself is not steady"
    shown = " ".join(one.body.decode(errors="replace") for one in seen["shown"].answers.values())
    unseen = [way.title for way in WAYS[name] if way.title not in shown]
    assert unseen == [], "put in sight, it is not seen: the harness has no eyes"
    return seen


@pytest.mark.parametrize("name", [*AT_PAGES, "simple session"])
async def test_pages_are_alike(lived, name):
    seen = await look(lived, name)
    assert "\n".join(differences(seen["hidden"], seen["plain"])) == ""


@pytest.mark.parametrize("name", BY_FHIR)
async def test_fhir_is_alike(lived, name):
    seen = await look(lived, name, fhir=True)
    assert "\n".join(differences(seen["hidden"], seen["plain"])) == ""


def test_the_harness_reads_the_log_of_the_house():
    """A line that tells is a difference, whoever wrote it: the house, a library, the worker after the visit."""

    def said(*told):
        with house_lines() as lines:
            telemetry.log.info("request", status=200, ms=3, request="0a1b")
            for tell in told:
                tell()
        return tuple(lines)

    def seen(during=(), after=()):
        return Seen(answers={"GET /": Answer(200, (), b"", said(*during))}, mails=(), logs=said(*after))

    tells = (
        lambda: telemetry.log.info("withheld", documents=1),
        lambda: logging.getLogger("carnet.anything").warning("one document of %d is hidden", 3),
    )
    assert differences(seen(), seen()) == []
    for tell in tells:
        assert [one.split(":")[0] for one in differences(seen(during=[tell]), seen())] == ["GET /"]
        assert [one.split(":")[0] for one in differences(seen(after=[tell]), seen())] == ["the worker's log"]


def fetching_and_dropping(real, _sealed):
    async def look(*, statements, **more):
        everything = [Statement(one.sql.replace(VISIBLE, "reader.open"), one.params) for one in statements]
        await real(statements=everything, **more)
        return await real(statements=statements, **more)

    return look


def opening_and_dropping(real, sealed):
    async def look(**more):
        seen = await real(**more)
        for document, title in sealed:
            seen.keys.open(table="document", column="summary_enc", row=document.hex, sealed=title)
        return seen

    return look


def asking_once_more(real, sealed):
    async def look(**more):
        if sealed:
            await real(**more)
        return await real(**more)

    return look


PLANTS = (fetching_and_dropping, opening_and_dropping, asking_once_more)


async def test_work_done_for_what_is_hidden_is_seen(lived, monkeypatch):
    """Planted faults that change no byte of any answer: only the work tells, and it does."""
    worlds, cast = lived
    doctor = worlds.with_token(
        msgspec.structs.replace(cast.readers["doctor"], client_id=cast.elsewhere.client_id), values={}
    )
    search = Ask(path=f"/fhir/DocumentReference{patient_query(cast)}")

    async def works(hiding):
        async with worlds.copy():
            hidden = [one.document for one in await hide(cast, "doctor")] if hiding else []
            await worlds.ask(doctor, search)
            async with work(space=cast.person.space, at=clock.now()) as w:
                sealed = await w.rows(
                    "SELECT document_id, summary_enc FROM document WHERE document_id = ANY(%(hidden)s)",
                    {"hidden": hidden},
                )
            answers = [await worlds.ask(doctor, search)]
            for plant in PLANTS:
                with monkeypatch.context() as planted:
                    planted.setattr(listing, "look", plant(listing.look, sealed))
                    answers.append(await worlds.ask(doctor, search))
            return answers

    found = [unlike(one.work, other.work) for one, other in zip(await works(True), await works(False), strict=True)]
    assert [bool(one) for one in found] == [False, True, True, True], found
