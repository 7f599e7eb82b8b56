"""What the public log holds of an entry: enough to prove it, nothing to learn from it (docs/journal-format.md §1, §2).

A leaf is version, time of sealing, label, link and commitment. Label and link are keyed with a secret of the space, so
that only its person can tell which leaves are theirs, and nobody can count the visits of a stranger. The commitment
is keyed with a nonce of the entry: destroying entry and nonce leaves a leaf that says nothing and a tree that is whole.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

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


def commitment(entry: Mapping[str, Any], *, nonce: bytes) -> bytes:
    """Return the 32 bytes that bind an entry without telling it: HMAC-SHA-256 with its own nonce as key."""
    return hmac.digest(nonce, canonical(entry), "sha256")


def label(secret: bytes, seq: int) -> bytes:
    """Return the pseudonym of the space for its entry number `seq`: 32 bytes nobody without the secret can relate."""
    return hmac.digest(secret, b"carnet-journal-label\x00" + seq.to_bytes(8, "big"), "sha256")


def link(secret: bytes, previous: bytes) -> bytes:
    """Return the 32 bytes that chain a leaf to the space's previous one. previous: its leaf hash, or NO_LEAF."""
    return hmac.digest(secret, b"carnet-journal-link\x00" + previous, "sha256")


def leaf(*, seconds: int, secret: bytes, seq: int, previous: bytes, committed: bytes) -> bytes:
    """Return the bytes the log holds. seconds: when it was sealed, since 1970."""
    return bytes([VERSION]) + seconds.to_bytes(8, "big") + label(secret, seq) + link(secret, previous) + committed


def commitment_in(data: bytes) -> bytes:
    """Return the commitment a leaf ends with."""
    return data[-32:]


def label_in(data: bytes) -> bytes:
    """Return the label a leaf carries."""
    return data[9:41]


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf in the tree (RFC 6962 §2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()
