"""In which order the country is told: waves of départements, each with a quota a day. Data; the operator runs a wave.

Pilots first, as the real campaign began (Haute-Garonne, Loire-Atlantique, Somme: mes.md §1.3); then the others.
A quota keeps the help line reachable: nobody is told faster than questions can be answered.
"""

import msgspec

_METROPOLE = tuple(f"{number:02d}" for number in range(1, 96) if number != 20)  # noqa: PLR2004 - Corsica is 2A and 2B
_OVERSEAS = ("971", "972", "973", "974", "975", "976", "977", "978", "986", "987", "988")
ABROAD = "99"


class Wave(msgspec.Struct, frozen=True):
    """Départements told together. a_day: people told a day in each, at most."""

    departements: tuple[str, ...]
    a_day: int


PILOTS = ("31", "44", "80")
WAVES: dict[str, Wave] = {
    "1": Wave(PILOTS, 20_000),
    "2": Wave(tuple(one for one in (*_METROPOLE, "2A", "2B") if one not in PILOTS), 30_000),
    "3": Wave((*_OVERSEAS, ABROAD), 10_000),
}
"""By the name `carnet campaign notify --wave` takes."""
