"""What the first page tells: unread documents, what asks for the person, who came."""

from datetime import datetime, timedelta
from uuid import UUID

from carnet.access.api import Need, access_lines
from carnet.identity.api import SignedIn
from carnet.infra.db import Work
from carnet.interfaces.portal.presenters.facts import DocumentFacts
from carnet.interfaces.portal.presenters.home import HomeFacts, TaskFacts
from carnet.interfaces.portal.sources.documents import OwnDocument, to_facts
from carnet.interfaces.portal.sources.journal import titles_of, to_trace
from carnet.interfaces.portal.sources.own_space import own_space, space_of
from carnet.journal.api import Act, Filter, entries
from carnet.records.api import DocumentQuery, list_documents, open_metadata
from carnet.spaces.api import view_in

LATEST = 5
VISITS = 3
ASKED_FOR = timedelta(days=7)
VISITORS = ("professional", "software")
FIRST_ACCESSES = (str(Act.FIRST_ACCESS), str(Act.RECORD_CONSENT))


async def gather_home(*, signed_in: SignedIn, at: datetime) -> HomeFacts:
    """Return what the home page needs; the list of documents leaves its trace."""
    latest, unread = await _latest(signed_in, at)
    async with own_space(signed_in, need=Need.LIST, at=at) as work:
        view = await view_in(work)
        lines = await access_lines(work)
        visits = await entries(work, filter_=Filter(actors=VISITORS, with_refusals=True), limit=VISITS)
        tasks = await _tasks(work, at)
    if view.contact.email is None:
        tasks = (*tasks, TaskFacts(kind="email_missing"))
    known = {UUID(one.id): one.title for one in latest}
    titles = await titles_of(visits, signed_in=signed_in, at=at, known=known)
    names = view.person.traits.given_names
    return HomeFacts(
        first_name=names[0] if names else view.person.display_name,
        now=at,
        latest=latest,
        unread=unread,
        authorised=sum(line.effect == "permit" for line in lines),
        tasks=tasks,
        accesses=tuple(to_trace(entry, titles=titles, names={}) for entry in visits),
    )


async def _latest(signed_in: SignedIn, at: datetime) -> tuple[tuple[DocumentFacts, ...], int]:
    """Return the unread documents and how many they are; the last ones when everything is read."""
    unread = 0
    for unread_only in (True, False):
        query = DocumentQuery(statuses=("current",), unread_only=unread_only, count=LATEST)
        listing = await list_documents(
            actor=signed_in.actor,
            space=space_of(signed_in),
            query=query,
            account=signed_in.session.account,
            with_total=unread_only,
            at=at,
        )
        unread = unread or listing.total or 0
        if listing.entries:
            opened = [OwnDocument(entry, open_metadata(entry, keys=listing.keys)) for entry in listing.entries]
            return tuple(to_facts(one, at=at) for one in opened), unread
    return (), 0


async def _tasks(work: Work, at: datetime) -> tuple[TaskFacts, ...]:
    first = await entries(work, filter_=Filter(acts=FIRST_ACCESSES, since=at - ASKED_FOR), limit=VISITS)
    names = dict.fromkeys(entry.actor_name for entry in first)
    return tuple(TaskFacts(kind="first_access", name=name) for name in names)
