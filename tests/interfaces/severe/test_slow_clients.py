"""Slow, silent and vanishing clients: cut in time, nobody waits behind them, nothing half done (threats T41, T55)."""

import contextlib
import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from factories.deposits import content_of, document_reference
from factories.served import serve, until

HEADER_SECONDS, SILENCE_SECONDS = 10, 15
SLACK = 4
MANY = 300
"""More than one process works on at a time."""

FORM = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
# what is sent first, what is sent every half second, after how long it must be over, what is said
SLOW = {
    "headers that never end": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n", HEADER_SECONDS, b""),
    "a silent client": (b"", b"", HEADER_SECONDS, b""),
    "a body that never comes": (FORM + b"Content-Length: 400\r\n\r\ngrant_type=", b"", SILENCE_SECONDS, b" 408 "),
}


def cut_after(address, first, drip, *, patience):
    """Send `first`, then `drip` every half second; return (seconds until the server ended it, what it said)."""
    began, said = time.monotonic(), b""
    with socket.create_connection(address, timeout=0.5) as conn:
        conn.sendall(first)
        while time.monotonic() - began < patience:
            try:
                piece = conn.recv(4096)
            except TimeoutError:
                with contextlib.suppress(OSError):
                    conn.sendall(drip)
                continue
            except ConnectionError:
                return time.monotonic() - began, said
            if not piece:
                return time.monotonic() - began, said
            said += piece
    return None, said


def not_cut(served):
    """Be every slow client at once; return those the server did not end in time or properly."""
    with ThreadPoolExecutor(len(SLOW)) as pool:
        running = {
            name: pool.submit(cut_after, served.address, first, drip, patience=seconds + SLACK)
            for name, (first, drip, seconds, _) in SLOW.items()
        }
    failed = set()
    for name, one in running.items():
        seconds, said = one.result()
        if seconds is None or SLOW[name][3] not in said:
            failed.add(name)
    return failed


def open_beside(served, sent):
    """Tell whether an honest request is answered soon beside MANY connections that sent `sent` and nothing more."""
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            stack.enter_context(socket.create_connection(served.address, timeout=5)).sendall(sent)
        try:
            return httpx.get(f"{served.base_url}/healthz", timeout=5).status_code == 200
        except httpx.TimeoutException:
            return False


@pytest.fixture(scope="module")
def cut_here_and_there(town, new_database, tmp_path_factory):
    """Which slow clients were not cut: by the real server, and by one with endless patience; at once, to save time."""
    home = tmp_path_factory.mktemp("patient")
    with serve(new_database(), home, fault="endless_patience") as patient, ThreadPoolExecutor(2) as pool:
        return list(pool.map(not_cut, (town.served, patient)))


def test_slow_clients_are_cut(cut_here_and_there):
    assert cut_here_and_there[0] == set()


def test_the_check_sees_endless_patience(cut_here_and_there):
    assert cut_here_and_there[1] == SLOW.keys()


@pytest.mark.parametrize("sent", [b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_slow_and_idle_connections_do_not_shut_the_door(town, sent):
    assert open_beside(town.served, sent)


def test_the_check_sees_a_door_that_connections_shut(new_database, tmp_path):
    with serve(new_database(), tmp_path, fault="few_connections") as served:
        assert not open_beside(served, b"GET /healthz HTTP/1.1\r\nHost: x\r\n")


def kept_of(town):
    """(documents, intents, files in the store) of a house."""
    with psycopg.connect(town.url("postgres")) as conn:
        counts = conn.execute(
            "SELECT (SELECT count(*) FROM carnet.document), (SELECT count(*) FROM carnet.deposit_intent)"
        ).fetchone()
    files = [path for path in (town.served.home / "blobs").rglob("*") if path.is_file()]
    return (*counts, len(files))


def running(town):
    """How many requests the server is answering, by its own metrics."""
    found = re.search(r"^carnet_requests_running (\S+)", httpx.get(town.served.metrics_url).text, re.MULTILINE)
    return float(found.group(1))


def upload(town, content):
    body = json.dumps(document_reference(town.person, content=content)).encode()
    head = (
        f"POST /fhir/DocumentReference HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {town.token}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_whoever_hangs_up_during_an_upload_leaves_nothing(town):
    before, message = kept_of(town), upload(town, b"x" * 300_000)
    for cut in range(0, len(message), len(message) // 12):
        with socket.create_connection(town.served.address, timeout=5) as conn:
            conn.sendall(message[:cut])
    until(lambda: running(town) == 0)
    assert kept_of(town) == before


def test_an_upload_cut_by_its_announced_length_leaves_nothing(town):
    before, message = kept_of(town), upload(town, b"y" * 50_000)
    with socket.create_connection(town.served.address, timeout=10) as conn:
        conn.sendall(message[:-100])
        conn.shutdown(socket.SHUT_WR)
        said = conn.recv(100)
    assert said == b"" or b" 400 " in said
    until(lambda: running(town) == 0)
    assert kept_of(town) == before


async def test_whoever_hangs_up_during_a_download_harms_nobody(town):
    (document,) = await town.documents([bytes(range(256)) * 16_000])
    head = (
        f"GET /fhir/Binary/{document} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {town.reader}\r\nAccept: */*\r\n\r\n"
    )
    for wanted in (1, 1_000, 100_000, 3_000_000) * 3:
        with socket.create_connection(town.served.address, timeout=10) as conn:
            conn.sendall(head.encode())
            received = 0
            while received < wanted:
                received += len(conn.recv(65_536))
    until(lambda: running(town) == 0)
    whole = content_of(town.served, town.reader, document)
    assert whole.content == bytes(range(256)) * 16_000
