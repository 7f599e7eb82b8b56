"""Who is let in, by whom, for how long: teams inherit, consultations lapse, codes prove, disputes suspend."""

import asyncio
import datetime as dt

import msgspec
import psycopg
import pytest

from carnet.access.api import (
    AccessSwitches,
    ConsentScope,
    Grantee,
    authorise,
    block,
    care_teams,
    change_switches,
    dispute_access,
    disputes,
    end_team,
    list_cases,
    look,
    make_consent_code,
    record_consent,
    record_team,
    unblock,
)
from carnet.access.api import Need as Wanted
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.kernel.decisions import Ground, Reason
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.notifications.api import list_notifications
from carnet.records.api import DocumentQuery, list_documents
from factories.events import as_owner, deliver, empty_queue
from factories.world import AT, OPERATOR, give, make_organisation, make_person, make_professional, make_software

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


async def lists(actor, person, *, at=AT):
    await list_documents(actor=actor, space=person.space, query=DocumentQuery(), at=at)


async def may(actor, person, *, at=AT):
    return (await look(actor=actor, space=person.space, at=at)).decide(Wanted.LIST)


async def refused(reason, doing):
    with pytest.raises(Refused) as refusal:
        await doing
    assert refusal.value.problems[0].code == reason


async def test_the_care_team_inherits_one_informed_consent_and_each_first_access_is_told(house):
    empty_queue(house)
    person, doctor, stranger = await make_person(), await make_professional(), await make_professional()
    nurse = await make_professional(profession="60", finess=doctor.organisation)
    elsewhere = msgspec.structs.replace(nurse, organisation=stranger.organisation)
    await record_consent(actor=doctor, space=person.space, at=AT)
    for one in (doctor, nurse, nurse):
        await lists(one, person)
    assert (await may(nurse, person, at=AT + 300 * DAY)).ground is Ground.CARE_TEAM
    for nobody in (stranger, elsewhere):
        await refused(Reason.NO_AUTHORISATION, lists(nobody, person))
    await deliver(house)
    told = await list_notifications(actor=person.actor, space=person.space, at=AT)
    assert sorted(item.grantee for item in told.items) == sorted([doctor.rpps, nurse.rpps])
    # the block of one member is theirs alone; the block of whoever recorded it ends it for the team
    await block(actor=person.actor, space=person.space, rpps=nurse.rpps, at=AT)
    await refused(Reason.BLOCKED, lists(nurse, person))
    await lists(doctor, person)
    await block(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    another = await make_professional(finess=doctor.organisation)
    await refused(Reason.NO_AUTHORISATION, lists(another, person))


@pytest.mark.parametrize("organisation", [True, False])
async def test_outside_a_team_a_consent_lapses_with_the_consultation(house, organisation):
    person, doctor = await make_person(), await make_professional()
    colleague = await make_professional(finess=doctor.organisation)
    acting = doctor if organisation else msgspec.structs.replace(doctor, organisation=None)
    scope = ConsentScope.CONSULTATION if organisation else ConsentScope.TEAM
    await record_consent(actor=acting, space=person.space, scope=scope, ends_at=AT + 90 * DAY, at=AT)
    assert (await may(acting, person, at=AT + 24 * HOUR - HOUR)).allowed
    assert (await may(acting, person, at=AT + 24 * HOUR)).reason is Reason.NO_AUTHORISATION
    assert (await may(colleague, person)).reason is Reason.NO_AUTHORISATION
    await record_consent(actor=acting, space=person.space, scope=scope, at=AT + 2 * DAY)
    again = await may(acting, person, at=AT + 2 * DAY)
    assert (again.allowed, again.is_first_access) == (True, True)


async def test_a_consent_never_shortens_or_widens_what_the_person_wrote(house):
    person, doctor = await make_person(), await make_professional()
    colleague = await make_professional(finess=doctor.organisation)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await record_consent(actor=doctor, space=person.space, scope=ConsentScope.CONSULTATION, at=AT)
    await record_consent(actor=doctor, space=person.space, at=AT)
    assert (await may(doctor, person, at=AT + 300 * DAY)).allowed
    assert (await may(colleague, person)).reason is Reason.NO_AUTHORISATION


async def test_consents_of_different_reach_do_not_mix(house):
    """A day's consent recorded for a consultation prolongs no team's; the person's word takes the place of both."""
    person, doctor = await make_person(), await make_professional()
    colleague = await make_professional(finess=doctor.organisation)
    await record_consent(actor=doctor, space=person.space, ends_at=AT + HOUR, at=AT)
    await record_consent(actor=doctor, space=person.space, scope=ConsentScope.CONSULTATION, at=AT)
    assert (await may(colleague, person)).ground is Ground.CARE_TEAM
    assert (await may(doctor, person, at=AT + 2 * HOUR)).allowed
    assert (await may(colleague, person, at=AT + 2 * HOUR)).reason is Reason.NO_AUTHORISATION
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, starts_at=AT + 3 * HOUR, at=AT)
    assert (await may(doctor, person, at=AT + 2 * HOUR)).reason is Reason.NO_AUTHORISATION
    assert (await may(doctor, person, at=AT + 3 * HOUR)).allowed
    assert (await may(colleague, person)).reason is Reason.NO_AUTHORISATION


