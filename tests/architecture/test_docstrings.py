"""Every name a door exports and every public rule says what it is for (STYLE); elsewhere only the why is asked.

A docstring that repeats the name says nothing, and counts as none.
"""

import ast
import importlib
import re
import types

import pytest

from architecture.findings import ExaminedNothingError, Finding, faults, problems, source, sources

SHORTEST = 15


def says_something(name, text):
    """True when the text is a sentence about more than its own name."""
    if not text or len(text.strip()) < SHORTEST:
        return False
    words = set(re.findall(r"[a-z]{3,}", text.lower()))
    return bool(
        words - set(re.findall(r"[a-z]{3,}", name.lower().replace("_", " "))) - {"the", "return", "returns", "this"}
    )


def exported(module):
    """A finding for each function and class behind a door; constants explain themselves where they are."""
    for name in module.__all__:
        thing = getattr(module, name)
        if isinstance(thing, type | types.FunctionType):
            fine = says_something(name, thing.__doc__)
            yield Finding(f"{module.__name__}.{name}", None if fine else "exported without a word")


def rules_explained(one):
    """Public functions and classes of `rules/`."""
    if "/rules/" not in one.path:
        return
    for node in one.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            fine = says_something(node.name, ast.get_docstring(node))
            yield Finding(f"{one.path}:{node.lineno} {node.name}", None if fine else "a rule without a word")


def doors():
    paths = [one.path for one in sources() if one.path.endswith("/api.py")]
    return [importlib.import_module(path[4:-3].replace("/", ".")) for path in paths]


def test_every_exported_name_says_what_it_is_for():
    assert problems(finding for door in doors() for finding in exported(door)) == []


def test_every_rule_says_what_it_is_for():
    assert faults(rules_explained, sources()) == []


def test_it_fails_on_nothing():
    with pytest.raises(ExaminedNothingError):
        problems([])


def planted_door(doc):
    def mask_document():
        pass

    mask_document.__doc__ = doc
    module = types.ModuleType("planted.api")
    module.mask_document, module.__all__ = mask_document, ["mask_document"]
    return module


@pytest.mark.parametrize("doc", [None, "", "Masks.", "Mask the document.", "Return the document mask."])
def test_a_planted_silence_is_seen(doc):
    assert problems(exported(planted_door(doc)))
    text = f"def mask_document():\n    {doc!r}\n" if doc else "def mask_document(): pass"
    assert faults(rules_explained, [source(text, "src/carnet/records/rules/planted.py")])


def test_a_sentence_is_left_alone():
    assert problems(exported(planted_door("Hide every version from professionals. Raises NotFound."))) == []
