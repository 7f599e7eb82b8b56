"""The same document from ten senders at once, and what must not become two (threats T42)."""

import asyncio
import uuid
from collections import Counter

import httpx
import psycopg
import pytest

from factories.deposits import FHIR_JSON, content_of, document_reference, id_of, send
from factories.served import bearer, serve
from factories.town import carers, settle

SENDERS = 10


async def all_at_once(town, resources):
    """Send every resource at the same moment, each over a connection of its own."""
    headers = FHIR_JSON | bearer(town.token)
    limits = httpx.Limits(max_connections=len(resources))
    async with httpx.AsyncClient(timeout=30, limits=limits, headers=headers) as client:
        address = f"{town.served.fhir}/DocumentReference"
        return await asyncio.gather(*(client.post(address, json=one) for one in resources))


def rows(town):
    with psycopg.connect(town.url("postgres")) as conn:
        return conn.execute("SELECT count(*) FROM carnet.document").fetchone()[0]


async def ten_identical(town):
    """Return how many documents ten identical deposits at once made, and what they answered."""
    before = rows(town)
    resource = document_reference(town.person, content=b"un seul exemplaire", unique_id=uuid.uuid4().urn)
    answers = await all_at_once(town, [resource] * SENDERS)
    return rows(town) - before, answers


async def ten_replacements(town):
    """Return the statuses of ten replacements of one document at once."""
    first = document_reference(town.person, content=b"v1", unique_id=uuid.uuid4().urn)
    send(town.served, town.token, first).raise_for_status()
    replaced = first["masterIdentifier"]["value"]
    others = [document_reference(town.person, content=b"v2-%d" % n, replaces=replaced) for n in range(SENDERS)]
    return Counter(answer.status_code for answer in await all_at_once(town, others))


async def test_ten_identical_deposits_are_one_document(town):
    made, answers = await ten_identical(town)
    assert made == 1
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: SENDERS - 1}
    assert len({id_of(answer) for answer in answers}) == 1


async def test_of_ten_contents_under_one_identifier_one_wins(town):
    before, unique_id = rows(town), uuid.uuid4().urn
    contents = [b"contenu %d" % number for number in range(SENDERS)]
    resources = [document_reference(town.person, content=one, unique_id=unique_id) for one in contents]
    answers = await all_at_once(town, resources)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: SENDERS - 1}
    assert rows(town) - before == 1
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 201)
    kept = content_of(town.served, town.reader, id_of(answers[winner]))
    assert kept.content == contents[winner]


async def test_of_ten_replacements_one_wins(town):
    assert await ten_replacements(town) == {201: 1, 409: SENDERS - 1}


@pytest.fixture(scope="module")
async def careless(new_database, simulator, tmp_path_factory):
    """A house whose database lost the two walls: the unique index and the guard of replacements."""
    url = new_database()
    with serve(url, tmp_path_factory.mktemp("careless"), **carers(simulator)) as served:
        town = await settle(served, simulator, url)
        with psycopg.connect(url("postgres"), autocommit=True) as conn:
            conn.execute("DROP INDEX carnet.document_unique_id")
            conn.execute("DROP INDEX carnet.document_version")
            conn.execute(
                "CREATE OR REPLACE FUNCTION carnet.assert_current(space uuid, document uuid, expected integer)"
                " RETURNS void LANGUAGE plpgsql AS 'BEGIN END'"
            )
        yield town


async def test_the_check_sees_two_where_one_was_sent(careless):
    for _ in range(10):
        made, _ = await ten_identical(careless)
        if made > 1:
            break
    assert made > 1


async def test_the_check_sees_two_replacements_of_one_document(careless):
    # ten at once do not always meet on a busy machine: one round in which they do is enough
    for _ in range(10):
        made = (await ten_replacements(careless))[201]
        if made > 1:
            break
    assert made > 1
