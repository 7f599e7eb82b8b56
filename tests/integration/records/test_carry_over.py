"""An earlier record goes into the space of its person: whole, once, hidden from its first moment, told once."""

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from carnet.access.api import authorise
from carnet.config.campaign_dmp import carry_over_folder
from carnet.infra.db import work
from carnet.infra.db.database import DOWN
from carnet.journal.api import Filter, entries
from carnet.journeys.api import close_space, reopen_space
from carnet.kernel.errors import Invalid, NotFound, Refused, Unavailable
from carnet.notifications.api import list_notifications
from carnet.records.actions import carry_over as carrying
from carnet.records.api import (
    DocumentQuery,
    SubmissionQuery,
    carry_over,
    list_documents,
    list_submissions,
    open_metadata,
    versions_of,
)
from carnet.records.rules import versions_carried
from factories.events import as_owner, deliver, empty_queue
from factories.post import post_office, transport_to
from factories.world import AT, OPERATOR, fresh_ins, give, make_person, make_professional, make_software
from factories.xdm import Old, make_xdm, together

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
EVERY = DocumentQuery(statuses=("current", "superseded"))


async def shown_to(actor, person, account=None):
    listing = await list_documents(actor=actor, space=person.space, query=EVERY, account=account, at=AT)
    return {open_metadata(one, keys=listing.keys).title: one for one in listing.entries}


async def carried(archive, actor=OPERATOR):
    return await carry_over(actor=actor, archive=archive, at=AT)


async def acts(person):
    async with work(space=person.space, at=AT) as w:
        return [(one.act, one.outcome) for one in await entries(w, filter_=Filter(with_refusals=True), limit=50)]


def record(finess="750999999"):
    """Two versions of a report, the newer one masked; a letter kept from the person; a note of their own."""
    first = Old(entry="v1", name="A.TXT", title="Compte rendu", content=b"premier", status="Deprecated")
    second = Old(name="B.TXT", title="Compte rendu corrigé", content=b"second", labels=("MASQUE_PS",), replaces="v1")
    letter = Old(name="C.TXT", title="À annoncer", content=b"lettre", labels=("INVISIBLE_PATIENT",))
    house = f"Centre des Essais^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1{finess}"
    return [msgspec.structs.replace(one, institution=house) for one in (second, letter, first)]


async def test_an_earlier_record_is_there_once_with_all_that_was_said_of_it(house):
    empty_queue(house)
    person = await make_person(email="a@exemple.invalid")
    own = Old(
        name="D.TXT",
        title="Mes notes",
        content=b"notes",
        author=f"{person.ins.matricule}^X^Y^^^^^^&{person.ins.oid}&ISO",
    )
    doctor = await make_professional()
    documents = record(doctor.organisation)
    archive = make_xdm(person, *documents, own)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    assert msgspec.structs.asdict(await carried(archive)) == {
        "stored": 4,
        "already": 0,
        "left_out": (),
        "before": False,
    }
    account = uuid4()
    with as_owner(house) as conn:  # who signed in the day before
        conn.execute(
            "INSERT INTO account (account_id, kind, issuer, subject_digest, space_id, created_at, last_login_at)"
            " VALUES (%s, 'person', 'fc', %s, %s, %s, %s)",
            (account, account.bytes, person.space, AT - dt.timedelta(days=1), AT),
        )
    mine = await shown_to(person.actor, person, account)
    assert sorted(mine) == ["Compte rendu", "Compte rendu corrigé", "Mes notes"]
    assert all(one.carried and not one.is_new for one in mine.values())
    report = mine["Compte rendu corrigé"]
    assert (report.status, report.version, report.masque_ps) == ("current", 2, True)
    assert report.document_date == dt.datetime(2019, 3, 14, 9, 15, tzinfo=dt.UTC)
    assert (report.author_rpps, report.author_finess) == ("10101010101", doctor.organisation)
    assert mine["Mes notes"].author_kind == "PATIENT"
    versions = await versions_of(actor=person.actor, space=person.space, document=report.document_id, at=AT)
    assert len(versions) == 2
    # its author's organisation reads what is masked to others, the announced letter included
    assert set(await shown_to(doctor, person)) == {"Compte rendu", "Compte rendu corrigé", "À annoncer", "Mes notes"}
    # the letter that is to be announced is in no line of theirs
    done = [outcome for act, outcome in await acts(person) if act == "carry-over-document"]
    assert done == ["done"] * 3
    async with post_office() as (post, port):
        await deliver(house, transport=transport_to(port))
        assert (await carried(archive)).before
        again = make_xdm(person, *documents, Old(name="E.TXT", title="Encore", content=b"notes"))
        await carried(again)
        await deliver(house, transport=transport_to(port))
    told = (await list_notifications(actor=person.actor, space=person.space, at=AT)).items
    assert sorted(one.code for one in told) == ["ACCES_DMP_PS", "REPRISE_DMP"]
    assert len(post.messages) == 2
    assert not any("DMP" in one.get_body(("plain",)).get_content() for one in post.messages)


