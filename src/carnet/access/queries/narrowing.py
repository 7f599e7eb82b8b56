"""The visibility statements for one kind of reader: what can never be true of them is left out before they are sent.

A plan is planned once a connection, but begun at every request: each of its nodes is made ready, taken down and its
tables locked, whether or not it runs. Most of what `READER` and `VISIBLE` say is about other readers than the one who
asks; making that ready cost more than all that ran (decision 0249). The law stays `visibility`; this only shortens it,
and a property test proves that the same is shown.
"""

import functools
from collections.abc import Mapping

from carnet.access.queries.lineage import EVER_KNOWN, ever_known
from carnet.access.queries.visibility import HEIRS, HELD, MINE, SIDES, THROUGH_SOFTWARE, URGENT, VISIBLE
from carnet.infra.db.message import Statement

# ## What each piece answers for whoever it is not about ##
_NOTHING = {
    HELD: "CROSS JOIN (SELECT NULL::text[] AS withheld, NULL::boolean AS discreet) held",
    HEIRS: "CROSS JOIN (SELECT NULL::text[] AS kept_types) heirs",
    MINE: "CROSS JOIN (SELECT false AS blocked, false AS permitted, false AS administrator) mine",
    URGENT: "CROSS JOIN (SELECT false AS granted) urgent",
}
_NEVER = {"person": (HELD, HEIRS, MINE, URGENT), "delegate": (HEIRS, MINE, URGENT), "professional": (HELD,)}
"""By side, the pieces that find nothing: persons and those who act for them have no number of a directory, and nobody
else rests on a delegation (`visible_to`)."""


def narrowed(statement: Statement) -> Statement:
    """Return a statement that shows the same to the reader its parameters name, in fewer words."""
    params = statement.params
    side = params.get("reader_side") if params else None
    if params is None or side not in _NEVER:
        return statement
    return Statement(_narrowed(statement.sql, side=str(side), direct=_is_direct(params)), params)


def _is_direct(params: Mapping[str, object]) -> bool:
    """Tell whether no software stands between the reader and the house."""
    return params["reader_client"] is None


@functools.lru_cache(maxsize=512)
def _narrowed(sql: str, *, side: str, direct: bool) -> str:
    for piece in _NEVER[side]:
        sql = sql.replace(piece, _NOTHING[piece])
    if direct:
        sql = sql.replace(THROUGH_SOFTWARE, "true")
    allowed = f"(reader.open AND {SIDES[side]})"
    return sql.replace(VISIBLE, allowed).replace(EVER_KNOWN, ever_known(allowed))
