"""One database for every comparison of the decision with the SQL."""

import psycopg
import pytest

from matrix.worlds import ACTIVE, AT, FINESS, RPPS, SOFTWARE_ROW, SUSPENDED


@pytest.fixture(scope="session")
def database(new_database):
    """A connection that may become the runtime role, on a migrated database with a small directory."""
    url = new_database()
    with psycopg.connect(url("postgres"), options="-c search_path=carnet,vault,jobs") as connection:
        for rpps in RPPS:
            connection.execute("INSERT INTO professional VALUES (%s, 'A', 'B', '10')", (rpps,))
        for finess in FINESS:
            connection.execute("INSERT INTO care_organisation VALUES (%s, 'C', 'hospital')", (finess,))
        for client, status in ((ACTIVE, "active"), (SUSPENDED, "suspended")):
            connection.execute(SOFTWARE_ROW, (client, FINESS[0], status, AT, AT))
        connection.commit()
        # the same statement tens of thousands of times: planned once, not for each asker
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.prepare_threshold = 0
        connection.commit()
        yield connection
