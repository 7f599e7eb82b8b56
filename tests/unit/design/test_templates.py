"""What the Content-Security-Policy forbids, no template holds; and no template speaks without translation."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

from carnet.design.environment import STATIC, make_environment, static_address
from carnet.design.static_files import static_file

SOURCE = Path(__file__).parents[3] / "src/carnet"
TEMPLATES = sorted(path for folder in SOURCE.rglob("templates") for path in folder.rglob("*.html"))
LEXER = Environment(extensions=["jinja2.ext.i18n"])
SPOKEN = {"alt", "title", "aria-label", "placeholder", "label", "data-sent", "data-working", "data-failed"}
PROPER_NOUNS = {"Carnet", "—", "Français", "English"}


class Reader(HTMLParser):
    """Collects what a policy would block and what a person would read."""

    def __init__(self):
        super().__init__()
        self.forbidden, self.words, self.stack = [], [], []

    def handle_starttag(self, tag, attributes):
        self.stack.append(tag)
        names = dict(attributes)
        if tag == "style" or (tag == "script" and "src" not in names):
            self.forbidden.append(tag)
        for name, value in attributes:
            if name == "style" or name.startswith(("on", "hx-on")) or "javascript:" in (value or ""):
                self.forbidden.append(name)
            if name in SPOKEN and re.search(r"[A-Za-zÀ-ÿ]{2,}", value or ""):
                self.words.append(value)
            if name in {"hx-vals", "hx-headers"} and (value or "").startswith(("js:", "javascript:")):
                self.forbidden.append(name)

    def handle_data(self, data):
        text = re.sub(r'\s[a-z-]+="[^"]*"', "", data)  # a macro may hold nothing but attributes
        self.words += [word for word in re.findall(r"[A-Za-zÀ-ÿ—]{2,}", text) if word not in PROPER_NOUNS]


def literal(source: str) -> str:
    """The template with every Jinja construct taken out."""
    data = (value if kind == "data" else "" for _, kind, value in LEXER.lex(source))
    return "".join(data)


def read(source: str) -> Reader:
    reader = Reader()
    reader.feed(literal(source))
    return reader


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_template_holds_inline_script_or_style_nor_untranslated_words(path):
    found = read(path.read_text())
    assert found.forbidden == []
    if "design" in path.parts or "interfaces" in path.parts:
        assert found.words == []
    assert "|safe" not in path.read_text().replace(" ", "")
    assert "autoescapefalse" not in path.read_text().replace(" ", "")


@pytest.mark.parametrize(
    "planted",
    [
        "<p style='color:red'>",
        "<script>x()</script>",
        "<a onclick='x()'>",
        "<style>p{}</style>",
        "<a href='javascript:x'>",
        "<b hx-on:click='x'>",
    ],
)
def test_a_planted_inline_attribute_turns_the_check_red(planted):
    assert read(planted).forbidden


@pytest.mark.parametrize("planted", ["<p>Bonjour</p>", "<img alt='Une image'>"])
def test_a_planted_untranslated_word_turns_the_check_red(planted):
    assert read(planted).words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_templates_stay_short(path):
    assert len(path.read_text().splitlines()) <= 200


def test_every_static_file_a_template_names_is_served_with_its_type():
    for name in [
        *(f"{sheet}.css" for sheet in ("tokens", "base", "layout", "components", "forms", "lists", "print")),
        "carnet.js",
        "icons.svg",
    ]:
        assert static_address(name).startswith(f"/static/{name}?v=")
        assert static_file(name) is not None
    assert static_file("../environment.py") is None
    assert static_file("vendor/htmx/LICENSE") is None


def test_every_icon_named_anywhere_exists_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    for path in TEMPLATES:
        for kind, name in re.findall(r'\b(icon|drawing|empty)\("([a-z-]+)"', path.read_text()):
            assert (name if kind == "icon" else f"d-{name}") in sprite, f"{path}: {name}"


def test_style_sheets_load_nothing_from_elsewhere_and_dark_is_the_same_twice():
    for sheet in STATIC.glob("*.css"):
        assert not re.search(r"https?:|@import", sheet.read_text()), sheet
    tokens = (STATIC / "tokens.css").read_text()
    system = re.search(r'data-theme="light"\]\) \{(.*?)\}', tokens, re.DOTALL)
    chosen = re.search(r'data-theme="dark"\] \{(.*?)\}', tokens, re.DOTALL)
    assert system
    assert chosen
    assert system.group(1).split() == chosen.group(1).split()


def test_what_a_person_typed_is_escaped_and_an_unknown_variable_fails():
    environment = make_environment(language="fr")
    assert environment.from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
    with pytest.raises(Exception, match="undefined"):
        environment.from_string("{{ x }}").render()
