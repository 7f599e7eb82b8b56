"""Deaths noted by mistake: recorded in a contact with who lives, answered by another agent. No space is shown."""

from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.interfaces.desk.asking import letter_in, traits_in
from carnet.interfaces.desk.deaths_letter import LAW, said
from carnet.interfaces.desk.presenters.deaths import DEATHS
from carnet.interfaces.desk.two_agents import FIELD, Matter, Submitted, routes_of
from carnet.journeys.api import answer_death_contest
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.api import (
    NO_PROOF_OF_LIFE,
    DeathContest,
    NotTakenBack,
    contest_death,
    list_death_contests,
    see_death_contest,
    see_proof_of_life,
)

FIELDS: Final = ("nom", "prenom", "naissance")


async def _record(sent: Submitted) -> tuple[UUID, str]:
    """Record that the person lives. Raises Invalid, by the fields' names."""
    problems: list[Problem] = []
    proof, traits = await letter_in(sent.form), traits_in(sent.typed, FIELDS, problems)
    if traits is None:
        raise Invalid(*problems, *(() if proof else (NO_PROOF_OF_LIFE,)))
    made = await contest_death(actor=sent.actor, contact=sent.contact, traits=traits, proof=proof, at=sent.at)
    return made, "death-contested"


async def _see(*, actor: Actor, request: UUID, at: datetime) -> DeathContest:
    return await see_death_contest(actor=actor, contest=request, at=at)


async def _see_scan(*, actor: Actor, request: UUID, at: datetime) -> tuple[str, bytes]:
    return await see_proof_of_life(actor=actor, contest=request, at=at)


async def _answer(*, actor: Actor, request: UUID, refusal: NotTakenBack | None, at: datetime) -> None:
    await answer_death_contest(actor=actor, contest=request, refusal=refusal, at=at)


_MATTER: Final[Matter[DeathContest]] = Matter(
    kind=DEATHS,
    fields=dict.fromkeys(FIELDS, FIELD),
    record=_record,
    listed=list_death_contests,
    see=_see,
    see_scan=_see_scan,
    answer=_answer,
    granted_notice="death-taken-back",
    refused_notice="death-stands",
    said=said,
    law=LAW,
)
ROUTES: Final = routes_of(_MATTER)
