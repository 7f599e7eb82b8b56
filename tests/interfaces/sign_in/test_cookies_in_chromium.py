"""A real Chromium keeps our cookies on plain http on loopback, `__Host-` prefix and all: `make run` needs no TLS."""

import asyncio

import pytest
from playwright.async_api import async_playwright

from carnet.identity.api import Door, SessionLimits
from carnet.journeys.api import WebDoor
from factories.chromium import ARGUMENTS, PROGRAM


@pytest.fixture
async def page():
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        yield await browser.new_page()
        await browser.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_session_cookie_comes_back_and_scripts_cannot_read_it(page, host):
    seen: list[str] = []

    async def answer(reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = request.split(" ")[1]
        cookie = next((line for line in request.split("\r\n") if line.lower().startswith("cookie:")), "")
        if path == "/start":
            writer.write(f"HTTP/1.1 303 See Other\r\nLocation: /page\r\nSet-Cookie: {header}\r\n".encode())
        else:
            seen.append(cookie)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
        writer.write(b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    web = WebDoor(door=Door.PORTAL, base_url=f"http://{host}:{port}", limits=SessionLimits())
    header = web.cookie(web.session_cookie, "secret").to_header(header="")
    async with server:
        await page.goto(f"http://{host}:{port}/start")
        assert "__Host-carnet=secret" in seen[0]
        assert await page.evaluate("document.cookie") == ""
        kept = (await page.context.cookies())[0]
    assert (kept["secure"], kept["httpOnly"], kept["sameSite"]) == (True, True, "Lax")
