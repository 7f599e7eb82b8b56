"""What exactly was shown to a professional in one list, and can it be proved? A receipt in each trace; its rebuilding.

A receipt is the version of the rules and a digest of the documents shown, in their order, made with the space's key.
Only what was shown is in it, so it cannot tell that anything was hidden; nobody without the key can try guesses against
it. A salt makes each digest another: two lists that name the same documents to a person who may not know of all of them
yet do not tell by their digests that they differ.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need, look_in, policy_version
from carnet.infra import randomness
from carnet.infra.db import work
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Filter, JournalEntry, entries, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.records.data import DocumentEntry
from carnet.records.queries.listing_statements import DocumentQuery, Reading, listing_statement, to_entry
from carnet.records.queries.sealed import open_metadata

LISTS: Final = frozenset({Act.LIST_DOCUMENTS, Act.SEARCH_DOCUMENTS})
_PURPOSE: Final = "shown-list"
_LENGTH: Final = 32
_SALT_BYTES: Final = 16


class ShownDocument(msgspec.Struct, frozen=True):
    """One document of a list, for its person. title, entry: None when it is not theirs to see any more."""

    document_id: UUID
    title: str
    entry: DocumentEntry


class ShownList(msgspec.Struct, frozen=True, kw_only=True):
    """A list as it was shown. documents: in the order of then, those the person may know of today. matches: the trace
    and its receipt agree, every document included. policy: version of the rules of then.
    """

    trace: JournalEntry
    documents: tuple[ShownDocument, ...]
    policy: str
    matches: bool


def receipt_of(seen: Look, documents: Sequence[UUID]) -> dict[str, Any]:
    """Return what the trace of a list keeps besides its documents; nothing for anybody but a professional."""
    if seen.actor.kind is not ActorKind.PROFESSIONAL or seen.keys is None:
        return {}
    policy, salt = policy_version(), randomness.token_bytes(_SALT_BYTES).hex()
    shown = _digest(documents, policy=policy, salt=salt, keys=seen.keys)
    return {"policy": policy, "salt": salt, "shown": shown}


async def rebuild_list(*, actor: Actor, space: SpaceId, seq: int, at: datetime) -> ShownList:
    """Return the list a professional was shown, by the number of its trace, to the person whose space it is.

    Raises NotFound (no such list in this journal), Refused (not the person). The looking is journalled.
    """
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = seen.decide(Need.MANAGE_ACCESS)
        await record(w, Act.VIEW_JOURNAL, decision, actor=actor)
        found = await entries(w, filter_=Filter(before_seq=seq + 1, for_person=False), limit=1)
        trace = next((one for one in found if one.seq == seq and one.act in LISTS and "shown" in one.details), None)
        if trace is not None and decision.allowed:
            reading = Reading(actor=actor, space=space, account=None, at=at)
            query = DocumentQuery(ids=tuple(trace.document_ids) or (UUID(int=0),))
            statement = listing_statement(reading, query, limit=len(trace.document_ids) + 1)
            rows = await w.rows(statement.sql, statement.params)
    decision.raise_if_refused()
    if trace is None:
        raise NotFound
    known = {entry.document_id: entry for entry in map(to_entry, rows)}
    return ShownList(
        trace=trace,
        documents=tuple(_shown(known[one], seen) for one in trace.document_ids if one in known),
        policy=trace.details["policy"],
        matches=agrees(trace, keys=seen.opened_keys),
    )


def agrees(trace: JournalEntry, *, keys: SpaceKeys) -> bool:
    """Tell whether the documents a trace names are those its receipt was made of, in that order."""
    details = trace.details
    policy, salt = details.get("policy", ""), details.get("salt", "")
    return details.get("shown") == _digest(trace.document_ids, policy=policy, salt=salt, keys=keys)


def _shown(entry: DocumentEntry, seen: Look) -> ShownDocument:
    return ShownDocument(entry.document_id, open_metadata(entry, keys=seen.opened_keys).title, entry)


def _digest(documents: Sequence[UUID], *, policy: str, salt: str, keys: SpaceKeys) -> str:
    said = "\n".join((policy, salt, *(document.hex for document in documents)))
    return keys.digest(said.encode(), purpose=_PURPOSE).hex()[:_LENGTH]
