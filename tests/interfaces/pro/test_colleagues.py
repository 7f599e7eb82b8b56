"""What a colleague wrote is read by its addressee, and is in the patient's record only once somebody put it there."""

import datetime as dt
import re
from uuid import uuid4

import pytest

from carnet.identity.api import DirectoryFeed, FeedMailbox, Sex, import_directory
from carnet.interfaces.pro import colleagues
from carnet.records.api import DocumentQuery, list_documents
from factories.cda import make_cda
from factories.events import deliver, empty_queue
from factories.mss import from_colleague, mailbox_of
from factories.pdf import make_pdf
from factories.real_documents import header_of
from factories.world import AT, OPERATOR, fresh_ins, make_person
from interfaces.pro.conftest import NOW

PDF = make_pdf("Bilan")
KEPT = {"type": "11488-4", "titre": "Bilan de Paul", "date": "2026-11-20", "visibilite": "N"}


async def written(screen, ins, *files, subject="Mme Durand", text="Bonjour, <b>tout va bien</b>.", at=NOW):
    """A message about somebody, in this professional's mailbox; its address here."""
    mail = await from_colleague(screen.actor, ins, *files, subject=subject, text=text, at=at)
    return f"/pro/courriers/{mail}"


def identity(person):
    traits = person.traits
    given = ", ".join(traits.given_names)
    return {
        "nom": traits.birth_name,
        "prenom": given,
        "sexe": {Sex.FEMALE: "F", Sex.MALE: "M"}.get(traits.sex, "U"),
        "naissance": traits.birth_date,
    }


async def records(person):
    listing = await list_documents(actor=person.actor, space=person.space, query=DocumentQuery(), at=NOW)
    return tuple(listing.entries)


async def test_it_lands_in_the_record_by_an_explicit_act_and_the_journal_says_whose(doctor, person, journal):
    address = await written(doctor, person.ins, ("Bilan.pdf", "application/pdf", PDF))
    shown = (await doctor.get("/pro/courriers")).text
    assert ("Mme Durand" in shown, "1 pièce jointe" in shown) == (True, True)
    page = (await doctor.get(address)).text
    assert ("&lt;b&gt;tout va bien" in page, person.ins.matricule in page) == (True, True)
    taken = await doctor.get(f"{address}/fichiers/1")
    assert (taken.content, "attachment" in taken.headers["content-disposition"]) == (PDF, True)
    acts = {act for act, _, _ in await journal(person)}
    assert (await records(person), acts & {"receive-message", "read-attachment", "deposit-document"}) == ((), set())
    kept = await doctor.post(f"{address}/deposer/1", KEPT | identity(person))
    assert (kept.status_code, kept.headers["location"]) == (303, address), kept.text
    (entry,) = await records(person)
    assert ("deposit-document", "done", doctor.actor.rpps) in await journal(person)
    assert entry.author_finess == doctor.actor.organisation
    again = await doctor.post(f"{address}/deposer/1", KEPT | identity(person))
    assert "rien n'a été ajouté" in (await doctor.get(again.headers["location"])).text.replace("&#39;", "'")
    words = await doctor.post(f"{address}/deposer/0", KEPT | identity(person))
    assert (words.status_code, len(await records(person))) == (303, 2)


async def test_a_clinical_document_goes_in_with_one_tap_and_only_where_it_belongs(doctor, person):
    content = make_cda(extension="CC-9", effective_time="20261120103000+0100", **header_of(person))
    address = await written(doctor, person.ins, ("a.xml", "text/xml", content))
    assert "Nom de naissance" not in (await doctor.get(f"{address}/deposer/1")).text
    assert (await doctor.post(f"{address}/deposer/1", {"visibilite": "N"})).status_code == 303
    (entry,) = await records(person)
    assert entry.type_code == "11502-2"
    other = await make_person()
    wrong = await written(doctor, other.ins, ("a.xml", "text/xml", content))
    refused = await doctor.post(f"{wrong}/deposer/1", {"visibilite": "N"})
    assert (refused.status_code, await records(other)) == (422, ())


async def test_everything_left_empty_is_told_at_once_in_the_order_of_the_form(doctor, person):
    """Nor does an empty form count as somebody who tries identities."""
    address = await written(doctor, person.ins, ("Bilan.pdf", "application/pdf", PDF))
    for _ in range(12):
        refused = await doctor.post(f"{address}/deposer/1", {"titre": "", "date": "2026-11-20", "visibilite": "N"})
    summary = re.findall(r'<a href="#champ-(\w+)"', refused.text)
    assert (refused.status_code, summary) == (422, ["nom", "prenom", "naissance", "type"])


@pytest.mark.parametrize("who", ["nobody", "another"])
async def test_who_the_patient_is_is_said_by_nothing_but_the_deposit(doctor, person, who):
    """Nobody's number, and an identity that is not the INS's: the message is read alike, the deposit refused."""
    ins = fresh_ins() if who == "nobody" else (await make_person()).ins
    address = await written(doctor, ins, ("Bilan.pdf", "application/pdf", PDF))
    assert (await doctor.get(address)).status_code == 200
    refused = await doctor.post(f"{address}/deposer/1", KEPT | identity(person))
    assert (refused.status_code, 'value="Bilan de Paul"' in refused.text) == (422, True)


