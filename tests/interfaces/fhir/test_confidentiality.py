"""TD3.3 by software: each code, set and lifted, by whom it may be, and nothing told to anybody else."""

import pytest

from carnet.access.api import authorise
from carnet.infra.db import work
from factories.fhir import acting, problems
from factories.world import AT, give, make_person, make_professional, make_software


@pytest.fixture
async def world(client):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    author = await make_professional(finess=software.organisation)
    for one in (doctor, author):
        await authorise(actor=person.actor, space=person.space, rpps=one.rpps, at=AT)
    receipt = await give(person, by=software)
    address = f"DocumentReference/{person.space.hex}{receipt.documents[0].document_id.hex}"

    async def put(code, wanted, by, **more):
        values = {"code": ("valueCode", code), "set": ("valueBoolean", wanted)} | more
        parts = [{"name": name, kind: value} for name, (kind, value) in values.items()]
        body = {"resourceType": "Parameters", "parameter": parts}
        return await client.post(f"{address}/$set-confidentiality", json=body, headers=acting(by))

    return person, software, doctor, author, address, put


async def columns(person):
    async with work(space=person.space, at=AT) as w:
        (row,) = await w.rows(
            "SELECT masque_ps, invisible_patient, invisible_representants FROM document WHERE space_id = %s",
            (person.space,),
        )
    return row


def labels(answer):
    return {one["coding"][0]["code"] for one in answer.json()["securityLabel"]}


async def test_a_depositor_masks_and_unmasks(client, world):
    _, _, doctor, author, address, put = world
    assert (await put("MASQUE_PS", True, author)).status_code == 200
    assert (await client.get(address, headers=acting(doctor))).status_code == 404
    seen = await client.get(address, headers=acting(author))
    assert labels(seen) == {"MASQUE_PS"}
    assert (await put("MASQUE_PS", False, author)).status_code == 200
    assert labels(await client.get(address, headers=acting(doctor))) == {"N"}


async def test_nobody_else_masks(world):
    person, software, doctor, _, _, put = world
    for by, status in ((doctor, 403), (await make_professional(), 403), (await make_software(), 404)):
        assert (await put("MASQUE_PS", True, by)).status_code == status
    assert (await put("MASQUE_PS", True, software)).status_code == 404, "masking is a natural person's act"
    assert await columns(person) == (False, False, False)


HOLD = {"days": ("valueInteger", 5), "reason": ("valueCode", "to-explain")}


async def test_a_result_is_kept_from_its_person_and_shown_again(client, world):
    person, software, doctor, _, address, put = world
    assert (await put("INVISIBLE_PATIENT", True, software, **HOLD)).status_code == 200
    assert await columns(person) == (False, True, False)
    assert labels(await client.get(address, headers=acting(doctor))) == {"INVISIBLE_PATIENT"}
    assert problems(await put("INVISIBLE_PATIENT", True, software, **HOLD)) == [("already-held", "document")]
    for _ in range(2):
        assert (await put("INVISIBLE_PATIENT", False, software)).status_code == 200
    assert await columns(person) == (False, False, False)


async def test_the_codes_that_exclude_each_other_do(world):
    person, _, _, author, _, put = world
    await put("MASQUE_PS", True, author)
    refused = await put("INVISIBLE_PATIENT", True, author, **HOLD)
    assert (refused.status_code, problems(refused)) == (403, [("codes-exclude-each-other", None)])
    assert await columns(person) == (True, False, False)


async def test_what_a_minor_keeps_from_their_parents_stays_so(world):
    person, software, doctor, _, _, put = world
    assert (await put("INVISIBLE_REPRESENTANTS_LEGAUX", True, doctor)).status_code == 404
    for _ in range(2):
        assert (await put("INVISIBLE_REPRESENTANTS_LEGAUX", True, software)).status_code == 200
    assert await columns(person) == (False, False, True)
    back = await put("INVISIBLE_REPRESENTANTS_LEGAUX", False, software)
    assert (back.status_code, problems(back)[0][0]) == (422, "kept-for-good")
    assert await columns(person) == (False, False, True)


@pytest.mark.parametrize(
    ("code", "wanted", "more", "problem"),
    [
        ("MASQUE_PT", True, {}, "unknown-code"),
        ("N", True, {}, "unknown-code"),
        ("INVISIBLE_PATIENT", True, {}, "element-missing"),
        ("INVISIBLE_PATIENT", True, HOLD | {"reason": ("valueCode", "because")}, "unknown-code"),
        ("INVISIBLE_PATIENT", True, HOLD | {"days": ("valueInteger", 0)}, "hold-days"),
        ("INVISIBLE_PATIENT", True, HOLD | {"days": ("valueInteger", 400)}, "hold-days"),
        ("MASQUE_PS", "yes", {}, "boolean-expected"),
    ],
)
async def test_it_is_said_whole_or_refused(world, code, wanted, more, problem):
    person, software, _, _, _, put = world
    answer = await put(code, wanted, software, **more)
    assert (answer.status_code // 100, problems(answer)[0][0]) == (4, problem)
    assert await columns(person) == (False, False, False)


async def test_without_the_scope_nothing_is_changed(client, world):
    person, _, _, author, address, _ = world
    body = {"resourceType": "Parameters", "parameter": []}
    refused = await client.post(
        f"{address}/$set-confidentiality",
        json=body,
        headers=acting(author, scopes=frozenset({"user/DocumentReference.crds"})),
    )
    assert (refused.status_code, problems(refused)) == (403, [("scope", None)])
    assert await columns(person) == (False, False, False)
