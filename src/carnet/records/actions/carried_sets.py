"""What came together into an earlier record stays together: its submission sets, beside those that come by deposit.

A set names what its archive says it held, as far as it is here. Its title is kept where it can tell of nothing that is
kept from somebody: every document of it went in, and none is hidden. Source: ITI TF-3 §4.2.3.3; R1111-40 CSP.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
import psycopg

from carnet.formats.xdm import Medium
from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.db import Work
from carnet.infra.vault import SpaceKeys
from carnet.kernel.actors import Actor
from carnet.kernel.errors import NotFound
from carnet.records import errors
from carnet.records.actions.deposit_statements import INSERT_SET, Writing, feedable_statement, submission_row
from carnet.records.data import Submission
from carnet.records.rules.carried_document import submission_of, urn

_NOT_OPEN: Final = "CN001"
_INSERT: Final = f"{INSERT_SET} ON CONFLICT DO NOTHING"
# ## What it holds, whoever carried it over first: the same archive twice, or another that holds the rest of the set ##
_HOLDS: Final = """
INSERT INTO submission_item (space_id, set_id, document_id)
SELECT s.space_id, s.set_id, held FROM submission_set s, unnest(%(documents)s::uuid[]) AS held
WHERE s.space_id = %(space)s AND s.unique_id_digest = %(digest)s AND s.source_finess IS NOT DISTINCT FROM %(finess)s
ON CONFLICT DO NOTHING
"""


class Placed(msgspec.Struct, frozen=True):
    """A document of the archive that is here now. hidden: from somebody, by what its archive says."""

    document: UUID
    hidden: bool


class CarriedSet(msgspec.Struct, frozen=True):
    """A set to keep, and what it holds here."""

    submission: Submission
    documents: tuple[UUID, ...]


def carried_sets(medium: Medium, *, ins: Ins, placed: Mapping[int, Placed], at: datetime) -> list[CarriedSet]:
    """Return the sets of an archive that hold something here. placed: by the place of its file in the archive."""
    here = {file.said: placed[place] for place, file in enumerate(medium.files) if file.said and place in placed}
    found = []
    for said in medium.sets:
        held = [here.get(one) for one in said.documents]
        kept = [one for one in held if one is not None]
        if kept and urn(said.unique_id):
            titled = len(kept) == len(held) and not any(one.hidden for one in kept)
            submission = submission_of(said, ins=ins, titled=titled, at=at)
            found.append(CarriedSet(submission, tuple(sorted({one.document for one in kept}))))
    return found


async def keep_sets(work: Work, sets: Sequence[CarriedSet], *, actor: Actor, keys: SpaceKeys) -> None:
    """Store what is not there yet. Safe to run again, and beside another run.

    Raises NotFound when the space closed or was erased since: nothing comes into it any more.
    """
    writing = Writing(space=work.space_id, actor=actor, keys=keys, at=work.at, carried=True)
    guard = feedable_statement(writing)
    try:
        await work.execute(guard.sql, guard.params)
    except psycopg.DatabaseError as raised:
        if raised.sqlstate != _NOT_OPEN:
            raise
        raise NotFound(errors.UNKNOWN_PATIENT) from raised
    for one in sets:
        row = submission_row(writing, one.submission, set_id=randomness.uuid4())
        await work.execute(_INSERT, row)
        await work.execute(_HOLDS, row | {"documents": list(one.documents)})
