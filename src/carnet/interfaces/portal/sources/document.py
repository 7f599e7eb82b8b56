"""One document with what surrounds it: who may open it and why, and who did."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import (
    AccessLine,
    Authorisation,
    DocumentFacts,
    Effect,
    Need,
    SpaceFacts,
    access_lines,
    current_matrix,
    decide,
)
from carnet.identity.api import SignedIn
from carnet.interfaces.portal.presenters.document import (
    DocumentDetailFacts,
    PreviewFacts,
    ReaderFacts,
    Reason,
    VersionFacts,
)
from carnet.interfaces.portal.sources.documents import OwnDocument, to_facts
from carnet.interfaces.portal.sources.journal import to_trace
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.interfaces.portal.sources.standings import to_standing
from carnet.journal.api import Act, Filter, entries
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import NotFound
from carnet.records.api import DocumentEntry, mark_read, open_metadata, read_entry, versions_of
from carnet.terminology.api import document_type

TRACES = 6
ABOUT_IT = tuple(
    map(
        str,
        (
            Act.READ_DOCUMENT,
            Act.DOWNLOAD_DOCUMENT,
            Act.DEPOSIT_DOCUMENT,
            Act.REPLACE_DOCUMENT,
            Act.EDIT_DOCUMENT,
            Act.DELETE_DOCUMENT,
            Act.MASK_DOCUMENT,
            Act.REVEAL_DOCUMENT,
        ),
    )
)
"""What is worth telling beside a document; being in a list is in the journal only."""
PREVIEWED = frozenset(
    {
        "text/xml",
        "application/xml",
        "application/pdf",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "text/plain",
        "application/rtf",
        "text/rtf",
    }
)


async def gather_own(*, signed_in: SignedIn, document: UUID, at: datetime) -> OwnDocument:
    """Return one document the person may see. Raises NotFound."""
    opened = await read_entry(
        actor=signed_in.actor,
        space=space_of(signed_in),
        document=document,
        account=signed_in.session.account,
        at=at,
    )
    return OwnDocument(opened.entry, open_metadata(opened.entry, keys=opened.keys))


async def gather_mine(*, signed_in: SignedIn, document: UUID, at: datetime) -> OwnDocument:
    """Return one document the person added themselves. Raises NotFound for any other."""
    one = await gather_own(signed_in=signed_in, document=document, at=at)
    if one.entry.author_kind != "PATIENT" or one.entry.status != "current":
        raise NotFound
    return one


async def gather_document(*, signed_in: SignedIn, document: UUID, language: str, at: datetime) -> DocumentDetailFacts:
    """Return the document with its readers and its last traces; it is no longer new to this person."""
    one = await gather_own(signed_in=signed_in, document=document, at=at)
    versions = await versions_of(actor=signed_in.actor, space=space_of(signed_in), document=document, at=at)
    superseded = bool(versions) and versions[-1].document_id != document
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        lines = await access_lines(work)
        found = await entries(work, filter_=Filter(acts=ABOUT_IT, document=document, with_refusals=True), limit=TRACES)
    await mark_read(
        actor=signed_in.actor,
        space=space_of(signed_in),
        document=document,
        account=signed_in.session.account,
        at=at,
    )
    titles = {document: one.metadata.title}
    known = document_type(one.entry.type_code)
    return DocumentDetailFacts(
        document=to_facts(msgspec.structs.replace(one, superseded=superseded), at=at),
        type_label=known.plain(language) if known else one.metadata.type.display or one.entry.type_code,
        media_type=one.entry.content_type,
        size=one.entry.size,
        versions=tuple(VersionFacts(version.document_id.hex, version.received_at) for version in versions),
        preview=preview_of(one.entry),
        readers=tuple(readers_of(one.entry, lines, at=at)),
        traces=tuple(to_trace(entry, titles=titles, names={}) for entry in found),
    )


def preview_of(entry: DocumentEntry) -> PreviewFacts:
    """Return where the content can be looked at, or why it cannot."""
    if entry.status == "deleted":
        return PreviewFacts(kind="none", why="deleted")
    if entry.content_type not in PREVIEWED:
        return PreviewFacts(kind="none", why="format")
    return PreviewFacts(kind="frame", address=f"/documents/{entry.document_id.hex}/apercu")


def readers_of(entry: DocumentEntry, lines: list[AccessLine], *, at: datetime) -> list[ReaderFacts]:
    """Return who may open this document today, by the decision itself (organisations: some of their professionals)."""
    facts = DocumentFacts(
        document_id=entry.document_id,
        status=entry.status,
        type_code=entry.type_code,
        masque_ps=entry.masque_ps,
        author_kind=entry.author_kind,
        author_rpps=entry.author_rpps,
        author_finess=entry.author_finess,
    )
    permits = [line for line in lines if line.effect == "permit"]
    found = []
    for line in permits:
        if line.kind == "organisation":
            reason = _organisation(line, facts)
        else:
            reason = _professional(line, facts, [one for one in lines if one.identifier == line.identifier], at)
        if reason:
            found.append(ReaderFacts(to_standing(line).party, reason))
    return found


def _organisation(line: AccessLine, document: DocumentFacts) -> Reason | None:
    if document.status == "deleted":
        return None
    if document.author_finess == line.identifier:
        return "author"
    if document.masque_ps:
        return "administrator" if line.is_administrator else None
    return "authorised"


def _professional(line: AccessLine, document: DocumentFacts, own: list[AccessLine], at: datetime) -> Reason | None:
    someone = Actor(
        kind=ActorKind.PROFESSIONAL,
        identifier=line.identifier,
        name=line.name,
        profession=line.profession,
        strong=True,
    )
    space = SpaceFacts(
        space=UUID(int=0),  # type: ignore[arg-type] # nobody's: only the lines count here
        state="ACTIVE",
        epoch=0,
        authorisations=tuple(_authorisation(one) for one in own),
    )
    answer = decide(someone, Need.READ, space, matrix=current_matrix(), at=at, document=document)
    if not answer.allowed:
        return None
    if document.author_rpps == line.identifier:
        return "author"
    return "administrator" if line.is_administrator else "authorised"


def _authorisation(line: AccessLine) -> Authorisation:
    return Authorisation(
        authorisation_id=line.authorisation_id,
        effect=Effect(line.effect),
        rpps=line.identifier if line.kind == "professional" else None,
        finess=line.identifier if line.kind == "organisation" else None,
        origin=line.origin,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        is_administrator=line.is_administrator,
        first_used_at=line.first_used_at,
    )
