"""The examples PDSm and IHE MHD publish are accepted as they are, once their patient is one of ours.

Read where they lie, never copied here; skipped when they are not at hand. What had to be changed is in `adapted`, and
only that: the examples' patients have no INS or a wrong key (or no traits), which vigilance refuses with a true reason;
where an example points at a file it does not bring, ours is put there with its size and hash. Their authors point at
resources of another server: they are read as far as the message tells.
"""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from carnet.infra import clock
from factories.cda import make_cda
from factories.fhir import MHD, acting, fhir_client, patient, problems
from factories.world import AT, make_person, make_software

SAMPLES = Path(__file__).parents[3].parent / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="open samples are not at hand")

PDSM = "fhir-ans-pdsm/DocumentReference-exemple-pdsm-documentreference.json"
DMP_CDA = "fhir-ans-pdsm4dmp/DocumentReference-example-annexe-docref-cda.json"
DMP_FHIR = "fhir-ans-pdsm4dmp/DocumentReference-example-annexe-docref-fhir.json"
MULTIPLE = "fhir-ihe-mhd/Bundle-ex-comprehensiveProvideDocumentBundleMultiple.json"
MINIMAL = "fhir-ihe-mhd/Bundle-ex-minimalProvideDocumentBundleSimple.json"
UNCONTAINED = "fhir-ihe-mhd/Bundle-ex-unContainedComprehensiveProvideDocumentBundleComplete.json"
PUBLISH = "fhir-ihe-mhd/DocumentReference-ex-DocumentReferenceSimplifiedPublish.json"


def sample(name):
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


@pytest.fixture
async def client(house):
    with clock.frozen(AT):
        async with fhir_client() as http:
            yield http


def adapted(reference, person):
    """Give a DocumentReference a patient of ours: contained, as subject and as source of the identity."""
    reference.setdefault("contained", [])
    reference["contained"] = [one for one in reference["contained"] if one["resourceType"] != "Patient"]
    reference["contained"].append(patient(person))
    reference["subject"] = {"reference": "#patient"}
    reference.setdefault("context", {})["sourcePatientInfo"] = {"reference": "#patient"}
    return reference


def with_content(reference, content):
    """Put a file where the example points at one it does not bring."""
    attachment = reference["content"][0]["attachment"]
    attachment.pop("url", None)
    attachment["data"] = base64.b64encode(content).decode()
    if "size" in attachment:
        attachment["size"] = len(content)
    if "hash" in attachment:
        attachment["hash"] = base64.b64encode(hashlib.sha1(content).digest()).decode()
    return reference


