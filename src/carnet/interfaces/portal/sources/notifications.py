"""The notification centre's page, in the words of the presenter."""

from datetime import datetime

from carnet.identity.api import SignedIn
from carnet.interfaces.portal.presenters.notifications import NotificationFacts
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.notifications.api import NotificationItem, NotificationPage, list_notifications

PAGE_SIZE = 20
ABOUT_AN_ACCESS = frozenset({"ACCES_DMP_PS", "ACCES_BRIS_GLACE"})


async def gather_notifications(*, signed_in: SignedIn, page: int, at: datetime) -> NotificationPage:
    """Return one page of the list."""
    return await list_notifications(actor=signed_in.actor, space=space_of(signed_in), page=page, count=PAGE_SIZE, at=at)


def to_facts(item: NotificationItem) -> NotificationFacts:
    """Return one line in the words of pages; a document that is gone is not linked."""
    there = item.title is not None and item.document_status != "deleted"
    return NotificationFacts(
        id=item.notification_id.hex,
        event=item.code,
        at=item.created_at,
        read=item.read_at is not None,
        actor=item.actor or item.author or "",
        profession=item.profession or "",
        title=item.title or "",
        document=item.document.hex if item.document and there else None,
        party=f"p-{item.grantee}" if item.grantee and item.code in ABOUT_AN_ACCESS else "",
    )
