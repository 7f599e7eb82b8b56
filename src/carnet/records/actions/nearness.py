"""A mark by which numbers asked for one after another are seen to follow one another; no number can be read from it.

Whoever counts up through INS numbers asks for people of one sex, month and place of birth: the numbers differ in their
order only. The mark is a keyed digest of what they share, of the professional and of the day: it compares what one
professional asked on one day and links nothing else, neither two professionals nor two people anybody else asked for.
"""

from datetime import datetime

from carnet.identity.api import Ins
from carnet.infra.installation import current
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.legal_day import legal_day

PURPOSE = "ins-near"
LENGTH = 8


def near(actor: Actor, ins: Ins | None, *, at: datetime) -> dict[str, str]:
    """Return the detail of a trace about a number a professional asked for; nothing for anybody else."""
    if ins is None or actor.kind is not ActorKind.PROFESSIONAL:
        return {}
    parts = (actor.identifier, legal_day(at).isoformat(), ins.neighbourhood)
    return {"near": current().house_key.digest(*parts, purpose=PURPOSE)[:LENGTH].hex()}
