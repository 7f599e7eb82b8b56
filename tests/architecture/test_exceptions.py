"""An exception to a lint rule or to a type says why, at least once in its file; and is never without its code."""

import re

import pytest

from architecture.findings import ROOT, ExaminedNothingError, Finding, faults, problems, source, sources

NOQA = re.compile(r"#\s*noqa(?P<codes>:\s*[A-Z]+[0-9]+(?:\s*,\s*[A-Z]+[0-9]+)*)?(?P<why>[^\n]*)")
TYPE_IGNORE = re.compile(r"#\s*type:\s*ignore(?P<codes>\[[\w, -]+\])?(?P<why>[^\n]*)")
FEWEST_WORDS = 1


def excused(one):
    """Every `noqa` and `type: ignore` names its code, and each code is explained in the file."""
    yield Finding(one.path)
    explained, silent = set(), []
    for number, line in enumerate(one.text.splitlines(), 1):
        for pattern in (NOQA, TYPE_IGNORE):
            for found in pattern.finditer(line) if "re.compile" not in line else ():
                where = f"{one.path}:{number}"
                if not found["codes"]:
                    yield Finding(where, "names no code")
                    continue
                codes = set(re.findall(r"[\w-]+", found["codes"]))
                why = NOQA.sub("", TYPE_IGNORE.sub("", found["why"]))
                if len(re.findall(r"\w{2,}", why)) >= FEWEST_WORDS:
                    explained |= codes
                else:
                    silent.append((where, codes))
    for where, codes in silent:
        if codes - explained:
            yield Finding(where, f"does not say why: {', '.join(sorted(codes - explained))}")


def settled(text):
    """Each exception in pyproject.toml has a comment on its line, or stands on the line of one that has."""
    rules = re.compile(r'^\s*(?:"[A-Z]+[0-9]*",?\s*)+(?P<why>#.*)?$|^"(?P<place>[^"]+)" = \[(?P<inline>.*)')
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        inside = line.startswith(("ignore = [", "[tool.ruff.lint.per-file-ignores]")) or (inside and line[:1] != "[")
        found = rules.match(line) if inside else None
        if found is None:
            continue
        whole = found["inline"] is None or found["inline"].rstrip() != ""
        fine = "#" in line or not whole
        yield Finding(f"pyproject.toml:{number}", None if fine else "an exception without a reason")


@pytest.mark.parametrize("folder", ["src/carnet", "tests"])
def test_every_exception_says_why(folder):
    of = [one for one in sources(folder) if one.path != "tests/architecture/test_exceptions.py"]
    assert faults(excused, of) == []


def test_every_general_exception_says_why():
    assert problems(settled((ROOT / "pyproject.toml").read_text("utf-8"))) == []


def test_it_fails_on_nothing():
    with pytest.raises(ExaminedNothingError):
        faults(excused, [])


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa",
        "x = 1  # noqa: S608",
        "x = 1  # noqa: S608 -",
        "x = 1  # type: ignore",
        "x = f()  # type: ignore[no-untyped-call]",
        "x = 1  # noqa: S608 - fixed fragments\ny = 2  # noqa: S101",
    ],
)
def test_a_planted_exception_is_seen(text):
    assert faults(excused, [source(text)])


def test_an_explained_exception_is_left_alone():
    text = (
        "x = 1  # noqa: S608 - fixed fragments\ny = 2  # noqa: S608\nz = f()  # type: ignore[misc]  # it has no types"
    )
    assert faults(excused, [source(text)]) == []


@pytest.mark.parametrize("line", ['  "S608",', '  "S608", "S101",', '"tests/**" = ["S101"]'])
def test_a_planted_general_exception_is_seen(line):
    head = "[tool.ruff.lint.per-file-ignores]\n" if "=" in line else "ignore = [\n"
    assert problems(settled(head + line))
