"""The person adds a document of their own: files checked and cleaned, then the same way in as any deposit.

Photos lose everything but their pixels (no place, no device), several become one PDF; what a space does not keep is
refused with its reason, and the refusal is journalled. Source: mes.md D2, D4; issue 2 §4.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from carnet.access.api import Need, look
from carnet.formats.images import photos_to_pdf, reencode
from carnet.formats.kinds import IMAGES, MEDIA_TYPES, ContentKind, identify
from carnet.formats.sniffing import check_content
from carnet.infra import randomness
from carnet.infra.installation import current
from carnet.infra.scanning import scan
from carnet.journal.api import Act
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Invalid, Problem, TooLarge, Unsupported
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day
from carnet.records.actions.deposit import deposit_own
from carnet.records.actions.refusing import refuse_in_space
from carnet.records.data import DocumentMetadata, NewDocument, Receipt
from carnet.records.rules.findings import Findings
from carnet.records.rules.own_document import Described, OwnDescription, describe

FIELD: Final = "fichiers"
PHOTO_ALLOWANCE: Final = 5
"""A photo may weigh this many times the limit before it is compressed to it."""

_KEPT: Final = IMAGES | {ContentKind.PDF, ContentKind.TEXT, ContentKind.RTF}
_NO_FILE = Problem("file-missing", "Choisissez un fichier ou une photo.", "Choose a file or a photo.", FIELD)
_NOT_PHOTOS = Problem(
    "files-not-photos",
    "Pour envoyer plusieurs fichiers à la fois, il faut que ce soient des photos.",
    "To send several files at once, they must all be photos.",
    FIELD,
)
_NOT_KEPT = Problem(
    "content-not-for-persons",
    "Ce type de fichier ne peut pas être ajouté : choisissez un PDF, une photo ou un texte.",
    "This kind of file cannot be added: choose a PDF, a photo or a text.",
    FIELD,
)


async def add_own_document(
    *,
    actor: Actor,
    space: SpaceId,
    said: OwnDescription,
    files: Sequence[bytes],
    request_id: UUID | None = None,
    at: datetime,
) -> Receipt:
    """Store one document of the person's own; return the receipt once it is durable.

    request_id: of the form, so that sending it twice adds one document. Raises Invalid with the form's fields as paths
    (title, category, date, files; TooLarge and Unsupported are kinds of it), Refused, Unavailable.
    """
    async with _refusals_journalled(actor=actor, space=space, at=at):
        findings = Findings(path=FIELD)
        described = describe(said, today=legal_day(at), findings=findings)
        if not files:
            findings.add(_NO_FILE)
        findings.raise_if_any()
        if described is None:
            raise AssertionError("no description and no reason")
        content, active = await asyncio.to_thread(_clean, files)
        scanned = await _scanned(content)
    unique = request_id or randomness.uuid4()
    new = NewDocument(
        metadata=_metadata(described, content, unique),
        content=content,
        category=described.category,
        author_kind="PATIENT",
        active_content=active,
        scanned=scanned,
    )
    return await deposit_own(actor=actor, space=space, document=new, at=at)


async def ask_to_add(*, actor: Actor, space: SpaceId, at: datetime) -> None:
    """Let somebody come to the form of a document. Raises Refused, journalled as the document itself would be."""
    seen = await look(actor=actor, space=space, at=at)
    decision = seen.decide(Need.DEPOSIT)
    if decision.reason is not None and seen.facts.state != "NONE":
        await refuse_in_space(actor=actor, space=space, act=Act.DEPOSIT_DOCUMENT, reason=decision.reason, at=at)
    decision.raise_if_refused()


def _clean(files: Sequence[bytes]) -> tuple[bytes, bool]:
    """Return the bytes to keep and whether they hold something active. Blocks: call it from a thread."""
    limit = current().limits.person_document_bytes
    with _at_field():
        if len(files) > 1:
            if not all(identify(data) in IMAGES for data in files):
                raise Invalid(_NOT_PHOTOS)
            return photos_to_pdf(files, max_bytes=limit), False
        data = files[0]
        photo = identify(data) in IMAGES
        inspected = check_content(data=data, declared_type=None, max_bytes=limit * PHOTO_ALLOWANCE if photo else limit)
        if inspected.kind not in _KEPT:
            raise Unsupported(_NOT_KEPT)
        return (reencode(data, max_bytes=limit).data, False) if photo else (data, inspected.active)


async def _scanned(content: bytes) -> str:
    with _at_field():
        return str(await scan(content, scanner=current().scanner))


def _metadata(described: Described, content: bytes, unique: UUID) -> DocumentMetadata:
    return DocumentMetadata(
        unique_id=unique.urn,
        title=described.title,
        type=described.type,
        category=described.document_class,
        content_type=MEDIA_TYPES[identify(content)],
        size=len(content),
        sha1=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        creation=described.creation,
        authors=(described.author,),
        facility_type=described.facility_type,
        practice_setting=described.practice_setting,
    )


@contextlib.contextmanager
def _at_field() -> Iterator[None]:
    """Point every problem with the bytes at the form's file field."""
    try:
        yield
    except Invalid as refused:
        kind = next((one for one in (TooLarge, Unsupported) if isinstance(refused, one)), Invalid)
        raise kind(*(Problem(one.code, one.fr, one.en, FIELD) for one in refused.problems)) from None


@contextlib.asynccontextmanager
async def _refusals_journalled(*, actor: Actor, space: SpaceId, at: datetime) -> AsyncIterator[None]:
    try:
        yield
    except Invalid as invalid:
        if actor.is_person_of(space):
            codes = sorted({problem.code for problem in invalid.problems})
            await refuse_in_space(
                actor=actor,
                space=space,
                act=Act.DEPOSIT_DOCUMENT,
                reason=Reason.INVALID_INPUT,
                at=at,
                details={"problems": codes},
            )
        raise
