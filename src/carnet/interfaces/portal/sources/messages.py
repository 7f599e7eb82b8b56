"""What the pages of messages need beside the messages themselves."""

from datetime import datetime

from carnet.design.language import PARIS, Language
from carnet.identity.api import SignedIn
from carnet.interfaces.portal.sources.own_space import space_of
from carnet.messaging.api import Conversation, MessageState
from carnet.records.api import DocumentQuery, list_documents, open_metadata

MOST_OFFERED = 100


def draft_of(found: Conversation) -> str:
    """Return the draft kept in a conversation, empty when there is none."""
    return next((one.letter.text for one in found.messages if one.state is MessageState.DRAFT), "")


async def documents_to_send(*, signed_in: SignedIn, language: Language, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return the latest documents of the record as (id, title and day): titles return."""
    query = DocumentQuery(statuses=("current",), order="-received", count=MOST_OFFERED)
    listing = await list_documents(actor=signed_in.actor, space=space_of(signed_in), query=query, at=at)
    keys = listing.keys
    said = ((one, open_metadata(one, keys=keys).title or "") for one in listing.entries)
    return tuple(
        (one.document_id.hex, f"{title} · {language.short_date(one.document_date.astimezone(PARIS).date())}")
        for one, title in said
    )
