"""What a request makes the house do, counted: the deterministic side of time.

Two answers that cost the same work take the same time, but for chance; a clock shows that only after thousands of
tries, and on a quiet machine. So the work itself is written down, in its order: each statement PostgreSQL was sent with
the bytes of its parameters, the rows and bytes that came back (`wire.py`); each text opened or sealed with a key, each
digest made with one; each content opened, stored or read; each round trip. What PostgreSQL does inside, where hidden
rows are filtered, and what Python does between two of these steps is not seen.
"""

import contextlib
import difflib
import functools
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest

from carnet.infra.blobs.local import LocalBlobs
from carnet.infra.blobs.segments import SegmentOpener
from carnet.infra.vault.frames import FrameCipher
from carnet.infra.vault.key_ring import KeyRing
from carnet.infra.vault.space_keys import SpaceKeys
from factories.wire import Run

_OF_THE_PROCESS = "LISTEN "
"""One connection hears the news for everybody, from the first who waits for them on."""
_LENGTH = struct.Struct("<Q")
_steps: list[list["Run | Step"]] = []


class Step(msgspec.Struct, frozen=True):
    """One step of the work: what it was; bytes sent or handled; rows and bytes that came back, for a statement."""

    what: str
    sent: int = 0
    rows: int = 0
    received: int = 0

    def __str__(self) -> str:
        return f"{self.what} | {self.sent} bytes sent, {self.rows} rows of {self.received} bytes"


class Excused(msgspec.Struct, frozen=True, kw_only=True):
    """A step that may differ where something is hidden, and why.

    most: bytes, sent or come back a row; where None, how often it is done and with how much. asked: what begins the
    requests it is excused in.
    """

    words: str
    why: str
    most: int | None
    asked: str = ""


EXCUSED = (
    Excused(
        words="'restriction_id'",
        why="A person's wishes come with the facts of their space, whatever is asked: they say what is hidden.",
        most=4_000,
    ),
    Excused(
        words="near.before",
        why="A version whose successor may not be known of is told as it was before that came (decision 0130).",
        most=200,
    ),
    Excused(words="document d", why="Such a version is stored as superseded: three letters longer.", most=4),
    Excused(words="document.resource_enc", why="Likewise, sealed.", most=4),
    Excused(words="contact_enc", why="An address for what is kept apart lies beside the other one.", most=80),
    Excused(words="journal_entry e", why="Numbers of entries grow by a digit.", most=1),
    Excused(
        words="journal_append",
        why="The trace of a refusal names the document there is and the reason: that is what it is for.",
        most=100,
    ),
    Excused(
        words="ORDER BY d.version FOR UPDATE",
        why="An act on a document one names locks its versions, and reads them to say who may.",
        most=None,
    ),
    Excused(
        words="ANY($2::bytea[])",
        why="A deposit under an identifier somebody else gave reads what has it, to leave it alone.",
        most=None,
        asked="POST /fhir",
    ),
    Excused(
        words="ANY($3::uuid[])",
        why="Likewise what a deposit says it replaces.",
        most=None,
        asked="POST /fhir",
    ),
    *(
        Excused(
            words=words,
            why="Codes belong to every version: what hides one hides all.",
            most=None,
            asked="POST /documents/",
        )
        for words in ("UPDATE document SET masque_ps", "document.resource_enc", "document.summary_enc")
    ),
)


def heard(run: Run) -> None:
    """Take down one statement; give it to a `Wire`."""
    if _steps and not run.sql.startswith(_OF_THE_PROCESS):
        _steps[-1].append(run)


@contextlib.contextmanager
def labour() -> Iterator[list[Step]]:
    """Collect the work of what happens in the block, there once it ended."""
    told: list[Step] = []
    steps: list[Run | Step] = []
    _steps.append(steps)
    try:
        with _watched():
            yield told
    finally:
        _steps.remove(steps)
        told += [one if isinstance(one, Step) else _step(one) for one in steps]


def _step(run: Run) -> Step:
    return Step(" ".join(run.sql.split()), run.sent, run.rows, run.received)


def unlike(mine: Sequence[Step], theirs: Sequence[Step], *, request: str = "") -> list[str]:
    """Say in which steps two works on one request differ and nothing excuses it."""
    here = [one for one in EXCUSED if request.startswith(one.asked)]
    left, right = (
        [step for step in steps if not any(one.most is None and one.words in step.what for one in here)]
        for steps in (mine, theirs)
    )
    whats = [[step.what for step in steps] for steps in (left, right)]
    if whats[0] != whats[1]:
        return list(difflib.unified_diff(*whats, n=0, lineterm=""))
    pairs = zip(left, right, strict=True)
    return [f"{one} / {other}" for one, other in pairs if one != other and not _excused(one, other, here)]


def _excused(one: Step, other: Step, here: Sequence[Excused]) -> bool:
    """Return whether two steps of the same text may weigh differently."""
    more = max(abs(one.sent - other.sent), abs(one.received - other.received) / max(one.rows, 1))
    named = [each.most for each in here if each.words in one.what and each.most is not None]
    return one.rows == other.rows and more <= max(named, default=-1)


def _note(step: Step) -> None:
    if _steps:
        _steps[-1].append(step)


@contextlib.contextmanager
def _watched() -> Iterator[None]:
    """Watch keys and contents at their lowest seams."""
    seams: tuple[tuple[type, str, Callable[..., Step]], ...] = (
        (FrameCipher, "open", lambda frame, place: Step(f"open {_place(place)}", len(frame))),
        (FrameCipher, "seal", lambda plain, place: Step(f"seal {_place(place)}", len(plain))),
        (SpaceKeys, "digest", lambda data, purpose: Step(f"digest for {purpose}", len(data))),
        (KeyRing, "open", lambda **_: Step("open the keys of a space")),
        (LocalBlobs, "open", lambda *_, **__: Step("open a content")),
        (LocalBlobs, "put", lambda *_, **__: Step("store a content")),
        (LocalBlobs, "delete", lambda *_, **__: Step("delete a content")),
        (SegmentOpener, "open", lambda _, sealed, **__: Step("read of a content", len(sealed))),
    )
    with pytest.MonkeyPatch.context() as listening:
        for owner, name, say in seams:
            listening.setattr(owner, name, _told(getattr(owner, name), say))
        yield


def _told(real: Callable[..., Any], say: Callable[..., Step]) -> Callable[..., Any]:
    @functools.wraps(real)
    def watched(self: object, *args: Any, **more: Any) -> Any:
        _note(say(*args, **more))
        return real(self, *args, **more)

    return watched


def _place(bound_to: bytes) -> str:
    """Return table and column of what a sealed text is bound to (`vault.encoding`)."""
    parts, at = [], _LENGTH.size
    while at < len(bound_to):
        (length,) = _LENGTH.unpack_from(bound_to, at)
        parts.append(bound_to[at + _LENGTH.size : at + _LENGTH.size + length])
        at += _LENGTH.size + length
    return b".".join(parts[3:5]).decode()
