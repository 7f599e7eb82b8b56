"""A person's copy of everything: whole, readable offline, without what is withheld; nothing half-made, ever."""

import datetime as dt
import hashlib
import io
import json
import zipfile
from html import unescape
from pathlib import PurePosixPath
from uuid import uuid4

import msgspec
import pytest
from fhir.resources.R4B.bundle import Bundle
from structlog.testing import capture_logs

from carnet.access.api import authorise
from carnet.agenda.api import Kind, Said, Words, add_entry
from carnet.design.language import Language
from carnet.infra import clock
from carnet.infra.blobs import local
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.journeys import copy_archive, copy_messages
from carnet.journeys.api import (
    ask_export,
    close_space,
    collect_orphans,
    expire_exports,
    exports_of,
    make_exports,
    open_export,
    write_message,
)
from carnet.journeys.copy_message_words import Beside
from carnet.kernel.errors import Conflict, NotFound, Refused
from carnet.messaging.api import Writing, inbox, save_draft
from carnet.records.api import Deposit, deposit
from carnet.spaces.api import propose_email, view_in
from factories.cda import make_cda_n1
from factories.events import as_owner, deliver, empty_queue
from factories.families import as_delegate, help_with
from factories.faulty_disk import FaultyDisk
from factories.mss import DOCTOR, address_of, hand_over, letter
from factories.world import OPERATOR, give, make_person, make_professional, make_software, new_document

LANGUAGES: tuple[Language, ...] = (language_for("fr"), language_for("en"))
HIDDEN = frozenset({"N", "INVISIBLE_PATIENT"})


async def someone():
    """A person who proved twice who they are, a moment ago."""
    at = clock.now()
    person = await make_person(at=at - dt.timedelta(days=1))
    proved = msgspec.structs.replace(person.actor, stepped_up_until=at + dt.timedelta(minutes=15))
    return msgspec.structs.replace(person, actor=proved)


async def asked_by(person):
    account = uuid4()
    return await ask_export(actor=person.actor, space=person.space, account=account, language="fr", at=clock.now())


async def make(batch):
    return await make_exports(actor=OPERATOR, batch=batch, languages=LANGUAGES, journal=copied_journal, at=clock.now())


async def lines(person):
    async with work(space=person.space, at=clock.now()) as w:
        return await exports_of(w)


async def content_of(person, export):
    blob = await open_export(actor=person.actor, space=person.space, export=export, at=clock.now())
    return b"".join([piece async for piece in blob.read_range(0, blob.size)])


async def opened(person, export):
    archive = zipfile.ZipFile(io.BytesIO(await content_of(person, export)))
    assert archive.testzip() is None
    return archive


async def give_cda(person):
    content, software = make_cda_n1(), await make_software()
    new = new_document(content=content, title="Compte rendu & suites", author=software)
    said = msgspec.structs.replace(new.metadata, content_type="text/xml", sha256=hashlib.sha256(content).hexdigest())
    parcel = Deposit(ins=person.ins, traits=person.traits, documents=(msgspec.structs.replace(new, metadata=said),))
    await deposit(actor=software, deposit=parcel, at=clock.now())
    return content


@pytest.fixture(autouse=True)
def nobody_waits(house):
    with as_owner(house) as conn:
        conn.execute("DELETE FROM data_export")


