"""Migrations run as the owner, whom forced row security binds: a statement over rows of a space touches none of them.

Nothing fails, and nothing is changed. Whoever has to touch what is already there lifts it around the statement:
`ALTER TABLE t NO FORCE ROW LEVEL SECURITY; …; ALTER TABLE t FORCE ROW LEVEL SECURITY`.
"""

import re

import pytest

from architecture.findings import PRODUCT, ROOT, ExaminedNothingError, Finding, problems

FOLDER = ROOT / PRODUCT / "infra" / "db" / "migrations"
_BODY = re.compile(r"\$(\w*)\$.*?\$\1\$", re.DOTALL)
_COMMENT = re.compile(r"--[^\n]*")
_BOUND = re.compile(r"CREATE TABLE (?:\w+\.)?(\w+) \(\s*space_id ", re.IGNORECASE)
_TOUCHES_ROWS = re.compile(r"(INSERT|UPDATE|DELETE|MERGE|WITH|SELECT|COPY)\b", re.IGNORECASE)
_LIFTED = re.compile(r"ALTER TABLE (?:\w+\.)?(\w+) (NO )?FORCE ROW LEVEL SECURITY", re.IGNORECASE)


def statements(text):
    return [one.strip() for one in _BODY.sub("''", _COMMENT.sub("", text)).split(";") if one.strip()]


def rows_are_reached(name, text, bound):
    """Findings about each statement of one migration that touches rows of tables made before it; `bound`: those."""
    lifted = set()
    for one in statements(text):
        if (change := _LIFTED.match(one)) is not None:
            (lifted.add if change[2] else lifted.discard)(change[1])
        if _TOUCHES_ROWS.match(one):
            blind = sorted(table for table in bound - lifted if re.search(rf"\b{table}\b", one))
            yield Finding(name, f"its owner sees no row of {', '.join(blind)}: {one[:60]}" if blind else None)
    yield Finding(name, f"leaves {', '.join(sorted(lifted))} unforced" if lifted else None)


def every_migration(files):
    bound = set()
    for name, text in files:
        yield from rows_are_reached(name, text, bound)
        bound |= set(_BOUND.findall(text))


def ours():
    return [(file.name, file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.sql"))]


def test_no_migration_touches_rows_it_cannot_see():
    assert problems(every_migration(ours())) == []


PLANTED = {
    "a backfill": "UPDATE document SET withheld_at = received_at;",
    "a copy": "INSERT INTO new_table SELECT e.seq FROM journal_entry e;",
    "never forced again": "ALTER TABLE document NO FORCE ROW LEVEL SECURITY; UPDATE document SET version = 1;",
    "forced too early": "ALTER TABLE document NO FORCE ROW LEVEL SECURITY;"
    " ALTER TABLE document FORCE ROW LEVEL SECURITY; DELETE FROM document;",
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_migration_is_seen(fault):
    assert problems(every_migration([*ours(), ("9999.planted.sql", PLANTED[fault])]))


def test_it_fails_on_nothing():
    with pytest.raises(ExaminedNothingError):
        problems(every_migration([]))
