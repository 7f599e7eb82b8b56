"""Guardians: asked for in a contact with the scanned judgment, answered by another agent. No space is shown."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from carnet.access.api import (
    NOBODY_THERE,
    AskedGuardianship,
    GuardianshipRequest,
    Judgment,
    Measure,
    answer_guardianship,
    ask_guardianship,
    lacking,
    list_guardianships,
    see_guardianship,
    see_judgment,
)
from carnet.interfaces.desk.asking import OpenContact, letter_in, numbers_in, traits_in
from carnet.interfaces.desk.guardianship_letter import LAW, said
from carnet.interfaces.desk.presenters.guardianship import GUARDIANSHIP
from carnet.interfaces.desk.two_agents import FIELD, Matter, Submitted, routes_of
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.api import Channel, Letter

_PERSON: Final = ("nom", "prenom", "naissance")
_GUARDIAN: Final = ("tuteur_nom", "tuteur_prenom", "tuteur_naissance")
FIELDS: Final = (*_PERSON, "ins", *_GUARDIAN, "mesure", "tribunal", "jugement", "numero", "fin")


async def _record(sent: Submitted) -> tuple[UUID, str]:
    """Record what the judgment says."""
    judgment = _judgment(sent.typed, proof=await letter_in(sent.form))
    asked = _asked(sent.typed, judgment, missing=lacking(judgment, at=sent.at))
    return await ask_guardianship(actor=sent.actor, contact=sent.contact, asked=asked, at=sent.at), "guardianship-asked"


def _judgment(typed: Mapping[str, str], *, proof: Letter | None) -> Judgment:
    return Judgment(
        measure=next((one for one in Measure if typed["mesure"] == str(one)), None),
        court=typed["tribunal"],
        judged_on=_day(typed["jugement"]),
        number=typed["numero"],
        until=_day(typed["fin"]),
        proof=proof,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _asked(typed: Mapping[str, str], judgment: Judgment, *, missing: tuple[Problem, ...]) -> AskedGuardianship:
    """Return what was typed. missing: what the judgment lacks. Raises Invalid, by the fields' names."""
    problems: list[Problem] = []
    person = traits_in(typed, _PERSON, problems)
    numbers = numbers_in(typed["ins"], problems)
    guardian = traits_in(typed, _GUARDIAN, problems)
    problems += missing
    if person is None or guardian is None or problems:
        raise Invalid(*problems)
    return AskedGuardianship(person=person, guardian=guardian, numbers=numbers, judgment=judgment)


def _offers(opened: OpenContact, problems: tuple[Problem, ...]) -> bool:
    """On the phone nobody shows a judgment: the form is not offered there, only why it was refused."""
    return bool(problems) or opened.contact.channel is not Channel.PHONE


_MATTER: Final[Matter[GuardianshipRequest]] = Matter(
    kind=GUARDIANSHIP,
    fields=dict.fromkeys(FIELDS, FIELD),
    offers=_offers,
    record=_record,
    nobody=NOBODY_THERE,
    listed=list_guardianships,
    see=see_guardianship,
    see_scan=see_judgment,
    answer=answer_guardianship,
    granted_notice="guardianship-granted",
    refused_notice="guardianship-refused",
    scan="jugement",
    said=said,
    law=LAW,
)
ROUTES: Final = routes_of(_MATTER)