async def test_of_several_teams_the_one_named_inherits_or_none(house):
    person = await make_person()
    alone = msgspec.structs.replace(await make_professional(), organisation=None)
    colleagues = [await make_professional() for _ in range(2)]
    teams = [
        await record_team(
            actor=person.actor,
            space=person.space,
            name="Suivi",
            members=(Grantee(rpps=alone.rpps), Grantee(rpps=one.rpps)),
            at=AT,
        )
        for one in colleagues
    ]
    await record_consent(actor=alone, space=person.space, at=AT)
    assert [(await may(one, person)).allowed for one in colleagues] == [False, False]
    assert not (await may(alone, person, at=AT + 24 * HOUR)).allowed  # nobody inherits: a consultation
    await record_consent(actor=alone, space=person.space, team=teams[1], at=AT)
    assert [(await may(one, person)).allowed for one in colleagues] == [False, True]
    with pytest.raises(Invalid):
        await record_consent(actor=await make_professional(), space=person.space, team=teams[0], at=AT)


@pytest.mark.parametrize("of", ["organisation", "team"])
async def test_unblocking_lets_nobody_in_by_what_they_inherited(house, of):
    person, doctor = await make_person(), await make_professional()
    shares = of == "organisation"
    colleague = await make_professional(finess=doctor.organisation if shares else None)
    acting = doctor if shares else msgspec.structs.replace(doctor, organisation=None)
    if not shares:
        members = (Grantee(rpps=doctor.rpps), Grantee(finess=colleague.organisation))
        team = await record_team(actor=person.actor, space=person.space, name="Suivi", members=members, at=AT)
        await authorise(actor=person.actor, space=person.space, team=team, at=AT)
    await record_consent(actor=acting, space=person.space, at=AT)
    assert (await may(colleague, person)).allowed
    await block(actor=person.actor, space=person.space, finess=colleague.organisation, at=AT)
    (line,) = [
        one
        for one in (await look(actor=colleague, space=person.space, at=AT)).facts.authorisations
        if one.effect == "block"
    ]
    await unblock(actor=person.actor, space=person.space, authorisation=line.authorisation_id, at=AT)
    assert (await may(colleague, person)).reason is Reason.NO_AUTHORISATION
    assert (await may(acting, person)).allowed is not shares


async def test_two_first_accesses_at_once_are_told_once(house):
    empty_queue(house)
    person, doctor = await make_person(), await make_professional()
    nurse = await make_professional(profession="60", finess=doctor.organisation)
    await record_consent(actor=doctor, space=person.space, at=AT)
    for one in (doctor, nurse):
        await asyncio.gather(*(lists(one, person) for _ in range(6)))
    async with work(space=person.space, at=AT) as w:
        told = await entries(w, filter_=Filter(acts=("first-access",)), limit=20)
    assert sorted(one.actor_id for one in told) == sorted([doctor.rpps, nurse.rpps])


