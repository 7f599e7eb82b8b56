"""Telling people that a space will be opened for them: e-mail where there is one, letters otherwise, and the six weeks.

An e-mail is handed over before its person counts as told; a file of letters lies complete on disk before they do, and
gets its name once they do. So nobody's delay runs without a message, and a killed run is simply run again: at worst
somebody is written to twice, with the same code. A run holds its folder alone: what it finds there unnamed was left by
one that died. Each batch has its own time, because a run may last for hours and the six weeks begin with the sending.
A quota of the day is counted by each batch, one batch at a time in a département, wherever runs write their letters.
Ignored here: which départements come when (waves), and what their quotas are.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from carnet.infra import clock, randomness
from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.infra.mail import MailRefused, MailTransport
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Unavailable
from carnet.spaces.codes import code_digest, provisional_code
from carnet.spaces.letter_files import alone, keep, name, settle, unnamed
from carnet.spaces.letters import letters
from carnet.spaces.queries.campaign import informed_today, is_alone
from carnet.spaces.rules.delays import Unit, after, zone_of
from carnet.spaces.rules.information import Notice, mail
from carnet.spaces.rules.lifecycle import OBJECTION, Event, State, sources
from carnet.spaces.staging import unseal

MAILS_AT_ONCE = 20
LETTERS_A_FILE = 500
_FROM = ", ".join(f"'{one}'" for one in sources(Event.INFORM, State.NOTIFIED))
_BOUNCING = ", ".join(f"'{one}'" for one in sources(Event.BOUNCE, State.ELIGIBLE))

# ## The next to tell in a département, each row held until they are ##
_NEXT = f"""
SELECT ins_digest, person_enc, code_issue FROM enrolment
WHERE state IN ({_FROM}) AND departement = %(departement)s AND reachable = %(reachable)s AND person_enc IS NOT NULL
ORDER BY ins_digest LIMIT %(most)s FOR UPDATE SKIP LOCKED
"""
_TOLD = f"""
UPDATE enrolment e SET state = '{State.NOTIFIED}', since = %(at)s, notified_at = %(at)s, opens_at = %(opens_at)s,
  channel = %(channel)s, code_issue = code_issue + 1, code_digest = told.code, code_until = %(code_until)s,
  code_tries = 0
FROM unnest(%(persons)s::bytea[], %(codes)s::bytea[]) AS told(person, code)
WHERE e.ins_digest = told.person AND e.state IN ({_FROM})
"""
_UNREACHABLE = "UPDATE enrolment SET reachable = false WHERE ins_digest = ANY(%s)"
_BATCH = "INSERT INTO notice_batch (batch_id, at, departement, channel, persons) VALUES (%s, %s, %s, %s, %s)"
_LOG = """
INSERT INTO enrolment_log (entry_id, at, event, target, actor_kind, actor_id, persons, details)
VALUES (%(entry)s, %(at)s, %(event)s, %(target)s, %(kind)s, %(actor)s, %(persons)s, %(details)s::jsonb)
"""
_BOUNCED = f"""
UPDATE enrolment SET state = '{State.ELIGIBLE}', since = %(at)s, reachable = false, code_digest = NULL,
  notified_at = NULL, opens_at = NULL
