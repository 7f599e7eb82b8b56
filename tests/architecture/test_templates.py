"""No template carries a script, a style or a handler of its own: the content security policy would refuse them all.

Nothing is loaded from elsewhere either, and nothing escapes Jinja's escaping without being listed here with its reason.
"""

import re

import pytest

from architecture.findings import PRODUCT, ROOT, ExaminedNothingError, Finding, problems

FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "htmx code in an attribute": re.compile(r"\bhx-on\b|\bhx-vals\s*=\s*[\"']?js:|\bhx-vars\b", re.IGNORECASE),
    "a script address": re.compile(r"(?:href|src|action)\s*=\s*[\"']?\s*(?:javascript|data:text/html)", re.IGNORECASE),
    "something loaded from elsewhere": re.compile(
        r"<(?:script|link|img|iframe|source)\b[^>]*[\"'](?:https?:)?//", re.IGNORECASE
    ),
    "something asked for again without saying that nobody asked": re.compile(
        r"<[a-z](?=[^>]*\bhx-trigger=\"(?:every|news)\b)(?![^>]*X-Carnet-Unasked)[^>]*>", re.IGNORECASE
    ),
    "a raw value": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
}
# (file, what) -> why it is safe
RAW: dict[tuple[str, str], str] = {}
PRESENTER = re.compile(r"presenters\.(\w+)\.(\w+)")
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def templates():
    files = sorted((ROOT / PRODUCT).rglob("templates/**/*"))
    return [(file.relative_to(ROOT).as_posix(), file.read_text("utf-8")) for file in files if file.is_file()]


def clean(of):
    for path, text in of:
        yield Finding(path)
        shown = COMMENT.sub("", text)
        for what, pattern in FORBIDDEN.items():
            if pattern.search(shown) and (path, what) not in RAW:
                yield Finding(path, what)


def test_templates_are_clean():
    assert problems(clean(templates())) == []


def presented(of):
    for path, text in of:
        if named := PRESENTER.search(text.split("\n", 1)[0]):
            module = ROOT / path.partition("/templates/")[0] / "presenters" / f"{named[1]}.py"
            there = module.is_file() and f"class {named[2]}(" in module.read_text("utf-8")
            yield Finding(path) if there else Finding(path, f"no {named[0]}")


def test_a_template_names_a_presenter_that_is_there():
    """By this name the desk's plan of a page is read."""
    assert problems(presented(templates())) == []
    planted = [("src/carnet/interfaces/portal/templates/x.html", "{# presenters.messages.InboxPage #}")]
    assert problems(presented(planted))


def test_it_fails_on_nothing():
    with pytest.raises(ExaminedNothingError):
        problems(clean([]))


@pytest.mark.parametrize(
    "broken",
    [
        "<script>alert(1)</script>",
        '<script type="module">x</script>',
        "<style>p{}</style>",
        '<p class="a" style="color: red">',
        '<button onclick="go()">',
        "<body\nonload=go()>",
        '<a href="javascript:void(0)">',
        '<div hx-on:click="x()">',
        '<img alt="" src="https://elsewhere.example/x.png">',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<div hx-get="/x" hx-trigger="every 4s">',
        "{{ title | safe }}",
        "{% autoescape false %}",
    ],
)
def test_a_planted_fault_is_seen(broken):
    assert problems(clean([("planted.html", broken)]))


def test_innocent_templates_are_left_alone():
    fine = '{# <script> in a comment #}<script src="/static/htmx.js" defer></script><p class="style">on time = soon</p>'
    assert problems(clean([("fine.html", fine)])) == []
