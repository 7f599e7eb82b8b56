"""What a person downloads proves itself offline, with nothing but the standard library, and tells nothing hidden."""

import asyncio
import base64
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

from carnet.infra import clock
from carnet.interfaces.portal import activity
from carnet.journal import verify_journal
from carnet.journal.api import seat_statement_key, statement_key
from carnet.journal.rules.notes import Note, signed_by
from carnet.journal.verify_journal import told, verify
from factories.world import give, make_software

PROGRAM = Path(verify_journal.__file__)


async def taken(browser, log):
    """Seal everything, then download."""
    await log.sequencer.round()
    answer = await browser.get("/activite/export.json")
    assert answer.status_code == 200
    return json.loads(answer.content)


async def test_a_journal_taken_away_is_verified_offline(open_browser, log, tmp_path):
    browser = await open_browser()
    for number in range(3):
        await give(browser.someone, by=await make_software(), at=clock.now(), content=b"%d" % number)
        await browser.page("/documents")
    export = await taken(browser, log)
    result = verify(export, None)
    assert result.problems == []
    count = len(export["entries"])
    assert result.entries == count > 5
    assert [row["number"] for row in export["entries"]] == list(range(1, count + 1))
    assert f"your {count} entries are complete from 1 to {count}" in told(result)
    said = await asyncio.to_thread(verified_alone, export, log, tmp_path)
    assert said.returncode == 0, said.stdout + said.stderr
    assert f"vos {count} lignes sont complètes de 1 à {count}" in said.stdout
    assert "witness1.example" in said.stdout


def verified_alone(export, log, tmp_path):
    """The program by itself, in an isolated interpreter without any installed package."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps(export), encoding="utf-8")
    alone = tmp_path / "verify_journal.py"
    alone.write_bytes(PROGRAM.read_bytes())
    (tmp_path / "keys").write_text((log.place.public / "keys").read_text())
    return subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            alone,
            path,
            "--keys",
            tmp_path / "keys",
            "--log",
            log.place.public,
            "--language",
            "fr",
        ],
        capture_output=True,
        text=True,
        check=False,
    )


async def test_what_is_withheld_is_neither_there_nor_a_gap(open_browser, log):
    """A document to be announced: its person's journal is complete without it, and whole once it is released."""
    browser = await open_browser()
    software = await make_software()
    await give(browser.someone, by=software, at=clock.now(), codes=frozenset({"INVISIBLE_PATIENT"}))
    await browser.page("/documents")
    export = await taken(browser, log)
    result = verify(export)
    assert result.problems == []
    assert "deposit-document" not in {row["entry"]["act"] for row in export["entries"] + export["waiting"]}
    assert export["announced"] == []
    assert not any(row["entry"]["document_ids"] for row in export["entries"])


async def test_on_paper_it_is_signed_and_carries_its_proof(open_browser, log, tmp_path, monkeypatch):
    import pikepdf

    seat_statement_key(tmp_path / "statement.key", name="taking.example/journal/releve")
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), at=clock.now(), title="Épreuve d’effort — œil")
    await browser.page("/documents")
    await log.sequencer.round()
    answer = await browser.get("/activite/export.pdf")
    assert answer.status_code == 200
    with pikepdf.open(io.BytesIO(answer.content)) as sheet:
        data = sheet.attachments["carnet-journal.json"].get_file().read_bytes()
        note = Note.parse(sheet.attachments["carnet-journal.note"].get_file().read_bytes().decode())
    key = statement_key().public
    assert signed_by(note, key)
    assert note.text.split("\n")[2] == base64.b64encode(hashlib.sha256(data).digest()).decode()
    assert verify(json.loads(data)).problems == []
    monkeypatch.setattr(activity, "LARGEST_ON_PAPER", len(data) // 2)
    refused = await browser.get("/activite/export.pdf")
    assert refused.status_code == 413
    assert "téléchargez-le en JSON" in refused.text


async def test_as_fhir_each_entry_is_an_audit_event(open_browser, log):
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), at=clock.now())
    await browser.page("/documents")
    answer = await browser.get("/activite/export.fhir.json")
    bundle = json.loads(answer.content)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    for row in bundle["entry"]:
        event = row["resource"]  # what R4 asks of every AuditEvent
        assert row["fullUrl"].startswith("urn:uuid:")
        assert {"type", "recorded", "agent", "source"} <= event.keys()
        assert sum(one["requestor"] for one in event["agent"]) == 1
        assert event["action"] in "CRUDE"
        assert event["outcome"] in {"0", "4"}
        assert event["source"]["observer"]
    acts = {row["resource"]["subtype"][0]["code"] for row in bundle["entry"]}
    assert {"deposit-document", "list-documents"} <= acts


async def test_who_what_and_when_can_be_chosen(open_browser, log):
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), at=clock.now())
    await browser.page("/documents")
    consulted = await browser.page("/activite?quoi=consultations")
    assert "a ajouté" not in consulted
    assert "a ajouté" in await browser.page("/activite?quoi=depots")
    assert "a ajouté" not in await browser.page("/activite?par=10000000001")
    assert "a ajouté" not in await browser.page("/activite?quoi=refus")
