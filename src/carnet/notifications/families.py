"""What is told about who acts for whom, in whose space: neutral lines that lead to the page of one's family.

The invited hears only when every trait named is theirs: a mistyped number tells a stranger nothing.
"""

from datetime import datetime

from carnet.access.api import (
    ENDED,
    ENDING,
    INVITED,
    RECORDED,
    DelegationChanged,
    DelegationLine,
    Delegations,
    Standing,
)
from carnet.infra.db import work
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import NotFound
from carnet.kernel.ids import SpaceId
from carnet.kernel.legal_day import legal_day
from carnet.notifications.actions.add_notification import add_notification
from carnet.notifications.data import NOTIFIER, News, NoticeCode
from carnet.notifications.events import NotificationAdded
from carnet.notifications.queries.parents import parents_who_may_know
from carnet.spaces.api import Claim, Event, LifeChanged, delegate_of, find_space, keys_in, view_in

_CODES = {INVITED: NoticeCode.INVITATION_PROCHE, ENDING: NoticeCode.DELEGATION_FIN}


async def tell_of_delegation(event: DelegationChanged, /, *, at: datetime) -> None:
    """Tell whom it concerns: the invited of an invitation, the person of an answer, both sides of a guardian recorded
    and of an end.
    """
    space = SpaceId(event.space)
    try:
        async with work(space=space, at=at) as w:
            held = Delegations(w, keys=await keys_in(w))
            line = await held.line(event.delegation)
            if line is None or (event.what == ENDING and line.standing(at) is not Standing.ACTIVE):
                return
            if event.what == ENDING:
                await held.note_reminded(line)
    except NotFound:  # erased meanwhile
        return
    news = News(code=_CODES.get(event.what, NoticeCode.DELEGATION), key=f"delegation/{event.delegation}/{event.what}")
    if event.what != INVITED:
        await add_notification(actor=NOTIFIER, space=space, news=news, at=at)
    if event.what in {INVITED, RECORDED, ENDING, ENDED}:
        theirs = await _space_of(line, at)
        if theirs is not None:
            await add_notification(actor=NOTIFIER, space=theirs, news=news, at=at)
    if event.what == ENDED and line.kind == ActorKind.REPRESENTATIVE:
        await _tell_parents_of(space, news.key, at)


async def tell_parents(event: NotificationAdded, /, *, at: datetime) -> None:
    """Tell who represents the person of it, in their own space and by their own channels, once a day, without a name.

    The day is the line's: tried again later, however late, they hear nothing twice. Only of what they may know: a
    document withheld from them makes no line, and from the age at which the child keeps things from them they are told
    nothing more. Of the agenda, the carers it was given to hear too. Ignored: messages, which are not theirs to read.
    """
    space = SpaceId(event.space)
    try:
        async with work(space=space, at=at) as w:
            day, told = await parents_who_may_know(w, event.notification)
    except NotFound:  # erased meanwhile
        return
    for line in told:
        theirs = await _space_of(line, at)
        if theirs is not None:
            key = f"child/{line.delegation_id}/{day.isoformat()}"
            news = News(code=NoticeCode.NOUVEAU_PROCHE, key=key)
            await add_notification(actor=NOTIFIER, space=theirs, news=news, at=at)


async def tell_family_of_closing(event: LifeChanged, /, *, at: datetime) -> None:
    """A space was closed, its erasure asked, or a death taken back: who represents its person hears of it, but for
    whoever left theirs in the same breath; an adult's guardian too, who may do none of these.

    Nobody from the age at which the child keeps things from them: it is the child's own word. Once a closing, however
    often and late this is tried; a space reopened and closed again is another one.
    """
    if event.event in {Event.CLOSE, Event.ASK_DELETION, Event.TAKE_BACK_DEATH}:
        which = event.moment.isoformat() if event.moment else legal_day(at).isoformat()
        await _tell_parents_of(SpaceId(event.space), f"closed/{event.space}/{which}", at, guardians=True)


async def _tell_parents_of(space: SpaceId, key: str, at: datetime, *, guardians: bool = False) -> None:
    try:
        async with work(space=space, at=at) as w:
            lines = await Delegations(w, keys=await keys_in(w)).all()
    except NotFound:  # erased meanwhile
        return
    for line in lines:
        secret = line.discreet_from is not None and line.discreet_from <= at
        theirs = None
        told = line.basis == "parental" or (guardians and line.kind == ActorKind.REPRESENTATIVE)
        if told and line.standing(at) is Standing.ACTIVE and not secret:
            theirs = await _space_of(line, at)
        if theirs is not None:
            news = News(code=NoticeCode.NOUVEAU_PROCHE, key=key)
            await add_notification(actor=NOTIFIER, space=theirs, news=news, at=at)


async def _space_of(line: DelegationLine, at: datetime) -> SpaceId | None:
    """Return the space of who acts, or is asked to, when they are who was named."""
    space = await find_space(line.delegate.ins)
    if space is None:
        return None
    async with work(space=space, at=at) as w:
        person = (await view_in(w)).person
    named = Claim(
        birth_name=line.delegate.birth_name,
        given_name=line.delegate.given_name,
        birth_date=line.delegate.birth_date,
    )
    return space if named.fits(delegate_of(person.ins, person.traits)) else None
