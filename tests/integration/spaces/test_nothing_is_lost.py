"""What a campaign must not lose: letters, delays, codes, representatives, deaths, and the end of an erased space."""

import asyncio
import datetime as dt

import pytest

from carnet.identity.api import parse_traits
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.journeys.actions import record_reported_death as reporting
from carnet.journeys.api import destroy_space_key, record_reported_death
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.errors import CarnetError, Conflict, Invalid
from carnet.kernel.ids import SpaceId
from carnet.spaces.actions import import_beneficiaries as importing
from carnet.spaces.actions import inform as informing
from carnet.spaces.api import (
    Channel,
    Proof,
    confirm_email,
    find_space,
    hold_contact,
    life_in,
    object_at_desk,
    object_on_line,
    open_space,
    propose_email,
    retract_at_desk,
    view_in,
)
from factories.beneficiaries import beneficiary_matricule, line
from factories.campaign import born, imported, ins_of, letter_codes, opened, rows, states, told
from factories.post import post_office, transport_to
from factories.world import AT, OPERATOR

SIX_WEEKS = dt.timedelta(days=42)
MOTHER = beneficiary_matricule(900)


async def contact_of(number):
    space = await find_space(ins_of(number))
    async with work(space=space, at=AT) as w:
        return space, await hold_contact(w)


async def test_two_runs_into_one_folder(house, batch, source, tmp_path, monkeypatch):
    """The second is refused while the first writes; it would take its letters for those of a run that died."""
    await imported(batch, source([line(1), line(7)]))
    written, go_on = asyncio.Event(), asyncio.Event()
    note = informing._note

    async def slow(*arguments, **named):
        written.set()
        await go_on.wait()
        await note(*arguments, **named)

    monkeypatch.setattr(informing, "_note", slow)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(told(batch, tmp_path, departement="44"))
        await asyncio.wait_for(written.wait(), 20)
        with pytest.raises(Conflict) as refused:
            await told(batch, tmp_path, departement="80")
        assert refused.value.problems[0].code == "notify-running"
        go_on.set()
    assert first.result().letters == 2
    assert sorted(letter_codes(tmp_path / "lettres")) == [1, 7]


async def test_the_six_weeks_begin_with_each_sending(house, batch, source, tmp_path, monkeypatch):
    await imported(batch, source([line(1), line(7)]))
    write = informing.letters

    def slow(notices, **named):
        clock._Seat.clock.advance(dt.timedelta(hours=5))
        return write(notices, **named)

    monkeypatch.setattr(informing, "letters", slow)
    await told(batch, tmp_path, departement="44", letters_a_file=1)
    hours = [(one - AT) / dt.timedelta(hours=1) for (one,) in rows(house, "SELECT notified_at FROM carnet.enrolment")]
    assert sorted(hours) == [0, 5]


async def test_what_the_insurer_sent_survives_the_waking_and_the_next_address(house, batch, source, tmp_path):
    given = line(6, representants=MOTHER, telephone="0600000000")
    await imported(batch, source([given, line(12, representants=MOTHER), line(3, representants=MOTHER)]))
    async with post_office() as (_, port):
        await told(batch, tmp_path, transport=transport_to(port))
    await opened(batch, AT + SIX_WEEKS)
    space, contact = await contact_of(6)
    assert (contact.email, contact.insurer.phone) == ("personne6@exemple.invalid", "0600000000")
    assert contact.insurer.representatives == (MOTHER,)
    assert contact.insurer.lines == ("6 RUE DES ESSAIS", "BATIMENT B")
    actor = Actor(kind=ActorKind.PERSON, identifier="p", name="P", strong=True, space=space)
    await propose_email(actor=actor, space=space, email="autre@exemple.invalid", at=AT)
    code = (await contact_of(6))[1].proposed.code
    await confirm_email(actor=actor, space=space, code=code, at=AT)
    _, contact = await contact_of(6)
    assert (contact.email, contact.insurer.representatives) == ("autre@exemple.invalid", (MOTHER,))
    # whoever opens by themselves keeps them too
    traits = parse_traits(birth_name="GUEGUEN", birth_date=born(3))
    await open_space(actor=OPERATOR, ins=ins_of(3), traits=traits, email="x@exemple.invalid", at=AT)
    _, contact = await contact_of(3)
    assert (contact.email, contact.insurer.representatives) == ("x@exemple.invalid", (MOTHER,))


async def test_an_objection_drops_the_address_and_keeps_the_representatives(house, batch, source):
    await imported(batch, source([line(6, representants=MOTHER, telephone="0600000000")]))
    agent = {"actor": OPERATOR, "how": Channel.PHONE, "ins": ins_of(6)}
    await object_at_desk(at=AT, **agent)
    await retract_at_desk(at=AT, **agent)
    _, contact = await contact_of(6)
    assert contact.insurer == type(contact.insurer)(representatives=(MOTHER,))
    assert contact.email is None


