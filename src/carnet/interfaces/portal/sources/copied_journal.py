"""The journal with its proofs, for the copy of everything: written as the activity page exports it, without a browser.

The copy was asked for by its person after a second proof, which is what lets the whole be told.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from carnet.design.language import Language
from carnet.identity.api import Door, SignedIn, WebSession
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.sealed_journal import sealed_journal
from carnet.kernel.actors import Actor


def copied_journal(actor: Actor, account: UUID, language: Language, at: datetime) -> AsyncIterator[bytes]:
    """Yield the journal of the actor's space as JSON (docs/journal-format.md §5)."""
    session = WebSession(
        public_id=account,
        account=account,
        door=Door.PORTAL,
        created_at=at,
        last_seen_at=at,
        authenticated_at=at,
        absolute_end=at,
        device="",
        csrf_token="",
        id_token="",
        holder=actor,
    )
    signed_in = SignedIn(actor=actor, session=session)
    return sealed_journal(signed_in=signed_in, at=at, language=language_for(language.code))
