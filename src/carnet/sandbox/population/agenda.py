"""What personas wrote in their agendas, in days around the first start: believable whenever a demo is begun.

One file holds it, `agenda.toml`. Ignores public holidays, and how an agenda keeps anything: `config` writes it there.
"""

from datetime import date, timedelta
from pathlib import Path

import msgspec

from carnet.sandbox.population.data import Population

FILE = Path(__file__).with_name("agenda.toml")
_FRIDAY, _WEEK = 4, 7


class Noted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry. whose, by, professional: logins; place: key of an organisation. hour: "09:15", "" for a reminder.

    days: from the first day, before it when negative; noted, cancelled: how many days before it that was done.
    """

    whose: str
    title: str
    days: int
    hour: str = ""
    professional: str = ""
    place: str = ""
    speciality: str = ""
    note: str = ""
    by: str = ""
    noted: int = 0
    cancelled: int | None = None

    def day(self, today: date) -> date:
        """The day it is on; a week-end is moved away from the first day, to Monday or to Friday."""
        found = today + timedelta(days=self.days)
        past_friday = max(0, found.weekday() - _FRIDAY)
        if not past_friday:
            return found
        return found + timedelta(days=_WEEK - found.weekday() if self.days > 0 else -past_friday)

    def party(self, people: Population) -> str:
        """With whom it is, as people write it; "" for a reminder."""
        if self.professional:
            return people.professional(self.professional).display
        return people.organisation(self.place).name if self.place else ""

    def address(self, people: Population) -> str:
        """Where it is, the name of the place on a line of its own when `party` is somebody; "" for a reminder."""
        if not (self.professional or self.place):
            return ""
        place = people.workplace(people.professional(self.professional)) if self.professional else None
        where = (place or people.organisation(self.place)).address
        return (f"{place.name}\n" if place else "") + f"{where.number} {where.street}, {where.city}"


class _Agenda(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    entry: tuple[Noted, ...]


def load_agenda() -> tuple[Noted, ...]:
    """Every entry, in the order they were written. msgspec.ValidationError when the file is malformed."""
    found = msgspec.toml.decode(FILE.read_bytes(), type=_Agenda).entry
    return tuple(sorted(found, key=lambda one: -one.noted))
