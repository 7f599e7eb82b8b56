"""What an agent of the desk does for somebody once their identity is checked: each act noted in the contact and traced.

Nothing here opens a key of a space: an agent changes whether there is one and who is signed in, never what is in it.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.identity.api import end_sessions_of
from carnet.infra import randomness
from carnet.infra.db import Work, system_work, work
from carnet.infra.installation import current
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid
from carnet.spaces.actions.desk_contact import Deed, note_deed
from carnet.spaces.actions.objection import said_or_refused, say_at_desk
from carnet.spaces.holding import held_contact, see_contact
from carnet.spaces.queries.desk import DeskContact
from carnet.spaces.receipts import Receipt
from carnet.spaces.rules.channels import Channel
from carnet.spaces.rules.desk import NOT_OFFERED, PROOF_MISSING, Script, offered
from carnet.spaces.rules.lifecycle import Event

HELP = {
    Script.ACTIVATION: Act.DESK_ACTIVATION,
    Script.LOST_ACCESS: Act.DESK_LOST_ACCESS,
    Script.DISPUTE: Act.DESK_DISPUTE,
}
"""The scripts that explain and change nothing, and their trace."""
_PROOF = """
INSERT INTO desk_proof (proof_id, contact_id, at, media_type, proof_enc)
VALUES (%(proof)s, %(contact)s, %(at)s, %(type)s, %(sealed)s)
"""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A scanned letter, its kind established from its bytes."""

    media_type: str
    content: bytes

    def __repr__(self) -> str:
        return "Letter(<hidden>)"


async def object_for(*, actor: Actor, contact: UUID, letter: Letter | None = None, at: datetime) -> Receipt:
    """Record the objection of the person of a contact. letter: needed when it came by post.

    Raises Invalid (no letter, or a space open already), NotFound (the contact is over), Refused. Source: R1111-28 CSP.
    """
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        if held.channel is Channel.POST and letter is None:
            raise Invalid(PROOF_MISSING)
        said = await say_at_desk(w, Event.OBJECT, actor=actor, digest=held.digest, how=held.channel)
        if isinstance(said, Receipt):
            await note_deed(w, held, actor=actor, deed=Deed(script=Script.OBJECTION, name="object"))
            if letter is not None:
                await _keep(w, held, letter)
    return said_or_refused(said)


async def retract_for(*, actor: Actor, contact: UUID, at: datetime) -> Receipt:
    """Take an objection back for the person of a contact: their space opens at once. Raises as `object_for`."""
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        said = await say_at_desk(w, Event.RETRACT, actor=actor, digest=held.digest, how=held.channel)
        if isinstance(said, Receipt):
            await note_deed(w, held, actor=actor, deed=Deed(script=Script.RETRACTION, name="retract"))
    return said_or_refused(said)


async def help_with(*, actor: Actor, contact: UUID, script: Script, at: datetime) -> None:
    """Write down that a script was followed that changes nothing. Raises Invalid, NotFound, Refused."""
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        if script not in HELP:
            raise Invalid(NOT_OFFERED)
        await note_deed(w, held, actor=actor, deed=Deed(script=script, name="informed", act=HELP[script]))


async def note_closing(*, actor: Actor, contact: UUID, at: datetime) -> None:
    """Note in the contact that the space was closed; its closing has a trace of its own. Raises NotFound, Refused."""
    async with system_work(at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        await note_deed(w, held, actor=actor, deed=Deed(script=Script.CLOSING, name="close"))


async def end_sessions_for(*, actor: Actor, contact: UUID, at: datetime) -> int:
    """Sign the person out everywhere; return how many sessions ended. Raises Invalid (no space), NotFound, Refused."""
    _, standing = await see_contact(actor=actor, contact=contact, at=at)
    if standing.space is None or Script.LOST_ACCESS not in offered(standing.state):
        raise Invalid(NOT_OFFERED)
    async with work(space=standing.space, at=at) as w:
        held = await held_contact(w, actor=actor, contact=contact, checked=True)
        ended = await end_sessions_of(w)
        deed = Deed(script=Script.LOST_ACCESS, name="end-sessions", act=Act.DESK_SESSIONS, details={"sessions": ended})
        await note_deed(w, held, actor=actor, deed=deed)
    return ended


async def _keep(w: Work, held: DeskContact, letter: Letter) -> None:
    proof = randomness.uuid4()
    sealed = current().house_key.seal(table="desk_proof", column="proof_enc", row=proof.hex, plaintext=letter.content)
    row = {"proof": proof, "contact": held.contact, "at": w.at, "type": letter.media_type, "sealed": sealed}
    await w.execute(_PROOF, row)
