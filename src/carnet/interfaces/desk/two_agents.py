"""What one agent asks upon a scanned proof and a second one answers: the addresses, forms and answers of every kind.

A kind gives its words (`Kind`), its actions and its letter (`Matter`). Whether an agent may is decided by the actions:
here are forms, pages and files. No space is shown.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Final, Generic
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from carnet.design.parts import NO_VALUES
from carnet.infra import clock
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.desk.asking import (
    Asked,
    OpenContact,
    contact_under_way,
    field,
    our_form,
    scan_answer,
    words_of,
)
from carnet.interfaces.desk.failing import trouble
from carnet.interfaces.desk.page import done, show
from carnet.interfaces.desk.presenters.two_agents import Kind, R, present_asking, present_list, present_request
from carnet.interfaces.desk.setting import desk_of
from carnet.interfaces.desk.two_agents_letter import two_agents_letter
from carnet.journeys.api import signed_in
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Invalid, NotFound, Problem, Refused
from carnet.spaces.api import NOT_CHECKED, Asker, offered

NO_ANSWER: Final = Problem("two-agents-answer", "Choisissez une réponse.", "Choose an answer.", "reponse")
FIELD: Final = 200
"""Most characters of a field."""
_INVALID: Final = 422
_TOO_MANY: Final = 429


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent asks for in a contact. typed: the kind's fields; form: the scanned proof is in it."""

    actor: Actor
    contact: UUID
    typed: Mapping[str, str]
    form: Any
    at: datetime


