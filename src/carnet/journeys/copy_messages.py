"""Messages in the copy a person takes away: a page a conversation, its files beside it, and the same as FHIR.

Through the same decision as the inbox, some messages in memory at a time. A document of the record that a message
refers to is a link to the document of this copy; when the record does not show it, neither its file nor its name is
here. Ignored: mail that waits to be read or judged, which no page shows either.
"""

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.design.language import PARIS, Language
from carnet.formats.kinds import EXTENSIONS
from carnet.formats.zip_stream import ZipStream
from carnet.infra.vault import SpaceKeys
from carnet.journeys.copy_message_words import (
    END,
    Beside,
    Row,
    conversation_head,
    list_end,
    list_head,
    list_row,
    message,
)
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId
from carnet.messaging.api import (
    UNREADABLE,
    Address,
    Attachment,
    AttachmentKind,
    CopiedConversation,
    Message,
    MessageState,
    copy_contacts,
    copy_conversations,
)

Readable = Callable[[bytes, str, str], Iterator[tuple[str, bytes]]]
_UNFIT = re.compile(r"[^A-Za-z0-9]+")
_LONGEST = 60
_STATUS = {
    MessageState.RECEIVED: "completed",
    MessageState.DRAFT: "preparation",
    MessageState.QUEUED: "in-progress",
    MessageState.SENT: "completed",
    MessageState.PARTLY: "completed",
    MessageState.FAILED: "not-done",
}
"""FHIR R4 event-status."""


class CopiedMessages(msgspec.Struct, frozen=True, kw_only=True):
    """What messages are copied for. documents: the file, in this copy, of each document that is in it."""

    actor: Actor
    space: SpaceId
    at: datetime
    documents: Mapping[UUID, str]
    readable: Readable
    """What makes pages of a clinical document: of (bytes, stem, language), (file name, content) of each."""
    still: Callable[[], Awaitable[None]]
    """Raises Refused when whoever takes the copy may take it no longer."""


async def conversation_files(zip_: ZipStream, copy: CopiedMessages, language: Language) -> AsyncIterator[bytes]:
    """Add a page a conversation and the files that came with it."""
    async for one in _conversations(copy):
        shown = set[str]()
        if one.line.head.attachments:
            async for sent, keys in one.messages():
                for file in sent.attachments:
                    if file.document is None:
                        await copy.still()
                        async for piece in _file(zip_, one, sent, file, keys, copy, language, shown):
                            yield piece
        at = one.line.last_at.astimezone(PARIS)
        async for piece in zip_.add(f"messages/{_stem(one)}.html", _page(one, copy, language, shown), at=at):
            yield piece


async def conversation_list(copy: CopiedMessages, language: Language) -> AsyncIterator[bytes]:
    """Yield the page that leads to the conversations, and who wrote."""
    yield list_head(language)
    some = False
    async for one in _conversations(copy):
        some, line = True, one.line
        row = Row(
            href=f"{_stem(one)}.html",
            head=line.head,
            last=language.moment(line.last_at),
            ended=line.ended,
        )
        yield list_row(language, row)
    contacts = await copy_contacts(actor=copy.actor, space=copy.space)
    for piece in list_end(language, any_conversation=some, contacts=contacts):
        yield piece


async def message_bundle(copy: CopiedMessages) -> AsyncIterator[bytes]:
    """Yield every message as one FHIR R4 Bundle (collection) of Communication; files by their place in the copy."""
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    first = True
    async for one in _conversations(copy):
        async for sent, _ in one.messages():
            if sent.letter is UNREADABLE:  # its page says so
                continue
            line = {"fullUrl": f"urn:uuid:{sent.message_id}", "resource": _communication(sent, copy)}
            yield (b"\n" if first else b",\n") + msgspec.json.encode(line)
            first = False
    yield b"]}\n"


