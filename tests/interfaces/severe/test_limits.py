"""The limits that take long to reach, on the real server with the same limits made short (`planted.impatient`)."""

import contextlib
import re
import socket
import time

import httpx
import pytest

from factories.deposits import content_of
from factories.served import logs_of, serve, until
from factories.town import carers, settle

BIG = bytes(range(256)) * 40_000
FORM = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n"


@pytest.fixture(scope="module")
async def short(new_database, simulator, tmp_path_factory):
    url = new_database()
    with serve(url, tmp_path_factory.mktemp("short"), fault="impatient", **carers(simulator)) as served:
        yield await settle(served, simulator, url)


def answered_until(conn, *, seconds=15):
    """Receive until the other side ends it; return what came."""
    conn.settimeout(seconds)
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := conn.recv(1 << 20):
            said += piece
    return said


def test_a_body_that_drips_is_cut_when_its_time_is_over(short):
    with socket.create_connection(short.served.address, timeout=10) as conn:
        conn.sendall(FORM)
        began = time.monotonic()
        while time.monotonic() - began < 1.8:
            conn.sendall(b"x")
            time.sleep(0.3)
        assert b" 408 " in answered_until(conn)
    assert time.monotonic() - began < 8


async def test_whoever_takes_nothing_of_a_download_is_cut_off(short):
    (document,) = await short.documents([BIG])
    head = f"GET /fhir/Binary/{document} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {short.reader}\r\n\r\n"
    with socket.create_connection(short.served.address, timeout=10) as conn:
        conn.sendall(head.encode())
        until(lambda: re.search(r'"door": "fhir".*"status": 200', logs_of(short.served)))
        assert len(answered_until(conn)) < len(BIG)
    assert "Traceback" not in logs_of(short.served)
    assert content_of(short.served, short.reader, document).content == BIG


def test_whoever_comes_on_top_is_told_to_come_back(short):
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(socket.create_connection(short.served.address, timeout=5)).sendall(FORM)
        client = stack.enter_context(httpx.Client(base_url=short.served.base_url, timeout=10))
        answers = []

        def full():
            answers.append(client.get("/fhir/metadata"))
            return answers[-1].status_code == 503

        until(full, seconds=3)
        assert answers[-1].headers["retry-after"].isdigit()
        assert client.get("/healthz").status_code == 200
    until(lambda: httpx.get(f"{short.served.base_url}/fhir/metadata", timeout=10).status_code == 200)
