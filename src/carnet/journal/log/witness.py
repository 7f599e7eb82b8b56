"""A witness: a program for somebody else to run, that cosigns a log as long as it only grows (C2SP tlog-witness).

It needs nothing of a Carnet but the log's origin and key. It keeps what it cosigned last, and answers only
POST …/add-checkpoint. It deliberately knows no person, no entry and no database.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.infra import clock
from carnet.journal.log.memory import Forked, Memory, Smaller, open_key
from carnet.journal.rules.notes import WITNESS, Note, NoteError, VerifierKey, cosign, parse_size, public_key, signed_by

LARGEST_BODY = 16 * 1024
MOST_PROOF = 63
TEXT = "text/plain; charset=utf-8"
_LENGTH = re.compile("[0-9]{1,5}")


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer."""

    status: int
    body: str = ""
    media_type: str = TEXT


class _Request(msgspec.Struct, frozen=True):
    old: int
    proof: list[bytes]
    note: Note


class Witness:
    """Cosigns the logs whose keys it was given."""

    def __init__(
        self, *, name: str, key: Ed25519PrivateKey, logs: Mapping[str, VerifierKey], memories: Mapping[str, Memory]
    ) -> None:
        self._name, self._key, self._logs, self._memories = name, key, logs, memories
        self.public = public_key(key, name=name, kind=WITNESS)

    @classmethod
    def of(cls, folder: Path, *, name: str, logs: list[VerifierKey], accept_new: bool = False) -> "Witness":
        """Return the witness whose key and memory are in `folder`. accept_new: begin logs it does not know yet."""
        origins = [one.name for one in logs]
        key, memories = open_key(folder, origins, accept_new=accept_new)
        known = dict(zip(origins, memories, strict=True))
        return cls(name=name, key=key, logs={one.name: one for one in logs}, memories=known)

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer one submission, with the statuses tlog-witness names."""
        try:
            request = _read(body)
            checkpoint = request.note.checkpoint()
        except (NoteError, ValueError) as error:
            return Answer(400, f"{error}\n")
        key = self._logs.get(checkpoint.origin)
        if key is None:
            return Answer(404, "unknown log\n")
        if not signed_by(request.note, key):
            return Answer(403, "no signature of this log\n")
        if request.old > checkpoint.size:
            return Answer(400, "the old size is larger\n")
        memory = self._memories[checkpoint.origin]
        try:
            memory.advance(checkpoint, request.proof, old=request.old)
        except Smaller as refusal:
            return Answer(409, f"{refusal.size}\n", "text/x.tlog.size")
        except Forked:
            if request.old == checkpoint.size:
                return Answer(409, f"{memory.size}\n", "text/x.tlog.size")
            return Answer(422, "the tree does not begin with the one cosigned before\n")
        seconds = int(clock.now().timestamp())
        return Answer(200, cosign(request.note.text, key=self._key, name=self._name, seconds=seconds).line)


def _read(body: bytes) -> _Request:
    head, gap, note = body.decode("utf-8").partition("\n\n")
    first, *lines = head.split("\n")
    word, _, number = first.partition(" ")
    if not gap or word != "old":
        raise ValueError("not an add-checkpoint request")
    if len(lines) > MOST_PROOF:
        raise ValueError("too long a proof")
    try:
        proof = [base64.b64decode(line, validate=True) for line in lines]
    except binascii.Error as error:
        raise ValueError("a proof line is not base64") from error
    return _Request(parse_size(number), proof, Note.parse(note))


def witness_server(witness: Witness, *, host: str, port: int) -> ThreadingHTTPServer:
    """Return the HTTP server of a witness, listening; `serve_forever` is the caller's. port 0: any free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not _LENGTH.fullmatch(length) or int(length) > LARGEST_BODY:
                self._send(Answer(413, "too large\n"), close=True)
            elif self.path.rstrip("/").endswith("/add-checkpoint"):
                self._send(witness.add_checkpoint(self.rfile.read(int(length))))
            else:
                self._send(Answer(404, "not here\n"), close=True)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            """Say nothing: each request of a log is the same."""

        def _send(self, answer: Answer, *, close: bool = False) -> None:
            data = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(data)))
            if close:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(data)

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server
