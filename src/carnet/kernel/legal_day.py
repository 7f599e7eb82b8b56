"""On which day does something happen, for French law? The calendar day in Paris, whatever the clock of a server says.

A rule that takes effect "on 22 November" holds from midnight in Paris, an hour or two before that of UTC.
"""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")


def legal_day(at: datetime) -> date:
    """Return the day of a moment (with its time zone) in metropolitan France."""
    return at.astimezone(PARIS).date()
