"""Who is let in or kept out, and who the health directory knows."""

from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import AccessLine, Need, access_lines, lines_known_to
from carnet.design.language import Language
from carnet.design.vocabulary import PROFESSIONS
from carnet.identity.api import Listed, SignedIn, organisation, professional, search_directory
from carnet.interfaces.portal.presenters.access import AccessFacts
from carnet.interfaces.portal.presenters.facts import PartyFacts, PartyKind
from carnet.interfaces.portal.sources.own_space import own_space
from carnet.kernel.errors import NotFound

SHORTEST = 2
KINDS: dict[str, PartyKind] = {"professional": "professional", "team": "team"}


async def gather_standings(*, signed_in: SignedIn, at: datetime) -> tuple[AccessFacts, ...]:
    """Return every line of the person's access list in force, newest first."""
    async with own_space(signed_in, need=Need.MANAGE_ACCESS, at=at) as work:
        return tuple(to_standing(line) for line in lines_known_to(signed_in.actor, await access_lines(work)))


async def gather_candidates(
    *, signed_in: SignedIn, text: str, language: Language, at: datetime
) -> tuple[tuple[PartyFacts, ...] | None, tuple[AccessFacts, ...]]:
    """Return who matches `text` in the directory (None when it is too short to search) and the access list."""
    async with own_space(signed_in, need=Need.MANAGE_ACCESS, at=at) as work:
        standings = tuple(to_standing(line) for line in lines_known_to(signed_in.actor, await access_lines(work)))
        if len(text.strip()) < SHORTEST:
            return None, standings
        callings = {code: f"{word} {language.gettext(word)}" for code, word in PROFESSIONS.items()}
        found = await search_directory(work, text=text.strip()[:80], callings=callings)
    return tuple(to_party(one) for one in found), standings


def party_id(*, kind: str, identifier: str) -> str:
    """Return what forms send back for a professional or an organisation (public numbers, no secret)."""
    if kind == "team":
        return f"t-{UUID(identifier).hex}"
    return f"{'p' if kind == 'professional' else 'o'}-{identifier}"


class Grantee(msgspec.Struct, frozen=True):
    """Whom a form meant: exactly one of the two."""

    rpps: str | None = None
    finess: str | None = None


def read_party(text: str) -> Grantee:
    """Return whom a form meant. Raises NotFound when it is nobody."""
    kind, _, identifier = text.partition("-")
    if kind not in {"p", "o"} or not identifier.isalnum():
        raise NotFound
    return Grantee(rpps=identifier) if kind == "p" else Grantee(finess=identifier)


def to_party(one: Listed) -> PartyFacts:
    """Return a hit of the directory in the words of pages."""
    return PartyFacts(
        id=party_id(kind=one.kind, identifier=one.identifier),
        kind="professional" if one.kind == "professional" else "organisation",
        name=one.name,
        profession=one.profession or "",
        town=one.town or "",
    )


def to_standing(line: AccessLine) -> AccessFacts:
    """Return a line of the access list in the words of pages."""
    return AccessFacts(
        id=line.authorisation_id.hex,
        party=PartyFacts(
            id=party_id(kind=line.kind, identifier=line.identifier),
            kind=KINDS.get(line.kind, "organisation"),
            name=line.name,
            profession=line.profession or "",
            town=line.town or "",
        ),
        standing="blocked" if line.effect == "block" else "authorised",
        since=line.starts_at,
        until=line.ends_at,
        origin="professional" if line.origin == "professional" else "person",
        administrator=line.is_administrator,
        first_used=line.first_used_at,
    )


async def gather_party(*, signed_in: SignedIn, party: str, at: datetime) -> PartyFacts:
    """Return one professional or organisation of the directory. Raises NotFound."""
    asked = read_party(party)
    async with own_space(signed_in, need=Need.MANAGE_ACCESS, at=at) as work:
        if asked.rpps is not None:
            someone = await professional(work, asked.rpps)
            if someone is None:
                raise NotFound
            return PartyFacts(
                id=party,
                kind="professional",
                name=someone.name,
                profession=someone.profession,
                town=someone.town or "",
            )
        place = await organisation(work, asked.finess or "")
        if place is None:
            raise NotFound
        return PartyFacts(id=party, kind="organisation", name=place.name, town=place.town or "")