async def test_a_copy_holds_everything_and_opens_offline(house, batch):
    person = await someone()
    await give(person, by=await make_software(), content=b"Bonjour, tout va bien.", title="Bilan <b>sanguin</b>")
    cda = await give_cda(person)
    export = await asked_by(person)
    with pytest.raises(Conflict):
        await asked_by(person)
    empty_queue(house)
    assert await make(batch) == 1
    assert await make(batch) == 0
    await deliver(house)
    archive = await opened(person, export)
    names = archive.namelist()
    originals = {archive.read(name) for name in names if name.startswith("documents/")}
    assert originals == {b"Bonjour, tout va bien.", cda}
    for page, other in (("index.html", "Who has access"), ("index.en.html", "Qui a accès")):
        html = archive.read(page).decode()
        assert "Bilan &lt;b&gt;sanguin&lt;/b&gt;" in html
        assert "<script" not in html
        assert other not in html
        linked = {part.partition('"')[0] for part in html.split('href="')[1:]} - {"#documents"}
        assert linked <= set(names), "nothing leads out of the copy"
    bundle = json.loads(archive.read("fhir/documents.json"))
    urls = {one["resource"]["content"][0]["attachment"]["url"] for one in bundle["entry"]}
    assert {url.removeprefix("../") for url in urls} == {name for name in names if name.startswith("documents/")}
    assert any(name.startswith("lisible/") and name.endswith(".pdf") for name in names), "what a document carries"
    summary = Bundle.model_validate_json(archive.read("fhir/summary.json"))
    composition, patient = summary.entry[0].resource, summary.entry[1].resource
    inside = {one.fullUrl: one.resource for one in summary.entry}
    told = {one.code.coding[0].code: [inside[each.reference] for each in one.entry] for one in composition.section}
    required = {"48765-2": "AllergyIntolerance", "10160-0": "MedicationStatement", "11450-4": "Condition"}
    assert {code: [one.get_resource_type() for one in told.pop(code)] for code in required} == {
        code: [kind] for code, kind in required.items()
    }
    assert patient.identifier[0].value == person.ins.matricule
    (listed,) = told.values()
    assert {one.content[0].attachment.url for one in listed} == urls
    space = json.loads(archive.read("donnees/espace.json"))
    assert space["person"]["ins"]["matricule"] == person.ins.matricule
    journal = json.loads(archive.read("journal/journal.json"))
    assert (journal["format"], journal["space"]) == ("carnet-journal/1", str(person.space))
    assert {"ask-export", "make-export"} <= {one["entry"]["act"] for one in journal["waiting"]}
    (line,) = await lines(person)
    assert (line.state, line.done, line.total) == ("ready", 2, 2)
    with as_owner(house) as conn:
        blob = conn.execute("SELECT blob_id FROM data_export").fetchone()[0]
        intents = conn.execute("SELECT count(*) FROM deposit_intent WHERE blob_id = %s", (blob,)).fetchone()[0]
        told = conn.execute("SELECT code FROM notification WHERE space_id = %s", (person.space,)).fetchall()
    assert (intents, ("COPIE_PRETE",) in told) == (0, True)
    sealed = (house.home / "blobs" / blob.hex[-1] / blob.hex[-2] / blob.hex).read_bytes()
    assert b"PK\x03\x04" not in sealed[:200], "at rest it is sealed like everything"


@pytest.mark.parametrize("planted", [False, True])
async def test_what_is_withheld_is_not_in_the_copy(house, batch, monkeypatch, planted):
    """Two worlds: in one something waits to be announced; every name and page of the copies is the same."""
    if planted:
        real = copy_archive.copy_pages

        async def everything(**asked):
            with as_owner(house) as conn:
                conn.execute("UPDATE document SET invisible_patient = false WHERE space_id = %s", (asked["space"],))
            async for page in real(**asked):
                yield page

        monkeypatch.setattr(copy_archive, "copy_pages", everything)
    seen = []
    for hidden in (True, False):
        person, software = await someone(), await make_software()
        await give(person, by=software, title="Rien de grave")
        if hidden:
            await give(person, by=software, title="Cancer", content=b"annonce", codes=HIDDEN)
        export = await asked_by(person)
        await make(batch)
        archive = await opened(person, export)
        words = "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
        seen.append((len(archive.namelist()), "Cancer" in words, "annonce" in words, (await lines(person))[0].total))
    assert (seen[0] == seen[1]) is not planted


async def written_to(house, person, at):
    """A conversation: a file, a clinical document and words came; a document of the record and a draft went back."""
    receipt = await give(person, by=await make_software(), title="Bilan à part", content=b"cholesterol 1,80")
    document = receipt.documents[0].document_id
    files = (("radio <1>.txt", "text/plain", b"cliche"), ("cr.xml", "text/xml", make_cda_n1()))
    sent = letter(person, subject="Vos <b>résultats</b>", text="Bonjour,\nvoici.", files=files)
    await hand_over(sent, to=address_of(person), at=at)
    await deliver(house)
    here = {"actor": person.actor, "space": person.space, "at": at}
    (line,) = (await inbox(**here)).lines
    writing = Writing(text="Merci docteur.", answers=line.conversation_id, request_id=uuid4())
    await write_message(**here, writing=writing, documents=[document])
    await save_draft(**here, conversation=line.conversation_id, text="J'oubliais")
    await save_draft(**here, conversation=None, subject="Pour plus tard", to=DOCTOR, text="Je commence")
    return document


