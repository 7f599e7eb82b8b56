"""The sandbox's agendas: what personas noted for themselves, and what a parent or a carer noted for them.

Written as they would have: by the product's own actions, each with its trace, on the days the population says.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from carnet.access.api import delegations
from carnet.agenda.api import Kind, Said, Words, add_entry, cancel_appointment
from carnet.design.language import PARIS
from carnet.identity.api import Ins, parse_ins
from carnet.infra.db import work
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.sandbox.api import Noted, Person, Population, load_agenda
from carnet.spaces.api import find_space, keys_in

_ID: Final = uuid.UUID("4c0f5a52-3c1d-4f0a-9a55-7a1f4d3b6e01")
"""Ids come out of it, the same each time: a population prepared in two goes has each entry once."""


async def note_agendas(population: Population, *, for_others: bool, at: datetime) -> None:
    """Write what personas noted themselves; for_others: what those who act for them noted, once they may."""
    for one in load_agenda():
        if bool(one.by) is for_others:
            await _note(population, one, at)


async def _note(population: Population, one: Noted, at: datetime) -> None:
    person = population.person(one.whose)
    space = await find_space(_ins(person))
    if space is None:
        raise NotFound
    actor = Actor(kind=ActorKind.PERSON, identifier="sandbox", name=person.display, space=space, strong=True)
    if one.by:
        actor = await _acting(population.person(one.by), space, at)
    entry = uuid.uuid5(_ID, f"{one.whose}/{one.days}/{one.title}")
    words = Words(
        title=one.title,
        party=one.party(population),
        speciality=one.speciality,
        address=one.address(population),
        note=one.note,
    )
    day = one.day(at.astimezone(PARIS).date())
    kind = Kind.APPOINTMENT if one.hour else Kind.REMINDER
    said = Said(kind=kind, day=day.isoformat(), hour=one.hour, words=words)
    await add_entry(actor=actor, space=space, entry=entry, said=said, at=at - timedelta(days=one.noted))
    if one.cancelled is not None:
        when = at - timedelta(days=one.cancelled)
        await cancel_appointment(actor=actor, space=space, entry=entry, at=when)


async def _acting(who: Person, space: SpaceId, at: datetime) -> Actor:
    """Return somebody in the space of whom they act for. Raises NotFound when they do not."""
    async with work(space=space, at=at) as w:
        lines = await delegations(w, keys=await keys_in(w))
    found = next((line for line in lines if line.delegate.ins == _ins(who)), None)
    if found is None:
        raise NotFound
    return Actor(
        kind=ActorKind(found.kind),
        identifier="sandbox",
        name=who.display,
        strong=True,
        acts_for=space,
        delegation=found.delegation_id,
    )


def _ins(person: Person) -> Ins:
    return parse_ins(matricule=person.matricule, oid=person.oid)
