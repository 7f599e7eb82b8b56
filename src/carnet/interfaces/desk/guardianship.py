"""Guardians: asked for in a contact with the scanned judgment, answered by another agent. No space is shown."""

import asyncio
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from carnet.access.api import (
    NOBODY_THERE,
    AskedGuardianship,
    Judgment,
    Measure,
    NotRecorded,
    answer_guardianship,
    ask_guardianship,
    lacking,
    list_guardianships,
    see_guardianship,
    see_judgment,
)
from carnet.identity.api import IdentityTraits, Ins, parse_ins, parse_traits
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, contact_under_way, field, letter_in, our_form, scan_answer, words_of
from carnet.interfaces.desk.failing import trouble
from carnet.interfaces.desk.guardianship_letter import guardianship_letter
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.guardianship import ADDRESS, present_guardianship, present_judgment, present_list
from carnet.interfaces.desk.setting import desk_of
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, NotFound, Problem, Refused
from carnet.spaces.api import NOT_CHECKED, Channel, Letter, Script, offered

FIELDS: Final = (
    *("nom", "prenom", "naissance"),
    *("ins", "tuteur_nom", "tuteur_prenom", "tuteur_naissance"),
    *("mesure", "tribunal", "jugement", "numero", "fin"),
)
NO_ANSWER: Final = Problem("guardianship-answer", "Choisissez une réponse.", "Choose an answer.", "reponse")
_INVALID: Final = 422
_TOO_MANY: Final = 429


@get("/guichet/contact/{contact:uuid}/tutelle", **open_to(Audience.AGENT))
async def asking(request: Asked, contact: FromPath[UUID]) -> Response[str]:
    """Show what to say, what to copy from the judgment and what to attach."""
    return await _asking(request, contact)