class Matter(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """What one kind does behind its words.

    fields: {name: most characters}; asker: the only one it is for; offers: whether its form may be shown, or shown
    again with what is wrong; record: returns the request made and the notice to leave; nobody: the problem that counts
    as a search that found nobody. listed, see, see_scan, answer, end (of what goes on): actions, of a `request` by an
    `actor`; notices: left for the next page; scan: name of the proof's file; said, law: of the letter.
    """

    kind: Kind[R]
    fields: Mapping[str, int]
    asker: Asker | None = None
    offers: Callable[[OpenContact, tuple[Problem, ...]], bool] = lambda _opened, _problems: True
    record: Callable[[Submitted], Awaitable[tuple[UUID, str]]]
    nobody: Problem | None = None
    listed: Callable[..., Awaitable[tuple[R, ...]]]
    see: Callable[..., Awaitable[R]]
    see_scan: Callable[..., Awaitable[tuple[str, bytes]]]
    answer: Callable[..., Awaitable[None]]
    no_answer: Problem = NO_ANSWER
    granted_notice: str
    refused_notice: str
    end: Callable[..., Awaitable[None]] | None = None
    ended_notice: str = ""
    scan: str = "preuve"
    said: Callable[[R], tuple[str, ...]]
    law: str


def routes_of(matter: Matter[Any]) -> tuple[HTTPRouteHandler, ...]:
    """Return every address of a kind."""
    return (*_of_a_contact(matter), *_of_requests(matter), *_of_papers(matter))


def _of_a_contact(matter: Matter[Any]) -> tuple[HTTPRouteHandler, ...]:
    address = f"/guichet/contact/{{contact:uuid}}/{matter.kind.form_at}"

    @get(address, **open_to(Audience.AGENT))
    async def asking(request: Asked, contact: FromPath[UUID]) -> Response[str]:
        """Show what to say and what to ask."""
        return await _asking(request, matter, contact)

    @post(address, status_code=200, **open_to(Audience.AGENT))
    async def ask(request: Asked, contact: FromPath[UUID]) -> Response[Any]:
        """Record what is asked."""
        return await _ask(request, matter, contact)

    return (asking, ask)


def _of_requests(matter: Matter[Any]) -> tuple[HTTPRouteHandler, ...]:
    address, end_one = matter.kind.address, matter.end

    @get(address, **open_to(Audience.AGENT))
    async def requests(request: Asked) -> Response[str]:
        """List what waits for an answer, and what goes on."""
        actor, at = signed_in(request).actor, clock.now()
        found = await matter.listed(actor=actor, at=at)
        language = await words_of(request)
        page = present_list(language=language, kind=matter.kind, requests=found, agent=actor.identifier, at=at)
        return show(request, "two_agents_list.html", page, current=matter.kind.current)

    @get(f"{address}/{{asked:uuid}}", **open_to(Audience.AGENT))
    async def one_request(request: Asked, asked: FromPath[UUID]) -> Response[str]:
        """Show one request."""
        return await _one(request, matter, asked)

    @post(f"{address}/{{asked:uuid}}", status_code=200, **open_to(Audience.AGENT))
    async def answer(request: Asked, asked: FromPath[UUID]) -> Response[Any]:
        """Grant it, or refuse it with a reason."""
        return await _answer(request, matter, asked)

    if end_one is None:
        return (requests, one_request, answer)

    @post(f"{address}/{{asked:uuid}}/fin", status_code=303, **open_to(Audience.AGENT))
    async def end(request: Asked, asked: FromPath[UUID]) -> Response[Any]:
        """End what it let go on."""
        await our_form(request)
        await end_one(actor=signed_in(request).actor, request=asked, at=clock.now())
        return done(f"{address}/{asked}", matter.ended_notice)

    return (requests, one_request, answer, end)


def _of_papers(matter: Matter[Any]) -> tuple[HTTPRouteHandler, ...]:
    address = f"{matter.kind.address}/{{asked:uuid}}"

    @get(f"{address}/preuve", **open_to(Audience.AGENT))
    async def proof(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
        """Give the scanned proof to whoever has to judge it."""
        kind, content = await matter.see_scan(actor=signed_in(request).actor, request=asked, at=clock.now())
        return scan_answer(content, kind, matter.scan)

    @get(f"{address}/lettre.pdf", **open_to(Audience.AGENT))
    async def letter(request: Asked, asked: FromPath[UUID]) -> Response[bytes]:
        """Give the answer on paper, to hand over or to post. Raises NotFound before there is one."""
        found = await matter.see(actor=signed_in(request).actor, request=asked, at=clock.now())
        if found.answered_at is None:
            raise NotFound
        language = await words_of(request)
        content = await asyncio.to_thread(
            two_agents_letter,
            number=found.number,
            said=matter.said(found),
            facts=matter.kind.facts(found, language),
            law=matter.law,
            at=found.answered_at,
            language=language,
        )
        return scan_answer(content, "application/pdf", f"reponse-{found.number}")

    return (proof, letter)


async def _ask(request: Asked, matter: Matter[Any], contact: UUID) -> Response[Any]:
    form = await our_form(request)
    typed = {name: field(form, name, most=most) for name, most in matter.fields.items()}
    by, at, failures = signed_in(request).actor, clock.now(), desk_of(request).failures
    if matter.nobody and (wait := await failures.wait(by.identifier, at=at)):
        return trouble(request, _TOO_MANY, wait=int(wait.total_seconds()) + 1)
    try:
        made, notice = await matter.record(Submitted(actor=by, contact=contact, typed=typed, form=form, at=at))
    except Invalid as refused:
        if matter.nobody in refused.problems:
            await failures.failed(by.identifier, at=at)
        return await _asking(request, matter, contact, typed=typed, problems=refused.problems, status=_INVALID)
    return done(f"{matter.kind.address}/{made}", notice)


async def _asking(
    request: Asked,
    matter: Matter[Any],
    contact: UUID,
    *,
    typed: Mapping[str, str] = NO_VALUES,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
) -> Response[str]:
    kind, opened = matter.kind, await contact_under_way(request, contact)
    who = opened.contact.asker
    if opened.contact.checked_at is None or matter.asker not in {None, who}:
        raise Refused(NOT_CHECKED)
    if kind.script not in offered(opened.standing.state, who) or not matter.offers(opened, problems):
        raise NotFound
    page = present_asking(
        language=await words_of(request), kind=kind, contact=opened.contact, typed=typed, problems=problems
    )
    path = f"/guichet/contact/{contact}/{kind.form_at}"
    return show(request, f"{kind.current}_asking.html", page, current="contact", status=status, path=path)


async def _answer(request: Asked, matter: Matter[Any], asked: UUID) -> Response[Any]:
    chosen = field(await our_form(request), "reponse")
    refusal = next((one for one in matter.kind.refusals if chosen == str(one)), None)
    if refusal is None and chosen != matter.kind.granted:
        return await _one(request, matter, asked, problems=(matter.no_answer,), status=_INVALID)
    try:
        await matter.answer(actor=signed_in(request).actor, request=asked, refusal=refusal, at=clock.now())
    except Invalid as refused:
        return await _one(request, matter, asked, problems=refused.problems, status=_INVALID)
    return done(f"{matter.kind.address}/{asked}", matter.refused_notice if refusal else matter.granted_notice)


async def _one(
    request: Asked, matter: Matter[Any], asked: UUID, *, problems: tuple[Problem, ...] = (), status: int = 200
) -> Response[str]:
    kind, actor, at = matter.kind, signed_in(request).actor, clock.now()
    found = await matter.see(actor=actor, request=asked, at=at)
    page = present_request(
        language=await words_of(request), kind=kind, request=found, agent=actor.identifier, problems=problems, at=at
    )
    path = f"{kind.address}/{asked}"
    return show(request, "two_agents_request.html", page, current=kind.current, status=status, path=path)
