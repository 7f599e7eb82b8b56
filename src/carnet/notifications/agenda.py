"""An appointment is tomorrow, a reminder is today: a neutral line, that leads to the agenda and says nothing of it."""

from datetime import datetime

from carnet.agenda.api import AgendaDue, Kind, note_told, still_due
from carnet.infra.db import work
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.add_notification import add_notification
from carnet.notifications.data import NOTIFIER, News, NoticeCode

_CODES = {Kind.APPOINTMENT: NoticeCode.RAPPEL_RDV_USAGER, Kind.REMINDER: NoticeCode.RAPPEL_AGENDA}


async def tell_of_agenda(event: AgendaDue, /, *, at: datetime) -> None:
    """Tell once, however often it is heard; not of what was moved, cancelled or deleted, nor when its day is over.

    Noted last: whoever dies in between is made up for, and the key of the news lets nothing be told twice.
    """
    space = SpaceId(event.space)
    async with work(space=space, at=at) as w:
        kind = await still_due(w, entry=event.entry, due_at=event.due_at)
    if kind is None:
        return
    news = News(code=_CODES[kind], key=f"agenda/{event.entry}/{event.due_at.isoformat()}")
    await add_notification(actor=NOTIFIER, space=space, news=news, at=at)
    async with work(space=space, at=at) as w:
        await note_told(w, entry=event.entry, due_at=event.due_at)
