"""What the agenda tells: ids and days, never a word of what is written."""

from datetime import datetime
from uuid import UUID

import msgspec


class AgendaDue(msgspec.Struct, frozen=True, tag=True):
    """The day on which an entry of `space` is told of began. due_at: its midnight, by the clock where the person lives;
    an entry moved since has another.
    """

    space: UUID
    entry: UUID
    due_at: datetime
