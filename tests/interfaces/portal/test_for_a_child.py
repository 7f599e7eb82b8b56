"""What whoever represents a child does for them about access, and what they are never told (decision 0135)."""

import asyncio
import datetime as dt
import io
import random
import re
import zipfile
from uuid import UUID

import msgspec
import psycopg
import pytest

from carnet.access import seeing_as
from carnet.access.actions import change_access, change_list, dispute
from carnet.access.api import (
    RestrictionEffect,
    Viewer,
    Wish,
    authorise,
    block,
    dispute_access,
    end_restriction,
    look_in,
    mark_apart,
    record_consent,
    restrict,
    see_as,
    unblock,
)
from carnet.access.queries import lines as listing
from carnet.infra import clock
from carnet.infra.db import work
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources import journal as told_journal
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.journeys import copy_archive, copy_space, copy_standing
from carnet.journeys.actions import export_data
from carnet.journeys.api import ask_export, exports_of, make_exports, open_export
from carnet.kernel.errors import Conflict, Invalid, NotFound, Refused
from carnet.messaging.api import CopiedConversation
from carnet.records.api import DocumentQuery, list_documents, read_entry
from factories.events import deliver
from factories.families import attach, make_child
from factories.mss import address_of, hand_over, letter
from factories.pdf import make_pdf
from factories.world import OPERATOR, give, make_person, make_professional, make_software
from interfaces.portal.conftest import words
from interfaces.portal.test_families import a_family, go_into, token_of
from interfaces.portal.test_my_data import proved

pytestmark = pytest.mark.usefixtures("house")


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


async def lines_told(mother, child):
    """What she is told of who is let in and kept out, and all there is of it."""
    async with work(space=child.space, at=clock.now()) as w:
        every = await listing.access_lines(w)
    return [(one.effect, one.kind, one.origin) for one in listing.lines_known_to(mother, every)], every


async def a_blocking_world(*, own):
    """A child of ten, a doctor, a mother; `own`: the child keeps the doctor out. Returns what she is told when she
    lifts whatever there is, lets the doctor in, looks, keeps them out herself and lifts that; and whether the doctor
    comes in once she let them.
    """
    child, doctor = await make_child(born="2015-06-01"), await make_professional()
    mother, who = await attach(child, await make_person()), {"space": child.space, "at": clock.now()}
    viewer = Viewer(rpps=doctor.rpps, profession=doctor.profession, organisation=doctor.organisation)
    if own:
        await block(actor=child.actor, rpps=doctor.rpps, **who)

    async def lift():
        told, every = await lines_told(mother, child)
        for line in (one for one in every if one.effect == "block"):
            try:
                await unblock(actor=mother, authorisation=line.authorisation_id, **who)
                told.append("lifted")
            except NotFound:
                continue
        return told

    told = [await lift()]
    try:
        await authorise(actor=mother, rpps=doctor.rpps, **who)
    except Invalid as refused:
        told.append(refused.problems[0].code)
    told += [(await lines_told(mother, child))[0], (await see_as(actor=mother, viewer=viewer, **who)).door]
    try:
        await list_documents(actor=doctor, query=DocumentQuery(), **who)
        comes_in = True
    except Refused:
        comes_in = False
    await block(actor=mother, rpps=doctor.rpps, **who)
    told += [(await lines_told(mother, child))[0], await lift(), (await lines_told(mother, child))[0]]
    return told, comes_in


@pytest.mark.parametrize("planted", ["nothing", "the list", "letting in", "lifting", "the door"])
async def test_two_worlds_whom_a_child_keeps_out_is_nothing_a_parent_is_told(monkeypatch, planted):
    """Only the telling changes: let in by her who knows nothing of it, the doctor stays out."""
    no_side = " AND NOT (%(delegate)s AND origin = 'person' AND NOT by_delegate)"
    lifting = "  AND NOT (%(delegate)s AND effect = 'block' AND origin = 'person' AND NOT by_delegate)\n"
    assert no_side in change_list._BLOCKED
    assert lifting in change_access._END_ONE
    match planted:
        case "the list":
            monkeypatch.setattr(listing, "lines_known_to", lambda _, lines: lines)
        case "letting in":
            monkeypatch.setattr(change_list, "_BLOCKED", change_list._BLOCKED.replace(no_side, ""))
        case "lifting":
            monkeypatch.setattr(change_access, "_END_ONE", change_access._END_ONE.replace(lifting, ""))
        case "the door":
            monkeypatch.setattr(seeing_as, "known_facts", lambda _, facts: facts)
    (without, comes), (within, comes_all_the_same) = await a_blocking_world(own=False), await a_blocking_world(own=True)
    assert comes
    assert comes_all_the_same is (planted == "lifting")
    assert (within == without) is (planted == "nothing")


