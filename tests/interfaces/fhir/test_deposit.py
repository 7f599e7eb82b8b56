"""Deposits through the door: ITI-65 and ITI-105, as a care software sends them."""

import asyncio
import base64

import msgspec
import pytest

from carnet.records.api import DocumentQuery, list_documents, open_metadata
from factories.cda import make_cda, make_cda_n1
from factories.events import as_owner
from factories.fhir import VISIBILITY, acting, patient, problems, reference, transaction
from factories.world import AT, make_person, make_software


async def titles(person):
    listing = await list_documents(actor=person.actor, space=person.space, query=DocumentQuery(), at=AT)
    return [open_metadata(entry, keys=listing.keys).title for entry in listing.entries]


async def test_a_transaction_is_answered_entry_by_entry(client):
    person, software = await make_person(), await make_software()
    answer = await client.post("", json=transaction(person, b"un", b"deux"), headers=acting(software))
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    assert bundle["type"] == "transaction-response"
    locations = [entry["response"]["location"].split("/")[0] for entry in bundle["entry"]]
    assert locations == ["List", "DocumentReference", "DocumentReference", "Binary", "Binary"]
    assert {entry["response"]["status"] for entry in bundle["entry"]} == {"201 Created"}
    assert bundle["entry"][1]["response"]["etag"] == 'W/"1"'
    assert bundle["entry"][1]["response"]["location"][18:] == bundle["entry"][3]["response"]["location"][7:]
    assert await titles(person) == ["Bilan sanguin", "Bilan sanguin"]


async def test_the_same_message_again_gets_the_same_answer(client):
    person, software = await make_person(), await make_software()
    message = transaction(person)
    first = (await client.post("", json=message, headers=acting(software))).json()
    again = (await client.post("", json=message, headers=acting(software))).json()
    assert [e["response"]["location"] for e in first["entry"]] == [e["response"]["location"] for e in again["entry"]]
    assert {e["response"]["status"] for e in again["entry"]} == {"200 OK"}
    assert len(await titles(person)) == 1


async def test_two_identical_deposits_at_once_make_one_document(client):
    person, software = await make_person(), await make_software()
    message = transaction(person)
    answers = await asyncio.gather(*(client.post("", json=message, headers=acting(software)) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.json()["entry"][1]["response"]["location"] for answer in answers}) == 1
    assert len(await titles(person)) == 1


async def test_simplified_publish_returns_what_is_stored(client):
    person, software = await make_person(), await make_software()
    document = reference(person)
    answer = await client.post("DocumentReference", json=document, headers=acting(software))
    assert answer.status_code == 201, answer.text
    stored = answer.json()
    assert stored["content"][0]["attachment"]["url"] == f"Binary/{stored['id']}"
    assert "data" not in stored["content"][0]["attachment"]
    assert answer.headers["location"].endswith(f"/DocumentReference/{stored['id']}")
    again = await client.post("DocumentReference", json=document, headers=acting(software))
    assert (again.status_code, again.content) == (200, b"")
    assert again.headers["location"] == answer.headers["location"]


async def test_same_identifier_other_bytes_is_a_conflict(client):
    person, software = await make_person(), await make_software()
    document = reference(person)
    await client.post("DocumentReference", json=document, headers=acting(software))
    other = reference(person, content=b"autre chose", masterIdentifier=document["masterIdentifier"])
    answer = await client.post("DocumentReference", json=other, headers=acting(software))
    assert answer.status_code == 409
    assert problems(answer) == [("same-identifier-other-content", "DocumentReference.masterIdentifier")]
    assert answer.json()["issue"][0]["code"] == "conflict"


def cda_of(person, maker=make_cda, **changes):
    traits = person.traits
    own = {
        "matricule": person.ins.matricule,
        "ins_oid": person.ins.oid,
        "birth_name": traits.birth_name,
        "given": traits.given_names,
        "sex": str(traits.sex),
        "birth_date": traits.birth_date.replace("-", ""),
    }
    return maker(**own | changes)


def bare(person, content, **changes):
    """A DocumentReference that says nothing a CDA says itself."""
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"identifier": {"system": f"urn:oid:{person.ins.oid}", "value": person.ins.matricule}},
        "content": [{"attachment": {"contentType": "text/xml", "data": base64.b64encode(content).decode()}}],
        **changes,
    }


async def test_a_cda_says_itself_what_the_resource_leaves_out(client):
    person, software = await make_person(), await make_software()
    content = cda_of(person, extension="CDA-1")
    answer = await client.post("DocumentReference", json=bare(person, content), headers=acting(software))
    assert answer.status_code == 201, answer.text
    stored = answer.json()
    assert stored["masterIdentifier"]["value"] == "urn:oid:1.2.250.1.999.1.1.1^CDA-1"
    assert stored["type"]["coding"][0]["code"] == "11502-2"
    assert stored["category"][0]["coding"][0]["code"] == "10"
    assert stored["content"][0]["attachment"]["title"] == "Compte rendu de biologie"
    assert stored["content"][0]["attachment"]["creation"] == "2024-05-02T08:30:00.000Z"
    assert stored["author"][0]["display"] == "Camille FICTIF"
    assert stored["context"]["facilityType"]["coding"][0]["code"] == "SA25"


