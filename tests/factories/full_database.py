"""A database that is full, or that hangs, from a chosen write on: a trigger at every table counts what is written."""

import contextlib
import time

import psycopg

_COUNT = """
CREATE SCHEMA planted;
CREATE SEQUENCE planted.writes MINVALUE -1000000000 START -1000000000;
CREATE SEQUENCE planted.hangs MINVALUE 0 START 0;
CREATE FUNCTION planted.write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  IF nextval('planted.writes') > 0 THEN
    IF (SELECT last_value FROM planted.hangs) = 1 THEN PERFORM pg_advisory_xact_lock(53, 100);
    ELSE RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END IF;
  END IF;
  RETURN NULL;
END $$;
GRANT USAGE ON SCHEMA planted TO PUBLIC;
"""
_TABLES = """
SELECT format('CREATE TRIGGER planted BEFORE INSERT OR UPDATE OR DELETE ON %s
  FOR EACH STATEMENT EXECUTE FUNCTION planted.write()', c.oid::regclass)
FROM pg_class c WHERE relnamespace IN ('carnet'::regnamespace, 'vault'::regnamespace, 'jobs'::regnamespace)
  AND relkind IN ('r', 'p') AND NOT relispartition
"""
_FAR = 1_000_000_000
_WAITING = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 53 AND objid = 100 AND NOT granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Writes:
    """The writes of a house, counted."""

    def __init__(self, conn):
        self._conn = conn

    def _left(self, number, *, hangs=0):
        self._conn.execute("SELECT setval('planted.hangs', %s), setval('planted.writes', %s)", (hangs, -number))

    @contextlib.contextmanager
    def counted(self):
        """Yields a list that holds the number of writes of the block once it ended."""
        found = []
        self._left(_FAR)
        try:
            yield found
        finally:
            (last,) = self._conn.execute("SELECT last_value FROM planted.writes").fetchone()
            found.append(last + _FAR)
            self._left(_FAR)

    @contextlib.contextmanager
    def full(self, after):
        """Nothing more can be written after so many writes."""
        self._left(after)
        try:
            yield
        finally:
            self._left(_FAR)

    @contextlib.contextmanager
    def hanging(self, after):
        """Whoever writes after so many writes hangs until the block ends. Yields what waits for somebody to hang."""
        self._conn.execute("SELECT pg_advisory_lock(53, 100)")
        self._left(after, hangs=1)
        pids = set()

        def wait(ended):
            deadline = time.monotonic() + 60
            while not (found := {pid for (pid,) in self._conn.execute(_WAITING)}):
                assert not ended(), "it ended before it wrote as much"
                assert time.monotonic() < deadline
                time.sleep(0.01)
            pids.update(found)

        try:
            yield wait
        finally:
            self._left(_FAR)
            self._conn.execute("SELECT pg_advisory_unlock(53, 100)")
            while self._conn.execute("SELECT 1 FROM pg_stat_activity WHERE pid = ANY(%s)", (list(pids),)).fetchone():
                time.sleep(0.01)


@contextlib.contextmanager
def writes_of(house):
    """Count what a house writes for the length of the block."""
    with psycopg.connect(house.url("postgres"), autocommit=True) as conn:
        conn.execute(_COUNT)
        for (statement,) in conn.execute(_TABLES).fetchall():
            conn.execute(statement)
        try:
            yield Writes(conn)
        finally:
            conn.execute("DROP SCHEMA planted CASCADE")
