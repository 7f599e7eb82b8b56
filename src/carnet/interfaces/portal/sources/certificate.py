"""The proof of a certificate: the one entry of its own stream, as the public log holds it (docs/journal-format.md §5).

`verify_journal.py` checks it like the journal of a space; that the entry names this digest is for the eye.
"""

import asyncio
import base64
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from carnet.infra.db import work
from carnet.interfaces.portal.sources.sealed_journal import FORMAT
from carnet.journal.api import published_log, told_entries, told_key, waiting_entries, written
from carnet.kernel.ids import SpaceId


async def certificate_proof(certificate: UUID, *, at: datetime) -> bytes:
    """Return the proof as JSON; an entry the log does not hold yet is listed as waiting."""
    log = published_log()
    async with work(space=SpaceId(certificate), at=at) as w:
        key = await told_key(w)
        sealed = await told_entries(w, after=0, size=log.size, limit=10)
        waiting = await waiting_entries(w, size=log.size)
    indices = [one.index for one in sealed]
    proof = await asyncio.to_thread(lambda: [_text(one) for one in log.proof(indices)]) if indices else []
    entries = [
        {
            "index": one.index,
            "leaf": _text(log.leaf(one.index)),
            "number": one.number,
            "nonce": _text(one.nonce),
            "entry": written(one.fields),
        }
        for one in sealed
    ]
    export: dict[str, Any] = {
        "format": FORMAT,
        "made": at,
        "space": certificate,
        "key": key.hex(),
        "log": {"origin": log.origin, "keys": log.keys, "quorum": log.quorum},
        "checkpoint": log.checkpoint,
        "entries": entries,
        "announced": [],
        "waiting": [{"nonce": _text(one.nonce), "entry": written(one.fields)} for one in waiting],
        "proof": proof,
    }
    return msgspec.json.encode(export)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