async def test_the_same_bytes_and_the_same_number_are_one_document(house):
    person, software = await make_person(), await make_software()
    await give(person, by=software, unique_id="urn:oid:1.2.250.1.999^seen", content=b"vu", title="Ici")
    numbered = Old(name="A.TXT", unique_id="1.2.250.1.999^seen", content=b"vu", title="Par son numéro")
    alike = Old(name="B.TXT", content=b"vu", title="Par son contenu")
    twin = Old(name="C.TXT", content=b"deux fois", title="Une fois")
    other_twin = Old(name="D.TXT", content=b"deux fois", title="Une autre", labels=("MASQUE_PS",))
    done = await carried(make_xdm(person, numbered, alike, twin, other_twin))
    assert (done.stored, done.already, done.left_out) == (1, 3, ())
    mine = await shown_to(person.actor, person)
    assert sorted(mine) == ["Ici", "Une fois"]
    assert mine["Une fois"].masque_ps  # what hides one of the two hides the one that is kept
    clash = await carried(make_xdm(person, msgspec.structs.replace(numbered, content=b"autre chose")))
    assert [one.problem.code for one in clash.left_out] == ["same-identifier-other-content"]


async def sets_shown_to(actor, person):
    page = await list_submissions(actor=actor, space=person.space, query=SubmissionQuery(), at=AT)
    return [msgspec.json.decode(one.resource) for one in page.sets]


