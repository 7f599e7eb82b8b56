"""Who signs for an organisation is worked out once, not with each document (decision 0196).

For functions that look at nothing but what they are given. What is remembered is bounded in number and in size; nobody
at home (a person without an organisation) may be: callers see to that.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

MOST: Final = 512
LONGEST: Final = 4096
_T = TypeVar("_T")


def remembering(work_out: Callable[..., _T]) -> Callable[..., _T]:
    """Return `work_out` with a memory of its own, told apart by every character of its arguments."""
    known: dict[bytes, _T] = {}

    def ask(*about: msgspec.Struct | str) -> _T:
        written = msgspec.json.encode(about)
        if written in known:
            return known[written]
        found = work_out(*about)
        if len(written) <= LONGEST:
            if len(known) >= MOST:
                known.clear()
            known[written] = found
        return found

    return ask
