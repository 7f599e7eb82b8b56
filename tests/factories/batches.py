"""Every batch the worker and `carnet campaign` have: something to do for each, and what it looks like before and after.

The work goes by the schedules and actions the product runs, so that a process of its own can be killed at it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from carnet.agenda.api import Kind, Said, Words, add_entry
from carnet.config.campaign_dmp import carry_over_folder
from carnet.config.settings import read_settings
from carnet.config.wiring import schedules
from carnet.infra import clock
from carnet.infra.db import work
from carnet.infra.db.database import Database
from carnet.infra.installation import current
from carnet.journeys.api import close_space
from carnet.messaging.api import Place, inbox, place_conversation
from carnet.spaces.api import Source, import_beneficiaries, keys_in, open_due_spaces, send_again, take_bounces
from factories.beneficiaries import beneficiary_file, line
from factories.campaign import imported, ins_of, letter_codes, telling
from factories.events import deliver
from factories.families import help_with
from factories.mss import address_of, hand_over, letter
from factories.world import AT, OPERATOR, give, make_person, make_software
from factories.xdm import Old, make_xdm

DAY = dt.timedelta(days=1)
PEOPLE = (1, 7, 13, 2, 8, 14)
"""Three in Nantes and three in the Somme, all told by letter."""


class World(NamedTuple):
    """What a batch works with. rows: what the database of the house holds, as nobody but a test may ask (`conn`)."""

    batch: Database
    folder: Path
    at: dt.datetime
    house: Any = None
    conn: Any = None

    def rows(self, sql, *params):
        cursor = self.conn.execute(sql, params[0] if params and isinstance(params[0], dict) else params)
        return cursor.fetchall() if cursor.description else []


class Batch(NamedTuple):
    """prepare: makes work, returns its items; look: facts of an item; before, end: what they are, and nothing else is.

    between: what they may be besides while it was interrupted; ended: what else must hold at the end.
    """

    prepare: Callable[[World], Awaitable[list[Any]]]
    run: Callable[[World], Awaitable[object]]
    look: Callable[[World, Any], tuple]
    before: tuple
    end: tuple
    between: tuple[tuple, ...] = ()
    ended: Callable[[World, list[Any]], None] = lambda *_: None


def settings_of(folder):
    campaign = {"CARNET_CAMPAIGN_BEGINS": "2026-11-01", "CARNET_SMTP_PORT": "1"}
    return read_settings({"CARNET_HOME": str(folder), **campaign})


def turn(name):
    """A turn of the worker's schedule."""

    async def run(world):
        turns = {one.name: one.run for one in schedules(settings_of(world.folder), batch=world.batch)}
        with clock.frozen(world.at):
            await turns[name](at=world.at)

    return run


def digest_of(number):
    ins = ins_of(number)
    return current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)


def of_person(sql):
    """Facts of a number of the insurer's file."""

    def look(world, number):
        found = world.rows(sql, digest_of(number))
        return tuple(found[0]) if found else (None,)

    return look


def of_space(sql):
    """Facts of a space, which the question calls %(space)s, and %(text)s as words."""

    def look(world, space):
        return tuple(world.rows(sql, {"space": space, "text": str(space)})[0])

    return look


async def nobody(world):
    world.rows(
        "DELETE FROM ins_index USING enrolment WHERE ins_index.ins_digest = enrolment.ins_digest;"
        " SET session_replication_role = replica;"  # only the superuser makes the log forget
        " TRUNCATE enrolment, enrolment_log, import_file, notice_batch, code_failure;"
        " RESET session_replication_role"
    )


async def a_file(world):
    await nobody(world)
    beneficiary_file(world.folder / "b.csv", [*(line(one) for one in range(12)), "cut;line\n"])
    return list(range(12))


def file_of(world):
    return Source(path=world.folder / "b.csv", rejects=world.folder / "rejets.csv", block=600)


async def import_file(world):
    await import_beneficiaries(actor=OPERATOR, batch=world.batch, source=file_of(world), at=world.at)


def file_ended(world, _):
    assert world.rows("SELECT lines, stored, rejected, ended_at IS NOT NULL FROM import_file") == [(13, 12, 1, True)]
    assert (world.folder / "rejets.csv").read_text().count("\n") == 1


