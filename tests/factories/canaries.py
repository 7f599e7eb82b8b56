"""Words that must never appear where they do not belong, and a search that finds them however they were written."""

import base64
import itertools
import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import msgspec

WINDOW = 1 << 20


class Canary(msgspec.Struct, frozen=True):
    """One planted word. kind: what it stands for (title, name, ins, content, token…)."""

    kind: str
    word: str

    def forms(self) -> set[bytes]:
        """The word as it may lie in a log, a dump, an address or a memory image."""
        raw = self.word.encode()
        # base64 at each of the three alignments, without the characters its neighbours decide
        shifted = {base64.b64encode(b"\0" * n + raw)[4 if n else 0 : -4] for n in range(3)}
        escaped = json.dumps(self.word)[1:-1].encode()
        return {raw, raw.lower(), raw.upper(), raw.hex().encode(), escaped, quote(self.word).encode(), *shifted}


def canary(kind: str) -> Canary:
    """A new word nobody else ever wrote: letters only, so that it passes for a name or a title."""
    letters = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(14))
    return Canary(kind, f"Zq{letters}")


def found_in(data: bytes, canaries: Iterable[Canary]) -> set[str]:
    """The kinds of the canaries that `data` holds."""
    return {one.kind for one in canaries if any(form in data for form in one.forms())}


def found_in_files(folder: Path, canaries: Iterable[Canary]) -> dict[str, set[str]]:
    """File → kinds found, for every file below `folder`, read in overlapping windows."""
    canaries = list(canaries)
    hits: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        with path.open("rb") as file:
            tail = b""
            for _ in itertools.count():
                piece = file.read(WINDOW)
                if not piece:
                    break
                kinds = found_in(tail + piece, canaries)
                if kinds:
                    hits.setdefault(str(path.relative_to(folder)), set()).update(kinds)
                tail = piece[-256:]
    return hits
