"""The link to the next page: opaque, sealed, and only for the reader who got it.

It holds the whole question and the place reached, so that a page never depends on memory of ours, and no INS ever
stands in an address. Sealing is deterministic (AES-SIV, RFC 5297): the same page has the same link, and a link tells
nothing about what lies between two pages. A changed, foreign or borrowed link is refused like one that never was.
"""

import base64
import binascii
import functools
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from carnet.identity.api import MailboxSearch
from carnet.infra.installation import current
from carnet.infra.vault import HouseKey
from carnet.interfaces.fhir.errors import Malformed, malformed
from carnet.interfaces.fhir.search.parameters import CURSOR
from carnet.kernel.actors import Actor
from carnet.messaging.api import Mark
from carnet.records.api import DocumentQuery, SubmissionQuery

_PURPOSE: Final = "fhir-page"
_VERSION: Final = "1"
_LONGEST: Final = 8192


class DocumentPage(msgspec.Struct, frozen=True, kw_only=True, tag="documents"):
    """A search of documents at some place. families, givens, identifiers, labels: filters on opened texts."""

    space: UUID
    query: DocumentQuery
    families: tuple[tuple[str, ...], ...] = ()
    givens: tuple[tuple[str, ...], ...] = ()
    identifiers: tuple[tuple[str, ...], ...] = ()
    labels: tuple[tuple[str, ...], ...] = ()


class ListPage(msgspec.Struct, frozen=True, kw_only=True, tag="lists"):
    """A search of submission sets at some place."""

    space: UUID
    query: SubmissionQuery


class ConsentPage(msgspec.Struct, frozen=True, kw_only=True, tag="consents"):
    """A search of one's own lines after the line `after`. statuses: empty for any."""

    space: UUID
    statuses: tuple[str, ...] = ()
    count: int
    after: UUID | None = None


class MailboxPage(msgspec.Struct, frozen=True, kw_only=True, tag="mailboxes"):
    """A search of the directory of mailboxes at some place."""

    search: MailboxSearch


class ColleaguePage(msgspec.Struct, frozen=True, kw_only=True, tag="colleagues"):
    """What colleagues wrote to this reader, from `after` on."""

    count: int
    after: Mark


class CommunicationPage(msgspec.Struct, frozen=True, kw_only=True, tag="communications"):
    """What one person wrote to this reader, from `after` on."""

    space: UUID
    count: int
    after: Mark


Page = DocumentPage | ListPage | ConsentPage | MailboxPage | ColleaguePage | CommunicationPage
_decoder: Final = msgspec.msgpack.Decoder(Page)


def seal_page(page: Page, *, actor: Actor) -> str:
    """Return `page` as the value of `_cursor`."""
    sealed = _cipher().encrypt(msgspec.msgpack.encode(page), _reader(actor))
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()


def open_page(text: str, *, actor: Actor) -> Page:
    """Return the page behind a `_cursor`. Raises Malformed for anything we did not seal for this reader."""
    try:
        sealed = base64.b64decode(text[:_LONGEST] + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        page: Page = _decoder.decode(_cipher().decrypt(sealed, _reader(actor)))
    except (binascii.Error, ValueError, InvalidTag, msgspec.DecodeError):
        raise _not_yours() from None
    return page


def _not_yours() -> Malformed:
    return malformed(
        "cursor-unknown",
        "Ce lien vers une page n'est pas valable pour vous.",
        "This link to a page is not valid for you.",
        CURSOR,
    )


def _cipher() -> AESSIV:
    return _cipher_of(current().house_key)


@functools.lru_cache(maxsize=1)
def _cipher_of(house: HouseKey) -> AESSIV:
    halves = (house.digest(_PURPOSE, _VERSION, half, purpose=_PURPOSE) for half in ("mac", "encryption"))
    return AESSIV(b"".join(halves))


def _reader(actor: Actor) -> list[bytes]:
    """Return what binds a link to its reader: the same person or software, in the same organisation."""
    parts = (str(actor.kind), actor.identifier, actor.organisation or "", actor.client_id or "")
    return [part.encode() for part in parts]
