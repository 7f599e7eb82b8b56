"""Breaking the glass at the screen: a reason, a banner on every page, an end, and a colleague when there were many."""

import re

import msgspec
import pytest

from carnet.access.api import block
from factories.at_work import Screen
from factories.real_documents import hand_over
from factories.world import make_person, make_professional
from interfaces.pro.conftest import NOW

REASON = "Patient inconscient aux urgences, traitement anticoagulant inconnu."


@pytest.fixture
async def colleague_actor(house, at_ten):
    return await make_professional()


async def broken(doctor, person):
    address = await doctor.find(person)
    answer = await doctor.post(f"{address}/urgence", {"raison": REASON})
    assert answer.status_code == 303, re.findall(r'href="#champ-[^<]*', answer.text)
    return address


async def test_a_reason_opens_the_file_and_the_banner_is_on_every_page(doctor, person, colleague_actor, journal):
    document = await hand_over(colleague_actor, person, b"Anticoagulant", kind="11488-4", title="Lettre")
    await hand_over(colleague_actor, person, b"Cache", kind="11488-4", title="Secret", code="MASQUE_PS")
    address = await doctor.find(person)
    assert f"{address}/urgence" in (await doctor.get(address)).text
    assert (await doctor.post(f"{address}/urgence", {"raison": "court"})).status_code == 422
    assert 'data-seconds="' not in (await doctor.get(address)).text
    await broken(doctor, person)
    for path in ("", f"/documents/{document}", "/deposer", "?q=lettre"):
        page = await doctor.get(address + path)
        assert page.status_code == 200
        assert 'data-seconds="1800"' in page.text, path
        assert "Secret" not in page.text
    assert "Lettre" in (await doctor.get(address)).text
    assert (await doctor.get(f"{address}/documents/{document}/apercu")).status_code == 200
    assert ("open-emergency", "done", doctor.actor.identifier) in await journal(person)

    ended = await doctor.post(f"{address}/urgence/fin")
    assert ended.status_code == 303
    after = await doctor.get(address)
    assert "Lettre" not in after.text
    assert "Recueillir l&#39;accord" in after.text or "Recueillir l'accord" in after.text


async def test_another_session_of_the_same_doctor_stays_outside(app, doctor, person, colleague_actor):
    await hand_over(colleague_actor, person, b"x", kind="11488-4", title="Lettre")
    await broken(doctor, person)
    other = await Screen.of(app, doctor.actor)
    assert "Lettre" not in (await other.get(await other.find(person))).text
    await other.close()


async def test_blocked_never_gets_as_far_as_a_reason(doctor, person):
    address = await doctor.find(person)
    await block(actor=person.actor, space=person.space, rpps=doctor.actor.rpps, at=NOW)
    assert (await doctor.get(f"{address}/urgence")).status_code == 404
    assert (await doctor.post(f"{address}/urgence", {"raison": REASON})).status_code == 404


async def test_past_the_budget_a_colleague_of_the_same_place_must_agree(app, doctor, colleague_actor):
    people = [await make_person() for _ in range(20)]
    for one in people:
        address = await doctor.find(one)
        await doctor.post(f"{address}/urgence", {"raison": REASON})
        page = await doctor.get(address)
        if "attend l&#39;accord" in page.text or "attend l'accord" in page.text:
            break
    else:
        raise AssertionError("no budget was ever exceeded")
    assert 'data-seconds="' not in (await doctor.get(address)).text
    elsewhere = await Screen.of(app, colleague_actor)
    assert "Aucune demande" in (await elsewhere.get("/pro/urgences")).text
    second = await make_professional(finess=doctor.actor.organisation)
    beside = await Screen.of(app, msgspec.structs.replace(second, organisation=doctor.actor.organisation))
    page = await beside.get("/pro/urgences")
    assert one.traits.birth_name not in page.text
    handle = re.search(r'name="demande" value="([^"]+)"', page.text).group(1)
    assert (await beside.post("/pro/urgences/accord", {"demande": handle})).status_code == 303
    assert 'data-seconds="' in (await doctor.get(address)).text
    for screen in (elsewhere, beside):
        await screen.close()
