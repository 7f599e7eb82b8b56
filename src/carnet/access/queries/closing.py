"""Every right somebody was given in a space ends: it is being closed. The act that closes it leaves the trace.

Blocks stay: they are the person's no, and stand again should the space be reopened. So do representatives: it is the
law that names them, and for a child they alone can ask for the reopening. Who lost a right by the closing is known by
`ended_at`, which is the closing's own instant.
"""

from carnet.access.queries.delegation_list import Delegations
from carnet.access.queries.delegations import Standing
from carnet.infra.db import Work
from carnet.infra.db.work import set_delegate
from carnet.spaces.api import index_digest, keys_in

_ENDINGS = (
    "UPDATE authorisation SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL AND effect = 'permit'",
    "UPDATE emergency_access SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL",
    "UPDATE consent_code SET expires_at = %(at)s WHERE space_id = %(space)s AND expires_at > %(at)s",
)
_PERSON = "SELECT ins_digest FROM ins_index WHERE space_id = %(space)s"
_OWN_SIDE = "DELETE FROM delegate_place WHERE delegate = %(delegate)s"
_LIVING = frozenset({Standing.WAITING, Standing.LATER, Standing.ACTIVE})


# ## Heirs of somebody who lives: what they were given ends, what they ask is answered by that ##
_HEIRS_END = (
    "UPDATE heirs_reading SET ended_at = %(at)s WHERE space_id = %(space)s AND ended_at IS NULL",
    "UPDATE heirs_request SET ended_at = %(at)s WHERE place = %(space)s AND answer = 'granted' AND ended_at IS NULL",
    """
    UPDATE heirs_request SET answer = 'refused', reason = 'alive', answered_by = asked_by, answered_at = %(at)s
    WHERE place = %(space)s AND answer IS NULL
    """,
)


async def end_heirs(w: Work) -> None:
    """End what a death gave heirs in the transaction's space: it was no death (decision 0235)."""
    for sql in _HEIRS_END:
        await w.execute(sql, {"space": w.space_id, "at": w.at})


async def forget_own_side(w: Work) -> None:
    """Forget where the person of the transaction's space may act for others: found by digest, no key is needed."""
    for (person,) in await w.rows(_PERSON, {"space": w.space_id}):
        delegate = index_digest(bytes(person))
        await w.execute(set_delegate(delegate))
        await w.execute(_OWN_SIDE, {"delegate": delegate})


async def forget_delegates(w: Work) -> None:
    """Forget whose name and whose help lie on delegates' sides: the space is being erased, its keys still open."""
    await Delegations(w, keys=await keys_in(w)).forget()


async def end_all_rights(w: Work) -> None:
    """End permits, emergencies (asked for or under way), codes and carers of the transaction's space."""
    for sql in _ENDINGS:
        await w.execute(sql, {"space": w.space_id, "at": w.at})
    held = Delegations(w, keys=await keys_in(w))
    for line in await held.all():
        if line.kind == "carer" and line.standing(w.at) in _LIVING:
            await held.end(line, by="person")