@pytest.mark.parametrize(("hidden", "planted"), [(False, False), (True, False), (True, True)])
async def test_messages_are_in_the_copy_without_what_the_record_hides(house, batch, monkeypatch, hidden, planted):
    """T13, T14: a document hidden since it was sent along is absent from the copy, its name in the message too."""
    person = await someone()
    document = await written_to(house, person, clock.now())
    if hidden:
        with as_owner(house) as conn:
            conn.execute("UPDATE document SET invisible_patient = true WHERE document_id = %s", (document,))
    if planted:
        monkeypatch.setattr(copy_messages, "_is_here", lambda *_: True)
        monkeypatch.setattr(copy_messages, "_beside", lambda _, file, *__: Beside(name=file.description.name, href=""))
    export = await asked_by(person)
    assert await make(batch) == 1
    archive = await opened(person, export)
    names = archive.namelist()
    html = next(archive.read(name).decode() for name in names if name.startswith("messages/Vos-b-resultats"))
    for said in ("Bonjour,\nvoici.", "Merci docteur.", "J&#x27;oubliais", "Brouillon", "radio"):
        assert said in html, html
    everything = b"\n".join(archive.read(name) for name in names)
    assert ("Bilan à part".encode() in everything) is (planted or not hidden)
    if planted:
        return
    pieces = {archive.read(name) for name in names if name.startswith("messages/pieces/")}
    assert pieces == {b"cliche", make_cda_n1()}
    linked = {part.partition('"')[0] for part in html.split('href="')[1:]}
    inside = {str(PurePosixPath("messages") / one).replace("messages/../", "") for one in linked}
    assert inside <= set(names), "nothing leads out of the copy"
    assert any(one.startswith("lisible/") for one in inside), "what is clinical can be read"
    for page in ("messages/index.html", "messages/index.en.html"):
        assert "Vos &lt;b&gt;résultats&lt;/b&gt;" in archive.read(page).decode()
        assert DOCTOR in archive.read(page).decode()
    resources = [one["resource"] for one in json.loads(archive.read("fhir/messages.json"))["entry"]]
    assert [one["status"] for one in resources] == ["completed", "in-progress", "preparation", "preparation"]
    begun = next(archive.read(name).decode() for name in names if name.startswith("messages/Pour-plus-tard"))
    assert "Je commence" in begun, "what was begun and answers nothing"
    referred = [part for one in resources for part in one["payload"] if "contentReference" in part]
    assert [part["contentReference"]["reference"] for part in referred] == ([] if hidden else [f"urn:uuid:{document}"])


async def note(person, kind, **words):
    written = Words(**({"party": "Dr Roux", "title": "Bilan"} | words))
    said = Said(kind=kind, day="2027-03-04", hour="08:15", words=written)
    at = clock.now() - dt.timedelta(minutes=1)
    await add_entry(actor=person.actor, space=person.space, entry=uuid4(), said=said, at=at)


async def test_the_agenda_is_in_the_copy_as_a_page_and_as_fhir(batch):
    person, other = await someone(), await someone()
    await note(person, Kind.APPOINTMENT, party="Dr <b>Roux</b>", speciality="Cardiologie", note="À jeun")
    await note(person, Kind.REMINDER, title="Ordonnance")
    await note(other, Kind.REMINDER, title="Ailleurs")
    export = await asked_by(person)
    await make(batch)
    archive = await opened(person, export)
    pages = (("index.html", "jeudi 4 mars 2027 à 08:15"), ("index.en.html", "Thursday 4 March 2027 at 08:15"))
    for index, said in pages:
        html = archive.read(f"agenda/{index}").decode()
        for one in (said, "Dr &lt;b&gt;Roux&lt;/b&gt;", "À jeun", "Ordonnance"):
            assert one in html, one
        assert "Ailleurs" not in html
        assert f'href="agenda/{index}"' in archive.read(index).decode()
    resources = [one["resource"] for one in json.loads(archive.read("fhir/agenda.json"))["entry"]]
    assert len(Bundle.model_validate_json(archive.read("fhir/agenda.json")).entry) == 2
    assert {one["resourceType"] for one in resources} == {"Appointment", "Task"}
    visit = next(one for one in resources if one["resourceType"] == "Appointment")
    assert (visit["status"], visit["start"], visit["comment"]) == ("booked", "2027-03-04T08:15:00+01:00", "À jeun")