async def test_a_team_the_person_recorded_is_let_in_as_a_whole_and_out_with_it(house):
    person, doctor, midwife = await make_person(), await make_professional(), await make_professional(profession="50")
    members = (Grantee(rpps=doctor.rpps), Grantee(finess=midwife.organisation))
    team = await record_team(actor=person.actor, space=person.space, name="Ma grossesse", members=members, at=AT)
    await refused(Reason.NO_AUTHORISATION, lists(midwife, person))
    await authorise(actor=person.actor, space=person.space, team=team, starts_at=AT + HOUR, at=AT)
    assert not (await may(midwife, person)).allowed
    assert [(await may(one, person, at=AT + HOUR)).ground for one in (doctor, midwife)] == [Ground.CARE_TEAM] * 2
    assert not (await may(await make_professional(), person, at=AT + HOUR)).allowed
    keys = (await look(actor=person.actor, space=person.space, at=AT)).opened_keys
    async with work(space=person.space, at=AT) as w:
        (kept,) = await care_teams(w, keys=keys)
    assert (kept.name, set(kept.members)) == ("Ma grossesse", {doctor.rpps, midwife.organisation})
    await end_team(actor=person.actor, space=person.space, team=team, at=AT + HOUR)
    assert not (await may(midwife, person, at=AT + 2 * HOUR)).allowed
    with pytest.raises(Invalid):
        await authorise(actor=person.actor, space=person.space, team=team, at=AT)
    for bad in ((), (Grantee(rpps="10999999999"),), (Grantee(team=team),)):
        with pytest.raises(Invalid):
            await record_team(actor=person.actor, space=person.space, name="Rien", members=bad, at=AT)


async def test_members_of_a_recorded_team_inherit_a_consent_across_organisations(house):
    person, doctor, midwife = await make_person(), await make_professional(), await make_professional(profession="50")
    members = (Grantee(rpps=doctor.rpps), Grantee(rpps=midwife.rpps))
    await record_team(actor=person.actor, space=person.space, name="Suivi", members=members, at=AT)
    await record_consent(actor=doctor, space=person.space, at=AT)
    assert (await may(midwife, person)).ground is Ground.CARE_TEAM


async def strong(person):
    wanted = AccessSwitches(strong_consent=True)
    await change_switches(actor=person.actor, space=person.space, switches=wanted, at=AT)


async def test_in_the_strong_mode_a_consent_needs_the_code_of_the_moment(house):
    person, doctor = await make_person(), await make_professional()
    await strong(person)
    asked = {"actor": doctor, "space": person.space}
    await refused(Reason.CODE_NEEDED, record_consent(**asked, at=AT))
    await refused(Reason.CODE_WRONG, record_consent(**asked, code="000000", at=AT))
    old = await make_consent_code(actor=person.actor, space=person.space, at=AT)
    code = await make_consent_code(actor=person.actor, space=person.space, at=AT)
    assert (len(code.digits), code.qr.endswith(code.digits), code.digits in repr(code)) == (6, True, False)
    if old.digits != code.digits:
        await refused(Reason.CODE_WRONG, record_consent(**asked, code=old.digits, at=AT))
    await refused(Reason.CODE_WRONG, record_consent(**asked, code=code.digits, at=AT + 10 * dt.timedelta(minutes=1)))
    await record_consent(**asked, code=f"{code.digits[:3]} {code.digits[3:]}", at=AT)
    await lists(doctor, person)
    other = await make_professional()
    await refused(Reason.CODE_WRONG, record_consent(actor=other, space=person.space, code=code.digits, at=AT))
    with as_owner(house) as conn:
        kept = conn.execute("SELECT digest FROM consent_code WHERE space_id = %s", (person.space,)).fetchall()
    assert all(code.digits.encode() not in bytes(digest) and len(digest) == 32 for (digest,) in kept)


async def test_a_code_cannot_be_guessed(house):
    person, doctor = await make_person(), await make_professional()
    await strong(person)
    code = await make_consent_code(actor=person.actor, space=person.space, at=AT)
    wrong = f"{(int(code.digits) + 1) % 10**6:06d}"
    for _ in range(5):
        await refused(Reason.CODE_WRONG, record_consent(actor=doctor, space=person.space, code=wrong, at=AT))
    await refused(Reason.CODE_WRONG, record_consent(actor=doctor, space=person.space, code=code.digits, at=AT))
    with pytest.raises(Refused):
        await make_consent_code(actor=doctor, space=person.space, at=AT)


