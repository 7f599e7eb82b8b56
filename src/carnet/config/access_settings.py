"""The settings of `carnet.access`: how long rights last, how often exceptions are made. Bounded, each with its default.

The defaults are those of `AccessLimits`; a value outside its bounds is refused at start, because the law or a table's
constraint says so (an emergency may never outlast two hours, a code never be shorter than six digits).
"""

from collections.abc import Callable

import msgspec

from carnet.config.setting_values import number
from carnet.infra.installation import AccessLimits


class Bounded(msgspec.Struct, frozen=True):
    """One whole number: name of the variable, field of AccessLimits, lowest and highest value, meaning."""

    name: str
    field: str
    lowest: int
    highest: int
    meaning: str

    @property
    def default(self) -> str:
        """As `AccessLimits` has it."""
        return str(getattr(AccessLimits(), self.field))

    def reader(self) -> Callable[[str], int]:
        """Return what reads the variable; it raises ValueError outside the bounds."""

        def read(value: str) -> int:
            given = number(value)
            if not self.lowest <= given <= self.highest:
                raise ValueError(f"must be from {self.lowest} to {self.highest}")
            return given

        return read


# fmt: off - one line a setting: a table reads as a table
BOUNDED: tuple[Bounded, ...] = (
    Bounded("CARNET_EMERGENCY_MINUTES", "emergency_minutes", 1, 120, "How long an emergency access lasts."),
    Bounded("CARNET_EMERGENCY_BUDGET", "emergency_budget", 0, 1000, "Emergencies a professional opens alone in a day."),
    Bounded("CARNET_APPROVAL_MINUTES", "approval_minutes", 1, 120, "How long a request waits for a second person."),
    Bounded("CARNET_REVIEW_DAYS", "review_days", 1, 90, "Deadline to review an emergency access."),
    Bounded("CARNET_DISPUTE_DAYS", "dispute_days", 1, 90, "Deadline to answer a disputed access."),
    Bounded("CARNET_CONSULTATION_HOURS", "consultation_hours", 1, 168, "Life of a consent outside the care team."),
    Bounded("CARNET_CODE_DIGITS", "code_digits", 6, 8, "Digits of a consent code."),
    Bounded("CARNET_CODE_MINUTES", "code_minutes", 1, 60, "Life of a consent code."),
    Bounded("CARNET_CODE_TRIES", "code_tries", 1, 10, "Tries at a consent code."),
    Bounded("CARNET_HOLD_DAYS", "hold_days", 1, 60, "Longest a depositor may hold a result."),
    Bounded("CARNET_ASKED_HOURS", "asked_hours", 1, 192, "When a held result is shown once asked for (L1111-7 CSP)."),
    Bounded("CARNET_RELEASE_DAYS", "release_days", 1, 365, "When what is invisible to the person is shown anyway."),
)
# fmt: on


def access_limits(found: dict[str, object]) -> AccessLimits:
    """Take the values of these settings out of `found` and return them as the installation wants them."""
    return AccessLimits(**{one.field: found.pop(one.field) for one in BOUNDED})  # type: ignore[arg-type] # whole numbers, as read