async def test_what_the_space_knows_of_its_person_is_in_the_copy_without_a_secret(house, batch):
    """Carers, those helped, ways in, settings, history: told; codes that wait, others' numbers and keys: never."""
    person, carer, helped = await someone(), await someone(), await someone()
    await help_with(person, carer)
    await help_with(helped, person)
    await propose_email(actor=person.actor, space=person.space, email="moi@exemple.invalid", at=clock.now())
    async with work(space=person.space, at=clock.now()) as w:
        waiting = (await view_in(w)).contact.proposed.code
    await authorise(actor=person.actor, space=person.space, rpps=(await make_professional()).rpps, at=clock.now())
    export = await asked_by(person)
    await make(batch)
    archive = await opened(person, export)
    known = json.loads(archive.read("donnees/espace.json"))
    assert [one["name"] for one in known["acting_for_me"]] == [as_delegate(carer).name]
    assert [one["name"] for one in known["i_act_for"]] == [as_delegate(helped).name]
    assert known["contact"]["email_to_confirm"] == "moi@exemple.invalid"
    assert (known["life"]["state"], known["settings"]["language"]) == ("ACTIVE", "fr")
    assert len(known["access"]) == 1
    for page, word in (("donnees/espace.html", "Qui agit pour moi"), ("donnees/espace.en.html", "Who acts for me")):
        html = archive.read(page).decode()
        assert word in html
        assert as_delegate(carer).name in unescape(html)
        assert "&#x27;dict" not in html
        assert "Struct" not in html
    everything = b"\n".join(archive.read(name) for name in archive.namelist() if not name.startswith("journal/"))
    for secret in (carer.ins.matricule, helped.ins.matricule, waiting):
        assert secret.encode() not in everything
    assert json.loads(archive.read("donnees/avis.json")) is not None


async def test_nobody_asks_or_takes_without_a_second_proof_or_for_somebody_else(batch):
    person, other = await someone(), await someone()
    await give(person, by=await make_software())
    simple = msgspec.structs.replace(person.actor, stepped_up_until=None)
    export = await asked_by(person)
    await make(batch)
    for actor in (simple, other.actor):
        with pytest.raises(Refused):
            await ask_export(actor=actor, space=person.space, account=uuid4(), language="fr", at=clock.now())
        with pytest.raises(Refused):
            await open_export(actor=actor, space=person.space, export=export, at=clock.now())
    with pytest.raises(NotFound):
        await open_export(actor=other.actor, space=other.space, export=export, at=clock.now())


async def test_a_copy_is_gone_after_its_days_with_its_bytes(house, batch):
    person = await someone()
    await give(person, by=await make_software())
    export = await asked_by(person)
    await make(batch)
    (line,) = await lines(person)
    with as_owner(house) as conn:
        blob = conn.execute("SELECT blob_id FROM data_export").fetchone()[0]
    soon, over = line.expires_at - dt.timedelta(seconds=1), line.expires_at
    assert await expire_exports(actor=OPERATOR, batch=batch, at=soon) == 0
    lasting = msgspec.structs.replace(person.actor, stepped_up_until=over + dt.timedelta(days=1))
    with pytest.raises(NotFound):
        await open_export(actor=lasting, space=person.space, export=export, at=over)
    assert await expire_exports(actor=OPERATOR, batch=batch, at=over) == 1
    await collect_orphans(actor=OPERATOR, batch=batch, at=over)
    assert not await current().blobs.exists(blob)


async def test_a_copy_killed_in_the_middle_is_made_by_the_next_worker(house, batch, upkeep):
    person = await someone()
    await give(person, by=await make_software())
    export = await asked_by(person)
    assert await upkeep("export", stop="journal") == "stuck"
    assert [(one.state, one.size) for one in await lines(person)] == [("making", None)]
    assert await make(batch) == 0, "its worker may still live"
    with as_owner(house) as conn:
        conn.execute("UPDATE data_export SET touched_at = touched_at - interval '3 minutes'")
    assert await make(batch) == 1
    await opened(person, export)
    later = clock.now() + dt.timedelta(hours=2)
    assert (await collect_orphans(actor=OPERATOR, batch=batch, at=later)).intents >= 1, "what the dead one left"
    await opened(person, export)


async def test_a_full_disk_puts_the_copy_off_then_gives_it_up_aloud(house, batch, monkeypatch):
    person = await someone()
    await give(person, by=await make_software())
    export = await asked_by(person)
    full = local.LocalBlobs(house.home / "blobs", disk=FaultyDisk("write", error=28))
    with monkeypatch.context() as patched:
        patched.setattr(current().blobs, "put", full.put)
        assert await make(batch) == 0
        assert [one.state for one in await lines(person)] == ["asked"]
        for _ in range(4):
            with as_owner(house) as conn:
                conn.execute("UPDATE data_export SET touched_at = touched_at - interval '10 minutes'")
            assert await make(batch) == 0
    assert [one.state for one in await lines(person)] == ["failed"]
    with pytest.raises(NotFound):
        await open_export(actor=person.actor, space=person.space, export=export, at=clock.now())
    await full.close()
    again = await asked_by(person)
    assert await make(batch) == 1
    await opened(person, again)


