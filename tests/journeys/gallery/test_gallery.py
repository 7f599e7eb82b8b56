"""Every page in every state: accessible for axe, in both languages, on a phone and a desk, light and dark, under the
real Content-Security-Policy, without sideways scrolling and with targets large enough to touch.
"""

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import sync_playwright

from factories.chromium import launch, seen_by_axe
from journeys.gallery.states import STATES

ROOT = Path(__file__).parents[3]
VIEWS = {"phone": (390, "light", "fr"), "desk": (1280, "dark", "en")}


@pytest.fixture(scope="module")
def site():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "journeys.gallery.app", str(port)],
        env={"PYTHONPATH": f"{ROOT}/src:{ROOT}/tests", "PATH": "/usr/bin:/bin"},
    )
    address = f"http://127.0.0.1:{port}/galerie"
    for _ in range(100):
        try:
            httpx.get(f"{address}/home")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield address
    server.terminate()
    server.wait(10)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        chromium = launch(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=VIEWS)
def view(request, browser):
    width, theme, language = VIEWS[request.param]
    page = browser.new_page(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    page.messages = []
    page.on("console", lambda message: page.messages.append(message.text))
    page.on("pageerror", lambda error: page.messages.append(str(error)))
    yield page, f"theme={theme}&langue={language}"
    page.close()


SMALL = """() => [...document.querySelectorAll('a.button, button, .tab, .chip, select, input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.closest('[hidden]'))
  .map(e => (e.matches('[type=checkbox],[type=radio]') ? e.closest('label') : e).getBoundingClientRect())
  .filter(r => r.height < 43.5).length"""


@pytest.mark.parametrize("state", STATES)
def test_a_page_is_accessible_fits_and_breaks_no_policy(site, view, state):
    page, options = view
    page.messages.clear()
    page.goto(f"{site}/{state}?{options}")
    found = seen_by_axe(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate(SMALL) == 0
    assert page.messages == []


def test_axe_and_the_policy_would_see_a_planted_fault(site, browser):
    page = browser.new_page()
    messages = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{site}/home")
    planted = '<img src="/page.svg"><i style="color:red">x</i>'
    page.evaluate("html => document.querySelector('h1').insertAdjacentHTML('afterend', html)", planted)

    assert seen_by_axe(page).violations_count > 0
    assert any("Content Security Policy" in message for message in messages)
    page.close()


def test_errors_take_the_focus_and_lead_to_their_field(site, browser):
    page = browser.new_page()
    page.goto(f"{site}/add-errors")
    assert page.evaluate("document.activeElement.className").startswith("error-summary")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "champ-titre"
    page.close()


def test_the_first_tab_stop_skips_to_the_content(site, browser):
    page = browser.new_page()
    page.goto(f"{site}/documents")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"
    page.close()


def test_the_appearance_changes_at_once_and_is_remembered(site, browser):
    page = browser.new_page()
    page.goto(f"{site}/home")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Sombre").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.evaluate("document.cookie") == "theme=dark"
    page.close()
