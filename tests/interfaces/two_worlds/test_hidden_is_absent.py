"""What a reader may not see is absent from everything they can observe: the worlds with and without it are alike.

Every reader goes through the whole route table and every link; a new route is covered the day it is declared. Each
world first shows that it has eyes: what is hidden there, put in sight, is seen.
"""

import logging

import pytest

from carnet.infra import telemetry
from factories.two_worlds import Seen, differences
from factories.visit import Answer, house_lines
from interfaces.two_worlds.cast import MAIL
from interfaces.two_worlds.grammar import QUERIES
from interfaces.two_worlds.tries import Known, at_pages, betrayed, by_fhir
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
