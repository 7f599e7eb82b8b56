"""Deaths noted by mistake: recorded in a contact with who lives, answered by another agent. No space is shown."""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from carnet.identity.api import IdentityTraits, parse_traits
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, contact_under_way, field, letter_in, our_form, scan_answer, words_of
from carnet.interfaces.desk.deaths_letter import deaths_letter
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.deaths import ADDRESS, present_contest, present_contesting, present_contests
from carnet.journeys.api import answer_death_contest, signed_in
from carnet.kernel.errors import Invalid, NotFound, Problem, Refused
from carnet.spaces.api import (
    NO_PROOF_OF_LIFE,
    NOT_CHECKED,
    NotTakenBack,
    Script,
    contest_death,
    list_death_contests,
    offered,
    see_death_contest,
    see_proof_of_life,
)

FIELDS: Final = ("nom", "prenom", "naissance")
NO_ANSWER: Final = Problem("contest-answer", "Choisissez une réponse.", "Choose an answer.", "reponse")
_INVALID: Final = 422


@get("/guichet/contact/{contact:uuid}/deces", **open_to(Audience.AGENT))
async def contesting(request: Asked, contact: FromPath[UUID]) -> Response[str]:
    """Show what to say and what to attach."""
    return await _contesting(request, contact)


@post("/guichet/contact/{contact:uuid}/deces", status_code=200, **open_to(Audience.AGENT))
async def contest(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """Record that the person lives."""
    form = await our_form(request)
    typed = {name: field(form, name) for name in FIELDS}
    by, at = signed_in(request).actor, clock.now()
    try:
        proof = await letter_in(form)
        traits = _traits(typed, lacking=() if proof else (NO_PROOF_OF_LIFE,))
        made = await contest_death(actor=by, contact=contact, traits=traits, proof=proof, at=at)
    except Invalid as refused:
        return await _contesting(request, contact, typed=typed, problems=refused.problems, status=_INVALID)
    return done(f"{ADDRESS}/{made}", "death-contested")


@get(ADDRESS, **open_to(Audience.AGENT))
async def contests(request: Asked) -> Response[str]:
    """List what waits for an answer."""
    actor, at = signed_in(request).actor, clock.now()
    found = await list_death_contests(actor=actor, at=at)
    page = present_contests(language=await words_of(request), contests=found, agent=actor.identifier, at=at)
    return show(request, "deaths.html", page, current="deaths")


@get(f"{ADDRESS}/{{asked:uuid}}", **open_to(Audience.AGENT))
async def one_contest(request: Asked, asked: FromPath[UUID]) -> Response[str]:
    """Show one request."""
    return await _one(request, asked)


@post(f"{ADDRESS}/{{asked:uuid}}", status_code=200, **open_to(Audience.AGENT))
async def answer(request: Asked, asked: FromPath[UUID]) -> Response[Any]:
    """Take the death back, or say why it stands."""
    chosen = field(await our_form(request), "reponse")
    refusal = next((one for one in NotTakenBack if chosen == str(one)), None)
    if refusal is None and chosen != "taken-back":
        return await _one(request, asked, problems=(NO_ANSWER,), status=_INVALID)
    try:
        await answer_death_contest(actor=signed_in(request).actor, contest=asked, refusal=refusal, at=clock.now())
    except Invalid as refused:
        return await _one(request, asked, problems=refused.problems, status=_INVALID)
    return done(f"{ADDRESS}/{asked}", "death-stands" if refusal else "death-taken-back")


@get(f"{ADDRESS}/{{asked:uuid}}/preuve", **open_to(Audience.AGENT))
async def proof(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
    """Give the scanned proof to whoever has to judge it."""
    kind, content = await see_proof_of_life(actor=signed_in(request).actor, contest=asked, at=clock.now())
    return scan_answer(content, kind, "preuve")


@get(f"{ADDRESS}/{{asked:uuid}}/lettre.pdf", **open_to(Audience.AGENT))
async def letter(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
    """Give the answer on paper, to hand over or to post. Raises NotFound before there is one."""
    found = await see_death_contest(actor=signed_in(request).actor, contest=asked, at=clock.now())
    if found.answered_at is None:
        raise NotFound
    words = await words_of(request)
    content = await asyncio.to_thread(deaths_letter, found, at=found.answered_at, language=words)
    return scan_answer(content, "application/pdf", f"reponse-{found.number}")


def _traits(typed: dict[str, str], *, lacking: tuple[Problem, ...]) -> IdentityTraits:
    """Return who the asker says it is about. lacking: what else is missing. Raises Invalid, by the fields' names."""
    paths = {"birth_name": "nom", "birth_date": "naissance"}
    try:
        return parse_traits(
            birth_name=typed["nom"], given_names=(typed["prenom"],), birth_date=typed["naissance"] or "-"
        )
    except Invalid as refused:
        wrong = tuple(replace(one, path=paths.get(one.path or "", "prenom")) for one in refused.problems)
        raise Invalid(*wrong, *lacking) from None


async def _contesting(
    request: Asked,
    contact: UUID,
    *,
    typed: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    opened = await contact_under_way(request, contact)
    if opened.contact.checked_at is None:
        raise Refused(NOT_CHECKED)
    if Script.MISTAKEN_DEATH not in offered(opened.standing.state, opened.contact.asker):
        raise NotFound
    page = present_contesting(
        language=await words_of(request), contact=opened.contact, typed=typed or {}, problems=problems
    )
    path = f"/guichet/contact/{contact}/deces"
    return show(request, "deaths_asking.html", page, current="contact", status=status, path=path)


async def _one(request: Asked, asked: UUID, *, problems: tuple[Problem, ...] = (), status: int = 200) -> Response[str]:
    actor, at = signed_in(request).actor, clock.now()
    found = await see_death_contest(actor=actor, contest=asked, at=at)
    page = present_contest(
        language=await words_of(request), contest=found, agent=actor.identifier, problems=problems, at=at
    )
    return show(request, "deaths_request.html", page, current="deaths", status=status, path=f"{ADDRESS}/{asked}")


ROUTES: Final = (contesting, contest, contests, one_contest, answer, proof, letter)
