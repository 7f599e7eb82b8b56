"""From the insurer's file to an open space: told, free to say no, opened after six weeks, used for real."""

import asyncio
import datetime as dt
import gzip
import hashlib
import json
import re

import msgspec
import psycopg
import pypdfium2
import pytest

from carnet.identity.api import parse_traits
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.kernel.errors import Conflict, Invalid, NotFound, Refused
from carnet.records.api import Deposit, deposit
from carnet.spaces.actions import import_beneficiaries as importing
from carnet.spaces.actions import inform as informing
from carnet.spaces.actions import open_due as opening
from carnet.spaces.api import (
    Channel,
    Proof,
    Source,
    check_receipt,
    find_space,
    names_them,
    object_at_desk,
    object_on_line,
    open_space,
    person_digest,
    retract_at_desk,
    retract_on_line,
    take_bounces,
)
from carnet.spaces.rules.beneficiaries import COLUMNS
from factories.beneficiaries import NAMES, beneficiary_matricule, line
from factories.campaign import CODE, born, imported, ins_of, letter_codes, opened, rows, states, told
from factories.post import post_office, transport_to
from factories.world import AT, OPERATOR, make_software, new_document

SIX_WEEKS = dt.timedelta(days=42)


async def test_from_the_file_to_the_first_document(house, batch, source, tmp_path):
    done = await imported(batch, source(range(1, 61)))
    assert (done.stored, done.rejected, done.ended) == (60, 0, True)
    async with post_office() as (post, port):
        reached = await told(batch, tmp_path, transport=transport_to(port))
    assert (reached.emails, reached.letters) == (10, 0)  # 31000 is every sixth, and each has an e-mail
    reached = await told(batch, tmp_path, departement="44")
    codes = letter_codes(tmp_path / "lettres")
    assert reached.letters == len(codes) == 10
    manifest = json.loads(next((tmp_path / "lettres").glob("lot-*.json")).read_text())
    assert manifest["letters"] == 10
    pdf = (tmp_path / "lettres" / manifest["file"]).read_bytes()
    assert manifest["sha256"] == hashlib.sha256(pdf).hexdigest()
    assert len(post.messages) == 10
    for message in post.messages:
        assert "D'ARCY" not in message.as_string()
        assert CODE.search(message.get_body(("plain",)).get_content())

    objector = next(iter(codes))
    receipt = await object_on_line(
        actor=OPERATOR, proof=Proof(code=codes[objector].lower(), born=born(objector), source="a"), at=AT
    )
    assert check_receipt(current().house_key, receipt.token) == receipt
    assert await opened(batch, AT + SIX_WEEKS - dt.timedelta(seconds=1)) == 0
    assert await opened(batch, AT + SIX_WEEKS, workers=3, slice_=4) == 19
    assert await opened(batch, AT + SIX_WEEKS) == 0
    assert states(house) == {"OPEN": 19, "OPPOSED": 1, "ELIGIBLE": 40}

    with clock.frozen(AT + SIX_WEEKS + dt.timedelta(days=1)) as now:
        software = await make_software(at=AT)
        given = line(6).split(";")
        traits = parse_traits(birth_name=given[2], given_names=("ZOE",), sex="F", birth_date=given[5])
        parcel = Deposit(ins=ins_of(6), traits=traits, documents=(new_document(author=software),))
        await deposit(actor=software, deposit=parcel, at=now.now())
        other = msgspec.structs.replace(parcel, ins=ins_of(objector))
        with pytest.raises(NotFound):
            await deposit(actor=software, deposit=other, at=now.now())
    space = await find_space(ins_of(6))
    acts = rows(house, "SELECT act, details FROM carnet.journal_entry WHERE space_id = %s ORDER BY seq", space)
    assert acts[0] == ("open-space", {"opened": "2027-01-02", "informed": "2026-11-21"})
    assert rows(house, "SELECT count(*) FROM carnet.enrolment WHERE state = 'OPEN' AND person_enc IS NULL")[0][0] == 1
    other = msgspec.structs.replace(traits, birth_name="AUTREMENT")
    async with system_work(at=AT) as w:
        known = [await names_them(w, digest=person_digest(ins_of(6)), traits=one) for one in (traits, other)]
    assert known == [True, False], "the desk knows by name whom the campaign opened a space for"


