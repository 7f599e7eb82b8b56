"""Writing: an answer in its conversation, or a message to somebody who wrote before."""

from typing import Any
from uuid import UUID

from litestar import MediaType, Response, get, post
from litestar.params import FromPath

from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.infra import clock, randomness
from carnet.infra.web.audience import open_to
from carnet.interfaces.portal.forms import posted, posted_all, uploaded_files
from carnet.interfaces.portal.messages import BOTH, show_conversation
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.asking import practice_rows
from carnet.interfaces.portal.presenters.inbox import ADDRESS, DRAFTS
from carnet.interfaces.portal.presenters.messages import present_writing, writing_errors
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.messages import documents_to_send
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.unsent import open_to_writing, stale_page
from carnet.journeys.api import signed_in, write_message
from carnet.kernel.errors import Invalid, NotFound, Refused, Unavailable
from carnet.messaging.api import Writing, contacts, drafts, save_draft
from carnet.records.api import read_request_id

_STALE = 403
KEEPING = "garder"
"""The draft is kept while one writes: no page is wanted."""
FIELDS = ("texte", "objet", "destinataires", "a_tous", "brouillon")


@post(f"{ADDRESS}/{{conversation:uuid}}/repondre", status_code=303, **open_to_writing(*BOTH))
async def answer_message(request: Asked, conversation: FromPath[UUID]) -> Response[Any]:
    """Send an answer, or keep it as a draft, meanwhile too (`garder`); what could not be sent is kept."""
    form = await posted(request)
    if stale := stale_page(request):
        return await show_conversation(request, conversation, form=_again(request, form, stale), status=_STALE)
    if form.get("faire") == KEEPING:
        return await _keep_meanwhile(request, form, answers=conversation)
    try:
        if form.get("faire") == "brouillon":
            await _keep(request, form, answers=conversation)
            return done(f"{ADDRESS}/{conversation.hex}#repondre", "draft-kept")
        await _send(request, form, answers=conversation)
    except Invalid as refusal:
        await _keep_quietly(request, form, answers=conversation)
        return await show_conversation(request, conversation, form=_again(request, form, refusal), status=400)
    except Unavailable:
        await _keep(request, form, answers=conversation)
        return done(f"{ADDRESS}/{conversation.hex}#repondre", "not-sent-kept")
    return done(f"{ADDRESS}/{conversation.hex}", "message-sent")


@get(f"{ADDRESS}/ecrire", **open_to(*BOTH))
async def ask_write(request: Asked) -> Response[str]:
    """Show the form to write to somebody who wrote before; with what was begun, when a draft is named."""
    who, draft = signed_in(request), read_request_id(request.query_params.get("brouillon", ""))
    begun = await drafts(actor=who.actor, space=space_of(who), draft=draft, at=clock.now()) if draft else ()
    one = next((one for one in begun if one.conversation is None), None)
    if one is None:
        return await _show_form(request, Form())
    kept = {"texte": one.text, "objet": one.subject, "destinataires": one.to, "brouillon": one.draft_id.hex}
    return await _show_form(request, Form(kept))


@post(f"{ADDRESS}/ecrire", status_code=303, **open_to_writing(*BOTH))
async def write(request: Asked) -> Response[Any]:
    """Send a new message, or keep it as a draft, meanwhile too (`garder`); what could not be sent is kept."""
    form = await posted(request)
    if stale := stale_page(request):
        return await _show_form(request, _again(request, form, stale), status=_STALE)
    if form.get("faire") == KEEPING:
        return await _keep_meanwhile(request, form, answers=None)
    try:
        if form.get("faire") == "brouillon":
            await _keep(request, form, answers=None)
            return done(f"{ADDRESS}?dossier={DRAFTS}", "draft-kept")
        conversation = await _send(request, form, answers=None)
    except Invalid as refusal:
        kept = await _keep_quietly(request, form, answers=None)
        again = form | ({"brouillon": kept.hex} if kept else {})
        return await _show_form(request, _again(request, again, refusal), status=400)
    except Unavailable:
        await _keep(request, form, answers=None)
        return done(f"{ADDRESS}?dossier={DRAFTS}", "not-sent-kept")
    return done(f"{ADDRESS}/{conversation.hex}", "message-sent")


async def _keep(request: Asked, form: dict[str, str], *, answers: UUID | None) -> UUID | None:
    who = signed_in(request)
    return await save_draft(
        actor=who.actor,
        space=space_of(who),
        conversation=answers,
        text=form.get("texte", ""),
        subject=form.get("objet", "") if answers is None else "",
        to=form.get("destinataires", "") if answers is None else "",
        draft=read_request_id(form.get("brouillon", "")) if answers is None else None,
        at=clock.now(),
    )


async def _keep_meanwhile(request: Asked, form: dict[str, str], *, answers: UUID | None) -> Response[Any]:
    """Keep what was written so far; answer the draft's name, which the next time takes its place."""
    kept = await _keep(request, form, answers=answers)
    return Response(kept.hex if kept else "", media_type=MediaType.TEXT, status_code=200)


async def _keep_quietly(request: Asked, form: dict[str, str], *, answers: UUID | None) -> UUID | None:
    """Keep what a form could not send; what cannot be kept either is still in the form."""
    try:
        return await _keep(request, form, answers=answers)
    except (Invalid, NotFound, Refused):
        return None


async def _send(request: Asked, form: dict[str, str], *, answers: UUID | None) -> UUID:
    who = signed_in(request)
    chosen = [read_request_id(one) for one in await posted_all(request, "documents")]
    sent = await write_message(
        actor=who.actor,
        space=space_of(who),
        writing=Writing(
            text=form.get("texte", ""),
            subject=form.get("objet", ""),
            to=tuple(one for one in (form.get("destinataires", ""),) if one),
            answers=answers,
            to_all=form.get("a_tous") == "1",
            request_id=read_request_id(form.get("depot", "")),
            draft=read_request_id(form.get("brouillon", "")),
        ),
        files=await uploaded_files(request, "fichiers", "photo"),
        documents=[one for one in chosen if one is not None],
        at=clock.now(),
    )
    return sent.conversation


async def _show_form(request: Asked, form: Form, *, status: int = 200) -> Response[str]:
    who, at = signed_in(request), clock.now()
    known = await contacts(actor=who.actor, space=space_of(who), at=at)
    page = present_writing(
        language=language_of(request),
        contacts=known,
        asked=practice_rows(known, language_of(request)),
        form=form,
        request_id=randomness.uuid4().hex,
        documents=await documents_to_send(signed_in=who, language=language_of(request), at=at),
        max_bytes=portal_of(request).mail_bytes,
        reader=who.actor,
    )
    return await show(request, "write.html", page, current="messages", status=status)


def _again(request: Asked, form: dict[str, str], refusal: Invalid) -> Form:
    kept = {name: form.get(name, "") for name in FIELDS}
    return Form(kept, writing_errors(refusal.problems, language_of(request)))
