"""One person's language: words, dates, numbers and sizes as people read them on a page.

French sentences are the message ids; English ones come from .po files read at start (no build step). French
typography (no-break spaces before : ; ! ? and inside « ») is added here, so that templates stay plain to type.
Times are those of Paris unless a door asks for the clock of another place. Deliberately ignores where the language
choice comes from (a door decides).
"""

import copy
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from babel.core import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

Code = Literal["fr", "en"]
LANGUAGES: tuple[Code, ...] = get_args(Code)
PARIS = ZoneInfo("Europe/Paris")
DESIGN_LOCALE = Path(__file__).parent / "locale"

_NBSP = "\u00a0"
_BEFORE = re.compile(r" ([:;!?»])")
_KILO = 1000


def mark(message: str) -> str:
    """Mark a French sentence kept in a table; whoever shows it translates it with `Language.gettext`."""
    return message


@lru_cache(maxsize=4096)
def french_spaces(text: str) -> str:
    """Return `text` with the no-break spaces French typography asks for."""
    return _BEFORE.sub(_NBSP + r"\1", text).replace("« ", "«" + _NBSP)


@lru_cache(maxsize=32)
def _english(folders: tuple[Path, ...]) -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for folder in folders:
        source = folder / "en" / "LC_MESSAGES" / "carnet.po"
        with source.open("rb") as file:
            catalog = read_po(file, locale="en")
        for message in catalog:
            if not message.id or message.fuzzy:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if strings and all(strings):
                words[key] = strings
    return words


class Language:
    """Speaks one language. `locales`: folders holding `en/LC_MESSAGES/carnet.po`, the design's own is always read."""

    def __init__(self, *, code: Code, locales: Sequence[Path] = ()) -> None:
        self.code: Code = code
        self._locale = Locale.parse("fr_FR" if code == "fr" else "en_GB")
        self._words = _english((DESIGN_LOCALE, *locales)) if code == "en" else {}
        self.zone = PARIS

    def at_clock_of(self, zone: ZoneInfo) -> "Language":
        """Return the same language, whose times and days are those of another place."""
        there = copy.copy(self)
        there.zone = zone
        return there

    def gettext(self, message: str) -> str:
        """Translate one French sentence."""
        if self.code == "fr":
            return french_spaces(message)
        found = self._words.get(message)
        return found[0] if found else message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Translate with agreement: French treats 0 and 1 as singular, English only 1."""
        if self.code == "fr":
            return french_spaces(singular if abs(number) < 2 else plural)  # noqa: PLR2004 - the French rule
        found = self._words.get(singular, (singular, plural))
        return found[0] if number == 1 else found[-1]

    def long_date(self, day: date | datetime) -> str:
        """Return "samedi 21 novembre 2026", "Saturday 21 November 2026"."""
        return self._date(day, "EEEE d MMMM y")

    def plain_date(self, day: date | datetime) -> str:
        """Return "21 novembre 2026", "21 November 2026"."""
        return self._date(day, "d MMMM y")

    def short_date(self, day: date | datetime) -> str:
        """Return "21 nov. 2026", "21 Nov 2026"."""
        return self._date(day, "d MMM y")

    def month(self, day: date | datetime) -> str:
        """Return "novembre 2026", "November 2026"."""
        return self._date(day, "MMMM y")

    def time(self, at: datetime) -> str:
        """Return "14 h 05", "14:05"."""
        local = _in(self.zone, at)
        return f"{local:%-H}{_NBSP}h{_NBSP}{local:%M}" if self.code == "fr" else f"{local:%H:%M}"

    def moment(self, at: datetime) -> str:
        """Return "21 nov. 2026 à 14 h 05", "21 Nov 2026 at 14:05"."""
        return f"{self.short_date(at)}{' à ' if self.code == 'fr' else ' at '}{self.time(at)}"

    def number(self, value: float) -> str:
        """A number with this language's separators, at most one decimal."""
        return format_decimal(value, format="#,##0.#", locale=self._locale)

    def size(self, count: int) -> str:
        """Return "1,2 Mo", "1.2 MB" for a number of bytes (decimal units, as the limits are written)."""
        units = ("octets", "ko", "Mo", "Go") if self.code == "fr" else ("bytes", "kB", "MB", "GB")
        value, unit = float(count), 0
        while value >= _KILO and unit < len(units) - 1:
            value, unit = value / _KILO, unit + 1
        return f"{self.number(round(value, 1))}{_NBSP}{units[unit]}"

    def _date(self, day: date | datetime, pattern: str) -> str:
        local = _in(self.zone, day).date() if isinstance(day, datetime) else day
        text = format_date(local, format=pattern, locale=self._locale)
        if self.code == "fr" and local.day == 1 and "d " in pattern:
            return re.sub(r"(^|\s)1 ", r"\g<1>1er ", text, count=1)
        return text


def last_day(ends_at: datetime) -> date:
    """Return the last day in Paris of what ends at `ends_at`: the day before when that is midnight."""
    return (_in(PARIS, ends_at) - timedelta(microseconds=1)).date()


def _in(zone: ZoneInfo, at: date | datetime) -> datetime:
    if not isinstance(at, datetime) or at.tzinfo is None:
        msg = "a time on a page needs its offset"
        raise ValueError(msg)
    return at.astimezone(zone)
