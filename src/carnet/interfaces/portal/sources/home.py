"""What the first page tells: unread documents, what asks for the person, who came. One trip, one trace."""

from collections.abc import Sequence
from datetime import datetime

from carnet.access.api import (
    AccessLine,
    Need,
    current_matrix,
    kept_apart,
    lines_known_to,
    lines_statement,
    look_in,
    to_lines,
)
from carnet.agenda.api import next_statement, to_next
from carnet.design.language import PARIS
from carnet.identity.api import SignedIn
from carnet.infra.db import work
from carnet.infra.db.message import Rows
from carnet.interfaces.portal.presenters.facts import TraceFacts
from carnet.interfaces.portal.presenters.home import HomeFacts, ResultFacts, TaskFacts
from carnet.interfaces.portal.sources.documents import OwnDocument, to_facts
from carnet.interfaces.portal.sources.journal import single_documents, to_trace
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.journal.api import Act, Filter, JournalEntry, entries_statement, single_documents_statement, to_entries
from carnet.kernel.actors import ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.messaging.api import to_news, unread_statement
from carnet.notifications.api import (
    NewAccess,
    NoticeCode,
    counting_statement,
    new_accesses_statement,
    to_new_accesses,
)
from carnet.records.api import (
    DocumentEntry,
    DocumentQuery,
    PendingResult,
    Together,
    list_together,
    open_metadata,
    pending_statement,
    to_pending,
)
from carnet.spaces.api import TERMS, SpaceView, person_statement, to_view

LATEST = 5
VISITS = 3
MOST_ASKED = 5
VISITORS = ("professional", "software")
NEWEST = DocumentQuery(statuses=("current",), count=LATEST)
_PERSON, _LINES, _VISITS, _NEW, _WAITING, _RESULTS, _MESSAGES, _NEXT = range(8)


async def gather_home(*, signed_in: SignedIn, at: datetime) -> HomeFacts:
    """Return what the home page needs."""
    space, actor = space_of(signed_in), signed_in.actor
    mine = actor.kind is ActorKind.PERSON
    apart = kept_apart(actor, at=at)
    came = Filter(actors=VISITORS, with_refusals=True, apart=apart)
    found = await list_together(
        actor=actor,
        space=space,
        news=NEWEST,
        among=single_documents_statement(space, filter_=came, limit=VISITS) if mine else None,
        beside=(
            person_statement(space),
            lines_statement(space, at=at),
            # who acts for somebody is not shown the visits: what those were about may be kept from them
            entries_statement(space, filter_=came, limit=VISITS if mine else 0),
            new_accesses_statement(actor, space=space, limit=MOST_ASKED, at=at),
            counting_statement(actor, space=space, at=at),
            pending_statement(actor, space=space, at=at),
            unread_statement(actor, space=space, at=at),
            # of somebody else's, the agenda's own page, which leaves its trace, shows it
            *((next_statement(actor, space=space, at=at),) if mine else ()),
        ),
        besides=_appointment_shown if mine else None,
        account=signed_in.session.account,
        at=at,
    )
    view = to_view(found.beside[_PERSON][0], keys=found.keys, space=space)
    latest = tuple(_open(entry, found) for entry in found.news)
    visits = to_entries(found.beside[_VISITS])
    lines = lines_known_to(actor, to_lines(found.beside[_LINES]))
    names = view.person.traits.given_names
    listing = allow(Ground.OWN_SPACE if mine else Ground.REPRESENTED)  # refused otherwise, before anything came back
    news = to_news(found.beside[_MESSAGES], in_space=listing, held=found.facts.delegation)
    change = current_matrix().announced(on=at.astimezone(PARIS).date())
    return HomeFacts(
        first_name=names[0] if names else view.person.display_name,
        now=at,
        latest=tuple(to_facts(one, at=at) for one in latest),
        unread=found.unread,
        authorised=sum(line.effect == "permit" for line in lines),
        tasks=_tasks(to_new_accesses(found.beside[_NEW]), lines, view) if mine else (),
        accesses=_accesses(visits, found) if mine else (),
        results=tuple(map(_result, to_pending(found.beside[_RESULTS]))) if mine else (),
        waiting=found.beside[_WAITING][0][1],
        messages=news[0] if news else None,
        soon=to_next(found.beside[_NEXT], keys=found.keys) if mine else None,
        mine=mine,
        rules=change.day if change else None,
        agenda=found.facts.delegation is not None and found.facts.delegation.reaches_agenda,
        manages=not mine and await _manages(signed_in, at),
    )


def _appointment_shown(beside: Sequence[Rows]) -> tuple[tuple[Act, Need], ...]:
    """An appointment on the first page is a reading of the agenda."""
    return ((Act.LIST_AGENDA, Need.READ_AGENDA),) if beside[_NEXT] else ()


async def _manages(signed_in: SignedIn, at: datetime) -> bool:
    """Tell whether who is let in is for this representative to see."""
    async with work(space=space_of(signed_in), at=at) as w:
        return (await look_in(w, actor=signed_in.actor)).decide(Need.MANAGE_ACCESS).allowed


def _open(entry: DocumentEntry, found: Together) -> OwnDocument:
    return OwnDocument(entry, open_metadata(entry, keys=found.keys))


def _accesses(visits: Sequence[JournalEntry], found: Together) -> tuple[TraceFacts, ...]:
    titles = {
        document: open_metadata(found.named[document], keys=found.keys).title
        for document in single_documents(visits)
        if document in found.named
    }
    return tuple(to_trace(entry, titles=titles, names={}) for entry in visits)


def _result(one: PendingResult) -> ResultFacts:
    return ResultFacts(
        id=one.hold.hex,
        by=one.by,
        organisation=one.organisation or "",
        before=one.due_at,
        asked=one.asked_at is not None,
    )


def _tasks(new: Sequence[NewAccess], lines: Sequence[AccessLine], view: SpaceView) -> tuple[TaskFacts, ...]:
    """Return what asks for the person; whoever they shut out meanwhile asks for nothing more."""
    out = {line.identifier for line in lines if line.effect == "block"}
    tasks = [
        TaskFacts(
            kind="emergency_access" if one.code == NoticeCode.ACCES_BRIS_GLACE else "access",
            name=one.name,
            party=one.grantee,
        )
        for one in new
        if one.grantee not in out
    ]
    if view.welcomed_at is None:
        tasks.append(TaskFacts(kind="welcome"))
    if view.terms != TERMS:
        tasks.append(TaskFacts(kind="terms"))
    if view.contact.email is None:
        tasks.append(TaskFacts(kind="email_missing"))
    return tuple(tasks)
