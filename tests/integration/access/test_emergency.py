"""Breaking the glass: never without a reason, a case, a word to the person; for a while, in one session, not often."""

import asyncio
import datetime as dt
from uuid import uuid4

import msgspec
import pytest

from carnet.access.api import (
    AccessSwitches,
    Mode,
    approve_emergency,
    authorise,
    block,
    change_switches,
    close_case,
    declare_attending_doctor,
    emergency_accesses,
    end_emergency,
    list_cases,
    look,
    open_emergency,
    record_consent,
    unblock,
    waiting_emergencies,
)
from carnet.access.api import Need as Wanted
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.journal.api import Filter, entries
from carnet.kernel.decisions import Ground, Reason
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.kernel.ids import SpaceId
from carnet.notifications.api import list_notifications
from carnet.records.api import DocumentQuery, list_documents, mask_document, read_content
from factories.events import as_owner, deliver, empty_queue, jobs
from factories.world import AT, OPERATOR, give, make_organisation, make_person, make_professional, make_software

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
WHY = "Patient inconscient aux urgences, allergies à connaître"


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


async def doctor_at_work(**changes):
    someone = await make_professional(
        **{name: changes.pop(name) for name in ("finess", "profession") if name in changes}
    )
    return msgspec.structs.replace(someone, session=f"session of {someone.identifier}", **changes)


async def glass(actor, person, *, mode=Mode.BRIS_DE_GLACE, reason=WHY, at=AT):
    return await open_emergency(actor=actor, space=person.space, mode=mode, reason=reason, at=at)


async def switched(person, **changes):
    await change_switches(actor=person.actor, space=person.space, switches=AccessSwitches(**changes), at=AT)


async def lists(actor, person, *, at=AT):
    listing = await list_documents(actor=actor, space=person.space, query=DocumentQuery(), at=at)
    return {entry.document_id for entry in listing.entries}


async def refused(reason, doing):
    with pytest.raises(Refused) as refusal:
        await doing
    assert refusal.value.problems[0].code == reason


async def test_a_reason_opens_the_space_for_a_while_and_everybody_hears(house):
    person, doctor, attending = await make_person(), await doctor_at_work(), await doctor_at_work()
    receipt = await give(person, by=await make_software())
    await declare_attending_doctor(actor=person.actor, space=person.space, rpps=attending.rpps, at=AT)
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person))
    answer = await glass(doctor, person)
    assert answer.ends_at == AT + 30 * MINUTE
    # grant, case and both events were one transaction
    assert {event for *_, event in jobs(house)} >= {"EmergencyOpened", "AttendingDoctorToTell"}
    document = receipt.documents[0].document_id
    assert await lists(doctor, person) == {document}
    await read_content(actor=doctor, space=person.space, document=document, at=AT + 29 * MINUTE)
    seen = await look(actor=doctor, space=person.space, at=AT)
    assert (seen.mode, seen.mode_ends_at) == (Mode.BRIS_DE_GLACE, answer.ends_at)
    assert seen.decide(Wanted.LIST).ground is Ground.BRIS_DE_GLACE
    await deliver(house)
    told = await list_notifications(actor=person.actor, space=person.space, at=AT)
    assert [(item.code, item.grantee) for item in told.items if item.code == "ACCES_BRIS_GLACE"] == [
        ("ACCES_BRIS_GLACE", doctor.rpps)
    ]
    async with work(space=person.space, at=AT) as w:
        kept = await emergency_accesses(w, keys=(await look(actor=person.actor, space=person.space, at=AT)).opened_keys)
        traced = await entries(w, filter_=Filter(acts=("read-document",)), limit=5)
    assert [(one.reason, one.rpps, one.approved_by) for one in kept] == [(WHY, doctor.rpps, None)]
    assert [entry.ground for entry in traced] == [Ground.BRIS_DE_GLACE]
    case = next(one for one in await list_cases(actor=OPERATOR, at=AT) if one.case == answer.emergency)
    assert (case.kind, case.rpps, case.due_at) == ("emergency", doctor.rpps, AT + 7 * DAY)
    await close_case(actor=OPERATOR, case=answer.emergency, outcome="justified", at=AT)
    assert answer.emergency not in {one.case for one in await list_cases(actor=OPERATOR, at=AT)}


@pytest.mark.parametrize("moment", [AT - MINUTE, AT + 30 * MINUTE, AT + 21 * DAY])
async def test_it_is_bound_to_its_time_its_session_its_professional_and_its_space(house, moment):
    person, other, doctor = await make_person(), await make_person(), await doctor_at_work()
    colleague = await doctor_at_work(finess=doctor.organisation)
    await glass(doctor, person)
    await lists(doctor, person)
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person, at=moment))
    await refused(Reason.NO_AUTHORISATION, lists(msgspec.structs.replace(doctor, session="stolen"), person))
    await refused(Reason.NO_AUTHORISATION, lists(msgspec.structs.replace(doctor, session=None), person))
    await refused(Reason.NO_AUTHORISATION, lists(msgspec.structs.replace(colleague, session=doctor.session), person))
    await refused(Reason.NO_AUTHORISATION, lists(doctor, other))


