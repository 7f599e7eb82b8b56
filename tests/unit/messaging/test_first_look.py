"""The gateway's first look at what a peer says: quick, and nothing of it is repeated in the log."""

import asyncio
import logging
import re

from hypothesis import example, given
from hypothesis import strategies as st

from carnet.interfaces.mssante.checking import Rejected, check_lines
from carnet.interfaces.mssante.gateway import Gateway, listen

PIECES = st.sampled_from([b"\r\n", b"\r", b"\n", b"\x00", b"a", b"a" * 400, b"a" * 998, b".", b"\xe9"])
ODD = re.compile(rb"\r(?!\n)|(?<!\r)\n|\x00")
LONG = re.compile(rb"[^\r\n]{999}")


def passes(raw):
    try:
        check_lines(raw)
    except Rejected:
        return False
    return True


@given(st.lists(PIECES, max_size=12).map(b"".join))
@example(b"a" * 998 + b"\r\n" + b"a" * 998 + b"\r\n")
@example(b"a" * 10 + b"\r\n" + b"a" * 999 + b"\r\n")
@example(b"\n\r")
def test_lines_pass_as_they_are_defined(raw):
    """Beside the definition spelled out (RFC 5321 §2.3.8, §4.5.3.1.6)."""
    wanted = raw.endswith(b"\r\n") and not ODD.search(raw) and not LONG.search(raw)
    assert passes(raw) == wanted


async def test_a_word_that_is_no_command_is_not_logged(tmp_path, caplog):
    """T19: lines of a letter said as commands; a planted fault: the library's own log."""

    async def logged():
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"HELO x\r\nDOULEUR depuis lundi\r\nQUIT\r\n")
        assert b"500" in await reader.read()
        writer.close()
        return "DOULEUR" in caplog.text

    (tmp_path / "peers.toml").write_text(
        '[[peer]]\nname = "chu"\naddresses = ["127.0.0.1"]\ndomains = ["chu.invalid"]\n'
    )
    here = {"host": "127.0.0.1", "port": 0, "domain": "patient.invalid", "most_bytes": 1000}
    server = await listen(Gateway(**here, peers=tmp_path / "peers.toml"))
    try:
        assert not await logged()
        caplog.set_level(logging.WARNING, logger="mail.log")
        assert await logged()
    finally:
        server.close()
