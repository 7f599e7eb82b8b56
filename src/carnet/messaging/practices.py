"""The shapes of what a practice accepts from persons, and of what a person asks of it.

What a practice says is public and about no person; what a person asks is part of their message, sealed with it.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

LONGEST_AUTOMATIC: Final = 1000
LONGEST_INSTEAD: Final = 200
MOST_OPENINGS: Final = 14
MOST_ABSENCES: Final = 20
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class RequestKind(StrEnum):
    """What a person may ask with a short form instead of a blank page."""

    RENEWAL = "renewal"
    CERTIFICATE = "certificate"
    RESULT = "result-question"
    ADMIN = "administrative"


class Period(StrEnum):
    """What a quota counts in, by the calendar of Paris: a day, a week from Monday, a month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Quota(msgspec.Struct, frozen=True):
    """How many requests one person may make in one period."""

    requests: int
    per: Period


class Opening(msgspec.Struct, frozen=True):
    """When messages are read. days: ISO, 1 is Monday; opens, closes: HH:MM in Paris."""

    days: tuple[int, ...]
    opens: str
    closes: str


class Absence(msgspec.Struct, frozen=True):
    """When nobody reads them, both days included. instead: whom to reach meanwhile, in the words of the practice."""

    first: date
    last: date
    instead: str = ""


class PracticeRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a mailbox accepts from persons. kinds: empty leaves the blank page; answer_days: working days until an
    answer may be expected; automatic: what is answered at once, shown as automatic; automatic_english:
    the same for who reads English, "" for the same words; free_answers: whether a message of
    the practice may be answered in one's own words; visitors: whether a pharmacy takes messages from who visited it.
    """

    kinds: tuple[RequestKind, ...] = ()
    hours: tuple[Opening, ...] = ()
    absences: tuple[Absence, ...] = ()
    quota: Quota | None = None
    answer_days: int | None = None
    automatic: str = ""
    automatic_english: str = ""
    free_answers: bool = True
    visitors: bool = True


class SetBy(StrEnum):
    """Which way they were set."""

    PAGE = "page"
    FHIR = "fhir"
    MAIL = "mail"


class KnownRules(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one mailbox, and how and when they were set."""

    address: str
    rules: PracticeRules
    way: SetBy
    set_at: datetime

    @property
    def version(self) -> str:
        """What names this state of the rules, for who changes only what they have read."""
        return version_of(self.set_at)


def version_of(set_at: datetime) -> str:
    """Return the name of the rules set at that moment: its microseconds since 1970."""
    return str((set_at - _BEGINNING) // timedelta(microseconds=1))


class OwnedMailbox(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox as the directory knows its owner, red list included. kind: PER, ORG, APP or CAB."""

    address: str
    kind: str
    rpps: str | None
    finess: str | None
    label: str
    red_list: bool = False


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks with a form: the kind and what they wrote in each of its fields."""

    kind: RequestKind
    said: dict[str, str] = {}