async def test_a_cda_names_what_it_replaces(client):
    person, software = await make_person(), await make_software()
    first = await client.post(
        "DocumentReference", json=bare(person, cda_of(person, extension="V1")), headers=acting(software)
    )
    second = cda_of(person, extension="V2", version=2, replaces=("1.2.250.1.999.1.1.1", "V1"), title="Corrigé")
    answer = await client.post("DocumentReference", json=bare(person, second), headers=acting(software))
    assert answer.json()["relatesTo"][0]["target"]["reference"] == f"DocumentReference/{first.json()['id']}"
    listing = await list_documents(
        actor=person.actor, space=person.space, query=DocumentQuery(statuses=("current",)), at=AT
    )
    assert [open_metadata(entry, keys=listing.keys).title for entry in listing.entries] == ["Corrigé"]


async def test_a_cda_that_replaces_what_never_came_is_a_first_version(client):
    person, software = await make_person(), await make_software()
    content = cda_of(person, replaces=("1.2.250.1.999.1.1.1", "NEVER-CAME"), set_extension="ALONE")
    answer = await client.post("DocumentReference", json=bare(person, content), headers=acting(software))
    assert answer.status_code == 201
    assert "relatesTo" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"matricule": "279035121518989"}, "cda-patient-disagrees"),
        ({"birth_name": "AUTRE"}, "cda-traits-disagree"),
        ({"type_code": "34133-9"}, "cda-type-disagrees"),
        ({"root": "1.2.3.4"}, "cda-identifier-disagrees"),
        ({"effective_time": "20240503103000+0200"}, "cda-date-disagrees"),
    ],
)
async def test_a_cda_that_contradicts_its_metadata_is_refused(client, changes, problem):
    person, software = await make_person(), await make_software()
    metadata = {
        "contained": [patient(person)],
        "context": {"sourcePatientInfo": {"reference": "#patient"}},
        "masterIdentifier": {"value": "urn:oid:1.2.250.1.999.1.1.1^DOC-0001"},
        "type": {"coding": [{"system": "http://loinc.org", "code": "11502-2"}]},
    }
    content = cda_of(person, **changes)
    document = bare(person, content, **metadata)
    document["content"][0]["attachment"]["creation"] = "2024-05-02T10:30:00+02:00"
    answer = await client.post("DocumentReference", json=document, headers=acting(software))
    assert answer.status_code == 422
    assert problem in {code for code, _ in problems(answer)}
    assert await titles(person) == []


async def test_born_masked_and_born_invisible(client):
    person, software = await make_person(), await make_software()
    for code, seen in (("INVISIBLE_PATIENT", []), ("MASQUE_PS", ["Bilan sanguin"])):
        labels = [{"coding": [{"system": VISIBILITY, "code": code}]}]
        answer = await client.post(
            "DocumentReference", json=reference(person, securityLabel=labels), headers=acting(software)
        )
        assert answer.status_code == 201
        assert answer.json()["securityLabel"][0]["coding"][0]["code"] == code
        assert await titles(person) == seen


async def test_a_pdf_in_a_cda_goes_through(client):
    person, software = await make_person(), await make_software()
    content = cda_of(person, maker=make_cda_n1)
    answer = await client.post("DocumentReference", json=bare(person, content), headers=acting(software))
    assert answer.status_code == 201, answer.text
    assert answer.json()["content"][0]["format"]["code"] == "urn:asipSante:modelesHorsProfils:2011"


async def test_a_refused_deposit_leaves_nothing_for_the_collector(client, house):
    person, software, stranger = await make_person(), await make_software(), await make_person()
    sent = reference(person)
    assert (await client.post("DocumentReference", json=sent, headers=acting(software))).status_code == 201
    other = reference(person, content=b"Autre chose") | {"masterIdentifier": sent["masterIdentifier"]}
    unknown = reference(msgspec.structs.replace(person, ins=msgspec.structs.replace(person.ins, matricule=NOBODY)))
    traits = reference(msgspec.structs.replace(stranger, ins=person.ins))
    before = intents(house)
    for refused, status in ((other, 409), (unknown, 404), (traits, 422)):
        answer = await client.post("DocumentReference", json=refused, headers=acting(software))
        assert answer.status_code == status, answer.text
    assert intents(house) <= before  # fewer when they used what others had noted for them


def intents(house):
    with as_owner(house) as conn:
        return conn.execute("SELECT count(*) FROM deposit_intent").fetchone()[0]


NOBODY = "279035121518989"


async def test_what_is_kept_as_final_is_told(client):
    person, software = await make_person(), await make_software()
    answer = await client.post("", json=transaction(person, docStatus="preliminary"), headers=acting(software))
    assert answer.status_code == 200, answer.text
    assert "doc-status-not-kept" in str(answer.json()["entry"][1]["response"]["outcome"])
