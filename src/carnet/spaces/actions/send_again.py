"""The letters asked for at the desk: a new code each, to the insurer's address; an e-mail beside says that it leaves.

As with the first letters, a file lies complete on disk before its people have a new code, and gets its name once they
do: a killed run is simply run again. Whoever activated their space or objected meanwhile needs no letter.
"""

import asyncio
from datetime import datetime
from typing import Any

import msgspec

from carnet.infra import randomness
from carnet.infra.db import Database, Work, work
from carnet.infra.installation import current
from carnet.infra.mail import MailRefused, MailTransport
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import NotFound, Unavailable
from carnet.kernel.ids import SpaceId
from carnet.spaces.actions.inform import MAILS_AT_ONCE, Telling, Told
from carnet.spaces.codes import code_digest, provisional_code
from carnet.spaces.letter_files import alone, keep, name, settle, unnamed
from carnet.spaces.letters import letters
from carnet.spaces.queries.person import view_in
from carnet.spaces.rules.beneficiaries import Beneficiary
from carnet.spaces.rules.delays import Unit, after, zone_of
from carnet.spaces.rules.information import Notice, warning
from carnet.spaces.rules.lifecycle import State
from carnet.spaces.staging import unseal

# ## The next who wait for a letter, each held until it is written ##
_NEXT = """
SELECT e.ins_digest, e.state, e.person_enc, e.code_issue, e.departement, e.opens_at, e.code_asked_at, i.space_id
FROM enrolment e LEFT JOIN ins_index i USING (ins_digest)
WHERE e.code_asked_at IS NOT NULL ORDER BY e.ins_digest LIMIT %s FOR UPDATE OF e SKIP LOCKED
"""
_SENT = """
UPDATE enrolment e SET code_issue = code_issue + 1, code_digest = sent.code, code_until = sent.until, code_tries = 0,
  code_asked_at = NULL
FROM unnest(%(persons)s::bytea[], %(codes)s::bytea[], %(untils)s::timestamptz[]) AS sent(person, code, until)
WHERE e.ins_digest = sent.person
"""
_NOT_NEEDED = "UPDATE enrolment SET code_asked_at = NULL WHERE ins_digest = ANY(%s)"
_BATCH = "INSERT INTO notice_batch (batch_id, at, departement, channel, persons) VALUES (%s, %s, 'guichet', 'post', %s)"
_STILL = frozenset({State.NOTIFIED, State.OPEN})
"""Where another letter is of use: not to whoever objected since, nor to whoever is to get the first one again."""


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Who waits for a letter, and what is on it."""

    digest: bytes
    notice: Notice
    email: str | None

    def __repr__(self) -> str:
        return "Again(<hidden>)"


async def send_again(*, actor: Actor, batch: Database, telling: Telling, at: datetime) -> Told:
    """Write the letters asked for at the desk; return what was done. emails: people told beside their letter.

    Raises Conflict (another run in this folder). Source: mes.md §2.2 A2.
    """
    telling.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files: list[str] = []
    written = emails = 0
    with alone(telling.folder):
        await settle(telling.folder, batch, at)
        while True:
            found, sent, mailed, file = await _write_some(batch, telling, actor, at)
            written, emails = written + sent, emails + mailed
            files += [file] if file else []
            if not found:
                break
    return Told(emails=emails, letters=written, files=tuple(files))


async def _write_some(
    batch: Database, telling: Telling, actor: Actor, at: datetime
) -> tuple[int, int, int, str | None]:
    """Write one file, and its trace with its people's new codes; return (people found, letters, e-mails, its name)."""
    batch_id = randomness.uuid7()
    part = unnamed(telling.folder, batch_id)
    async with work(space=None, at=at, database_=batch) as w:
        await w.execute("SET LOCAL idle_in_transaction_session_timeout = '10min'")
        rows = await w.rows(_NEXT, (telling.letters_a_file,))
        known = [await _again(row, telling, at) for row in rows]
        people = [one for one in known if one is not None]
        spared = [bytes(row[0]) for row, one in zip(rows, known, strict=True) if one is None]
        if spared:
            await w.execute(_NOT_NEEDED, (spared,))
            told = {"asked": "desk", "spared": len(spared)}
            await record(w, Act.INFORM_BENEFICIARIES, allow(Ground.DUTY), actor=actor, details=told)
        if not people:
            return len(rows), 0, 0, None
        pdf = await asyncio.to_thread(letters, [one.notice for one in people], sender=telling.sender)
        about = {"batch": str(batch_id), "sent_at": at.isoformat()}
        await asyncio.to_thread(keep, part, pdf, number=len(people), told=about)
        mailed = await _warn_all(telling.transport, people, at)
        await _note(w, people)
        await w.execute(_BATCH, (batch_id, at, len(people)))
        written = {"asked": "desk", "letters": len(people)}
        await record(w, Act.INFORM_BENEFICIARIES, allow(Ground.DUTY), actor=actor, details=written)
    return len(rows), len(people), mailed, name(part)


