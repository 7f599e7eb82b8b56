"""The insurer's file of beneficiaries: its columns, what a line must say, and who it makes (docs/campaign-format.md).

Pure. A reason for a refused line never repeats what the line holds. Ignored here: files, duplicates, storage.
"""

import re
from collections.abc import Callable
from typing import Final

import msgspec

from carnet.identity.api import parse_ins, parse_traits
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.data import Person, Reach
from carnet.spaces.rules.lifecycle import State
from carnet.spaces.rules.waves import ABROAD, CALENDAR

COLUMNS = (
    "matricule",
    "oid",
    "nom_naissance",
    "prenoms",
    "sexe",
    "date_naissance",
    "lieu_naissance",
    "nom_usage",
    "email",
    "telephone",
    "adresse",
    "code_postal",
    "commune",
    "representants",
    "evenement",
)
SEPARATOR = ";"
INSIDE = "|"
"""Between several given names, address lines or representatives in one field."""

EVENTS = {
    "": State.ELIGIBLE,
    "droits": State.ELIGIBLE,
    "naissance": State.ELIGIBLE,
    "fin-droits": State.NOT_ELIGIBLE,
    "deces": State.DECEASED,
}
"""What a line says happened, and the state it leads to."""

_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])")
_POSTCODE = re.compile(r"[0-9]{5}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_MOST = 60
"""Signs of a line of the address: a line of post has 38 (NF Z 10-011); what is longer is printed smaller."""
_MOST_LINES = 5
_MOST_REPRESENTATIVES = 2
_TOLD: Final = frozenset(CALENDAR)
_OVERSEAS, _CORSICA, _CORSICA_NORTH = ("97", "98"), "20", "20200"


class Beneficiary(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the file, sealed as one JSON until their space has its own keys."""

    person: Person
    reach: Reach

    def __repr__(self) -> str:
        return "Beneficiary(<hidden>)"


class Line(msgspec.Struct, frozen=True):
    """A line that can be stored. target: where its event leads."""

    beneficiary: Beneficiary
    departement: str
    target: State


def problem(code: str, fr: str, en: str, path: str | None = None) -> Problem:
    """Return a reason for a refused line."""
    return Problem(code=code, fr=fr, en=en, path=path)


FUTURE = problem("date-in-future", "La date de naissance est dans le futur.", "The birth date is in the future.")
NO_DATE = problem("birth-date-missing", "La date de naissance manque.", "The birth date is missing.")
EVENT = problem("event-unknown", "Cet évènement est inconnu.", "This event is unknown.")
POSTCODE = problem("postcode", "Le code postal n'a pas 5 chiffres.", "The postcode does not have 5 digits.")
UNREACHABLE = problem(
    "no-way-to-tell",
    "L'adresse postale est incomplète : cette personne ne pourrait pas être informée si un e-mail revenait.",
    "The postal address is incomplete: this person could not be told if an e-mail came back.",
)
ADDRESS = problem("address", "L'adresse est trop longue ou illisible.", "The address is too long or unreadable.")
COLUMN_COUNT = problem(
    "columns",
    f"La ligne n'a pas les {len(COLUMNS)} colonnes attendues (coupée, ou des colonnes en trop).",
    f"The line does not have the {len(COLUMNS)} columns expected (cut, or too many).",
)
UNENDED = problem(
    "unended",
    "La dernière ligne n'est pas terminée : le fichier est sans doute coupé. Cette ligne n'a pas été lue.",
    "The last line does not end: the file is probably cut. This line was not read.",
)
ENCODING = problem("encoding", "La ligne n'est pas en UTF-8.", "The line is not UTF-8.")
QUOTES = problem("quotes", "Des guillemets ne sont pas fermés.", "Quotes are not closed.")
CONTRADICTS = problem(
    "contradicts",
    "Cet INS est déjà connu avec un autre nom de naissance, sexe ou date de naissance.",
    "This INS is already known with another birth name, sex or birth date.",
)
SPACE_OPEN = problem(
    "space-open",
    "Cette personne a déjà un espace : cette ligne n'y change rien, à traiter à la main.",
    "This person has a space already: this line changes nothing there, to be dealt with by hand.",
)
DEATH_CONTESTED = problem(
    "death-contested",
    "Un décès de cette personne a déjà été noté par erreur : à vérifier avant d'en noter un autre.",
    "A death of this person was noted by mistake before: to be checked before another is noted.",
)


def read_fields(fields: list[str], *, today: Callable[[str], str], oids: frozenset[str]) -> Line:
    """Return what a line says. today: of a département, its civil date (ISO).

    Raises Invalid with the first reason it cannot stand.
    """
    if len(fields) != len(COLUMNS):
        raise Invalid(COLUMN_COUNT)
    (matricule, oid, name, given, sex, born, place, usual, email, phone, address, postcode, town, others, event) = (
        fields
    )
    target = EVENTS.get(event)
    if target is None:
        raise Invalid(EVENT)
    ins = parse_ins(matricule=matricule, oid=oid, accepted_oids=oids)
    traits = parse_traits(
        birth_name=name,
        given_names=tuple(given.split(INSIDE)) if given else (),
        sex=sex,
        birth_date=born or None,
        birth_place=place or None,
        usual_name=usual or None,
    )
    if traits.birth_date is None:
        raise Invalid(NO_DATE)
    reach = _reach(email, phone, address, postcode, town)
    departement = departement_of(postcode)
    if traits.birth_date > today(departement):
        raise Invalid(FUTURE)
    if others:
        named = tuple(parse_ins(matricule=one, oid=oid, accepted_oids=oids).matricule for one in others.split(INSIDE))
        reach = msgspec.structs.replace(reach, representatives=named[:_MOST_REPRESENTATIVES])
    beneficiary = Beneficiary(person=Person(ins=ins, traits=traits), reach=reach)
    return Line(beneficiary, departement, target)


def departement_of(postcode: str) -> str:
    """Return the département a postcode lies in: "31", "2A" or "2B" for Corsica, three digits overseas.

    Any other (abroad, Monaco, the armed forces, a mistake) is "99": nobody is left to a wave that never comes.
    """
    if postcode.startswith(_CORSICA):
        return "2A" if postcode < _CORSICA_NORTH else "2B"
    found = postcode[:3] if postcode.startswith(_OVERSEAS) else postcode[:2]
    return found if found in _TOLD else ABROAD


def _reach(email: str, phone: str, address: str, postcode: str, town: str) -> Reach:
    """Read how to tell somebody. What is not an e-mail address is left out: a letter goes instead."""
    if _POSTCODE.fullmatch(postcode) is None:
        raise Invalid(POSTCODE)
    lines = tuple(one for one in (part.strip() for part in address.split(INSIDE)) if one)
    texts = (*lines, town, phone)
    if len(lines) > _MOST_LINES or any(len(one) > _MOST or _CONTROL.search(one) for one in texts):
        raise Invalid(ADDRESS)
    usable = email if email and _EMAIL.fullmatch(email) else None
    if not (lines and town):
        raise Invalid(UNREACHABLE)
    return Reach(email=usable, phone=phone or None, lines=lines, postcode=postcode, town=town)
