"""From what Pro Santé Connect proved to an actor the rules know: number, profession, place, all in the directory.

The profession comes from the signed identity and nowhere else; the directory says whether the person still practises,
and where. Used at sign-in and when a software exchanges a professional's token.
"""

from typing import Any

from carnet.identity.claims import read_professional
from carnet.identity.queries.standing import standing
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import SENTENCES, Reason
from carnet.kernel.errors import Problem, Refused

NOT_IN_DIRECTORY = Problem(
    code="professional-not-listed",
    fr="Vous n'êtes pas dans l'annuaire des professionnels de santé, ou n'y êtes plus en exercice.",
    en="You are not in the directory of health professionals, or no longer practising.",
)
UNKNOWN_PLACE = Problem(
    code="organisation-not-listed",
    fr="La structure pour laquelle vous exercez n'est pas dans l'annuaire.",
    en="The organisation you practise for is not in the directory.",
)
NOT_THERE = Problem(
    code="not-practising-there",
    fr="L'annuaire ne dit pas que vous exercez dans cette structure.",
    en="The directory does not say that you practise in this organisation.",
)


class NotRecognised(Refused):
    """The proof is genuine, but this professional may not come in. `reason` goes to the security journal."""

    def __init__(self, problem: Problem, reason: Reason, rpps: str) -> None:
        super().__init__(problem)
        self.reason = reason
        self.rpps = rpps


async def recognise_professional(*, claims: dict[str, Any], strong: bool) -> Actor:
    """Return the professional behind Pro Santé Connect's `claims`.

    Raises Invalid (claims incomplete) or NotRecognised (weak login, unknown, no longer active, not linked).
    """
    said = read_professional(claims)
    if not strong:
        weak = SENTENCES[Reason.WEAK_AUTHENTICATION]
        raise NotRecognised(Problem("weak-authentication", *weak), Reason.WEAK_AUTHENTICATION, said.rpps)
    known = await standing(rpps=said.rpps, finess=said.organisation)
    if known is None or not known.active:
        raise NotRecognised(NOT_IN_DIRECTORY, Reason.NOT_REGISTERED, said.rpps)
    if known.organisation_name is None:
        raise NotRecognised(UNKNOWN_PLACE, Reason.NOT_REGISTERED, said.rpps)
    if not known.works_there:
        raise NotRecognised(NOT_THERE, Reason.NOT_REGISTERED, said.rpps)
    return Actor(
        kind=ActorKind.PROFESSIONAL,
        identifier=said.rpps,
        name=known.name,
        profession=said.profession,
        organisation=said.organisation,
        organisation_name=known.organisation_name,
        strong=True,
        regulation=said.regulation,
    )
