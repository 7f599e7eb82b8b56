"""The agenda in the copy a person takes away: a page that opens offline, and the same as FHIR R4.

An appointment is an Appointment, a reminder a Task with the intent of a plan. Nobody wrote down when an appointment
ends, and FHIR wants both ends or neither of one that is booked (app-2, app-3): its end is its beginning.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from html import escape
from typing import Any

import msgspec

from carnet.agenda.api import UNREADABLE, Entry, Kind, Status, copy_agenda
from carnet.design.clocks import clock_name
from carnet.design.language import Language
from carnet.journeys.copy_message_words import END, head
from carnet.kernel.actors import Actor
from carnet.kernel.ids import SpaceId

AGENDA = {"fr": "agenda/index.html", "en": "agenda/index.en.html"}
WORDS = {
    "fr": {
        "title": "Mon agenda",
        "back": "Retour à la copie",
        "other": "English",
        "none": "Aucun rendez-vous, aucun rappel.",
        "reminder": "rappel",
        "cancelled": "annulé",
        "delegate": "écrit par quelqu'un qui agit pour moi",
        "at": "%s à %s",
        "unreadable": "(n'a pas pu être lu : appelez le 3422)",
    },
    "en": {
        "title": "My calendar",
        "back": "Back to the copy",
        "other": "Français",
        "none": "No appointment, no reminder.",
        "reminder": "reminder",
        "cancelled": "cancelled",
        "delegate": "written by somebody who acts for me",
        "at": "%s at %s",
        "unreadable": "(could not be read: call 3422)",
    },
}
THEIRS = {
    "fr": {"title": "L'agenda", "delegate": "écrit par quelqu'un qui agit pour cette personne"},
    "en": {"title": "The calendar", "delegate": "written by somebody who acts for this person"},
}


class CopiedAgenda(msgspec.Struct, frozen=True, kw_only=True):
    """What the agenda is copied for. name: the person, as people write it; mine: for the person."""

    actor: Actor
    space: SpaceId
    at: datetime
    name: str
    mine: bool

    def entries(self) -> AsyncIterator[Entry]:
        """Yield what is in it, oldest first. Raises Refused."""
        return copy_agenda(actor=self.actor, space=self.space, until=self.at)


async def agenda_page(copy: CopiedAgenda, language: Language) -> AsyncIterator[bytes]:
    """Yield the page."""
    words = WORDS[language.code] | ({} if copy.mine else THEIRS[language.code])
    other = "en" if language.code == "fr" else "fr"
    index = {"fr": "../index.html", "en": "../index.en.html"}[language.code]
    yield head(
        language,
        title=words["title"],
        links=((index, words["back"]), (AGENDA[other].removeprefix("agenda/"), words["other"])),
    )
    some = False
    async for one in copy.entries():
        some = True
        yield _article(one, words, language)
    if not some:
        yield f"<p>{escape(words['none'])}</p>\n".encode()
    yield END


def _article(one: Entry, words: dict[str, str], language: Language) -> bytes:
    day = language.long_date(one.day)
    when = day if one.kind is Kind.REMINDER else words["at"] % (day, _hour(one, language))
    beside = [
        words["reminder"] if one.kind is Kind.REMINDER else "",
        words["cancelled"] if one.status is Status.CANCELLED else "",
        words["delegate"] if one.by is not None else "",
        words["unreadable"] if one.words is UNREADABLE else "",
    ]
    said = one.words
    party = said.party if said.title else ""
    lines = (party, said.speciality, said.address, said.note, ", ".join(filter(None, beside)))
    told = "".join(f'<p class="text">{escape(line)}</p>' for line in lines if line)
    return f"<article><h2>{escape(when)}</h2><h3>{escape(said.title or said.party)}</h3>{told}</article>\n".encode()


def _hour(one: Entry, language: Language) -> str:
    clock = clock_name(one.zone, code=language.code)
    return f"{one.local:%H:%M}" + (f" ({clock})" if clock else "")


async def agenda_bundle(copy: CopiedAgenda) -> AsyncIterator[bytes]:
    """Yield the same as one FHIR R4 Bundle (collection)."""
    yield b'{"resourceType":"Bundle","type":"collection","entry":['
    first = True
    async for one in copy.entries():
        if one.words is UNREADABLE:  # the page says which
            continue
        make = to_task if one.kind is Kind.REMINDER else to_appointment
        line = {"fullUrl": f"urn:uuid:{one.entry_id}", "resource": make(one, patient=copy.name)}
        yield (b"\n" if first else b",\n") + msgspec.json.encode(line)
        first = False
    yield b"]}\n"


def to_appointment(one: Entry, *, patient: str) -> dict[str, Any]:
    """Return an appointment as FHIR R4 Appointment. patient: the person's name."""
    said, moment = one.words, one.local.isoformat()
    actors = [("Patient", patient), ("", said.party), ("Location", said.address)]
    return {
        "resourceType": "Appointment",
        "id": str(one.entry_id),
        "status": str(one.status),
        **({"specialty": [{"text": said.speciality}]} if said.speciality else {}),
        **({"description": said.title} if said.title else {}),
        "start": moment,
        "end": moment,
        "created": one.recorded_at.isoformat(),
        **({"comment": said.note} if said.note else {}),
        "participant": [
            {"actor": ({"type": kind} if kind else {}) | {"display": name}, "status": "accepted"}
            for kind, name in actors
            if name
        ],
    }


def to_task(one: Entry, *, patient: str) -> dict[str, Any]:
    """Return a reminder as FHIR R4 Task. patient: the person's name."""
    return {
        "resourceType": "Task",
        "id": str(one.entry_id),
        "status": "requested",
        "intent": "plan",
        "description": one.words.title,
        "for": {"type": "Patient", "display": patient},
        "executionPeriod": {"start": one.day.isoformat(), "end": one.day.isoformat()},
        "authoredOn": one.recorded_at.isoformat(),
        **({"note": [{"text": one.words.note}]} if one.words.note else {}),
    }
