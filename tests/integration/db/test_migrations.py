"""Over a house that is already lived in, the migrations find what was there: rows of before are not left behind."""

import datetime as dt
import re
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from yoyo import get_backend, read_migrations

from carnet.infra.db import migrate as migrating
from carnet.infra.db.embedded import ensure_database, url_for

LARGE = ("document", "authorisation", "notification", "journal_entry", "conversation", "message", "space", "authz")
FIRST_HOUSES = "0021"
"""The last migration of the first version that people ran."""
RECEIVED = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
SPACE, DOCUMENT = UUID(int=1), UUID(int=2)
REPLACED, NEXT, LATER = UUID(int=3), UUID(int=4), RECEIVED + dt.timedelta(days=1)
_DOCUMENT = """
INSERT INTO carnet.document (space_id, document_id, logical_id, version, status, type_code, class_code, category,
  invisible_patient, author_kind, unique_id_digest, content_digest, content_type, size, blob_id, key_version,
  document_date, received_at, changed_at, resource_enc, summary_enc)
VALUES (%(space)s, %(id)s, %(logical)s, %(version)s, %(status)s, '11488-4', '10', 'CPT_REND', %(apart)s,
  'ORGANISATION', %(unique)s, '', 'text/plain', 1, %(id)s, 1, %(at)s, %(at)s, %(changed)s, '', '')
"""
_DOCUMENTS = (
    {"id": DOCUMENT, "logical": DOCUMENT, "version": 1, "status": "current", "apart": True},
    {"id": REPLACED, "logical": REPLACED, "version": 1, "status": "superseded", "apart": False, "changed": LATER},
    {"id": NEXT, "logical": REPLACED, "version": 2, "status": "current", "apart": False, "at": LATER, "changed": LATER},
)
_PLACE = "INSERT INTO carnet.ins_index (ins_digest, space_id) VALUES (decode(repeat('00', 32), 'hex'), %(space)s)"
_UNFORCED = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
# ## Everything a schema says of itself, whichever way it came to be ##
_CATALOGUE = """
SELECT 'index', indexdef FROM pg_indexes WHERE schemaname IN ('carnet', 'vault')
UNION SELECT 'column', concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema IN ('carnet', 'vault')
UNION SELECT 'constraint', pg_get_constraintdef(c.oid) FROM pg_constraint c
  WHERE c.connamespace = 'carnet'::regnamespace
UNION SELECT 'policy', concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies
"""
_ENTRY = """
INSERT INTO carnet.journal_entry (space_id, seq, at, act, outcome, actor_kind, actor_id, actor_name)
VALUES (%(space)s, 1, %(at)s, 'deposit', 'done', 'software', 's', 'S')
"""


@pytest.fixture
def lived_in(postgres):
    """A database of the first version with one document to be announced and one journal entry; role to address."""
    name = "carnet_lived_in"
    ensure_database(postgres, database=name)

    def url(role):
        return url_for(postgres, role=role, database=name)

    backend = get_backend(migrating._yoyo_url(url("carnet_owner")))
    every = read_migrations(str(Path(migrating.__file__).parent / "migrations"))
    backend.apply_migrations(backend.to_apply(every.filter(lambda one: one.id[:4] <= FIRST_HOUSES)))
    backend.connection.close()
    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        usual = {"space": SPACE, "at": RECEIVED, "changed": RECEIVED}
        for one in _DOCUMENTS:
            connection.execute(_DOCUMENT, usual | one | {"unique": one["id"].bytes})
        for sql in (_ENTRY, _PLACE):
            connection.execute(sql, usual)
    yield url
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


_LINE = (
    "space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),"
    " coalesce(shared_finess, ''), coalesce(shared_team::text, ''), secret"
)
OLD_AND_NEW = (
    ("authorisation", _LINE, "ended_at"),
    ("authorisation", f"{_LINE}, (effect = 'block' AND by_delegate)", "ended_at"),
    ("desk_ticket", "ins_digest, desk, script", "closed_at"),
    ("desk_ticket", "ins_digest, desk, script, by_delegate", "closed_at"),
)
"""What the statements of the version before an index changed name, and those of today."""


def infers(connection, named):
    """Whether a server whose statement names these columns is served."""
    table, columns, over = named
    asked = f"EXPLAIN INSERT INTO carnet.{table} DEFAULT VALUES ON CONFLICT ({columns}) WHERE {over} IS NULL DO NOTHING"
    try:
        connection.execute(asked)
    except psycopg.errors.InvalidColumnReference:
        return False
    return True


