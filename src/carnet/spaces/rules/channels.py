"""How somebody reaches us about the life of their space."""

from enum import StrEnum


class Channel(StrEnum):
    """How somebody says no, or takes it back (mes.md §1.2 R4)."""

    ON_LINE = "on-line"
    PHONE = "phone"
    COUNTER = "counter"
    POST = "post"