@post("/guichet/contact/{contact:uuid}/tutelle", status_code=200, **open_to(Audience.AGENT))
async def ask(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """Record what is asked. A guardian nobody finds counts as a search that found nobody."""
    form = await our_form(request)
    typed = {name: field(form, name) for name in FIELDS}
    by, at, failures = signed_in(request).actor, clock.now(), desk_of(request).failures
    if wait := await failures.wait(by.identifier, at=at):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    try:
        judgment = _judgment(typed, proof=await letter_in(form))
        asked = _asked(typed, judgment, missing=lacking(judgment, at=at))
        made = await ask_guardianship(actor=by, contact=contact, asked=asked, at=at)
    except Invalid as refused:
        if NOBODY_THERE in refused.problems:
            await failures.failed(by.identifier, at=at)
        return await _asking(request, contact, typed=typed, problems=refused.problems, status=_INVALID)
    return done(f"{ADDRESS}/{made}", "guardianship-asked")


@get(ADDRESS, **open_to(Audience.AGENT))
async def requests(request: Asked) -> Response[str]:
    """List what waits for an answer."""
    actor, at = signed_in(request).actor, clock.now()
    found = await list_guardianships(actor=actor, at=at)
    page = present_list(language=await words_of(request), requests=found, agent=actor.identifier, at=at)
    return show(request, "guardianship.html", page, current="guardianship")


@get(f"{ADDRESS}/{{asked:uuid}}", **open_to(Audience.AGENT))
async def one_request(request: Asked, asked: FromPath[UUID]) -> Response[str]:
    """Show one request."""
    return await _one(request, asked)


@post(f"{ADDRESS}/{{asked:uuid}}", status_code=200, **open_to(Audience.AGENT))
async def answer(request: Asked, asked: FromPath[UUID]) -> Response[Any]:
    """Carry it out, or say why not."""
    chosen = field(await our_form(request), "reponse")
    refusal = next((one for one in NotRecorded if chosen == str(one)), None)
    if refusal is None and chosen != "granted":
        return await _one(request, asked, problems=(NO_ANSWER,), status=_INVALID)
    try:
        await answer_guardianship(actor=signed_in(request).actor, request=asked, refusal=refusal, at=clock.now())
    except Invalid as refused:
        return await _one(request, asked, problems=refused.problems, status=_INVALID)
    return done(f"{ADDRESS}/{asked}", "guardianship-refused" if refusal else "guardianship-granted")


@get(f"{ADDRESS}/{{asked:uuid}}/preuve", **open_to(Audience.AGENT))
async def proof(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
    """Give the scanned judgment to whoever has to compare it."""
    kind, content = await see_judgment(actor=signed_in(request).actor, request=asked, at=clock.now())
    return scan_answer(content, kind, "jugement")


@get(f"{ADDRESS}/{{asked:uuid}}/lettre.pdf", **open_to(Audience.AGENT))
async def letter(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
    """Give the answer on paper, to hand over or to post. Raises NotFound before there is one."""
    found = await see_guardianship(actor=signed_in(request).actor, request=asked, at=clock.now())
    if found.answered_at is None:
        raise NotFound
    words = await words_of(request)
    content = await asyncio.to_thread(guardianship_letter, found, at=found.answered_at, language=words)
    return scan_answer(content, "application/pdf", f"reponse-{found.number}")


def _judgment(typed: dict[str, str], *, proof: Letter | None) -> Judgment:
    return Judgment(
        measure=next((one for one in Measure if typed["mesure"] == str(one)), None),
        court=typed["tribunal"],
        judged_on=_day(typed["jugement"]),
        number=typed["numero"],
        until=_day(typed["fin"]),
        proof=proof,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _asked(typed: dict[str, str], judgment: Judgment, *, missing: tuple[Problem, ...]) -> AskedGuardianship:
    """Return what was typed. missing: what the judgment lacks. Raises Invalid, by the fields' names."""
    problems: list[Problem] = []
    person = _traits(typed, ("nom", "prenom", "naissance"), problems)
    numbers = _numbers(typed["ins"], problems)
    guardian = _traits(typed, ("tuteur_nom", "tuteur_prenom", "tuteur_naissance"), problems)
    problems += missing
    if person is None or guardian is None or problems:
        raise Invalid(*problems)
    return AskedGuardianship(person=person, guardian=guardian, numbers=numbers, judgment=judgment)


def _numbers(text: str, problems: list[Problem]) -> tuple[Ins, ...]:
    accepted = current().limits.accepted_ins_oids
    try:
        return tuple(parse_ins(matricule=text, oid=oid, accepted_oids=accepted, path="ins") for oid in sorted(accepted))
    except Invalid as refused:
        problems += refused.problems
        return ()


def _traits(typed: dict[str, str], names: tuple[str, str, str], problems: list[Problem]) -> IdentityTraits | None:
    name, given, born = names
    paths = {"birth_name": name, "birth_date": born}
    try:
        return parse_traits(birth_name=typed[name], given_names=(typed[given],), birth_date=typed[born] or "-")
    except Invalid as refused:
        problems += (replace(one, path=paths.get(one.path or "", given)) for one in refused.problems)
        return None


async def _asking(
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
    told = Script.GUARDIANSHIP in offered(opened.standing.state, opened.contact.asker)
    if not told or (opened.contact.channel is Channel.PHONE and not problems):
        raise NotFound
    page = present_judgment(
        language=await words_of(request), contact=opened.contact, typed=typed or {}, problems=problems
    )
    path = f"/guichet/contact/{contact}/tutelle"
    return show(request, "guardianship_asking.html", page, current="contact", status=status, path=path)


async def _one(request: Asked, asked: UUID, *, problems: tuple[Problem, ...] = (), status: int = 200) -> Response[str]:
    actor, at = signed_in(request).actor, clock.now()
    found = await see_guardianship(actor=actor, request=asked, at=at)
    page = present_guardianship(
        language=await words_of(request), request=found, agent=actor.identifier, problems=problems, at=at
    )
    path = f"{ADDRESS}/{asked}"
    return show(request, "guardianship_request.html", page, current="guardianship", status=status, path=path)


ROUTES: Final = (asking, ask, requests, one_request, answer, proof, letter)
