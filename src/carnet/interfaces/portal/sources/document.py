"""One document with what surrounds it: who may open it and why, and who did."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import Need, access_lines, care_teams, kept_apart, lines_known_to
from carnet.identity.api import SignedIn
from carnet.interfaces.portal.presenters.document import (
    DocumentDetailFacts,
    PreviewFacts,
    VersionFacts,
)
from carnet.interfaces.portal.sources.documents import OwnDocument, to_facts
from carnet.interfaces.portal.sources.journal import to_trace
from carnet.interfaces.portal.sources.own_rules import own_look, with_team_names
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.readers import readers_of
from carnet.journal.api import Act, Filter, entries
from carnet.kernel.actors import ActorKind
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
            Act.CARRY_OVER_DOCUMENT,
            Act.EDIT_DOCUMENT,
            Act.DELETE_DOCUMENT,
            Act.ARCHIVE_DOCUMENT,
            Act.UNARCHIVE_DOCUMENT,
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
    mine = signed_in.actor.kind is ActorKind.PERSON
    async with own_look(signed_in, need=Need.LIST, at=at) as (work, seen):
        lines = lines_known_to(signed_in.actor, await access_lines(work))
        teams = await care_teams(work, keys=seen.opened_keys) if any(line.kind == "team" for line in lines) else []
        apart = kept_apart(signed_in.actor, at=at)
        about = Filter(acts=ABOUT_IT, document=document, with_refusals=True, apart=apart)
        found = await entries(work, filter_=about, limit=TRACES)
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
        readers=with_team_names(readers_of(one.entry, lines, space=seen.facts, at=at), teams) if mine else (),
        apart=one.entry.logical_id in seen.facts.guarded_documents,
        traces=tuple(to_trace(entry, titles=titles, names={}) for entry in found) if mine else (),
        mine=mine,
    )


def preview_of(entry: DocumentEntry) -> PreviewFacts:
    """Return where the content can be looked at, or why it cannot."""
    if entry.status == "deleted":
        return PreviewFacts(kind="none", why="deleted")
    if entry.content_type not in PREVIEWED:
        return PreviewFacts(kind="none", why="format")
    return PreviewFacts(kind="frame", address=f"/documents/{entry.document_id.hex}/apercu")
