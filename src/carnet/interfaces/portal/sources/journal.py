"""The journal of the person's space, each entry with the names a sentence needs."""

import base64
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from carnet.access.api import Need, delegations, kept_apart
from carnet.identity.api import SignedIn, organisation, professional
from carnet.infra import clock
from carnet.infra.db import Work
from carnet.infra.db.work import Statement
from carnet.infra.installation import current
from carnet.infra.vault import Unopenable
from carnet.interfaces.portal.forms import end_of_day, start_of_day
from carnet.interfaces.portal.presenters.activity import ActivityFacts, ActivityQuery
from carnet.interfaces.portal.presenters.facts import TraceFacts
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journal.api import Act, Filter, JournalEntry, entries, professionals_seen, record
from carnet.kernel.actors import ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Problem
from carnet.records.api import list_together, open_metadata
from carnet.spaces.api import keys_in

NO_FIRST_DAY, NO_LAST_DAY = (
    Problem("date", "Cette date n'existe pas.", "This date does not exist.", field) for field in ("du", "au")
)
PAGE_SIZE = 50
EXPORT_BATCH = 500
ACTORS = {
    "professionnels": ("professional",),
    "moi": ("person",),
    "proches": ("representative", "carer"),
    "logiciels": ("software",),
}
KINDS = {
    "consultations": (
        "list-documents",
        "search-documents",
        "read-metadata",
        "read-document",
        "download-document",
        "list-submissions",
        "first-access",
        "find-patient",
    ),
    "depots": (
        "deposit-document",
        "replace-document",
        "carry-over-document",
        "edit-document",
        "archive-document",
        "unarchive-document",
        "delete-document",
        "mask-document",
        "reveal-document",
    ),
    "acces": ("authorise", "end-authorisation", "block", "unblock", "record-consent"),
    "sessions": ("sign-in", "sign-out", "end-session", "change-settings", "view-journal", "export-journal"),
}
PARENTS_HEAR_OF = frozenset(
    {
        *KINDS["consultations"],
        *KINDS["depots"],
        *KINDS["acces"],
        "act-for",
        "add-appointment",
        "add-reminder",
        "cancel-appointment",
        "change-appointment",
        "change-reminder",
        "change-switches",
        "close-space",
        "declare-doctor",
        "delete-appointment",
        "delete-reminder",
        "dispute-access",
        "download-export",
        "end-delegation",
        "end-restriction",
        "leave-open",
        "list-agenda",
        "reopen-space",
        "restrict",
        "see-as",
    }
) - {"find-patient"}
PARENTS_HEAR = frozenset({"professional", "software", "representative", "carer", "agent"})
NOTHING = ("nothing",)
EMERGENCIES = (str(Ground.BRIS_DE_GLACE), str(Ground.CENTRE_15))
_PLACE = {"table": "journal_entry", "column": "place", "row": "address"}
By = Literal["me", "representative", "carer", "professional", "organisation", "software", "support", "system"]
BY: dict[str, By] = {
    "professional": "professional",
    "software": "software",
    "operator": "support",
    "agent": "support",
    "system": "system",
    "person": "me",
    "representative": "representative",
    "carer": "carer",
}


async def gather_activity(*, signed_in: SignedIn, query: ActivityQuery, at: datetime) -> ActivityFacts:
    """Return one page of the journal; looking at it is itself written there. Raises Invalid on dates that are none."""
    mine = signed_in.session.acting is None
    async with own_space(signed_in, need=Need.READ_JOURNAL, at=at) as work:
        apart = kept_apart(signed_in.actor, at=at)
        filter_ = to_filter(query, apart=apart)
        found = await entries(work, filter_=filter_ if mine else told_to_parents(filter_), limit=PAGE_SIZE + 1)
        names = await grantees(work, found)
        people = await professionals_seen(work, apart=apart) if mine else []
    page = found[:PAGE_SIZE]
    titles = await titles_of(page, signed_in=signed_in, act=Act.VIEW_JOURNAL, at=at)
    asked, own = read_uuid(query.document), signed_in.actor.kind is ActorKind.PERSON
    return ActivityFacts(
        traces=tuple(_with_receipt(entry, to_trace(entry, titles=titles, names=names), own=own) for entry in page),
        older=seal_place(page[-1].seq) if len(found) > PAGE_SIZE else "",
        now=at,
        people=tuple(people),
        document_title=titles.get(asked, "") if asked else "",
        mine=mine,
    )


