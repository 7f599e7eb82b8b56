"""The log's signing key, in a process of its own that can do one thing: sign trees that only grow.

It speaks lines of JSON on a unix socket (production: a user of its own) or on its standard input and output (a child of
the sequencer). It knows neither database nor network; whoever takes over the sequencer gets signatures on extensions
of what is public already, and never a second history.
"""

import base64
import binascii
import contextlib
import socketserver
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.journal.log.memory import Forked, Memory, Smaller, open_key
from carnet.journal.rules.notes import LOG, Checkpoint, public_key, sign

MOST_PROOF = 64


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A request: the key's public half and memory ("state"), or a signature ("sign")."""

    do: str
    size: int = 0
    root: str = ""
    proof: list[str] = []


class Signer:
    """Signs checkpoints of `origin`; refuses what is smaller or does not begin with what it signed."""

    def __init__(self, *, key: Ed25519PrivateKey, origin: str, memory: Memory) -> None:
        self._key, self._origin, self._memory = key, origin, memory
        self.public = public_key(key, name=origin, kind=LOG)

    @classmethod
    def of(cls, folder: Path, origin: str) -> "Signer":
        """Return the signer whose key and memory are in `folder`."""
        key, memories = open_key(folder, [origin])
        return cls(key=key, origin=origin, memory=memories[0])

    def answer(self, line: bytes) -> dict[str, Any]:
        """Return the answer to one line: never more than a public key, a size and root, a signature or a refusal."""
        try:
            asked = msgspec.json.decode(line, type=Asked)
            if asked.do == "state":
                root = base64.b64encode(self._memory.root).decode()
                return {"key": str(self.public), "size": self._memory.size, "root": root}
            if asked.do == "sign" and asked.size >= 0 and len(asked.proof) <= MOST_PROOF:
                return self._sign(asked)
        except (msgspec.DecodeError, binascii.Error, ValueError):
            pass
        return {"refused": "malformed"}

    def _sign(self, asked: Asked) -> dict[str, Any]:
        checkpoint = Checkpoint(self._origin, asked.size, base64.b64decode(asked.root, validate=True))
        proof = [base64.b64decode(one, validate=True) for one in asked.proof]
        try:
            self._memory.advance(checkpoint, proof)
        except Smaller as refusal:
            return {"refused": "smaller", "size": refusal.size}
        except Forked as refusal:
            return {"refused": "forked", "why": str(refusal), "size": self._memory.size}
        return {"signature": sign(checkpoint.text, key=self._key, name=self._origin).line}


def serve_lines(signer: Signer, lines: Iterable[bytes], write: Callable[[bytes], object]) -> None:
    """Answer line by line until there are none."""
    for line in lines:
        write(msgspec.json.encode(signer.answer(line)) + b"\n")


def serve_standard(signer: Signer) -> None:
    """Serve whoever started this process, on its standard input and output."""
    output: IO[bytes] = sys.stdout.buffer

    def write(answer: bytes) -> None:
        output.write(answer)
        output.flush()

    with contextlib.suppress(BrokenPipeError):
        serve_lines(signer, iter(sys.stdin.buffer.readline, b""), write)


def serve_socket(signer: Signer, path: Path) -> None:
    """Serve on a unix socket (mode 0660: the sequencer's group) until the process is stopped."""

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                serve_lines(signer, iter(self.rfile.readline, b""), self.wfile.write)

    path.unlink(missing_ok=True)
    with socketserver.ThreadingUnixStreamServer(str(path), Conversation) as server:
        server.daemon_threads = True
        path.chmod(0o660)
        server.serve_forever()
