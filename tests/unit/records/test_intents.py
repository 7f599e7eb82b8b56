"""A note of intent is used by one deposit, and not when it is old."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from carnet.records.actions.intents import FRESH, SPARE, Intents

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@contextlib.contextmanager
def spared() -> Iterator[Intents]:
    """Notes left over by a deposit that was not alone, while two are under way."""
    notes = Intents()
    with notes.deposit(), notes.deposit():
        notes.keep(notes.take(1, at=AT), at=AT)
        yield notes


def drawn(notes: Intents, *, at: datetime = AT) -> list[object]:
    return [blob for _ in range(SPARE + 2) for blob in notes.take(1, at=at).blobs]


def test_whoever_is_alone_notes_their_own_and_no_more() -> None:
    notes = Intents()
    with notes.deposit():
        taken = notes.take(2, at=AT)
    assert (len(taken.blobs), taken.spare, taken.noted, len(taken.statements(at=AT))) == (2, (), False, 1)


def test_a_note_is_used_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with spared() as notes:
        taken = notes.take(2, at=AT)
        assert taken.noted
        assert not taken.statements(at=AT)
        assert len(set(drawn(notes)) | set(taken.blobs)) == SPARE + 4
    # planted fault: what was handed out stays
    with spared() as careless:
        monkeypatch.setattr(careless, "_ready", Staying(careless._ready))
        assert len(set(drawn(careless))) < SPARE


class Staying(list):  # type: ignore[type-arg]  # a planted fault, of anything
    def popleft(self) -> object:
        return self[0]


@pytest.mark.parametrize("later", [FRESH + timedelta(seconds=1), -FRESH - timedelta(seconds=1)])
def test_an_old_note_is_left_to_the_collector(later: timedelta) -> None:
    with spared() as notes:
        assert notes.take(1, at=AT + FRESH).noted
    with spared() as notes:
        assert not notes.take(1, at=AT + later).noted


def test_whoever_comes_alone_afterwards_uses_no_note_of_others() -> None:
    with spared() as notes:
        pass
    with notes.deposit():
        assert not notes.take(1, at=AT).noted
