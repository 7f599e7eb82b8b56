"""Counting what a house holds, to prove that a refusal stored nothing."""

import os
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
_COUNTS = sql.SQL("SELECT {}, (SELECT count(*) FROM jobs.procrastinate_jobs)").format(
    sql.SQL(", ").join(sql.SQL("(SELECT count(*) FROM carnet.{})").format(sql.Identifier(table)) for table in TABLES)
)


def stored(house) -> dict[str, int]:
    """Return how many rows each table and how many files the blob store hold. Journals and intents are left out."""
    rows = _one_row(house, _COUNTS)
    blobs = sum(len(files) for _, _, files in os.walk(house.home / "blobs"))
    return dict(zip((*TABLES, "events", "blobs"), (*rows, blobs), strict=True))


def refusals(house) -> int:
    """Return how many refusals both journals hold."""
    (count,) = _one_row(
        house,
        sql.SQL(
            "SELECT (SELECT count(*) FROM carnet.security_entry WHERE outcome = 'refused')"
            " + (SELECT count(*) FROM carnet.journal_entry WHERE outcome = 'refused')"
        ),
    )
    return count


def _one_row(house, query: sql.Composable) -> tuple:
    """Row security hides every space from the owner: only the superuser can count."""
    superuser = urlsplit(house.superuser_url).netloc.partition("@")[0]
    database = urlsplit(house.url("carnet_owner")).path.lstrip("/")
    with psycopg.connect(url_for(house.superuser_url, role=superuser, database=database), autocommit=True) as conn:
        return conn.execute(query).fetchone()