async def test_an_administrator_is_a_doctor_sees_what_is_masked_and_may_block_others(house):
    person, doctor, nurse = await make_person(), await make_professional(), await make_professional(profession="60")
    with pytest.raises(Invalid):
        await authorise(actor=person.actor, space=person.space, rpps=nurse.rpps, administrator=True, at=AT)
    await authorise(actor=person.actor, space=person.space, rpps=nurse.rpps, at=AT)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await refused(Reason.NOT_ADMINISTRATOR, block(actor=doctor, space=person.space, rpps=nurse.rpps, at=AT))
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, administrator=True, at=AT)
    await block(actor=doctor, space=person.space, rpps=nurse.rpps, at=AT)
    await refused(Reason.BLOCKED, lists(nurse, person))
    facts = (await look(actor=nurse, space=person.space, at=AT)).facts
    (line,) = [one for one in facts.authorisations if one.effect == "block"]
    with pytest.raises(Refused):
        await unblock(actor=doctor, space=person.space, authorisation=line.authorisation_id, at=AT)
    await unblock(actor=person.actor, space=person.space, authorisation=line.authorisation_id, at=AT)
    await refused(Reason.NO_AUTHORISATION, lists(nurse, person))


async def test_an_unknown_access_is_disputed_in_one_tap_and_suspended_at_once(house):
    person, doctor, software = await make_person(), await make_professional(), await make_software()
    with pytest.raises(NotFound):
        await dispute_access(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await record_consent(actor=doctor, space=person.space, at=AT)
    await lists(doctor, person)
    words = "Je n'ai jamais vu ce médecin"
    case = await dispute_access(actor=person.actor, space=person.space, rpps=doctor.rpps, statement=words, at=AT)
    assert case == await dispute_access(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await refused(Reason.BLOCKED, lists(doctor, person))
    await refused(Reason.BLOCKED, record_consent(actor=doctor, space=person.space, at=AT))
    # let in again by mistake: the same case, and suspended as before
    (line,) = (await look(actor=doctor, space=person.space, at=AT)).facts.authorisations
    await unblock(actor=person.actor, space=person.space, authorisation=line.authorisation_id, at=AT)
    await record_consent(actor=doctor, space=person.space, at=AT)
    assert case == await dispute_access(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await refused(Reason.BLOCKED, lists(doctor, person))
    await give(person, by=software)  # feeding goes on
    (listed,) = [one for one in await list_cases(actor=OPERATOR, at=AT) if one.case == case]
    assert (listed.kind, listed.rpps, listed.due_at, listed.is_late(AT + 16 * DAY)) == (
        "dispute",
        doctor.rpps,
        AT + 15 * DAY,
        True,
    )
    keys = (await look(actor=person.actor, space=person.space, at=AT)).opened_keys
    async with work(space=person.space, at=AT) as w:
        (mine,) = await disputes(w, keys=keys)
    assert (mine.statement, mine.closed_at) == (words, None)
    with as_owner(house) as conn:
        everything = conn.execute("SELECT string_agg(c::text, '') FROM review_case c").fetchone()[0]
    assert words not in everything


FORBIDDEN = [
    ("rpps", "10999999998"),  # nobody's number
    ("finess", "AXA000001"),  # an insurer is not a care organisation
]


@pytest.mark.parametrize(("column", "value"), FORBIDDEN)
async def test_the_database_itself_refuses_a_grantee_outside_the_health_directory(house, column, value):
    """Law in constraints (threats T28): even somebody who can write rows cannot let an insurer in."""
    person, finess = await make_person(), await make_organisation()
    insert = (
        "INSERT INTO authorisation (space_id, authorisation_id, effect, {}, origin, recorded_by, starts_at)"
        " VALUES (%s, gen_random_uuid(), 'permit', %s, 'person', 'x', now())"
    )
    with as_owner(house) as conn:
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            conn.execute(insert.format(column), (person.space, value))
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(insert.format("ended_at"), (person.space, AT))
        # the planted fault: the same row with a grantee of the directory goes in
        conn.execute(insert.format("finess"), (person.space, finess))
