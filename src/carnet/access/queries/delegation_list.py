"""What every change of delegations needs: hold the rights row, write both sides, end both sides.

Steps of others' acts. Row and place are written by one transaction: what one shows the other holds. Each change adds
one to the epoch, as any change of rights (DESIGN §4).
"""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.events import ANSWERED, ENDED, INVITED, DelegationChanged
from carnet.access.queries.delegations import DelegationLine, Standing, delegation_line, delegations, seal_delegate
from carnet.access.queries.places import side_of
from carnet.access.rules.delegating import PARENTS
from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.infra.jobs.outbox import publish
from carnet.infra.vault import SpaceKeys
from carnet.spaces.api import Claim, Delegate, Place, digest_in, keys_in

_HOLD = "SELECT FROM authz WHERE space_id = %s FOR UPDATE"
_BUMP = "UPDATE authz SET epoch = epoch + 1 WHERE space_id = %s"
_ADD = """
INSERT INTO delegation (space_id, delegation_id, delegate, kind, basis, origin, person_enc, purpose, withheld,
  recorded_by, recorded_at, answer_by, accepted_at, starts_at, ends_at, discreet_from, looks_only_from,
  messages, documents, agenda)
VALUES (%(space)s, %(id)s, %(delegate)s, %(kind)s, %(basis)s, %(origin)s, %(sealed)s, %(purpose)s, %(withheld)s,
  %(by)s, %(at)s, %(answer_by)s, %(accepted_at)s, %(starts_at)s, %(ends_at)s, %(discreet_from)s, %(looks_only_from)s,
  %(messages)s, %(documents)s, %(agenda)s)
"""
# ## What is over, or was never answered in time, makes room for a new one ##
_LAPSED = """
UPDATE delegation SET ended_at = least(%(at)s, coalesce(answer_by, ends_at), ends_at)
WHERE space_id = %(space)s AND delegate = %(delegate)s AND kind = %(kind)s AND ended_at IS NULL AND refused_at IS NULL
  AND (ends_at <= %(at)s OR (accepted_at IS NULL AND answer_by <= %(at)s))
"""
_KNOWN = """
SELECT 1 FROM delegation WHERE space_id = %(space)s AND delegate = %(delegate)s AND kind = %(kind)s
  AND ended_at IS NULL AND refused_at IS NULL
"""
_EVER = "SELECT 1 FROM delegation WHERE space_id = %s AND delegate = %s AND kind = %s"
_ANSWER = """
UPDATE delegation SET accepted_at = %s, refused_at = %s, person_enc = %s WHERE space_id = %s AND delegation_id = %s
"""
_REMINDED = "UPDATE delegation SET reminded_at = %s WHERE space_id = %s AND delegation_id = %s"
_END = "UPDATE delegation SET ended_at = %s, ended_by = %s WHERE space_id = %s AND delegation_id = %s"

_HERE = frozenset({Standing.LATER, Standing.ACTIVE})


class NewDelegation(msgspec.Struct, frozen=True, kw_only=True):
    """A delegation about to be written. claim: what must be true of the invited; None: nobody has to answer."""

    delegate: Delegate
    kind: str
    basis: str
    origin: str
    recorded_by: str
    subject: str
    starts_at: datetime
    ends_at: datetime
    answer_by: datetime | None = None
    claim: Claim | None = None
    purpose: str = ""
    withheld: tuple[str, ...] = ()
    messages: bool = False
    documents: bool = True
    agenda: bool = False
    discreet_from: datetime | None = None
    looks_only_from: datetime | None = None

    @property
    def place(self) -> Place:
        """What the delegate's side will hold, but for where."""
        return Place(
            name=self.subject,
            kind=self.kind,
            basis=self.basis,
            purpose=self.purpose,
            starts_at=self.starts_at,
            claim=self.claim,
        )


