"""The job queue's own schema, taken from the pinned procrastinate package into the schema `jobs`."""

from importlib import resources
from typing import Any

from yoyo import step


def apply(connection: Any) -> None:
    """Create procrastinate's tables and functions, and let the runtime roles use them."""
    schema = resources.files("procrastinate").joinpath("sql", "schema.sql").read_text(encoding="utf-8")
    cursor = connection.cursor()
    cursor.execute("SET LOCAL search_path = jobs, public")
    cursor.execute(schema)
    cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO carnet_app, carnet_batch")
    cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO carnet_app, carnet_batch")
    cursor.execute("SET LOCAL search_path = public")


steps = [step(apply)]
