"""Pictures of the gallery for the eye: `python -m journeys.gallery.shots FOLDER [STATE…]` with the app running.

Not a test: `test_gallery.py` proves what a machine can. Pictures stay outside the repository.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from factories.chromium import launch
from journeys.gallery.states import STATES

BASE = "http://127.0.0.1:8931"
VIEWS = (
    ("phone-light", 390, "light", "fr"),
    ("desk-light", 1280, "light", "fr"),
    ("phone-dark", 390, "dark", "fr"),
    ("desk-dark", 1280, "dark", "en"),
)


def main(folder: Path, names: list[str], views: str) -> None:
    """Write one picture per state and view."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for view, width, theme, language in VIEWS:
            if views and views not in view:
                continue
            page = browser.new_page(viewport={"width": width, "height": 844 if width < 500 else 800})
            for name in names or STATES:
                page.goto(f"{BASE}/galerie/{name}?theme={theme}&langue={language}")
                page.wait_for_load_state("networkidle")
                page.screenshot(path=folder / f"{name}.{view}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        [a for a in sys.argv[2:] if not a.startswith("@")],
        next((a[1:] for a in sys.argv if a.startswith("@")), ""),
    )
