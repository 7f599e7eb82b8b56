"""Mail between professionals leaves for the addressee's operator, unchanged; when it cannot, its sender is told.

One line of states: leaving → sent; leaving → refused → told; a sender who cannot be told either leaves it to the
operator (quarantine). Trouble waits as everything that leaves does, two days for each of the two ways.
"""

from datetime import datetime
from email.utils import format_datetime
from typing import Final
from uuid import UUID

from carnet.infra.db import Work, system_work
from carnet.infra.installation import current
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.messaging.actions.destinations import PATIENCE, heard_from, left_alone, pause
from carnet.messaging.data import Address, Envelope, OutgoingLetter
from carnet.messaging.events import ColleagueMailLeaving
from carnet.messaging.queries.sealed_by_house import open_colleague_letter, open_envelope
from carnet.messaging.rules.composing import undelivered

_DONE: Final = {"leaving": "sent", "refused": "told"}
_GIVEN_UP: Final = {"leaving": "refused", "refused": "quarantined"}
_NEXT: Final = """
SELECT c.state, c.sealed, c.letter_enc, c.tries, c.reason, c.received_at, d.not_before
FROM colleague_mail c LEFT JOIN mail_destination d USING (destination)
WHERE c.mail_id = %(mail)s AND c.state IN ('leaving', 'refused')
"""
_TRIED: Final = """
UPDATE colleague_mail SET tries = tries + 1 WHERE mail_id = %(mail)s AND state IN ('leaving', 'refused')
RETURNING state, destination, tries, changed_at, sender_domain, forget
"""
# ## What did not arrive, as its sender knows, may be sent again: it is no second copy ##
_SETTLE: Final = """
UPDATE colleague_mail SET state = %(state)s, reason = %(reason)s, changed_at = %(at)s, tries = 0,
  destination = %(destination)s, once = CASE WHEN %(state)s <> 'told' THEN once END
WHERE mail_id = %(mail)s
"""
_FORGET: Final = "DELETE FROM colleague_mail WHERE mail_id = %(mail)s AND forget"


async def next_colleague_mail(*, mail: UUID, at: datetime) -> OutgoingLetter | None:
    """Return what to hand over now: the mail itself, or the report that it did not arrive; None when there is nothing
    left to do, or when it must wait (it is queued again). Raises Unavailable.
    """
    async with system_work(at=at) as w:
        row = await w.row(_NEXT, {"mail": mail})
        if row is None:
            return None
        if row[6] is not None and row[6] > at:
            await publish(w, ColleagueMailLeaving(mail=mail), not_before=row[6])
            return None
    state, sealed, letter, tries, reason, received_at, _ = row
    envelope = open_envelope(sealed, mail=mail)
    if state == "refused":
        # never read: nobody knows what it is called
        original = open_colleague_letter(letter, mail=mail).letter.message_id if letter else ""
        return _report(envelope, mail, original, reason or "", tries, at=at)
    return OutgoingLetter(
        sender=envelope.sender,
        recipient=envelope.recipient,
        destination=Address(envelope.recipient).domain,
        tries=tries,
        raw=_trace(envelope, received_at) + envelope.raw,
        ours=False,
    )


async def note_colleague_mail(
    *, actor: Actor, mail: UUID, code: str | None, lasting: bool = False, silent: bool = False, at: datetime
) -> None:
    """Keep what came of handing it over. code: None when it was taken, else why not; lasting: for good; silent: the
    operator answers nobody.
    """
    async with system_work(at=at) as w:
        row = await w.row(_TRIED, {"mail": mail})
        if row is None:
            return
        state, destination, tries, since, sender_domain, forget = row
        if code is None:
            await heard_from(w, destination)
            await _settle(w, actor, mail, _DONE[state], None, destination)
        elif lasting or at - since > PATIENCE:
            given_up = "told" if forget and state == "refused" else _GIVEN_UP[state]  # no operator can do more
            await _settle(w, actor, mail, given_up, code[:9], sender_domain)
            if given_up == "refused":
                await publish(w, ColleagueMailLeaving(mail=mail))
        else:
            again = await left_alone(w, destination) if silent else at + pause(tries)
            await publish(w, ColleagueMailLeaving(mail=mail), not_before=again)


async def _settle(w: Work, actor: Actor, mail: UUID, state: str, reason: str | None, destination: str) -> None:
    params = {"mail": mail, "state": state, "reason": reason, "destination": destination, "at": w.at}
    await w.execute(_SETTLE, params)
    told: dict[str, object] = {"state": state, "colleague": True}
    await record(w, Act.DELIVER_MESSAGE, allow(Ground.DUTY), actor=actor, details=told)
    if state in _DONE.values():
        await w.execute(_FORGET, params)


def _report(envelope: Envelope, mail: UUID, original: str, code: str, tries: int, *, at: datetime) -> OutgoingLetter:
    ours = Address(f"postmaster@{current().limits.mail.domain}", "Carnet")
    to = Address(envelope.sender)
    raw = undelivered(
        reporter=ours, to=to, recipient=envelope.recipient, original=original, mail=mail, code=code, at=at
    )
    return OutgoingLetter(sender="", recipient=to.address, destination=to.domain, tries=tries, raw=raw)


def _trace(envelope: Envelope, at: datetime) -> bytes:
    """Return the line every mail server adds (RFC 5321 §4.4): whose hands it came from, and when."""
    peer = "".join(one for one in envelope.peer if one.isascii() and (one.isalnum() or one in ".-")) or "peer"
    domain = current().limits.mail.domain
    return f"Received: from {peer}\r\n by {domain} with ESMTP; {format_datetime(at)}\r\n".encode("ascii")
