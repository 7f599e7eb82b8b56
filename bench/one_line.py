"""One figure of one measurement, kept in `docs/performance.md` under a mark of its own; written again, it is replaced.

A figure is written with what it was measured on and how busy the machine was otherwise: whoever reads it can judge it.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
HEADING = "## Measured one by one"


def kept(name: str, said: str, *, into: str) -> str:
    """Return the page with the line `name` saying `said`; the heading comes with the first of them."""
    mark = f"<!-- {name} -->"
    line = f"- {said} {mark}"
    lines = into.rstrip("\n").split("\n")
    found = [number for number, text in enumerate(lines) if text.endswith(mark)]
    if found:
        lines[found[0]] = line
    elif HEADING in lines:
        lines.insert(lines.index(HEADING) + 2, line)
    else:
        lines += ["", HEADING, "", line]
    return "\n".join(lines) + "\n"


def keep(name: str, said: str) -> None:
    """Write the line; the load before it began and the day are said with it."""
    load, day = os.getloadavg()[2], datetime.now(UTC).date()
    said = f"{said} ({day}, {os.cpu_count()} cores, load of the quarter of an hour before: {load:.1f})."
    PAGE.write_text(kept(name, said, into=PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"Written to {PAGE.relative_to(PAGE.parent.parent)}.")