async def export_entries(
    *, signed_in: SignedIn, query: ActivityQuery, at: datetime
) -> AsyncIterator[list[tuple[JournalEntry, TraceFacts]]]:
    """Yield the whole journal by batches, newest first, after writing that it was exported."""
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        await record(work, Act.EXPORT_JOURNAL, allow(Ground.OWN_SPACE), actor=signed_in.actor)
    before: int | None = None
    apart = kept_apart(signed_in.actor, at=at)
    while True:
        now = clock.now()  # a long journal is sent for minutes: what each batch leaves behind is dated when it was
        filter_ = to_filter(query, before_seq=before, apart=apart)
        async with own_space(signed_in, need=Need.LIST, at=now) as work:
            found = await entries(work, filter_=filter_, limit=EXPORT_BATCH)
            names = await grantees(work, found)
        titles = await titles_of(found, signed_in=signed_in, at=now)
        yield [(entry, to_trace(entry, titles=titles, names=names)) for entry in found]
        if len(found) < EXPORT_BATCH:
            return
        before = found[-1].seq


async def entries_told_to_parents(
    *, signed_in: SignedIn, at: datetime
) -> AsyncIterator[list[tuple[JournalEntry, TraceFacts]]]:
    """Yield what a representative is told of the journal by batches, newest first; each batch decided anew.

    What the reading itself leaves behind, after `at`, is not in it.
    """
    before: int | None = None
    after = at + timedelta.resolution
    while True:
        now = clock.now()
        apart = kept_apart(signed_in.actor, at=now)
        told = told_to_parents(to_filter(ActivityQuery(), before_seq=before, apart=apart))
        async with own_space(signed_in, need=Need.READ_JOURNAL, at=now) as work:
            if before is None:
                await record(work, Act.EXPORT_JOURNAL, allow(Ground.REPRESENTED), actor=signed_in.actor)
            found = await entries(work, filter_=msgspec.structs.replace(told, until=after), limit=EXPORT_BATCH)
            names = await grantees(work, found)
        titles = await titles_of(found, signed_in=signed_in, at=now)
        yield [(entry, to_trace(entry, titles=titles, names=names)) for entry in found]
        if len(found) < EXPORT_BATCH:
            return
        before = found[-1].seq


def told_to_parents(filter_: Filter) -> Filter:
    """Return what a representative is told of a child's journal: who came, what was added, who acted in their name.

    Nothing the child did themselves, no message, no notice, no refusal; what is invisible to them goes with its
    documents (`kept_apart`).
    """
    return msgspec.structs.replace(
        filter_,
        acts=tuple(one for one in filter_.acts or sorted(PARENTS_HEAR_OF) if one in PARENTS_HEAR_OF) or NOTHING,
        actors=tuple(one for one in filter_.actors or sorted(PARENTS_HEAR) if one in PARENTS_HEAR) or NOTHING,
        actor_id=None,
        outcome="done",
        with_refusals=False,
    )


def to_filter(query: ActivityQuery, *, before_seq: int | None = None, apart: Statement | None = None) -> Filter:
    """Return what the journal is asked. Days are those of Paris, both ends included; refusals are shown as such."""
    before = open_place(query.before)
    return Filter(
        acts=KINDS.get(query.kind, ()),
        grounds=EMERGENCIES if query.kind == "urgences" else (),
        outcome="refused" if query.kind == "refus" else None,
        actor_id=query.person or None,
        actors=ACTORS.get(query.actor, ()),
        document=read_uuid(query.document),
        since=start_of_day(query.since, problem=NO_FIRST_DAY) if query.since else None,
        until=end_of_day(query.until, problem=NO_LAST_DAY) if query.until else None,
        before_seq=before_seq or before,
        with_refusals=True,
        apart=apart,
    )


