"""Who helps whom is on paper among the documents of the person helped, from the yes to the end: both or neither."""

import datetime as dt
import re

import pypdfium2
import pytest

from carnet.access.api import answer_invitation, delegations
from carnet.agenda.api import read_agenda
from carnet.config import sandbox_agenda
from carnet.config.sandbox_house import let_help
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journeys import helping
from carnet.kernel.actors import Actor, ActorKind
from carnet.sandbox.api import load_agenda, load_population
from carnet.spaces.api import keys_in
from factories.sandbox_people import acts_in, open_for
from interfaces.portal.conftest import words
from interfaces.portal.test_families import a_carer, invitation_of

PAPER = "Attestation d'aidant"


async def invited(open_browser, **changes):
    """Somebody who asks for help, whom they ask, and the invitation."""
    helped, carer = await open_browser(), await open_browser()
    await helped.post("/proches/inviter", invitation_of(carer.someone, **changes))
    return helped, carer, re.search(r'name="qui" value="([0-9a-f]+)"', await carer.page("/proches"))[1]


async def yes_first(*, beside=None, **asked):
    """The fault: the yes is committed, then the paper is made."""
    await answer_invitation(**asked)
    raise OSError


@pytest.mark.parametrize("planted", [False, True], ids=["one transaction", "planted"])
async def test_nobody_is_a_carer_without_the_paper_that_says_so(open_browser, monkeypatch, planted):
    helped, carer, chosen = await invited(open_browser)

    def dies(*_, **__):
        raise OSError

    with monkeypatch.context() as killed:
        if planted:
            killed.setattr(helping, "answer_invitation", yes_first)
        else:
            killed.setattr(helping, "attest", dies)
        answer = await carer.post("/proches/repondre", {"qui": chosen, "reponse": "oui"})
        assert answer.status_code == 500
    waits = "On vous demande" in words(await carer.page("/proches"))
    attested = PAPER in words(await helped.page("/documents"))
    assert (waits, attested) == (not planted, False), "a carer without a paper is what the fault makes"
    if not planted:
        await carer.post("/proches/repondre", {"qui": chosen, "reponse": "oui"})
        assert words(await helped.page("/documents")).count(PAPER) == 1


async def test_help_that_begins_later_is_attested_and_so_is_its_end_by_either(open_browser):
    soon = (clock.now() + dt.timedelta(days=9)).date().isoformat()
    later = (clock.now() + dt.timedelta(days=3)).date().isoformat()
    helped, carer, chosen = await a_carer(open_browser, motif="date", debut=later, fin=soon)
    assert PAPER in words(await helped.page("/documents")), "accepted, not begun"
    stopped = await carer.post("/proches/cesser", {"qui": chosen})
    assert stopped.status_code == 303, stopped.text
    assert "Fin de l'aide" in words(await helped.page("/documents"))
    assert "(aidant) a ajouté « Fin de l'aide »" in words(await helped.page("/activite?qui=proches"))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"partie": "agenda"}, "Seul l'agenda lui est confié : ni documents, ni messages."),
        (
            {"agenda": "1", "messages": "1", "sauf": "DIR_ANT"},
            "documents, messages, agenda. Sauf : Directives anticipées.",
        ),
        ({}, "Ce qui lui est confié : documents."),
    ],
    ids=["agenda only", "everything but", "documents"],
)
async def test_the_paper_says_the_part_and_its_end_has_one_whatever_the_part(open_browser, asked, said):
    helped, carer, chosen = await a_carer(open_browser, **asked)
    page = await helped.page("/documents")
    one = re.search(r'/documents/([0-9a-f]{32})"[^>]*>Attestation', page)
    paper = await helped.get(f"/documents/{one[1]}/telecharger")
    text = pypdfium2.PdfDocument(paper.content)[0].get_textpage().get_text_bounded()
    assert said in " ".join(text.replace("\u00a0", " ").split())
    stopped = await carer.post("/proches/cesser", {"qui": chosen})
    assert stopped.status_code == 303, stopped.text
    assert "Fin de l'aide" in words(await helped.page("/documents"))


async def test_help_that_nobody_accepted_ends_without_a_paper(open_browser):
    helped, _, chosen = await invited(open_browser)
    await helped.post("/proches/terminer", {"qui": chosen})
    assert "Fin de l'aide" not in words(await helped.page("/documents"))


async def test_the_carer_of_the_demo_is_attested_as_everybodys_is_and_notes_for_whom_they_help(house, monkeypatch):
    people = load_population()
    space = await open_for(people.person("auguste"))
    await let_help(people, helped="auguste", carer="gaspard")
    assert (await acts_in(space))[:2] == ["deposit-document", "answer-invitation"]
    theirs = [one for one in load_agenda() if one.whose == "auguste"]
    monkeypatch.setattr(sandbox_agenda, "load_agenda", lambda: theirs)
    at = clock.now()
    for _ in range(2):  # a population prepared in two goes
        for for_others in (False, True):
            await sandbox_agenda.note_agendas(people, for_others=for_others, at=at)
    async with work(space=space, at=at) as w:
        (line,) = [one for one in await delegations(w, keys=await keys_in(w)) if one.agenda]
    gaspard = Actor(
        kind=ActorKind.CARER,
        identifier="sandbox",
        name="Gaspard",
        strong=True,
        acts_for=space,
        delegation=line.delegation_id,
    )
    shown = await read_agenda(actor=gaspard, space=space, at=at)
    assert len((*shown.coming, *shown.past)) == len(theirs)
    assert [one.by for one in shown.coming] == [None, line.delegation_id]
    assert (await acts_in(space)).count("add-appointment") == 2 * len(theirs)
