"""An operator reports on a message of the person's: it failed, it waits, it arrived, it was read.

Believed only from the operator it went to. What a report says is kept as a code, never its text. Sources: RFC 3464
(delivery), RFC 8098 (reading).
"""

from typing import Final
from uuid import UUID

from carnet.formats.mail import MailReport, ReadMail
from carnet.infra.db import Work
from carnet.infra.jobs.outbox import publish
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.messaging.actions.note_delivery import settle_message
from carnet.messaging.data import Address
from carnet.messaging.events import DeliveryFailed
from carnet.messaging.queries.sealed import open_recipient, reference_of
from carnet.spaces.api import keys_in

_SENT: Final = """
SELECT o.message_id, o.number, o.address_enc FROM outgoing_mail o JOIN message m USING (space_id, message_id)
WHERE o.space_id = %(space)s AND m.reference = ANY(%(references)s) AND o.destination = %(destination)s
"""
_NOTE: Final = """
UPDATE outgoing_mail SET state = coalesce(%(state)s, state), note = %(note)s, changed_at = %(at)s
WHERE space_id = %(space)s AND message_id = %(message)s AND number = %(number)s
  AND state = ANY(%(before)s)
"""
_ON_THE_WAY: Final = ["queued", "sent"]
_ARRIVED: Final = ["queued", "sent", "delivered"]
"""Out of which states a report may lead: reports come in any order, none leads back."""
_ACTIONS: Final = {"failed": "failed", "delivered": "delivered", "relayed": "sent", "expanded": "sent", "delayed": None}


async def take_report(work: Work, *, actor: Actor, sender: Address, read: ReadMail) -> None:
    """Note what `read` reports, if it is about something sent to the operator of `sender`; else nothing changes."""
    report = read.report
    told = meaning_of(report) if report is not None else None
    if report is None or told is None:
        return
    state, note = told
    keys = await keys_in(work)
    named = [*read.originals, *read.in_reply_to, report.fields.get("original-message-id", "")]
    references = [reference_of(one.strip(), keys=keys) for one in named if one.strip()]
    params = {"space": work.space_id, "references": references, "destination": sender.domain}
    rows = await work.rows(_SENT, params)
    about = _recipient(report)
    before = _ARRIVED if state in {"failed", "read"} else _ON_THE_WAY
    for message, number, sealed in rows:
        address = open_recipient(sealed, message=message, number=number, keys=keys).address
        if len(rows) > 1 and about not in (None, address):
            continue
        noted = {"space": work.space_id, "message": message, "number": number, "state": state, "note": note}
        if await work.execute(_NOTE, noted | {"at": work.at, "before": before}):
            await _tell(work, actor, message, number, state)


def meaning_of(report: MailReport) -> tuple[str | None, str | None] | None:
    """Return (state, note) of a report, None when it says nothing we know. note: RFC 3463 code, or `delayed`."""
    if report.kind == "disposition-notification":
        shown = "displayed" in report.fields.get("disposition", "").lower()
        return ("read", None) if shown else None
    action = report.fields.get("action", "").strip().lower()
    if action not in _ACTIONS:
        return None
    status = report.fields.get("status", "").strip()[:9]
    note = status if action == "failed" else ("delayed" if action == "delayed" else None)
    return _ACTIONS[action], note


def _recipient(report: MailReport) -> str | None:
    said = report.fields.get("original-recipient") or report.fields.get("final-recipient") or ""
    address = said.rpartition(";")[2].strip().lower()
    return address or None


async def _tell(work: Work, actor: Actor, message: UUID, number: int, state: str | None) -> None:
    await record(work, Act.DELIVER_MESSAGE, allow(Ground.DUTY), actor=actor, details={"state": state or "delayed"})
    if state == "failed":
        await publish(work, DeliveryFailed(space=work.space_id, message=message, number=number))
    await settle_message(work, message)
