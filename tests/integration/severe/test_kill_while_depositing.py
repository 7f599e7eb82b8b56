"""Acknowledged is kept (DESIGN promise 2): the web server and PostgreSQL are killed while documents arrive.

Whatever was answered 2xx is there afterwards, readable, once. The rest may be there or not, but never by half: a row
without its content cannot exist, and content without a row is collected.
"""

import asyncio
import contextlib
import datetime as dt
import json
import random
import time
import uuid
from collections.abc import Iterator

import httpx
import msgspec
import psycopg

from carnet.infra import clock
from carnet.infra.db.database import Database
from carnet.journeys.api import collect_orphans
from factories.deposits import FHIR_JSON, document_reference
from factories.own_postgres import own_postgres
from factories.served import bearer, inside, restartable
from factories.town import carers, settle
from factories.world import OPERATOR

SENDERS = 6


class Attempt(msgspec.Struct, frozen=True):
    """One deposit as its sender saw it. document: its logical id when it was acknowledged."""

    unique_id: str
    content: bytes
    document: str | None


class Traffic:
    """Senders that deposit one new document after another until told to stop, whatever happens to the server."""

    def __init__(self, town):
        self.town, self.attempts, self.stopping = town, [], False

    @property
    def acknowledged(self):
        return [one for one in self.attempts if one.document]

    async def run(self):
        async with asyncio.TaskGroup() as senders:
            for _ in range(SENDERS):
                senders.create_task(self.send())

    async def send(self):
        async with httpx.AsyncClient(timeout=15, headers=FHIR_JSON | bearer(self.town.token)) as client:
            while not self.stopping:
                unique_id, content = uuid.uuid4().urn, f"Compte rendu {random.random()}".encode() * 40
                resource = document_reference(self.town.person, content=content, unique_id=unique_id)
                document = None
                try:
                    answer = await client.post(
                        f"{self.town.served.fhir}/DocumentReference", content=json.dumps(resource)
                    )
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                else:
                    if answer.is_success:
                        document = answer.headers["location"].rsplit("/", 1)[-1]
                    else:
                        assert answer.status_code == 503, answer.text
                        await asyncio.sleep(0.05)
                self.attempts.append(Attempt(unique_id, content, document))

    async def until_acknowledged(self, more):
        """Let `more` deposits through."""
        wanted, deadline = len(self.acknowledged) + more, time.monotonic() + 60
        while len(self.acknowledged) < wanted:
            assert time.monotonic() < deadline, "deposits do not come through any more"
            await asyncio.sleep(0.005)


@contextlib.contextmanager
def house_of_its_own(simulator, home, *, fault=None) -> Iterator:
    with own_postgres() as postgres, restartable(postgres.url, home, fault=fault, **carers(simulator)) as house:
        yield postgres, house


async def deposits_under_kills(town, kills):
    """Deposit without a pause while each of `kills` strikes in its turn; return all attempts."""
    traffic, dice = Traffic(town), random.Random(44)
    running = asyncio.create_task(traffic.run())
    try:
        for kill in kills:
            await traffic.until_acknowledged(dice.randrange(5, 25))
            await asyncio.sleep(dice.uniform(0, 0.05))
            await asyncio.to_thread(kill)
        await traffic.until_acknowledged(5)
    finally:  # left running, they would knock for as long as the tests last
        traffic.stopping = True
        await running
    return traffic.attempts


async def lost(town, attempts):
    """The acknowledged deposits that can no longer be read as they were sent."""
    gone = []
    async with httpx.AsyncClient(timeout=20, headers=bearer(town.reader) | {"Accept": "*/*"}) as client:
        for one in attempts:
            if one.document:
                answer = await client.get(f"{town.served.fhir}/Binary/{one.document}")
                if answer.status_code != 200 or answer.content != one.content:
                    gone.append(one.unique_id)
    return gone


def stored(postgres, house):
    """(rows of documents, those whose content is not in the store, contents without a row)."""
    rows = {row[0].hex for row in postgres.rows("SELECT blob_id FROM document")}
    blobs = {path.name for path in (house.served.home / "blobs").glob("?/?/*")}
    return len(rows), rows - blobs, blobs - rows


async def collected(house):
    """Run the orphan collector now, as if the hour had passed."""
    async with inside(house.served):
        batch = Database(house.served.settings.batch_url, min_size=1, max_size=2, application="carnet-batch")
        await batch.open()
        try:
            return await collect_orphans(actor=OPERATOR, batch=batch, older_than=dt.timedelta(), at=clock.now())
        finally:
            await batch.close()


def web(house):
    def kill():
        house.kill()
        house.start()

    return kill


def database(postgres):
    def kill():
        postgres.kill()
        postgres.start()

    return kill


async def test_what_was_acknowledged_is_kept_and_the_rest_is_whole_or_nothing(simulator, tmp_path):
    with house_of_its_own(simulator, tmp_path) as (postgres, house):
        town = await settle(house.served, simulator, postgres.url)
        kills = [web(house), database(postgres)] * 2 + [web(house)] * 2
        attempts = await deposits_under_kills(town, kills)
        acknowledged = [one for one in attempts if one.document]
        assert len(acknowledged) < len(attempts), "no kill hit a deposit: nothing was proven"
        assert await lost(town, attempts) == []
        assert len({one.document for one in acknowledged}) == len(acknowledged)

        rows, without_content, _ = stored(postgres, house)
        assert without_content == set()
        assert len(acknowledged) <= rows <= len(attempts)
        await collected(house)
        assert stored(postgres, house) == (rows, set(), set())
        assert postgres.rows("SELECT count(*) FROM deposit_intent") == [(0,)]
        again = await sent_again(town, attempts)
        assert again == {one.unique_id: one.document for one in acknowledged}, "kept once: sent again, the same answer"
        assert await lost(town, attempts) == []


async def sent_again(town, attempts):
    """Send every acknowledged deposit again; return the document each answer names."""
    found = {}
    async with httpx.AsyncClient(timeout=20, headers=FHIR_JSON | bearer(town.token)) as client:
        for one in attempts:
            if one.document:
                resource = document_reference(town.person, content=one.content, unique_id=one.unique_id)
                answer = await client.post(f"{town.served.fhir}/DocumentReference", content=json.dumps(resource))
                assert answer.status_code == 200, answer.text
                found[one.unique_id] = answer.headers["location"].rsplit("/", 1)[-1]
    return found


async def test_the_check_sees_content_that_is_written_after_the_answer(simulator, tmp_path):
    with house_of_its_own(simulator, tmp_path, fault="blob_after_row") as (postgres, house):
        town = await settle(house.served, simulator, postgres.url)
        attempts = await deposits_under_kills(town, [web(house)])
        assert await lost(town, attempts)
        assert stored(postgres, house)[1]


async def test_the_check_sees_a_database_that_confirms_too_early(simulator, tmp_path):
    with house_of_its_own(simulator, tmp_path) as (postgres, house):
        town = await settle(house.served, simulator, postgres.url)
        with psycopg.connect(postgres.superuser_url, autocommit=True) as conn:
            conn.execute("ALTER ROLE carnet_app SET synchronous_commit = off")
            conn.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            conn.execute("SELECT pg_reload_conf()")
        house.kill()
        house.start()
        attempts = await deposits_under_kills(town, [database(postgres)])
        assert await lost(town, attempts)