async def test_no_reason_no_session_no_right_to_it_no_access(house):
    person, doctor = await make_person(), await doctor_at_work()
    for bad in ("", "   trop   ", "x" * 501):
        with pytest.raises(Invalid):
            await glass(doctor, person, reason=bad)
    with pytest.raises(Invalid):
        await glass(msgspec.structs.replace(doctor, session=None), person)
    with pytest.raises(Invalid):
        await glass(doctor, person, mode=Mode.NORMAL)
    await refused(Reason.NOT_IN_EMERGENCY, glass(await doctor_at_work(profession="28"), person))
    await refused(Reason.WEAK_AUTHENTICATION, glass(msgspec.structs.replace(doctor, strong=False), person))
    await refused(Reason.NOT_REGULATION, glass(doctor, person, mode=Mode.CENTRE_15))
    nurse = msgspec.structs.replace(await doctor_at_work(profession="60"), regulation=True)
    await refused(Reason.NOT_IN_EMERGENCY, glass(nurse, person, mode=Mode.CENTRE_15))
    assert not jobs(house)


@pytest.mark.parametrize("mode", [Mode.BRIS_DE_GLACE, Mode.CENTRE_15])
@pytest.mark.parametrize("others", [True, False])
async def test_each_switch_is_its_own_and_ends_what_is_under_way(house, mode, others):
    person, doctor = await make_person(), msgspec.structs.replace(await doctor_at_work(), regulation=True)
    names = {Mode.BRIS_DE_GLACE: "bris_de_glace", Mode.CENTRE_15: "centre_15"}
    other = names[Mode.CENTRE_15 if mode is Mode.BRIS_DE_GLACE else Mode.BRIS_DE_GLACE]
    await switched(person, **{other: others})
    await glass(doctor, person, mode=mode)
    await lists(doctor, person)
    await switched(person, **{names[mode]: False})
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person))
    await refused(Reason.EMERGENCY_OFF, glass(doctor, person, mode=mode))
    await switched(person, **{names[mode]: True})
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person))  # ended, not paused
    await glass(doctor, person, mode=mode)
    await lists(doctor, person)
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await refused(Reason.BLOCKED, lists(doctor, person))
    await refused(Reason.BLOCKED, glass(doctor, person, mode=mode))
    (line,) = (await look(actor=doctor, space=person.space, at=AT)).facts.authorisations
    await unblock(actor=person.actor, space=person.space, authorisation=line.authorisation_id, at=AT)
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person))


async def test_masked_documents_wait_for_their_own_switch(house):
    person, doctor = await make_person(), await doctor_at_work()
    document = (await give(person, by=await make_software())).documents[0].document_id
    await mask_document(actor=person.actor, space=person.space, document=document, at=AT)
    await glass(doctor, person)
    assert await lists(doctor, person) == set()
    await switched(person, masked_in_emergency=True)
    assert await lists(doctor, person) == {document}
    await end_emergency(actor=doctor, space=person.space, at=AT + MINUTE)
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person, at=AT + MINUTE))


async def test_an_authorised_doctor_in_an_emergency_shows_it(house):
    person, doctor = await make_person(), await doctor_at_work()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await glass(doctor, person)
    assert (await look(actor=doctor, space=person.space, at=AT)).decide(Wanted.LIST).ground is Ground.BRIS_DE_GLACE
    after = (await look(actor=doctor, space=person.space, at=AT + HOUR)).decide(Wanted.LIST)
    assert (after.ground, after.is_first_access) == (Ground.AUTHORISED_PROFESSIONAL, True)


async def test_a_crawler_of_a_hundred_spaces_is_stopped_at_the_budget(house):
    doctor = await doctor_at_work()
    people = [await make_person() for _ in range(20)]
    # five at a time, a hundred requests over twenty spaces: the one row of the professional is what counts
    answers = []
    for turn in range(20):
        five = [people[(turn * 5 + place) % 20] for place in range(5)]
        answers += await asyncio.gather(*(glass(doctor, person, at=AT + turn * MINUTE) for person in five))
    assert sum(answer.granted for answer in answers) == current().limits.access.emergency_budget
    with as_owner(house) as conn:
        (opened,) = conn.execute(
            "SELECT count(*) FROM emergency_access WHERE rpps = %s AND granted_at IS NOT NULL", (doctor.rpps,)
        ).fetchone()
    assert opened == 3
    # a rolling day later there is room again
    assert (await glass(doctor, people[0], at=AT + DAY + HOUR)).granted


async def spent(doctor):
    for _ in range(current().limits.access.emergency_budget):
        assert (await glass(doctor, await make_person())).granted


