"""What a person downloads proves itself offline, with nothing but the standard library, and tells nothing hidden."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from carnet.infra import clock
from carnet.journal import verify_journal
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