BAD = {
    "ins-key-wrong": line(1).replace(beneficiary_matricule(1), beneficiary_matricule(1)[:13] + "00"),
    "date-in-future": line(2, date_naissance="2031-01-01"),
    "columns": line(3)[:60] + "\n",
    "columns ": line(3).strip() + ";" * 100 + "\n",
    "event-unknown": line(4, evenement="mariage"),
    "no-way-to-tell": line(5, adresse=""),
    "postcode": line(6, code_postal="ABC"),
    "quotes": line(7, commune='"VILLE'),
    "ins-oid-not-accepted": line(8, oid="1.2.3"),
    "contradicts": line(20, date_naissance="1951-02-03"),
}


async def test_what_cannot_stand_is_listed_line_by_line_and_the_rest_goes_in(house, batch, source):
    made = source([line(20), *BAD.values(), line(21), line(21, email="autre@exemple.invalid"), line(22)])
    with made.path.open("ab") as file:
        file.write(line(23, nom_naissance="BÉZIER").encode("latin-1"))
    done = await imported(batch, made)
    listed = [one.split(";") for one in made.rejects.read_text().splitlines()]
    expected = [[str(number), code.strip()] for number, code in enumerate(BAD, 3)]
    assert [one[:2] for one in listed] == [*expected, ["16", "encoding"]]
    assert all("2031" not in one[2] and len(one) == 3 for one in listed)
    assert (done.stored, done.merged, done.rejected) == (3, 1, 11)
    # the same file again: nothing is done twice; another file that contradicts: the known person stays
    assert await imported(batch, made) == done
    again = source([line(20, sexe="M"), line(21, evenement="deces"), line(22)])
    done = await imported(batch, again, at=AT + dt.timedelta(days=1))
    assert (done.stored, done.rejected) == (1, 1)
    assert states(house) == {"ELIGIBLE": 2, "DECEASED": 1}


TITLES = ";".join(COLUMNS)
OTHERS = {
    "empty": (b"", "is empty"),
    "gzip": (gzip.compress(TITLES.encode()), "compressed"),
    "spreadsheet": (b"PK\x03\x04" + bytes(90), "spreadsheet"),
    "UTF-16": (f"{TITLES}\n".encode("utf-16"), "save it as UTF-8"),
    "NUL": (b"matricule\0;oid\n", "save it as UTF-8"),
    "cut": (TITLES[:40].encode(), "does not end"),
    "CR alone": (f"{TITLES}\r{line(1)[:-1]}\r".encode(), "LF nor with CRLF"),
    "commas": (f"{TITLES}\n".replace(";", ",").encode(), "Expected: matricule;oid;"),
    "another": ("\ufeffnom;prenom\n".encode(), "has 2 columns, 15 are expected"),
    "a hundred too many": ((TITLES + "".join(f";x{one}" for one in range(100)) + "\n").encode(), "115 columns"),
    "no titles": (line(1).encode(), "Expected: matricule;oid;"),
    "one line": (f"{TITLES}\n".encode() + bytes(300_000), "far too long"),
}


@pytest.mark.parametrize("other", OTHERS)
async def test_another_file_is_not_read_and_why_is_said(house, batch, tmp_path, other):
    content, said = OTHERS[other]
    (path := tmp_path / "autre.csv").write_bytes(content)
    with pytest.raises(Invalid) as refused:
        await imported(batch, Source(path=path, rejects=tmp_path / "r.csv", block=4_000))
    assert said in refused.value.problems[0].en
    assert not any(name in refused.value.problems[0].en + refused.value.problems[0].fr for name in NAMES)
    assert states(house) == {}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_file_cut_in_half_leaves_its_torn_line_out(house, batch, tmp_path, end):
    """Also where what is left looks whole: a death cut off its end would read as somebody's rights."""
    torn = line(3, evenement="deces").removesuffix("deces\n")
    (path := tmp_path / "cut.csv").write_bytes(end.join([f"\ufeff{TITLES}", line(1)[:-1], line(2)[:-1], torn]).encode())
    made = Source(path=path, rejects=tmp_path / "rejets.csv")
    done = await imported(batch, made)
    assert (done.lines, done.stored, done.rejected, states(house)) == (3, 2, 1, {"ELIGIBLE": 2})
    assert made.rejects.read_text().startswith("4;unended;")


