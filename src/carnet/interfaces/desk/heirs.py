"""Requests of heirs: recorded in a contact about somebody who died, answered by another agent, ended by any of them.

What an agent sees is what the heir said and showed, never anything of the deceased's space.
"""

import asyncio
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec.structs import replace

from carnet.access.api import (
    CHOSEN,
    NO_CAPACITY,
    NO_REASON,
    AskedByHeir,
    Capacity,
    Purpose,
    answer_heir,
    ask_for_heir,
    end_heir_reading,
    list_heirs_requests,
    see_heirs_proof,
    see_heirs_request,
)
from carnet.identity.api import Ins, parse_ins, parse_traits
from carnet.infra import clock
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import Asked, contact_under_way, field, letter_in, our_form, scan_answer, words_of
from carnet.interfaces.desk.heirs_letter import heirs_letter
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.heirs import ADDRESS, present_asking, present_request, present_requests
from carnet.journeys.api import signed_in
from carnet.kernel.errors import Invalid, NotFound, Problem, Refused
from carnet.spaces.api import NOT_CHECKED, Asker, Delegate, Script, offered

FIELDS: Final = (
    "defunt_nom",
    "defunt_prenom",
    "defunt_naissance",
    "ins",
    "nom",
    "prenom",
    "naissance",
    "qualite",
    "motif",
    "rpps",
)
_STATEMENT: Final = 1000
_INVALID: Final = 422


@get("/guichet/contact/{contact:uuid}/ayant-droit", **open_to(Audience.AGENT))
async def asking(request: Asked, contact: FromPath[UUID]) -> Response[str]:
    """Show what to say and what to ask."""
    return await _asking(request, contact)


