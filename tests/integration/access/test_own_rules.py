"""Finer than any national system: from whom, which documents, until when; and what stays out of the simple session."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import Mode as InMode
from carnet.access.api import (
    RestrictionEffect,
    Viewer,
    Wish,
    authorise,
    end_restriction,
    keep_apart,
    kept_apart,
    look,
    mark_apart,
    open_emergency,
    restrict,
    see_as,
)
from carnet.infra.db import work
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.decisions import Reason
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.records.api import DocumentQuery, list_documents, read_content
from factories.families import acting, help_with, stand_for
from factories.world import AT, give, make_person, make_professional, make_software

HOUR = dt.timedelta(hours=1)
HIDE, ONLY = RestrictionEffect.HIDE, RestrictionEffect.ONLY


async def lists(actor, person, *, at=AT):
    listing = await list_documents(actor=actor, space=person.space, query=DocumentQuery(), at=at)
    return {entry.document_id for entry in listing.entries}


async def admitted(person, **options):
    doctor = await make_professional(**options)
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    return doctor


async def one(person, *, at=AT, **options):
    return (await give(person, by=await make_software(), at=at, **options)).documents[0].document_id


async def wish(person, effect, *, at=AT, **options):
    return await restrict(actor=person.actor, space=person.space, wish=Wish(effect=effect, **options), at=at)


async def test_a_document_is_hidden_from_a_professional_a_profession_an_organisation_or_a_while(house):
    person = await make_person()
    doctor, other, nurse = await admitted(person), await admitted(person), await admitted(person, profession="60")
    document = await one(person)
    others = {
        doctor: {"rpps": (doctor.rpps,)},
        nurse: {"professions": ("60",)},
        other: {"finess": (other.organisation,)},
    }
    for kept_out, named in others.items():
        line = await wish(person, HIDE, document=document, **named)
        assert {who: await lists(who, person) for who in others} == {
            who: set() if who is kept_out else {document} for who in others
        }
        with pytest.raises(NotFound):
            await read_content(actor=kept_out, space=person.space, document=document, at=AT)
        await end_restriction(actor=person.actor, space=person.space, restriction=line, at=AT)
        assert await lists(kept_out, person) == {document}
    await wish(person, HIDE, everyone=True, starts_at=AT + HOUR, ends_at=AT + 2 * HOUR)
    seen = [await lists(doctor, person, at=AT + hours * HOUR) for hours in (0, 1, 2)]
    assert seen == [{document}, set(), {document}]
    assert await lists(person.actor, person, at=AT + HOUR) == {document}


async def test_an_allow_list_shows_only_to_those_it_names_and_lists_narrow_one_another(house):
    person = await make_person()
    doctor, other = await admitted(person), await admitted(person)
    document, elsewhere = await one(person), await one(person)
    await wish(person, ONLY, document=document, rpps=(doctor.rpps,))
    assert (await lists(doctor, person), await lists(other, person)) == ({document, elsewhere}, {elsewhere})
    await wish(person, ONLY, document=document, rpps=(other.rpps,))
    assert (await lists(doctor, person), await lists(other, person)) == ({elsewhere}, {elsewhere})


async def test_everything_to_come_and_a_category_and_every_version(house):
    person = await make_person()
    doctor, software = await admitted(person), await make_software()
    before = (await give(person, by=software, unique_id="urn:oid:1.2.3^v1")).documents[0].document_id
    await wish(person, HIDE, to_come=True, everyone=True, at=AT + HOUR)
    await one(person, at=AT + 2 * HOUR)
    assert await lists(doctor, person, at=AT + 3 * HOUR) == {before}
    await wish(person, HIDE, document=before, everyone=True)
    await give(person, by=software, replaces="urn:oid:1.2.3^v1", content=b"v2", at=AT)
    assert await lists(doctor, person, at=AT + 3 * HOUR) == set()
    another = await make_person()
    nurse = await admitted(another, profession="60")
    document = await one(another, category="BIOLOGIE")
    await wish(another, HIDE, category="ORD_SOIN", everyone=True)
    assert await lists(nurse, another) == {document}
    await wish(another, HIDE, category="BIOLOGIE", everyone=True)
    assert await lists(nurse, another) == set()


async def test_a_wish_about_another_document_says_nothing_of_the_one_replaced(house):
    person = await make_person()
    doctor = await admitted(person)
    other = await one(person)
    await give(person, by=await make_software(), unique_id="urn:oid:1.2.3^seen")
    await wish(person, HIDE, document=other, everyone=True)
    with pytest.raises(Refused) as refusal:
        await give(person, by=doctor, replaces="urn:oid:1.2.3^seen", content=b"v2")
    assert refusal.value.problems[0].code == Reason.NOT_AUTHOR


async def test_the_depositor_keeps_what_they_deposited_and_an_emergency_meets_the_wishes(house):
    person, software = await make_person(), await make_software()
    author = await admitted(person, finess=software.organisation)
    doctor = msgspec.structs.replace(await make_professional(), session="s")
    document = (await give(person, by=software)).documents[0].document_id
    await wish(person, HIDE, everyone=True)
    assert await lists(author, person) == {document}
    await open_emergency(actor=doctor, space=person.space, mode=InMode.BRIS_DE_GLACE, reason="Inconscient ici", at=AT)
    assert await lists(doctor, person) == set()


@pytest.mark.parametrize(
    "bad",
    [
        {"effect": HIDE},
        {"effect": ONLY, "everyone": True},
        {"effect": HIDE, "everyone": True, "category": "RIEN"},
        {"effect": HIDE, "professions": ("insurer",)},
        {"effect": HIDE, "rpps": ("10999999997",)},
        {"effect": HIDE, "everyone": True, "category": "BIOLOGIE", "to_come": True},
        {"effect": HIDE, "everyone": True, "ends_at": AT - HOUR},
    ],
    ids=["nobody", "only-everyone", "no-category", "no-profession", "not-listed", "two-things", "past"],
)
async def test_a_wish_that_says_nothing_is_refused(house, bad):
    person = await make_person()
    with pytest.raises(Invalid):
        await restrict(actor=person.actor, space=person.space, wish=Wish(**bad), at=AT)


async def test_only_the_person_and_only_about_what_they_know_of(house):
    person, stranger = await make_person(), await make_person()
    foreign = await one(stranger)
    with pytest.raises(NotFound):
        await wish(person, HIDE, document=foreign, everyone=True)
    with pytest.raises(Refused):
        await restrict(actor=await admitted(person), space=person.space, wish=Wish(effect=HIDE, everyone=True), at=AT)


def stepped(person):
    return msgspec.structs.replace(person.actor, stepped_up_until=AT + HOUR)


async def untold(actor, person):
    """The documents this actor is told of nowhere else either: in the journal, among wishes, results that wait."""
    apart = kept_apart(actor, at=AT)
    if apart is None:
        return set()
    async with work(space=person.space, at=AT) as w:
        return {row[0] for row in await w.rows(apart.sql, dict(apart.params) | {"space": person.space})}


async def test_representatives_are_told_nowhere_of_what_is_not_for_them(house):
    person = await make_person()
    secret = await one(person, codes=frozenset({"INVISIBLE_REPRESENTANTS_LEGAUX"}))
    parent = Actor(
        kind=ActorKind.REPRESENTATIVE, identifier="p", name="P", acts_for=person.space, strong=True,
        stepped_up_until=AT + HOUR,
    )  # fmt: skip
    assert await untold(parent, person) == {secret}
    assert await untold(person.actor, person) == set()


async def test_what_is_kept_apart_is_absent_from_the_simple_session_and_never_reaches_delegates(house):
    person = await make_person()
    doctor = await admitted(person)
    mine, pregnancy = await one(person), await one(person, type_code="89233-1")
    await keep_apart(actor=person.actor, space=person.space, topics=("contraception-pregnancy",), at=AT)
    assert await lists(person.actor, person) == {mine}
    with pytest.raises(NotFound):
        await read_content(actor=person.actor, space=person.space, document=pregnancy, at=AT)
    assert await lists(stepped(person), person) == {mine, pregnancy}
    assert await lists(stepped(person), person, at=AT + HOUR) == {mine}
    assert await lists(doctor, person) == {mine, pregnancy}
    await mark_apart(actor=person.actor, space=person.space, document=mine, apart=True, at=AT)
    assert await lists(person.actor, person) == set()
    guardian, helping = await make_person(), await make_person()
    guards, helps = await stand_for(person, guardian, at=AT), await help_with(person, helping, at=AT)
    parent = acting(guardian, person, guards, kind=ActorKind.REPRESENTATIVE)
    carer = acting(helping, person, helps, kind=ActorKind.CARER)
    for one_of_them in (parent, carer):
        delegate = msgspec.structs.replace(one_of_them, stepped_up_until=AT + HOUR)
        assert await lists(delegate, person) == set()
        assert await untold(delegate, person) >= {mine, pregnancy}, "whatever they prove"
    assert await untold(stepped(person), person) == set()
    with pytest.raises(NotFound):
        await mark_apart(actor=person.actor, space=person.space, document=mine, apart=False, at=AT)
    await mark_apart(actor=stepped(person), space=person.space, document=mine, apart=False, at=AT)
    assert await lists(parent, person) == {mine}
    with pytest.raises(Refused):
        await keep_apart(actor=person.actor, space=person.space, topics=(), at=AT)
    await keep_apart(actor=stepped(person), space=person.space, topics=(), at=AT)
    assert await lists(person.actor, person) == {mine, pregnancy}


async def test_see_as_says_what_a_professional_sees_and_why_not_the_rest(house):
    person, doctor = await make_person(), await make_professional()
    document, proof = await one(person), await one(person, type_code="ATTEST-RESID")
    hidden = await one(person)
    viewer = Viewer(rpps=doctor.rpps, profession="10", organisation=doctor.organisation)
    seen = await see_as(actor=person.actor, space=person.space, viewer=viewer, at=AT)
    assert seen.door.reason is Reason.NO_AUTHORISATION
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    await wish(person, HIDE, document=hidden, rpps=(doctor.rpps,))
    seen = await see_as(actor=person.actor, space=person.space, viewer=viewer, at=AT)
    why = {one.document_id: one.decision.reason for one in seen.documents}
    assert why == {document: None, proof: Reason.MATRIX, hidden: Reason.RESTRICTED}
    assert await lists(doctor, person) == {one.document_id for one in seen.documents if one.decision.allowed}
    with pytest.raises(Refused):
        await see_as(actor=doctor, space=person.space, viewer=viewer, at=AT)


async def test_a_space_without_wishes_reads_no_wish(house):
    facts = (await look(actor=(person := await make_person()).actor, space=person.space, at=AT)).facts
    assert (facts.restrictions, facts.guarded_types, facts.teams, facts.emergency) == ((), frozenset(), (), None)
