"""A stop that is asked for finishes what was accepted, and takes nothing new (issue 2 §2)."""

import json
import signal
import socket

from factories.deposits import document_reference
from factories.served import serve, until
from factories.town import carers, settle


def deposit_while_stopping(town):
    """Send half a deposit, ask the server to stop, send the rest; return what it answered."""
    body = json.dumps(document_reference(town.person, content=b"z" * 200_000)).encode()
    head = (
        f"POST /fhir/DocumentReference HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {town.token}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(town.served.address, timeout=20) as conn:
        conn.sendall(head.encode() + body[:100_000])
        town.served.process.send_signal(signal.SIGTERM)
        until(lambda: not listening(town.served.address))
        said = b""
        try:
            conn.sendall(body[100_000:])
            while piece := conn.recv(4096):
                said += piece
        except ConnectionError:
            pass
    return said


def listening(address):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(address) == 0


async def test_a_deposit_in_flight_is_finished(new_database, simulator, tmp_path):
    url = new_database()
    with serve(url, tmp_path, **carers(simulator)) as served:
        said = deposit_while_stopping(await settle(served, simulator, url))
        assert said.startswith(b"HTTP/1.1 201 ")
        assert served.process.wait(timeout=25) == 0


async def test_the_check_sees_a_server_that_drops_what_it_accepted(new_database, simulator, tmp_path):
    url = new_database()
    with serve(url, tmp_path, fault="no_drain", **carers(simulator)) as served:
        assert b" 201 " not in deposit_while_stopping(await settle(served, simulator, url))
