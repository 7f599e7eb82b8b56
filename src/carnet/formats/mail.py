"""One e-mail as data: read in `mail_confining`, a program with limits, and taken back only in the shape written here.

Whatever goes wrong there (an exception, a limit, a forbidden system call) is `Invalid`: whoever asked puts the message
in quarantine. Deliberately ignored: whether anything in it is true.
"""

import atexit
import contextlib
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final, Literal

import msgspec

from carnet.formats import mail_confining
from carnet.kernel.errors import Invalid, Problem, TooLarge, Unavailable

PATIENCE: Final = 30.0
MOST_ANSWERED: Final = 16_000_000
"""Bytes an answer may have beside four for each of the message's: no honest one has twice as many."""
_SOURCES: Final = str(Path(mail_confining.__file__).parents[2])
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); from carnet.formats.mail_confining import serve; sys.exit(serve())"
)
TOO_SLOW: Final = Problem(
    "mail-too-slow", "Ce message demande trop de travail pour être lu.", "This message takes too much work to read."
)
TOO_COMPLEX: Final = Problem(
    "mail-too-complex", "Ce message est fait de trop de morceaux.", "This message is made of too many parts."
)
UNREADABLE: Final = Problem("mail-unreadable", "Ce message ne peut pas être lu.", "This message cannot be read.")


class MailPerson(msgspec.Struct, frozen=True):
    """A mailbox as written in a header."""

    address: str
    name: str


class MailFile(msgspec.Struct, frozen=True):
    """A file beside a message. media_type: as declared, only ever a claim."""

    name: str
    media_type: str
    content: bytes


class MailReport(msgspec.Struct, frozen=True):
    """A machine's report on another message. fields: lower-case names of RFC 3464 or RFC 8098."""

    kind: Literal["delivery-status", "disposition-notification"]
    fields: dict[str, str]


class ReadMail(msgspec.Struct, frozen=True, kw_only=True):
    """A message taken apart. mss: headers of the trust space by lower-case name; shortened: the text went on;
    originals: Message-IDs of messages
    it encloses or returns;
    notes: `signed`, `encrypted`, `tnef`, `calendar`, `malformed`; confined: whether the kernel watched the reader.
    """

    sender: tuple[MailPerson, ...]
    to: tuple[MailPerson, ...]
    cc: tuple[MailPerson, ...]
    subject: str
    date: str
    message_id: tuple[str, ...]
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    receipt_to: tuple[MailPerson, ...]
    automatic: bool
    mss: dict[str, str]
    text: str
    shortened: bool
    attachments: tuple[MailFile, ...]
    report: MailReport | None
    originals: tuple[str, ...]
    notes: tuple[str, ...]
    confined: bool


_decoder: Final = msgspec.json.Decoder(ReadMail)


class _Readers:
    """The program whose children read, started at the first message; it ends when this process does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def line(self) -> socket.socket:
        """Return a line to a child that will read one message. Raises Unavailable."""
        with self._lock:
            for _ in range(2):
                control = self._control if self._lives() else self._start()
                ours, theirs = socket.socketpair()
                with theirs, contextlib.suppress(OSError):
                    if control is not None and socket.send_fds(control, [b"r"], [theirs.fileno()]):
                        return ours
                ours.close()
                self._end()
        raise Unavailable

    def close(self) -> None:
        """End the program; the next message starts it again."""
        with self._lock:
            self._end()

    def _lives(self) -> bool:
        return self._program is not None and self._program.poll() is None

    def _start(self) -> socket.socket:
        self._end()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._program = subprocess.Popen(  # noqa: S603 - our own interpreter and program, no shell
                [sys.executable, "-I", "-S", "-c", _PROGRAM, _SOURCES],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )
        return self._control

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._program is not None:
            self._program.kill()
            self._program.wait()
        self._control = self._program = None


_readers: Final = _Readers()
atexit.register(_readers.close)


def read_mail(data: bytes) -> ReadMail:
    """Take a message (RFC 5322, MIME) apart. Blocks up to half a minute: call it from a thread.

    Raises Invalid (`mail-unreadable`, `mail-too-complex`), TooLarge (`mail-too-slow`), or Unavailable when the program
    cannot be started.
    """
    answer = _ask(data) or _ask(data)  # silence: the program ended before it heard of this message
    if not answer:
        raise Unavailable
    if answer == mail_confining.TOO_COMPLEX:
        raise Invalid(TOO_COMPLEX)
    try:
        return _decoder.decode(answer)
    except msgspec.DecodeError:
        raise Invalid(UNREADABLE) from None


def _ask(data: bytes) -> bytes:
    """Return what a child answers: at least that it is there, then nothing when it failed or was ended."""
    pieces: list[bytes] = []
    left = MOST_ANSWERED + 4 * len(data)
    with _readers.line() as line:
        line.settimeout(PATIENCE)
        try:
            with contextlib.suppress(ConnectionError):  # it hung up; what it said before is still there
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
            for _ in range(2):  # Linux tells once that it hung up, then hands over what was said
                with contextlib.suppress(ConnectionError):
                    while piece := line.recv(1 << 20):
                        pieces.append(piece)
                        left -= len(piece)
                        if left < 0:
                            raise Invalid(TOO_COMPLEX)
        except TimeoutError:
            raise TooLarge(TOO_SLOW) from None
    return b"".join(pieces)
