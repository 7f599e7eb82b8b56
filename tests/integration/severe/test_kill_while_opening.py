"""PostgreSQL is killed while the insurer's file goes in and while spaces open: steps that did not wait for the disk.

What it forgets it forgets whole, with the mark of how far it came; what was announced as done is there; and the run
that follows ends exactly where one nobody disturbed would have.
"""

import contextlib
import datetime as dt

import psycopg
import pytest

from carnet.infra.db.database import Database
from carnet.kernel.errors import Unavailable
from carnet.spaces.actions import import_beneficiaries as importing
from carnet.spaces.actions import open_due as opening
from carnet.spaces.api import Source
from factories.beneficiaries import beneficiary_file, line
from factories.campaign import imported, opened
from factories.own_postgres import own_postgres
from factories.world import AT

LINES = [*(line(number) for number in range(1, 31)), "cut;line\n", *(line(number) for number in range(31, 41))]
DUE = AT + dt.timedelta(days=42)
_TOLD = """
UPDATE enrolment SET state = 'NOTIFIED', notified_at = %s, opens_at = %s, channel = 'post' RETURNING 1
"""
_OPENED = """
SELECT (SELECT count(*) FROM enrolment WHERE state = 'OPEN'), (SELECT count(*) FROM ins_index),
  (SELECT count(*) FROM authz JOIN ins_index USING (space_id)),
  (SELECT coalesce(sum(cardinality(persons)), 0) FROM enrolment_log WHERE event = 'open')
"""
_ENTRIES = "SELECT details ->> 'opened' FROM security_entry WHERE act = 'open-due-spaces'"
_IMPORT = "SELECT lines, stored, rejected, reject_bytes, ended_at IS NOT NULL FROM import_file"


@contextlib.contextmanager
def forgetful_postgres():
    """A server that writes nothing to disk but what somebody waits for: a kill then takes all the rest."""
    with own_postgres() as postgres:
        with psycopg.connect(postgres.superuser_url, autocommit=True) as conn:
            conn.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
            conn.execute("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
            conn.execute("SELECT pg_reload_conf()")
        yield postgres


@contextlib.asynccontextmanager
async def batch_of(postgres):
    database = Database(postgres.url("carnet_batch"), min_size=1, max_size=2, statement_timeout=60_000)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def killing(postgres, turn):
    """What to call after each step: it kills the server after that many."""
    steps = []

    def step(done):
        steps.append(done)
        if len(steps) == turn:
            postgres.kill()

    return steps, step


@contextlib.asynccontextmanager
async def killed_at_the_end(postgres):
    """The server dies with the last word at the latest, before a connection that ends could flush a thing."""
    async with batch_of(postgres) as batch:
        try:
            yield batch
        finally:
            postgres.kill()
            postgres.start()


async def read(postgres, source, progress=lambda _: None):
    async with killed_at_the_end(postgres) as batch:
        return await imported(batch, source, progress=progress)


async def open_(postgres, progress=lambda _: None):
    async with killed_at_the_end(postgres) as batch:
        return await opened(batch, DUE, slice_=5, progress=progress)


def source_in(folder):
    path = beneficiary_file(folder / "beneficiaires.csv", LINES)
    return Source(path=path, rejects=folder / "rejets.csv", block=1_500)


async def test_killed_in_the_middle_nothing_is_half_done_and_the_end_is_the_same(house, tmp_path):
    source = source_in(tmp_path)
    with forgetful_postgres() as postgres:
        steps, kill = killing(postgres, 3)
        with pytest.raises(Unavailable):
            await read(postgres, source, kill)
        lines, stored, *_ = postgres.rows(_IMPORT)[0]
        assert lines < steps[-1].lines, "the kill made nothing forgotten: nothing was proven"
        assert postgres.rows("SELECT count(*) FROM enrolment") == [(stored,)]
        done = await read(postgres, source)
        assert (done.lines, done.stored, done.rejected, done.ended) == (41, 40, 1, True)
        assert postgres.rows(_IMPORT) == [(41, 40, 1, done.reject_bytes, True)]
        listed = source.rejects.read_bytes()
        assert (len(listed), listed.count(b"\n"), listed[:10]) == (done.reject_bytes, 1, b"32;columns")
        assert len(postgres.rows(_TOLD, AT, DUE)) == 40

        steps, kill = killing(postgres, 3)
        with pytest.raises(Unavailable):
            await open_(postgres, kill)
        kept = postgres.rows(_OPENED)[0]
        assert kept[0] < sum(steps), "the kill made nothing forgotten: nothing was proven"
        assert set(kept) == {kept[0]}
        assert postgres.rows(_ENTRIES) == []
        assert await open_(postgres) == 40 - kept[0]
        assert postgres.rows(_OPENED) == [(40, 40, 40, 40)]
        assert postgres.rows(_ENTRIES) == [(str(40 - kept[0]),)]


async def test_the_check_sees_an_end_that_was_announced_and_forgotten(house, tmp_path, monkeypatch):
    async def hasty(w, *given, **named):
        await w.execute(importing._DURABLE[False])
        await recorded(w, *given, **named)

    recorded = opening.record
    with forgetful_postgres() as postgres:
        with monkeypatch.context() as patch:
            patch.setitem(importing._DURABLE, True, importing._DURABLE[False])
            assert (await read(postgres, source_in(tmp_path))).ended
        assert postgres.rows(_IMPORT)[0][0] < 41
        async with batch_of(postgres) as batch:
            assert (await imported(batch, source_in(tmp_path))).stored == 40
        assert len(postgres.rows(_TOLD, AT, DUE)) == 40
        monkeypatch.setattr(opening, "record", hasty)
        assert await open_(postgres) == 40
        assert postgres.rows(_OPENED)[0][0] < 40
        assert postgres.rows(_ENTRIES) == []
