"""People at a browser: each page they come to is looked at by axe, by the console, and for sideways scrolling.

Words of the steps are the words of the pages: a test reads as what somebody does.
"""

import re
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Browser, Locator, Page, expect

from factories.chromium import PATIENCE, seen_by_axe

PHONE, DESK = 390, 1280
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_VARIES = re.compile(r"[0-9a-f]{32}|[0-9a-f-]{36}|[A-Za-z0-9_-]{60,}")


def loose(text: str | re.Pattern) -> re.Pattern:
    """The words with whatever spaces typography put between them."""
    return text if isinstance(text, re.Pattern) else re.compile(r"\s+".join(map(re.escape, text.split(" "))))


class Visitor:
    """One browser with its own cookies, at the portal and, with `pro`, at the professionals' pages."""

    def __init__(self, browser: Browser, base_url: str, *, width: int = DESK, script: bool = True, **options) -> None:
        self.base_url, self.script, self.width = base_url, script, width
        self.context = browser.new_context(
            viewport={"width": width, "height": 844 if width == PHONE else 800},
            java_script_enabled=script,
            base_url=base_url,
            **({"locale": "fr-FR"} | options),
        )
        self.context.set_default_timeout(PATIENCE)
        self.page: Page = self.context.new_page()
        self.words: list[str] = []
        self.view = f"{width} {options}"
        self.refusal_expected = False
        self.page.on("console", lambda message: self.words.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.words.append(f"pageerror: {error}"))

    looked_at: ClassVar[set[str]] = set()
    """Kinds of pages axe has seen, by view, in the whole run: once each is enough."""

    # what they do

    def signs_in(self, persona: dict) -> "Visitor":
        self.goes_to("/connexion")
        return self._chooses(persona, self.page.get_by_role("link", name=re.compile("FranceConnect")))

    def signs_in_as_professional(self, persona: dict) -> "Visitor":
        self.goes_to("/pro")
        return self._chooses(persona, self.page.get_by_role("link", name=re.compile("Pro Santé Connect")))

    def signs_in_as_agent(self, persona: dict) -> "Visitor":
        self.goes_to("/guichet")
        return self._chooses(persona, self.page.get_by_role("link", name=re.compile("ProConnect")))

    def _chooses(self, persona: dict, way_in: Locator) -> "Visitor":
        way_in.first.click()
        self.page.get_by_role("searchbox").wait_for()
        self._look()
        self.page.locator(f"button[name=login][value={persona['login']}]").click()
        self.page.wait_for_url(lambda url: url.startswith(self.base_url))
        return self._look()

    def goes_to(self, path: str) -> "Visitor":
        self.page.goto(path)
        return self._look()

    def comes_back_until(self, path: str, text: str) -> "Visitor":
        """Look at a page again and again until it says `text`: what the worker does is done a little later."""
        for _ in range(PATIENCE // 500):
            if self.goes_to(path).page.get_by_text(loose(text)).count():
                break
            self.page.wait_for_timeout(500)
        return self.sees(text)

    def clicks(self, name: str | re.Pattern, *, role: str = "button", within: Locator | None = None) -> "Visitor":
        place = within or self.page
        exact = not isinstance(name, re.Pattern)
        place.get_by_role(role, name=name, exact=exact).first.click()
        self.page.wait_for_load_state("load")
        return self._look()

    def follows(self, name: str | re.Pattern, *, within: Locator | None = None) -> "Visitor":
        return self.clicks(name, role="link", within=within)

    def fills(self, **fields: str) -> "Visitor":
        """Fill fields by name; a select by its value."""
        for name, value in fields.items():
            field = self.page.locator(f"[name={name}]").first
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        return self

    def chooses_files(self, name: str, *files: dict | Path) -> "Visitor":
        self.page.locator(f"input[name={name}]").set_input_files(list(files))
        return self

    # what they see

    def sees(self, text: str | re.Pattern, *, within: Locator | None = None) -> "Visitor":
        expect((within or self.page.locator("body")).get_by_text(loose(text)).first).to_be_visible(timeout=PATIENCE)
        return self

    def does_not_see(self, text: str | re.Pattern) -> "Visitor":
        expect(self.page.get_by_text(loose(text))).to_have_count(0)
        return self

    def sees_in_frame(self, text: str) -> "Visitor":
        expect(self.page.frame_locator("iframe").get_by_text(loose(text)).first).to_be_visible(timeout=PATIENCE)
        return self

    def sees_heading(self, text: str | re.Pattern) -> "Visitor":
        expect(self.page.get_by_role("heading", name=loose(text)).first).to_be_visible(timeout=PATIENCE)
        return self

    @property
    def text(self) -> str:
        return self.page.locator("body").inner_text()

    # what is seen for them

    def expecting_refusals(self) -> "Visitor":
        """From now on an answer of 4xx is part of the story."""
        self.refusal_expected = True
        return self

    def _look(self) -> "Visitor":
        bad = [one for one in self.words if not one.startswith(("log:", "info:", "debug:"))]
        if self.refusal_expected:
            bad = [one for one in bad if not _REFUSAL.search(one)]
        assert bad == [], f"{self.page.url}: {bad}"
        if not self.script:
            return self
        kind = f"{self.view} {_VARIES.sub('…', self.page.url)} {self.page.title()}"
        if kind in self.looked_at:
            return self
        self.looked_at.add(kind)
        found = seen_by_axe(self.page)
        assert found.violations_count == 0, f"{self.page.url}\n{found.generate_report()}"
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), self.page.url
        return self

    def leaves(self) -> None:
        self._look()
        self.context.close()
