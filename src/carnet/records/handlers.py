"""What records do when they hear of something: the words of a document follow its life. For the table in `config`."""

from datetime import datetime

from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.kernel.ids import SpaceId
from carnet.records.actions.read_text import forget_text, read_text, recognise_pages
from carnet.records.events import DocumentDeleted, DocumentDeposited, PagesWaiting, TextWanted


async def want_text(event: DocumentDeposited, /, *, at: datetime) -> None:
    """A document came: its words are taken out in a job of their own, so that nobody waits for them to be told."""
    async with work(space=SpaceId(event.space), at=at) as w:
        await publish(w, TextWanted(space=event.space, document=event.document), patient=True)


async def take_text(event: TextWanted, /, *, at: datetime) -> None:
    """Its turn has come."""
    await read_text(space=SpaceId(event.space), document=event.document, at=at)


async def recognise_text(event: PagesWaiting, /, *, at: datetime) -> None:
    """Pages are pictures: recognise a few."""
    await recognise_pages(space=SpaceId(event.space), document=event.document, at=at)


async def drop_text(event: DocumentDeleted, /, *, at: datetime) -> None:
    """A document was deleted: nobody finds it by its words any more."""
    await forget_text(space=SpaceId(event.space), document=event.document, at=at)
