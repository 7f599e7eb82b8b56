"""Messages: the inbox, one conversation, its attachments, deleting it, taking it away."""

import contextlib
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.infra import clock, randomness
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.document import attachment
from carnet.interfaces.portal.documents import read_page
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.messages import (
    FOLDERS,
    export_text,
    present_conversation,
    present_deletion,
    present_inbox,
)
from carnet.interfaces.portal.presenters.practices import present_practice
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.messages import documents_to_send, draft_of
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import open_attachment, save_attachment, signed_in
from carnet.kernel.errors import Invalid, NotFound
from carnet.messaging.api import (
    Folder,
    delete_conversation,
    inbox,
    mark_opened,
    practice_answered,
    read_conversation,
)

ADDRESS = "/messages"
PAGE_SIZE = 50
LONGEST_SEARCH = 200


@get(ADDRESS, **open_to(Audience.PERSON))
async def messages(request: Asked) -> Response[str]:
    """Show the inbox, latest first."""
    who, asked = signed_in(request), request.query_params
    folder = asked.get("dossier", "")
    folder = folder if folder in FOLDERS else "tous"
    words, number = asked.get("q", "").strip()[:LONGEST_SEARCH], read_page(asked.get("page", ""))
    found = await inbox(
        actor=who.actor,
        space=space_of(who),
        folder=FOLDERS.get(folder, Folder.ALL),
        search=words,
        page=number,
        count=PAGE_SIZE,
        at=clock.now(),
    )
    page = present_inbox(
        language=language_of(request), found=found, folder=folder, words=words, page=number, count=PAGE_SIZE
    )
    return await show(request, "messages.html", page, current="messages")


@get(f"{ADDRESS}/{{conversation:uuid}}", **open_to(Audience.PERSON))
async def conversation(request: Asked, conversation: FromPath[UUID]) -> Response[str]:
    """Show one conversation; from then on nothing in it is new."""
    return await show_conversation(request, conversation)


async def show_conversation(
    request: Asked, conversation: UUID, *, form: Form | None = None, status: int = 200
) -> Response[str]:
    """Return the page of a conversation; `form` when an answer could not be sent."""
    who, at = signed_in(request), clock.now()
    found = await read_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=at)
    shown = [one.message_id for one in found.messages]
    await mark_opened(actor=who.actor, space=space_of(who), conversation=conversation, messages=shown, at=at)
    asked = await practice_answered(actor=who.actor, space=space_of(who), conversation=found, at=at)
    language, here = language_of(request), conversation.hex
    practice = present_practice(language=language, contact=asked, conversation=here, at=at) if asked else None
    page = present_conversation(
        language=language,
        practice=practice,
        found=found,
        form=form or Form({"texte": draft_of(found)}),
        request_id=randomness.uuid4().hex,
        documents=await documents_to_send(signed_in=who, at=at) if found.may_answer else (),
        max_bytes=portal_of(request).mail_bytes,
    )
    return await show(request, "conversation.html", page, current="messages", status=status)


@get(f"{ADDRESS}/pieces/{{message:uuid}}/{{number:int}}", **open_to(Audience.PERSON))
async def piece(request: Asked, message: FromPath[UUID], number: FromPath[int]) -> Stream:
    """Send an attachment, to be kept, never to be shown in place."""
    who = signed_in(request)
    opened = await open_attachment(
        actor=who.actor,
        space=space_of(who),
        account=who.session.account,
        message=message,
        number=number,
        at=clock.now(),
    )
    bare = opened.name.rpartition(".")[0] or opened.name
    headers = attachment(bare, opened.media_type) | {"Content-Length": str(opened.size)}
    media_type = opened.media_type if opened.media_type.count("/") == 1 else "application/octet-stream"
    return Stream(opened.chunks, media_type=media_type, headers=headers)


@post(
    f"{ADDRESS}/{{conversation:uuid}}/pieces/{{message:uuid}}/{{number:int}}/enregistrer",
    status_code=303,
    **open_to(Audience.PERSON),
)
async def save(
    request: Asked, conversation: FromPath[UUID], message: FromPath[UUID], number: FromPath[int]
) -> Redirect:
    """Keep an attachment as a document: one tap."""
    who = signed_in(request)
    back = f"{ADDRESS}/{conversation.hex}#m-{message.hex}"
    try:
        await save_attachment(actor=who.actor, space=space_of(who), message=message, number=number, at=clock.now())
    except Invalid:
        return done(back, "not-saved")
    return done(back, "attachment-saved")


@get(f"{ADDRESS}/{{conversation:uuid}}/exporter", **open_to(Audience.PERSON))
async def export(request: Asked, conversation: FromPath[UUID]) -> Response[bytes]:
    """Send a conversation as text, to be kept."""
    who, language = signed_in(request), language_of(request)
    found = await read_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=clock.now())
    text = export_text(language=language, found=found)
    return Response(text.encode(), media_type="text/plain", headers=attachment("conversation", "text/plain"))


@get(f"{ADDRESS}/{{conversation:uuid}}/supprimer", **open_to(Audience.PERSON))
async def ask_delete_conversation(request: Asked, conversation: FromPath[UUID]) -> Response[str]:
    """Ask before a conversation is deleted for good."""
    who = signed_in(request)
    found = await read_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=clock.now())
    page = present_deletion(language=language_of(request), found=found)
    return await show(request, "pages/confirm.html", page, current="messages")


@post(f"{ADDRESS}/{{conversation:uuid}}/supprimer", status_code=303, **open_to(Audience.PERSON))
async def remove_conversation(request: Asked, conversation: FromPath[UUID]) -> Response[Any]:
    """Delete a conversation for good; it being gone already is as good."""
    who = signed_in(request)
    with contextlib.suppress(NotFound):
        await delete_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=clock.now())
    return done(ADDRESS, "conversation-deleted")
