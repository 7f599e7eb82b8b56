"""Counting what a house holds, to prove that a refusal stored nothing."""

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from carnet.infra.db.embedded import url_for

TABLES = (
    "document",
    "document_reading",
    "submission_set",
    "submission_item",
    "notification",
    "authorisation",
    "space",
)


def stored(house) -> dict[str, int]:
    """Return how many rows each table and how many files the blob store hold. Journals and intents are left out."""
    url = house.url("carnet_owner")
    with psycopg.connect(_as_superuser(house, url), autocommit=True) as conn:
        counts = {
            table: conn.execute(sql.SQL("SELECT count(*) FROM carnet.{}").format(sql.Identifier(table))).fetchone()[0]
            for table in TABLES
        }
        counts["events"] = conn.execute("SELECT count(*) FROM jobs.procrastinate_jobs").fetchone()[0]
    counts["blobs"] = sum(1 for one in Path(house.home / "blobs").rglob("*") if one.is_file())
    return counts


def refusals(house) -> int:
    """Return how many refusals both journals hold."""
    with psycopg.connect(_as_superuser(house, house.url("carnet_owner")), autocommit=True) as conn:
        return conn.execute(
            "SELECT (SELECT count(*) FROM carnet.security_entry WHERE outcome = 'refused')"
            " + (SELECT count(*) FROM carnet.journal_entry WHERE outcome = 'refused')"
        ).fetchone()[0]


def _as_superuser(house, url: str) -> str:
    """Row security hides every space from the owner: only the superuser can count."""
    superuser = urlsplit(house.superuser_url).netloc.partition("@")[0]
    return url_for(house.superuser_url, role=superuser, database=urlsplit(url).path.lstrip("/"))
