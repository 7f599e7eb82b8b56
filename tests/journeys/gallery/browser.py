"""The browser every journey uses: Debian's Chromium, quiet, without a sandbox it could not have in a container."""

import os

from playwright.sync_api import Browser, Playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Start Chromium; CARNET_CHROMIUM names another one."""
    return playwright.chromium.launch(
        executable_path=os.environ.get("CARNET_CHROMIUM", "/usr/bin/chromium"), args=ARGUMENTS
    )
