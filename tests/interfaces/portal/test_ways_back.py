"""Where a person lands when a form asks for more first, and how they leave when nothing else works."""

import asyncio
import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from carnet.identity.api import find_session
from carnet.infra import clock
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from factories.world import give, make_software
from interfaces.portal.conftest import WEB

LONG_AGO = dt.timedelta(hours=1)


def way_back(answer) -> str:
    """The address the person comes back to."""
    return parse_qs(urlsplit(answer.headers["location"]).query)["retour"][0]


async def test_after_a_fresh_proof_a_form_leads_back_to_a_page(open_browser):
    browser = await open_browser(proved=LONG_AGO)
    receipt = await give(browser.someone, by=await make_software(), at=clock.now())
    document = receipt.documents[0].document_id.hex
    token = await browser.form_token()
    for path in ("/reglages/courriel", f"/documents/{document}/supprimer"):
        answer = await browser.post(path, {"courriel": "a@example.org"}, token=token)
        assert answer.headers["location"].startswith("/confirmer-identite?"), path
        back = await browser.get(way_back(answer))
        assert back.status_code != 405, path


@pytest.mark.parametrize("path", ["/reglages/sessions/fermer-autres", "/acces/urgence", "/notifications/tout-lire"])
async def test_signed_out_meanwhile_a_form_leads_to_a_page_after_signing_in(client, open_browser, path):
    answer = await client.post(path, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    assert (await (await open_browser()).get(way_back(answer))).status_code == 200


async def test_leaving_in_a_hurry_waits_for_no_database(house, app, open_browser):
    browser = await open_browser()
    narrow = Database(house.url("carnet_app"), min_size=1, max_size=1, wait_seconds=30)
    await narrow.open()
    seat.seat(narrow)
    answered, sent = asyncio.Event(), []

    async def send(message):
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    token = browser._session[WEB.session_cookie]
    headers = [(b"cookie", f"{WEB.session_cookie}={token}".encode()), (b"sec-fetch-site", b"same-origin")]
    scope = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http"}
    scope |= {"path": "/quitter", "raw_path": b"/quitter", "query_string": b"", "headers": headers, "root_path": ""}
    try:
        async with narrow.connection():  # the only one there is
            leaving = asyncio.create_task(
                app(scope | {"client": None, "server": ("x", 80), "state": {}}, receive, send)
            )
            await asyncio.wait_for(answered.wait(), 10)
            assert not leaving.done()
        await asyncio.wait_for(leaving, 10)
        assert await find_session(token=token, door=WEB.door, limits=WEB.limits, at=clock.now()) is None
    finally:
        seat.seat(house.database)
        await narrow.close()
    assert sent[0]["status"] == 303
    dropped = [value for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert [value.startswith(f'{WEB.session_cookie}="";'.encode()) for value in dropped] == [True]
