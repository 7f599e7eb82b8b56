"""How does this professional like their pages? Kept by RPPS, about no patient."""

import msgspec

from carnet.infra.db.work import Statement, rows_of_one
from carnet.kernel.actors import Actor

_PREFERENCES = "SELECT first_categories, shortcuts FROM professional_preference WHERE rpps = %(rpps)s"


class DeskPreferences(msgspec.Struct, frozen=True, kw_only=True):
    """first_categories: shown before the others, in this order. shortcuts: keys of one letter act (WCAG 2.1.4)."""

    first_categories: tuple[str, ...] = ()
    shortcuts: bool = True


async def desk_preferences(*, actor: Actor) -> DeskPreferences:
    """Return what the professional chose, or what everybody begins with."""
    rows = await rows_of_one(Statement(_PREFERENCES, {"rpps": actor.rpps}))
    if not rows:
        return DeskPreferences()
    first, shortcuts = rows[0]
    return DeskPreferences(first_categories=tuple(first), shortcuts=shortcuts)