async def people(world):
    await nobody(world)
    beneficiary_file(world.folder / "b.csv", [line(one) for one in PEOPLE])
    await imported(world.batch, file_of(world), at=world.at - 43 * DAY)
    return list(PEOPLE)


def letters_ended(world, folder):
    assert set(letter_codes(folder)) == set(PEOPLE)
    assert not list(folder.glob("*.part"))
    manifests = [json.loads(one.read_text()) for one in folder.glob("lot-*.json")]
    assert sum(one["letters"] for one in manifests) == len(PEOPLE)
    for one in manifests:
        assert one["sha256"] == hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest()


async def told_people(world):
    found = await people(world)
    world.rows(_TOLD, {"at": world.at - 43 * DAY, "opens": world.at - DAY, "until": world.at})
    return found


async def told_again(world):
    found = await told_people(world)
    world.rows("UPDATE enrolment SET code_asked_at = %s", world.at)
    return found


async def ask_again(world):
    await send_again(actor=OPERATOR, batch=world.batch, telling=telling(world.folder, letters_a_file=2), at=world.at)


async def bounced(world):
    found = await told_people(world)
    world.rows("UPDATE enrolment SET channel = 'email'")
    keys = [bytes(key).hex() for (key,) in world.rows("SELECT code_digest FROM enrolment")]
    (world.folder / "keys.json").write_text(json.dumps(keys))
    return found


async def take(world):
    keys = json.loads((world.folder / "keys.json").read_text())
    await take_bounces(actor=OPERATOR, batch=world.batch, keys=keys, at=world.at)


async def asleep(world):
    found = await told_people(world)
    await open_due_spaces(actor=OPERATOR, batch=world.batch, at=world.at)
    return found


async def archives(world):
    (folder := world.folder / "dmp").mkdir()
    found = [await make_person() for _ in range(3)]
    for number, one in enumerate(found):
        (folder / f"{number}.zip").write_bytes(
            make_xdm(one, Old(name="A.TXT", content=uuid4().hex.encode(), title="Ancien"))
        )
    return [one.space for one in found]


async def carry(world):
    await carry_over_folder(OPERATOR, world.folder / "dmp", world.folder / "dmp.rejets.csv", at_once=1)


async def leaving(world):
    software, found = await make_software(), [await make_person() for _ in range(2)]
    for one in found:
        await give(one, by=software)
        await close_space(actor=one.actor, space=one.space, erase=True, at=world.at - 366 * DAY)
    return [one.space for one in found]


def left(world, spaces):
    assert {str(one) for one in spaces} <= {one.name for one in (world.folder / "erasures").iterdir()}
    assert world.rows("SELECT count(*) FROM space_ending WHERE erased_at IS NOT NULL AND NOT noted") == [(0,)]
    for space in spaces:
        told = "SELECT count(*) FROM journal_entry WHERE space_id = %s AND act = 'erase-space'"
        assert world.rows(told, space) == [(1,)]


async def old_rows(world):
    mark, past = uuid4(), world.at - DAY
    world.rows("INSERT INTO code_failure VALUES (%s, 1, %s)", mark.bytes, past)
    world.rows("INSERT INTO assertion_seen VALUES ('c', %s, %s)", mark.hex, past)
    return [("code_failure", mark.bytes), ("assertion_seen", mark.hex)]


def old_row(world, item):
    column = {"code_failure": "source", "assertion_seen": "jti"}[item[0]]
    return tuple(world.rows(f"SELECT count(*) FROM {item[0]} WHERE {column} = %s", item[1])[0])


async def orphans(world):
    person, found = await make_person(), []
    async with work(space=person.space, at=AT) as w:
        keys = await keys_in(w)
    for _ in range(3):
        found.append(blob := uuid4())
        noted = world.at - DAY
        world.rows("INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%s, %s)", blob, noted)
        await current().blobs.put(blob, b"never named", keys=keys, space_id=person.space)
    return found


def orphan(world, blob):
    there = any((world.house.home / "blobs").rglob(blob.hex))
    return (world.rows("SELECT count(*) FROM deposit_intent WHERE blob_id = %s", blob)[0][0], there)


