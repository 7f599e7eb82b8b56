"""Messages: the inbox and its folders, one conversation, its attachments, where it is put, taking it away."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from carnet.design.door import Asked
from carnet.design.parts import Form
from carnet.infra import clock, randomness
from carnet.infra.installation import current
from carnet.infra.web.audience import Audience, open_to
from carnet.interfaces.portal.document import attachment
from carnet.interfaces.portal.forms import posted
from carnet.interfaces.portal.page import done, show
from carnet.interfaces.portal.presenters.inbox import (
    ADDRESS,
    DRAFTS,
    FOLDERS,
    InboxPage,
    present_drafts,
    present_found,
    present_inbox,
)
from carnet.interfaces.portal.presenters.messages import (
    present_conversation,
    present_deletion,
    present_keeping,
)
from carnet.interfaces.portal.presenters.practices import present_practice
from carnet.interfaces.portal.setting import language_of, portal_of
from carnet.interfaces.portal.sources.messages import documents_to_send, draft_of
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journeys.api import conversation_page, open_attachment, open_conversation, save_attachment, signed_in
from carnet.kernel.errors import Conflict, Invalid, NotFound
from carnet.messaging.api import (
    MessageState,
    Place,
    delete_conversation,
    delete_draft,
    drafts,
    inbox,
    keep_conversation_apart,
    mark_opened,
    place_conversation,
    practice_answered,
    read_mark,
    search_messages,
)

BOTH = (Audience.PERSON, Audience.DELEGATE)
PAGE_SIZE = 50
LONGEST_SEARCH = 200


@get(ADDRESS, **open_to(*BOTH))
async def messages(request: Asked) -> Response[str]:
    """Show a folder, latest first; or what a search finds in all of them."""
    return await show(request, "messages.html", await _inbox_page(request), current="messages")


async def _inbox_page(request: Asked) -> InboxPage:
    who, asked, language = signed_in(request), request.query_params, language_of(request)
    here: dict[str, Any] = {"actor": who.actor, "space": space_of(who), "at": clock.now()}
    folder, words = asked.get("dossier", ""), asked.get("q", "").strip()[:LONGEST_SEARCH]
    if words or folder == DRAFTS:
        unread = await inbox(**here, count=1)
        if words:
            found = await search_messages(**here, words=words)
            return present_found(language=language, found=found, words=words, unread=unread)
        return present_drafts(language=language, drafts=await drafts(**here), unread=unread)
    folder = folder if folder in FOLDERS else "reception"
    after = read_mark(asked.get("suite", ""))
    listed = await inbox(**here, folder=FOLDERS[folder], after=after, count=PAGE_SIZE)
    return present_inbox(
        language=language,
        found=listed,
        folder=folder,
        after=asked["suite"] if after else "",
        bin_days=current().limits.mail.bin_days,
    )


@get(f"{ADDRESS}/{{conversation:uuid}}", **open_to(*BOTH))
async def conversation(request: Asked, conversation: FromPath[UUID]) -> Response[str]:
    """Show one conversation; from then on nothing in it is new."""
    return await show_conversation(request, conversation)


async def show_conversation(
    request: Asked, conversation: UUID, *, form: Form | None = None, status: int = 200
) -> Response[str]:
    """Return the page of a conversation; `form` when an answer could not be sent."""
    who, at = signed_in(request), clock.now()
    found = await open_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=at)
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
        documents=await documents_to_send(signed_in=who, language=language, at=at) if found.may_answer else (),
        max_bytes=portal_of(request).mail_bytes,
        reader=who.actor,
    )
    return await show(request, "conversation.html", page, current="messages", status=status)


@get(f"{ADDRESS}/pieces/{{message:uuid}}/{{number:int}}", **open_to(*BOTH))
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
    **open_to(*BOTH),
)
async def save(
    request: Asked, conversation: FromPath[UUID], message: FromPath[UUID], number: FromPath[int]
) -> Redirect:
    """Keep an attachment as a document: one tap; what is there already is not added again."""
    who = signed_in(request)
    back = f"{ADDRESS}/{conversation.hex}#m-{message.hex}"
    here: dict[str, Any] = {"actor": who.actor, "space": space_of(who), "at": clock.now()}
    try:
        saved = await save_attachment(**here, message=message, number=number)
    except (Invalid, Conflict):
        return done(back, "not-saved")
    return done(back, "attachment-there" if saved.before else "attachment-saved")


@get(f"{ADDRESS}/{{conversation:uuid}}/exporter", **open_to(*BOTH))
async def export(request: Asked, conversation: FromPath[UUID]) -> Response[bytes]:
    """Send a conversation as one page, to be kept; written as in the copy of everything."""
    who, language = signed_in(request), language_of(request)
    found = await open_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=clock.now())
    head, said = found.line.head, [one for one in found.messages if one.state is not MessageState.DRAFT]
    page = conversation_page(language, subject=head.subject, people=head.people, said=said)
    return Response(page, media_type="text/html", headers=attachment("conversation", "text/html"))


@post(f"{ADDRESS}/{{conversation:uuid}}/ranger", status_code=303, **open_to(*BOTH))
async def put_away(request: Asked, conversation: FromPath[UUID]) -> Redirect:
    """Put a conversation away, into the bin, or back."""
    who, where = signed_in(request), (await posted(request)).get("ou", "")
    place = next((one for one in Place if one == where), None)
    if place is None:
        raise NotFound
    here: dict[str, Any] = {"actor": who.actor, "space": space_of(who), "at": clock.now()}
    await place_conversation(**here, conversation=conversation, place=place)
    back = f"{ADDRESS}/{conversation.hex}" if place is Place.INBOX else ADDRESS
    return done(back, f"conversation-{place.value}")


@get(f"{ADDRESS}/{{conversation:uuid}}/pour-moi", **open_to(Audience.PERSON))
async def ask_keep_apart(request: Asked, conversation: FromPath[UUID]) -> Response[str]:
    """Ask before a conversation is kept from those who act for the person: there is no way back."""
    who = signed_in(request)
    found = await open_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=clock.now())
    page = present_keeping(language=language_of(request), found=found)
    return await show(request, "pages/confirm.html", page, current="messages")


@post(f"{ADDRESS}/{{conversation:uuid}}/pour-moi", status_code=303, **open_to(Audience.PERSON))
async def keep_apart(request: Asked, conversation: FromPath[UUID]) -> Redirect:
    """Keep a conversation from those who act for the person."""
    who = signed_in(request)
    here: dict[str, Any] = {"actor": who.actor, "space": space_of(who), "at": clock.now()}
    await keep_conversation_apart(**here, conversation=conversation)
    return done(f"{ADDRESS}/{conversation.hex}", "conversation-apart")


@post(f"{ADDRESS}/brouillons/{{draft:uuid}}/supprimer", status_code=303, **open_to(*BOTH))
async def remove_draft(request: Asked, draft: FromPath[UUID]) -> Redirect:
    """Forget what was begun."""
    who = signed_in(request)
    await delete_draft(actor=who.actor, space=space_of(who), draft=draft, at=clock.now())
    return done(f"{ADDRESS}?dossier={DRAFTS}", "draft-deleted")


@get(f"{ADDRESS}/{{conversation:uuid}}/supprimer", **open_to(*BOTH))
async def ask_delete_conversation(request: Asked, conversation: FromPath[UUID]) -> Response[str]:
    """Ask before a conversation is deleted for good."""
    return await ask_again(request, conversation)


async def ask_again(request: Asked, conversation: UUID) -> Response[str]:
    """Return the question, with what has not left yet."""
    who = signed_in(request)
    found = await open_conversation(actor=who.actor, space=space_of(who), conversation=conversation, at=clock.now())
    page = present_deletion(language=language_of(request), found=found)
    return await show(request, "pages/confirm.html", page, current="messages")


@post(f"{ADDRESS}/{{conversation:uuid}}/supprimer", status_code=303, **open_to(*BOTH))
async def remove_conversation(request: Asked, conversation: FromPath[UUID]) -> Response[Any]:
    """Delete a conversation for good; it being gone already is as good."""
    who, told = signed_in(request), (await posted(request)).get("retirer") == "1"
    here: dict[str, Any] = {"actor": who.actor, "space": space_of(who), "at": clock.now()}
    taken_back = 0
    try:
        taken_back = await delete_conversation(**here, conversation=conversation, take_back_waiting=told)
    except Invalid:  # something waits that the question did not name
        return await ask_again(request, conversation)
    except NotFound:
        pass
    return done(ADDRESS, "conversation-taken-back" if taken_back else "conversation-deleted")
