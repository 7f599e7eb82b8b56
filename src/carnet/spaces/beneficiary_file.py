"""The insurer's file, opened: CSV or Parquet, handed out block by block from where it was left.

Places are bytes of a CSV file and rows of a Parquet file; a line is known by its number, the line of titles counted
where there is one. Knows no database.
"""

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from carnet.formats.parquet import TextRows, is_parquet, open_text_rows
from carnet.infra.installation import current
from carnet.kernel.errors import Invalid, Problem
from carnet.spaces.rules.beneficiaries import COLUMNS, SEPARATOR
from carnet.spaces.rules.headers import not_ours
from carnet.spaces.staging import Block

BLOCK_BYTES = 256 * 1024
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 64 * 1024

LONG_LINE = Problem(
    code="line-too-long",
    fr="Une ligne est démesurée : ce n'est sans doute pas le bon fichier.",
    en="A line is far too long: this is probably not the right file.",
)


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A file to import, where its refused lines are listed, and how much of a CSV file is read at once (bytes)."""

    path: Path
    rejects: Path
    block: int = BLOCK_BYTES


class Reading:
    """An open file. size: where it ends, in its own places."""

    def __init__(self, opened: BinaryIO | TextRows, size: int, block: int) -> None:
        self._opened, self.size, self._block = opened, size, block

    def blocks(self, *, after: int, lines: int, at: datetime) -> Iterator[tuple[Block, int]]:
        """Yield blocks of whole lines, each with the place it ends at. after, lines: how far the file was read.

        Raises Invalid when the file cannot be read further.
        """
        oids = current().limits.accepted_ins_oids
        if isinstance(self._opened, TextRows):
            number, found = lines + 1, self._opened.blocks(after=after)
        else:
            number, found = lines + 2, _pieces(self._opened, after=after, size=self._block)
        for data, end in found:
            yield Block(data=data, first=number, at=at, oids=oids), end
            number += data.count(b"\n")


@contextlib.contextmanager
def open_beneficiaries(source: Source) -> Iterator[Reading]:
    """Open a file of beneficiaries. Raises Invalid: not such a file, damaged, too large in one piece."""
    if is_parquet(source.path):
        with open_text_rows(source.path, columns=COLUMNS) as rows:
            yield Reading(rows, rows.total, source.block)
    else:
        with source.path.open("rb") as file:
            yield Reading(file, source.path.stat().st_size, source.block)


def digest_of(path: Path) -> bytes:
    """Return what a file is known by. Blocks: call it from a thread."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _pieces(file: BinaryIO, *, after: int, size: int) -> Iterator[tuple[bytes, int]]:
    """Cut the rest of `file` into whole lines, about `size` bytes at a time."""
    header = file.readline(_LONGEST_LINE)
    if header.removeprefix(_BOM).strip() != SEPARATOR.join(COLUMNS).encode():
        raise Invalid(not_ours(header))
    file.seek(max(file.tell(), after))
    while data := file.read(size):
        data += file.readline(_LONGEST_LINE)
        if len(data) >= size + _LONGEST_LINE:
            raise Invalid(LONG_LINE)
        yield data, file.tell()
