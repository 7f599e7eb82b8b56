"""Messages and the record meet here: files and documents sent along, attachments opened, and saved in one tap.

A document of the record sent along stays a reference: opening it later asks the record again, so masking, deleting or
setting apart takes effect on what was already sent. Saving the same attachment twice is one document: by the uniqueId
of a clinical document, by the bytes of anything else (mes.md M7, §3.8, 5).
"""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from carnet.formats.images import reencode
from carnet.formats.kinds import EXTENSIONS, IMAGES, MEDIA_TYPES, ContentKind, identify
from carnet.formats.sniffing import check_content
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.infra.scanning import scan
from carnet.kernel.actors import Actor
from carnet.kernel.errors import Conflict, Invalid, NotFound, Problem, TooLarge, Unsupported
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day
from carnet.messaging.api import (
    TOO_MANY,
    Attachment,
    AttachmentKind,
    Conversation,
    Description,
    NewFile,
    OpenedAttachment,
    Sent,
    Writing,
    note_saved,
    read_attachment,
    read_conversation,
    send_message,
)
from carnet.records.api import (
    DeclaredDocument,
    File,
    OwnDescription,
    Stored,
    add_own_document,
    deposit_own,
    establish,
    known_documents,
    open_metadata,
    read_content,
    said_in_archive,
)
from carnet.spaces.api import view_in
from carnet.terminology.api import category_for_upload, document_type

FIELD: Final = "fichiers"
OTHER: Final = "AUTR_DOC"
_LONGEST_ENDING: Final = 5
_SENT_KINDS: Final = IMAGES | {ContentKind.PDF, ContentKind.TEXT, ContentKind.RTF}
_FORBIDDEN: Final = frozenset("@<>?:/€*#|%~+£\\$!§¤")
_NOT_SENT: Final = Problem(
    "content-not-sent",
    "Ce type de fichier ne peut pas être envoyé : choisissez un PDF, une photo ou un texte.",
    "This kind of file cannot be sent: choose a PDF, a photo or a text.",
    FIELD,
)


