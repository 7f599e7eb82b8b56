"""`python -m bench.gradual FOLDER`: millions of rows are brought up to date beside traffic, and waits are timed.

A house as it was before the first gradual migration (0141) is filled by SQL in a PostgreSQL of its own in FOLDER; then
`carnet migrate --gradual` does its work while readers, depositors and writers of messages go on, each timed. Rows are
of a likely size and hold nothing: only time is measured. FOLDER is left where it is, for whoever wants to look.
"""

import argparse
import hashlib
import secrets
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from uuid import UUID

import psycopg
from yoyo import get_backend, read_migrations

from carnet.infra.db import migrate as migrating
from carnet.infra.db.embedded import EmbeddedServer

BEFORE = "0141"
SETTLE = 10.0
AT_ONCE = 20_000
_SPACES = """
INSERT INTO carnet.ins_index SELECT sha256(n::text::bytea), md5(n::text)::uuid
FROM generate_series(%(from)s::int, %(to)s) n
"""
# ## Of each five documents one was replaced by the next ##
_DOCUMENTS = """
INSERT INTO carnet.document (space_id, document_id, logical_id, version, status, type_code, class_code, category,
  author_kind, author_finess, unique_id_digest, content_digest, content_type, size, blob_id, key_version,
  document_date, received_at, changed_at, resource_enc, summary_enc)
SELECT md5(n::text)::uuid, md5(n || '/' || k)::uuid, md5(n || '/' || CASE WHEN k %% 5 = 1 THEN k - 1 ELSE k END)::uuid,
  CASE WHEN k %% 5 = 1 THEN 2 ELSE 1 END, CASE WHEN k %% 5 = 0 THEN 'superseded' ELSE 'current' END,
  '11488-4', '10', 'CPT_REND', 'ORGANISATION', '750000001', sha256((n || '/' || k)::bytea), sha256('x'),
  'text/plain', 1, md5(n || '/' || k)::uuid, 1, at, at, at, %(resource)s, %(summary)s
FROM generate_series(%(from)s::int, %(to)s) n, generate_series(0, %(documents)s::int - 1) k,
  LATERAL (SELECT timestamptz '2026-01-01Z' + make_interval(hours => k)) t (at)
"""
_AUTHORISATIONS = """
INSERT INTO carnet.authorisation (space_id, authorisation_id, effect, rpps, origin, recorded_by, starts_at)
SELECT md5(n::text)::uuid, md5(n || '/' || k)::uuid, 'permit', '1000000000' || k, 'person', 'x', '2026-01-01Z'
FROM generate_series(%(from)s::int, %(to)s) n, generate_series(0, 4) k
"""
_CONVERSATIONS = """
INSERT INTO carnet.conversation (space_id, conversation_id, opened_at, last_at, messages, head_enc)
SELECT md5(n::text)::uuid, md5(n || '/' || k)::uuid, '2026-01-01Z', '2026-01-02Z', 3, %(summary)s
FROM generate_series(%(from)s::int, %(to)s) n, generate_series(0, 2) k
"""
_MESSAGES = """
INSERT INTO carnet.message (space_id, message_id, conversation_id, at, state, once, reference, letter_enc)
SELECT md5(n::text)::uuid, md5(n || '/' || k || '/' || m)::uuid, md5(n || '/' || k)::uuid,
  timestamptz '2026-01-01Z' + make_interval(hours => m), CASE WHEN m = 1 THEN 'sent' ELSE 'received' END,
  sha256((n || '/' || k || '/' || m)::bytea), sha256((n || '/' || k || '/' || m)::bytea), %(summary)s
FROM generate_series(%(from)s::int, %(to)s) n, generate_series(0, 2) k, generate_series(0, 2) m
"""
_PROFESSIONALS = """
INSERT INTO carnet.professional (rpps, family_name, given_name, profession, status)
SELECT '1000000000' || k, 'Essai', 'Essai', '10', 'active' FROM generate_series(0, 4) k
"""
_READ = "SELECT document_id, resource_enc FROM carnet.document WHERE space_id = %s ORDER BY document_date DESC LIMIT 20"
_DEPOSIT = """
INSERT INTO carnet.document (space_id, document_id, logical_id, version, status, type_code, class_code, category,
  author_kind, unique_id_digest, content_digest, content_type, size, blob_id, key_version, document_date, received_at,
  changed_at, resource_enc, summary_enc)
VALUES (%(space)s, %(id)s, %(id)s, 1, 'current', '11488-4', '10', 'CPT_REND', 'ORGANISATION', %(digest)s, %(digest)s,
  'text/plain', 1, %(id)s, 1, now(), now(), now(), %(text)s, %(text)s)
"""
_MARK = "UPDATE carnet.document SET changed_at = now() WHERE space_id = %(space)s AND version = 1"
_LET_IN = "UPDATE carnet.authorisation SET first_used_at = now() WHERE space_id = %(space)s"
_WRITE = "UPDATE carnet.conversation SET last_at = now(), messages = messages + 1 WHERE space_id = %(space)s"
_APPLIED = "SELECT migration_id, applied_at_utc FROM public._yoyo_migration ORDER BY applied_at_utc"
_COUNTS = ("document", "authorisation", "conversation", "message")