async def copies(world, *, ready=False):
    found = [await make_person() for _ in range(2)]
    await give(found[0], by=await make_software())
    for one in found:
        world.rows(
            "INSERT INTO data_export (space_id, export_id, state, account_id, language, asked_at, touched_at,"
            " expires_at, blob_id, size, ready_at)"
            " VALUES (%s, gen_random_uuid(), %s, %s, 'fr', %s, %s, %s, %s, %s, %s)",
            *(one.space, "ready" if ready else "asked", one.actor.identifier, world.at - DAY, world.at - DAY),
            world.at + (-DAY if ready else DAY),
            *((uuid4(), 1, world.at - DAY) if ready else (None, None, None)),
        )
    return [one.space for one in found]


async def old_copies(world):
    return await copies(world, ready=True)


async def binned(world):
    found = [await make_person() for _ in range(2)]
    for one in found:
        await hand_over(letter(one), to=address_of(one))
        await deliver(world.house)
        (shown,) = (await inbox(actor=one.actor, space=one.space, at=AT + DAY)).lines
        here = {"actor": one.actor, "space": one.space, "conversation": shown.conversation_id}
        await place_conversation(**here, place=Place.BIN, at=world.at - 60 * DAY)
    return [one.space for one in found]


async def uncounted(world):
    world.rows("DELETE FROM indicator")
    return ["the country"]


def counted(world, _):
    return tuple(
        world.rows(
            "SELECT count(DISTINCT period) FILTER (WHERE series = 'notified'), count(DISTINCT period) FILTER"
            " (WHERE series = 'documents') FROM indicator"
        )[0]
    )


async def withheld(world):
    software, found = await make_software(), [await make_person() for _ in range(2)]
    for one in found:
        await give(one, by=software, codes=frozenset({"INVISIBLE_PATIENT"}))
        world.rows("UPDATE document SET withheld_at = now() - interval '31 days' WHERE space_id = %s", one.space)
    return [one.space for one in found]


async def weekly(world):
    world.rows("UPDATE space SET digest_at = NULL")
    found = [(await make_person()).space for _ in range(2)]
    world.rows("UPDATE space SET digest_at = %s WHERE space_id = ANY(%s)", world.at - 8 * DAY, found)
    return found


async def helped(world):
    found = [(await make_person()) for _ in range(2)]
    for one in found:
        await help_with(one, await make_person(), at=world.at - 11 * DAY)
    world.rows("DELETE FROM procrastinate_jobs")
    return [one.space for one in found]


async def tomorrow(world):
    found = [await make_person() for _ in range(2)]
    said = Said(
        kind=Kind.APPOINTMENT,
        day=f"{world.at + DAY:%Y-%m-%d}",
        hour="14:05",
        words=Words(title="Visite", party="Cabinet"),
    )
    for one in found:
        await add_entry(actor=one.actor, space=one.space, entry=uuid4(), said=said, at=world.at - DAY)
    spaces = [one.space for one in found]
    world.rows("UPDATE agenda_entry SET due_at = %s WHERE space_id = ANY(%s)", world.at - DAY / 2, spaces)
    return spaces


def announced(kind):
    return of_space(
        "SELECT count(*) > 0 FROM procrastinate_jobs WHERE args -> 'event' ->> 'type' = "
        f"'{kind}' AND args -> 'event' ->> 'space' = %(text)s"
    )


