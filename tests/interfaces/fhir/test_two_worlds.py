"""Two worlds that differ only by what a doctor may not know of must answer them with the same bytes.

The same space is asked before and after the hidden things happen; every header but Date counts.
"""

import datetime as dt
import itertools
import uuid

import pytest

from carnet.access.api import authorise
from carnet.kernel.ids import routable
from carnet.records.api import deposit_own, mask_document
from carnet.records.queries import listing_statements, sealed
from factories.fhir import acting, transaction
from factories.world import AT, give, make_person, make_professional, make_software, new_document

FILTERS = (
    {},
    {"status": "current"},
    {"status": "superseded"},
    {"type": "11502-2,60591-5"},
    {"category": "10"},
    {"date": "ge2026-01-01"},
    {"creation": "2026-11"},
    {"_lastUpdated": "ge2026-01-01"},
    {"period": "2026"},
    {"security-label": "N"},
    {"security-label": "MASQUE_PS"},
    {"security-label": "MASQUE_PS,INVISIBLE_PATIENT,N"},
    {"author.family": "a"},
    {"identifier": "urn:oid:1.2.3^hidden"},
    {"facility": "SA01"},
    {"format": "urn:ihe:iti:xds-sd:text:2008"},
)
SHAPES = (
    {},
    {"_count": "1"},
    {"_count": "2", "_sort": "date"},
    {"_summary": "count"},
    {"_total": "accurate", "_count": "1"},
    {"_sort": "-creation"},
)


def questions(space, ids):
    for filters, shape in itertools.product(FILTERS, SHAPES):
        yield "DocumentReference", {"patient": space.hex, **filters, **shape}
    for filters in ({}, {"date": "2026-11-20"}, {"_count": "1"}, {"identifier": "urn:oid:1.2.3^hidden"}):
        yield "List", {"patient": space.hex, **filters}
    for one in ids:
        for kind in ("DocumentReference", "Binary", "List"):
            yield f"{kind}/{one}", {}
    yield "DocumentReference", {"_id": ",".join(ids)}


async def answers(client, doctor, space, ids):
    found = []
    for path, asked in questions(space, ids):
        answer = await client.get(path, params=asked, headers=acting(doctor))
        headers = sorted((name, value) for name, value in answer.headers.items() if name != "date")
        found.append((path, tuple(asked.items()), answer.status_code, headers, answer.content))
        while True:
            links = answer.json().get("link", []) if path in {"DocumentReference", "List"} else []
            following = next((link["url"] for link in links if link["relation"] == "next"), None)
            if following is None:
                break
            answer = await client.get(following, headers=acting(doctor))
            found.append((path, following, answer.status_code, answer.content))
    return found


async def shown(client, person, software, *, visible):
    """What both worlds share: two plain documents, one of them in a set that will also hold a hidden one."""
    for number in range(2):
        await give(
            person,
            by=software,
            content=f"visible {number}".encode(),
            unique_id=f"urn:oid:1.2.3^visible{number}",
            creation=AT - dt.timedelta(days=number),
        )
    message = transaction(person, b"ensemble")
    sent = await client.post("", json=message, headers=acting(software))
    assert sent.status_code == 200
    visible.append(sent.json()["entry"][1]["response"]["location"].split("/")[1])


async def hide(person, software, *, hidden):
    """Everything that may happen in a space without this doctor knowing."""
    masked = {"codes": frozenset({"MASQUE_PS"})}
    receipts = [
        await give(person, by=software, content=b"h1", unique_id="urn:oid:1.2.3^hidden", **masked),
        await give(person, by=software, content=b"h2", creation=AT - dt.timedelta(hours=30), **masked),
        await give(person, by=software, content=b"h3", type_code="E1762", class_code="99"),
        await give(person, by=software, content=b"h4", replaces="urn:oid:1.2.3^hidden", **masked),
    ]
    own = new_document(content=b"h5", type_code="ATTEST-RESID", class_code="95", author_kind="PATIENT")
    receipts.append(await deposit_own(actor=person.actor, space=person.space, document=own, at=AT))
    later = await give(person, by=software, content=b"h6", unique_id="urn:oid:1.2.3^later", **masked)
    receipts.append(later)
    hidden += [routable(person.space, receipt.documents[0].document_id) for receipt in receipts]


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    visible: list[str] = []
    await shown(client, person, software, visible=visible)
    # the first reading tells the person once: both worlds start after it
    await client.get("DocumentReference", params={"patient": person.space.hex}, headers=acting(doctor))
    return person, software, doctor, visible


