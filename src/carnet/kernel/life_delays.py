"""How long the life of a space waits: numbers the law gives and settings may change; what they count is in `spaces`."""

import msgspec


class LifeDelays(msgspec.Struct, frozen=True, kw_only=True):
    """How long a space's life waits (see `docs/lifecycle.md` for the law behind each).

    objection_days: from the sending of the information to the opening; suspension_days: from a suspension to the
    closing; archive_years: from closing or death to erasure; deletion_months: an express deletion, at the latest;
    deletion_days: how long an express deletion may be cancelled, within those months; code_days: life of a provisional
    code; code_tries: wrong birth dates beside a right code; source_tries: wrong codes from one source in an hour.
    """

    objection_days: int = 42
    suspension_days: int = 42
    archive_years: int = 10
    deletion_months: int = 3
    deletion_days: int = 30
    code_days: int = 42
    code_tries: int = 5
    source_tries: int = 10
