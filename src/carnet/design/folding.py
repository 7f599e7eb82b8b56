"""What a template says on every page is worked out when it is compiled, not at each page.

Most calls of a page are its words, its icons and its style sheets, with nothing but text written in the template; and
most of what a call costs is Jinja finding out how to make it. Deliberately ignores calls that hold anything of the
page: those stay what they are, only made more directly.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from types import FunctionType
from typing import Any

from jinja2 import Environment, nodes
from jinja2.runtime import Context, Macro
from markupsafe import Markup

WORDS = frozenset({"_", "gettext"})
PURE = frozenset({"static", "icon", "drawing"})
"""Globals whose answer depends on their arguments alone."""
_PLAIN = frozenset({FunctionType, type(len), type(lru_cache(maxsize=1)(len))})


class DirectContext(Context):
    """Calls macros and plain functions at once; what wants to be given the context is called the usual way."""

    def call(self, called: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Call `called` from a template."""
        kind = type(called)
        if kind is Macro or (kind in _PLAIN and not hasattr(called, "jinja_pass_arg")):
            if kwargs:
                kwargs.pop("_loop_vars", None)
                kwargs.pop("_block_vars", None)
            return called(self.eval_ctx, *args, **kwargs) if kind is Macro else called(*args, **kwargs)
        return super().call(called, *args, **kwargs)


class FoldingEnvironment(Environment):
    """An environment whose templates hold the answers of calls that are always the same. said: translates a text."""

    context_class = DirectContext
    said: Callable[[str], str]

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        self._fold(source, (WORDS | PURE) - set(_names_of_its_own(source)))
        return super()._generate(source, *args, **kwargs)

    def _fold(self, node: nodes.Node, known: frozenset[str]) -> None:
        """Replace, under `node`, each call of one of `known` with nothing but text by what it answers."""
        for field, value in node.iter_fields():
            if isinstance(value, list):
                value[:] = [self._folded(one, known) for one in value]
            else:
                setattr(node, field, self._folded(value, known))

    def _folded(self, one: Any, known: frozenset[str]) -> Any:
        if not isinstance(one, nodes.Node):
            return one
        if isinstance(one, nodes.Call) and isinstance(one.node, nodes.Name) and one.node.name in known:
            texts = [arg.value for arg in one.args if isinstance(arg, nodes.Const) and isinstance(arg.value, str)]
            if texts and len(texts) == len(one.args) and not (one.kwargs or one.dyn_args or one.dyn_kwargs):
                return nodes.Const(self._answer(one.node.name, texts), lineno=one.lineno)
        self._fold(one, known)
        return one

    def _answer(self, name: str, texts: list[str]) -> str:
        """Return what the call answers; words are formatted even with nothing to put in them, as Jinja does."""
        if name in WORDS:
            return Markup(self.said(*texts)) % {}  # noqa: S704 - a sentence of ours, as the i18n extension does
        pure: Callable[..., str] = self.globals[name]  # type: ignore[assignment]  # one of ours
        return pure(*texts)


def _names_of_its_own(tree: nodes.Template) -> Iterator[str]:
    """Yield the names a template gives to something of its own: they are not the globals of that name."""
    yield from (one.name for one in tree.find_all(nodes.Name) if one.ctx != "load")
    yield from (one.name for one in tree.find_all(nodes.Macro))
    for one in tree.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in one.names)
    yield from (one.target for one in tree.find_all(nodes.Import))
