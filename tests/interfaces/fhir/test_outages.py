"""A disk that is full, a database that is gone, a pool that is empty: 503 with Retry-After, nothing stored or lost."""

import asyncio
import contextlib
import dataclasses
import errno

import pytest

from carnet.access.api import authorise
from carnet.infra import installation
from carnet.infra.blobs import LocalBlobs
from carnet.infra.db import database as seat
from carnet.infra.db.database import Database
from carnet.kernel.ids import routable
from factories.faulty_disk import FaultyDisk
from factories.fhir import acting, problems, transaction
from factories.state import stored
from factories.world import AT, give, make_person, make_professional, make_software


@contextlib.contextmanager
def blobs(house, disk):
    before = installation.current()
    installation.install(dataclasses.replace(before, blobs=LocalBlobs(house.home / "blobs", disk=disk)))
    try:
        yield
    finally:
        installation.install(before)


@contextlib.asynccontextmanager
async def database(conninfo, **options):
    before = seat.seated()
    other = Database(conninfo, **options)
    seat.seat(other)
    try:
        yield other
    finally:
        seat.seat(before)
        await other.close()


def is_transient(answer, problem):
    return (
        answer.status_code == 503
        and int(answer.headers["retry-after"]) > 0
        and answer.json()["issue"][0]["code"] == "transient"
        and problems(answer)[0][0] == problem
    )


async def test_a_full_disk_stores_nothing_and_the_same_message_works_later(house, client):
    person, software = await make_person(), await make_software()
    message, before = transaction(person), stored(house)
    with blobs(house, FaultyDisk("write", error=errno.ENOSPC)):
        answer = await client.post("", json=message, headers=acting(software))
    assert is_transient(answer, "storage-full"), answer.text
    assert stored(house) == before
    assert (await client.post("", json=message, headers=acting(software))).status_code == 200


async def test_a_database_that_is_gone(house, client, tmp_path):
    person, software = await make_person(), await make_software()
    message, before = transaction(person), stored(house)
    async with database(f"postgresql://carnet_app@/x?host={tmp_path}", min_size=0, wait_seconds=0.2) as gone:
        await gone._pool.open(wait=False)
        answer = await client.post("", json=message, headers=acting(software))
    assert answer.status_code == 503, answer.text
    assert answer.headers["retry-after"]
    assert stored(house) == before


async def test_a_pool_that_is_empty_says_so_at_once(house, client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software)
    fhir_id = routable(person.space, receipt.documents[0].document_id)
    async with database(house.url("carnet_app"), min_size=1, max_size=1, wait_seconds=0.1) as small:
        await small.open()
        async with small.connection():
            answer = await asyncio.wait_for(client.get(f"Binary/{fhir_id}", headers=acting(doctor)), timeout=5)
    assert is_transient(answer, "busy"), answer.text


async def test_content_that_was_damaged_is_an_error_and_never_sent(house, client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    known = {one for one in (house.home / "blobs").rglob("*") if one.is_file()}
    receipt = await give(person, by=software, content=b"x" * 1000)
    fhir_id = routable(person.space, receipt.documents[0].document_id)
    (blob,) = {one for one in (house.home / "blobs").rglob("*") if one.is_file()} - known
    sealed = bytearray(blob.read_bytes())
    sealed[-20] ^= 1
    blob.chmod(0o600)
    blob.write_bytes(sealed)
    answer = await client.get(f"Binary/{fhir_id}", headers=acting(doctor))
    assert (answer.status_code, problems(answer)) == (500, [("blob-damaged", None)])
    assert b"xxxx" not in answer.content


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_a_mistake_of_ours_says_nothing_of_what_was_sent(client, monkeypatch, language):
    person, software = await make_person(), await make_software()

    async def broken(**_):
        raise ZeroDivisionError(person.ins.matricule)

    monkeypatch.setattr("carnet.interfaces.fhir.interactions.provide_bundle.deposit", broken)
    headers = acting(software) | {"accept-language": language}
    answer = await client.post("", json=transaction(person), headers=headers)
    assert (answer.status_code, problems(answer)) == (500, [("unexpected", None)])
    assert person.ins.matricule not in answer.text