async def test_of_a_message_without_words_only_the_files_are_offered(doctor, person):
    address = await written(doctor, person.ins, ("Bilan.pdf", "application/pdf", PDF), text="")
    page = (await doctor.get(address)).text
    assert ("/deposer/1" in page, "/deposer/0" in page) == (True, False)
    assert (await doctor.get(f"{address}/deposer/0")).status_code == 404


async def test_a_long_list_is_read_by_pages_that_hold_still_while_more_arrives(doctor, person, monkeypatch):
    monkeypatch.setattr(colleagues, "PAGE_SIZE", 2)
    for number in range(5):
        await written(doctor, person.ins, subject=f"Lettre {number}", at=NOW + dt.timedelta(minutes=number // 2))
    seen, address = [], "/pro/courriers"
    while address:
        page = (await doctor.get(address)).text
        seen += re.findall(r">(Lettre \d)<", page)
        older = re.search(r'href="(/pro/courriers\?suite=[^"]+)" rel="next"', page)
        if address == "/pro/courriers":  # one arrives while the first page is read
            await written(doctor, person.ins, subject="Lettre 9", at=NOW + dt.timedelta(hours=1))
        address = older[1] if older else ""
    assert sorted(seen) == [f"Lettre {number}" for number in range(5)], "each once, those of one moment too"
    assert seen[0] == "Lettre 4"
    assert "6 courriers" in (await doctor.get("/pro/courriers?suite=nowhere")).text


async def test_a_search_looks_through_ones_own_mail_only(doctor, colleague, person):
    await written(doctor, person.ins, ("Radio_du_genou.pdf", "application/pdf", PDF), subject="Mme Durand")
    await written(doctor, person.ins, subject="Autre", text="L'échographie est <b>normale</b>.")
    await mailbox_of(colleague.actor)
    for words, found in (
        ("genou", ["Mme Durand"]),
        ("echographies", ["Autre"]),
        (person.ins.matricule, ["Mme Durand", "Autre"]),
        ("cheville", []),
    ):
        page = (await doctor.get("/pro/courriers", params={"q": words})).text
        assert [one for one in ("Mme Durand", "Autre") if f">{one}<" in page] == found, words
        assert "Mme Durand" not in (await colleague.get("/pro/courriers", params={"q": words})).text
    page = (await doctor.get("/pro/courriers", params={"q": "echographie"})).text
    assert ("<mark>échographie</mark>" in page, "<b>normale" in page) == (True, False)


async def test_nobody_elses_is_there(doctor, colleague, person):
    address = await written(doctor, person.ins, ("Bilan.pdf", "application/pdf", PDF))
    await mailbox_of(colleague.actor)
    for one in (address, f"{address}/fichiers/1", f"{address}/deposer/1", f"{address}/deposer/0"):
        assert (await colleague.get(one)).status_code == 404
    assert (await colleague.post(f"{address}/deposer/1", KEPT | identity(person))).status_code == 404
    assert (await colleague.post(f"{address}/repondre", {"texte": "Vu."})).status_code == 404
    assert "Aucun courrier" in (await colleague.get("/pro/courriers")).text
    assert (await doctor.get(f"{address}/fichiers/2")).status_code == 404


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
async def test_it_is_answered_from_the_mailbox_it_came_to(house, doctor, colleague, person, shared):
    """By the steps of the software's `Communication`: the same mail, about the same patient, once."""
    empty_queue(house)
    theirs, box = await mailbox_of(colleague.actor), await mailbox_of(doctor.actor)
    if shared:
        box = f"secretariat.{doctor.actor.rpps}@mssante.invalid"
        row = FeedMailbox(address=box, kind="CAB", finess=doctor.actor.organisation, label="Secrétariat")
        await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=(row,)), at=AT)
    mail = await from_colleague(doctor.actor, person.ins, subject="Mme Durand", to=box, sender=theirs, at=NOW)
    address = f"/pro/courriers/{mail}"
    assert box in (await doctor.get(address)).text
    empty = await doctor.post(f"{address}/repondre", {"texte": " "})
    assert (empty.status_code, "Écrivez votre réponse" in empty.text) == (422, True)
    said = {"texte": "Vu, <b>merci</b>.", "depot": str(uuid4())}
    assert [(await doctor.post(f"{address}/repondre", said)).status_code for _ in range(2)] == [303, 303]
    await deliver(house)
    (answer,) = re.findall(r'href="(/pro/courriers/[0-9a-f-]{36})"', (await colleague.get("/pro/courriers")).text)
    shown = (await colleague.get(answer)).text
    for words in (f"&lt;{box}&gt;", "Re: Mme Durand", "&lt;b&gt;merci", person.ins.matricule):
        assert words in shown
