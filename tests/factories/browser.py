"""Somebody at a browser: follows redirects by hand, holds cookies, chooses a persona at the simulator.

Carnet answers in this process (ASGI), the simulator over real HTTP.
"""

import re
from urllib.parse import urlsplit

import httpx

from factories.simulator import CARNET


class Browser:
    """One browser: its own cookies at Carnet and at the providers."""

    def __init__(self, app, *, user_agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0") -> None:
        headers = {"User-Agent": user_agent}
        transport = httpx.ASGITransport(app=app)
        self.carnet = httpx.AsyncClient(transport=transport, base_url=CARNET, headers=headers)
        self.elsewhere = httpx.AsyncClient(headers=headers)

    async def close(self) -> None:
        await self.carnet.aclose()
        await self.elsewhere.aclose()

    async def get(self, url: str, **kwargs):
        client = self.carnet if url.startswith((CARNET, "/")) else self.elsewhere
        return await client.get(url, **kwargs)

    async def leave_for_provider(self, start: str, **params) -> str:
        """Begin to sign in; return the provider's address."""
        answer = await self.get(start, params=params)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def choose(self, authorize: str, persona: str) -> str:
        """Choose who to be at the provider; return the address it sends back to."""
        page = await self.elsewhere.get(authorize)
        assert page.status_code == 200, page.text
        handle = re.search(r'name="request" value="([^"]+)"', page.text).group(1)
        parts = urlsplit(authorize)
        chosen = f"{parts.scheme}://{parts.netloc}{parts.path.replace('/authorize', '/choose')}"
        answer = await self.elsewhere.post(chosen, data={"request": handle, "login": persona})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self, persona: str, *, start: str = "/connexion/franceconnect", **params):
        """Sign in from beginning to end; return Carnet's last answer (a redirect)."""
        return await self.get(await self.choose(await self.leave_for_provider(start, **params), persona))

    def cookie(self, name: str) -> str | None:
        return self.carnet.cookies.get(name)
