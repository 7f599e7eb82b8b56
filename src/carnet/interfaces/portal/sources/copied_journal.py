"""The journal for the copy of everything: with its proofs, as the activity page exports it, without a browser.

The copy was asked for by its person after a second proof, which is what lets the whole be told; or by who represents a
child, who is told what their page tells them.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.design.language import Language
from carnet.identity.api import Door, SignedIn, WebSession
from carnet.interfaces.portal.presenters.sentences import sentence
from carnet.interfaces.portal.setting import language_for
from carnet.interfaces.portal.sources.journal import entries_told_to_parents
from carnet.interfaces.portal.sources.sealed_journal import sealed_journal
from carnet.kernel.actors import Actor, ActorKind


def copied_journal(actor: Actor, account: UUID, language: Language, at: datetime) -> AsyncIterator[bytes]:
    """Yield the journal as JSON: of one's own space (docs/journal-format.md §5), or what one is told of a child's."""
    if actor.kind is ActorKind.REPRESENTATIVE:
        return journal_told_to_parents(actor, account, language, at)
    return sealed_journal(signed_in=_signed_in(actor, account, at), at=at, language=language_for(language.code))


async def journal_told_to_parents(
    actor: Actor, account: UUID, language: Language, at: datetime
) -> AsyncIterator[bytes]:
    """Yield what a representative reads of a child's journal as a JSON array, newest first: no number, no proof.

    Proofs count every entry, and how many there are is the child's to know (decision 0132).
    """
    signed_in, words = _signed_in(actor, account, at), language_for(language.code)
    yield b"["
    first = True
    async for batch in entries_told_to_parents(signed_in=signed_in, at=at):
        for entry, trace in batch:
            told = {
                "at": entry.at,
                "act": entry.act,
                "sentence": sentence(trace, words),
                "document_title": trace.document_title or None,
            }
            yield (b"\n" if first else b",\n") + msgspec.json.encode(told)
            first = False
    yield b"]\n"


def _signed_in(actor: Actor, account: UUID, at: datetime) -> SignedIn:
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
    return SignedIn(actor=actor, session=session)