def to_trace(entry: JournalEntry, *, titles: dict[UUID, str], names: dict[str, str]) -> TraceFacts:
    """Return one entry in the words of pages."""
    by = BY.get(entry.actor_kind, "system")
    single = UUID(str(entry.document_ids[0])) if len(entry.document_ids) == 1 else None
    known = single if single in titles else None
    from_software = entry.actor_kind == "software"
    return TraceFacts(
        at=entry.at,
        act=entry.act,
        by=by,
        actor=names.get(entry.on_behalf_of or "") or (from_software and entry.organisation_name) or entry.actor_name,
        profession=entry.profession or "",
        organisation="" if from_software else entry.organisation_name or "",
        software=entry.client_name or "",
        document=known.hex if known else None,
        document_title=titles[known] if known else "",
        party=names.get(str(entry.details.get("grantee") or ""), ""),
        place=str(entry.details.get("page") or ""),
        refused=entry.outcome == "refused",
    )


def _with_receipt(entry: JournalEntry, trace: TraceFacts, *, own: bool) -> TraceFacts:
    """Lists shown to professionals lead to what was on them; own: the journal is that of whoever looks."""
    if not own or "shown" not in entry.details or trace.refused:
        return trace
    return msgspec.structs.replace(trace, shown=seal_place(entry.seq))


async def titles_of(
    found: Sequence[JournalEntry], *, signed_in: SignedIn, act: Act = Act.LIST_DOCUMENTS, at: datetime
) -> dict[UUID, str]:
    """Return the titles of the documents these entries are about, as far as the person may know of them now.

    act: the one trace this leaves, which names them.
    """
    wanted = single_documents(found)
    named = await list_together(
        actor=signed_in.actor,
        space=space_of(signed_in),
        naming=lambda _: wanted,
        account=signed_in.session.account,
        act=act,
        at=at,
    )
    titles = {}
    for one, entry in named.named.items():
        with contextlib.suppress(Unopenable):  # one row that does not open keeps nobody from their journal
            titles[one] = open_metadata(entry, keys=named.keys).title
    return titles


def single_documents(found: Sequence[JournalEntry]) -> list[UUID]:
    """Return the documents entries are about one by one: what was in a list is not named again."""
    return list(dict.fromkeys(UUID(str(one.document_ids[0])) for one in found if len(one.document_ids) == 1))


def read_uuid(text: str) -> UUID | None:
    """Return the id written in `text`, None when it is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None


async def grantees(work: Work, found: Sequence[JournalEntry]) -> dict[str, str]:
    """Return the names of those these entries give or take access, by number, and of who acted for the person."""
    names: dict[str, str] = {}
    for number in {str(entry.details["grantee"]) for entry in found if entry.details.get("grantee")}:
        person = await professional(work, number)
        place = None if person else await organisation(work, number)
        names[number] = person.name if person else place.name if place else ""
    if any(entry.on_behalf_of for entry in found):
        held = await delegations(work, keys=await keys_in(work))
        names |= {one.delegation_id.hex: one.delegate.name for one in held}
    return names


def seal_place(seq: int) -> str:
    """Return the place of an entry for an address; its number would count what the person is not told of yet."""
    sealed = current().house_key.seal(**_PLACE, plaintext=f"{seq:020d}".encode())
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def open_place(text: str) -> int | None:
    """Return what `seal_place` hid; None for anything else: the first page."""
    try:
        sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        return int(current().house_key.open(**_PLACE, sealed=sealed)) if text else None
    except (ValueError, Unopenable):
        return None