async def test_a_copy_every_worker_died_of_is_given_up_aloud(house, batch):
    person = await someone()
    await asked_by(person)
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE data_export SET state = 'making', attempts = 5, touched_at = touched_at - interval '1 hour'"
        )
    assert await make(batch) == 0
    assert [one.state for one in await lines(person)] == ["failed"]
    await asked_by(person)
    assert await make(batch) == 1


@pytest.mark.parametrize("broken", ["row", "content"])
async def test_one_document_that_cannot_be_read_is_named_in_a_copy_of_the_others(house, batch, broken):
    person, software = await someone(), await make_software()
    first = await give(person, by=software, title="Illisible", content=b"perdu")
    await give(person, by=software, title="Lisible", content=b"toujours la")
    document = first.documents[0].document_id
    export = await asked_by(person)
    put = "UPDATE document SET summary_enc = %s, blob_id = %s WHERE document_id = %s"
    with as_owner(house) as conn:
        whole = conn.execute("SELECT summary_enc, blob_id FROM document WHERE document_id = %s", (document,)).fetchone()
        conn.execute(put, (b"x", whole[1], document) if broken == "row" else (whole[0], uuid4(), document))
        made = await make(batch)
        conn.execute(put, (*whole, document))
    archive = await opened(person, export)
    files = sorted(archive.read(name) for name in archive.namelist() if name.startswith("documents/"))
    assert (made, files) == (1, [b"perdu" if broken == "row" else b"", b"toujours la"])
    lines_ = [one for one in archive.read("index.html").decode().split("<tr>") if "n'a pas pu être lu" in unescape(one)]
    assert [("Illisible" in one, "Lisible" in one) for one in lines_] == [(broken == "content", False)]


LOST = {
    "who it is": ("space", "person_enc", "space_id", "donnees/espace.html", "n'a pas pu être lu"),
    "a message": ("message", "letter_enc", "space_id", "messages/Vos-resultats", "(ce message,"),
    "a conversation": (
        "conversation",
        "head_enc",
        "space_id",
        "messages/index.html",
        "dont l'objet n'a pas pu être lu",
    ),
    "an appointment": ("agenda_entry", "words_enc", "space_id", "agenda/index.html", "(n'a pas pu être lu"),
    "who wrote": ("mail_contact", "contact_enc", "space_id", "messages/index.html", "Quelqu'un dont le nom"),
}


@pytest.mark.parametrize("lost", [*LOST, "nothing"])
async def test_a_row_that_cannot_be_read_is_named_in_a_copy_of_the_rest(house, batch, lost):
    person = await someone()
    await give(person, by=await make_software(), title="Lisible", content=b"toujours la")
    await hand_over(letter(person), to=address_of(person), at=clock.now() - dt.timedelta(minutes=1))
    await deliver(house)
    await note(person, Kind.APPOINTMENT)
    export = await asked_by(person)
    table, column, key, *_ = LOST.get(lost, LOST["who it is"])
    with as_owner(house) as conn, capture_logs() as logged:
        (whole,) = conn.execute(f"SELECT {column} FROM {table} WHERE {key} = %s LIMIT 1", (person.space,)).fetchone()
        broken = whole if lost == "nothing" else b"x"
        conn.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", (broken, person.space))
        made = await make(batch)
        conn.execute(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", (whole, person.space))
    archive = await opened(person, export)
    assert made == 1
    assert [archive.read(one) for one in archive.namelist() if one.startswith("documents/")] == [b"toujours la"]
    assert {one["event"] for one in logged if one["log_level"] == "error"} == (
        set() if lost == "nothing" else {"copy-without"}
    )
    for *_, page, said in LOST.values():
        name = next((one for one in archive.namelist() if one.startswith(page)), "messages/index.html")
        told = said in unescape(archive.read(name).decode())
        assert told is (lost != "nothing" and LOST[lost][-1] == said), (page, said)
    assert ("fhir/summary.json" in archive.namelist()) is (lost != "who it is")


async def test_a_space_closed_meanwhile_gives_no_copy(batch):
    person = await someone()
    await give(person, by=await make_software())
    await asked_by(person)
    await close_space(actor=person.actor, space=person.space, at=clock.now())
    assert await make(batch) == 0
    assert [one.state for one in await lines(person)] == ["failed"]
