"""From the INS of a search to the space it is about.

Which space an INS has never changes once it is there, so a found one is remembered for a while: a search by INS then
costs no more round trips than one by id. Nothing found is never remembered. Rights are read anew every time.
"""

import time
from collections import OrderedDict
from datetime import datetime
from typing import Final

from carnet.identity.api import Ins
from carnet.infra.installation import current
from carnet.interfaces.fhir.search.reading import Subject, required_subject
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason, problem_of
from carnet.kernel.errors import Refused
from carnet.kernel.ids import SpaceId
from carnet.records.api import refuse_unknown
from carnet.spaces.api import find_space

_MOST: Final = 10_000
_SECONDS: Final = 300.0
_known: OrderedDict[bytes, tuple[SpaceId, float]] = OrderedDict()


async def space_of(subject: Subject, *, actor: Actor, act: Act, at: datetime) -> SpaceId:
    """Return the space. Raises Malformed when nobody is named; Refused, as for a closed space, when there is none."""
    refusal = required_subject(subject)
    if refusal is not None:
        raise refusal
    if subject.space is not None:
        return subject.space
    found = await _find(subject.ins) if subject.ins else None
    if found is None:
        await refuse_unknown(actor=actor, act=act, at=at)
        raise Refused(problem_of(Reason.SPACE_NOT_OPEN))
    return found


async def _find(ins: Ins) -> SpaceId | None:
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    remembered = _known.get(digest)
    if remembered is not None and remembered[1] > time.monotonic():
        return remembered[0]
    found = await find_space(ins)
    if found is not None:
        _known[digest] = (found, time.monotonic() + _SECONDS)
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return found