async def test_beyond_the_budget_a_colleague_of_the_same_organisation_agrees(house):
    finess = await make_organisation()
    doctor, colleague = await doctor_at_work(finess=finess), await doctor_at_work(finess=finess)
    stranger, person = await doctor_at_work(), await make_person()
    await spent(doctor)
    answer = await glass(doctor, person)
    assert not answer.granted
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person))
    waiting = await waiting_emergencies(actor=colleague, at=AT)
    assert [(one.handle, one.rpps) for one in waiting] == [(answer.handle, doctor.rpps)]
    assert await waiting_emergencies(actor=doctor, at=AT) == await waiting_emergencies(actor=stranger, at=AT) == ()
    for nobody in (doctor, stranger):
        with pytest.raises(NotFound):
            await approve_emergency(actor=nobody, handle=answer.handle, at=AT)
    await approve_emergency(actor=colleague, handle=answer.handle, at=AT + MINUTE)
    await lists(doctor, person, at=AT + 30 * MINUTE)
    await refused(Reason.NO_AUTHORISATION, lists(doctor, person, at=AT + 31 * MINUTE))
    await refused(Reason.NO_AUTHORISATION, lists(colleague, person, at=AT + MINUTE))
    with pytest.raises(NotFound):
        await approve_emergency(actor=colleague, handle=answer.handle, at=AT + MINUTE)
    assert "EmergencyOpened" in {event for *_, event in jobs(house)}


async def test_a_colleague_who_may_not_approve_leaves_the_request_for_another_and_a_trace(house):
    finess = await make_organisation()
    doctor, barred, colleague = [await doctor_at_work(finess=finess) for _ in range(3)]
    optician = await doctor_at_work(finess=finess, profession="28")
    await spent(doctor)
    person = await make_person()
    answer = await glass(doctor, person)
    await block(actor=person.actor, space=person.space, rpps=barred.rpps, at=AT)
    await refused(Reason.BLOCKED, approve_emergency(actor=barred, handle=answer.handle, at=AT))
    await refused(Reason.NOT_IN_EMERGENCY, approve_emergency(actor=optician, handle=answer.handle, at=AT))
    await approve_emergency(actor=colleague, handle=answer.handle, at=AT)
    await lists(doctor, person)
    async with work(space=person.space, at=AT) as w:
        wanted = Filter(acts=("approve-emergency",), with_refusals=True)
        traced = await entries(w, filter_=wanted, limit=5)
    assert [(one.actor_id, one.reason) for one in traced] == [(colleague.rpps, None), (barred.rpps, Reason.BLOCKED)]
    assert refusals_kept(house, optician, "approve-emergency") == [Reason.NOT_IN_EMERGENCY]


def refusals_kept(house, actor, act):
    """What the security journal says of this actor."""
    with as_owner(house) as conn:
        sql = "SELECT reason FROM security_entry WHERE actor_id = %s AND act = %s AND outcome = 'refused'"
        return [reason for (reason,) in conn.execute(sql, (actor.identifier, act)).fetchall()]


async def test_a_space_that_is_not_there_gets_no_journal(house):
    doctor, nowhere = await doctor_at_work(), SpaceId(uuid4())
    asked = {"actor": doctor, "space": nowhere, "at": AT}
    await refused(Reason.SPACE_NOT_OPEN, open_emergency(mode=Mode.BRIS_DE_GLACE, reason=WHY, **asked))
    await refused(Reason.SPACE_NOT_OPEN, record_consent(**asked))
    await refused(Reason.SPACE_NOT_OPEN, block(rpps=doctor.rpps, **asked))
    with as_owner(house) as conn:
        for table in ("journal_head", "journal_entry", "journal_pending"):
            assert conn.execute(f"SELECT 1 FROM {table} WHERE space_id = %s", (nowhere,)).fetchall() == [], table
    for act in ("open-emergency", "record-consent", "block"):
        assert refusals_kept(house, doctor, act) == [Reason.SPACE_NOT_OPEN]


async def test_whoever_asks_again_asks_once(house):
    finess = await make_organisation()
    doctor, colleague = await doctor_at_work(finess=finess), await doctor_at_work(finess=finess)
    await spent(doctor)
    person, another = await make_person(), await make_person()
    elsewhere = await glass(doctor, another)
    first, second = await glass(doctor, person), await glass(doctor, person)
    waiting = await waiting_emergencies(actor=colleague, at=AT)
    assert {one.handle for one in waiting} == {elsewhere.handle, second.handle}
    with pytest.raises(NotFound):
        await approve_emergency(actor=colleague, handle=first.handle, at=AT)
    await approve_emergency(actor=colleague, handle=second.handle, at=AT)


async def test_an_approval_comes_too_late_or_after_a_block(house):
    finess = await make_organisation()
    doctor, colleague = await doctor_at_work(finess=finess), await doctor_at_work(finess=finess)
    await spent(doctor)
    late, person = await glass(doctor, await make_person()), await make_person()
    with pytest.raises(NotFound):
        await approve_emergency(actor=colleague, handle=late.handle, at=AT + 15 * MINUTE)
    answer = await glass(doctor, person)
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    with pytest.raises(NotFound):  # the block ended the request as well
        await approve_emergency(actor=colleague, handle=answer.handle, at=AT)


async def test_only_the_desk_lists_cases(house):
    await refused(Reason.NOT_A_READER, list_cases(actor=await doctor_at_work(), at=AT))
