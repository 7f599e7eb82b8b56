"""What exactly was shown to a professional in one list, and can it be proved? A receipt in each trace; its rebuilding.

A receipt is the version of the rules and a digest of the documents shown, in their order, made with the space's key.
Only what was shown is in it, so it cannot tell that anything was hidden; nobody without the key can try guesses against
it. A salt makes each digest another: two lists that name the same documents to a person who may not know of all of them
yet do not tell by their digests that they differ.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from carnet.access.api import Look, Need, kept_apart, look_in, policy_version
from carnet.infra import randomness
from carnet.infra.db import Work, work
from carnet.infra.db.message import Statement
from carnet.infra.vault import SpaceKeys
from carnet.journal.api import Act, Filter, JournalEntry, entries, record
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import PARIS, legal_day
from carnet.records.data import DocumentEntry
from carnet.records.queries.listing_statements import DocumentQuery, Reading, listing_statement, to_entry
from carnet.records.queries.sealed import open_metadata

LISTS: Final = frozenset({Act.LIST_DOCUMENTS, Act.SEARCH_DOCUMENTS})
MOST_LISTS: Final = 200
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


class OwnReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """A list for the professional who was shown it. documents: all of them, in their order of then; titles: of those
    they may know of now. matches: the trace and its receipt agree.
    """

    trace: JournalEntry
    documents: tuple[UUID, ...]
    titles: dict[UUID, str]
    matches: bool


def receipt_of(seen: Look, documents: Sequence[UUID]) -> dict[str, Any]:
    """Return what the trace of a list keeps besides its documents; nothing for anybody but a professional."""
    if seen.actor.kind is not ActorKind.PROFESSIONAL or seen.keys is None:
        return {}
    policy, salt = policy_version(), randomness.token_bytes(_SALT_BYTES).hex()
    shown = _digest(documents, policy=policy, salt=salt, keys=seen.keys)
    return {"policy": policy, "salt": salt, "shown": shown}


async def shown_that_day(*, actor: Actor, space: SpaceId, seq: int, at: datetime) -> tuple[ShownList, ...]:
    """Return what a professional was shown that day, the latest last, to the person whose space it is.

    seq: of one of the traces of that day (in Paris); at most `MOST_LISTS`. Raises NotFound (no such list in what this
    person may be told of), Refused (not the person). The looking is journalled and names the documents.
    """
    async with work(space=space, at=at) as w:
        seen = await look_in(w, actor=actor)
        decision = seen.decide(Need.OWN_RULES)
        told = await _told(w, actor, seq) if decision.allowed else ()
        whole = {one.seq: one for one in await _of_that_day(w, told[0], for_person=False)} if told else {}
        known = await _known(w, actor, {document for one in told for document in one.document_ids})
        await record(w, Act.VIEW_JOURNAL, decision, actor=actor, on=tuple(known))
    decision.raise_if_refused()
    if not told:
        raise NotFound
    return tuple(
        ShownList(
            trace=one,
            documents=tuple(_shown(known[document], seen) for document in one.document_ids if document in known),
            policy=one.details["policy"],
            matches=agrees(whole[one.seq], keys=seen.opened_keys),
        )
        for one in reversed(told)
        if one.seq in whole
    )


async def _told(w: Work, actor: Actor, seq: int) -> Sequence[JournalEntry]:
    """The lists of the day of the one asked about, as this person may be told of them; none when it is no list."""
    apart = kept_apart(actor, at=w.at)
    asked = Filter(acts=tuple(LISTS), before_seq=seq + 1, apart=apart)
    found = [one for one in await entries(w, filter_=asked, limit=1) if one.seq == seq and "shown" in one.details]
    return await _of_that_day(w, found[0], apart=apart) if found else ()


async def _of_that_day(
    w: Work, one: JournalEntry, *, for_person: bool = True, apart: Statement | None = None
) -> Sequence[JournalEntry]:
    midnight = datetime.combine(legal_day(one.at), time.min, PARIS)
    day = Filter(
        acts=tuple(LISTS),
        actors=("professional",),
        actor_id=one.actor_id,
        since=midnight,
        until=datetime.combine(midnight.date() + timedelta(days=1), time.min, PARIS),
        for_person=for_person,
        apart=apart,
    )
    return [shown for shown in await entries(w, filter_=day, limit=MOST_LISTS) if "shown" in shown.details]


async def _known(w: Work, actor: Actor, documents: Collection[UUID]) -> dict[UUID, DocumentEntry]:
    if not documents:
        return {}
    reading = Reading(actor=actor, space=w.space_id, account=None, at=w.at)
    statement = listing_statement(reading, DocumentQuery(ids=tuple(documents)), limit=len(documents))
    return {row[0]: to_entry(row) for row in await w.rows(statement.sql, statement.params)}


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
