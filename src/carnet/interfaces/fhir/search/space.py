"""From the INS of a search to the space it is about.

Which space an INS has never changes once it is there, so a found one is remembered for a while, for the reader who
found it: a search by INS then costs no more round trips than one by id. Nothing found is never remembered, and costs as
much work as somebody found who keeps the reader out, who is forgotten again. Rights are read anew every time. Who asks
for too many who are not there waits (`probing`).
"""

import time
from collections import OrderedDict
from contextvars import ContextVar
from datetime import datetime
from typing import Final

from carnet.access.api import look
from carnet.identity.api import Ins
from carnet.infra import randomness
from carnet.infra.installation import current
from carnet.infra.web.even_time import even_out
from carnet.interfaces.fhir.probing import check_patience
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
_Place = tuple[str, str, bytes]
_known: OrderedDict[_Place, tuple[SpaceId, float]] = OrderedDict()
_asked: ContextVar[tuple[_Place, str] | None] = ContextVar("asked", default=None)


async def space_of(subject: Subject, *, actor: Actor, act: Act, at: datetime) -> SpaceId:
    """Return the space. Raises Malformed when nobody is named; TooMany; Refused, as for a closed space, without any."""
    _asked.set(None)
    refusal = required_subject(subject)
    if refusal is not None:
        raise refusal
    if subject.space is not None:
        return subject.space
    check_patience(actor, at=at)
    found = await _find(subject.ins, actor) if subject.ins else None
    if found is None:
        await look(actor=actor, space=SpaceId(randomness.uuid4()), at=at)
        await refuse_unknown(actor=actor, act=act, ins=subject.ins, at=at)
        raise Refused(problem_of(Reason.SPACE_NOT_OPEN))
    return found


async def forget() -> None:
    """Forget what this request found: its answer was that nobody is there, and the next one must cost as much.

    Whoever asked by number is answered when that number is (`even_time`).
    """
    asked = _asked.get()
    if asked is not None:
        _known.pop(asked[0], None)
        await even_out(asked[1])


async def _find(ins: Ins, actor: Actor) -> SpaceId | None:
    digest = current().index_key.ins_digest(matricule=ins.matricule, oid=ins.oid)
    place = (actor.identifier, actor.client_id or "", digest)
    _asked.set((place, ins.matricule))
    remembered = _known.get(place)
    if remembered is not None and remembered[1] > time.monotonic():
        return remembered[0]
    found = await find_space(ins)
    if found is not None:
        _known[place] = (found, time.monotonic() + _SECONDS)
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return found
