"""One real house for every journey of this folder, and visitors who close their browser when a test ends."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from factories.chromium import launch
from journeys.house.programs import Software
from journeys.house.running import READY_SECONDS, RunningHouse
from journeys.house.visitors import Visitor


@pytest.fixture(scope="session")
def running() -> Iterator[RunningHouse]:
    """The house, ready; stopped at the end as a service manager does, with nobody left behind.

    Ctrl-C is the signal of those that stop while starting (`test_starting_and_stopping`).

    JOURNEYS_HOME names the folder of a house somebody already runs: quicker while writing journeys.
    """
    if beside := os.environ.get("JOURNEYS_HOME"):
        yield RunningHouse(Path(beside))
        return
    house = RunningHouse()
    try:
        house.start()
        yield house
        house.stop(signal.SIGTERM)
    finally:
        if house.process is not None and house.process.poll() is None:
            house.process.kill()
        house.forget()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visitor(running, chromium) -> Iterator[Callable[..., Visitor]]:
    """visitor(width=…, script=…, locale=…): somebody at a browser of their own."""
    come: list[Visitor] = []

    def comes(**options) -> Visitor:
        come.append(Visitor(chromium, running.manifest.base_url, **options))
        return come[-1]

    yield comes
    for one in come:
        one.context.close()


@pytest.fixture
def software(running) -> Iterator[Callable[[str], Software]]:
    """software("labflux-laboratoire"): a care software, not signed in yet."""
    made: list[Software] = []

    def named(client_id: str) -> Software:
        made.append(Software(running, client_id))
        return made[-1]

    yield named
    for one in made:
        one.http.close()


@pytest.fixture
def given(running):
    """given("honore"): a persona of sandbox.json, person or professional."""

    def named(login: str) -> dict:
        everybody = [*running.manifest.persons, *running.manifest.professionals]
        return next(one for one in everybody if one["login"] == login)

    return named


def pytest_itemcollected(item):
    """The first journey also waits for the house, which may take three minutes."""
    item.add_marker(pytest.mark.timeout(READY_SECONDS + 240))
