"""With a scanner: infected content is never stored, not even inside a CDA; a scanner that is down stops deposits."""

import base64
import dataclasses

import pytest

from carnet.infra import clock, installation
from carnet.infra.scanning import Clamd
from factories.cda import make_cda
from factories.clamd import EICAR, FakeClamd, tcp
from factories.fhir import acting, fhir_client, problems, reference
from factories.state import stored
from factories.world import AT, make_person, make_software


@pytest.fixture
async def scanner(house):
    """A house with a clamd beside it."""
    before = installation.current()
    async with tcp(FakeClamd()) as clamd:
        installation.install(dataclasses.replace(before, scanner=clamd))
        yield clamd
    installation.install(before)


@pytest.fixture
async def client(house):
    with clock.frozen(AT):
        async with fhir_client() as http:
            yield http


async def scanned(person):
    from carnet.records.api import DocumentQuery, list_documents

    listing = await list_documents(actor=person.actor, space=person.space, query=DocumentQuery(), at=AT)
    return [entry.scanned for entry in listing.entries]


async def test_clean_documents_are_labelled_so(client, scanner):
    person, software = await make_person(), await make_software()
    answer = await client.post("DocumentReference", json=reference(person), headers=acting(software))
    assert answer.status_code == 201, answer.text
    assert await scanned(person) == ["clean"]


async def test_without_a_scanner_they_are_labelled_not_scanned(client):
    person, software = await make_person(), await make_software()
    await client.post("DocumentReference", json=reference(person), headers=acting(software))
    assert await scanned(person) == ["not-scanned"]


async def test_infected_content_is_never_stored(house, client, scanner):
    person, software = await make_person(), await make_software()
    before = stored(house)
    answer = await client.post("DocumentReference", json=reference(person, content=EICAR), headers=acting(software))
    assert (answer.status_code, problems(answer)) == (
        422, [("content-infected", "DocumentReference.content[0].attachment")],
    )  # fmt: skip
    assert stored(house) == before


async def test_infected_content_inside_a_cda_is_found_too(house, client, scanner):
    person, software = await make_person(), await make_software()
    content = make_cda(
        payload=base64.b64encode(EICAR).decode(),
        media_type="text/plain",
        matricule=person.ins.matricule,
        ins_oid=person.ins.oid,
        birth_name=person.traits.birth_name,
        given=person.traits.given_names,
        sex=str(person.traits.sex),
        birth_date=person.traits.birth_date.replace("-", ""),
    )
    sent = reference(
        person,
        content=content,
        masterIdentifier=None,
        attachment={"contentType": "text/xml", "creation": None},
    )
    before = stored(house)
    answer = await client.post("DocumentReference", json=sent, headers=acting(software))
    assert [code for code, _ in problems(answer)] == ["content-infected"], answer.text
    assert stored(house) == before


async def test_a_scanner_that_is_down_stops_deposits_and_says_when_to_come_back(house, client):
    person, software = await make_person(), await make_software()
    before, rows = installation.current(), stored(house)
    installation.install(dataclasses.replace(before, scanner=Clamd("127.0.0.1:1")))
    try:
        answer = await client.post("DocumentReference", json=reference(person), headers=acting(software))
    finally:
        installation.install(before)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["issue"][0]["code"] == "transient"
    assert stored(house) == rows
