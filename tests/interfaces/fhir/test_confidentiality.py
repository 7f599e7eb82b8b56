"""TD3.3 by software: each code, set and lifted, by whom it may be, and nothing told to anybody else."""

import pytest

from carnet.access.api import authorise
from carnet.infra.db import work
from carnet.records.api import IS_ARCHIVED
from factories.fhir import TAKING_BACK, acting, archiving, labelling, problems
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


PATCH = {"content-type": "application/json-patch+json"}


def archived(answer):
    return [one for one in answer.json().get("extension", ()) if one == {"url": IS_ARCHIVED, "valueBoolean": True}]


async def test_its_author_files_a_document_away_and_nobody_loses_sight_of_it(client, world):
    """TD3.3d: the word stays when something else of it changes, nothing is written twice, another version has none."""
    person, software, doctor, author, address, put = world
    reading, ways = acting(doctor), (software, author)
    for by in ways:
        done = await client.patch(address, content=archiving(wanted=True), headers=acting(by) | PATCH)
        assert (done.status_code, done.json()["issue"][0]["severity"]) == (200, "information")
    seen = await client.get(address, headers=reading)
    assert (len(archived(seen)), seen.json()["status"], seen.headers["etag"]) == (1, "current", 'W/"2"')
    for wanted in (True, False):
        assert (await put("MASQUE_PS", wanted, author)).status_code == 200
    assert archived(await client.get(address, headers=reading))
    added = [{"op": "add", "path": "/extension/-", "value": {"url": IS_ARCHIVED, "valueBoolean": False}}]
    assert (await client.patch(address, json=added, headers=acting(software) | PATCH)).status_code == 200
    assert "extension" not in (await client.get(address, headers=reading)).json()
    await client.patch(address, content=archiving(wanted=True), headers=acting(software) | PATCH)
    after = await give(person, by=software, replaces=address.removeprefix("DocumentReference/"))
    newer = f"DocumentReference/{person.space.hex}{after.documents[0].document_id.hex}"
    assert not archived(await client.get(newer, headers=reading))
    old = await client.patch(address, content=archiving(wanted=False), headers=acting(software) | PATCH)
    assert (old.status_code, problems(old)[0][0]) == (409, "not-current")


async def test_who_files_away_and_may_read_gets_the_document_when_they_ask_for_it(client, world):
    _, software, _, author, address, _ = world
    asking = PATCH | {"prefer": "return=representation"}
    done = await client.patch(address, content=archiving(wanted=True), headers=acting(author) | asking)
    assert (done.json()["resourceType"], done.headers["etag"]) == ("DocumentReference", 'W/"2"')
    assert archived(done)
    only_writes = frozenset({"user/DocumentReference.u"})
    for by in (acting(author, scopes=only_writes) | asking, acting(software) | PATCH):
        told = await client.patch(address, content=archiving(wanted=False), headers=by)
        assert (told.status_code, told.json()["resourceType"]) == (200, "OperationOutcome")


async def test_nobody_else_files_away_and_who_may_not_know_of_it_learns_nothing(client, world):
    _, _, doctor, _, address, _ = world
    strangers = ((doctor, 403), (await make_professional(), 404), (await make_software(), 404))
    for by, status in strangers:
        refused = await client.patch(address, content=archiving(wanted=True), headers=acting(by) | PATCH)
        assert refused.status_code == status
    reading = acting(doctor)
    assert (await client.get(address, headers=reading)).headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (archiving(wanted="yes"), {}, 422),
        (TAKING_BACK.replace(b"entered-in-error", b"current"), {}, 422),
        (labelling("MASQUE_PT"), {}, 422),
        (labelling(["MASQUE_PS"]), {}, 422),
        (labelling("N").replace(b"replace", b"add").replace(b"/0", b"/-"), {}, 422),
        (labelling("MASQUE_PS").replace(b"/0", b"/1"), {}, 422),
        (b'[{"op": "remove", "path": "/extension"}]', {}, 422),
        (archiving(wanted=True).replace(b'"replace"', b"{}"), {}, 422),
        (b"[]", {}, 422),
        (b"{}", {}, 400),
        (b'[1], "patch": []', {}, 400),
        (archiving(wanted=True) + b', "more": 1', {}, 400),
        (b"[", {}, 400),
        (archiving(wanted=True), {"if-match": 'W/"1"'}, 412),
        (archiving(wanted=True), {"content-type": "application/fhir+json"}, 415),
    ],
)
async def test_a_patch_of_anything_else_is_refused(client, world, body, headers, status):
    _, software, doctor, _, address, _ = world
    assert (await client.patch(address, content=body, headers=acting(software) | PATCH | headers)).status_code == status
    assert (await client.get(address, headers=acting(doctor))).headers["etag"] == 'W/"1"'


async def test_codes_are_set_and_lifted_by_patch_as_by_the_operation(client, world):
    """TD3.3a and b: each act keeps its own author; N lifts whichever hides, and never what is kept for good."""
    person, software, doctor, author, address, _ = world

    async def patched(code, by, **more):
        return await client.patch(address, content=labelling(code), headers=acting(by, **more) | PATCH)

    for code, by, after in (
        ("MASQUE_PS", author, (True, False, False)),
        ("N", author, (False, False, False)),
        ("INVISIBLE_PATIENT", software, (False, True, False)),
        ("N", software, (False, False, False)),
        ("N", software, (False, False, False)),
        ("INVISIBLE_REPRESENTANTS_LEGAUX", software, (False, False, True)),
        ("N", author, (False, False, True)),
    ):
        done = await patched(code, by)
        assert (done.status_code, done.json()["issue"][0]["severity"]) == (200, "information"), (code, done.text)
        assert await columns(person) == after
    assert problems(await patched("INVISIBLE_PATIENT", software)) == [("already-held", "document")]
    await patched("MASQUE_PS", author)
    refused = [await patched(code, by) for by in (doctor, software) for code in ("N", "MASQUE_PS")]
    assert [one.status_code for one in refused] == [404, 404, 404, 404]
    assert (await patched("N", author, scopes=frozenset({"user/DocumentReference.crds"}))).status_code == 403
    assert await columns(person) == (True, False, True)


async def test_what_was_sent_by_mistake_is_taken_back_by_patch_with_the_right_to_delete(client, world):
    """TD3.3c: the status of the guide is the deletion of DELETE, and asks for its scope."""
    _, software, doctor, _, address, _ = world
    without = acting(software, scopes=frozenset({"system/DocumentReference.cru"}))
    for by, status in ((without, 403), (acting(doctor), 403), (acting(software), 200), (acting(software), 200)):
        assert (await client.patch(address, content=TAKING_BACK, headers=by | PATCH)).status_code == status
    assert (await client.get(address, headers=acting(doctor))).status_code == 404
