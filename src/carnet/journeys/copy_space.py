"""What a space knows of its person beside documents, messages and journal, for the copy they take away.

Identity, contact, settings, switches, their own rules, who is let in, who acts for them and for whom they act, how they
sign in, how the space came to be and where it stands. Never in it: a password, a key, a code that waits, the national
number of anybody else, whatever the person's pages do not show them (art. 15 §4 GDPR).
"""

from typing import Any

import msgspec

from carnet.access.api import (
    Look,
    Need,
    access_lines,
    attending_doctor,
    care_teams,
    delegations,
    disputes,
    emergency_accesses,
    look_in,
)
from carnet.identity.api import Credential, list_credentials, ways_in
from carnet.infra import clock
from carnet.infra.db import Work, work
from carnet.journal.api import Act, record
from carnet.journeys.acting import Profile, profiles_of
from carnet.kernel.actors import Actor
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


class SpaceFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of a space. Names of fields are those of `donnees/espace.json`."""

    person: dict[str, Any]
    contact: dict[str, Any]
    settings: dict[str, Any]
    life: dict[str, Any]
    access: tuple[dict[str, Any], ...]
    teams: tuple[dict[str, Any], ...]
    attending_doctor: dict[str, Any] | None
    own_rules: dict[str, Any]
    emergencies: tuple[dict[str, Any], ...]
    disputes: tuple[dict[str, Any], ...]
    acting_for_me: tuple[dict[str, Any], ...]
    i_act_for: tuple[dict[str, Any], ...]
    ways_in: tuple[dict[str, Any], ...]
    sessions: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        """The person, as people write it."""
        return str(self.person["name"])


async def facts_of_space(*, actor: Actor, space: SpaceId) -> SpaceFacts:
    """Return what is known, its trace durable. actor: the person, having proved twice. Raises Refused, NotFound."""
    at = clock.now()
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = seen.decide(Need.OWN_RULES)
        await record(w, Act.MAKE_EXPORT, decision, actor=actor)
        decision.raise_if_refused()
        view = await view_in(w)
        own = await _own(w, seen)
        life = await life_in(w)
    me = delegate_of(view.person.ins, view.person.traits)
    before = await standing_of(person_digest(view.person.ins))
    logins, sessions = await ways_in(space=space)
    credentials = await list_credentials(space=space)
    return SpaceFacts(
        person={"name": view.person.display_name, "ins": view.person.ins, "traits": view.person.traits},
        contact=_contact(view.contact),
        settings=_settings(view, seen),
        life=_life(view, life, before),
        **own,
        i_act_for=tuple(map(_profile, await profiles_of(me, at=at))),
        ways_in=(*({"kind": "provider", **msgspec.structs.asdict(one)} for one in logins), *map(_way, credentials)),
        sessions=tuple(map(msgspec.structs.asdict, sessions)),
    )


async def _own(w: Work, seen: Look) -> dict[str, Any]:
    """Return the person's rules and who is named in them."""
    keys, facts, doctor = seen.opened_keys, seen.facts, await attending_doctor(w)
    return {
        "access": tuple(map(msgspec.structs.asdict, await access_lines(w))),
        "teams": tuple(map(msgspec.structs.asdict, await care_teams(w, keys=keys))),
        "attending_doctor": msgspec.structs.asdict(doctor) if doctor else None,
        "own_rules": {
            "restrictions": facts.restrictions,
            "topics_kept_apart": sorted(facts.guarded_topics),
            "documents_kept_apart": sorted(map(str, facts.guarded_documents)),
        },
        "emergencies": tuple(map(msgspec.structs.asdict, await emergency_accesses(w, keys=keys))),
        "disputes": tuple(map(msgspec.structs.asdict, await disputes(w, keys=keys))),
        "acting_for_me": tuple(
            {
                "name": one.delegate.name,
                "birth_date": one.delegate.birth_date,
                "proof": one.delegate.proof,
                "standing": str(one.standing(w.at)),
            }
            | _without(msgspec.structs.asdict(one), "delegate", "delegation_id")
            for one in await delegations(w, keys=keys)
        ),
    }


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
    facts = seen.facts
    return msgspec.structs.asdict(view.settings) | {
        "allow_centre_15": facts.allow_centre_15,
        "allow_bris_de_glace": facts.allow_bris_de_glace,
        "allow_masked_in_emergency": facts.allow_masked_in_emergency,
        "strong_consent": facts.strong_consent,
    }


def _life(view: SpaceView, life: Life, before: DeskStanding) -> dict[str, Any]:
    """Return when the person was told, when the space opened, and where it stands; the journal tells the rest."""
    ending = _without(msgspec.structs.asdict(life), "zone") if life.since is not None else {}
    return {
        "state": view.state,
        "told_at": before.told_at,
        "told_by": before.told_by,
        "opens_at": before.opens_at,
        "opened_at": view.opened_at,
        "activated_at": view.activated_at,
        "welcomed_at": view.welcomed_at,
        "terms": view.terms,
        "terms_at": view.terms_at,
    } | {name: value for name, value in ending.items() if name != "state"}


def _profile(one: Profile) -> dict[str, Any]:
    return _without(msgspec.structs.asdict(one), "delegation", "closed", "may_reopen")


def _way(one: Credential) -> dict[str, Any]:
    return _without(msgspec.structs.asdict(one), "public_id")


def _without(known: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name not in names}
