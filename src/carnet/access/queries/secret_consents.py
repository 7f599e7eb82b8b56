"""Which secret consents of a minor are in force here? What comes under one is for nobody who acts for them.

For who deposits: software names no professional of its own, so it is told who works where it comes from.
"""

from datetime import datetime

import msgspec

from carnet.infra.db.message import Rows, Statement
from carnet.kernel.ids import SpaceId

# ## Secret consents in force, and whether their professional works at the place `finess` ##
_IN_FORCE = """
SELECT z.rpps, EXISTS (SELECT FROM professional_situation t WHERE t.rpps = z.rpps AND t.finess = %(finess)s)
FROM authorisation z WHERE z.space_id = %(space)s AND z.secret AND z.ended_at IS NULL AND z.starts_at <= %(at)s
  AND coalesce(z.ends_at, 'infinity') > %(at)s
"""


class SecretConsent(msgspec.Struct, frozen=True):
    """A minor's secret consent. here: its professional works at the place asked about."""

    rpps: str
    here: bool


def secret_consents_statement(space: SpaceId, *, finess: str | None, at: datetime) -> Statement:
    """Return the statement that reads them; `to_secret_consents` reads its rows."""
    return Statement(_IN_FORCE, {"space": space, "finess": finess, "at": at})


def to_secret_consents(rows: Rows) -> tuple[SecretConsent, ...]:
    """Return the consents of the rows."""
    return tuple(SecretConsent(*row) for row in rows)
