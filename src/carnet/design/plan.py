"""The plan of a page: its title, headings, fields, buttons and sentences, read from the template and never from a page.

For somebody who helps without seeing: what a page may show is in its template, what it does show is nowhere here. Only
constants that are marked for translation are taken; a placeholder in one of them becomes an ellipsis.
"""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import msgspec
from jinja2 import Environment, nodes

Kind = Literal["title", "heading", "field", "button", "text"]
_SAID: Final = frozenset({"_", "gettext", "ngettext"})
_MACROS: Final[dict[str, tuple[Kind, int]]] = {
    "page_head": ("title", 0),
    "submit": ("button", 0),
    "link_button": ("button", 0),
    "text": ("field", 1),
    "textarea": ("field", 1),
    "select": ("field", 1),
    "radios": ("field", 1),
    "checkbox": ("field", 1),
    "upload": ("field", 1),
}
"""The components whose words have a role, and the place of those words among their arguments."""
_TAGS: Final[dict[str, Kind]] = {"button": "button", "a": "button", "label": "field", "legend": "field"}
_TAG: Final = re.compile(r"<(\w+)[^<>]*>\s*$")
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]")
_PRESENTER: Final = re.compile(r"presenters\.(\w+)\.(\w+)")


class Part(msgspec.Struct, frozen=True):
    """Something a page may show, in the words of the catalogue (French)."""

    kind: Kind
    text: str


@lru_cache(maxsize=256)
def plan_of(environment: Environment, template: str, presenters: Path) -> tuple[Part, ...]:
    """Return what a template may show, in its order, then what its presenter may (title and buttons).

    presenters: folder of the modules the templates name in their first line. Words are msgids: translate them to show.
    """
    loader = environment.loader
    if loader is None:
        return ()
    source = loader.get_source(environment, template)[0]
    found = list(_of_template(environment.parse(source)))
    named = _PRESENTER.search(source.split("\n", 1)[0])
    if named and (module := presenters / f"{named[1]}.py").is_file():
        found += _of_presenter(module.read_text("utf-8"), page=named[2])
    return tuple(dict.fromkeys(found))


def without_values(text: str) -> str:
    """Return a sentence of the catalogue with an ellipsis where a page would put a value."""
    return _PLACEHOLDER.sub("…", text).replace("%%", "%")


def _of_template(tree: nodes.Template) -> Iterator[Part]:
    for block in tree.find_all(nodes.Block):
        if block.name == "title":
            yield from (Part("title", text) for text in _said(block))
        elif block.name == "content":
            yield from _of_block(block)


def _of_block(block: nodes.Node) -> Iterator[Part]:
    taken: set[int] = set()
    before = ""
    for node in _in_order(block):
        if isinstance(node, nodes.TemplateData):
            before = node.data
        elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            kind, place = _MACROS.get(node.node.name, ("text", 0))
            if node.node.name in _MACROS and len(node.args) > place:
                yield from (Part(kind, text) for text in _said(node.args[place], taken))
            elif node.node.name in _SAID and id(node) not in taken:
                yield from (Part(_kind_after(before), text) for text in _said(node, taken))


def _in_order(node: nodes.Node) -> Iterator[nodes.Node]:
    for child in node.iter_child_nodes():
        yield child
        yield from _in_order(child)


def _said(node: nodes.Node, taken: set[int] | None = None) -> Iterator[str]:
    """Yield the constants marked for translation in a node, itself included; note whose they were."""
    for call in (node, *_in_order(node)):
        if isinstance(call, nodes.Call) and isinstance(call.node, nodes.Name) and call.node.name in _SAID:
            if taken is not None:
                taken.add(id(call))
            if call.args and isinstance(call.args[0], nodes.Const) and isinstance(call.args[0].value, str):
                yield call.args[0].value


def _kind_after(data: str) -> Kind:
    tag = _TAG.search(data)
    if tag is None:
        return "text"
    return "heading" if re.fullmatch(r"h[1-6]", tag[1]) else _TAGS.get(tag[1], "text")


def _of_presenter(source: str, *, page: str) -> Iterator[Part]:
    """Yield the constants a function that returns `page` gives as heading, and as labels of actions."""
    for function in ast.walk(ast.parse(source)):
        named = function.returns if isinstance(function, ast.FunctionDef) else None
        if isinstance(function, ast.FunctionDef) and isinstance(named, ast.Name) and named.id == page:
            yield from _of_calls(function, page)


def _of_calls(function: ast.FunctionDef, page: str) -> Iterator[Part]:
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id == "Action" and call.args:
                yield from (Part("button", text) for text in _constants(call.args[0]))
            if call.func.id == page:
                headings = (one.value for one in call.keywords if one.arg in {"heading", "title"})
                yield from (Part("title", text) for value in headings for text in _constants(value))


def _constants(node: ast.expr) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_" and call.args:
            value = call.args[0]
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value
