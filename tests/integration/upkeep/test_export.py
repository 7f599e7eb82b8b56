"""A person's copy of everything: whole, readable offline, without what is withheld; nothing half-made, ever."""

import datetime as dt
import hashlib
import io
import json
import zipfile
from uuid import uuid4

import msgspec
import pytest

from carnet.design.language import Language
from carnet.infra import clock
from carnet.infra.blobs import local
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.copied_journal import copied_journal
from carnet.journeys import copy_archive
from carnet.journeys.api import (
    ask_export,
    close_space,
    collect_orphans,
    expire_exports,
    exports_of,
    make_exports,
    open_export,
)
from carnet.kernel.errors import Conflict, NotFound, Refused
from carnet.records.api import Deposit, deposit
from factories.cda import make_cda_n1
from factories.events import as_owner, deliver, empty_queue
from factories.faulty_disk import FaultyDisk
from factories.world import OPERATOR, give, make_person, make_software, new_document

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


async def test_a_space_closed_meanwhile_gives_no_copy(batch):
    person = await someone()
    await give(person, by=await make_software())
    await asked_by(person)
    await close_space(actor=person.actor, space=person.space, at=clock.now())
    assert await make(batch) == 0
    assert [one.state for one in await lines(person)] == ["failed"]
