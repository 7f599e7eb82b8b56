"""What a practice accepts, written in one line: for the header of a mail it sends, and for the hours on its page. Pure.

`X-MSS-DEMANDES: genres=renouvellement,certificat; horaires=lun-ven 09:00-12:00 14:00-18:00, sam 09:00-12:00;
quota=2/semaine; delai=3; absence=2026-12-20/2026-12-31; reponses=formulaire; visiteurs=non; reponse*=UTF-8''Bonjour;
anglais*=UTF-8''Hello; remplacant*=UTF-8''Dr%20B`: whom to reach during the absences.
Each word once, in any order; `aucune` alone takes everything back. ASCII only; the automatic answer is percent-encoded
as RFC 8187 says. A line that is not exactly so changes nothing.
"""

import re
import urllib.parse
from datetime import date
from itertools import pairwise
from typing import Final

from carnet.kernel.errors import Invalid, Problem
from carnet.messaging.practices import Absence, Opening, Period, PracticeRules, Quota
from carnet.messaging.rules.asking import WIRE
from carnet.messaging.rules.practice_rules import HOURS_WRONG, QUOTA_WRONG, check_rules

NONE: Final = "aucune"
LONGEST: Final = 6000
DAYS: Final = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
PERIODS: Final = {"jour": Period.DAY, "semaine": Period.WEEK, "mois": Period.MONTH}
NOT_READ: Final = Problem(
    "practice-header",
    "La ligne X-MSS-DEMANDES n'est pas écrite comme il faut : rien n'a changé.",
    "The line X-MSS-DEMANDES is not written as it should be: nothing changed.",
)
_KINDS: Final = {word: kind for kind, word in WIRE.items()}
_PART: Final = re.compile(r"(?P<days>[a-z]{3}(?:-[a-z]{3})?)(?P<times>(?: [0-9:]{5}-[0-9:]{5})+)", re.ASCII)
_ENCODED: Final = re.compile(r"UTF-8''((?:[A-Za-z0-9!#$&+^_`|~.*'()-]|%[0-9A-Fa-f]{2})*)", re.ASCII | re.IGNORECASE)
_YES_NO: Final = {"oui": True, "non": False}
_FREE: Final = {"libres": True, "formulaire": False}
_MEMBER: Final = re.compile(r"\s*([a-z]+\*?)\s*=\s*(.*?)\s*", re.ASCII)


def read_hours(text: str) -> tuple[Opening, ...]:
    """Return the hours of `lun-ven 09:00-12:00 14:00-18:00, sam 09:00-12:00`; () for nothing. Raises Invalid."""
    found: list[Opening] = []
    for part in filter(None, (one.strip().lower() for one in text.split(","))):
        read = _PART.fullmatch(" ".join(part.split()))
        if read is None:
            raise Invalid(HOURS_WRONG)
        days = _days(read["days"])
        for times in read["times"].split():
            opens, _, closes = times.partition("-")
            found.append(Opening(days, opens, closes))
    return tuple(found)


def hours_text(hours: tuple[Opening, ...]) -> str:
    """Return hours as `read_hours` reads them."""
    parts: list[str] = []
    for one in hours:
        days = sorted(set(one.days))
        runs = f"{DAYS[days[0] - 1]}-{DAYS[days[-1] - 1]}" if len(days) > 1 else DAYS[days[0] - 1]
        together = all(after - before == 1 for before, after in pairwise(days))
        named = (runs,) if together else tuple(DAYS[day - 1] for day in days)
        parts.extend(f"{said} {one.opens}-{one.closes}" for said in named)
    return ", ".join(parts)


def read_quota(number: str, period: str) -> Quota | None:
    """Return a quota as typed, None for no number. Raises Invalid."""
    if not number.strip():
        return None
    if not re.fullmatch(r"[0-9]{1,3}", number.strip(), re.ASCII) or period not in PERIODS:
        raise Invalid(QUOTA_WRONG)
    return Quota(int(number), PERIODS[period])


def read_line(value: str) -> PracticeRules | None:
    """Return what a header says; None: `aucune`. Raises Invalid: nothing is to change."""
    if value.strip().lower() == NONE:
        return None
    if len(value) > LONGEST or not value.isascii():
        raise Invalid(NOT_READ)
    said: dict[str, str] = {}
    for member in filter(str.strip, value.split(";")):
        read = _MEMBER.fullmatch(member)
        if read is None or read[1] in said:
            raise Invalid(NOT_READ)
        said[read[1]] = read[2]
    try:
        rules = _rules(said)
    except (KeyError, ValueError):
        raise Invalid(NOT_READ) from None
    check_rules(rules)
    return rules


def _rules(said: dict[str, str]) -> PracticeRules:
    """Raises KeyError or ValueError for a word that is not one."""
    left = dict(said)
    number, _, period = left.pop("quota", "").partition("/")
    absences = [one.strip().partition("/") for one in left.pop("absence", "").split(",") if one.strip()]
    days, instead = left.pop("delai", ""), _decoded(left.pop("remplacant*", ""))
    rules = PracticeRules(
        kinds=tuple(dict.fromkeys(_KINDS[one.strip()] for one in left.pop("genres", "").split(",") if one.strip())),
        hours=read_hours(left.pop("horaires", "")),
        absences=tuple(Absence(date.fromisoformat(a), date.fromisoformat(b), instead) for a, _, b in absences),
        quota=read_quota(number, period),
        answer_days=int(days) if days else None,
        automatic=_decoded(left.pop("reponse*", "")),
        automatic_english=_decoded(left.pop("anglais*", "")),
        free_answers=_FREE[left.pop("reponses", "libres")],
        visitors=_YES_NO[left.pop("visiteurs", "oui")],
    )
    if left or not said:
        raise ValueError
    return rules


def _decoded(encoded: str) -> str:
    if not encoded:
        return ""
    read = _ENCODED.fullmatch(encoded)
    if read is None:
        raise ValueError
    return urllib.parse.unquote(read[1], encoding="utf-8", errors="strict").strip()


def _days(said: str) -> tuple[int, ...]:
    first, _, last = said.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise Invalid(HOURS_WRONG)
    begins, ends = DAYS.index(first) + 1, DAYS.index(last or first) + 1
    if ends < begins:
        raise Invalid(HOURS_WRONG)
    return tuple(range(begins, ends + 1))
