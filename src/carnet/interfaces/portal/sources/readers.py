"""Who may open this document today, and on what it rests: the decision itself, asked for everybody on the list.

A place or a team is asked for as a whole: it may when some profession there may. Deliberately ignores emergencies,
which are nobody's right today.
"""

from datetime import datetime
from uuid import UUID

from carnet.access.api import (
    AccessLine,
    Authorisation,
    DocumentFacts,
    Effect,
    Need,
    SpaceFacts,
    current_matrix,
    decide,
)
from carnet.interfaces.portal.presenters.document import ReaderFacts, Reason
from carnet.interfaces.portal.sources.standings import to_standing
from carnet.kernel.actors import Actor, ActorKind
from carnet.records.api import DocumentEntry

SOMEBODY = "00000000000"
"""A number nobody in the directory has: for asking about a place or a team rather than a person."""


def readers_of(entry: DocumentEntry, lines: list[AccessLine], *, space: SpaceFacts, at: datetime) -> list[ReaderFacts]:
    """Return the readers. space: the facts of the person's own space, for their wishes."""
    found = []
    for line in lines:
        if line.effect != Effect.PERMIT:
            continue
        own = [one for one in lines if one.identifier == line.identifier]
        reason = _reason(line, _document(entry), _facts(own, space), at)
        if reason:
            found.append(ReaderFacts(to_standing(line).party, reason))
    return found


def _reason(line: AccessLine, document: DocumentFacts, space: SpaceFacts, at: datetime) -> Reason | None:
    asked = [line.profession] if line.kind == "professional" else _professions()
    may = (
        decide(_actor(line, one), Need.READ, space, matrix=current_matrix(), at=at, document=document) for one in asked
    )
    if not any(answer.allowed for answer in may):
        return None
    if line.identifier in {document.author_rpps, document.author_finess}:
        return "author"
    if line.kind != "professional":
        return "organisation" if line.kind == "organisation" else "team"
    return "administrator" if line.is_administrator else "authorised"


def _professions() -> list[str]:
    return [codes[0] for codes in current_matrix().groups().values()]


def _actor(line: AccessLine, profession: str | None) -> Actor:
    return Actor(
        kind=ActorKind.PROFESSIONAL,
        identifier=line.identifier if line.kind == "professional" else SOMEBODY,
        name=line.name,
        profession=profession,
        organisation=line.identifier if line.kind == "organisation" else None,
        strong=True,
    )


def _facts(own: list[AccessLine], space: SpaceFacts) -> SpaceFacts:
    return SpaceFacts(
        space=space.space,
        state=space.state,
        epoch=space.epoch,
        authorisations=tuple(map(_authorisation, own)),
        teams=tuple(UUID(one.identifier) for one in own if one.kind == "team"),
        restrictions=space.restrictions,
    )


def _document(entry: DocumentEntry) -> DocumentFacts:
    return DocumentFacts(
        document_id=entry.document_id,
        status=entry.status,
        type_code=entry.type_code,
        masque_ps=entry.masque_ps,
        author_kind=entry.author_kind,
        author_rpps=entry.author_rpps,
        author_finess=entry.author_finess,
        logical_id=entry.logical_id,
        category=entry.category,
        received_at=entry.received_at,
    )


def _authorisation(line: AccessLine) -> Authorisation:
    return Authorisation(
        authorisation_id=line.authorisation_id,
        effect=Effect(line.effect),
        rpps=line.identifier if line.kind == "professional" else None,
        finess=line.identifier if line.kind == "organisation" else None,
        team=UUID(line.identifier) if line.kind == "team" else None,
        origin=line.origin,
        starts_at=line.starts_at,
        ends_at=line.ends_at,
        is_administrator=line.is_administrator,
        first_used_at=line.first_used_at,
    )
