"""What messaging does when it hears of something. Each may run twice for one event."""

from datetime import datetime

from carnet.kernel.ids import SpaceId
from carnet.messaging.actions.take_mail import take_mail
from carnet.messaging.data import GATEWAY
from carnet.messaging.events import MailArrived


async def read_arrived(event: MailArrived, /, *, at: datetime) -> None:
    """Mail was acknowledged: read it and put it where it belongs; raises to be tried again later."""
    await take_mail(actor=GATEWAY, space=SpaceId(event.space), mail=event.mail, at=at)
