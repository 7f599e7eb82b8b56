"""Over a house that is already lived in, the migrations find what was there: rows of before are not left behind."""

import datetime as dt
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from yoyo import get_backend, read_migrations

from carnet.infra.db import migrate as migrating
from carnet.infra.db.embedded import ensure_database, url_for

FIRST_HOUSES = "0021"
"""The last migration of the first version that people ran."""
RECEIVED = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
SPACE, DOCUMENT = UUID(int=1), UUID(int=2)
_DOCUMENT = """
INSERT INTO carnet.document (space_id, document_id, logical_id, version, status, type_code, class_code, category,
  invisible_patient, author_kind, unique_id_digest, content_digest, content_type, size, blob_id, key_version,
  document_date, received_at, changed_at, resource_enc, summary_enc)
VALUES (%(space)s, %(id)s, %(id)s, 1, 'current', '11488-4', '10', 'CPT_REND', true, 'ORGANISATION', '', '',
  'text/plain', 1, %(id)s, 1, %(at)s, %(at)s, %(at)s, '', '')
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
        for sql in (_DOCUMENT, _ENTRY):
            connection.execute(sql, {"space": SPACE, "id": DOCUMENT, "at": RECEIVED})
    yield url
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_what_was_there_before_is_carried_over(lived_in):
    migrating.migrate(lived_in("carnet_owner"))
    with psycopg.connect(lived_in("postgres")) as connection:
        assert connection.execute("SELECT document_id, withheld_at FROM carnet.document").fetchall() == [
            (DOCUMENT, RECEIVED)
        ]
        assert connection.execute("SELECT space_id, seq FROM carnet.journal_pending").fetchall() == [(SPACE, 1)]
        unforced = "SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity"
        assert connection.execute(unforced).fetchall() == []