class Delegations:
    """The delegations of one space, to be changed in an open transaction: nobody else changes its rights meanwhile."""

    def __init__(self, w: Work, *, keys: SpaceKeys) -> None:
        self._w = w
        self._keys = keys

    @classmethod
    async def held(cls, w: Work) -> "Delegations":
        """Wait for whoever changes the rights of this space now, and return them."""
        await w.execute(_HOLD, (w.space_id,))
        return cls(w, keys=await keys_in(w))

    async def is_known(self, delegate: Delegate, *, kind: str) -> bool:
        """Tell whether there is one already, asked for or in force; what has lapsed ends here."""
        w = self._w
        params = {"space": w.space_id, "delegate": digest_in(w.space_id, delegate.ins), "kind": kind, "at": w.at}
        await w.execute(_LAPSED, params)
        return await w.row(_KNOWN, params) is not None

    async def was_known(self, delegate: Delegate, *, kind: str) -> bool:
        """Tell whether there ever was one."""
        mine = digest_in(self._w.space_id, delegate.ins)
        return await self._w.row(_EVER, (self._w.space_id, mine, kind)) is not None

    async def has_both_parents(self) -> bool:
        """Tell whether as many parents act here as a child has."""
        here = [one for one in await self.all() if one.basis == "parental" and one.standing(self._w.at) in _HERE]
        return len(here) >= PARENTS

    async def was_ended_by_desk(self, delegate: Delegate) -> bool:
        """Tell whether the desk ended their representation upon a decision it was shown."""
        return any(
            one.kind == "representative" and one.ended_by == "desk" and one.delegate.ins == delegate.ins
            for one in await self.all()
        )

    async def line(self, delegation: UUID) -> DelegationLine | None:
        """Return one, None when the space has no such."""
        return await delegation_line(self._w, delegation, keys=self._keys)

    async def all(self) -> list[DelegationLine]:
        """Return every one, newest first."""
        return await delegations(self._w, keys=self._keys)

    async def add(self, new: NewDelegation) -> UUID:
        """Write both sides of a delegation; return its id."""
        w, made = self._w, randomness.uuid4()
        accepted = w.at if new.answer_by is None else None
        await w.execute(_ADD, self._row(made, new) | {"accepted_at": accepted})
        await self._bump()
        side = await side_of(w, new.delegate.ins)
        place = msgspec.structs.replace(new.place, space=w.space_id, delegation=made)
        await side.put(made.bytes, place, taken=accepted is not None, until=new.answer_by or new.ends_at)
        if accepted is None:
            await publish(w, DelegationChanged(space=w.space_id, delegation=made, what=INVITED))
        return made

    def _row(self, made: UUID, new: NewDelegation) -> dict[str, object]:
        w = self._w
        return {
            "space": w.space_id,
            "id": made,
            "delegate": digest_in(w.space_id, new.delegate.ins),
            "kind": new.kind,
            "basis": new.basis,
            "origin": new.origin,
            "sealed": seal_delegate(new.delegate, keys=self._keys, delegation=made),
            "purpose": new.purpose,
            "withheld": list(new.withheld),
            "messages": new.messages,
            "documents": new.documents,
            "agenda": new.agenda,
            "by": new.recorded_by,
            "at": w.at,
            "answer_by": new.answer_by,
            "starts_at": new.starts_at,
            "ends_at": new.ends_at,
            "discreet_from": new.discreet_from,
            "looks_only_from": new.looks_only_from,
        }

    async def answer(self, line: DelegationLine, *, accepted: bool, me: Delegate) -> None:
        """Write the answer of the invited, and their name as it is instead of as it was typed."""
        sealed = seal_delegate(me if accepted else line.delegate, keys=self._keys, delegation=line.delegation_id)
        moments = (self._w.at, None) if accepted else (None, self._w.at)
        await self._w.execute(_ANSWER, (*moments, sealed, self._w.space_id, line.delegation_id))
        await self._bump()
        await self._tell(line, ANSWERED)

    async def end(self, line: DelegationLine, *, by: str) -> None:
        """End both sides. by: who did (`delegation.ended_by`)."""
        await self._w.execute(_END, (self._w.at, by, self._w.space_id, line.delegation_id))
        await self._bump()
        await (await side_of(self._w, line.delegate.ins)).drop(line.delegation_id.bytes)
        if line.accepted_at is not None:
            await self._tell(line, ENDED)

    async def bar(self, new: NewDelegation) -> UUID:
        """Write a delegation that is over before it began: nothing on the delegate's side, nobody told."""
        w, made = self._w, randomness.uuid4()
        params = self._row(made, new) | {"accepted_at": w.at}
        await w.execute(_ADD, params)
        await w.execute(_END, (w.at, "desk", w.space_id, made))
        await self._bump()
        return made

    async def note_reminded(self, line: DelegationLine) -> None:
        """Remember that both sides were told of the end to come."""
        await self._w.execute(_REMINDED, (self._w.at, self._w.space_id, line.delegation_id))

    async def _tell(self, line: DelegationLine, what: str) -> None:
        await publish(self._w, DelegationChanged(space=self._w.space_id, delegation=line.delegation_id, what=what))

    async def forget(self) -> None:
        """Forget, on every delegate's side, that they acted here: this space is being erased."""
        for line in await self.all():
            await (await side_of(self._w, line.delegate.ins)).drop(line.delegation_id.bytes)

    async def _bump(self) -> None:
        await self._w.execute(_BUMP, (self._w.space_id,))
