"""Whether all that a kept copy holds is still shown to whoever had it made in somebody else's space.

What a child keeps from those who represent them may change the day after a copy was made. Nothing has to remember which
copies there are: what their taker may see of that time is counted anew, through the same predicates as their pages, and
a copy whose count is another is given no more. The count is of what they are shown alone, so that what it says tells
them nothing their pages do not. Ignored: what came since, and the rights to see, which `Copy.still` decides.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from carnet.infra import clock
from carnet.infra.blobs import BlobReader
from carnet.journeys.copy_archive import Copy
from carnet.kernel.errors import NotFound, Problem, Refused
from carnet.messaging.api import MessageState, copy_conversations
from carnet.records.api import copy_pages

EVERY = timedelta(minutes=5)
"""How often a copy on its way is counted anew; whether its taker may take it is decided before each piece."""
CHANGED = Problem(
    "copy-changed",
    "Ce que contient cette copie a changé. Demandez-en une autre.",
    "What this copy holds has changed. Ask for another.",
    "export",
)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A copy that can be taken, in whole or by range. copy, counted: of whom it is weighed for, again and again; None
    for the person themselves.
    """

    blob: BlobReader
    copy: Copy | None = None
    counted: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        return self.blob.size

    async def read_range(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the content from `start` to `stop` (excluded). Raises Refused, NotFound where it may not go on."""
        since: datetime = clock.now()
        async for piece in self.blob.read_range(start, stop):
            if self.copy is not None:
                await self.copy.still()
                if clock.now() - since > EVERY:
                    await weigh(self.copy, self.counted)
                    since = clock.now()
            yield piece


async def standing(copy: Copy) -> bytes:
    """Return a digest of what its taker may see of before it was made: documents, messages, journal. Raises Refused.

    Whatever their order, which what came since may change; drafts are their writer's own.
    """
    await copy.still()
    shown, said = set[bytes](), set[bytes]()
    async for page in copy_pages(actor=copy.actor, space=copy.space, until=copy.at):
        shown.update(entry.document_id.bytes for entry in page.entries)
    async for one in copy_conversations(actor=copy.actor, space=copy.space, until=copy.at):
        said |= {sent.message_id.bytes async for sent, _ in one.messages() if sent.state is not MessageState.DRAFT}
    counted = sha256(b"documents" + b"".join(sorted(shown)) + b"messages" + b"".join(sorted(said)) + b"journal")
    before = copy.at - timedelta.resolution  # what making it leaves at that very moment is not of before
    async for piece in copy.journal(copy.actor, copy.account, copy.languages[0], before):
        counted.update(piece)
    return counted.digest()


async def weigh(copy: Copy, counted: bytes | None) -> None:
    """Raise NotFound when something that was in the copy is shown to its taker no longer; Refused."""
    if await standing(copy) != counted:
        raise NotFound


async def weigh_made(copy: Copy, counted: bytes | None) -> None:
    """Raise Refused when what may be seen changed while the copy was made: it may hold what came and went."""
    if counted is not None and await standing(copy) != counted:
        raise Refused(CHANGED)
