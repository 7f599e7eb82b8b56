"""Which space belongs to this INS? By keyed digest: a stolen database yields no NIR."""

from carnet.identity.api import Ins
from carnet.infra.db import Work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current

# ## The space behind a digest ##
_FIND = "SELECT space_id, asleep, ins_digest FROM ins_index WHERE ins_digest = %(digest)s"


def find_statement(ins: Ins) -> Statement:
    """Return the statement that finds the space of `ins`, for callers who send several at once."""
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    return Statement(_FIND, {"digest": digest})


def digest_statement(digest: bytes) -> Statement:
    """Return the same for an INS known by its digest only."""
    return Statement(_FIND, {"digest": digest})


# ## Does this house hold anybody: a space, or somebody the campaign knows of? ##
_ANY = "SELECT EXISTS (SELECT FROM ins_index) OR EXISTS (SELECT FROM enrolment)"


async def is_inhabited(work: Work) -> bool:
    """Return whether anybody here is found or sealed by a key file: then all of them must be there before it starts."""
    row = await work.row(_ANY)
    return row is not None and bool(row[0])
