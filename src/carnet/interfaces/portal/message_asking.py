"""Asking a practice that said what it accepts: a large choice, then a short form; hours and limits beside them."""

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.infra import clock, randomness
from carnet.infra.web.audience import open_to
from carnet.interfaces.portal.forms import posted, uploaded_files
from carnet.interfaces.portal.messages import BOTH
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.asking import KINDS, present_asking
from carnet.interfaces.portal.presenters.inbox import ADDRESS
from carnet.interfaces.portal.presenters.messages import writing_errors
from carnet.interfaces.portal.presenters.practices import ASKING
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.messages import documents_to_send
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.unsent import open_to_writing, stale_page
from carnet.journeys.api import signed_in, write_message
from carnet.kernel.errors import Invalid, NotFound, Problem, Unavailable
from carnet.messaging.api import FORMS, Asking, Contact, Writing, contacts
from carnet.records.api import read_request_id

NOT_SENT: Final = Problem(
    "request-not-sent",
    "Votre demande n'est pas partie. Ce que vous avez écrit est resté ici : réessayez dans un moment.",
    "Your request did not leave. What you wrote is still here: try again in a moment.",
    "envoi",
)
_KEY: Final = re.compile(r"[0-9a-f]{16,128}", re.ASCII)


@get(f"{ASKING}/{{contact:str}}", **open_to(*BOTH))
async def ask_practice(request: Asked, contact: FromPath[str]) -> Response[str]:
    """Show what a practice takes, or the form of the kind chosen."""
    asked = request.query_params
    kept = {"genre": asked.get("genre", ""), "reponse": asked.get("reponse", "")}
    return await _show(request, contact, Form(kept))


@post(f"{ASKING}/{{contact:str}}", status_code=303, **open_to_writing(*BOTH))
async def send_request(request: Asked, contact: FromPath[str]) -> Response[Any]:
    """Send what a person asks."""
    form = await posted(request)
    if stale := stale_page(request):
        problems = [msgspec.structs.replace(one, path="envoi") for one in stale.problems]
        return await _again(request, contact, form, problems, status=403)
    try:
        conversation = await _send(request, await _found(request, contact), form)
    except Invalid as refusal:
        return await _again(request, contact, form, refusal.problems, status=400)
    except Unavailable:
        return await _again(request, contact, form, (NOT_SENT,), status=503)
    return done(f"{ADDRESS}/{conversation}", "message-sent")


async def _again(
    request: Asked, contact: str, form: dict[str, str], problems: Sequence[Problem], *, status: int
) -> Response[str]:
    """Show the form as it was filled, with why it was not sent; sent again, it is the same request."""
    return await _show(request, contact, Form(form, writing_errors(problems, language_of(request))), status=status)


async def _send(request: Asked, contact: Contact, form: dict[str, str]) -> str:
    who, kind = signed_in(request), KINDS.get(form.get("genre", ""))
    said = {one.name: form.get(one.name, "") for one in FORMS[kind]} if kind else {}
    chosen = read_request_id(form.get("document", ""))
    answers = read_request_id(form.get("reponse", ""))
    writing = Writing(
        subject=form.get("objet", "") if kind is None else "",
        text=form.get("texte", "") if kind is None else "",
        to=(contact.address.address,),
        answers=answers,
        request_id=read_request_id(form.get("depot", "")),
        asking=Asking(kind=kind, said=said) if kind else None,
    )
    sent = await write_message(
        actor=who.actor,
        space=space_of(who),
        writing=writing,
        files=await uploaded_files(request, "fichiers", "photo"),
        documents=[chosen] if chosen else [],
        at=clock.now(),
    )
    return sent.conversation.hex


async def _found(request: Asked, key: str) -> Contact:
    """Return whom an address of this space names. Raises NotFound for nobody, and who ended the exchange."""
    who = signed_in(request)
    if not _KEY.fullmatch(key):
        raise NotFound
    known = await contacts(actor=who.actor, space=space_of(who), at=clock.now())
    found = next((one for one in known if one.key == key and not one.ended), None)
    if found is None:
        raise NotFound
    return found


async def _show(request: Asked, key: str, form: Form, *, status: int = 200) -> Response[str]:
    who, at = signed_in(request), clock.now()
    found = await _found(request, key)
    kind = KINDS.get(form.value("genre"))
    answers = read_request_id(form.value("reponse"))
    page = present_asking(
        language=language_of(request),
        contact=found,
        kind=kind if found.rules and kind in found.rules.kinds else None,
        answers=answers.hex if answers else "",
        form=form,
        documents=await documents_to_send(signed_in=who, language=language_of(request), at=at) if kind else (),
        max_bytes=portal_of(request).mail_bytes,
        request_id=(read_request_id(form.value("depot")) or randomness.uuid4()).hex,
        at=at,
    )
    return await show(request, "ask_practice.html", page, current="messages", status=status)