@post("/guichet/contact/{contact:uuid}/ayant-droit", status_code=200, **open_to(Audience.AGENT))
async def ask(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
    """Record what the heir asks for."""
    form = await our_form(request)
    typed = {name: field(form, name) for name in FIELDS} | {"expose": field(form, "expose", most=_STATEMENT)}
    try:
        asked = _asked(typed)
        asked = replace(asked, proof=await letter_in(form))
        made = await ask_for_heir(actor=signed_in(request).actor, contact=contact, asked=asked, at=clock.now())
    except Invalid as refused:
        return await _asking(request, contact, typed=typed, problems=refused.problems, status=_INVALID)
    found = await see_heirs_request(actor=signed_in(request).actor, request=made, at=clock.now())
    return done(f"{ADDRESS}/{made}", "heir-asked" if found.granted is None else "heir-refused")


@get(ADDRESS, **open_to(Audience.AGENT))
async def requests(request: Asked) -> Response[str]:
    """List what waits, and who reads now."""
    actor, at = signed_in(request).actor, clock.now()
    found = await list_heirs_requests(actor=actor, at=at)
    page = present_requests(language=await words_of(request), requests=found, agent=actor.identifier, at=at)
    return show(request, "heirs.html", page, current="heirs")


@get(f"{ADDRESS}/{{asked:uuid}}", **open_to(Audience.AGENT))
async def one_request(request: Asked, asked: FromPath[UUID]) -> Response[str]:
    """Show one request."""
    return await _one(request, asked)


@post(f"{ADDRESS}/{{asked:uuid}}", status_code=200, **open_to(Audience.AGENT))
async def answer(request: Asked, asked: FromPath[UUID]) -> Response[Any]:
    """Grant it, or refuse it with a reason."""
    chosen = field(await our_form(request), "reponse")
    refusal = next((one for one in CHOSEN if chosen == str(one)), None)
    if refusal is None and chosen != "granted":
        return await _one(request, asked, problems=(NO_REASON,), status=_INVALID)
    try:
        await answer_heir(actor=signed_in(request).actor, request=asked, refusal=refusal, at=clock.now())
    except Invalid as refused:
        return await _one(request, asked, problems=refused.problems, status=_INVALID)
    return done(f"{ADDRESS}/{asked}", "heir-granted" if refusal is None else "heir-refused")


@post(f"{ADDRESS}/{{asked:uuid}}/fin", status_code=303, **open_to(Audience.AGENT))
async def end(request: Asked, asked: FromPath[UUID]) -> Response[Any]:
    """End the reading it let in."""
    await our_form(request)
    await end_heir_reading(actor=signed_in(request).actor, request=asked, at=clock.now())
    return done(f"{ADDRESS}/{asked}", "heir-ended")


@get(f"{ADDRESS}/{{asked:uuid}}/preuve", **open_to(Audience.AGENT))
async def proof(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
    """Give the scanned proof to whoever has to judge it."""
    kind, content = await see_heirs_proof(actor=signed_in(request).actor, request=asked, at=clock.now())
    return scan_answer(content, kind, "preuve")


@get(f"{ADDRESS}/{{asked:uuid}}/lettre.pdf", **open_to(Audience.AGENT))
async def letter(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
    """Give the answer on paper, to hand over or to post. Raises NotFound before there is one."""
    found = await see_heirs_request(actor=signed_in(request).actor, request=asked, at=clock.now())
    if found.answered_at is None:
        raise NotFound
    words = await words_of(request)
    content = await asyncio.to_thread(heirs_letter, found, at=found.answered_at, language=words)
    return scan_answer(content, "application/pdf", f"reponse-{found.number}")


def _asked(typed: dict[str, str]) -> AskedByHeir:
    """Return what was typed, but for the proof. Raises Invalid with the fields' own names."""
    capacity = next((one for one in Capacity if typed["qualite"] == str(one)), None)
    problems = [] if capacity else [NO_CAPACITY]
    accepted = current().limits.accepted_ins_oids
    numbers: tuple[Ins, ...] = ()
    heir = deceased = None
    try:
        numbers = tuple(
            parse_ins(matricule=typed["ins"], oid=oid, accepted_oids=accepted, path="ins") for oid in sorted(accepted)
        )
    except Invalid as refused:
        problems += refused.problems
    try:
        heir = parse_traits(
            birth_name=typed["nom"], given_names=(typed["prenom"],), birth_date=typed["naissance"] or "-"
        )
    except Invalid as refused:
        problems += _renamed(refused, {"birth_name": "nom", "birth_date": "naissance"}, "prenom")
    try:
        deceased = parse_traits(
            birth_name=typed["defunt_nom"],
            given_names=(typed["defunt_prenom"],),
            birth_date=typed["defunt_naissance"] or "-",
        )
    except Invalid as refused:
        problems += _renamed(refused, {"birth_name": "defunt_nom", "birth_date": "defunt_naissance"}, "defunt_prenom")
    if capacity is None or not numbers or heir is None or deceased is None:
        raise Invalid(*problems)
    parent = capacity is Capacity.PARENT
    return AskedByHeir(
        heir=Delegate(
            ins=numbers[0],
            birth_name=heir.birth_name,
            given_name=heir.given_names[0],
            birth_date=heir.birth_date or "",
            name=f"{heir.given_names[0]} {heir.birth_name}",
        ),
        numbers=numbers,
        deceased=deceased,
        capacity=capacity,
        motive=None if parent else next((one for one in Purpose if typed["motif"] == str(one)), None),
        statement=typed["expose"],
        physician=typed["rpps"].replace(" ", ""),
        proof=None,
    )


def _renamed(refused: Invalid, paths: dict[str, str], other: str) -> list[Problem]:
    return [replace(one, path=paths.get(one.path or "", other)) for one in refused.problems]


async def _asking(
    request: Asked,
    contact: UUID,
    *,
    typed: dict[str, str] | None = None,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    opened = await contact_under_way(request, contact)
    if opened.contact.checked_at is None or opened.contact.asker is not Asker.HEIR:
        raise Refused(NOT_CHECKED)
    if opened.standing.space is None or Script.HEIRS not in offered(opened.standing.state):
        raise NotFound
    page = present_asking(
        language=await words_of(request), contact=opened.contact, typed=typed or {}, problems=problems
    )
    path = f"/guichet/contact/{contact}/ayant-droit"
    return show(request, "heirs_asking.html", page, current="contact", status=status, path=path)


async def _one(request: Asked, asked: UUID, *, problems: tuple[Problem, ...] = (), status: int = 200) -> Response[str]:
    actor, at = signed_in(request).actor, clock.now()
    found = await see_heirs_request(actor=actor, request=asked, at=at)
    page = present_request(
        language=await words_of(request), request=found, agent=actor.identifier, problems=problems, at=at
    )
    return show(request, "heirs_request.html", page, current="heirs", status=status, path=f"{ADDRESS}/{asked}")


ROUTES: Final = (asking, ask, requests, one_request, answer, end, proof, letter)
