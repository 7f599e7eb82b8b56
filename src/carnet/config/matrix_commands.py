"""`carnet matrix`: which table decides here, where its cells come from, and what its days change. Reads files only."""

import sys
from collections.abc import Callable
from pathlib import Path

import cyclopts

from carnet.config.settings import Settings

SOURCES = {"S": "reported", "R": "reconstructed", "L": "local"}


def add_matrix_command(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the command to `app`. settings: reads the settings, when the command needs them."""

    @app.command(name="matrix")
    def matrix(file: Path | None = None) -> None:
        """Show the access matrix in force, or check FILE before CARNET_MATRIX_FILE names it (then restart web)."""
        raise SystemExit(0 if show_matrix(file or settings().matrix_file) else 1)


def show_matrix(path: Path | None) -> bool:
    """Print a table's version, sources and changes; return whether it can be used."""
    from carnet.access.api import current_matrix, seat_matrix

    try:
        seat_matrix(path)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"This table cannot be used: {error}\n")
        return False
    matrix = current_matrix()
    counts = sorted(matrix.sources().items())
    sys.stdout.write(f"{matrix.version}\t{path or 'packaged'}\n")
    sys.stdout.write(", ".join(f"{number} {SOURCES.get(source, source)}" for source, number in counts) + "\n")
    for change in matrix.changes:
        sys.stdout.write(f"{change.day}\t{len(change.opened)} opened\t{len(change.closed)} closed\n")
        for sign, pairs in (("+", change.opened), ("-", change.closed)):
            for group, code in pairs:
                sys.stdout.write(f"  {sign} {group}\t{code}\n")
    return True
