"""In whose spaces may this person act? From their own side of the index; row security shows them nobody else's."""

from datetime import datetime

import msgspec

from carnet.identity.api import Ins
from carnet.infra.db import Work
from carnet.infra.db.work import set_delegate
from carnet.spaces.api import Place, index_digest, open_place, person_digest, seal_place

# ## What lies on one delegate's side and is not over ##
_PLACES = """
SELECT place_id, place_enc, taken, until FROM delegate_place WHERE delegate = %s AND until > %s ORDER BY until, place_id
"""
_PUT = """
INSERT INTO delegate_place AS p (delegate, place_id, kind, place_enc, taken, until)
VALUES (%(delegate)s, %(place)s, %(kind)s, %(sealed)s, %(taken)s, %(until)s)
ON CONFLICT (delegate, place_id) DO UPDATE SET kind = excluded.kind, place_enc = excluded.place_enc,
  taken = excluded.taken, until = excluded.until
"""
_DROP = "DELETE FROM delegate_place WHERE delegate = %s AND place_id = %s"
# ## How many people this carer already helps; whoever else would add one waits ##
_HELPED = "SELECT count(*) FROM delegate_place WHERE delegate = %s AND kind = 'carer' AND taken AND until > %s"


class Held(msgspec.Struct, frozen=True):
    """A place on somebody's side. taken: accepted; until: when it is over."""

    place_id: bytes
    place: Place
    taken: bool
    until: datetime


class Side:
    """One delegate's side of the index, in an open transaction."""

    def __init__(self, w: Work, delegate: bytes) -> None:
        self._w = w
        self._delegate = delegate

    async def places(self) -> list[Held]:
        """Return what is not over."""
        rows = await self._w.rows(_PLACES, (self._delegate, self._w.at))
        return [
            Held(bytes(key), open_place(bytes(sealed), delegate=self._delegate, place_id=bytes(key)), taken, until)
            for key, sealed, taken, until in rows
        ]

    async def put(self, place_id: bytes, place: Place, *, taken: bool, until: datetime) -> None:
        """Write a place, or write it again."""
        params = {
            "delegate": self._delegate,
            "place": place_id,
            "kind": place.kind,
            "sealed": seal_place(place, delegate=self._delegate, place_id=place_id),
            "taken": taken,
            "until": until,
        }
        await self._w.execute(_PUT, params)

    async def drop(self, place_id: bytes) -> None:
        """Forget a place."""
        await self._w.execute(_DROP, (self._delegate, place_id))

    async def helped(self) -> int:
        """Return how many people this carer helps, nobody else adding one meanwhile."""
        await self._w.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (self._delegate.hex(),))
        row = await self._w.row(_HELPED, (self._delegate, self._w.at))
        return int(row[0]) if row else 0


async def side_of(w: Work, ins: Ins) -> Side:
    """Return the side of the person of `ins`: the transaction sees no other until it asks for one."""
    delegate = index_digest(person_digest(ins))
    await w.execute(set_delegate(delegate))
    return Side(w, delegate)
