"""Which rules decide in this process? One short name for matrix, small tables and the text of the rules together.

It is computed from the very files, so that no change of them can keep the old name.
"""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from carnet.access.gate import current_matrix

FOLDERS = ("data", "rules")
SINGLE = ("queries/visibility.py", "queries/facts.py", "own_data.py", "matrix_file.py")


def policy_version() -> str:
    """Return 16 hexadecimal characters: the version a receipt of visibility names."""
    return version_with(current_matrix().version)


@cache
def version_with(matrix: str) -> str:
    """The same for a matrix of this version."""
    package = files("carnet.access")
    parts = [package.joinpath(name) for name in SINGLE]
    for folder in FOLDERS:
        parts += sorted(_files(package.joinpath(folder)), key=lambda one: one.name)
    digest = hashlib.sha256(matrix.encode())
    for part in parts:
        digest.update(part.name.encode() + b"\0" + part.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _files(folder: Traversable) -> list[Traversable]:
    return [one for one in folder.iterdir() if one.name.endswith((".py", ".csv"))]
