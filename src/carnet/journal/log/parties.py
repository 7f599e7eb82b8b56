"""How the sequencer speaks with those it does not trust and who do not trust it: the signer and the witnesses."""

import asyncio
import base64
import binascii
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from carnet.journal.rules.merkle import HashOf, consistency_proof
from carnet.journal.rules.notes import (
    Checkpoint,
    Note,
    NoteError,
    Signature,
    VerifierKey,
    parse_signature,
    parse_size,
    seen_by,
)

PATIENCE = 20.0
"""Seconds for one answer of the signer: long, because a machine may be busy and giving up ends the conversation."""
CLOSING = 5.0
"""Seconds to take leave of the signer; a child that does not go is killed."""
OK, CONFLICT = 200, 409
LARGEST_ANSWER = 16 * 1024
WITNESS_SECONDS = 10.0
"""For a whole answer of a witness, however slowly it comes."""


class SignerRefused(Exception):
    """The signer will not sign this tree. kind: smaller, forked or malformed."""

    def __init__(self, kind: str, size: int) -> None:
        super().__init__(f"the signer refused ({kind}): it has signed a tree of {size} leaves")
        self.kind, self.size = kind, size


class SignerGone(ConnectionError):
    """The signer does not answer."""


class _Answer(msgspec.Struct):
    """All a signer ever says (signer.py)."""

    key: str = ""
    size: int = 0
    root: str = ""
    signature: str = ""
    refused: str = "malformed"


class SignerLine:
    """A conversation with the signer, over a unix socket or with a child process."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, child: asyncio.subprocess.Process | None
    ) -> None:
        self._reader, self._writer, self._child = reader, writer, child
        self._turn = asyncio.Lock()

    @classmethod
    async def to_socket(cls, path: Path) -> "SignerLine":
        """Connect to a signer that runs by itself. Raises OSError."""
        reader, writer = await asyncio.open_unix_connection(str(path))
        return cls(reader, writer, None)

    @classmethod
    async def to_child(cls, command: Sequence[str]) -> "SignerLine":
        """Start a signer as a child that ends with this process."""
        pipe = asyncio.subprocess.PIPE
        child = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        if child.stdout is None or child.stdin is None:
            raise SignerGone("no pipe to the signer")
        return cls(child.stdout, child.stdin, child)

    async def state(self) -> tuple[VerifierKey, int, bytes]:
        """Return the log's public key, and the size and root signed last."""
        answer = await self._ask({"do": "state"})
        try:
            return VerifierKey.parse(answer.key), answer.size, base64.b64decode(answer.root)
        except (NoteError, binascii.Error) as error:
            raise SignerGone("the signer does not say who it is") from error

    async def sign(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Signature:
        """Return the signature of `checkpoint`. Raises SignerRefused, SignerGone."""
        asked = {
            "do": "sign",
            "size": checkpoint.size,
            "root": base64.b64encode(checkpoint.root).decode(),
            "proof": [base64.b64encode(one).decode() for one in proof],
        }
        answer = await self._ask(asked)
        if not answer.signature:
            raise SignerRefused(answer.refused, answer.size)
        try:
            return parse_signature(answer.signature.rstrip("\n"))
        except NoteError as error:
            raise SignerGone("the signer gave no signature") from error

    async def close(self) -> None:
        """End the conversation, and the child if it is one, whether it listens or not."""
        with contextlib.suppress(OSError):
            self._writer.close()
            async with asyncio.timeout(CLOSING):
                await self._writer.wait_closed()
        if self._child is None:
            return
        try:
            async with asyncio.timeout(CLOSING):
                await self._child.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._child.kill()
            await self._child.wait()

    async def _ask(self, asked: dict[str, Any]) -> _Answer:
        async with self._turn:
            try:
                self._writer.write(msgspec.json.encode(asked) + b"\n")
                await self._writer.drain()
                async with asyncio.timeout(PATIENCE):
                    line = await self._reader.readline()
                return msgspec.json.decode(line, type=_Answer)
            except (OSError, ValueError, msgspec.DecodeError) as error:  # ValueError: an endless line
                raise SignerGone("the signer does not answer") from error


class WitnessAt(msgspec.Struct, frozen=True):
    """A witness the log asks: its key and where it answers (the submission prefix)."""

    key: VerifierKey
    url: str


class WitnessAnswer(msgspec.Struct, frozen=True):
    """What a witness said: a cosignature with its time, or why not (silent, forked, ahead, refused-…, bad-answer)."""

    witness: WitnessAt
    signature: Signature | None = None
    seconds: int = 0
    trouble: str = ""


class WitnessLine:
    """Asks one witness, and remembers how large it last saw the log."""

    def __init__(self, witness: WitnessAt, client: httpx.AsyncClient) -> None:
        self._witness, self._client = witness, client
        self._size = 0

    async def cosign(self, note: Note, hash_of: HashOf) -> WitnessAnswer:
        """Submit a checkpoint with the proof from where the witness stands; once more when it stands elsewhere."""
        checkpoint = note.checkpoint()
        for _ in range(2):
            if self._size > checkpoint.size:
                break
            proof = consistency_proof(self._size, checkpoint.size, hash_of)
            lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
            try:
                status, text = await self._post(f"old {self._size}\n{lines}\n{note}".encode())
                if status != CONFLICT:
                    return self._read(note, status, text)
                size = parse_size(text.removesuffix("\n"))
            except (httpx.HTTPError, TimeoutError):
                return WitnessAnswer(self._witness, trouble="silent")
            except NoteError:
                return WitnessAnswer(self._witness, trouble="bad-answer")
            if size == self._size:
                return WitnessAnswer(self._witness, trouble="forked")
            self._size = size
        self._size = 0  # it is asked again where it stands, next time
        return WitnessAnswer(self._witness, trouble="ahead")

    async def _post(self, body: bytes) -> tuple[int, str]:
        """Return status and text, read no further than an answer can be. Raises NoteError when it is longer."""
        text, url = b"", f"{self._witness.url}/add-checkpoint"
        async with asyncio.timeout(WITNESS_SECONDS), self._client.stream("POST", url, content=body) as answer:
            async for piece in answer.aiter_raw():
                text += piece
                if len(text) > LARGEST_ANSWER:
                    raise NoteError("too long an answer")
        return answer.status_code, text.decode("utf-8", "replace")

    def _read(self, note: Note, status: int, text: str) -> WitnessAnswer:
        """Return the cosignature among the lines of an answer. Raises NoteError."""
        if status != OK:
            return WitnessAnswer(self._witness, trouble=f"refused-{status}")
        key = self._witness.key
        for one in [parse_signature(line) for line in text.splitlines()]:
            seconds = seen_by(Note(note.text, (one,)), key)
            if seconds is not None:
                self._size = note.checkpoint().size
                return WitnessAnswer(self._witness, signature=one, seconds=seconds)
        return WitnessAnswer(self._witness, trouble="bad-answer")
