"""The batch role's database, and an empty campaign before each test."""

import psycopg
import pytest

from carnet.infra.db.database import Database


@pytest.fixture
async def batch(house):
    """The database as carnet_batch, as the commands open it."""
    database = Database(house.url("carnet_batch"), min_size=1, max_size=4, statement_timeout=60_000)
    await database.open()
    yield database
    await database.close()


@pytest.fixture(autouse=True)
def nobody_enrolled(house):
    """Each test begins with a campaign nobody heard of; only the superuser can make the log forget."""
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("DELETE FROM carnet.ins_index WHERE ins_digest IN (SELECT ins_digest FROM carnet.enrolment)")
        conn.execute(
            "TRUNCATE carnet.enrolment, carnet.enrolment_log, carnet.import_file, carnet.notice_batch,"
            " carnet.code_failure"
        )
