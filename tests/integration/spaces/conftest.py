"""The batch role's database, and an empty campaign before each test."""

import psycopg
import pytest

from carnet.infra.db.database import Database
from carnet.spaces.api import Source
from carnet.spaces.beneficiary_file import BLOCK_BYTES
from factories.beneficiaries import beneficiary_file


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


@pytest.fixture
def source(tmp_path):
    """A function: lines or numbers to a source, its list of refused lines beside it."""

    def make(lines, block=BLOCK_BYTES):
        path = beneficiary_file(tmp_path / "beneficiaires.csv", lines)
        return Source(path=path, rejects=tmp_path / "rejets.csv", block=block)

    return make
