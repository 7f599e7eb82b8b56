"""What a space knows of its person beside documents, messages and journal, for the copy they take away.

Identity, contact, settings, switches, their own rules, who is let in, who acts for them and for whom they act, how they
sign in, how the space came to be and where it stands. Never in it: a password, a key, a code that waits, the national
number of anybody else, whatever the person's pages do not show them (art. 15 §4 GDPR).
"""

from collections.abc import Awaitable, Sequence
from typing import Any

import msgspec

from carnet.access.api import (
    AccessLine,
    Look,
    Need,
    access_lines,
    attending_doctor,
    care_teams,
    delegations,
    disputes,
    emergency_accesses,
    heirs_refused,
    known_facts,
    lines_known_to,
    look_in,
)
from carnet.identity.api import Credential, list_credentials, ways_in
from carnet.infra import clock
from carnet.infra.db import Work, work
from carnet.infra.telemetry import log
from carnet.infra.vault import Unopenable
from carnet.journal.api import Act, record
from carnet.journeys.acting import Profile, profiles_of
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import (
    Contact,
    DeskStanding,
    Life,
    SpaceView,
    delegate_of,
    life_in,
    person_digest,
    standing_of,
    view_in,
)

Told = tuple[dict[str, Any], ...]
_LOST: dict[str, Any] = {"note": "unreadable"}
"""Says that what should stand here could not be read."""


class SpaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a space. Names of fields are those of `donnees/espace.json`.

    UNSET: nothing is said of it, in the copy a representative takes of a child's.
    """

    person: dict[str, Any]
    contact: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    settings: dict[str, Any]
    life: dict[str, Any]
    access: Told
    teams: Told | msgspec.UnsetType = msgspec.UNSET
    attending_doctor: dict[str, Any] | None
    own_rules: dict[str, Any]
    emergencies: Told
    disputes: Told
    acting_for_me: Told | msgspec.UnsetType = msgspec.UNSET
    i_act_for: Told | msgspec.UnsetType = msgspec.UNSET
    ways_in: Told | msgspec.UnsetType = msgspec.UNSET
    sessions: Told | msgspec.UnsetType = msgspec.UNSET

    @property
    def name(self) -> str:
        """The person, as people write it."""
        return str(self.person["name"])

    @property
    def named(self) -> bool:
        """Whether the row that says who this is could be read."""
        return "note" not in self.person

    @property
    def told(self) -> dict[str, Any]:
        """What is said, by name."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not msgspec.UNSET}


async def facts_of_space(*, actor: Actor, space: SpaceId) -> SpaceFacts:
    """Return what is known, its trace durable. Raises Refused, NotFound.

    actor: the person, having proved twice; or who represents them, told what their pages show them and no more.
    """
    at, mine = clock.now(), actor.kind is ActorKind.PERSON
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = seen.decide(Need.OWN_RULES if mine else Need.MANAGE_ACCESS)
        await record(w, Act.MAKE_EXPORT, decision, actor=actor)
        decision.raise_if_refused()
        view = await _legible_view(w)
        own = await (_own if mine else _told_to_parents)(w, seen)
        life = await life_in(w)
    if view is None:
        nobody = {"name": "", **_LOST}
        return SpaceFacts(person=nobody, settings=_switches(seen), life=_ending(life), **own)
    person = {"name": view.person.display_name, "ins": view.person.ins, "traits": view.person.traits}
    if not mine:
        return SpaceFacts(person=person, settings=_switches(seen), life=_life(view, life), **own)
    me = delegate_of(view.person.ins, view.person.traits)
    before = await standing_of(person_digest(view.person.ins))
    logins, sessions = await ways_in(space=space)
    credentials = await list_credentials(space=space)
    return SpaceFacts(
        person=person,
        contact=_contact(view.contact),
        settings=_settings(view, seen),
        life=_life(view, life) | _before(before),
        **own,
        i_act_for=tuple(map(_profile, await profiles_of(me, at=at))),
        ways_in=(*({"kind": "provider", **msgspec.structs.asdict(one)} for one in logins), *map(_way, credentials)),
        sessions=tuple(map(msgspec.structs.asdict, sessions)),
    )


async def _legible_view(w: Work) -> SpaceView | None:
    """Return who the space is of; None when their row does not open: everything else is taken away all the same."""
    try:
        return await view_in(w)
    except Unopenable:
        log.error("copy-without", space=str(w.space_id), why=Unopenable.__name__)
        return None


async def _legible(reading: Awaitable[Sequence[msgspec.Struct]]) -> Told:
    """Return what was read; one line that says that it could not be."""
    try:
        return tuple(map(msgspec.structs.asdict, await reading))
    except Unopenable:
        log.error("copy-without", why=Unopenable.__name__)
        return (_LOST,)


