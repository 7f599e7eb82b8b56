"""Text messages over HTTP: what the gateway is sent, what its answers mean, and that the number is in no error."""

import asyncio
import contextlib

import httpx
import msgspec
import pytest

from carnet.infra.sms import HttpSms, SmsRefused
from carnet.kernel.errors import Unavailable

NUMBER, TEXT = "+33639980000", "Carnet. Votre code : 123456."


@contextlib.asynccontextmanager
async def gateway(answer):
    """A gateway that answers with a status, closes at once (""), or says nothing (None), and what it was sent."""
    asked = []

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        size = int(head.split("content-length: ")[1].split("\r\n")[0])
        asked.append((head, msgspec.json.decode(await reader.readexactly(size))))
        if answer is None:
            await reader.read()
        writer.write(
            f"HTTP/1.1 {answer}\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode() if answer else b""
        )
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sms", asked


async def test_a_message_is_posted_once_with_the_token():
    async with gateway("202 Accepted") as (url, asked):
        await HttpSms(url, token="Jeton").send(to=NUMBER, text=TEXT)
    [(head, body)] = asked
    assert head.startswith("post /sms ")
    assert "authorization: bearer jeton" in head
    assert body == {"to": NUMBER, "text": TEXT}


ANSWERS = {
    "400 Bad Request": SmsRefused,
    "302 Found": Unavailable,
    "503 Service Unavailable": Unavailable,
    "": Unavailable,
    None: Unavailable,
}


@pytest.mark.parametrize(("answer", "error"), ANSWERS.items(), ids=["refused", "elsewhere", "down", "closed", "silent"])
async def test_what_is_no_yes_is_refused_for_good_or_tried_again_and_names_no_number(answer, error):
    async with gateway(answer) as (url, asked):
        with pytest.raises(error) as raised:
            await HttpSms(url, seconds=30 if answer is not None else 0.3).send(to=NUMBER, text=TEXT)
    assert len(asked) == 1 or answer is None, "sent nowhere else"
    assert NUMBER[3:] not in str(raised.value)


async def test_where_nobody_listens_it_is_tried_again():
    async with gateway("200 OK") as (url, _):
        pass
    with pytest.raises(Unavailable):
        await HttpSms(url).send(to=NUMBER, text=TEXT)


async def test_a_sender_that_believes_any_answer_would_be_seen(monkeypatch):
    monkeypatch.setattr(httpx.Response, "is_client_error", False)
    monkeypatch.setattr(httpx.Response, "is_success", True)
    with pytest.raises(pytest.fail.Exception):
        await test_what_is_no_yes_is_refused_for_good_or_tried_again_and_names_no_number("400 Bad Request", SmsRefused)
