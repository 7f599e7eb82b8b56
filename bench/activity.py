"""How long a browser takes to check a journal on the activity page, with the page's own script.

    python -m bench.activity [--entries 10000] [--rounds 5] [--write]

Chromium, the script as it is served, a journal made in memory among as many leaves of strangers, from this machine.
Counted from the press of the button to the verdict: fetching, reading and checking. Beside it, the processor time all
of the browser's processes took. Not counted: the house making the journal it hands out.
"""

import argparse
import json
import statistics
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench.one_line import keep
from carnet.design.environment import STATIC

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from factories.chromium import launch
from factories.journal_export import make_export

PAGE = """<!doctype html><html lang="fr"><title>Vérifier</title><script src="/verify.js" defer></script>
<div data-verify="/journal" data-checkpoint="/checkpoint"><button hidden>Vérifier</button><p data-status></p>
<ul data-problems></ul><template></template></div></html>"""
KINDS = {"/": "text/html", "/verify.js": "text/javascript", "/journal": "application/json", "/checkpoint": "text/plain"}
GOAL = 2.0
"""Seconds, for 10,000 entries."""
PATIENCE = 120_000


class _Handler(BaseHTTPRequestHandler):
    """Answers with what lies ready."""

    def __init__(self, *args: object, answers: dict[str, bytes]) -> None:
        self._answers = answers
        super().__init__(*args)  # type: ignore[arg-type]  # handed on as http.server gives them

    def do_GET(self) -> None:
        body = self._answers.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", KINDS.get(self.path, "text/plain"))
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(arguments: list[str]) -> int:
    """Measure, print; return 1 when the verdict is not that the journal is right."""
    parser = argparse.ArgumentParser(prog="python -m bench.activity", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep the figure in docs/performance.md")
    given = parser.parse_args(arguments)
    journal = make_export(given.entries)
    del journal["_leaves"]
    answers = {
        "/": PAGE.encode(),
        "/verify.js": (STATIC / "verify.js").read_bytes(),
        "/journal": json.dumps(journal).encode(),
        "/checkpoint": journal["checkpoint"].encode(),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, answers=answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            found = [_checked(browser, f"http://127.0.0.1:{server.server_port}/") for _ in range(given.rounds)]
            browser.close()
    finally:
        server.shutdown()
    walls, busy = (statistics.median(one[place] for one in found) for place in (0, 1))
    worst = max(one[0] for one in found)
    said = (
        f"{given.entries:,} entries checked in Chromium in {walls:.2f} s, {worst:.2f} s at most of {given.rounds}; "
        f"{busy:.2f} s of processor (goal {GOAL:.0f} s; {len(answers['/journal']) / 1e6:.1f} MB)"
    )
    sys.stdout.write(said + "\n")
    if given.write:
        keep("activity", said)
    return 0 if all(one[2] == "right" for one in found) else 1


def _checked(browser: Browser, address: str) -> tuple[float, float, str]:
    """Return seconds, seconds of processor, and the verdict."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("button").wait_for()
    before, begun = _processor(), time.perf_counter()
    page.get_by_role("button").click()
    verdict = _verdict(page)
    taken = time.perf_counter() - begun, _processor() - before, verdict
    page.close()
    return taken


def _verdict(page: Page) -> str:
    box = page.locator('[data-verify]:not([data-state="busy"])[data-state]')
    box.wait_for(timeout=PATIENCE)
    return box.get_attribute("data-state") or ""


def _processor() -> float:
    """Return the seconds of processor every process of the browser took so far."""
    children = psutil.Process().children(recursive=True)
    times = [one.cpu_times() for one in children if "chrom" in one.name() or "headless" in one.name()]
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
