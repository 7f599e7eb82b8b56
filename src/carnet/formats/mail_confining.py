"""The program that lets e-mails be read where they can do nothing: little memory, little time, few system calls.

It reads none itself: warm, it waits for a line to talk through, forks, and the child gives up everything but reading,
writing and memory before it hears the first byte. Whatever a hostile message makes the parser do, it can only fail, and
the next one is read by another child. Of Carnet it loads its neighbour `mail_reading` and nothing else (`-I -S`).
"""

import codecs
import ctypes
import gc
import json
import os
import platform
import resource
import signal
import socket
import struct
import sys
from typing import Final

from carnet.formats import mail_reading

MEMORY: Final = 700_000_000
SECONDS: Final = 15
PATIENCE: Final = 40
"""Seconds of the clock after which a child is gone whatever it does."""
HERE: Final = b"\n"
"""What a child says first: whatever happens now is this message's affair."""
TOO_COMPLEX: Final = HERE + b'"too-complex"'
_ALLOWED: Final = {  # read write close fstat lseek mmap munmap brk rt_sigaction/return mremap madvise futex … exit
    "x86_64": (0xC000003E, (0, 1, 3, 5, 8, 9, 11, 12, 10, 13, 14, 15, 25, 28, 60, 96, 202, 228, 231, 262, 318, 334)),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 80, 62, 222, 215, 214, 226, 134, 135, 139, 216, 233, 93, 94, 98, 113, 278, 293),
    ),
}
REHEARSAL: Final = b"""From: =?utf-8?B?w6k=?= "a" <a@b.invalid>
Subject: =?iso-8859-1?Q?=E9?= =?x-none?Q?a?=
Message-ID: <a@b.invalid>
Content-Type: multipart/report; boundary=b

--b
Content-Type: text/html; charset=x-none
Content-Transfer-Encoding: quoted-printable

<p>=E9 &eacute; &#233; <br><!-- a --></p><![CDATA[a]]><?a?>
--b
Content-Type: text/plain; format=flowed; charset=utf-16
Content-Transfer-Encoding: base64

/f/9/w==
--b
Content-Type: application/octet-stream; name*0*=utf-8''a%C3; name*1*=%A9
Content-Disposition: attachment; filename="a"
Content-Transfer-Encoding: x-uuencode

begin 644 a
#86)C
`
end
--b
Content-Type: message/rfc822

Subject: \xe9\xff

\xe9
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; b

--b--
"""


def serve() -> int:
    """Read mails for whoever sends lines over standard input, until it is closed."""
    warm_up()
    control = socket.socket(fileno=0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children leave nothing behind
    while True:
        said, lines, _, _ = socket.recv_fds(control, 1, 1)
        if not said:
            return 0
        for line in lines:
            if os.fork() == 0:
                try:
                    read_one(line)
                finally:  # whatever it met: there is nobody to tell, no answer is the answer
                    os._exit(1)
            os.close(line)


def warm_up() -> None:
    """Load whatever Python loads only when it needs it: later no file may be opened."""
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 31, 1 << 31))
    for name in mail_reading.CHARSETS:
        codecs.lookup(name)
    json.dumps(mail_reading.read(REHEARSAL))
    gc.collect()
    gc.freeze()


def read_one(line: int) -> None:
    """Read one message from `line`, answer there and end this process: nothing else of it may run."""
    os.dup2(line, 0)
    os.closerange(1, 4096)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    signal.alarm(PATIENCE)
    os.write(0, HERE)
    confined = confine()
    pieces = []
    while piece := os.read(0, 1 << 20):
        pieces.append(piece)
    try:
        answer = json.dumps(mail_reading.read(b"".join(pieces)) | {"confined": confined}).encode("ascii")
    except mail_reading.TooComplex:
        answer = TOO_COMPLEX
    view = memoryview(answer)
    while view:
        view = view[os.write(0, view) :]
    os._exit(0)


def confine() -> bool:
    """Let the kernel kill this process at any system call but those of reading, writing and memory (seccomp).

    Returns False where the kernel or the machine cannot: the other limits still hold.
    """
    if _libc is None:
        return False
    no_new_privileges, set_seccomp, filtered = 38, 22, 2
    if _libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    return bool(_libc.prctl(set_seccomp, filtered, _header, 0, 0) == 0)


def _filter() -> bytes:
    """Return the filter as the kernel reads it, nothing for a machine nobody wrote one for."""
    known = _ALLOWED.get(platform.machine())
    if known is None or sys.platform != "linux":
        return b""
    architecture, calls = known
    load, equal, answer = 0x20, 0x15, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    lines = [(load, 0, 0, 4), (equal, 1, 0, architecture), (answer, 0, 0, kill), (load, 0, 0, 0)]
    for place, number in enumerate(calls):
        lines.append((equal, len(calls) - place, 0, number))
    lines += [(answer, 0, 0, kill), (answer, 0, 0, allow)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


# Made before anybody forks: a child has nothing to load and little to copy.
_program: Final = ctypes.create_string_buffer(_filter())
_header: Final = struct.pack("@HP", (len(_program) - 1) // 8, ctypes.addressof(_program))
_libc: Final = ctypes.CDLL(None, use_errno=True) if len(_program) > 1 else None


if __name__ == "__main__":
    sys.exit(serve())
