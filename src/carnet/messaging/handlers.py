"""What messaging does when it hears of something. Each may run twice for one event."""

from datetime import datetime

from carnet.infra.db import system_work
from carnet.infra.db.listening import announce
from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.take_colleague_mail import take_colleague_mail
from carnet.messaging.actions.take_mail import take_mail
from carnet.messaging.data import GATEWAY
from carnet.messaging.events import ColleagueMailArrived, MailArrived, MessageReceived


async def read_arrived(event: MailArrived, /, *, at: datetime) -> None:
    """Mail was acknowledged: read it and put it where it belongs; raises to be tried again later."""
    await take_mail(actor=GATEWAY, space=SpaceId(event.space), mail=event.mail, at=at)


async def read_colleague_mail(event: ColleagueMailArrived, /, *, at: datetime) -> None:
    """Mail between professionals was acknowledged: read it and have it handed on; raises to be tried again later."""
    await take_colleague_mail(actor=GATEWAY, mail=event.mail, at=at)


async def announce_received(event: MessageReceived, /, *, at: datetime) -> None:
    """A message is there: whoever has a page of this space open hears that something moved, and asks what."""
    async with system_work(at=at) as w:
        await announce(w, SpaceId(event.space))
