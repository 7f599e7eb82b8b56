"""What every door of pages answers alike to a refusal or a fault: the status, and what the log may say.

The words are each door's own.
"""

from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from litestar import Request

from carnet.infra.telemetry import log
from carnet.kernel.errors import (
    CarnetError,
    Conflict,
    Invalid,
    NotFound,
    Refused,
    TooLarge,
    Unavailable,
    Unsupported,
)

NOT_FOUND: Final = 404
SERVER_ERROR: Final = 500
UNAVAILABLE: Final = 503
_STATUSES: Final[tuple[tuple[type[CarnetError], int], ...]] = (
    (NotFound, NOT_FOUND),
    (Refused, 403),
    (TooLarge, 413),
    (Unsupported, 415),
    (Conflict, 409),
    (Invalid, 400),
    (Unavailable, UNAVAILABLE),
)


def status_of(error: CarnetError) -> int:
    """Return the HTTP status of what the domain refused."""
    return next((status for kind, status in _STATUSES if isinstance(error, kind)), 400)


def told(error: CarnetError, language: str) -> str:
    """Return what the domain said in `language`; nothing of what was not found: all of it reads alike."""
    return error.problems[0].text(language) if error.problems and not isinstance(error, NotFound) else ""


def reference_of(request: Request[Any, Any, Any], status: int) -> str:
    """Return what a person may quote about a fault of ours, nothing for a status that is none."""
    return str(getattr(request.state, "request_id", "")) if status >= SERVER_ERROR else ""


def log_crash(request: Request[Any, Any, Any], error: Exception) -> None:
    """Write a fault of ours down: its kind and place, never its words (they may hold health)."""
    where = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-6:]]
    log.error("crash", request=getattr(request.state, "request_id", ""), kind=type(error).__name__, where=where)
