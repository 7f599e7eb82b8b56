"""Ordered plain-SQL migrations, run by yoyo as the owner; safe to run twice and by two processes at once.

yoyo keeps its own bookkeeping tables in the schema `public` and takes a lock while it works. `lock_timeout` makes a
migration that waits behind live traffic give up instead of queueing every request behind itself.
"""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from yoyo import get_backend, read_migrations

LOCK_TIMEOUT_MS = 5_000


def migrate(owner_url: str) -> list[str]:
    """Apply what is missing as the owner; return the ids applied (empty when up to date)."""
    backend = get_backend(_yoyo_url(owner_url))
    try:
        migrations = read_migrations(str(Path(__file__).parent / "migrations"))
        with backend.lock():
            missing = backend.to_apply(migrations)
            names = [migration.id for migration in missing]
            backend.apply_migrations(missing)
    finally:
        backend.connection.close()
    return names


def _yoyo_url(url: str) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"-c lock_timeout={LOCK_TIMEOUT_MS} -c search_path=public"
    return urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, urlencode(query), ""))
