"""SQL, time and chance each have one place; everywhere else they are passed in.

A query outside `queries/` or `actions/` escapes whoever reviews access; a clock or a dice in the middle of a rule
cannot be stopped by a test.
"""

import ast
import re

import pytest

from architecture.findings import ExaminedNothingError, Finding, faults, references, source, sources, texts

SQL_FOLDERS = ("/queries/", "/actions/", "/infra/db/", "/infra/jobs/", "/carnet/journal/")
SQL = re.compile(
    r"""\A\s*(?:--[^\n]*\n\s*)*(?:
      SELECT\s | INSERT\s+INTO\s | UPDATE\s+[\w.]+\s+(?:\w+\s+)?SET\s | DELETE\s+FROM\s | WITH\s+\w+\s+AS\s |
      TRUNCATE\s | COPY\s+\w | LOCK\s+TABLE | SET\s+LOCAL\s | (?:GRANT|REVOKE)\s |
      (?:CREATE|ALTER|DROP)\s+(?:TABLE|ROLE|INDEX|SCHEMA|FUNCTION|DATABASE)\s )
      | \bSELECT\b[\s\S]*\bFROM\b | \bEXISTS\s*\(SELECT\b | \bJOIN\b[\s\S]*\bON\b """,
    re.VERBOSE,
)
SQL_CLOCK = re.compile(
    r"\b(?:now\(\)|clock_timestamp\(\)|statement_timestamp\(\)|current_timestamp|current_date)", re.IGNORECASE
)
# a setting of the transaction takes no parameter: a UUID or hexadecimal digits, and nothing else, are written into it
NARROWING = "src/carnet/infra/db/work.py"

CLOCK = "src/carnet/infra/clock.py"
CLOCKS = {
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
}

# procrastinate decides by the database's clock what is due; asking it the same question needs the same clock. And what
# is kept from a person ends by that clock alone: a process whose clock jumps must not release it early (threats T18)
DATABASE_CLOCK = ("src/carnet/infra/jobs/", "src/carnet/records/actions/release.py")

CHANCE = "src/carnet/infra/randomness.py"
# encryption nonces must not be repeatable, by a test least of all
NONCES = ("src/carnet/infra/vault/", "src/carnet/infra/blobs/")
# path -> why its dice are not chance: seeded, so that the same story is told every time
SEEDED: dict[str, str] = {}
DICE = re.compile(r"(?:random\.|secrets\.|uuid\.uuid[14678]$|os\.urandom$|numpy\.random|secrets$|random$)")


def sql_has_its_place(one):
    """No SQL outside `queries/`, `actions/`, `infra/db`, `infra/jobs`, `journal`."""
    yield Finding(one.path)
    if any(folder in f"/{one.path}" for folder in SQL_FOLDERS):
        return
    for line, text in texts(one.tree):
        if SQL.search(text):
            yield Finding(f"{one.path}:{line}", "SQL outside queries/ and actions/")


def sql_is_made_of_constants(one):
    """No statement is put together inside a function, where what somebody sent could become a part of it."""
    yield Finding(one.path)
    if one.path == NARROWING:
        return
    inside = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    for function in (node for node in ast.walk(one.tree) if isinstance(node, inside)):
        for node in ast.walk(function):
            if any(SQL.search(text) for text in _joined(node)):
                yield Finding(f"{one.path}:{node.lineno}", "SQL put together in a function: pass what varies")


def _joined(node):
    """Yield the texts something is added to, by whichever of the ways there are."""
    if isinstance(node, ast.JoinedStr):
        yield "{}".join(one.value for one in node.values if isinstance(one, ast.Constant))
    elif isinstance(node, ast.BinOp):
        yield from (one.value for one in (node.left, node.right) if _is_text(one))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"format", "join"}:
        given = [one for each in node.args for one in ast.walk(each)]
        yield from (one.value for one in (node.func.value, *given) if _is_text(one))


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def the_clock_is_asked(one):
    """No clock outside infra.clock, the database's included."""
    yield Finding(one.path)
    if one.path == CLOCK:
        return
    for line, name in references(one.tree):
        if name in CLOCKS:
            yield Finding(f"{one.path}:{line}", f"{name}: ask carnet.infra.clock, or take `at`")
    if one.path.startswith(DATABASE_CLOCK):
        return
    for line, text in texts(one.tree):
        if SQL.search(text) and SQL_CLOCK.search(text):
            yield Finding(f"{one.path}:{line}", "the database's clock: pass `at` as a parameter")