class Traffic:
    """Threads that go on as people do, each writing down how long each thing took: (when it began, seconds)."""

    def __init__(self, url: str, spaces: int) -> None:
        self._url, self._spaces = url, spaces
        self._over = threading.Event()
        self.timed: dict[str, list[tuple[float, float]]] = {}
        self.failed: list[str] = []
        done = {"read": (_READ,), "deposit": (_DEPOSIT,), "change": (_MARK, _LET_IN), "message": (_WRITE,)}
        self._threads = [threading.Thread(target=self._go_on, args=one) for one in done.items()]

    def __enter__(self) -> Self:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for one in self._threads:
            one.join()

    def _go_on(self, name: str, statements: tuple[str, ...]) -> None:
        timed = self.timed.setdefault(name, [])
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._over.wait(0.02):
                number = secrets.randbelow(self._spaces) + 1
                space = UUID(bytes=_md5(str(number)))
                given = {"space": space, "id": UUID(bytes=secrets.token_bytes(16)), "text": secrets.token_bytes(900)}
                given["digest"] = secrets.token_bytes(32)
                begun = time.monotonic()
                try:
                    with connection.transaction():
                        connection.execute(f"SET LOCAL carnet.space = '{space}'")
                        for sql in statements:
                            connection.execute(sql, (space,) if name == "read" else given)
                except psycopg.Error as error:
                    self.failed.append(f"{name}: {type(error).__name__}")
                timed.append((begun, time.monotonic() - begun))


def _md5(text: str) -> bytes:
    return hashlib.md5(text.encode(), usedforsecurity=False).digest()


def fill(url: str, *, spaces: int, documents: int) -> None:
    """Fill the base, and say how it goes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute(_PROFESSIONALS)
        for first in range(1, spaces + 1, AT_ONCE):
            params = {"from": first, "to": min(first + AT_ONCE - 1, spaces), "documents": documents}
            texts = {"resource": secrets.token_bytes(1_600), "summary": secrets.token_bytes(500)}
            for sql in (_SPACES, _DOCUMENTS, _AUTHORISATIONS, _CONVERSATIONS, _MESSAGES):
                connection.execute(sql, params | texts)
            print(f"  {params['to']} spaces", flush=True)
        connection.execute("VACUUM ANALYZE")
        for table in _COUNTS:
            (count,) = connection.execute(f"SELECT count(*) FROM carnet.{table}").fetchone() or (0,)
            print(f"  {count:>10,} {table}")


def before(url: str) -> None:
    """Bring an empty base to where it was before the first gradual migration."""
    backend = get_backend(migrating._yoyo_url(url))  # noqa: SLF001 - the same way in as the command's, to stop earlier
    every = read_migrations(str(migrating.FOLDER)).filter(lambda one: one.id[:4] < BEFORE)
    backend.apply_migrations(backend.to_apply(every))
    backend.connection.close()


def timed_migrations(owner: str) -> tuple[float, float]:
    """Migrate gradually and say how long each took; return when it all began and ended."""
    begun, since = time.monotonic(), datetime.now(UTC)
    migrating.migrate(owner, gradual=True)
    ended = time.monotonic()
    with psycopg.connect(owner) as connection:
        done = connection.execute(_APPLIED).fetchall()
    for name, at in done:
        applied = at.replace(tzinfo=UTC)
        if name[:4] >= BEFORE:
            took, since = (applied - since).total_seconds(), applied
            if took >= 1:
                print(f"{name}: {took:.0f} s")
    print(f"everything: {ended - begun:.0f} s")
    return begun, ended


def told(traffic: Traffic, begun: float, ended: float) -> None:
    """Print how long things took before and during."""
    for name, timed in sorted(traffic.timed.items()):
        parts = {
            "before": [took for at, took in timed if at + took < begun],
            "during": [took for at, took in timed if at + took >= begun and at < ended],
        }
        for when, took in parts.items():
            took.sort()
            middle, p99 = took[len(took) // 2] * 1000, took[len(took) * 99 // 100] * 1000
            print(f"{name} {when}: {len(took)} · median {middle:.1f} ms · p99 {p99:.0f} ms", end="")
            print(f" · longest {took[-1] * 1000:.0f} ms")
    print(f"failed: {traffic.failed or 'none'}")


def main(arguments: list[str]) -> int:
    """Fill, migrate beside the traffic, print what was measured; 1 when a statement of the traffic failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--spaces", type=int, default=200_000)
    parser.add_argument("--documents", type=int, default=15)
    given = parser.parse_args(arguments)
    server = EmbeddedServer(given.folder / "pg")
    try:
        server.ensure_database()
        before(server.url(role="carnet_owner"))
        fill(server.url(role="postgres"), spaces=given.spaces, documents=given.documents)
        with Traffic(server.url(role="carnet_app"), given.spaces) as traffic:
            time.sleep(SETTLE)
            begun, ended = timed_migrations(server.url(role="carnet_owner"))
            time.sleep(SETTLE)
        told(traffic, begun, ended)
    finally:
        server.stop()
    return 1 if traffic.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
