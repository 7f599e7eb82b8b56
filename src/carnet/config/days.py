"""How a day is written in a setting: as ISO 8601 has it, 2027-01-11."""

from datetime import date


def optional_day(value: str) -> date | None:
    """Read a day, or none; raise ValueError."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise ValueError("must be a day, written like 2027-01-11") from None
