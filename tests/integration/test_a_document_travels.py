"""The main job on a real database: deposited, listed, consented, read, hidden, traced."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import authorise, block, record_consent
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.kernel.errors import Conflict, NotFound, Refused
from carnet.records.api import (
    DocumentQuery,
    Texts,
    delete_document,
    list_documents,
    mask_document,
    open_metadata,
    open_resource,
    read_content,
    reveal_document,
)
from factories.world import AT, give, make_person, make_professional, make_software

LATER = AT + dt.timedelta(hours=1)


async def seen_by(actor, space, at=LATER):
    listing = await list_documents(actor=actor, space=space, query=DocumentQuery(), at=at)
    return [open_metadata(entry, keys=listing.keys).title for entry in listing.entries]


async def traces(space):
    async with work(space=space, at=LATER) as w:
        return await entries(w, filter_=Filter(with_refusals=True), limit=50)


async def test_the_person_reads_what_a_software_deposited(house):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software, content=b"Glycemie 0,92 g/L", title="Bilan")
    assert await seen_by(person.actor, person.space) == ["Bilan"]
    opened = await read_content(
        actor=person.actor, space=person.space, document=receipt.documents[0].document_id, at=LATER
    )
    assert b"".join([chunk async for chunk in opened.chunks(0, opened.blob.size)]) == b"Glycemie 0,92 g/L"
    assert [entry.act for entry in await traces(person.space)] == [
        "read-document",
        "list-documents",
        "deposit-document",
        "open-space",
    ]


async def test_a_professional_reads_after_consent_and_the_matrix(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await give(person, by=software)
    with pytest.raises(Refused):
        await seen_by(doctor, person.space)
    await record_consent(actor=doctor, space=person.space, at=AT)
    assert await seen_by(doctor, person.space) == ["Bilan sanguin"]
    optician = await make_professional(profession="28")
    await authorise(actor=person.actor, space=person.space, rpps=optician.rpps, at=AT)
    assert await seen_by(optician, person.space) == []


async def test_masked_is_absent_for_professionals_and_there_for_the_person_and_the_depositor(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    depositor = await make_professional(finess=software.organisation)
    receipt = await give(person, by=software)
    document = receipt.documents[0].document_id
    for reader in (doctor, depositor):
        await authorise(actor=person.actor, space=person.space, rpps=reader.rpps, at=AT)
    await mask_document(actor=person.actor, space=person.space, document=document, at=LATER)
    assert await seen_by(doctor, person.space) == []
    with pytest.raises(NotFound):
        await read_content(actor=doctor, space=person.space, document=document, at=LATER)
    assert await seen_by(depositor, person.space) == ["Bilan sanguin"]
    listing = await list_documents(
        actor=person.actor, space=person.space, query=DocumentQuery(), texts=Texts.RESOURCE, at=LATER
    )
    resource = msgspec.json.decode(open_resource(listing.entries[0], keys=listing.keys))
    assert resource["securityLabel"][0]["coding"][0]["code"] == "MASQUE_PS"
    await reveal_document(actor=person.actor, space=person.space, document=document, at=LATER)
    assert await seen_by(doctor, person.space) == ["Bilan sanguin"]


async def test_a_blocked_professional_reads_nothing_but_still_feeds(house):
    person, software = await make_person(), await make_software()
    doctor = await make_professional(finess=software.organisation)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    with pytest.raises(Refused):
        await seen_by(doctor, person.space)
    receipt = await give(person, by=doctor)
    assert receipt.documents[0].created


async def test_same_identifier_same_bytes_is_one_document_and_other_bytes_a_conflict(house):
    person, software = await make_person(), await make_software()
    first = await give(person, by=software, unique_id="urn:oid:1.2.3^7")
    again = await give(person, by=software, unique_id="urn:oid:1.2.3^7")
    assert again.documents[0].document_id == first.documents[0].document_id
    assert not again.documents[0].created
    with pytest.raises(Conflict):
        await give(person, by=software, unique_id="urn:oid:1.2.3^7", content=b"autre")


async def test_a_replacement_supersedes_and_only_the_author_may(house):
    person, software, other = await make_person(), await make_software(), await make_software()
    await give(person, by=software, unique_id="urn:oid:1.2.3^v1", title="v1")
    with pytest.raises(NotFound):
        await give(person, by=other, replaces="urn:oid:1.2.3^v1", title="v2")
    await give(person, by=software, replaces="urn:oid:1.2.3^v1", title="v2", content=b"v2")
    listing = await list_documents(
        actor=person.actor, space=person.space, query=DocumentQuery(statuses=("current",)), at=LATER
    )
    assert [open_metadata(entry, keys=listing.keys).title for entry in listing.entries] == ["v2"]
    assert sorted(await seen_by(person.actor, person.space)) == ["v1", "v2"]


async def test_born_invisible_never_shows_to_the_person(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    receipt = await give(person, by=software, codes=frozenset({"INVISIBLE_PATIENT"}))
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    assert await seen_by(person.actor, person.space) == []
    assert await seen_by(doctor, person.space) == ["Bilan sanguin"]
    with pytest.raises(NotFound):
        await read_content(actor=person.actor, space=person.space, document=receipt.documents[0].document_id, at=LATER)


async def test_logical_deletion_by_the_author(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    receipt = await give(person, by=software)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await delete_document(actor=software, space=person.space, document=receipt.documents[0].document_id, at=LATER)
    assert await seen_by(doctor, person.space) == []
