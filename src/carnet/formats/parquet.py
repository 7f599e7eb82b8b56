"""Rows of text out of a Parquet file, as lines of CSV, a few thousand at a time whatever the size of its row groups.

The file is somebody else's: columns are compared before a row is read, row groups are weighed by what they claim, long
values are refused, and the rows that come are counted. Deliberately ignored: every type but
text, encryption, what statistics and stored schemas say. Source: Apache Parquet format 2.
"""

import contextlib
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from carnet.kernel.errors import Invalid, Problem

MAGIC: Final = b"PAR1"
MOST_GROUP_ROWS: Final = 5_000_000
MOST_GROUP_BYTES: Final = 2_000_000_000
BATCH_ROWS: Final = 5_000
_BUFFER: Final = 64 * 1024
"""Of each column: pages come as they are wanted, and a row group is never whole in memory."""
LONGEST: Final = 64 * 1024
_SEPARATOR: Final = ";"
_UNIT: Final = "\x1f"
DAMAGED: Final = Problem(
    "file-damaged",
    "Ce fichier Parquet est abîmé, coupé ou chiffré : il n'a pas été lu plus loin.",
    "This Parquet file is damaged, cut or encrypted: it was read no further.",
)
OTHER_COLUMNS: Final = Problem(
    "header",
    "Ce fichier Parquet n'a pas les colonnes attendues, dans leur ordre et toutes en texte : il n'a pas été lu.",
    "This Parquet file does not have the columns expected, in their order and all of them text: it was not read.",
)
LARGE_GROUP: Final = Problem(
    "row-group-too-large",
    "Un groupe de lignes de ce fichier Parquet est démesuré : écrivez-le en groupes plus petits.",
    "A row group of this Parquet file is far too large: write it in smaller groups.",
)
LONG_VALUE: Final = Problem(
    "line-too-long",
    "Une valeur est démesurée : ce n'est sans doute pas le bon fichier.",
    "A value is far too long: this is probably not the right file.",
)


def is_parquet(path: Path) -> bool:
    """Return whether the file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


class TextRows:
    """An open file whose columns are the ones asked for. total: rows it says it holds."""

    def __init__(self, file: Any, total: int) -> None:
        self._file, self.total = file, total

    def blocks(self, *, after: int) -> Iterator[tuple[bytes, int]]:
        """Yield lines (UTF-8, `;`, quoted where needed, ended by LF) and how many rows that makes since the first.

        after: rows left out at the beginning. Raises Invalid (DAMAGED, LONG_VALUE). Blocks: call it from a thread.
        """
        read = 0
        for group in range(self._file.metadata.num_row_groups):
            claimed = self._file.metadata.row_group(group).num_rows
            if read + claimed <= after:
                read += claimed
                continue
            first = read
            for batch in _batches(self._file, group):
                begun, read = read, read + batch.num_rows
                if read > after:
                    yield _lines(batch.slice(max(0, after - begun))), read
            if read - first != claimed:
                raise Invalid(DAMAGED)


@contextlib.contextmanager
def open_text_rows(path: Path, *, columns: Sequence[str]) -> Iterator[TextRows]:
    """Open a file that has exactly `columns`, all text. Raises Invalid (DAMAGED, OTHER_COLUMNS, LARGE_GROUP)."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowException, OSError):
        raise Invalid(DAMAGED) from None
    if schema.names != list(columns) or not all(_is_text(one) for one in schema.types):
        raise Invalid(OTHER_COLUMNS)
    try:
        file = parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER)
    except (pa.ArrowException, OSError):
        raise Invalid(DAMAGED) from None
    with file:
        groups = [file.metadata.row_group(group) for group in range(file.metadata.num_row_groups)]
        if any(one.num_rows > MOST_GROUP_ROWS or one.total_byte_size > MOST_GROUP_BYTES for one in groups):
            raise Invalid(LARGE_GROUP)
        yield TextRows(file, sum(one.num_rows for one in groups))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    inside = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inside) or pa.types.is_large_string(inside))


def _batches(file: Any, group: int) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from file.iter_batches(BATCH_ROWS, row_groups=[group], use_threads=False)
    except (pa.ArrowException, OSError):
        raise Invalid(DAMAGED) from None


def _lines(batch: Any) -> bytes:
    import pyarrow as pa
    from pyarrow import compute
    from pyarrow import csv as arrow_csv

    texts = []
    for column in batch.columns:
        values = column.dictionary if pa.types.is_dictionary(column.type) else column
        if (compute.max(compute.binary_length(values)).as_py() or 0) > LONGEST:
            raise Invalid(LONG_VALUE)
        texts.append(column.cast(pa.large_string()))
    plain = pa.record_batch(texts, names=batch.schema.names)
    out = io.BytesIO()
    options = arrow_csv.WriteOptions(include_header=False, delimiter=_SEPARATOR, quoting_style="none")
    try:
        arrow_csv.write_csv(plain, out, write_options=options)
    except pa.ArrowInvalid:
        return _quoted(plain)
    return out.getvalue()


def _quoted(plain: Any) -> bytes:
    """The same where a value holds a separator or a quote; a line break within one becomes what no field may hold."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=_SEPARATOR, lineterminator="\n")
    columns = [_texts(one) for one in plain.columns]
    writer.writerows(
        [value.replace("\n", _UNIT).replace("\r", _UNIT) for value in row] for row in zip(*columns, strict=True)
    )
    return out.getvalue().encode("utf-8", "surrogateescape")


def _texts(column: Any) -> list[str]:
    """Values as they are, bytes that are not UTF-8 included: their line is refused for that."""
    import pyarrow as pa

    return [(one or b"").decode("utf-8", "surrogateescape") for one in column.cast(pa.large_binary()).to_pylist()]
