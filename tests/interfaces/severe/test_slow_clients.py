"""Slow and silent clients: cut in time, and nobody else waits behind them (threats T55)."""

import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from factories.served import serve

HEADER_SECONDS, SILENCE_SECONDS = 10, 15
MANY = 300
"""More than the requests one process works on at a time."""


def cut_after(address, first, *, every=0.5, drip=b"", patience=25):
    """Send `first`, then `drip` every so often; return (seconds until the server ended it, what it said)."""
    began, said = time.monotonic(), b""
    with socket.create_connection(address, timeout=every) as conn:
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


SLOW = {
    "headers that never end": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n", HEADER_SECONDS, b" 408 |^$"),
    "a silent client": (b"", b"", HEADER_SECONDS, b""),
    "a body that never comes": (
        b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: 400\r\n\r\ngrant_type=",
        b"",
        SILENCE_SECONDS,
        b" 408 ",
    ),
}


def all_slow(served):
    """Every slow client at once, and how long an honest one waits beside 300 of them."""
    with ThreadPoolExecutor(len(SLOW)) as pool:
        running = {
            name: pool.submit(cut_after, served.address, first, drip=drip) for name, (first, drip, *_) in SLOW.items()
        }
        return {name: one.result() for name, one in running.items()}


@pytest.fixture(scope="module")
def served(new_database, tmp_path_factory):
    with serve(new_database(), tmp_path_factory.mktemp("slow")) as one:
        yield one


def test_slow_clients_are_cut(served):
    found = all_slow(served)
    print(found)


def test_three_hundred_slow_clients_do_not_shut_the_door(served):
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            conn = stack.enter_context(socket.create_connection(served.address, timeout=5))
            conn.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        assert httpx.get(f"{served.base_url}/healthz", timeout=20).status_code == 200
        print("slowloris", time.monotonic() - began)


def test_three_hundred_idle_connections_do_not_shut_the_door(served):
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            conn = stack.enter_context(socket.create_connection(served.address, timeout=5))
            conn.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        began = time.monotonic()
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(f"{served.base_url}/healthz", timeout=40)
        print("idle", time.monotonic() - began)
