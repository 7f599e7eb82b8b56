"""News without asking: numbers only, to whom they are for, while their session lives, never in the way of a stop."""

import asyncio
import contextlib
import datetime as dt
import os
import signal

import msgspec
import psycopg
import pytest

from carnet.identity.api import digest_of, find_session, sign_out
from carnet.infra import clock
from carnet.infra.db.listening import CHANNEL, listener
from carnet.infra.web.envelope import Envelope, Limits
from carnet.infra.web.streams import Streams, stopped_by_signals
from carnet.interfaces.portal import news
from carnet.kernel.errors import Unavailable
from factories.events import as_owner, deliver, empty_queue
from factories.mss import address_of, hand_over, letter
from interfaces.portal.conftest import WEB

PATIENCE = 20
LISTENING = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'carnet-listener' AND datname = current_database()
"""


class Open:
    """One stream, as a browser holds it: what came of it, word by word."""

    def __init__(self, app, browser) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in browser._session.items())
        self.scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
                      "scheme": "http", "path": "/messages/nouvelles", "raw_path": b"/messages/nouvelles",
                      "query_string": b"", "root_path": "", "server": ("testserver.local", 80), "client": ("::1", 1),
                      "headers": [(b"host", b"testserver.local"), (b"cookie", cookies.encode()),
                                  (b"accept", b"text/event-stream")]}  # fmt: skip
        self.status, self.headers, self.events = 0, {}, asyncio.Queue()
        self._gone = asyncio.Event()
        self.task = asyncio.create_task(app(self.scope, self._receive, self._send))

    async def _receive(self):
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        for part in message.get("body", b"").decode().split("\n\n"):
            if part.startswith("event:"):
                self.events.put_nowait(part)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.events.put_nowait("")
            self._gone.set()  # the answer is whole: a server then says that nobody listens any more

    async def next(self) -> tuple[str, dict]:
        async with asyncio.timeout(PATIENCE):
            said = await self.events.get()
        name, _, data = said.partition("\ndata: ")
        return name.removeprefix("event: "), msgspec.json.decode(data or "{}")

    async def leaves(self) -> None:
        self._gone.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(self.task, PATIENCE)


@pytest.fixture
async def opens(app, monkeypatch):
    monkeypatch.setattr(news, "OPEN", Streams(most=5, most_of_one=4))
    held, others = [], set(listener()._waiting)

    def one(browser):
        held.append(Open(Envelope(app, limits=Limits()), browser))
        return held[-1]

    yield one
    for each in held:
        await each.leaves()
    assert len(news.OPEN) == 0  # whoever leaves leaves nothing behind
    assert set(listener()._waiting) <= others


async def received(house, browser, **options):
    empty_queue(house)
    await hand_over(letter(browser.someone, **options), to=address_of(browser.someone), at=clock.now())
    await deliver(house)


async def test_a_message_moves_the_number_of_its_person_and_of_nobody_else(house, open_browser, opens):
    browser, other = await open_browser(), await open_browser()
    mine, theirs = opens(browser), opens(other)
    for one in (mine, theirs):
        assert (await one.next())[1]["unread"] == 0
    with psycopg.connect(house.url("carnet_app"), autocommit=True) as heard:
        heard.execute(f"LISTEN {CHANNEL}")
        await received(house, browser, subject="Un secret")
        (notice,) = heard.notifies(timeout=PATIENCE, stop_after=1)
    assert notice.payload == str(browser.someone.space)  # an id, nothing else
    assert await mine.next() == ("messages", {"unread": 1, "spoken": "1 conversation non lue"})
    assert mine.headers[b"content-type"].startswith(b"text/event-stream")
    assert mine.headers[b"cache-control"] == b"no-store"
    await received(house, other)
    assert (await theirs.next())[1]["unread"] == 1  # and only that: the other's message said nothing here
    assert theirs.events.empty()
    with psycopg.connect(house.url("carnet_app")) as asked:  # two streams, one connection of this process listens
        assert asked.execute(LISTENING).fetchone() == (1,)


async def test_a_stream_ends_with_its_session(house, open_browser, opens):
    browser = await open_browser()
    stream = opens(browser)
    await stream.next()
    token = browser._session[WEB.session_cookie]
    found = await find_session(token=token, door=WEB.door, limits=WEB.limits, at=clock.now())
    await sign_out(actor=found.actor, session=found.session, at=clock.now())
    await received(house, browser)
    assert (await stream.next())[0] == "fin"
    await asyncio.wait_for(stream.task, PATIENCE)


async def test_news_keeps_no_session_alive(house, open_browser, opens):
    """Nobody's hand is in a stream that opens again, nor in a list that asks for itself: the silence goes on."""
    browser = await open_browser()
    token = digest_of(browser._session[WEB.session_cookie])
    quiet = clock.now() - dt.timedelta(minutes=5)
    with as_owner(house) as conn:
        conn.execute("UPDATE web_session SET last_seen_at = %s WHERE session_digest = %s", (quiet, token))
        seen = "SELECT last_seen_at FROM web_session WHERE session_digest = %s"
        await opens(browser).next()
        listed = await browser.get("/messages", x_carnet_unasked="1")
        assert listed.status_code == 200
        assert "X-Carnet-Unasked" in listed.text, "the list says so when it asks for itself again"
        assert conn.execute(seen, (token,)).fetchone() == (quiet,)
        await browser.page("/messages")
        assert conn.execute(seen, (token,)).fetchone() > (quiet,)
        silent = clock.now() - WEB.limits.idle
        conn.execute("UPDATE web_session SET last_seen_at = %s WHERE session_digest = %s", (silent, token))
    late = opens(browser)
    await asyncio.wait_for(late.task, PATIENCE)
    assert late.status != 200, "after too long a silence it is refused"


async def test_too_many_streams_are_refused_and_pages_still_come(open_browser, opens):
    browser, other = await open_browser(), await open_browser()
    held = [opens(browser) for _ in range(4)]
    for one in held:
        await one.next()
    refused = opens(browser)
    await asyncio.wait_for(refused.task, PATIENCE)
    assert refused.status == 503
    last = opens(other)
    await last.next()
    full = opens(other)
    await asyncio.wait_for(full.task, PATIENCE)
    assert full.status == 503
    assert (await browser.get("/messages")).status_code == 200


async def test_a_process_that_stops_waits_for_no_stream(open_browser, opens):
    stream = opens(await open_browser())
    await stream.next()
    loop, heard = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, heard.set)  # what the web server does
    try:
        with stopped_by_signals(news.OPEN):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(heard.wait(), PATIENCE)
            await asyncio.wait_for(stream.task, PATIENCE)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
    with pytest.raises(Unavailable), news.OPEN.take("x"):
        raise AssertionError
