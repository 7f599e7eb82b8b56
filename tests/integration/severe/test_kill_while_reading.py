"""No trace, no access (DESIGN promise 1): the web server is killed at random moments while documents are read.

Whatever a client got even one byte of has its entry in the journal, however short the time between the two was.
"""

import http.client
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg

from factories.served import bearer, restartable
from factories.town import carers, settle

KILLS, READERS, READS = 6, 8, 24
CONTENT = b"un compte rendu " * 500


class Burst:
    """Several readers at once, and a killer who strikes shortly after some of them began to receive."""

    def __init__(self, house, token, *, dice):
        self.house, self.token, self.dice = house, token, dice
        self.received = threading.Semaphore(0)

    def read(self, documents):
        """Read `documents` and kill meanwhile; return those of which a byte arrived."""
        with ThreadPoolExecutor(READERS + 1) as pool:
            killed = pool.submit(self.kill_after, self.dice.randrange(len(documents)), self.dice.uniform(0, 0.02))
            arrived = list(pool.map(self.first_byte, documents))
            killed.result()
        return [document for document, given in zip(documents, arrived, strict=True) if given]

    def kill_after(self, received, pause):
        for _ in range(received):
            self.received.acquire(timeout=10)
        time.sleep(pause)
        self.house.kill()

    def first_byte(self, document):
        """Return whether any byte of content arrived before the connection died."""
        connection = http.client.HTTPConnection(*self.house.served.address, timeout=10)
        try:
            connection.request("GET", f"/fhir/Binary/{document}", headers=bearer(self.token) | {"Accept": "*/*"})
            answer = connection.getresponse()
            given = answer.status == 200 and bool(answer.read(1))
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        self.received.release()
        return given


def traced(superuser_url):
    """The documents whose reading is in the journal, as logical ids."""
    sql = """SELECT replace(space_id::text, '-', '') || replace(unnest(document_ids)::text, '-', '')
             FROM carnet.journal_entry WHERE act = 'read-document' AND outcome = 'done'"""
    with psycopg.connect(superuser_url) as conn:
        return {row[0] for row in conn.execute(sql).fetchall()}


async def untraced_reads(new_database, simulator, home, *, kills, fault=None):
    """Serve a house, kill it `kills` times while it is read; return (delivered, delivered without a trace)."""
    url, dice = new_database(), random.Random(19)
    with restartable(url, home, fault=fault, **carers(simulator)) as house:
        town = await settle(house.served, simulator, url)
        documents = await town.documents([CONTENT] * (kills * READS))
        delivered = []
        for turn in range(kills):
            burst = Burst(house, town.reader, dice=dice)
            delivered += burst.read(documents[turn * READS :][:READS])
            house.start()
    return delivered, sorted(set(delivered) - traced(url("postgres")))


async def test_whatever_was_delivered_was_traced_first(new_database, simulator, tmp_path):
    delivered, untraced = await untraced_reads(new_database, simulator, tmp_path, kills=KILLS)
    assert untraced == []
    assert READS <= len(delivered) < KILLS * READS, "the kills came before or after everything: nothing was proven"


async def test_the_check_sees_a_trace_that_comes_late(new_database, simulator, tmp_path):
    late = {"kills": 2, "fault": "journal_after_content"}
    delivered, untraced = await untraced_reads(new_database, simulator, tmp_path, **late)
    assert delivered
    assert untraced