async def test_a_death_in_an_open_space_is_said_and_a_change_is_logged_once(house, batch, source, tmp_path):
    await imported(batch, source([line(6), line(12)]))
    async with post_office() as (_, port):
        await told(batch, tmp_path, transport=transport_to(port))
    await imported(batch, source([line(18)]))
    await opened(batch, AT + SIX_WEEKS)
    assert states(house) == {"OPEN": 2, "ELIGIBLE": 1}
    # read in blocks of one line each: the same person twice in one file, moved once
    leaves = [line(18, evenement="fin-droits"), line(18, evenement="fin-droits", telephone="0600000000")]
    made = source([line(6, evenement="deces"), line(12, evenement="fin-droits"), *leaves], block=80)
    done = await imported(batch, made, at=AT + SIX_WEEKS)
    assert [one.split(";")[:2] for one in made.rejects.read_text().splitlines()] == [
        ["2", "space-open"],
        ["3", "space-open"],
    ]
    assert (done.rejected, states(house)) == (2, {"OPEN": 2, "NOT_ELIGIBLE": 1})
    logged = rows(house, "SELECT cardinality(persons) FROM carnet.enrolment_log WHERE event = 'lose-rights'")
    assert logged == [(1,)]


class Anybody:
    """Whoever is asked about is the one."""

    def __ne__(self, _):
        return False


class Killed(BaseException):
    """The process is gone: nothing catches this."""


async def life_of(number):
    space = await find_space(ins_of(number))
    async with work(space=space, at=AT) as w:
        return await life_in(w), len(await entries(w, filter_=Filter(acts=("record-death",)), limit=9))


@pytest.mark.parametrize("planted", [False, True], ids=["as it is", "by number alone"])
async def test_a_death_of_the_file_reaches_open_spaces_once_and_only_those_it_is_about(
    house, batch, source, tmp_path, monkeypatch, planted
):
    await imported(batch, source([line(6), line(12)]))
    async with post_office() as (_, port):
        await told(batch, tmp_path, transport=transport_to(port))
    await opened(batch, AT + SIX_WEEKS)
    # one's own opening, before the insurer ever named them: only the space knows who they are
    await open_space(actor=OPERATOR, ins=ins_of(18), traits=parse_traits(birth_name="AUTRE"), email=None, at=AT)
    if planted:
        monkeypatch.setattr(reporting, "traits_mac", lambda _, __: Anybody())
    dead = [line(one, evenement="deces") for one in (6, 12, 18, 24)]
    killed, store = [], importing._store

    async def dying(*given, **named):
        killed.append(await store(*given, **named))
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_store", dying)
        with pytest.raises(Killed):
            await imported(batch, source(dead), at=AT + SIX_WEEKS, deaths=record_reported_death)
    assert (await life_of(6))[0].state == "DECEASED", "noted before the block is"
    made = source(dead)
    done = await imported(batch, made, at=AT + SIX_WEEKS, deaths=record_reported_death)
    assert (done.lines, states(house)) == (4, {"OPEN": 3, "DECEASED": 1})
    lives = {number: await life_of(number) for number in (6, 12, 18)}
    assert lives[6][0].due_event == "erase-archived"
    assert (lives[6][1], lives[12][1]) == (1, 1), "noted once"
    stands = lives[18][0].state != "DECEASED"
    listed = [one.split(";")[:2] for one in made.rejects.read_text().splitlines()]
    assert (stands and listed == [["4", "contradicts"]]) is not planted


async def test_right_tries_from_a_source_that_must_wait_do_not_kill_the_code(house, batch, source, tmp_path):
    await imported(batch, source([line(13)]))
    await told(batch, tmp_path, departement="44")
    code = letter_codes(tmp_path / "lettres")[13]

    async def say(code, *, place):
        proof = Proof(code=code, born=born(13), source=place)
        return await object_on_line(actor=OPERATOR, proof=proof, at=AT)

    for number in range(10):
        with pytest.raises(Invalid):
            await say(f"2222-2222-222{number % 7 + 2}", place="a whole office")
    for _ in range(6):
        with pytest.raises(Invalid):
            await say(code, place="a whole office")
    assert (await say(code, place="home")).token


async def test_the_desk_says_that_an_awake_space_is_open(house, batch, source, tmp_path):
    await imported(batch, source([line(13)]))
    await told(batch, tmp_path, departement="44")
    await opened(batch, AT + SIX_WEEKS)
    await find_space(ins_of(13))
    with pytest.raises(Invalid) as refused:
        await object_at_desk(actor=OPERATOR, ins=ins_of(13), how=Channel.PHONE, at=AT + SIX_WEEKS)
    assert refused.value.problems[0].code == "already-open"
    proof = Proof(code=letter_codes(tmp_path / "lettres")[13], born=born(13), source="s")
    with pytest.raises(Invalid) as refused:  # on line too, to whoever proves the code
        await object_on_line(actor=OPERATOR, proof=proof, at=AT + dt.timedelta(days=1))
    assert refused.value.problems[0].code == "already-open"


async def test_a_space_erased_in_its_sleep_never_wakes(house, batch, source, tmp_path):
    await imported(batch, source([line(13)]))
    await told(batch, tmp_path, departement="44")
    await opened(batch, AT + SIX_WEEKS)
    space = SpaceId(rows(house, "SELECT space_id FROM carnet.ins_index WHERE asleep")[0][0])
    assert await destroy_space_key(actor=OPERATOR, space=space, batch=batch, at=AT) == 1
    assert rows(house, "SELECT person_enc, code_digest FROM carnet.enrolment") == [(None, None)]
    assert await find_space(ins_of(13)) == space
    async with work(space=space, at=AT) as w:
        with pytest.raises(CarnetError):
            await view_in(w)
    kept = rows(house, "SELECT wrapped, destroyed_at FROM vault.space_keyset WHERE space_id = %s", space)
    assert kept == [(None, AT)]
    assert await destroy_space_key(actor=OPERATOR, space=space, batch=batch, at=AT) == 0
