import pytest
from playwright.sync_api import sync_playwright

from factories.chromium import launch
from journeys.pro.site import pro_site


@pytest.fixture(scope="session")
def site(new_database, tmp_path_factory):
    with pro_site(new_database(), tmp_path_factory.mktemp("pro")) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture
def desk(site, browser):
    """A function that opens a browser signed in as the doctor; `scripts=False` runs none."""
    opened = []

    def at(width=1280, *, theme="light", language="fr", scripts=True, signed_in=True):
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 500 else 800},
            reduced_motion="reduce",
            java_script_enabled=scripts,
            accept_downloads=True,
        )
        opened.append(context)
        context.add_cookies(
            [
                {"name": name, "value": value, "url": site.base_url}
                for name, value in (("theme", theme), ("langue", language))
            ]
        )
        if signed_in:
            cookie = {"name": "__Host-carnet-pro", "value": site.prepared.token, "domain": "127.0.0.1", "path": "/"}
            context.add_cookies([{**cookie, "secure": True, "httpOnly": True}])
        page = context.new_page()
        page.messages = []
        page.on("console", lambda message: page.messages.append(message.text))
        page.on("pageerror", lambda error: page.messages.append(str(error)))
        return page

    yield at
    for context in opened:
        context.close()
