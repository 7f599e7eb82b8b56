"""The README's first screen, done to the letter: what a vendor copies into a terminal works."""

import re
import subprocess
import sys

from journeys.house.running import ROOT


def test_the_readmes_lines_deposit_a_document_and_its_person_finds_it(running, given, visitor):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    block = next(found for found in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "curl" in found)
    assert block.count("\n") < 10
    lines = block.replace("http://127.0.0.1:8000", running.manifest.base_url).replace(
        ".venv/bin/python", sys.executable
    )
    person = visitor().signs_in(given("camille"))  # first, as it says: what lay there before is not all news
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=ROOT,
        env=running.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert '"resourceType":"DocumentReference"' in done.stdout
    title = re.search(r'"title":"([^"]+)"', done.stdout).group(1)
    person.goes_to("/accueil").follows(title).sees_heading(title)
    person.goes_to("/notifications").sees(f"« {title} »")
    person.goes_to("/documents").follows(title).sees_heading(title)
    person.leaves()
