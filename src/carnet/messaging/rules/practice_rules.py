"""What a practice may set about its mailbox, who may set it, and when a quota begins anew. Pure.

The sentence about emergencies is no setting: every page says it.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import Invalid, Problem
from carnet.kernel.legal_day import PARIS, legal_day
from carnet.messaging.practices import (
    LONGEST_AUTOMATIC,
    LONGEST_INSTEAD,
    MOST_ABSENCES,
    MOST_OPENINGS,
    Absence,
    OwnedMailbox,
    Period,
    PracticeRules,
    Quota,
)

MOST_REQUESTS: Final = 100
MOST_DAYS: Final = 60
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_UNWRITTEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SHARED: Final = frozenset({"ORG", "CAB"})


class _Words(msgspec.Struct, frozen=True):
    """Our own sentences of an automatic answer."""

    closed: str
    absent: str
    instead: str


_WORDS: Final = {
    "fr": _Words(
        "Fermé en ce moment : votre demande sera remise le {when:%d/%m/%Y à %H:%M}.",
        "Absence jusqu'au {last:%d/%m/%Y} inclus. Votre message est remis quand même.",
        "En attendant : {whom}",
    ),
    "en": _Words(
        "Closed right now: your request will be handed over on {when:%d/%m/%Y at %H:%M}.",
        "Away until {last:%d/%m/%Y} inclusive. Your message is handed over all the same.",
        "Meanwhile: {whom}",
    ),
}
HOURS_WRONG: Final = Problem(
    "practice-hours",
    "Des horaires vont d'une heure à une heure plus tardive, pour au moins un jour (par exemple 09:00 à 18:00).",
    "Hours go from a time to a later one, on at least one day (for instance 09:00 to 18:00).",
    "horaires",
)
ABSENCE_WRONG: Final = Problem(
    "practice-absence",
    "Une absence va d'un jour à un jour qui ne le précède pas.",
    "An absence goes from a day to one that is not before it.",
    "absence",
)
HOURS_MANY: Final = Problem("practice-hours", "Au plus 14 plages horaires.", "At most 14 times of opening.", "horaires")
ABSENCES_MANY: Final = Problem("practice-absence", "Au plus 20 absences.", "At most 20 absences.", "absence")
QUOTA_WRONG: Final = Problem(
    "practice-quota",
    "Indiquez un nombre de demandes entre 1 et 100, par jour, semaine ou mois.",
    "Give a number of requests from 1 to 100, a day, week or month.",
    "quota",
)
DAYS_WRONG: Final = Problem(
    "practice-days", "Indiquez un délai entre 1 et 60 jours ouvrés.", "Give from 1 to 60 working days.", "delai"
)
AUTOMATIC_LONG: Final = Problem(
    "practice-automatic",
    "La réponse automatique compte au plus 1 000 caractères.",
    "The automatic answer has at most 1,000 characters.",
    "automatique",
)
AUTOMATIC_ODD: Final = Problem(
    "practice-automatic-odd",
    "La réponse automatique contient un caractère qui ne s'écrit pas.",
    "The automatic answer holds a character that cannot be written.",
    "automatique",
)


INSTEAD_LONG: Final = Problem(
    "practice-instead",
    "Qui joindre pendant l'absence : au plus 200 caractères, sur une ligne.",
    "Whom to reach meanwhile: at most 200 characters, on one line.",
    "absent_remplacant",
)


def check_rules(rules: PracticeRules) -> None:
    """Raise Invalid with everything that is wrong with what a practice set."""
    problems = tuple(dict.fromkeys(_wrong(rules)))
    if problems:
        raise Invalid(*problems)


def may_set(actor: Actor, mailbox: OwnedMailbox) -> bool:
    """Whether `actor` sets the rules of this mailbox: its professional; whoever works at the place it belongs to, for a
    mailbox people share; the software of that place.

    A professional's own mailbox is theirs alone, also where they work. The directory names nobody as running a shared
    one (decision 0150).
    """
    if not actor.strong or actor.acts_for is not None:
        return False
    at_place = mailbox.finess is not None and mailbox.finess == actor.organisation
    if actor.kind is ActorKind.PROFESSIONAL:
        own = mailbox.rpps is not None and mailbox.rpps == actor.rpps
        return own or (mailbox.kind in _SHARED and mailbox.rpps is None and at_place)
    return actor.kind is ActorKind.SOFTWARE and mailbox.kind != "PER" and at_place


def reads(actor: Actor, mailbox: OwnedMailbox) -> bool:
    """Whether `actor` reads the mail of this mailbox and writes from it: its professional; for one people share (ORG,
    CAB), the professionals of the place, as their signed identity says now (decision 0217).
    """
    if not actor.strong or actor.rpps is None:
        return False
    shared = mailbox.kind in _SHARED and mailbox.rpps is None
    at_place = mailbox.finess is not None and mailbox.finess == actor.organisation
    return (mailbox.kind == "PER" and mailbox.rpps == actor.rpps) or (shared and at_place)


def begins(quota: Quota, *, at: datetime) -> date:
    """Return the day on which the period in force began."""
    today = legal_day(at)
    if quota.per is Period.WEEK:
        return today - timedelta(days=today.weekday())
    return today.replace(day=1) if quota.per is Period.MONTH else today


def begins_again(quota: Quota, *, at: datetime) -> date:
    """Return the day on which the next period begins."""
    first = begins(quota, at=at)
    if quota.per is Period.MONTH:
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if quota.per is Period.WEEK else 1)


def away(rules: PracticeRules, *, at: datetime) -> Absence | None:
    """Return the absence in force, of several the one that ends last; None when there is none."""
    today = legal_day(at)
    now = (one for one in rules.absences if one.first <= today <= one.last)
    return max(now, key=lambda one: one.last, default=None)


def opens_again(rules: PracticeRules, *, at: datetime) -> datetime | None:
    """Return when messages are read next, by the clock of Paris; None when they are read now, or no hours were set."""
    here = at.astimezone(PARIS)
    week = (here.date() + timedelta(days=ahead) for ahead in range(8))
    moments = ((day, one) for day in week for one in rules.hours if day.isoweekday() in one.days)
    times = [(_moment(day, one.opens), _moment(day, one.closes)) for day, one in moments]
    if not times or any(opens <= here < closes for opens, closes in times):
        return None
    return min(opens for opens, _ in times if opens > here)


def automatic(rules: PracticeRules, opens: datetime | None, *, language: str, at: datetime) -> str:
    """Return what a practice answers at once, to be kept with the message; "" for nothing. Absences hold nothing back:
    the message is handed over, the person learns until when and whom to reach meanwhile (decision 0218).

    opens: when the message is handed over, None for at once. What the practice wrote in French only stays French.
    """
    words, gone = _WORDS.get(language, _WORDS["fr"]), away(rules, at=at)
    said = (
        words.closed.format(when=opens) if opens else "",
        words.absent.format(last=gone.last) if gone else "",
        words.instead.format(whom=gone.instead) if gone and gone.instead else "",
        ((rules.automatic_english if language == "en" else "") or rules.automatic).strip(),
    )
    return "\n".join(one for one in said if one)


def _moment(day: date, time: str) -> datetime:
    hour, minute = time.split(":")
    return datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=PARIS)


def _wrong(rules: PracticeRules) -> Iterator[Problem]:
    if len(rules.hours) > MOST_OPENINGS:
        yield HOURS_MANY
    for one in rules.hours:
        days = set(one.days)
        times = _TIME.fullmatch(one.opens) and _TIME.fullmatch(one.closes) and one.opens < one.closes
        if not times or not days or not days <= set(range(1, 8)):
            yield HOURS_WRONG
    if len(rules.absences) > MOST_ABSENCES:
        yield ABSENCES_MANY
    if any(one.last < one.first for one in rules.absences):
        yield ABSENCE_WRONG
    if rules.quota is not None and not 1 <= rules.quota.requests <= MOST_REQUESTS:
        yield QUOTA_WRONG
    if rules.answer_days is not None and not 1 <= rules.answer_days <= MOST_DAYS:
        yield DAYS_WRONG
    if any(len(one.instead) > LONGEST_INSTEAD or not one.instead.isprintable() for one in rules.absences):
        yield INSTEAD_LONG
    if len(rules.automatic) > LONGEST_AUTOMATIC or len(rules.automatic_english) > LONGEST_AUTOMATIC:
        yield AUTOMATIC_LONG
    if _UNWRITTEN.search(rules.automatic + rules.automatic_english):
        yield AUTOMATIC_ODD
