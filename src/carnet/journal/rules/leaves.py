"""What the public log holds of an entry: enough to prove it, nothing to learn from it (docs/journal-format.md §1, §2).

A leaf is version, time of sealing, label, link and commitment. Label and link are keyed with a secret of the space, so
that only its person can tell which leaves are theirs, and nobody can count the visits of a stranger. What a person must
not be told of yet lies in a second stream with a key of its own: a gap in theirs would tell that something is hidden.
The commitment is keyed with a nonce of the entry: destroying entry and nonce leaves a leaf that says nothing and a tree
that is whole.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

VERSION = 1
LEAF_BYTES = 1 + 8 + 32 + 32 + 32
NO_LEAF = bytes(32)
"""Stands for the leaf before a space's first."""

FIELDS = (
    "space_id",
    "at",
    "act",
    "outcome",
    "reason",
    "ground",
    "actor_kind",
    "actor_id",
    "actor_name",
    "profession",
    "organisation",
    "organisation_name",
    "client_id",
    "client_name",
    "on_behalf_of",
    "session",
    "document_ids",
    "details",
)
"""What an entry commits to. A column added later belongs to a later leaf version, or stays outside."""

_CANONICAL = msgspec.json.Encoder(order="sorted")


def canonical(entry: Mapping[str, Any]) -> bytes:
    """Return the entry as RFC 8785 canonical JSON: UTF-8, keys sorted, no spaces, times in UTC, ids as text.

    msgspec's sorted output is canonical for what entries hold: ASCII keys, no fractions (tests compare).
    """
    known = {name: entry[name] for name in FIELDS}
    known["at"] = stamp(entry["at"])
    return _CANONICAL.encode(known)


def stamp(at: datetime) -> str:
    """Return a time as the canonical form writes it: UTC, microseconds only when there are any."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


TOLD_WITHOUT = frozenset({"list-documents", "search-documents"})
"""Acts told even when every document they name is withheld: a list was looked at all the same."""


def as_told(entry: dict[str, Any], withheld: Collection[UUID]) -> dict[str, Any] | None:
    """Return the entry as its person may be told of it: without the withheld documents; None when nothing is left.

    What a person was refused is told without them: it reads as a try at an address where nothing is. What others were
    refused is not: nobody but who knows the document gets as far, and the reason would tell why.
    """
    if not withheld:
        return entry
    kept = [one for one in entry["document_ids"] if one not in withheld]
    is_own_try = entry["outcome"] == "refused" and entry["actor_kind"] == "person"
    return {**entry, "document_ids": kept} if kept or is_own_try or entry["act"] in TOLD_WITHOUT else None


def commitment(entry: Mapping[str, Any], *, nonce: bytes) -> bytes:
    """Return the 32 bytes that bind an entry without telling it: HMAC-SHA-256 with its own nonce as key."""
    return hmac.digest(nonce, canonical(entry), "sha256")


def stream_key(secret: bytes, *, held: bool) -> bytes:
    """Return the key of one of a space's two streams: what its person is told, or what is withheld from them yet."""
    return hmac.digest(secret, b"carnet-journal-held" if held else b"carnet-journal-told", "sha256")


def told_nonce(nonce: bytes) -> bytes:
    """Return the nonce of an entry as told, when something is left out of it: the entry's own stays unknown."""
    return hmac.digest(nonce, b"carnet-journal-told", "sha256")


def label(key: bytes, place: int) -> bytes:
    """Return the pseudonym of the space at `place` (from 1) of a stream: 32 bytes nobody without the key can relate."""
    return hmac.digest(key, b"carnet-journal-label\x00" + place.to_bytes(8, "big"), "sha256")


def link(key: bytes, previous: bytes) -> bytes:
    """Return the 32 bytes that chain a leaf to the stream's previous one. previous: its leaf hash, or NO_LEAF."""
    return hmac.digest(key, b"carnet-journal-link\x00" + previous, "sha256")


def leaf(*, seconds: int, key: bytes, place: int, previous: bytes, committed: bytes) -> bytes:
    """Return the bytes the log holds. seconds: when it was sealed, since 1970."""
    return bytes([VERSION]) + seconds.to_bytes(8, "big") + label(key, place) + link(key, previous) + committed


def commitment_in(data: bytes) -> bytes:
    """Return the commitment a leaf ends with."""
    return data[-32:]


def label_in(data: bytes) -> bytes:
    """Return the label a leaf carries."""
    return data[9:41]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf in the tree (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()