async def _own(w: Work, seen: Look) -> dict[str, Any]:
    """Return the person's rules and who is named in them."""
    keys, facts, doctor = seen.opened_keys, seen.facts, await attending_doctor(w)
    return {
        "access": tuple(map(_line, await access_lines(w))),
        "teams": await _legible(care_teams(w, keys=keys)),
        "attending_doctor": msgspec.structs.asdict(doctor) if doctor else None,
        "own_rules": {
            "restrictions": facts.restrictions,
            "topics_kept_apart": sorted(facts.guarded_topics),
            "documents_kept_apart": sorted(map(str, facts.guarded_documents)),
            "nobody_after_my_death": await heirs_refused(w),
        },
        "emergencies": await _legible(emergency_accesses(w, keys=keys)),
        "disputes": await _legible(disputes(w, keys=keys)),
        "acting_for_me": await _acting(w, seen),
    }


async def _acting(w: Work, seen: Look) -> Told:
    try:
        found = await delegations(w, keys=seen.opened_keys)
    except Unopenable:
        log.error("copy-without", why=Unopenable.__name__)
        return (_LOST,)
    return tuple(
        {
            "name": one.delegate.name,
            "birth_date": one.delegate.birth_date,
            "proof": one.delegate.proof,
            "standing": str(one.standing(w.at)),
        }
        | _without(msgspec.structs.asdict(one), "delegate", "delegation_id")
        for one in found
    )


async def _told_to_parents(w: Work, seen: Look) -> dict[str, Any]:
    """Return what the pages of a child's access show who represents them (decision 0135)."""
    keys, doctor, facts = seen.opened_keys, await attending_doctor(w), known_facts(seen.actor, seen.facts)
    lines = lines_known_to(seen.actor, await access_lines(w))
    return {
        "access": tuple(_without(_line(one), "secret") for one in lines if one.kind != "team"),
        "attending_doctor": msgspec.structs.asdict(doctor) if doctor else None,
        "own_rules": {"restrictions": facts.restrictions},
        "emergencies": await _legible(emergency_accesses(w, keys=keys)),
        "disputes": tuple(one for one in await _legible(disputes(w, keys=keys)) if one.get("by_delegate", True)),
    }


def _line(one: AccessLine) -> dict[str, Any]:
    """Return a line of the access list; whose it is only where that was noted."""
    told = _without(msgspec.structs.asdict(one), "side_noted")
    return told if one.side_noted else told | {"by_delegate": "not-noted"}


def _contact(contact: Contact) -> dict[str, Any]:
    """Return how the person is reached. The insurer's representatives are numbers of others: how many is told."""
    insurer = contact.insurer
    told: dict[str, Any] = {
        "email": contact.email,
        "email_to_confirm": contact.proposed.address if contact.proposed else None,
        "former_email": contact.former,
        "apart": contact.apart,
        "apart_to_confirm": contact.apart_proposed.address if contact.apart_proposed else None,
    }
    if insurer is not None:
        known = _without(msgspec.structs.asdict(insurer), "representatives")
        told["from_the_insurer"] = known | {"representatives": len(insurer.representatives)}
    return told


def _settings(view: SpaceView, seen: Look) -> dict[str, Any]:
    return msgspec.structs.asdict(view.settings) | _switches(seen)


def _switches(seen: Look) -> dict[str, Any]:
    facts = seen.facts
    return {
        "masked_by_default": facts.masked_by_default,
        "allow_centre_15": facts.allow_centre_15,
        "allow_bris_de_glace": facts.allow_bris_de_glace,
        "allow_masked_in_emergency": facts.allow_masked_in_emergency,
        "strong_consent": facts.strong_consent,
    }


def _before(before: DeskStanding) -> dict[str, Any]:
    return {"told_at": before.told_at, "told_by": before.told_by, "opens_at": before.opens_at}


def _life(view: SpaceView, life: Life) -> dict[str, Any]:
    """Return when the space opened, and where it stands; the journal tells the rest."""
    return {
        "state": view.state,
        "opened_at": view.opened_at,
        "activated_at": view.activated_at,
        "welcomed_at": view.welcomed_at,
        "terms": view.terms,
        "terms_at": view.terms_at,
    } | _without(_ending(life), "state")


def _ending(life: Life) -> dict[str, Any]:
    return _without(msgspec.structs.asdict(life), "zone") if life.since is not None else {}


def _profile(one: Profile) -> dict[str, Any]:
    return _without(msgspec.structs.asdict(one), "delegation", "closed", "may_reopen")


def _way(one: Credential) -> dict[str, Any]:
    return _without(msgspec.structs.asdict(one), "public_id")


def _without(known: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in names}
