"""What may be written in an agenda, and when it is told of. Pure. Sources: mes.md §2.6 G1, G2, G5."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from carnet.agenda.data import Kind, Said, Words
from carnet.agenda.errors import (
    BAD_DAY,
    BAD_HOUR,
    FAR_DAY,
    LONGEST,
    NO_PARTY,
    NO_TITLE,
    PAST_DAY,
    SKIPPED_HOUR,
    too_long,
)
from carnet.kernel.errors import Invalid

YEARS_AHEAD, YEARS_BACK = 10, 100
_YEAR = timedelta(days=366)
Read = TypeVar("Read")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A checked entry: its words trimmed, its hour and the midnight of the day it is told of as instants (UTC)."""

    kind: Kind
    words: Words
    starts_at: datetime
    due_at: datetime


def check_said(said: Said, *, zone: str, at: datetime) -> Written:
    """Return the entry as it will be kept. zone: IANA, by whose clock it was typed. Raises Invalid, every problem."""
    words = Words(**{name: _tidy(name, text) for name, text in msgspec.structs.asdict(said.words).items()})
    missing = {Kind.APPOINTMENT: (words.party, NO_PARTY), Kind.REMINDER: (words.title, NO_TITLE)}[said.kind]
    problems = [] if missing[0] else [missing[1]]
    where = ZoneInfo(zone)
    try:
        starts_at = _moment(said, where=where, at=at)
    except Invalid as refusal:
        problems += refusal.problems
    problems += [too_long(name) for name, most in LONGEST.items() if len(getattr(words, name)) > most]
    if problems:
        raise Invalid(*problems)
    return Written(kind=said.kind, words=words, starts_at=starts_at, due_at=told_on(said.kind, starts_at, zone=zone))


def told_on(kind: Kind, starts_at: datetime, *, zone: str) -> datetime:
    """Return the midnight, by the clock of `zone`, of the day on which an entry is told of: the day before an
    appointment, the day of a reminder.
    """
    where = ZoneInfo(zone)
    day = starts_at.astimezone(where).date() - timedelta(days=kind is Kind.APPOINTMENT)
    return _midnight(day, where)


def _tidy(name: str, text: str) -> str:
    lines = (" ".join(line.split()) for line in text.strip().splitlines())
    return ("\n" if name in {"note", "address"} else " ").join(lines).strip()


def _moment(said: Said, *, where: ZoneInfo, at: datetime) -> datetime:
    day, hour = _read(date.fromisoformat, said.day), _read(time.fromisoformat, said.hour)
    today = at.astimezone(where).date()
    problems = [BAD_DAY] if day is None else []
    if day is not None and not today - YEARS_BACK * _YEAR <= day <= today + YEARS_AHEAD * _YEAR:
        problems.append(FAR_DAY)
    elif day is not None and said.kind is Kind.REMINDER and day < today:
        problems.append(PAST_DAY)
    if said.kind is Kind.APPOINTMENT and hour is None:
        problems.append(BAD_HOUR)
    if problems or day is None:
        raise Invalid(*problems)
    if said.kind is Kind.REMINDER or hour is None:
        return _midnight(day, where)
    local = datetime.combine(day, hour.replace(second=0, microsecond=0, tzinfo=None))
    found = local.replace(tzinfo=where).astimezone(UTC)
    if found.astimezone(where).replace(tzinfo=None) != local:
        raise Invalid(SKIPPED_HOUR)
    return found


def _midnight(day: date, where: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), where).astimezone(UTC)


def _read(reading: Callable[[str], Read], text: str) -> Read | None:
    try:
        return reading(text)
    except ValueError:
        return None
