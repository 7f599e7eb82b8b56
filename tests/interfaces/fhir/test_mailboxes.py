"""The directory of mailboxes: found by name, profession and town; the red list by nobody."""

import pytest

from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.identity.queries import mailboxes
from factories.fhir import acting, problems
from factories.world import AT, OPERATOR, make_organisation, make_professional

METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"


@pytest.fixture
async def listed(client):
    """A doctor with a mailbox found and one on the red list, their place's, and a pharmacist's."""
    doctor, pharmacist = await make_professional(), await make_professional(profession="21")
    place = await make_organisation(name="Maison Médicale des Élans")
    own = doctor.rpps
    boxes = (
        FeedMailbox(address=f"A.{own}@mssante.invalid", kind="PER", rpps=own),
        FeedMailbox(address=f"b.{own}@mssante.invalid", kind="PER", rpps=own, red_list=True),
        FeedMailbox(address=f"c.{own}@mssante.invalid", kind="CAB", rpps=own, finess=place, label="Secrétariat"),
        FeedMailbox(address=f"org.{own}@mssante.invalid", kind="ORG", finess=place),
        FeedMailbox(address=f"{pharmacist.rpps}@mssante.invalid", kind="PER", rpps=pharmacist.rpps),
    )
    await import_directory(actor=OPERATOR, feed=DirectoryFeed(mailboxes=boxes), at=AT)
    return doctor


async def addresses(client, doctor, resource="PractitionerRole", **asked):
    answer = await client.get(resource, params=asked, headers=acting(doctor))
    assert answer.status_code == 200, answer.text
    return [one["resource"]["telecom"][0]["value"].split(".")[0] for one in answer.json().get("entry", [])]


async def test_a_mailbox_is_found_by_name_profession_town_and_kind(client, listed):
    name = f"Marchand{listed.rpps[-4:]}"
    assert await addresses(client, listed, name=f"cl {name.lower()}", role="10") == ["a", "c"]
    assert await addresses(client, listed, name=name, **{"mailbox-mss-type": "CAB,APP", "address-city": "ren"}) == ["c"]
    assert await addresses(client, listed, name=name, role="21") == []
    assert await addresses(client, listed, name=name, **{"mailbox-mss-type": "XYZ"}) == []
    exact = {"mailbox-mss": f"ORG.{listed.rpps}@mssante.invalid"}
    assert await addresses(client, listed, "Organization", name="elans", **exact) == ["org"]


async def test_it_is_written_as_the_french_directory_writes_it_and_paged(client, listed):
    asked = {"name": f"Marchand{listed.rpps[-4:]}", "_count": "1"}
    first = (await client.get("PractitionerRole", params=asked, headers=acting(listed))).json()
    one = first["entry"][0]["resource"]
    extension = next(e for e in one["telecom"][0]["extension"] if e["url"] == METADATA)["extension"]
    assert extension[0]["valueCodeableConcept"]["coding"][0]["code"] == "PER"
    assert one["contained"][0]["identifier"] == [{"system": "https://rpps.esante.gouv.fr", "value": listed.rpps}]
    following = next(link["url"] for link in first["link"] if link["relation"] == "next")
    second = (await client.get(following, headers=acting(listed))).json()
    assert second["entry"][0]["resource"]["telecom"][0]["value"].startswith("c.")
    assert [link["relation"] for link in second["link"]] == ["self"]


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_the_red_list_is_found_by_nobody(client, listed, fault, monkeypatch):
    if fault:
        monkeypatch.setattr(mailboxes, "_SEARCH", mailboxes._SEARCH.replace("AND NOT m.red_list", ""))
    exact = {"mailbox-mss": f"b.{listed.rpps}@mssante.invalid"}
    assert (await addresses(client, listed, **exact) == []) is not fault
    assert ("b" in await addresses(client, listed, name=f"Marchand{listed.rpps[-4:]}")) is fault


async def test_it_is_a_look_up_for_whoever_has_the_scope(client, listed):
    whole = await client.get("PractitionerRole", params={"role": "10"}, headers=acting(listed))
    assert (whole.status_code, problems(whole)) == (400, [("criterion-required", "name")])
    narrow = acting(listed, scopes=frozenset({"user/Organization.s"}))
    assert (await client.get("PractitionerRole", params={"name": "x"}, headers=narrow)).status_code == 403