@pytest.mark.parametrize("gradual", [False, True])
def test_what_was_there_before_is_carried_over(lived_in, postgres, migrated, gradual):
    """Gradually or at once, the rows and the schema are the same, and those of a house that begins today."""
    migrating.migrate(lived_in("carnet_owner"), gradual=gradual)
    assert migrating.migrate(lived_in("carnet_owner"), gradual=gradual) == []
    with psycopg.connect(lived_in("postgres"), autocommit=True) as connection:
        assert [infers(connection, one) for one in OLD_AND_NEW] == [gradual, True] * 2, "servers of before go on"
    for _ in range(2):
        migrating.finish(lived_in("carnet_owner"))
    with psycopg.connect(lived_in("postgres"), autocommit=True) as connection:
        assert [infers(connection, one) for one in OLD_AND_NEW] == [False, True] * 2
    with psycopg.connect(url_for(postgres, role="postgres", database=migrated)) as connection:
        today = sorted(connection.execute(_CATALOGUE).fetchall())
    with psycopg.connect(lived_in("postgres")) as connection:
        found = connection.execute(
            "SELECT document_id, withheld_at, superseded_at, touched_at FROM carnet.document ORDER BY 1"
        )
        kept = [(DOCUMENT, RECEIVED, None, None), (REPLACED, None, LATER, RECEIVED), (NEXT, None, None, None)]
        assert found.fetchall() == kept
        assert sorted(connection.execute(_CATALOGUE).fetchall()) == today
        assert connection.execute("SELECT space_id, seq FROM carnet.journal_pending").fetchall() == [(SPACE, 1)]
        assert connection.execute(_UNFORCED).fetchall() == []


def test_a_gradual_migration_that_was_stopped_is_run_again(lived_in, monkeypatch):
    """Killed after any step, the rest is done by the same command; what it did is not done twice."""
    steps, owner = migrating._steps, lived_in("carnet_owner")
    for number in range(1, 4):
        monkeypatch.setattr(migrating, "_steps", lambda text, most=number: [*steps(text)[:most], (False, "SELECT 1/0")])
        with pytest.raises(psycopg.errors.DivisionByZero):
            migrating.migrate(owner, gradual=True)
    monkeypatch.setattr(migrating, "_steps", steps)
    assert migrating.migrate(owner, gradual=True)[0][:4] == "0141"
    with psycopg.connect(lived_in("postgres")) as connection:
        assert connection.execute(_UNFORCED).fetchall() == []


def test_every_gradual_migration_is_of_one_there_is():
    every = {path.stem for path in migrating.FOLDER.glob("*.sql")}
    assert {path.stem for path in (migrating.FOLDER / "gradual").iterdir()} <= every


def drops_unique(sql):
    """The unique indexes a migration takes away, by which servers of before may tell two rows apart."""
    return set(re.findall(r"DROP INDEX (?:carnet\.)?(\w+);", sql)) & unique_indexes()


def unique_indexes():
    every = "\n".join(path.read_text() for path in migrating.FOLDER.glob("*.sql"))
    return set(re.findall(r"CREATE UNIQUE INDEX (\w+)", every))


def test_what_servers_of_before_name_goes_after_them():
    """An index ON CONFLICT names goes by `finish`: dropped beside the traffic, each such statement would fail."""
    after = {path.stem for path in (migrating.FOLDER / "after").iterdir()}
    found = {path.stem for path in migrating.FOLDER.glob("*.sql") if drops_unique(path.read_text())}
    assert "0207.in-whose-name" in found, "the test has eyes"
    assert {one for one in found if one[:4] > "0207"} == after
    beside = [path.read_text() for path in (migrating.FOLDER / "gradual").iterdir() if path.name[:4] > "0207"]
    assert not any(drops_unique(text) for text in beside)


def would_hold(sql):
    """The large tables of which a migration writes rows or builds an index while others wait."""
    return set(re.findall(rf"(?:UPDATE|INDEX \w+ ON) ({'|'.join(LARGE)})\b(?! TO)", sql))


def test_what_would_hold_a_large_table_has_a_gradual_form():
    """Since there are such forms (decision 0186); what was there before is seen too: the test has eyes."""
    gradual = {path.stem for path in (migrating.FOLDER / "gradual").iterdir()}
    found = {path.stem for path in migrating.FOLDER.glob("*.sql") if would_hold(path.read_text())}
    assert {one[:4] for one in found} >= {"0025", "0034", "0141", "0143", "0165"}
    assert {one for one in found if one[:4] > "0166"} - gradual == set()
