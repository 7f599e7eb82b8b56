"""DKIM: what leaves is signed by the domain of the persons' addresses (RFC 6376, relaxed/relaxed, rsa-sha256).

Own code, since the one library comes as source only and brings an RSA of its own: here `cryptography` signs, and the
tests have OpenDKIM judge. Nothing is verified here: the trust space trusts certificates, not signatures.
"""

import base64
import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

SIGNED: Final = (
    *("From", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version"),
    *("Content-Type", "Content-Transfer-Encoding", "Auto-Submitted", "X-MSS-INS", "X-MSS-MES", "X-MSS-NIL"),
    *("X-MSS-CODECDA", "X-MSS-DEMANDE"),
)
"""All of them, also those that are not there: none can be added on the way, nor a second one (RFC 6376 §8.15)."""
SHORTEST_KEY: Final = 2048
_BLANKS: Final = re.compile(rb"[ \t]+")
_LINE: Final = 72


class Signer:
    """One domain's key. Raises ValueError when the file is not an RSA key of at least 2048 bits."""

    def __init__(self, *, domain: str, selector: str, key: Path) -> None:
        loaded = serialization.load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(loaded, RSAPrivateKey) or loaded.key_size < SHORTEST_KEY:
            raise ValueError(f"{key}: an RSA key of {SHORTEST_KEY} bits or more is wanted")
        self._key, self._domain, self._selector = loaded, domain, selector

    def sign(self, raw: bytes, *, at: datetime) -> bytes:
        """Return the message with its signature above it."""
        head, _, body = raw.partition(b"\r\n\r\n")
        digest = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode("ascii")
        present = [name for name, _ in _fields(head)]
        named = [name for name in SIGNED if name.lower() in present] + list(SIGNED)
        names = ":\r\n  ".join(_rows(named))
        said = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self._domain}; s={self._selector};\r\n"
            f" t={int(at.timestamp())}; bh={digest};\r\n h={names};\r\n b="
        ).encode("ascii")
        signed = _relaxed_head(head, named) + _relaxed(b"dkim-signature", said)
        made = base64.b64encode(self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256())).decode("ascii")
        folded = "\r\n  ".join(made[at : at + _LINE] for at in range(0, len(made), _LINE))
        return b"DKIM-Signature: " + said + folded.encode("ascii") + b"\r\n" + raw

    def record(self) -> tuple[str, str]:
        """Return what is to stand in the DNS: the name, and the text of its TXT record (RFC 6376 §3.6)."""
        public = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        name = f"{self._selector}._domainkey.{self._domain}"
        return name, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode('ascii')}"


def _rows(names: list[str]) -> list[str]:
    return [":".join(names[at : at + 5]) for at in range(0, len(names), 5)]


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    """Return the fields of a header, folds kept; names in lower case."""
    found: list[tuple[str, bytes]] = []
    for field in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = field.partition(b":")
        found.append((name.strip().decode("ascii", "replace").lower(), value))
    return found


def _relaxed(name: bytes, value: bytes) -> bytes:
    """Return one field as it is signed, without its line end (RFC 6376 §3.4.2)."""
    return name + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip()


def _relaxed_head(head: bytes, named: list[str]) -> bytes:
    """Return the fields named, each the last not yet taken; one that is not there is nothing (RFC 6376 §5.4.2)."""
    left = _fields(head)
    signed = b""
    for name in named:
        place = next((at for at in range(len(left) - 1, -1, -1) if left[at][0] == name.lower()), None)
        if place is not None:
            _, value = left.pop(place)
            signed += _relaxed(name.lower().encode("ascii"), value) + b"\r\n"
    return signed


def _relaxed_body(body: bytes) -> bytes:
    """Return the body as it is signed (RFC 6376 §3.4.4)."""
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