CANARY = "Entre-nous-seulement"


LANGUAGES = (language_for("fr"), language_for("en"))


async def asked(actor, child):
    who = {"actor": actor, "space": child.space, "account": UUID(actor.identifier)}
    return await ask_export(**who, language="fr", at=clock.now())


async def made(batch):
    """The worker's turn."""
    await make_exports(actor=OPERATOR, batch=batch, languages=LANGUAGES, journal=copied_journal, at=clock.now())


async def state_of(actor, child):
    async with work(space=child.space, at=clock.now()) as w:
        return [one.state for one in await exports_of(w, delegation=actor.delegation)]


async def kept(actor, child, export):
    who = {"actor": actor, "space": child.space, "export": export}
    return await open_export(**who, languages=LANGUAGES, journal=copied_journal, at=clock.now())


async def taken(actor, child, batch):
    """The files of the copy somebody asks for and takes of a child's space. Raises NotFound when it was not made."""
    export = await asked(actor, child)
    await made(batch)
    copy = await kept(actor, child, export)
    with zipfile.ZipFile(io.BytesIO(b"".join([piece async for piece in copy.read_range(0, copy.size)]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def a_kept_world(*, kept):
    """A child with one document, and `kept`: a secret consultation, a document withheld, one kept apart, wishes."""
    child, doctor = await make_child(born="2015-06-01"), await make_professional()
    mother, software, at = await attach(child, await make_person()), await make_software(), clock.now()
    await give(child, by=software, at=at, title="Carnet de santé")
    if kept:
        await record_consent(actor=doctor, space=child.space, secret=True, at=at)
        await list_documents(actor=doctor, space=child.space, query=DocumentQuery(), at=at)
        await give(child, by=doctor, title=f"{CANARY} 1", at=at)
        withheld = frozenset({"N", "INVISIBLE_REPRESENTANTS_LEGAUX"})
        await give(child, by=software, at=at, title=f"{CANARY} 2", codes=withheld)
        stored = (await give(child, by=software, at=at, title=f"{CANARY} 3")).documents[0]
        await mark_apart(actor=child.actor, space=child.space, document=stored.document_id, apart=True, at=at)
        wish = Wish(effect=RestrictionEffect.HIDE, category="AUTR_DOC", rpps=(doctor.rpps,))
        await restrict(actor=child.actor, space=child.space, wish=wish, at=at)
    return child, mother, doctor


def shape(files):
    """What of a copy does not depend on when and for whom it was made."""
    told = msgspec.json.decode(files["donnees/espace.json"])
    journal = [one["act"] for one in msgspec.json.decode(files["journal/journal.json"])]
    documents = len(msgspec.json.decode(files["fhir/documents.json"])["entry"])
    return sorted(re.sub(r"[0-9a-f]{8}\.", ".", name) for name in files), sorted(told), journal, documents


@pytest.mark.parametrize("planted", ["nothing", "lines", "wishes"])
async def test_the_copy_a_parent_takes_holds_nothing_that_is_kept_from_them(monkeypatch, planted, batch):
    if planted == "lines":
        monkeypatch.setattr(copy_space, "lines_known_to", lambda _, lines: lines)
    if planted == "wishes":
        monkeypatch.setattr(copy_space, "known_facts", lambda _, facts: facts)
    plain, mother, _ = await a_kept_world(kept=False)
    without = await taken(mother, plain, batch)
    child, mother, doctor = await a_kept_world(kept=True)
    files = await taken(mother, child, batch)
    assert shape(files) == shape(without)
    assert {"contact", "sessions", "teams"}.isdisjoint(msgspec.json.decode(files["donnees/espace.json"]))
    whole = b"".join(files.values()).decode(errors="replace") + " ".join(files)
    told = {one for one in (CANARY, doctor.name, doctor.rpps) if one in whole}
    assert told == (
        set() if planted == "nothing" else {doctor.name, doctor.rpps} if planted == "lines" else {doctor.rpps}
    )


BIRTHDAY = dt.datetime(2026, 11, 29, 23, tzinfo=dt.UTC)
"""Midnight in Paris of the fifteenth birthday of a child born on 30 November 2011."""
LONG = random.Random(1).randbytes(600_000).hex().encode()
"""Does not pack into one piece of a blob."""


@pytest.mark.parametrize("planted", [False, True], ids=["decided anew", "planted"])
async def test_a_copy_under_way_ends_at_the_age_at_midnight_in_paris(monkeypatch, planted, batch):
    before = BIRTHDAY - dt.timedelta(minutes=5)
    with clock.frozen(before):
        child, software = await make_child(born="2011-11-30"), await make_software()
        mother = await attach(child, await make_person())
        for number in range(2):
            await give(child, by=software, at=before - dt.timedelta(minutes=1), title=f"Bilan {number}")
        whole = await taken(mother, child, batch)
        export = await asked(mother, child)
    assert len([name for name in whole if name.startswith("documents/")]) == 2
    seen = read_entry
    moment, begun = {"at": before}, []

    async def and_then_midnight(**asked):
        begun.append(asked["document"])
        answer = await seen(**asked)
        moment["at"] = BIRTHDAY
        return answer

    monkeypatch.setattr(copy_archive, "read_entry", and_then_midnight)
    monkeypatch.setattr(clock, "now", lambda: moment["at"])
    if planted:
        monkeypatch.setattr(copy_archive.Copy, "still", lambda _: asyncio.sleep(0))
    await made(batch)
    assert len(begun) == (2 if planted else 1)
    assert sorted(await state_of(mother, child)) == ["failed", "ready"], "in the end it is weighed as a whole"
    for late in (asked(mother, child), kept(mother, child, export)):
        with pytest.raises(Refused):
            await late


async def test_a_copy_on_its_way_to_a_parent_ends_at_midnight_too(monkeypatch, batch):
    before = BIRTHDAY - dt.timedelta(minutes=5)
    moment = {"at": before}
    monkeypatch.setattr(clock, "now", lambda: moment["at"])
    child = await make_child(born="2011-11-30")
    mother = await attach(child, await make_person())
    await give(child, by=await make_software(), at=before - dt.timedelta(minutes=1), content=LONG)
    export = await asked(mother, child)
    await made(batch)
    copy = await kept(mother, child, export)
    pieces = copy.read_range(0, copy.size)
    assert len(await anext(pieces)) < copy.size
    moment["at"] = BIRTHDAY
    with pytest.raises(Refused):
        await anext(pieces)


@pytest.mark.parametrize("planted", [False, True], ids=["counted anew", "planted"])
async def test_a_copy_is_given_no_more_once_something_in_it_is_kept_from_them(monkeypatch, batch, planted):
    """And it is given all the same after what they are never told: its end would tell."""
    if planted:
        monkeypatch.setattr(copy_standing, "standing", lambda _: asyncio.sleep(0, b"always the same"))
        monkeypatch.setattr(export_data, "standing", copy_standing.standing)
    child, mother, doctor = await a_kept_world(kept=False)
    other = await attach(child, await make_person())
    stored = (await give(child, by=await make_software(), title=CANARY, at=clock.now())).documents[0]
    export, theirs = await asked(mother, child), await asked(other, child)
    with pytest.raises(Conflict):
        await asked(mother, child)
    await made(batch)
    await record_consent(actor=doctor, space=child.space, secret=True, at=clock.now())
    await give(child, by=doctor, title=f"{CANARY} 1", at=clock.now())
    await block(actor=child.actor, space=child.space, rpps=doctor.rpps, at=clock.now())
    on_its_way = await kept(mother, child, export)
    for not_theirs in ((mother, theirs), (other, export), (child.actor, export)):
        with pytest.raises((NotFound, Refused)):
            await kept(not_theirs[0], child, not_theirs[1])
    await mark_apart(actor=child.actor, space=child.space, document=stored.document_id, apart=True, at=clock.now())
    monkeypatch.setattr(copy_standing, "EVERY", -copy_standing.EVERY)
    if planted:
        assert (await kept(mother, child, export)).size == on_its_way.size
        return
    with pytest.raises(NotFound):
        await anext(on_its_way.read_range(0, on_its_way.size))
    assert await state_of(mother, child) == ["ready"]
    with pytest.raises(NotFound):
        await kept(mother, child, export)
    assert await state_of(mother, child) == [], "it goes, and another may be asked for"


async def test_a_copy_under_way_ends_between_two_files_of_a_message(house, monkeypatch, batch):
    before = BIRTHDAY - dt.timedelta(minutes=5)
    with clock.frozen(before):
        child = await make_child(born="2011-11-30")
        mother = await attach(child, await make_person())
        mail = letter(child, files=[("un.pdf", "application/pdf", make_pdf()), ("deux.txt", "text/plain", b"deux")])
        await hand_over(mail, to=address_of(child), at=before - dt.timedelta(minutes=1))
        await deliver(house)
    read, moment, begun = CopiedConversation.content, {"at": before}, []

    async def and_then_midnight(self, attachment, *, keys):
        begun.append(attachment.number)
        async for piece in read(self, attachment, keys=keys):
            yield piece
        moment["at"] = BIRTHDAY

    monkeypatch.setattr(CopiedConversation, "content", and_then_midnight)
    monkeypatch.setattr(clock, "now", lambda: moment["at"])
    with pytest.raises(Refused):
        await taken(mother, child, batch)
    assert len(begun) == 1


async def test_the_copy_a_parent_takes_has_the_whole_journal_and_a_word_for_everything(house, monkeypatch, batch):
    """What the copy itself leaves in the journal while it is made cuts nothing off."""
    monkeypatch.setattr(told_journal, "EXPORT_BATCH", 2)
    child, mother, doctor = await a_kept_world(kept=False)
    for number in range(3):
        await give(child, by=await make_software(), title=f"Bilan {number}", at=clock.now())
    await record_consent(actor=doctor, space=child.space, at=clock.now())
    wish = Wish(effect=RestrictionEffect.HIDE, category="AUTR_DOC", rpps=(doctor.rpps,))
    await restrict(actor=mother, space=child.space, wish=wish, at=clock.now())
    with psycopg.connect(house.url("postgres")) as conn:
        conn.execute("UPDATE carnet.authorisation SET side_noted = false WHERE space_id = %s", (child.space,))
    files = await taken(mother, child, batch)
    told, page = msgspec.json.decode(files["journal/journal.json"]), files["donnees/espace.html"].decode()
    assert "non noté" in page, "a line of before that was noted"
    assert [one["act"] for one in told].count("deposit-document") == 4
    assert "Par un représentant" in page
    assert not re.search("by_delegate|n&#x27;en savent rien", page)


async def test_a_parent_takes_the_copy_after_a_fresh_proof_and_the_child_reads_that_they_did(
    client, open_browser, batch
):
    browser, child = await a_family(open_browser)
    browser = await open_browser(browser.someone, proved=dt.timedelta(hours=1))
    await go_into(browser, "Lison")
    assert "Une copie de cet espace" in words(await browser.page("/accueil"))
    late = await browser.post("/mes-donnees", token=await token_of(browser))
    assert late.headers["location"] == "/confirmer-identite?retour=%2Fmes-donnees"
    fresh = await proved(client, browser)
    await go_into(fresh, "Lison")
    page = words(await fresh.page("/mes-donnees"))
    assert "Ce que vous pouvez voir dans l'espace de Lison" in page
    await fresh.post("/mes-donnees", token=await token_of(fresh))
    page = await fresh.page("/mes-donnees")
    assert "la copie vous y attendra" in words(page)
    assert 'hx-trigger="every 4s"' in page
    await made(batch)
    page = await fresh.page("/mes-donnees")
    link = page.split("/copie.zip")[0].rpartition('"')[2] + "/copie.zip"
    assert (await browser.get(link)).headers["location"].startswith("/confirmer-identite")
    answer = await fresh.get(link)
    assert answer.content.startswith(b"PK"), (answer.status_code, answer.text[:300])
    rest = await fresh.get(link, range="bytes=100-", if_range=answer.headers["etag"])
    assert (rest.status_code, rest.content) == (206, answer.content[100:])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert "Carnet de Lison" in archive.read("index.html").decode()
        assert "que vous représentez" in archive.read("index.html").decode()
    told = words(await (await open_browser(child)).page("/activite?qui=proches"))
    assert "(représentant légal) a téléchargé la copie de vos données" in told
    curator = await make_person()
    with pytest.raises(Refused):
        await asked(curator.actor, child)
