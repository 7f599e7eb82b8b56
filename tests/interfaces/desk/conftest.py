import psycopg
import pytest

from carnet.infra.db.database import Database
from carnet.spaces.api import Source
from factories.at_desk import DeskScreen, make_app
from factories.beneficiaries import beneficiary_file, beneficiary_matricule, line
from factories.campaign import imported


@pytest.fixture
def app(house):
    """A desk of its own for each test."""
    return make_app()


@pytest.fixture
async def agent(app):
    screen = await DeskScreen.of(app)
    yield screen
    await screen.close()


@pytest.fixture
async def enrolled(house, tmp_path):
    """A function: put a fictitious beneficiary in the campaign; return how they name themselves at the desk."""
    numbers = []

    async def enrol(number):
        numbers.append(number)
        batch = Database(house.url("carnet_batch"), min_size=1, max_size=2, statement_timeout=60_000)
        await batch.open()
        path = beneficiary_file(tmp_path / f"{number}.csv", [line(number)])
        await imported(batch, Source(path=path, rejects=tmp_path / "rejets.csv"))
        await batch.close()
        fields = line(number).split(";")
        return {"ins": beneficiary_matricule(number), "name": fields[2].title(), "born": fields[5]}

    return enrol


@pytest.fixture
def rows(house):
    """A function: what the superuser reads in the database."""

    def read(sql, *params):
        with psycopg.connect(house.url("postgres")) as conn:
            return conn.execute(sql, params).fetchall()

    return read
