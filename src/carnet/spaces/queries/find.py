"""Which space belongs to this INS? By keyed digest: a stolen database yields no NIR."""

from carnet.identity.api import Ins
from carnet.infra.db import Work, rows_in_one_trip
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.kernel.ids import SpaceId

# ## The space behind a digest ##
_FIND = "SELECT space_id FROM ins_index WHERE ins_digest = %(digest)s"


def find_statement(ins: Ins) -> Statement:
    """Return the statement that finds the space of `ins`, for callers who send several at once."""
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    return Statement(_FIND, {"digest": digest})


async def find_space(ins: Ins) -> SpaceId | None:
    """Return the space of `ins`, or None. Says nothing about whether it is open: the decision does."""
    rows = (await rows_in_one_trip([find_statement(ins)], space=None))[0]
    return SpaceId(rows[0][0]) if rows else None


# ## Does this house hold any space at all? ##
_ANY = "SELECT EXISTS (SELECT FROM ins_index)"


async def any_space(work: Work) -> bool:
    """Return whether the house is inhabited: then its key files must be there before it starts."""
    row = await work.row(_ANY)
    return row is not None and bool(row[0])
