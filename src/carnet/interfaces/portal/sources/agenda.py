"""The agenda from and for the pages: forms read, forms filled, and the names of who wrote for the person."""

from datetime import datetime
from uuid import UUID

from carnet.access.api import Need, delegations
from carnet.agenda.api import Agenda, Entry, Kind, Said, Words
from carnet.identity.api import SignedIn
from carnet.interfaces.portal.sources.own_rules import own_look

FIELDS = {
    "title": "titre",
    "party": "avec",
    "speciality": "specialite",
    "address": "adresse",
    "note": "note",
    "day": "date",
    "hour": "heure",
}
"""Names of the words of an entry, and of its fields in the form."""


def read_said(form: dict[str, str], *, kind: Kind) -> Said:
    """Return the entry as it was typed; of a reminder, what the form has no field for is left out."""
    known = ("title", "note") if kind is Kind.REMINDER else ("title", "party", "speciality", "address", "note")
    return Said(
        kind=kind,
        day=form.get("date", ""),
        hour=form.get("heure", ""),
        words=Words(**{name: form.get(FIELDS[name], "") for name in known}),
    )


def form_of(one: Entry) -> dict[str, str]:
    """Return the values of the form of an entry as it stands."""
    words = {field: getattr(one.words, name) for name, field in FIELDS.items() if name not in {"day", "hour"}}
    return words | {"date": one.day.isoformat(), "heure": f"{one.local:%H:%M}", "horloge": one.zone}


async def writers_of(agenda: Agenda, *, signed_in: SignedIn, at: datetime) -> dict[UUID, str]:
    """Return the names of who wrote for the person, when it is the person who reads; nobody else is told."""
    wrote = {one.by for one in (*agenda.coming, *agenda.past) if one.by is not None}
    if not wrote or signed_in.session.acting is not None:
        return {}
    async with own_look(signed_in, need=Need.MANAGE_CARERS, at=at) as (w, seen):
        lines = await delegations(w, keys=seen.opened_keys)
    return {one.delegation_id: one.delegate.name for one in lines if one.delegation_id in wrote}
