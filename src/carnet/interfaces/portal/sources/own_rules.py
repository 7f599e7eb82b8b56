"""What the person decided: switches, wishes, topics, teams, disputes. With the names."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.access.api import (
    AttendingDoctor,
    CareTeam,
    Dispute,
    EmergencyAccess,
    Look,
    Mode,
    Need,
    Restriction,
    access_lines,
    attending_doctor,
    care_teams,
    disputes,
    emergency_accesses,
    known_facts,
    lines_known_to,
    look_in,
    stepped_up,
)
from carnet.identity.api import SignedIn, organisation, professional
from carnet.infra.db import Work, work
from carnet.interfaces.portal.presenters.access import AccessFacts, DisputeFacts
from carnet.interfaces.portal.presenters.document import ReaderFacts
from carnet.interfaces.portal.presenters.emergency import EmergencyFacts, OpenedFacts
from carnet.interfaces.portal.presenters.facts import PartyFacts
from carnet.interfaces.portal.presenters.restrictions import RestrictionFacts
from carnet.interfaces.portal.sources.documents import OwnDocument, own_documents
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.interfaces.portal.sources.standings import to_standing
from carnet.kernel.actors import ActorKind


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The person's own rules as pages need them. proved: a fresh second proof lasts, what is kept apart may be told."""

    seen: Look
    proved: bool
    parties: tuple[PartyFacts, ...]
    teams: tuple[CareTeam, ...]
    doctor: AttendingDoctor | None
    disputes: tuple[Dispute, ...]

    @property
    def emergency(self) -> EmergencyFacts:
        """The three switches."""
        facts = self.seen.facts
        return EmergencyFacts(
            centre_15=facts.allow_centre_15,
            glass=facts.allow_bris_de_glace,
            masked=facts.allow_masked_in_emergency,
        )

    @property
    def topics(self) -> frozenset[str]:
        """The topics kept apart, as they were chosen. A simple session is told of none."""
        return self.seen.facts.guarded_topics if self.proved else frozenset()


@contextlib.asynccontextmanager
async def own_look(signed_in: SignedIn, *, need: Need, at: datetime) -> AsyncIterator[tuple[Work, Look]]:
    """Open a transaction on the own space with its facts and keys; Refused when the need is."""
    async with work(space=space_of(signed_in), at=at) as opened:
        seen = await look_in(opened, actor=signed_in.actor)
        seen.decide(need).raise_if_refused()
        yield opened, seen


async def gather_rules(*, signed_in: SignedIn, at: datetime) -> Rules:
    """Return the person's own rules."""
    async with own_look(signed_in, need=Need.MANAGE_ACCESS, at=at) as (opened, seen):
        mine = signed_in.actor.kind is ActorKind.PERSON
        lines = lines_known_to(signed_in.actor, await access_lines(opened))
        known = {line.identifier: to_standing(line).party for line in lines if line.kind != "team"}
        return Rules(
            seen=msgspec.structs.replace(seen, facts=known_facts(signed_in.actor, seen.facts)),
            proved=mine and stepped_up(signed_in.actor, at=at),
            parties=tuple(known.values()),
            teams=tuple(await care_teams(opened, keys=seen.opened_keys)),
            doctor=await attending_doctor(opened),
            disputes=tuple(one for one in await disputes(opened, keys=seen.opened_keys) if mine or one.by_delegate),
        )


async def gather_emergencies(*, signed_in: SignedIn, at: datetime) -> tuple[OpenedFacts, ...]:
    """Return the emergency accesses that took place, newest first, with the reason that was given."""
    async with own_look(signed_in, need=Need.MANAGE_ACCESS, at=at) as (opened, seen):
        found = await emergency_accesses(opened, keys=seen.opened_keys)
        places = {one.finess: await organisation(opened, one.finess) for one in found if one.finess}
    names = {finess: place.name if place else "" for finess, place in places.items()}
    return tuple(_to_opened(one, names.get(one.finess or "", "")) for one in found)


