"""Signed notes, checkpoints and cosignatures as C2SP writes them (signed-note, tlog-checkpoint, tlog-cosignature).

A note is a text and signature lines under it. A checkpoint is a note of three lines: origin, size, root. A witness's
cosignature says when it saw the checkpoint. Ed25519 only; lines of unknown keys are ignored, as the standard asks.
"""

import base64
import binascii
import hashlib
import re

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 0x01, 0x04
"""Kinds of keys: plain Ed25519 (the log's), timestamped cosignature/v1 (a witness's)."""
_DASH = "\u2014 "
_SIZE = re.compile("0|[1-9][0-9]{0,18}")
_LARGEST = 1 << 63


class NoteError(ValueError):
    """The text is not a note, a checkpoint or a key of the kind asked for; nothing of it is used."""


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key with its name: `name+hash+key`, the hash being 4 bytes that tell keys apart, not a secret."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The 4 bytes a signature line begins with."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Return the key written as `name+hash+key`. Raises NoteError."""
        name, _, rest = text.strip().partition("+")
        given, _, encoded = rest.partition("+")
        data = _decoded(encoded)
        if not name or len(data) != 33 or data[0] not in {LOG, WITNESS}:  # noqa: PLR2004 - kind and Ed25519 key
            raise NoteError("not a verifier key")
        key = cls(name, data[0], data[1:])
        if key.key_id.hex() != given:
            raise NoteError("the key does not have the hash it names")
        return key


class Checkpoint(msgspec.Struct, frozen=True):
    """How large the tree of `origin` is, and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The body that is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(msgspec.Struct, frozen=True):
    """One line under a note."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        """The line as written, with its newline."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.data).decode()}\n"


class Note(msgspec.Struct, frozen=True):
    """A text and the signatures under it, verified or not."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(one.line for one in self.signatures)

    @classmethod
    def parse(cls, written: str) -> "Note":
        """Return the note. Raises NoteError."""
        text, gap, lines = written.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise NoteError("not a signed note")
        return cls(text + "\n", tuple(parse_signature(line) for line in lines.splitlines()))

    def checkpoint(self) -> Checkpoint:
        """Return what the text says as a checkpoint; extension lines are refused. Raises NoteError."""
        lines = self.text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:  # noqa: PLR2004 - origin, size, root, end
            raise NoteError("not a checkpoint")
        size, root = parse_size(lines[1]), _decoded(lines[2])
        if len(root) != 32:  # noqa: PLR2004 - SHA-256
            raise NoteError("not a root")
        return Checkpoint(lines[0], size, root)


def parse_size(text: str) -> int:
    """Return a tree size as the standards write it: ASCII digits without leading zeros. Raises NoteError."""
    if not _SIZE.fullmatch(text) or int(text) >= _LARGEST:
        raise NoteError("not a tree size")
    return int(text)


def parse_signature(line: str) -> Signature:
    """Return one signature line. Raises NoteError."""
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    data = _decoded(encoded)
    if not line.startswith(_DASH) or not name or len(data) < 5:  # noqa: PLR2004 - a key id and something
        raise NoteError("not a signature line")
    return Signature(name, data[:4], data[4:])


def sign(text: str, *, key: Ed25519PrivateKey, name: str) -> Signature:
    """Sign a note's text as the log `name`."""
    public = public_key(key, name=name, kind=LOG)
    return Signature(name, public.key_id, key.sign(text.encode()))


def cosign(text: str, *, key: Ed25519PrivateKey, name: str, seconds: int) -> Signature:
    """Cosign a checkpoint's text as the witness `name`, seen at `seconds` since 1970 (tlog-cosignature)."""
    public = public_key(key, name=name, kind=WITNESS)
    signed = key.sign(_cosigned(text, seconds))
    return Signature(name, public.key_id, seconds.to_bytes(8, "big") + signed)


def public_key(key: Ed25519PrivateKey, *, name: str, kind: int) -> VerifierKey:
    """Return the public half of `key` under `name`. kind: LOG or WITNESS."""
    return VerifierKey(name, kind, key.public_key().public_bytes_raw())


def signed_by(note: Note, key: VerifierKey) -> bool:
    """Whether the log key `key` signed the note."""
    return any(
        _verifies(key, one.data, note.text.encode())
        for one in note.signatures
        if (one.name, one.key_id) == (key.name, key.key_id)
    )


def seen_by(note: Note, key: VerifierKey) -> int | None:
    """Return when (seconds since 1970) the witness `key` says it saw the checkpoint; None when it did not."""
    for one in note.signatures:
        if (one.name, one.key_id) == (key.name, key.key_id) and len(one.data) == 72:  # noqa: PLR2004 - time and signature
            seconds = int.from_bytes(one.data[:8], "big")
            if _verifies(key, one.data[8:], _cosigned(note.text, seconds)):
                return seconds
    return None


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _verifies(key: VerifierKey, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError("not base64") from error
