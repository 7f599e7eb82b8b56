"""What whoever represents a child does for them about access, and what they are never told (decision 0135)."""

import datetime as dt
import re

import pytest

from carnet.access import seeing_as
from carnet.access.actions import dispute
from carnet.access.api import (
    RestrictionEffect,
    Viewer,
    Wish,
    dispute_access,
    end_restriction,
    look_in,
    record_consent,
    restrict,
    see_as,
)
from carnet.infra import clock
from carnet.infra.db import work
from carnet.kernel.errors import NotFound
from carnet.records.api import DocumentQuery, list_documents
from factories.families import attach, make_child
from factories.world import give, make_person, make_professional, make_software
from interfaces.portal.conftest import words
from interfaces.portal.test_families import a_family, go_into, token_of


async def test_a_parent_contests_hides_and_looks_through_eyes_and_the_other_reads_who_did(open_browser):
    browser, child = await a_family(open_browser)
    other, doctor = await make_person(), await make_professional()
    await attach(child, other)
    await record_consent(actor=doctor, space=child.space, at=clock.now())
    await list_documents(actor=doctor, space=child.space, query=DocumentQuery(), at=clock.now())
    await go_into(browser, "Lison")
    assert "Je ne connais pas cet accès" in await browser.page("/acces")
    asked = {"quoi": "categorie", "categorie": "AUTR_DOC", "effet": "cacher", "qui": "nommes", "du": "", "au": ""}
    answer = await browser.post(
        "/acces/limites/ajouter", {**asked, "partie": f"p-{doctor.rpps}"}, token=await token_of(browser)
    )
    assert answer.headers.get("location") == "/acces/limites", answer.text
    limits = await browser.page("/acces/limites")
    assert doctor.name in words(limits)
    assert "Garder des sujets à part" not in limits
    seen = words(await browser.page(f"/acces/voir-comme/{doctor.rpps}"))
    assert "Carnet de Lison" in seen
    assert "Un représentant le lui cache" in seen
    wish = re.search(r'name="limite" value="([0-9a-f]+)"', limits)[1]
    await browser.post("/acces/limites/terminer", {"limite": wish}, token=await token_of(browser))
    assert doctor.name not in words(await browser.page("/acces/limites"))
    await browser.post("/acces/contester", {"qui": f"p-{doctor.rpps}"}, token=await token_of(browser))
    listed = words(await browser.page("/acces"))
    assert f"Contesté par un représentant : l'accès de {doctor.name}" in listed
    assert "Bloqué depuis" in listed
    second = await open_browser(other)
    await go_into(second, "Lison")
    told = words(await second.page("/activite"))
    name = f"{browser.someone.traits.birth_name} (représentant légal)"
    for deed in (
        "a signalé un accès inconnu",
        "a choisi à qui des documents sont montrés",
        "a levé une restriction d'accès",
        "a regardé ce que voit un professionnel",
    ):
        assert f"{name} {deed}" in told
    assert "Contesté par un représentant" in words(await second.page("/acces"))


async def a_world(*, secret, own, known):
    """A child of ten, a doctor (`known`: let in for all to see), a mother; `secret`: a consultation kept from her;
    `own`: the child's own wish about the doctor.

    Returns what she is told when she asks for everything she may: eyes, wishes, a dispute.
    """
    child, doctor = await make_child(born="2015-06-01"), await make_professional()
    mother, at = await attach(child, await make_person()), clock.now()
    await give(child, by=await make_software(), at=at, title="Carnet de santé")
    if known:
        await record_consent(actor=doctor, space=child.space, at=at)
    if secret:
        await record_consent(actor=doctor, space=child.space, secret=True, at=at)
        await list_documents(actor=doctor, space=child.space, query=DocumentQuery(), at=at)
        await give(child, by=doctor, title="Entre nous", at=at)
    if own:
        wish = Wish(effect=RestrictionEffect.HIDE, category="AUTR_DOC", rpps=(doctor.rpps,))
        await restrict(actor=child.actor, space=child.space, wish=wish, at=at)
    viewer = Viewer(rpps=doctor.rpps, profession=doctor.profession, organisation=doctor.organisation)
    eyes = await see_as(actor=mother, space=child.space, viewer=viewer, at=at)
    told = (eyes.door, [one.decision for one in eyes.documents])
    try:
        await dispute_access(actor=mother, space=child.space, rpps=doctor.rpps, at=at)
    except NotFound:
        return *told, "never came"
    return *told, "disputed"


@pytest.mark.parametrize("planted", ["nothing", "the door", "who came"])
@pytest.mark.parametrize(("secret", "own"), [(True, False), (True, True), (False, True)])
async def test_two_worlds_a_parent_cannot_tell_apart(monkeypatch, planted, secret, own):
    """Hidden means absent: a secret consultation, and what the child wished about it, change no answer she gets."""
    if planted == "the door":
        monkeypatch.setattr(seeing_as, "known_facts", lambda _, facts: facts)
    if planted == "who came":
        monkeypatch.setattr(dispute, "_CAME", dispute._CAME.replace("AND NOT (z.secret AND %(delegate)s)", ""))
    caught = (planted == "the door") or (planted == "who came" and secret)
    known = not secret
    without = await a_world(secret=False, own=False, known=known)
    assert (await a_world(secret=secret, own=own, known=known) == without) is not caught


async def test_a_childs_own_word_stays_theirs_and_they_lift_what_was_wished_for_them():
    child, doctor = await make_child(born="2015-06-01"), await make_professional()
    mother, at = await attach(child, await make_person()), clock.now()
    who = {"space": child.space, "at": at}
    await record_consent(actor=doctor, **who)
    wish = Wish(effect=RestrictionEffect.HIDE, everyone=True, ends_at=at + dt.timedelta(days=3))
    mine = await restrict(actor=child.actor, wish=wish, **who)
    hers = await restrict(actor=mother, wish=wish, **who)
    with pytest.raises(NotFound):
        await dispute_access(actor=mother, rpps="00000000000", **who)
    with pytest.raises(NotFound):
        await end_restriction(actor=mother, restriction=mine, **who)
    await end_restriction(actor=child.actor, restriction=hers, **who)
    case = await dispute_access(actor=child.actor, rpps=doctor.rpps, **who)
    assert await dispute_access(actor=mother, rpps=doctor.rpps, **who) != case, "hers opens like the first"
    async with work(**who) as w:
        facts = (await look_in(w, actor=child.actor)).facts
    assert [one.restriction_id for one in facts.restrictions] == [mine]