def _to_opened(one: EmergencyAccess, organisation_name: str) -> OpenedFacts:
    return OpenedFacts(
        party=PartyFacts(
            id=f"p-{one.rpps}",
            kind="professional",
            name=one.name,
            profession=one.profession,
            organisation=organisation_name,
        ),
        regulation=one.mode == Mode.CENTRE_15,
        began_at=one.granted_at,
        ended_at=one.ends_at,
        seconded=one.approved_by is not None,
        reason=one.reason,
    )


async def gather_restrictions(*, signed_in: SignedIn, rules: Rules, at: datetime) -> tuple[RestrictionFacts, ...]:
    """Return the wishes in force or to come, with the names they need; titles leave the trace of a list.

    A wish about a document this session is not told of is not told of either.
    """
    wishes = [one for one in rules.seen.facts.restrictions if one.ends_at is None or one.ends_at > at]
    named = {number for one in wishes for number in (*one.rpps, *one.finess)}
    names = await _names(signed_in, named, rules.parties, at)
    documents = await own_documents(signed_in=signed_in, at=at) if any(one.logical_id for one in wishes) else ()
    by_logical = {one.entry.logical_id: one for one in documents if not one.superseded}
    told = [one for one in wishes if rules.proved or one.logical_id is None or one.logical_id in by_logical]
    return tuple(_to_facts(one, names, by_logical) for one in told)


async def _names(
    signed_in: SignedIn, wanted: Iterable[str], parties: Sequence[PartyFacts], at: datetime
) -> dict[str, str]:
    names = {party.id.partition("-")[2]: party.name for party in parties}
    missing = [number for number in wanted if number not in names]
    if missing:
        async with own_look(signed_in, need=Need.MANAGE_ACCESS, at=at) as (opened, _):
            for number in missing:
                person = await professional(opened, number)
                place = None if person else await organisation(opened, number)
                names[number] = person.name if person else place.name if place else number
    return names


def _to_facts(one: Restriction, names: dict[str, str], documents: dict[UUID, OwnDocument]) -> RestrictionFacts:
    about = documents.get(one.logical_id) if one.logical_id else None
    return RestrictionFacts(
        id=one.restriction_id.hex,
        effect="hide" if one.effect == "hide" else "only",
        category=one.category or "",
        document=about.entry.document_id.hex if about else None,
        about_document=one.logical_id is not None,
        title=about.metadata.title if about else "",
        to_come=one.received_from is not None,
        everyone=one.everyone,
        professions=one.professions,
        parties=tuple(names.get(number, number) for number in (*one.rpps, *one.finess)),
        since=one.starts_at,
        until=one.ends_at,
    )


def named_teams(standings: tuple[AccessFacts, ...], teams: tuple[CareTeam, ...]) -> tuple[AccessFacts, ...]:
    """Return the standings with the sealed names of teams and their members."""
    return tuple(msgspec.structs.replace(one, party=_named(one.party, teams)) for one in standings)


def with_team_names(readers: Iterable[ReaderFacts], teams: Sequence[CareTeam]) -> tuple[ReaderFacts, ...]:
    """Return the readers of a document with the sealed names of teams."""
    return tuple(msgspec.structs.replace(one, party=_named(one.party, teams)) for one in readers)


def _named(party: PartyFacts, teams: Sequence[CareTeam]) -> PartyFacts:
    team = next((one for one in teams if party.id == f"t-{one.team.hex}"), None)
    return party if team is None else msgspec.structs.replace(party, name=team.name, members=team.names)


def to_dispute(one: Dispute) -> DisputeFacts:
    """Return a dispute in the words of pages."""
    return DisputeFacts(
        name=one.name, opened_at=one.opened_at, due_at=one.due_at, closed_at=one.closed_at, outcome=one.outcome or ""
    )