async def test_twins_and_homonyms_stay_two_and_what_changes_of_one_reaches_the_letter(house, batch, source, tmp_path):
    """Only the number says who is who; a later file replaces the address, the name in use, the representatives."""
    alike = {"nom_naissance": "GUEGUEN", "date_naissance": "1950-03-04", "email": "", "code_postal": "44000"}
    done = await imported(batch, source([line(number, **alike) for number in (6, 7)]))
    assert (done.stored, done.merged, done.rejected) == (2, 0, 0)
    moved = alike | {"adresse": "77 RUE DES ESSAIS", "nom_usage": "DUPONT"}
    done = await imported(batch, source([line(7, **moved), line(7, **moved | {"nom_usage": "DURAND"})]))
    assert (done.stored, done.merged) == (1, 1), "the later line counts"
    assert (await imported(batch, source([line(7, **moved | {"nom_usage": "DURAND"})]))).stored == 0
    await told(batch, tmp_path, departement="44")
    assert set(letter_codes(tmp_path / "lettres")) == {6, 77}
    (file,) = (tmp_path / "lettres").glob("lot-*.pdf")
    texts = " ".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(file))
    assert ("DURAND" in texts, "DUPONT" in texts, texts.count("Zoe GUEGUEN") + texts.count("ZOE GUEGUEN")) == (
        True,
        False,
        1,
    )


class Killed(BaseException):
    """As abrupt as a test can be within one process: nothing after it runs but the rollback."""


async def test_killed_between_blocks_it_goes_on(house, batch, source):
    made = source([*(line(number) for number in range(300)), "cut;line\n"], block=8_000)
    seen = []

    def kill(done):
        seen.append(done)
        if len(seen) == 3:
            raise Killed

    with pytest.raises(Killed):
        await imported(batch, made, progress=kill)
    with made.rejects.open("a") as file:
        file.write("written, never committed\n")
    rest = []
    done = await imported(batch, made, progress=rest.append)
    assert 0 < seen[-1].lines < rest[0].lines
    assert (done.lines, done.stored, done.rejected) == (301, 300, 1)
    assert made.rejects.read_text().splitlines()[0].startswith("302;columns;")


@pytest.mark.parametrize("broken", [False, True], ids=["as it is", "planted fault"])
async def test_only_the_end_of_the_file_waits_for_the_disk_and_people_go_between(
    house, batch, source, tmp_path, monkeypatch, broken
):
    """What the machine forgets is done again; that all is done is said only when nothing can be forgotten any more."""
    waits, rests, store = [], [], importing._store

    async def stored(w, *given, **named):
        done = await store(w, *given, **named)
        waits.append((await w.row("SELECT current_setting('synchronous_commit')"))[0])
        return done

    async def rest(seconds):
        rests.append(seconds)

    monkeypatch.setattr(importing, "_store", stored)
    for step in (importing, opening):
        monkeypatch.setattr(step, "rest_after", rest)
    if broken:
        monkeypatch.setitem(importing._DURABLE, True, importing._DURABLE[False])
    await imported(batch, source([line(one) for one in range(1, 361, 6)], block=2_000))
    assert len(rests) == len(waits) > 2
    assert (waits == ["off"] * (len(waits) - 1) + ["on"]) is not broken
    await told(batch, tmp_path, departement="44")
    rests.clear()
    assert (await opened(batch, AT + SIX_WEEKS, slice_=20), len(rests)) == (60, 3)


async def test_an_opening_killed_between_two_steps_goes_on(house, batch, source, tmp_path):
    await imported(batch, source([line(one) for one in range(1, 361, 6)]))
    await told(batch, tmp_path, departement="44")

    def kill(_):
        raise Killed

    with pytest.raises(Killed):
        await opened(batch, AT + SIX_WEEKS, slice_=20, progress=kill)
    joined = "carnet.enrolment JOIN carnet.ins_index USING (ins_digest) JOIN carnet.authz USING (space_id)"
    places = f"SELECT count(*) FROM {joined}"
    logged = "SELECT sum(cardinality(persons)) FROM carnet.enrolment_log WHERE event = 'open'"
    assert (states(house)["OPEN"], rows(house, places), rows(house, logged)) == (20, [(20,)], [(20,)])
    assert await opened(batch, AT + SIX_WEEKS, slice_=20) == 40
    assert (states(house), rows(house, places), rows(house, logged)) == ({"OPEN": 60}, [(60,)], [(60,)])