async def test_the_two_worlds_answer_alike(client, world):
    person, software, doctor, visible = world
    nowhere = [routable(person.space, uuid.uuid4()) for _ in range(6)]
    before = await answers(client, doctor, person.space, [*visible, *nowhere])
    hidden: list[str] = []
    await hide(person, software, hidden=hidden)
    after = await answers(client, doctor, person.space, [*visible, *nowhere])
    assert len(before) > 100
    for one, other in zip(before, after, strict=True):
        assert one == other
    # and what is hidden answers like what never was
    for absent, secret in zip(nowhere, hidden, strict=True):
        for kind in ("DocumentReference", "Binary", "List"):
            gone = await client.get(f"{kind}/{absent}", headers=acting(doctor))
            secretly = await client.get(f"{kind}/{secret}", headers=acting(doctor))
            assert (gone.status_code, gone.content) == (secretly.status_code, secretly.content)


async def test_a_document_masked_since_is_gone_from_every_answer(client, world):
    person, software, doctor, _visible = world
    nowhere = [routable(person.space, uuid.uuid4())]
    before = await answers(client, doctor, person.space, nowhere)
    receipt = await give(person, by=software, content=b"masque ensuite")
    document = receipt.documents[0].document_id
    await mask_document(actor=person.actor, space=person.space, document=document, at=AT)
    assert await answers(client, doctor, person.space, nowhere) == before


async def test_a_masked_version_takes_the_old_one_out_of_sight(client, world):
    """An old version left in sight, superseded by something absent, would tell that there is something."""
    person, software, doctor, _ = world
    before = await answers(client, doctor, person.space, [])
    await give(person, by=software, content=b"v1", unique_id="urn:oid:1.2.3^v1")
    replaced = {"replaces": "urn:oid:1.2.3^v1", "codes": frozenset({"MASQUE_PS"})}
    await give(person, by=software, content=b"v2", unique_id="urn:oid:1.2.3^v2", **replaced)
    assert await answers(client, doctor, person.space, []) == before


async def test_a_version_nobody_may_know_of_replaces_nothing(client, world, monkeypatch):
    """The one before it stays the current one: its status, version, tag, day of change, place in every search."""
    person, software, doctor, _ = world
    first = await give(person, by=software, content=b"v1", unique_id="urn:oid:1.2.3^a1")
    address = f"DocumentReference/{routable(person.space, first.documents[0].document_id)}"
    search = f"DocumentReference?patient={person.space.hex}"

    async def told():
        paths = (address, search, *(f"{search}&{one}" for one in ("status=current", "status=superseded")))
        asked = (*paths, f"{search}&_summary=count&status=superseded")
        found = [await client.get(path, headers=acting(doctor)) for path in asked]
        return [(one.status_code, one.headers.get("etag"), one.content) for one in found]

    before = await told()
    of_a_kind_closed_to_doctors = {"replaces": "urn:oid:1.2.3^a1", "type_code": "E1762"}
    await give(person, by=software, content=b"v2", unique_id="urn:oid:1.2.3^a2", **of_a_kind_closed_to_doctors)
    assert await told() == before
    monkeypatch.setattr(sealed, "_as_known", lambda stored, _: stored)
    assert await told() != before, "planted: the resource as it is stored"


async def test_without_the_wall_the_worlds_differ(client, world, monkeypatch):
    """Planted fault: a list that forgets to ask what is visible."""
    person, software, doctor, _ = world
    monkeypatch.setattr(listing_statements, "VISIBLE", "reader.open")
    before = await answers(client, doctor, person.space, [])
    await hide(person, software, hidden=[])
    assert await answers(client, doctor, person.space, []) != before
