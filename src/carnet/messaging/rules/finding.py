"""Does what was written answer a question? Subjects, people, bodies, files' names: one way for whoever looks.

Words are compared as those of documents are: accents, endings and elisions forgiven, abbreviations widened. Pure.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from carnet.formats.searching.abbreviations_file import load_abbreviations
from carnet.formats.searching.finding import TITLE, Piece, Titles, marked, rank, snippet_of
from carnet.formats.searching.question import understand
from carnet.formats.searching.text_index import make_index
from carnet.formats.searching.words import Stems
from carnet.messaging.data import Description

LONGEST_LETTER: Final = 50_000
"""Characters of one message that are looked through."""


class Said(msgspec.Struct, frozen=True):
    """One message, opened only to be looked through: its words, then its files'."""

    message: UUID
    text: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """How something answers. rank: less is nearer; subject: in pieces, what was found marked; snippet: words of one of
    the messages, () when the subject or people answer; message: where the snippet is.
    """

    rank: int
    subject: tuple[Piece, ...]
    snippet: tuple[Piece, ...] = ()
    message: UUID | None = None


class Looking:
    """One question, asked of one thing after another."""

    def __init__(self, words: str) -> None:
        self._stems = Stems()
        self._titles = Titles(self._stems)
        self._question = understand(words, known=load_abbreviations(), stems=self._stems)
        self.asks = bool(self._question.parts)

    def answer(self, *, subject: str, people: Iterable[str], said: Sequence[Said]) -> Answer | None:
        """Return how these messages under one subject answer, None when they do not."""
        title = self._titles.of((subject, *(one for one in people if one)))
        index = make_index((one.text for one in said), stems=self._stems)
        ranked = rank(self._question, title=title, index=index)
        if ranked is None:
            return None
        pieces = marked(subject, question=self._question, stems=self._stems)
        if ranked == TITLE:
            return Answer(rank=ranked, subject=pieces)
        snippet = snippet_of(self._question, index=index, pages=[one.text for one in said], numbered=True)
        if snippet is None or snippet.page is None:
            return Answer(rank=ranked, subject=pieces)
        where = said[snippet.page - 1].message
        return Answer(rank=ranked, subject=pieces, snippet=snippet.pieces, message=where)


def said_in(message: UUID, text: str, files: Iterable[Description]) -> Said:
    """Return one message to be looked through."""
    return Said(message, "\n".join((text[:LONGEST_LETTER], *(_words_of(one) for one in files))))


def _words_of(described: Description) -> str:
    """Return a file's name as words: what stands between them in names is no part of one."""
    name = described.name.rpartition(".")[0] or described.name
    return " ".join(dict.fromkeys(one for one in (re.sub(r"[._-]+", " ", name), described.title) if one))
