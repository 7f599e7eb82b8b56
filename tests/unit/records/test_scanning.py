"""Against a clamd that speaks the protocol over TCP and over a Unix socket, says what it is told, or misbehaves."""

import asyncio

import pytest

from carnet.infra.scanning import Clamd, Scan, scan
from carnet.kernel.errors import Invalid, Unavailable
from factories.clamd import EICAR, FakeClamd, tcp


async def test_clean_bytes_arrive_whole():
    fake, content = FakeClamd(), bytes(range(256)) * 4000
    async with tcp(fake) as clamd:
        assert await clamd.scan(content) is Scan.CLEAN
    assert fake.received == [content]


async def test_infected_bytes_are_refused_without_the_name_of_the_virus():
    async with tcp(FakeClamd()) as clamd:
        with pytest.raises(Invalid) as refused:
            await clamd.scan(b"xx" + EICAR)
    assert refused.value.problems[0].code == "content-infected"
    assert "Eicar" not in str(refused.value.problems)


async def test_over_a_unix_socket(tmp_path):
    server = await asyncio.start_unix_server(FakeClamd(), str(tmp_path / "clamd"))
    assert await Clamd(str(tmp_path / "clamd")).scan(b"x") is Scan.CLEAN
    server.close()


@pytest.mark.parametrize(
    "fake",
    [
        FakeClamd(answer=b"stream: lstat() failed. ERROR\0"),
        FakeClamd(answer=b"PONG\0"),
        FakeClamd(answer=b"\0"),
        FakeClamd(answer=b"x" * 5000),
        FakeClamd(answer=b"stream: OK"),
        FakeClamd(most=10),
        FakeClamd(silent=True),
    ],
)
async def test_an_answer_that_is_none_is_never_taken_for_clean(fake):
    async with tcp(fake) as clamd:
        with pytest.raises(Unavailable):
            await clamd.scan(b"y" * 1000)


async def test_a_scanner_that_is_down():
    with pytest.raises(Unavailable):
        await Clamd("127.0.0.1:1").scan(b"x")
    with pytest.raises(Unavailable):
        await Clamd("/nowhere/clamd").scan(b"x")


async def test_without_a_scanner_nothing_is_claimed():
    assert await scan(b"x", scanner=None) is Scan.NOT_SCANNED
