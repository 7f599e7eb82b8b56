"""The house's signature under what it hands out on paper: one key for all processes, its own to read."""

import base64
import hashlib
import stat

import pytest

from carnet.journal.log import statement
from carnet.journal.log.statement import StatementKey, seat_statement_key, statement_key
from carnet.journal.rules.notes import Note, signed_by

NAME = "tests.carnet.example/journal/releve"


def test_a_key_is_made_once_and_signs_what_was_handed_out(tmp_path):
    path = tmp_path / "deep" / "keys" / "statement.key"
    first = StatementKey(path, name=NAME)
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]
    assert [one.name for one in path.parent.iterdir()] == ["statement.key"], "no draft is left"
    note = Note.parse(first.note(b"data", entries=214))
    assert note.text == f"{NAME}\n214\n{base64.b64encode(hashlib.sha256(b'data').digest()).decode()}\n"
    again = StatementKey(path, name=NAME)
    assert signed_by(note, again.public)
    assert StatementKey(tmp_path / "deep" / "keys" / "other.key", name=NAME).public != first.public


def test_of_two_that_begin_at_once_one_makes_it(tmp_path, monkeypatch):
    """Between looking and making, somebody else made it: theirs stays, and no draft."""
    path = tmp_path / "statement.key"
    theirs = StatementKey(path, name=NAME)
    monkeypatch.setattr(type(path), "exists", lambda _: False)
    assert StatementKey(path, name=NAME).public == theirs.public
    assert [one.name for one in tmp_path.iterdir()] == ["statement.key"]


def test_it_is_opened_when_the_first_statement_is_signed(tmp_path, monkeypatch):
    kept = list(statement._seated)
    try:
        seat_statement_key(None)
        with pytest.raises(RuntimeError, match="no statement key"):
            statement_key()
        seat_statement_key(tmp_path / "one", name=NAME)
        assert not list(tmp_path.iterdir())
        key = statement_key()
        assert key is statement_key()
        assert key.name == NAME
        seat_statement_key(tmp_path / "two", name=NAME)
        assert statement_key().public != key.public
    finally:
        statement._seated[:] = kept