def tame(title: str) -> str:
    """Return a title as a part of a file name that every system takes."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return _UNFIT.sub("-", plain)[:_LONGEST].strip("-") or "document"


def _conversations(copy: CopiedMessages) -> AsyncIterator[CopiedConversation]:
    return copy_conversations(actor=copy.actor, space=copy.space, until=copy.at)


async def _file(
    zip_: ZipStream,
    one: CopiedConversation,
    sent: Message,
    file: Attachment,
    keys: SpaceKeys,
    copy: CopiedMessages,
    language: Language,
    shown: set[str],
) -> AsyncIterator[bytes]:
    """Add one file; a clinical document also as pages."""
    name, at = _place(sent, file), sent.at.astimezone(PARIS)
    if file.description.kind is not AttachmentKind.CLINICAL:
        async for piece in zip_.add(f"messages/{name}", one.content(file, keys=keys), at=at):
            yield piece
        return
    data = b"".join([piece async for piece in one.content(file, keys=keys)])
    for piece in zip_.add_whole(f"messages/{name}", data, at=at):
        yield piece
    stem = _piece(sent, file)
    for made, content in await asyncio.to_thread(lambda: list(copy.readable(data, stem, language.code))):
        shown.add(stem)
        for piece in zip_.add_whole(f"lisible/{made}", content, at=at):
            yield piece


async def _page(
    one: CopiedConversation, copy: CopiedMessages, language: Language, shown: set[str]
) -> AsyncIterator[bytes]:
    yield conversation_head(language, one.line.head)
    async for sent, _ in one.messages():
        files = tuple(_beside(sent, file, copy, shown) for file in sent.attachments if _is_here(file, copy))
        yield message(language, sent, files)
    yield END


def _is_here(file: Attachment, copy: CopiedMessages) -> bool:
    """Whether a file may be told of: a document of the record only when the record shows it."""
    return file.document is None or file.document in copy.documents


def _beside(sent: Message, file: Attachment, copy: CopiedMessages, shown: set[str]) -> Beside:
    if file.document is not None:
        return Beside(name=file.description.name, href=f"../{copy.documents[file.document]}", own=True)
    stem = _piece(sent, file)
    readable = f"../lisible/{stem}.html" if stem in shown else ""
    return Beside(name=file.description.name, href=_place(sent, file), readable=readable)


def _communication(sent: Message, copy: CopiedMessages) -> dict[str, Any]:
    letter, person = sent.letter, {"reference": f"urn:uuid:{copy.space}"}
    everybody = [one for one in (letter.sender, *letter.to, *letter.cc) if one.address]
    people = {address: f"p{index}" for index, address in enumerate(dict.fromkeys(one.address for one in everybody))}
    mine = letter.sender.address if sent.mine else ""
    parts: list[dict[str, Any]] = [{"contentString": text} for text in (letter.text, letter.signature) if text]
    parts += [_attached(sent, file) for file in sent.attachments if _is_here(file, copy)]
    to = [one for one in (*letter.to, *letter.cc) if one.address in people]
    found = {
        "resourceType": "Communication",
        "id": str(sent.message_id),
        "contained": [_role(name, everybody, address) for address, name in people.items() if address != mine],
        "identifier": [_mid(letter.message_id)] if letter.message_id else [],
        "partOf": [{"identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{sent.conversation_id}"}}],
        "inResponseTo": [{"identifier": _mid(letter.in_reply_to)}] if letter.in_reply_to else [],
        "status": _STATUS[sent.state],
        "subject": person,
        "topic": {"text": letter.subject} if letter.subject else None,
        "sent": None if sent.state is MessageState.DRAFT else sent.at.isoformat(),
        "received": sent.at.isoformat() if sent.state is MessageState.RECEIVED else None,
        "recipient": [{"reference": f"#{people[one.address]}"} for one in to] if sent.mine else [person],
        "sender": person if sent.mine else {"reference": f"#{people[letter.sender.address]}"},
        "payload": parts,
    }
    return {name: value for name, value in found.items() if value}


def _role(name: str, everybody: list[Address], address: str) -> dict[str, Any]:
    said = next((one.name for one in everybody if one.address == address and one.name), "")
    telecom = [{"system": "email", "value": address}]
    by_name = {"practitioner": {"display": said}} if said else {}
    return {"resourceType": "PractitionerRole", "id": name, **by_name, "telecom": telecom}


def _attached(sent: Message, file: Attachment) -> dict[str, Any]:
    if file.document is not None:
        return {"contentReference": {"reference": f"urn:uuid:{file.document}"}}
    described = file.description
    attachment = {
        "contentType": described.media_type,
        "url": f"../messages/{_place(sent, file)}",
        "size": file.size,
        "title": described.name,
    }
    return {"contentAttachment": attachment}


def _mid(message_id: str) -> dict[str, str]:
    return {"system": "urn:ietf:rfc:3986", "value": f"mid:{message_id.strip('<>')}"}


def _stem(one: CopiedConversation) -> str:
    """Return the file name of a conversation, the same in every pass."""
    return f"{tame(one.line.head.subject)}-{one.line.conversation_id.hex[-8:]}"


def _piece(sent: Message, file: Attachment) -> str:
    stem = tame(file.description.name.rpartition(".")[0] or file.description.name)
    return f"{sent.at.astimezone(PARIS):%Y-%m-%d}-{stem}-{sent.message_id.hex[-8:]}-{file.number}"


def _place(sent: Message, file: Attachment) -> str:
    return f"pieces/{_piece(sent, file)}.{EXTENSIONS.get(file.description.media_type, 'bin')}"