async def test_who_changes_while_being_opened_is_opened_whole_or_not_at_all(
    house, batch, source, tmp_path, monkeypatch
):
    """An address comes in after the step looked, before it holds the row: a place and its state stay one."""
    await imported(batch, source([line(one) for one in range(1, 361, 6)]))
    await told(batch, tmp_path, departement="44")
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 2212 AND NOT granted"
    with psycopg.connect(house.url("postgres"), autocommit=True) as other, monkeypatch.context() as held_up:
        other.execute("SELECT pg_advisory_lock(2212)")
        held = "WHERE (SELECT pg_advisory_xact_lock(2212)) IS NOT NULL AND state IN"
        held_up.setattr(opening, "_OPEN", opening._OPEN.replace("WHERE state IN", held, 1))
        opening_now = asyncio.ensure_future(opened(batch, AT + SIX_WEEKS))
        while not (rows(house, waiting) or opening_now.done()):  # noqa: ASYNC110 - it waits in the database
            await asyncio.sleep(0.01)
        other.execute("UPDATE carnet.enrolment SET reachable = NOT reachable")
        other.execute("SELECT pg_advisory_unlock(2212)")
        await opening_now
    apart = "SELECT count(*) FROM carnet.enrolment JOIN carnet.ins_index USING (ins_digest) WHERE state <> 'OPEN'"
    assert rows(house, apart) == [(0,)]
    await opened(batch, AT + SIX_WEEKS)
    assert states(house) == {"OPEN": 60}


async def test_two_imports_of_one_file_at_once(house, batch, source):
    """Planted fault of the guard: whoever stored a block in between makes the other one stop, not store it twice."""
    made = source(range(200), block=4_000)

    def meanwhile(done):
        with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
            conn.execute("UPDATE carnet.import_file SET read_bytes = read_bytes + 1")

    with pytest.raises(Conflict):
        await imported(batch, made, progress=meanwhile)


async def test_a_bounce_becomes_a_letter_and_the_delay_starts_again(house, batch, source, tmp_path):
    await imported(batch, source([line(6), line(12)]))
    async with post_office() as (post, port):
        post.mood = "never"
        reached = await told(batch, tmp_path, transport=transport_to(port))
        assert (reached.emails, reached.letters) == (0, 2)
        await imported(batch, source([line(18), line(24)]))
        post.mood = "later"
        reached = await told(batch, tmp_path, transport=transport_to(port))
        assert reached.halted
        post.mood = "good"
        await told(batch, tmp_path, transport=transport_to(port), most=2)
    keys = [re.search(r"information-([0-9a-f]{40})@", str(one["Message-ID"]))[1] for one in post.messages]
    assert await take_bounces(actor=OPERATOR, batch=batch, keys=keys[:1], at=AT) == len(keys[:1])
    later = AT + dt.timedelta(days=10)
    assert (await told(batch, tmp_path, at=later)).letters == 1
    # the same e-mail comes back again, and what came back of nobody's: no second letter, no delay begun anew
    assert await take_bounces(actor=OPERATOR, batch=batch, keys=[*keys[:1], "0" * 40], at=later) == 0
    assert (await told(batch, tmp_path, at=later)).letters == 0
    assert await opened(batch, later + SIX_WEEKS - dt.timedelta(hours=1)) == 3
    assert await opened(batch, later + SIX_WEEKS) == 1


async def test_letters_of_a_killed_run_are_settled(house, batch, source, tmp_path, monkeypatch):
    await imported(batch, source([line(1), line(7)]))
    with monkeypatch.context() as patch:
        patch.setattr(informing, "_note", _die)
        with pytest.raises(Killed):
            await told(batch, tmp_path, departement="44")
    folder = tmp_path / "lettres"
    assert [one.suffix for one in sorted(folder.iterdir())] == [".json", ".part"]
    assert states(house) == {"ELIGIBLE": 2}
    await told(batch, tmp_path, departement="44", most=0)
    assert list(folder.iterdir()) == []
    await told(batch, tmp_path, departement="44")
    named = next(folder.glob("*.pdf"))
    named.rename(f"{named}.part")  # killed after the commit, before the name
    await told(batch, tmp_path, departement="44")
    assert named.exists()


async def _die(*_arguments, **_named):
    raise Killed