_TOLD = """
UPDATE enrolment SET state = 'NOTIFIED', since = %(at)s, notified_at = %(at)s, opens_at = %(opens)s, channel = 'post',
  code_issue = 1, code_digest = substr(ins_digest, 1, 20), code_until = %(until)s
"""
_LIFE = "SELECT state, code_issue FROM enrolment WHERE ins_digest = %s"
_PLACE = """
SELECT e.state, count(i), count(a),
  (SELECT count(*) FROM enrolment_log WHERE event = 'open' AND e.ins_digest = ANY(persons))
FROM enrolment e LEFT JOIN ins_index i USING (ins_digest) LEFT JOIN authz a USING (space_id)
WHERE ins_digest = %s GROUP BY e.state, e.ins_digest
"""
_KEYS = """
SELECT i.asleep, e.person_enc IS NULL, (SELECT count(*) FROM space_keyset k WHERE k.space_id = i.space_id),
  (SELECT count(*) FROM space s WHERE s.space_id = i.space_id),
  (SELECT count(*) FROM journal_entry j WHERE j.space_id = i.space_id)
FROM enrolment e JOIN ins_index i USING (ins_digest) WHERE ins_digest = %s
"""
_ERASED = """
SELECT state, (SELECT wrapped IS NULL FROM space_keyset WHERE space_id = %(space)s),
  (SELECT count(*) FROM document WHERE space_id = %(space)s) FROM authz WHERE space_id = %(space)s
"""
_BIN = """
SELECT (SELECT count(*) FROM conversation WHERE space_id = %(space)s AND deleted_at IS NULL),
  (SELECT count(*) FROM message WHERE space_id = %(space)s AND letter_enc IS NOT NULL)
"""
_COPY = "SELECT count(*) FILTER (WHERE state = 'ready') FROM data_export WHERE space_id = %(space)s"
_SHOWN = """
SELECT bool_or(invisible_patient), (SELECT count(*) FROM procrastinate_jobs
  WHERE args -> 'event' ->> 'type' = 'DocumentReleased' AND args -> 'event' ->> 'space' = %(text)s)
FROM document WHERE space_id = %(space)s
"""

BATCHES = {
    "import": Batch(
        a_file,
        import_file,
        of_person("SELECT state FROM enrolment WHERE ins_digest = %s"),
        (None,),
        ("ELIGIBLE",),
        ended=file_ended,
    ),
    "tell-due-people": Batch(
        people,
        turn("tell-due-people"),
        of_person(_LIFE),
        ("ELIGIBLE", 0),
        ("NOTIFIED", 1),
        ended=lambda world, _: letters_ended(world, world.folder / "letters"),
    ),
    "letters": Batch(
        told_again,
        ask_again,
        of_person("SELECT code_issue, code_asked_at IS NULL FROM enrolment WHERE ins_digest = %s"),
        (1, False),
        (2, True),
        ended=lambda world, _: letters_ended(world, world.folder / "lettres"),
    ),
    "bounces": Batch(bounced, take, of_person(_LIFE), ("NOTIFIED", 1), ("ELIGIBLE", 1)),
    "open-due-spaces": Batch(
        told_people, turn("open-due-spaces"), of_person(_PLACE), ("NOTIFIED", 0, 0, 0), ("OPEN", 1, 1, 1)
    ),
    "awaken-spaces": Batch(
        asleep, turn("awaken-spaces"), of_person(_KEYS), (True, False, 0, 0, 0), (False, True, 1, 1, 1)
    ),
    "import-dmp": Batch(
        archives, carry, of_space("SELECT count(*) FROM document WHERE space_id = %(space)s"), (0,), (1,)
    ),
    "carry-out-due": Batch(
        leaving,
        turn("carry-out-due"),
        of_space(_ERASED),
        ("DELETION_REQUESTED", False, 1),
        ("DELETED", True, 0),
        ended=left,
    ),
    "purge-expired": Batch(old_rows, turn("purge-expired"), old_row, (1,), (0,)),
    "collect-orphans": Batch(orphans, turn("collect-orphans"), orphan, (1, True), (0, False), between=((1, False),)),
    "expire-exports": Batch(
        old_copies,
        turn("expire-exports"),
        of_space("SELECT count(*) FROM data_export WHERE space_id = %(space)s"),
        (1,),
        (0,),
    ),
    "make-exports": Batch(copies, turn("make-exports"), of_space(_COPY), (0,), (1,)),
    "empty-bins": Batch(binned, turn("empty-bins"), of_space(_BIN), (1, 1), (0, 0)),
    "count-indicators": Batch(uncounted, turn("count-indicators"), counted, (0, 0), (8, 3)),
    "release-due": Batch(withheld, turn("release-due"), of_space(_SHOWN), (True, 0), (False, 1)),
    "agendas": Batch(tomorrow, turn("agendas"), announced("AgendaDue"), (False,), (True,)),
    "weekly-digests": Batch(weekly, turn("weekly-digests"), announced("DigestDue"), (False,), (True,)),
    "delegation-reminders": Batch(
        helped, turn("delegation-reminders"), announced("DelegationChanged"), (False,), (True,)
    ),
}
COMMANDS = {"notify": "tell-due-people", "open": "open-due-spaces"}
"""Commands that do what a turn of the worker does."""
READ_ONLY = {"status"}
