"""The place of contents is full, slow or gone: a refusal that says so, nothing stored, and service afterwards."""

import contextlib
import os
import subprocess
import time

import psycopg
import pytest

from factories import seaweed
from factories.deposits import content_of, document_reference, id_of, send
from factories.flaky_proxy import FlakyProxy
from factories.served import serve, until
from factories.town import carers, settle

TMPFS_MB = 80
"""More than the reserve the store wants free to call itself ready."""
STORE_SECONDS = 9
"""Three for a request, one for trying again, and slack."""
CONTENT = b"Compte rendu. " * 5_000


@contextlib.contextmanager
def small_disk(folder):
    """A real small volume for the blobs when this machine lets us mount one, else None."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MB}m,mode=700", "carnet-tests", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


class Volume:
    """A store that can be filled and emptied: a real volume, or the seam of the disk told to say it is full."""

    def __init__(self, folder, mounted):
        self.filler = folder / "filler" if mounted else folder.parent / "disk-is-full"
        self.mounted = mounted

    def fill(self):
        with contextlib.suppress(OSError), self.filler.open("wb", buffering=0) as filler:
            for _ in range(TMPFS_MB * 2 if self.mounted else 0):
                filler.write(b"\0" * 512 * 1024)

    def empty(self):
        self.filler.unlink()


def left(town):
    """(documents, drafts) of a house."""
    with psycopg.connect(town.url("postgres")) as conn:
        documents = conn.execute("SELECT count(*) FROM carnet.document").fetchone()[0]
    return documents, len(list((town.served.home / "blobs" / "drafts").iterdir()))


@contextlib.contextmanager
def on_a_small_disk(url, home, simulator, *, fault=None):
    with small_disk(home / "blobs") as mounted:
        fault = fault or (None if mounted else "full_when_told")
        with serve(url, home, fault=fault, **carers(simulator)) as served:
            yield served, Volume(home / "blobs", mounted)


async def test_a_full_disk_refuses_deposits_keeps_nothing_and_recovers(new_database, simulator, tmp_path):
    url = new_database()
    with on_a_small_disk(url, tmp_path, simulator) as (served, volume):
        town = await settle(served, simulator, url)
        document = id_of(send(served, town.token, document_reference(town.person, content=b"avant")))
        before = left(town)
        volume.fill()
        answers = [send(served, town.token, document_reference(town.person, content=CONTENT)) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {503}
        outcome = answers[0].json()
        assert outcome["issue"][0]["details"]["coding"][0]["code"] == "storage-full"
        assert int(answers[0].headers["retry-after"]) >= 1
        assert left(town) == before
        assert content_of(served, town.reader, document).content == b"avant", "reading goes on"
        volume.empty()
        again = send(served, town.token, document_reference(town.person, content=CONTENT))
        assert content_of(served, town.reader, id_of(again)).content == CONTENT
        assert left(town) == (before[0] + 1, before[1])


async def test_the_check_sees_drafts_that_are_left_behind(new_database, simulator, tmp_path):
    url = new_database()
    with on_a_small_disk(url, tmp_path, simulator, fault="full_when_told_and_drafts_left") as (served, _):
        town = await settle(served, simulator, url)
        before = left(town)
        Volume(tmp_path / "blobs", mounted=False).fill()
        assert send(served, town.token, document_reference(town.person, content=CONTENT)).status_code == 503
        assert left(town) != before


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    """A real S3 service behind a proxy that can be told to hang or to refuse."""
    with seaweed.running(tmp_path_factory.mktemp("weed")) as settings:
        port = int(settings.endpoint.rpartition(":")[2])
        with FlakyProxy(port) as proxy:
            yield proxy


def on_objects(proxy):
    return {
        "CARNET_BLOBS": "s3",
        "CARNET_S3_ENDPOINT": f"http://127.0.0.1:{proxy.port}",
        "CARNET_S3_BUCKET": seaweed.BUCKET,
        "CARNET_S3_KEY_ID": seaweed.ACCESS_KEY,
        "CARNET_S3_SECRET": seaweed.SECRET_KEY,
    }


async def test_an_object_store_that_hangs_or_is_gone_is_a_clear_refusal(new_database, simulator, tmp_path, objects):
    url = new_database()
    with serve(url, tmp_path, fault="impatient_store", **on_objects(objects), **carers(simulator)) as served:
        town = await settle(served, simulator, url)
        document = id_of(send(served, town.token, document_reference(town.person, content=CONTENT)))
        assert content_of(served, town.reader, document).content == CONTENT
        for trouble in ("refuse", "hang"):
            objects.mode = trouble
            began = time.monotonic()
            refused = [
                send(served, town.token, document_reference(town.person, content=CONTENT)),
                content_of(served, town.reader, document),
            ]
            assert {answer.status_code for answer in refused} == {503}, trouble
            assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
            assert time.monotonic() - began < 2 * STORE_SECONDS
        objects.mode = "pass"
        until(lambda: content_of(served, town.reader, document).status_code == 200)
        with psycopg.connect(url("postgres")) as conn:
            assert conn.execute("SELECT count(*) FROM carnet.document").fetchone() == (1,)