class Bytes(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment ready to be handed out: its name and media type as established, its bytes in pieces."""

    name: str
    media_type: str
    size: int
    chunks: AsyncIterator[bytes]


async def write_message(
    *,
    actor: Actor,
    space: SpaceId,
    writing: Writing,
    files: Sequence[tuple[str, bytes]] = (),
    documents: Sequence[UUID] = (),
    at: datetime,
) -> Sent:
    """Send what a person wrote, with files of their device (name, bytes) and documents of their record.

    All of it goes, or nothing. Photos lose everything but their pixels. Raises what `send_message` raises, and NotFound
    for a document they do not see.
    """
    if len(files) + len(documents) > current().limits.mail.attachments:
        raise Invalid(TOO_MANY)
    own = [await _clean(name, content) for name, content in files]
    referred = await _all_referred(actor, space, documents, at)
    whole = msgspec.structs.replace(writing, files=(*writing.files, *own, *referred))
    return await send_message(actor=actor, space=space, writing=whole, at=at)


async def open_attachment(
    *, actor: Actor, space: SpaceId, account: UUID, message: UUID, number: int, at: datetime
) -> Bytes:
    """Return an attachment's bytes; of a document of the record, as the record decides now. Raises NotFound."""
    opened = await read_attachment(actor=actor, space=space, message=message, number=number, at=at)
    described = opened.attachment.description
    if opened.attachment.document is not None:
        document = opened.attachment.document
        found = await read_content(actor=actor, space=space, document=document, account=account, download=True, at=at)
        size = found.entry.size
        return Bytes(name=described.name, media_type=found.entry.content_type, size=size, chunks=found.chunks(0, size))
    if opened.content is None:
        raise NotFound
    size = opened.attachment.size
    chunks = opened.content.read_range(0, size)
    return Bytes(name=described.name, media_type=described.media_type, size=size, chunks=chunks)


async def open_conversation(*, actor: Actor, space: SpaceId, conversation: UUID, at: datetime) -> Conversation:
    """Return a conversation as this reader may see it now. Raises NotFound, Refused.

    A document of the record they may not know of is not beside a message for them, nor where a file was saved; a file
    that the record holds already, however it came there, says so.
    """
    found = await read_conversation(actor=actor, space=space, conversation=conversation, at=at)
    beside = [one for message in found.messages for one in message.attachments]
    if not beside:
        return found
    files = [one for one in beside if one.document is None]
    asked = [File(one.description.sha256, one.description.unique_id) for one in files]
    named = [one for each in beside for one in (each.document, each.saved_as) if one is not None]
    known = await known_documents(actor=actor, space=space, files=asked, documents=named, at=at)
    same = {id(one): document for one, document in zip(files, known.same, strict=True)}
    messages = tuple(
        msgspec.structs.replace(
            message,
            attachments=tuple(
                msgspec.structs.replace(one, saved_as=_where(one, known.visible, same))
                for one in message.attachments
                if one.document is None or one.document in known.visible
            ),
        )
        for message in found.messages
    )
    return msgspec.structs.replace(found, messages=messages)


def _where(one: Attachment, visible: frozenset[UUID], same: dict[int, UUID | None]) -> UUID | None:
    return one.saved_as if one.saved_as in visible else same.get(id(one))


class Saved(msgspec.Struct, frozen=True):
    """Where an attachment is in the record; before: it was there already."""

    document: UUID
    before: bool


async def save_attachment(*, actor: Actor, space: SpaceId, message: UUID, number: int, at: datetime) -> Saved:
    """Keep an attachment as a document of the record, once: one that is there already, however it came, is not added,
    as far as this reader may know of it.

    A clinical document keeps what it says of itself and must be about this person; anything else goes where
    `proposed_category` says. Raises Invalid (a kind of file that is not kept; somebody else's document), NotFound,
    Refused, Unavailable.
    """
    opened = await read_attachment(actor=actor, space=space, message=message, number=number, at=at)
    if opened.attachment.document is not None or opened.content is None:
        raise NotFound
    described = opened.attachment.description
    asked = (File(described.sha256, described.unique_id),)
    known = (await known_documents(actor=actor, space=space, files=asked, at=at)).same[0]
    if known is not None:
        await note_saved(actor=actor, space=space, message=message, number=number, document=known, at=at)
        return Saved(known, before=True)
    content = await opened.content.read()
    save = _save_clinical if described.kind is AttachmentKind.CLINICAL else _save_file
    stored: Stored | None = None
    with contextlib.suppress(Conflict):
        stored = await save(actor, space, opened, content, at)
    if stored is None or not (stored.created or await _knows(actor, space, stored.document_id, at)):
        # the record holds it hidden from this reader, or deleted: as if it did not, they keep one of their own
        stored = await save(actor, space, opened, content, at, apart=message)
    await note_saved(actor=actor, space=space, message=message, number=number, document=stored.document_id, at=at)
    return Saved(stored.document_id, before=not stored.created)


def proposed_category(described: Description) -> str:
    """Return the category an attachment would be saved in: its own for a clinical document; for another file the one
    its type belongs to, where persons may add to it; else "other documents". Source: mes.md §3.8, 5.
    """
    known = document_type(described.type_code) if described.type_code else None
    if known is None:
        return OTHER
    if described.kind is AttachmentKind.CLINICAL or category_for_upload(known.category) is not None:
        return known.category
    return OTHER


async def _knows(actor: Actor, space: SpaceId, document: UUID, at: datetime) -> bool:
    found = await known_documents(actor=actor, space=space, documents=(document,), at=at)
    return document in found.visible


async def _save_clinical(
    actor: Actor, space: SpaceId, opened: OpenedAttachment, content: bytes, at: datetime, *, apart: UUID | None = None
) -> Stored:
    async with work(space=space, at=at) as w:
        ins = (await view_in(w)).person.ins
    declared = DeclaredDocument(content=content, content_type=MEDIA_TYPES[ContentKind.CDA], path=FIELD)
    established = await establish(actor=actor, declared=declared, ins=ins, at=at)
    mine = msgspec.structs.replace(established.document, author_kind="PATIENT", replaces=None)
    if apart is not None:
        metadata = msgspec.structs.replace(mine.metadata, unique_id=_own_id(space, opened, apart).urn)
        mine = msgspec.structs.replace(mine, metadata=metadata)
    return (await deposit_own(actor=actor, space=space, document=mine, at=at)).documents[0]


async def _save_file(
    actor: Actor, space: SpaceId, opened: OpenedAttachment, content: bytes, at: datetime, *, apart: UUID | None = None
) -> Stored:
    described = opened.attachment.description
    title = title_of(described.title or described.name)
    said = OwnDescription(title=title, category=proposed_category(described), about=legal_day(at).isoformat())
    same = _own_id(space, opened, apart)
    receipt = await add_own_document(actor=actor, space=space, said=said, files=[content], request_id=same, at=at)
    return receipt.documents[0]


def _own_id(space: SpaceId, opened: OpenedAttachment, apart: UUID | None) -> UUID:
    """The same for the same file; another once what was saved is gone: wanted again, it is a document of its own."""
    known = (opened.attachment.saved_as, apart)
    parts = (space, opened.attachment.description.sha256, *(one for one in known if one is not None))
    return uuid.uuid5(uuid.NAMESPACE_OID, "|".join(map(str, parts)))


def title_of(name: str) -> str:
    """Return a document's title out of a file's name."""
    stem, _, ending = name.rpartition(".")
    bare = stem if stem and 0 < len(ending) <= _LONGEST_ENDING and ending.isalnum() else name
    plain = "".join(" " if one in _FORBIDDEN or one == "_" or not one.isprintable() else one for one in bare)
    return " ".join(plain.split())[:50].strip() or "Document reçu"


async def _clean(name: str, content: bytes) -> NewFile:
    """Return a file as it may leave: a known kind, photos drawn anew, seen by the scanner. Raises Invalid."""
    limit = current().limits.mail.attachment_bytes
    try:
        kind, clean = await asyncio.to_thread(_checked, content, limit)
        await scan(clean, scanner=current().scanner)
    except Invalid as refused:
        kinds = (TooLarge, Unsupported)
        error = next((one for one in kinds if isinstance(refused, one)), Invalid)
        raise error(*(Problem(one.code, one.fr, one.en, FIELD) for one in refused.problems)) from None
    return NewFile(name=name[-120:] or "fichier", media_type=MEDIA_TYPES[kind], content=clean)


def _checked(content: bytes, limit: int) -> tuple[ContentKind, bytes]:
    kind = identify(content)
    if kind not in _SENT_KINDS:
        raise Unsupported(_NOT_SENT)
    if kind in IMAGES:
        drawn = reencode(content, max_bytes=limit)
        return identify(drawn.data), drawn.data
    check_content(data=content, declared_type=None, max_bytes=limit)
    return kind, content


async def _all_referred(actor: Actor, space: SpaceId, documents: Sequence[UUID], at: datetime) -> list[NewFile]:
    """Return the documents chosen; once they are too heavy, those read so far: sending refuses them."""
    left, found = current().limits.mail.attachment_bytes, list[NewFile]()
    for one in documents:
        found.append(await _referred(actor, space, one, at))
        left -= len(found[-1].content)
        if left < 0:
            break
    return found


async def _referred(actor: Actor, space: SpaceId, document: UUID, at: datetime) -> NewFile:
    """Return a document of the record with the bytes its reader may have now, for the way out."""
    opened = await read_content(actor=actor, space=space, document=document, download=True, at=at)
    metadata = open_metadata(opened.entry, keys=opened.keys)
    title = metadata.title
    content = b"".join([piece async for piece in opened.chunks(0, opened.entry.size)])
    media_type = opened.entry.content_type
    extension, clinical = EXTENSIONS.get(media_type, ""), media_type == MEDIA_TYPES[ContentKind.CDA]
    return NewFile(
        name=f"{title}.{extension}" if extension else title,
        media_type=media_type,
        content=content,
        document=document,
        type_code=opened.entry.type_code if clinical else "",
        said=await asyncio.to_thread(said_in_archive, content, metadata) if clinical else None,
        masked=opened.entry.masque_ps,
    )
