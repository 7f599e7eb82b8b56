"""The pictures of the README, taken from a running house: `PYTHONPATH=src:tests python -m journeys.house.screenshots`.

CARNET_HOME names the house (`make run` in another terminal). Everybody on them is fictitious.
"""

import io
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from factories.chromium import launch
from journeys.house.running import ROOT, RunningHouse
from journeys.house.visitors import DESK, PHONE, Visitor

FOLDER = ROOT / "docs" / "screenshots"
HEAVIEST = 150_000


def main() -> None:
    """Take them all."""
    house = RunningHouse(Path(os.environ.get("CARNET_HOME", "var")))
    manifest = house.manifest
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        person = Visitor(browser, manifest.base_url, width=DESK).signs_in(manifest.person("honore"))
        keep(person, "home")
        keep(person.goes_to("/documents"), "documents")
        person.follows("Bilan diabétique annuel").sees_in_frame("HbA1c")
        keep(person, "document", height=1180)
        keep(person.goes_to("/acces"), "access")
        keep(person.goes_to("/activite"), "activity")
        phone = Visitor(browser, manifest.base_url, width=PHONE, color_scheme="dark", device_scale_factor=2)
        keep(phone.signs_in(manifest.person("nour")), "phone")
        waited_for = Visitor(browser, manifest.base_url, width=DESK).signs_in(manifest.person("nour"))
        keep(waited_for.goes_to("/messages"), "messages")
        keep(waited_for.follows("Votre bilan avant accouchement"), "message")
        at_work = Visitor(browser, manifest.base_url, width=DESK)
        at_work.signs_in_as_professional(manifest.professional("brindavoine"))
        matricule = manifest.person("honore")["ins"]["matricule"]
        keep(at_work.fills(ins=matricule).clicks("Ouvrir le dossier"), "pro")
        browser.close()


def keep(visitor: Visitor, name: str, *, height: int = 0) -> None:
    """Write what the window shows, in few colours; `height` makes it taller for once."""
    usual = visitor.page.viewport_size
    visitor.page.set_viewport_size(usual | {"height": height or usual["height"]})
    visitor.page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(visitor.page.screenshot()))
    path = FOLDER / f"{name}.png"
    picture.convert("RGB").quantize(256, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)
    visitor.page.set_viewport_size(usual)
    assert path.stat().st_size < HEAVIEST, f"{path} weighs {path.stat().st_size}"


if __name__ == "__main__":
    main()
