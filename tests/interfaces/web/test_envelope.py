"""What every request passes through, against the real server over a real socket."""

import re
import signal
import socket
import time

import httpx
import pytest

from factories.served import serve


@pytest.fixture(scope="module")
def served(new_database, tmp_path_factory):
    with serve(new_database(), tmp_path_factory.mktemp("served")) as one:
        yield one


def test_security_headers_are_on_every_answer_even_refusals(served):
    for path in ("/healthz", "/nothing-here", "/fhir/metadata"):
        answer = httpx.get(served.base_url + path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy or "sandbox" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "max-age" in answer.headers["strict-transport-security"]
        assert re.fullmatch(r"[\w-]{12}", answer.headers["x-request-id"])


def test_a_body_declared_too_large_is_refused_before_it_is_read(served):
    host, port = served.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as conn:
        conn.sendall(b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        assert b" 413 " in conn.recv(200)


def test_a_body_that_grows_too_large_is_cut_while_it_is_read(served):
    def endless():
        for _ in range(4000):
            yield b"x" * 1024

    try:
        status = httpx.post(served.base_url + "/oauth/token", content=endless(), timeout=20).status_code
    except httpx.TransportError:
        status = 413  # the server answered and closed before we had finished sending
    assert status == 413


def test_health_and_readiness(served):
    assert httpx.get(served.base_url + "/healthz").text == "ok"
    assert httpx.get(served.base_url + "/readyz").text == "ready"


def test_metrics_are_on_a_port_of_their_own(served):
    httpx.get(served.base_url + "/healthz")
    assert 'carnet_requests_total{door="healthz"' in httpx.get(served.metrics_url).text
    assert httpx.get(served.base_url + "/metrics").status_code == 404


def test_logs_are_lines_of_json_without_the_query(served):
    httpx.get(served.base_url + "/healthz?patient.identifier=CANARY279035121518989")
    lines = (served.home / "web.log").read_text()
    assert '"door": "healthz"' in lines
    assert "CANARY" not in lines


def test_a_stop_finishes_what_was_accepted(new_database, tmp_path):
    with serve(new_database(), tmp_path) as one:
        host, port = one.base_url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as conn:
            conn.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            one.process.send_signal(signal.SIGTERM)
            answer = b""
            while piece := conn.recv(4096):
                answer += piece
        assert b" 200 " in answer
        deadline = time.monotonic() + 25
        while one.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert one.process.poll() is not None
