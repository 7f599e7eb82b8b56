"""The same document from ten senders at once, and what must not become two (threats T42)."""

import asyncio

import httpx

from factories.deposits import FHIR_JSON, content_of, document_reference, id_of, search, send
from factories.served import bearer


async def all_at_once(town, resources):
    """Send every resource at the same moment, each over a connection of its own."""
    headers = FHIR_JSON | bearer(town.token)
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=len(resources))) as client:
        sending = (client.post(f"{town.served.fhir}/DocumentReference", json=one, headers=headers) for one in resources)
        return await asyncio.gather(*sending)


async def test_ten_identical_deposits_are_one_document(town):
    resource = document_reference(town.person, content=b"un seul exemplaire")
    answers = await all_at_once(town, [resource] * 10)
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert sum(answer.status_code == 201 for answer in answers) == 1
    assert len({id_of(answer) for answer in answers}) == 1