async def test_what_came_together_stays_together_and_its_title_tells_nothing_hidden(house):
    person, doctor = await make_person(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    seen = [Old(entry=one, name=f"{one}.TXT", title=one, content=one.encode()) for one in ("a", "b")]
    hidden = Old(entry="c", name="C.TXT", title="c", content=b"c", labels=("MASQUE_PS",))
    sets = together("a", "b", unique_id="1.2.250.1.999.1") + together("b", "c", unique_id="1.2.250.1.999.2")
    archive = make_xdm(person, *seen, hidden, Old(name="GONE.TXT", there=False), more=sets)
    for _ in range(2):  # something is missing: it is read again, and nothing is kept twice
        assert len((await carried(archive)).left_out) == 1
    mine = {one["identifier"][0]["value"]: one for one in await sets_shown_to(person.actor, person)}
    first, second = mine["urn:oid:1.2.250.1.999.1"], mine["urn:oid:1.2.250.1.999.2"]
    assert (len(mine), len(first["entry"]), len(second["entry"])) == (2, 2, 2)
    assert (first["title"], first["date"]) == ("Bilan de sortie", "2019-03-15T08:00:00.000Z")
    assert first["source"] == {"display": "Centre des Essais"}
    theirs = {one["identifier"][0]["value"]: one for one in await sets_shown_to(doctor, person)}
    assert len(theirs["urn:oid:1.2.250.1.999.2"]["entry"]) == 1  # what is masked is in no set of theirs
    assert "title" not in theirs["urn:oid:1.2.250.1.999.2"]
    # its one set holds all of a file that says of nothing where it belongs; a later archive brings the rest of a set
    await carried(make_xdm(person, Old(content=b"d"), more=together(unique_id="1.2.250.1.999.1", says=False)))
    mine = {one["identifier"][0]["value"]: one for one in await sets_shown_to(person.actor, person)}
    assert (len(mine), len(mine["urn:oid:1.2.250.1.999.1"]["entry"])) == (2, 3)


@pytest.mark.parametrize("planted", ["", "each by its own codes"])
async def test_what_is_masked_is_never_seen_between_two_steps(house, monkeypatch, planted):
    if planted:
        monkeypatch.setattr(carrying, "in_order", _own_codes)
    person, doctor = await make_person(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    seen = set()
    really = carrying.deposit_carried

    async def watched(**asked):
        receipt = await really(**asked)
        seen.update(await shown_to(doctor, person))
        return receipt

    monkeypatch.setattr(carrying, "deposit_carried", watched)
    await carried(make_xdm(person, *record()))
    assert ("Compte rendu" in seen) is bool(planted)


def _own_codes(links):
    going, refused = versions_carried.in_order(links)
    return tuple(msgspec.structs.replace(one, codes=links[one.place].codes) for one in going), refused


def refusals(path):
    return sorted([*csv.reader(path.read_text().splitlines(), delimiter=";")][1:])


LEFT_OUT = {
    "hash-disagrees": Old(name="X.TXT", hash="0" * 40),
    "size-disagrees": Old(name="X.TXT", size=3),
    "traits-disagree": Old(name="X.TXT", name_of_birth="ZZYZX"),
    "confidentiality-unknown-code": Old(name="X.TXT", labels=("SECRET",)),
    "codes-exclude-each-other": Old(name="X.TXT", labels=("MASQUE_PS", "INVISIBLE_PATIENT")),
    "type-unknown-code": Old(name="X.TXT", type="00000-0"),
    "not-described": Old(name="X.TXT", described=False),
    "file-missing": Old(name="X.TXT", there=False),
    "no-longer-in-force": Old(name="X.TXT", status="Deprecated"),
    "content-unknown": Old(name="X.TXT", content=b"\x00\x01\x02\x03" * 50),
    "date-in-the-future": Old(name="X.TXT", creation="20990101"),
}


async def test_what_cannot_go_in_is_listed_and_the_rest_goes_in(house, tmp_path):
    person = await make_person()
    for number, old in enumerate(LEFT_OUT.values()):
        good = Old(name="OK.TXT", title=f"Bon {number}", content=f"bon {number}".encode())
        bad = msgspec.structs.replace(old, content=old.content + str(number).encode(), title="Mauvais")
        (tmp_path / f"{number:02}.zip").write_bytes(make_xdm(person, bad, good))
    v1 = Old(entry="v1", name="A.TXT", title="Ancien", content=b"un", status="Deprecated")
    v2 = Old(name="B.TXT", title="Nouveau", content=b"deux", hash="0" * 40, replaces="v1")
    (tmp_path / "50.zip").write_bytes(make_xdm(person, v1, v2))
    (tmp_path / "=60.zip").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "61.zip").symlink_to("/etc/hostname")
    (tmp_path / "62.txt").write_text("no archive")
    rejects = tmp_path / "rejets.csv"
    counts = await carry_over_folder(OPERATOR, tmp_path, rejects)
    listed = refusals(rejects)
    found = {row[0]: row[2] for row in listed if row[0] != "50.zip"}
    assert found == {f"{n:02}.zip": code for n, code in enumerate(LEFT_OUT)} | {"'=60.zip": "archive-broken"}
    assert {(row[1], row[2]) for row in listed if row[0] == "50.zip"} == {
        ("A.TXT", "newer-version-refused"),
        ("B.TXT", "hash-disagrees"),
    }
    assert (counts["stored"], counts["archives"], counts["archives-refused"]) == (len(LEFT_OUT), 13, 1)
    assert rejects.stat().st_mode & 0o777 == 0o600
    assert set(await shown_to(person.actor, person)) == {f"Bon {number}" for number in range(len(LEFT_OUT))}
    assert ("carry-over-document", "refused") in await acts(person)
    # again: nothing is done twice, and the list says the same
    counts = await carry_over_folder(OPERATOR, tmp_path, rejects)
    assert (counts["stored"], counts["already"]) == (0, len(LEFT_OUT))
    assert refusals(rejects) == listed


def bomb():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("IHE_XDM/SUBSET01/BIG.TXT", bytes(60_000_000))
    return packed.getvalue()


async def test_an_archive_that_is_not_one_persons_is_refused_whole(house):
    person, other = await make_person(), await make_person()
    nobody = msgspec.structs.replace(person, ins=fresh_ins())
    stranger = '<ExternalIdentifier xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0" identificationScheme='
    stranger += f'"urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446" value="{other.ins.matricule}'
    stranger += f'^^^&amp;{other.ins.oid}&amp;ISO"/>'
    cases = [
        (Invalid, b"not an archive", "archive-broken"),
        (Invalid, bomb(), "archive-too-large"),
        (Invalid, make_xdm(person, Old(), more=stranger), "several-people"),
        (Invalid, make_xdm(person, Old(), ins=person.ins.matricule[:13] + "00"), "ins-key-wrong"),
        (Invalid, make_xdm(person), "ins-missing"),
        (NotFound, make_xdm(nobody, Old()), "unknown-patient"),
    ]
    for error, archive, code in cases:
        with pytest.raises(error) as refused:
            await carried(archive)
        assert [one.code for one in refused.value.problems] == [code]
    for actor in (person.actor, await make_professional(), await make_software()):
        with pytest.raises(Refused):
            await carried(make_xdm(person, Old()), actor=actor)
    with as_owner(house) as conn:
        conn.execute("UPDATE authz SET state = 'CLOSED' WHERE space_id = %s", (person.space,))
    with pytest.raises(NotFound):
        await carried(make_xdm(person, Old()))


class Killed(BaseException):
    """As abrupt as a test can be within one process."""


async def test_killed_in_the_middle_it_goes_on_and_repeats_nothing(house, monkeypatch):
    empty_queue(house)
    person = await make_person()
    archive = make_xdm(person, *record())
    really, calls = carrying.deposit_carried, []

    async def dying(**asked):
        if len(calls) == 2:
            raise Killed
        calls.append(asked)
        return await really(**asked)

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "deposit_carried", dying)
        with pytest.raises(Killed):
            await carried(archive)
        patch.setattr(carrying, "deposit_carried", really)
        patch.setattr(carrying, "publish", _die)
        with pytest.raises(Killed):
            await carried(archive)
    done = await carried(archive)
    assert (done.stored, done.already) == (0, 3)
    assert (await carried(archive)).before
    await deliver(house)
    assert len(await shown_to(person.actor, person)) == 2
    assert [one.code for one in (await list_notifications(actor=person.actor, space=person.space, at=AT)).items] == [
        "REPRISE_DMP"
    ]


