"""The operators of the trust space: who they are (a certificate), and for which domains they speak.

A TOML file, read again when it changes; a file that cannot be read keeps the last one that could. Each peer has a name
and its domains, and one of: the SHA-256 of its certificate, a DNS name its certificate bears (signed by an authority we
trust), or, for a mail server of this machine or network, the address it comes from. A `front` is a mail server of ours
before this gateway: it names the certificate it saw in each message, and who wrote is looked up anew (decision 0145).
"""

import hashlib
import ssl
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import structlog

_log = structlog.get_logger()


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """One operator. certificates: SHA-256, hexadecimal; names: DNS names in a trusted certificate; addresses: IP.

    domains: those it may write for; `*` only for a server of ours, which checked that itself. front: it speaks for
    nobody by itself, but hands on what others sent.
    """

    name: str
    domains: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    front: bool = False

    def speaks_for(self, domain: str) -> bool:
        """Whether mail from `domain` may come from this peer."""
        return domain.lower() in self.domains or "*" in self.domains


class _File(msgspec.Struct, frozen=True):
    peer: tuple[Peer, ...] = ()


class Peers:
    """The file, and who is in it now."""

    def __init__(self, path: Path | None) -> None:
        """Take the file's path; None lets nobody in."""
        self._path = path
        self._read: tuple[float, tuple[Peer, ...]] = (-1.0, ())

    def find(self, *, address: str, digest: str | None, names: frozenset[str] = frozenset()) -> Peer | None:
        """Return who this is. digest: SHA-256 of the certificate proved in the handshake; names: DNS names it bears."""
        for peer in self._current():
            if digest is not None and (digest in peer.certificates or names & set(peer.names)):
                return peer
            if address in peer.addresses:
                return peer
        return None

    def _current(self) -> tuple[Peer, ...]:
        if self._path is None:
            return ()
        try:
            changed = self._path.stat().st_mtime
            if changed != self._read[0]:
                self._read = (changed, _peers(self._path))
        except (OSError, ValueError, msgspec.ValidationError) as error:
            _log.error("mss-peers-unreadable", kind=type(error).__name__)
        return self._read[1]


def _peers(path: Path) -> tuple[Peer, ...]:
    """Return the peers of a file. Raises OSError, ValueError, msgspec.ValidationError."""
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), type=_File).peer


def certificate_names(ssl_state: dict[str, Any]) -> tuple[str | None, frozenset[str]]:
    """Return the SHA-256 of the peer's certificate and the DNS names in it, as the handshake left them."""
    connection = ssl_state.get("ssl_object")
    if not isinstance(connection, ssl.SSLObject):
        return None, frozenset()
    said = connection.getpeercert() or {}
    alternatives: Any = said.get("subjectAltName", ())
    names = frozenset(value.lower() for kind, value in alternatives if kind == "DNS")
    certificate = connection.getpeercert(binary_form=True)
    return hashlib.sha256(certificate).hexdigest() if certificate else None, names