def in_a_bundle(reference):
    """Wrap a DocumentReference that was published alone into the transaction ITI-65 wants."""
    content = reference["content"][0]["attachment"].pop("data")
    reference["content"][0]["attachment"]["url"] = "urn:uuid:00000000-0000-4000-8000-000000000003"
    submission = {
        "resourceType": "List",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.5", "use": "usual"}],
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": f"{MHD}/CodeSystem/MHDlistTypes", "code": "submissionset"}]},
        "date": "2025-04-29T12:00:00+01:00",
        "entry": [{"item": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000002"}}],
    }
    media = reference["content"][0]["attachment"]["contentType"]
    resources = [submission, reference, {"resourceType": "Binary", "contentType": media, "data": content}]
    entries = [
        {
            "fullUrl": f"urn:uuid:00000000-0000-4000-8000-00000000000{number}",
            "resource": one,
            "request": {"method": "POST", "url": one["resourceType"]},
        }
        for number, one in enumerate(resources, start=1)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


async def test_pdsm_comprehensive(client):
    from factories.pdf import make_pdf

    person, software = await make_person(), await make_software()
    reference = with_content(adapted(sample(PDSM), person), make_pdf())
    answer = await client.post("", json=in_a_bundle(reference), headers=acting(software))
    assert answer.status_code == 200, answer.text
    outcome = answer.json()["entry"][1]["response"]["outcome"]
    assert [issue["details"]["coding"][0]["code"] for issue in outcome["issue"]] == ["class-not-of-type"]


async def test_pdsm_keeps_what_it_said(client):
    from factories.pdf import make_pdf

    person, software = await make_person(), await make_software()
    reference = with_content(adapted(sample(PDSM), person), make_pdf())
    answer = await client.post("DocumentReference", json=reference, headers=acting(software))
    assert answer.status_code == 201, answer.text
    kept = answer.json()
    assert kept["masterIdentifier"]["value"] == reference["masterIdentifier"]["value"]
    assert kept["category"][0]["coding"][0]["code"] == "10"
    assert kept["author"][0]["display"] == "Sophie Leclerc"
    practitioner = next(one for one in kept["contained"] if one["resourceType"] == "Practitioner")
    assert practitioner["identifier"] == [{"system": "https://rpps.esante.gouv.fr", "value": "10101201234"}]
    assert kept["context"]["facilityType"]["coding"][0]["code"] == "SA01"
    assert kept["content"][0]["format"]["code"] == "urn:ihe:lab:xd-lab:2008"
    assert kept["context"]["period"] == {"start": "2025-04-20T07:00:00.000Z", "end": "2025-04-25T07:00:00.000Z"}


async def test_pdsm_for_the_dmp_with_a_cda(client):
    person, software = await make_person(), await make_software()
    content = make_cda(
        root="1.2.250.1.213.1.4.8.99999.201",
        extension=None,
        type_code="11488-4",
        effective_time="20241120103000+0100",
        matricule=person.ins.matricule,
        ins_oid=person.ins.oid,
        birth_name=person.traits.birth_name,
        given=person.traits.given_names,
        sex=str(person.traits.sex),
        birth_date=person.traits.birth_date.replace("-", ""),
    )
    reference = with_content(adapted(sample(DMP_CDA), person), content)
    answer = await client.post("", json=in_a_bundle(reference), headers=acting(software))
    assert answer.status_code == 200, answer.text


async def test_pdsm_for_the_dmp_as_published_has_a_wrong_key(client):
    software = await make_software()
    reference = with_content(sample(DMP_CDA), b"<ClinicalDocument/>")
    answer = await client.post("DocumentReference", json=reference, headers=acting(software))
    assert {code for code, _ in problems(answer)} <= {"ins-malformed", "ins-key-wrong"}


async def test_a_fhir_document_is_no_kind_we_keep(client):
    person, software = await make_person(), await make_software()
    reference = with_content(adapted(sample(DMP_FHIR), person), b'{"resourceType":"Bundle","type":"document"}')
    answer = await client.post("DocumentReference", json=reference, headers=acting(software))
    assert problems(answer) == [("content-type-unsupported", "DocumentReference.content[0].attachment")]


async def test_mhd_minimal(client):
    person, software = await make_person(), await make_software()
    bundle = sample(MINIMAL)
    (entry,) = (one for one in bundle["entry"] if one["resource"]["resourceType"] == "Patient")
    entry["resource"] = patient(person, id=entry["resource"]["id"])
    answer = await client.post("", json=bundle, headers=acting(software))
    assert answer.status_code == 200, answer.text
    responses = [one["response"] for one in answer.json()["entry"]]
    assert [one["status"][:3] for one in responses] == ["201", "201", "201", "200"]
    assert responses[3]["location"] == f"Patient/{person.space.hex}"
    assert "type-missing" in json.dumps(responses[1]["outcome"])


async def test_mhd_uncontained_and_complete(client):
    person, software = await make_person(), await make_software()
    bundle = sample(UNCONTAINED)
    adapted(bundle["entry"][1]["resource"], person)
    answer = await client.post("", json=bundle, headers=acting(software))
    assert answer.status_code == 200, answer.text
    told = json.dumps(answer.json()["entry"][1]["response"]["outcome"])
    assert "relation-not-kept" in told
    assert "code-outside-value-set" in told


async def test_mhd_multiple_says_one_identifier_twice_and_is_accepted_without_that(client):
    person, software = await make_person(), await make_software()
    bundle = sample(MULTIPLE)
    for entry in bundle["entry"][1:3]:
        adapted(entry["resource"], person)
    refused = await client.post("", json=bundle, headers=acting(software))
    assert (refused.status_code, problems(refused)) == (422, [("identifier-twice", "Bundle.entry")])
    bundle["entry"][2]["resource"]["masterIdentifier"]["value"] += ".1"
    answer = await client.post("", json=bundle, headers=acting(software))
    assert answer.status_code == 200, answer.text


async def test_mhd_simplified_publish(client):
    person, software = await make_person(), await make_software()
    answer = await client.post("DocumentReference", json=adapted(sample(PUBLISH), person), headers=acting(software))
    assert answer.status_code == 201, answer.text
    assert answer.json()["content"][0]["attachment"]["size"] == 11
