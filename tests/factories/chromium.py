"""The browser of every journey: Debian's Chromium, quiet, without a sandbox it could not have in a container.

The headless shell where it is installed: the same pages for half the processor time of a whole Chromium.
"""

import os
import shutil

from playwright.sync_api import Browser, Playwright

PROGRAM = os.environ.get("CARNET_CHROMIUM") or shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
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
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "iframes": False,
}
"""What axe looks for on every page. Not inside frames: it is not in them, and would wait for their answer."""


def launch(playwright: Playwright) -> Browser:
    """Start it; CARNET_CHROMIUM names another one."""
    return playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