async def test_codes_guessed_replayed_expired_and_said_twice(house, batch, source, tmp_path):
    await imported(batch, source([line(1), line(7), line(13)]))
    await told(batch, tmp_path, departement="44")
    codes = letter_codes(tmp_path / "lettres")

    async def say(number, *, code=None, day=None, source="s", at=AT, act=object_on_line):
        proof = Proof(code=code or codes[number], born=day or born(number), source=source)
        return await act(actor=OPERATOR, proof=proof, at=at)

    answers = set()
    wrong = [{"code": "2222-2222-2222"}, {"code": "x"}, {"day": "1900-01-01"}, {"at": AT + SIX_WEEKS}]
    for one in wrong:
        with pytest.raises(Invalid) as refused:
            await say(1, **one)
        answers.add(refused.value.problems)
    assert len(answers) == 1
    first = await say(1)
    assert await say(1, at=AT + dt.timedelta(days=1)) == first
    assert check_receipt(current().house_key, first.token[:-2] + "AA") is None
    for _ in range(5):
        with pytest.raises(Invalid):
            await say(7, day="1900-01-01", source="t")
    with pytest.raises(Invalid):  # the code is dead, from anywhere
        await say(7, source="u")
    for number in range(10):
        with pytest.raises(Invalid):
            await say(13, code=f"2222-2222-222{number % 7 + 2}", source="guesser")
    with pytest.raises(Invalid):  # the guesser waits even with the right code; others do not
        await say(13, source="guesser")
    await say(13, source="v")
    # taken back: open at once, and then too late to object without closing
    await say(13, source="v", act=retract_on_line)
    with pytest.raises(Invalid) as refused:
        await say(13, source="v")
    assert refused.value.problems[0].code == "already-open"
    assert await find_space(ins_of(13)) is not None
    assert states(house) == {"OPPOSED": 1, "NOTIFIED": 1, "OPEN": 1}
    logged = rows(house, "SELECT event, cardinality(persons) FROM carnet.enrolment_log ORDER BY at, event")
    assert logged == [("inform", 3), ("object", 1), ("object", 1), ("retract", 1)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(house, "DELETE FROM carnet.enrolment_log RETURNING 1")


async def test_an_agent_takes_an_objection_and_nothing_opens_over_it(house, batch, source, tmp_path):
    await imported(batch, source([line(2), line(3)]))
    agent = {"actor": OPERATOR, "how": Channel.PHONE}
    receipt = await object_at_desk(ins=ins_of(2), at=AT, **agent)
    assert await object_at_desk(ins=ins_of(2), at=AT + dt.timedelta(days=3), **agent) == receipt
    assert (await told(batch, tmp_path, departement="80")).letters == 0
    await imported(batch, source([line(2, email="new@exemple.invalid")]), at=AT + dt.timedelta(days=2))
    assert await opened(batch, AT + dt.timedelta(days=400)) == 0
    traits = parse_traits(birth_name="CHEVALLIER", birth_date=born(2))
    with pytest.raises(Conflict):
        await open_space(actor=OPERATOR, ins=ins_of(2), traits=traits, at=AT)
    with pytest.raises(Invalid):
        await object_at_desk(ins=ins_of(4), at=AT, **agent)
    with pytest.raises(Refused):
        await object_at_desk(actor=await make_software(), ins=ins_of(3), how=Channel.POST, at=AT)
    assert states(house) == {"ELIGIBLE": 1, "OPPOSED": 1}
    await retract_at_desk(ins=ins_of(2), at=AT, **agent)
    assert await find_space(ins_of(2)) is not None
    space = await open_space(actor=OPERATOR, ins=ins_of(3), traits=traits, at=AT)
    assert (await find_space(ins_of(3)), states(house)) == (space, {"OPEN": 2})


async def test_ten_workers_and_an_objection_at_the_same_instant(house, batch, source, tmp_path):

    await imported(batch, source(range(1, 361, 6)))
    await told(batch, tmp_path, departement="44")
    codes = letter_codes(tmp_path / "lettres")
    at = AT + SIX_WEEKS

    async def say(number):
        proof = Proof(code=codes[number], born=born(number), source=str(number))
        try:
            await object_on_line(actor=OPERATOR, proof=proof, at=at - dt.timedelta(seconds=1))
        except Invalid:
            return 0
        return 1

    work = [opened(batch, at, workers=2, slice_=7) for _ in range(10)] + [say(number) for number in list(codes)[:20]]
    done = await asyncio.gather(*work)
    while await opened(batch, at):
        pass
    assert states(house).get("OPPOSED", 0) == sum(done[10:])
    assert states(house)["OPEN"] == 60 - sum(done[10:])
    enrolled = "SELECT count(*) FROM carnet.enrolment e JOIN carnet.ins_index i USING (ins_digest) JOIN carnet.authz a"
    assert rows(house, f"{enrolled} ON a.space_id = i.space_id WHERE e.state = 'OPEN'")[0][0] == states(house)["OPEN"]
    assert rows(house, f"{enrolled} ON a.space_id = i.space_id WHERE e.state <> 'OPEN'")[0][0] == 0