@pytest.mark.parametrize("planted", [False, True])
async def test_a_space_closed_meanwhile_takes_nothing_more_until_it_is_reopened(house, monkeypatch, planted):
    """Closed between two documents. The planted fault: nobody looks again before the end."""
    person = await make_person()
    one, other = (Old(entry=name, name=f"{name}.TXT", content=name.encode()) for name in ("a", "b"))
    archive = make_xdm(person, one, other, more=together("a", "b", unique_id="1.2.250.1.999.7"))
    really, looked = carrying.deposit_carried, carrying.look_in

    async def closing(**asked):
        receipt = await really(**asked)
        await close_space(actor=person.actor, space=person.space, at=AT)
        return receipt

    async def blind(w, **asked):
        seen = await looked(w, **asked)
        return msgspec.structs.replace(seen, facts=msgspec.structs.replace(seen.facts, state="ACTIVE"))

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "deposit_carried", closing)
        if planted:
            patch.setattr(carrying, "look_in", blind)
            with pytest.raises(NotFound):  # the database refuses the sets: told as if nothing had gone in
                await carried(archive)
            return
        done = await carried(archive)
    assert (done.stored, len(done.left_out)) == (1, 1)
    await reopen_space(actor=person.actor, space=person.space, at=AT)
    assert await sets_shown_to(person.actor, person) == []
    again = await carried(archive)
    assert (again.stored, again.already, again.left_out) == (1, 1, ())
    assert len(await sets_shown_to(person.actor, person)) == 1


async def test_a_disk_that_is_full_ends_the_run_in_a_sentence_and_the_next_one_goes_on(house, tmp_path, monkeypatch):
    person = await make_person()
    for number in range(3):
        content = f"page {number}".encode()
        (tmp_path / f"{number}.zip").write_bytes(make_xdm(person, Old(name="A.TXT", content=content)))
    really, calls = carrying.deposit_carried, []

    async def full(**asked):
        calls.append(asked)
        if len(calls) > 1:
            raise Unavailable(DOWN)
        return await really(**asked)

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "deposit_carried", full)
        with pytest.raises(Unavailable):
            await carry_over_folder(OPERATOR, tmp_path, tmp_path / "rejets.csv")
    counts = await carry_over_folder(OPERATOR, tmp_path, tmp_path / "rejets.csv")
    assert (counts["stored"], counts["before"], counts["archives-refused"]) == (2, 1, 0)


async def test_a_space_that_does_not_open_stops_no_other(house, tmp_path):
    broken, person = await make_person(), await make_person()
    (tmp_path / "1.zip").write_bytes(make_xdm(broken, Old()))
    (tmp_path / "2.zip").write_bytes(make_xdm(person, Old()))
    rejects = tmp_path / "rejets.csv"
    with as_owner(house) as conn:
        sql = "SELECT person_enc FROM space WHERE space_id = %s"
        (sealed,) = conn.execute(sql, (broken.space,)).fetchone()
        conn.execute("UPDATE space SET person_enc = '\\x00' WHERE space_id = %s", (broken.space,))
        try:
            counts = await carry_over_folder(OPERATOR, tmp_path, rejects, at_once=1)
        finally:
            conn.execute("UPDATE space SET person_enc = %s WHERE space_id = %s", (sealed, broken.space))
    assert (counts["stored"], counts["archives-refused"]) == (1, 1)
    assert [(row[0], row[2]) for row in refusals(rejects)] == [("1.zip", "sealed-data-unreadable")]


async def _die(*_arguments, **_named):
    raise Killed


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("xdm-*/*.zip")), ids=lambda path: path.name)
async def test_archives_others_made_are_refused_with_a_reason_and_never_crash(house, path):
    with pytest.raises((Invalid, NotFound)) as refused:
        await carried(path.read_bytes())
    assert refused.value.problems[0].fr
