"""How the sequencer speaks with those it does not trust and who do not trust it: the signer and the witnesses."""

import asyncio
import base64
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec

from carnet.journal.rules.merkle import HashOf, consistency_proof
from carnet.journal.rules.notes import Checkpoint, Note, NoteError, Signature, VerifierKey, parse_signature, seen_by

PATIENCE = 60.0
"""Seconds for one answer of the signer: long, because a machine may be busy and giving up ends the conversation."""
OK, CONFLICT = 200, 409


class SignerRefused(Exception):
    """The signer will not sign this tree. kind: smaller, forked or malformed."""

    def __init__(self, kind: str, size: int) -> None:
        super().__init__(f"the signer refused ({kind}): it has signed a tree of {size} leaves")
        self.kind, self.size = kind, size


class SignerGone(ConnectionError):
    """The signer does not answer."""


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
        return VerifierKey.parse(answer["key"]), answer["size"], base64.b64decode(answer["root"])

    async def sign(self, checkpoint: Checkpoint, proof: Sequence[bytes]) -> Signature:
        """Return the signature of `checkpoint`. Raises SignerRefused, SignerGone."""
        asked = {
            "do": "sign",
            "size": checkpoint.size,
            "root": base64.b64encode(checkpoint.root).decode(),
            "proof": [base64.b64encode(one).decode() for one in proof],
        }
        answer = await self._ask(asked)
        if "signature" not in answer:
            raise SignerRefused(answer.get("refused", "malformed"), answer.get("size", 0))
        return parse_signature(answer["signature"].rstrip("\n"))

    async def close(self) -> None:
        """End the conversation, and the child if it is one."""
        with contextlib.suppress(OSError):
            self._writer.close()
            await self._writer.wait_closed()
        if self._child is not None:
            await self._child.wait()

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        async with self._turn:
            try:
                self._writer.write(msgspec.json.encode(asked) + b"\n")
                await self._writer.drain()
                async with asyncio.timeout(PATIENCE):
                    line = await self._reader.readline()
                answer: dict[str, Any] = msgspec.json.decode(line)
            except (OSError, TimeoutError, msgspec.DecodeError) as error:
                raise SignerGone("the signer does not answer") from error
        return answer


class WitnessAt(msgspec.Struct, frozen=True):
    """A witness the log asks: its key and where it answers (the submission prefix)."""

    key: VerifierKey
    url: str


class WitnessAnswer(msgspec.Struct, frozen=True):
    """What a witness said: a cosignature with its time, or why not (refused: a status; silent: no answer)."""

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
                return WitnessAnswer(self._witness, trouble="ahead")
            proof = consistency_proof(self._size, checkpoint.size, hash_of)
            lines = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
            body = f"old {self._size}\n{lines}\n{note}"
            try:
                answer = await self._client.post(f"{self._witness.url}/add-checkpoint", content=body.encode())
            except httpx.HTTPError:
                return WitnessAnswer(self._witness, trouble="silent")
            if answer.status_code == CONFLICT and answer.text.strip().isdecimal():
                if int(answer.text) == self._size:
                    return WitnessAnswer(self._witness, trouble="forked")
                self._size = int(answer.text)
                continue
            if answer.status_code != OK:
                return WitnessAnswer(self._witness, trouble=f"refused-{answer.status_code}")
            return self._read(note, answer.text)
        return WitnessAnswer(self._witness, trouble="ahead")

    def _read(self, note: Note, text: str) -> WitnessAnswer:
        try:
            signatures = [parse_signature(line) for line in text.splitlines()]
        except NoteError:
            signatures = []
        key = self._witness.key
        for one in signatures:
            seconds = seen_by(Note(note.text, (one,)), key)
            if seconds is not None:
                self._size = note.checkpoint().size
                return WitnessAnswer(self._witness, signature=one, seconds=seconds)
        return WitnessAnswer(self._witness, trouble="bad-signature")
