"""Why the first line of a file is not that of a file of beneficiaries, and what to do about it.

Pure. Nothing of the line is repeated: the line of titles may be missing, and a person stand where it should be.
"""

from typing import Final

from carnet.kernel.errors import Problem
from carnet.spaces.rules.beneficiaries import COLUMNS, SEPARATOR, problem

_PACKED: Final = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf")
"""How gzip, zip (spreadsheets too), bzip2, xz, zstd and 7-Zip begin."""
_TWO_BYTES: Final = (b"\xff\xfe", b"\xfe\xff")
_TITLES: Final = SEPARATOR.join(COLUMNS)

EMPTY = problem("header", "Ce fichier est vide.", "This file is empty.")
PACKED = problem(
    "header",
    "Ce fichier est compressé, ou c'est un classeur : donnez le fichier CSV ou Parquet qu'il contient.",
    "This file is compressed, or a spreadsheet: give the CSV or Parquet file inside.",
)
UTF_16 = problem(
    "header",
    "Ce fichier n'est pas en UTF-8 (sans doute en UTF-16) : enregistrez-le en UTF-8. Il n'a pas été lu.",
    "This file is not in UTF-8 (probably UTF-16): save it as UTF-8. It was not read.",
)
ONE_LINE = problem(
    "header",
    "La première ligne n'est pas terminée : le fichier est coupé, ou ses lignes ne finissent ni par LF ni par CRLF.",
    "The first line does not end: the file is cut, or its lines end neither with LF nor with CRLF.",
)
OTHERWISE = problem(
    "header",
    f"La première ligne n'a pas les titres attendus, tels quels et dans cet ordre. Il faut : {_TITLES}",
    f"The first line does not hold the titles expected, as they are and in this order. Expected: {_TITLES}",
)


def not_ours(line: bytes) -> Problem:
    """Return what to say of a file whose first line, as it was read, is not the line of titles."""
    if not line.strip():
        return EMPTY
    if line.startswith(_PACKED):
        return PACKED
    if line.startswith(_TWO_BYTES) or b"\0" in line:
        return UTF_16
    if not line.endswith(b"\n"):
        return ONE_LINE
    number = line.count(SEPARATOR.encode()) + 1
    if number in {1, len(COLUMNS)}:
        return OTHERWISE
    return problem(
        "header",
        f"La première ligne a {number} colonnes, il en faut {len(COLUMNS)}, dans cet ordre : {_TITLES}",
        f"The first line has {number} columns, {len(COLUMNS)} are expected, in this order: {_TITLES}",
    )