def chance_is_asked(one):
    """No dice outside infra.randomness; encryption nonces excepted."""
    yield Finding(one.path)
    if one.path == CHANCE or one.path.startswith(NONCES):
        return
    for line, name in references(one.tree):
        if DICE.match(name) and one.path not in SEEDED:
            yield Finding(f"{one.path}:{line}", f"{name}: ask carnet.infra.randomness")


CHECKS = [sql_has_its_place, sql_is_made_of_constants, the_clock_is_asked, chance_is_asked]


@pytest.mark.parametrize("check", CHECKS)
def test_the_house_keeps_it(check):
    assert faults(check, sources()) == []


@pytest.mark.parametrize("check", CHECKS)
def test_it_fails_on_nothing(check):
    with pytest.raises(ExaminedNothingError):
        faults(check, [])


OUTSIDE = "src/carnet/interfaces/portal/planted.py"
BROKEN = [
    (sql_has_its_place, 'rows = "SELECT title FROM document"'),
    (sql_has_its_place, "q = '''\n-- all of them\nDELETE FROM authorisation'''"),
    (sql_has_its_place, "q = f'UPDATE authz SET {column} = 1'"),
    (sql_has_its_place, "q = 'INSERT INTO space VALUES (1)'"),
    (sql_has_its_place, "q = f'WITH {READER} SELECT 1 FROM document'"),
    (sql_is_made_of_constants, "def ask(name):\n    return f'SELECT 1 FROM space WHERE name = {name}'"),
    (sql_is_made_of_constants, "async def ask(name):\n    return 'SELECT 1 FROM space WHERE name = ' + name"),
    (sql_is_made_of_constants, "def ask(name):\n    return 'DELETE FROM space WHERE name = %s' % name"),
    (sql_is_made_of_constants, "ask = lambda name: 'SELECT 1 FROM {}'.format(name)"),
    (sql_is_made_of_constants, "def ask(name):\n    return ' '.join(['SELECT 1 FROM space WHERE name =', name])"),
    (the_clock_is_asked, "import datetime as dt\nwhen = dt.datetime.now(dt.UTC)"),
    (the_clock_is_asked, "from datetime import datetime\nfield(default_factory=datetime.utcnow)"),
    (the_clock_is_asked, "from datetime import date\ndate.today()"),
    (the_clock_is_asked, "from time import time as t\nt()"),
    (the_clock_is_asked, "q = 'SELECT 1 FROM authz WHERE ends_at > now()'"),
    (chance_is_asked, "import uuid\nuuid.uuid4()"),
    (chance_is_asked, "from uuid import uuid4 as new\nnew()"),
    (chance_is_asked, "import secrets\nsecrets.token_hex()"),
    (chance_is_asked, "from os import urandom\nurandom(8)"),
    (chance_is_asked, "from random import choice\nchoice([1])"),
]


@pytest.mark.parametrize(("check", "text"), BROKEN)
def test_a_planted_fault_is_seen(check, text):
    assert faults(check, [source(text, OUTSIDE)])


INNOCENT = [
    '"""We SELECT nothing FROM anybody."""\nx = "Choisir un document"',
    "import time\nbegun = time.monotonic()",
    "from uuid import UUID\nx = UUID(int=0)",
    "from carnet.infra import clock, randomness\nclock.now()\nrandomness.uuid4()",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_code_is_left_alone(text):
    assert [fault for check in CHECKS for fault in faults(check, [source(text, OUTSIDE)])] == []