async def _again(row: tuple[Any, ...], telling: Telling, at: datetime) -> Again | None:
    found, state, sealed, issue, departement, opens_at, asked_at, space = row
    digest, house = bytes(found), current().house_key
    if state not in _STILL:
        return None
    if sealed is not None:
        beneficiary: Beneficiary | None = unseal(house, digest, bytes(sealed))
        email = beneficiary.reach.email if beneficiary else None
    else:
        beneficiary, email = await _at_home(SpaceId(space), at) if space else (None, None)
    if beneficiary is None:
        return None
    code = provisional_code(house, digest, issue=issue + 1)
    notice = Notice(
        beneficiary=beneficiary,
        code=code,
        key=code_digest(house, code).hex(),
        departement=departement,
        sent_at=at,
        opens_at=opens_at or at,
        zone=zone_of(departement),
        site=telling.site,
        asked_at=asked_at,
        is_open=state == State.OPEN,
    )
    return Again(digest=digest, notice=notice, email=email)


async def _at_home(space: SpaceId, at: datetime) -> tuple[Beneficiary | None, str | None]:
    """Return the person of a space that has keys, with the insurer's address; None when they activated it meanwhile."""
    try:
        async with work(space=space, at=at) as w:
            view = await view_in(w)
    except NotFound:
        return None, None
    if view.state != State.OPEN or view.contact.insurer is None:
        return None, None
    return Beneficiary(person=view.person, reach=view.contact.insurer), view.contact.email


async def _warn_all(transport: MailTransport | None, people: list[Again], at: datetime) -> int:
    """Say by e-mail, where there is one, that a letter leaves; it leaves whether this is heard or not.

    Return how many were told. A server that does not answer is not asked again: the letters wait for nobody.
    """
    sent, with_email = 0, [one for one in people if one.email]
    for begin in range(0, len(with_email) if transport else 0, MAILS_AT_ONCE):
        some = with_email[begin : begin + MAILS_AT_ONCE]
        answers = await asyncio.gather(*(_warn(transport, one, at) for one in some))
        sent += answers.count(True)
        if None in answers:
            break
    return sent


async def _warn(transport: MailTransport | None, one: Again, at: datetime) -> bool | None:
    """Return True when the server took it, False when it never will, None when it cannot now."""
    if transport is None or not one.email:
        return False
    try:
        await transport.send(warning(one.email, key=one.notice.key), at=at)
    except MailRefused:
        return False
    except Unavailable:
        return None
    return True


async def _note(w: Work, people: list[Again]) -> None:
    days = current().limits.life.code_days
    params = {
        "persons": [one.digest for one in people],
        "codes": [bytes.fromhex(one.notice.key) for one in people],
        "untils": [after(w.at, days, Unit.DAYS, zone=one.notice.zone) for one in people],
    }
    await w.execute(_SENT, params)
