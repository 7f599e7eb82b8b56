"""Fixtures: one PostgreSQL server a test run (shared between workers), one migrated database a worker."""

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import sql

from carnet.infra import installation
from carnet.infra.blobs import LocalBlobs
from carnet.infra.db import database as database_seat
from carnet.infra.db.database import Database
from carnet.infra.db.embedded import EmbeddedServer, ensure_database, url_for
from carnet.infra.db.migrate import migrate
from carnet.infra.vault import FileKek, HouseKey, IndexKey, KeyRing
from factories.one_server import GIVEN, database_of


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The superuser address of a throw-away server. xdist workers start one each: they share nothing."""
    if GIVEN in os.environ:
        yield os.environ[GIVEN]
        return
    folder = Path(tempfile.mkdtemp(prefix="carnet-test-", dir="/tmp"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "pg")
    try:
        with psycopg.connect(server.superuser_url, autocommit=True) as conn:
            # nobody cuts the power under this server; what a crash leaves is looked at on others (own_postgres)
            for setting in ("fsync", "full_page_writes"):
                conn.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            conn.execute("SELECT pg_reload_conf()")
        yield server.superuser_url
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated(postgres: str) -> str:
    """The name of a database with every migration and nothing in it, to be copied; nobody works in it."""
    ensure_database(postgres, database="carnet_migrated")
    migrate(url_for(postgres, role="carnet_owner", database="carnet_migrated"))
    return "carnet_migrated"


@pytest.fixture(scope="session")
def new_database(postgres: str, migrated: str):
    """A function that makes a migrated database and returns the address for a role on it."""
    numbers = itertools.count()
    copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER carnet_owner")

    def make():
        database = database_of(os.getpid(), next(numbers))
        with psycopg.connect(postgres, autocommit=True) as conn:
            conn.execute(copied.format(sql.Identifier(database), sql.Identifier(migrated)))
        return lambda role: url_for(postgres, role=role, database=database)

    return make


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What the tests may reach besides the product's own doors."""

    database: Database
    home: Path
    url: object  # role -> address
    superuser_url: str


def parts_of(home: Path) -> installation.Installation:
    """What the house whose files are in `home` is made of; other processes of a test build the same from it."""
    kek = FileKek.open_or_create(home / "kek.json")
    return installation.Installation(
        keys=KeyRing(kek),
        index_key=IndexKey.load_or_create(home / "index.key", kek=kek),
        house_key=HouseKey.load_or_create(home / "house.key", kek=kek),
        blobs=LocalBlobs(home / "blobs"),
        limits=installation.Limits(),
    )


@pytest.fixture(scope="session")
async def house(new_database, postgres, tmp_path_factory) -> AsyncIterator[House]:
    """A house connected to this process: database, keys and blobs are seated."""
    home = tmp_path_factory.mktemp("house")
    url = new_database()
    database = Database(url("carnet_app"), min_size=1, max_size=8)
    await database.open()
    database_seat.seat(database)
    installation.install(parts_of(home))
    try:
        yield House(database=database, home=home, url=url, superuser_url=postgres)
    finally:
        installation.uninstall()
        await database.close()