WHERE code_digest = ANY(%(keys)s) AND channel = 'email' AND state IN ({_BOUNCING}) RETURNING ins_digest
"""


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """How people are told. transport None: letters only. folder: where files of letters go. sender: on the letters."""

    site: str
    folder: Path
    sender: str
    transport: MailTransport | None = None
    letters_a_file: int = LETTERS_A_FILE


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told in one go: at most so many people of a département, and so many there on a day by all runs."""

    departement: str
    most: int
    a_day: int | None = None

    def less(self, told: int) -> "Share":
        """Return what is left once so many were told."""
        return msgspec.structs.replace(self, most=self.most - told)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a run did. halted: the mail server did not answer, the rest waits for the next run; elsewhere: another run
    was telling people of the département, the rest is left to it.
    """

    emails: int = 0
    letters: int = 0
    files: tuple[str, ...] = ()
    halted: bool = False
    elsewhere: bool = False

    @property
    def people(self) -> int:
        """How many were told."""
        return self.emails + self.letters


class _ElsewhereError(Exception):
    """Another run is telling people of the département: this batch ends with nothing done."""


async def inform(
    *,
    actor: Actor,
    batch: Database,
    departement: str,
    telling: Telling,
    most: int,
    a_day: int | None = None,
    at: datetime,
) -> Told:
    """Tell up to `most` people of a département, by e-mail first. Source: R1111-28 CSP (e-mail, else post).

    a_day: how many all runs together tell there on a day. at: when the run begins; each batch is dated when it is sent.
    Raises Conflict (another run in this folder).
    """
    share = Share(departement=departement, most=most, a_day=a_day)
    async with work(space=None, at=at, database_=batch) as w:
        await record(w, Act.INFORM_BENEFICIARIES, allow(Ground.DUTY), actor=actor, details={"departement": departement})
    telling.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(telling.folder):
        await settle(telling.folder, batch, at)
        told = await _mail_all(batch, telling, share, actor)
        return told if told.elsewhere else await _print_all(batch, telling, share, actor, told=told)


async def take_bounces(*, actor: Actor, batch: Database, keys: Sequence[str], at: datetime) -> int:
    """Note e-mails that came back (keys of their Message-IDs): a letter follows, the delay starts again."""
    digests = [bytes.fromhex(one) for one in keys]
    async with work(space=None, at=at, database_=batch) as w:
        persons = [bytes(one) for (one,) in await w.rows(_BOUNCED, {"keys": digests, "at": at})]
        if persons:
            await _log(w, Event.BOUNCE, State.ELIGIBLE, persons, actor, {})
            told = {"bounced": len(persons)}
            await record(w, Act.INFORM_BENEFICIARIES, allow(Ground.DUTY), actor=actor, details=told)
    return len(persons)


async def _mail_all(batch: Database, telling: Telling, share: Share, actor: Actor) -> Told:
    """Send what can be sent; return what was done."""
    told = Told()
    while telling.transport is not None and not told.halted and told.emails < share.most:
        try:
            async with work(space=None, at=clock.now(), database_=batch) as w:
                found, sent, halted = await _mail_some(w, telling, share.less(told.emails), actor)
        except _ElsewhereError:
            return msgspec.structs.replace(told, elsewhere=True)
        told = msgspec.structs.replace(told, emails=told.emails + sent, halted=halted)
        if not found:
            break
    return told


async def _print_all(batch: Database, telling: Telling, share: Share, actor: Actor, *, told: Told) -> Told:
    """Write letters for the others; return what was done. told: what was done before."""
    while (left := share.less(told.people)).most > 0:
        try:
            file = await _print_some(batch, telling, left, actor)
        except _ElsewhereError:
            return msgspec.structs.replace(told, elsewhere=True)
        if file is None:
            break
        name_, number = file
        told = msgspec.structs.replace(told, letters=told.letters + number, files=(*told.files, name_))
    return told


async def _room(w: Work, share: Share, at_once: int) -> int:
    """Return how many people the batch may tell; the département is its own until it ends.

    Raises _ElsewhereError.
    """
    room = min(share.most, at_once)
    if share.a_day is None:
        return room
    if not await is_alone(w, departement=share.departement):
        raise _ElsewhereError
    return min(room, share.a_day - await informed_today(w, departement=share.departement))


async def _mail_some(w: Work, telling: Telling, share: Share, actor: Actor) -> tuple[int, int, bool]:
    """Send a handful at once and note who was reached; return (found, sent, the server is gone)."""
    room = await _room(w, share, MAILS_AT_ONCE)
    people = await _next(w, telling, share.departement, reachable=True, most=max(room, 0))
    results = await asyncio.gather(*(_send(telling, notice, w.at) for _, notice in people))
    sent = [one for one, result in zip(people, results, strict=True) if result is True]
    refused = [digest for (digest, _), result in zip(people, results, strict=True) if result is False]
    if refused:
        await w.execute(_UNREACHABLE, (refused,))
    if sent:
        await _note(w, sent, batch_id=randomness.uuid7(), departement=share.departement, channel="email", actor=actor)
    return len(people), len(sent), None in results


async def _send(telling: Telling, notice: Notice, at: datetime) -> bool | None:
    """Return True when the server took it, False when it never will, None when it cannot now."""
    email = notice.beneficiary.reach.email
    if telling.transport is None or email is None:
        return False
    try:
        await telling.transport.send(mail(notice, email), at=at)
    except MailRefused:
        return False
    except Unavailable:
        return None
    return True


async def _print_some(batch: Database, telling: Telling, share: Share, actor: Actor) -> tuple[str, int] | None:
    """Write one file of letters and note its people as told; the file gets its name after the commit."""
    at, batch_id, departement = clock.now(), randomness.uuid7(), share.departement
    part = unnamed(telling.folder, batch_id)
    async with work(space=None, at=at, database_=batch) as w:
        room = await _room(w, share, telling.letters_a_file)
        people = await _next(w, telling, departement, reachable=False, most=max(room, 0))
        if not people:
            return None
        await w.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        pdf = await asyncio.to_thread(letters, [notice for _, notice in people], sender=telling.sender)
        told = {"batch": str(batch_id), "sent_at": at.isoformat(), "departement": departement}
        await asyncio.to_thread(keep, part, pdf, number=len(people), told=told)
        await _note(w, people, batch_id=batch_id, departement=departement, channel="post", actor=actor)
    return name(part), len(people)


async def _next(
    w: Work, telling: Telling, departement: str, *, reachable: bool, most: int
) -> list[tuple[bytes, Notice]]:
    asked = {"departement": departement, "reachable": reachable, "most": most}
    house, zone, delays = current().house_key, zone_of(departement), current().limits.life
    opens_at = OBJECTION.ends(w.at, delays=delays, zone=zone)
    people = []
    for found, sealed, issue in await w.rows(_NEXT, asked):
        digest = bytes(found)
        code = provisional_code(house, digest, issue=issue + 1)
        notice = Notice(
            beneficiary=unseal(house, digest, bytes(sealed)),
            code=code,
            key=code_digest(house, code).hex(),
            departement=departement,
            sent_at=w.at,
            opens_at=opens_at,
            zone=zone,
            site=telling.site,
        )
        people.append((digest, notice))
    return people


async def _note(
    w: Work, people: list[tuple[bytes, Notice]], *, batch_id: UUID, departement: str, channel: str, actor: Actor
) -> None:
    """The people of one batch were told: their state, their delay, their trace."""
    persons = [digest for digest, _ in people]
    notice = people[0][1]
    told = {
        "persons": persons,
        "codes": [bytes.fromhex(one.key) for _, one in people],
        "at": w.at,
        "opens_at": notice.opens_at,
        "code_until": after(w.at, current().limits.life.code_days, Unit.DAYS, zone=notice.zone),
        "channel": channel,
    }
    await w.execute(_TOLD, told)
    await w.execute(_BATCH, (batch_id, w.at, departement, channel, len(people)))
    await _log(w, Event.INFORM, State.NOTIFIED, persons, actor, {"batch": str(batch_id), "channel": channel})


async def _log(
    w: Work, event: Event, target: State, persons: list[bytes], actor: Actor, details: dict[str, str]
) -> None:
    entry = {
        "entry": randomness.uuid7(),
        "at": w.at,
        "event": str(event),
        "target": str(target),
        "kind": str(actor.kind),
        "actor": actor.identifier,
        "persons": persons,
        "details": msgspec.json.encode(details).decode(),
    }
    await w.execute(_LOG, entry)
