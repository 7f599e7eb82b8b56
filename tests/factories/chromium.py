"""The browser of every journey: Debian's Chromium, quiet, without a sandbox it could not have in a container.

The headless shell where it is installed: the same pages for half the processor time of a whole Chromium.
"""

import os
import re
import shutil

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, expect

INSTALLED = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
PROGRAM = os.environ.get("CARNET_CHROMIUM") or INSTALLED
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GREETING = re.compile("Bonjour|Bonsoir")
"""How the home page begins, whatever the hour."""
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "iframes": False,
}
"""What axe looks for on every page. Not inside frames: it is not in them, and would wait for their answer."""

SETTLED = """async () => {
  await document.fonts.ready;
  for (let before, now; ; before = now) {
    await new Promise(requestAnimationFrame);
    now = [scrollX, scrollY, document.documentElement.scrollHeight].join();
    if (now === before) return;
  }
}"""
"""Waits until a page is where its focus took it: what axe measures would move under it."""
PATIENCE = 20_000
"""Milliseconds somebody waits on a busy machine."""

expect.set_options(timeout=PATIENCE)


def launch(playwright: Playwright) -> Browser:
    """Start it; CARNET_CHROMIUM names another one."""
    return playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)


def seen_by_axe(page: Page) -> AxeResults:
    """Return what axe finds on a page that has come to rest."""
    page.evaluate(SETTLED)
    return Axe().run(page, options=RULES)
