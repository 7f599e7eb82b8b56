"""A request no contact could finish stays open for the desk, and whoever takes it up recognises the person anew."""

import datetime as dt
import re

import msgspec
import pytest

from carnet.access.actions import cases
from carnet.access.api import dispute_access, record_consent
from carnet.infra import clock
from carnet.spaces.actions import desk_tickets
from carnet.spaces.api import Asker
from carnet.spaces.holding import held_contact
from factories.at_desk import DeskScreen
from factories.world import make_person, make_professional
from interfaces.desk.test_contacts import journal_of, whom

DESK = "Guichet d'essai des demandes"
PROVED = {"demandeur": "person", "preuves": ["vitale-card", "call-back"]}
OPEN = "Ou la clore sans la faire"


async def leave(agent, person, script="lost-access", reason="proof"):
    """Meet somebody, prove nothing, leave their request open."""
    address = (await agent.meet(**whom(person))).headers["location"]
    answer = await agent.post(f"{address}/laisser", {"demarche": script, "raison": reason})
    assert answer.status_code == 303
    left = (await agent.get(answer.headers["location"])).text
    assert left.count("Numéro à donner maintenant") == 1, "the one just left, among all of them"
    return address


def ticket_of(rows, desk):
    [(ticket,)] = rows("SELECT ticket_id FROM carnet.desk_ticket WHERE desk = %s AND closed_at IS NULL", desk)
    return ticket


async def test_a_request_left_open_is_taken_up_next_day_by_a_colleague_who_recognises_the_person(app):
    first, person = await DeskScreen.of(app, desk=DESK), await make_person(at=clock.now())
    contact = (await first.meet(**whom(person))).headers["location"]
    for wrong in ({"demarche": "lost-access", "raison": "grippe"}, {"demarche": "screen", "raison": "proof"}):
        assert (await first.post(f"{contact}/laisser", wrong)).status_code == 422, "from the lists only"
    left = await leave(first, person)
    assert (await first.get(left)).status_code == 404, "that contact is over"
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        second, stranger = await DeskScreen.of(app, desk=DESK), await DeskScreen.of(app, desk="Un autre guichet")
        mine, theirs = [(await one.get("/guichet/demandes")).text for one in (second, stranger)]
        assert ["Accès perdu" in mine, "Accès perdu" in theirs] == [True, False], "of this desk, and of no other"
        assert person.traits.birth_name not in mine
        address = (await second.meet(**whom(person))).headers["location"]
        assert OPEN not in (await second.get(address)).text, "not before they are recognised"
        await second.post(f"{address}/identite", PROVED)
        assert OPEN in (await second.get(address)).text
        assert f"Reprise par l&#39;agent {second.actor.identifier}" in (await second.get("/guichet/demandes")).text
        elsewhere = await stranger.open(**whom(person))
        assert OPEN not in (await stranger.get(elsewhere)).text
        await second.post(f"{address}/demarche/lost-access")
        assert OPEN not in (await second.get(address)).text, "what is done is closed"
        assert "Accès perdu" not in (await second.get("/guichet/demandes")).text
    told = [one.partition(") ")[2].replace("\xa0", " ") for one in await journal_of(person.space) if DESK in one]
    assert [one for one in told if "demande" in one] == [
        "a laissé votre demande ouverte : un autre agent peut la reprendre.",
        "a repris la demande que vous aviez laissée ouverte.",
        "a clos la demande que vous aviez laissée ouverte.",
    ]
    for one in (first, second, stranger):
        await one.close()


async def test_a_request_is_closed_with_a_reason_by_its_desk_for_its_person_or_after_its_date(app, rows):
    agent, stranger = await DeskScreen.of(app, desk="Guichet A"), await DeskScreen.of(app, desk="Guichet B")
    person, other = await make_person(at=clock.now()), await make_person(at=clock.now())
    await leave(agent, person)
    ticket = ticket_of(rows, "Guichet A")
    own, withdrawn = f"/guichet/demandes/{ticket}", {"cloture": "withdrawn"}
    assert (await agent.post(own)).status_code == 400, "the person may still come back"
    met = (await agent.meet(**whom(person))).headers["location"]
    early = await agent.post(f"{met}/demandes/{ticket}", withdrawn)
    assert early.status_code == 403, "not before they are recognised"
    for screen, whose in ((agent, other), (stranger, person)):
        address = await screen.open(**whom(whose))
        assert (await screen.post(f"{address}/demandes/{ticket}", withdrawn)).status_code == 404
    await agent.post(f"{met}/identite", PROVED)
    assert (await agent.post(f"{met}/demandes/{ticket}", {"cloture": "done"})).status_code == 422
    assert (await agent.post(f"{met}/demandes/{ticket}", withdrawn)).status_code == 303
    await leave(agent, person, script="dispute", reason="outage")
    ticket = ticket_of(rows, "Guichet A")
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        late, away = await DeskScreen.of(app, desk="Guichet A"), await DeskScreen.of(app, desk="Guichet B")
        page = (await late.get("/guichet/demandes")).text
        assert "En retard" in page
        [address] = re.findall(r'action="(/guichet/demandes/[^"]+)"', page)
        assert (await away.post(address)).status_code == 404
        assert (await late.post(address)).status_code == 303
    ends = rows("SELECT outcome FROM carnet.desk_ticket WHERE desk = 'Guichet A' ORDER BY left_at")
    assert ends == [("withdrawn",), ("not-returned",)]
    for one in (agent, stranger, late, away):
        await one.close()


async def test_who_represents_the_person_hears_of_no_contest_left_open(app, rows):
    agent, person = await DeskScreen.of(app, desk="Guichet D"), await make_person(at=clock.now())
    await leave(agent, person, script="dispute")
    ticket = ticket_of(rows, "Guichet D")
    shown = []
    for asker in ("representative", "person"):
        met = (await agent.meet(**whom(person))).headers["location"]
        proofs = ["vitale-card", "call-back", "representation"]
        await agent.post(f"{met}/identite", {"demandeur": asker, "preuves": proofs})
        page = (await agent.get(met)).text
        [(taken,)] = rows("SELECT taken_by FROM carnet.desk_ticket WHERE ticket_id = %s", ticket)
        closed = await agent.post(f"{met}/demandes/{ticket}", {"cloture": "withdrawn"})
        shown.append((OPEN in page, taken is not None, closed.status_code))
    assert shown == [(False, False, 404), (True, True, 303)]
    await agent.close()


async def recognised(agent, person, asker):
    met = (await agent.meet(**whom(person))).headers["location"]
    await agent.post(f"{met}/identite", {"demandeur": asker, "preuves": ["vitale-card", "call-back", "representation"]})
    return met


@pytest.mark.parametrize("planted", [False, True])
async def test_a_representatives_contest_answered_leaves_the_persons_own_open(app, rows, monkeypatch, planted):
    if planted:
        monkeypatch.setattr(
            desk_tickets, "_DONE", desk_tickets._DONE.replace("AND (script <> 'dispute' OR", "AND (true OR")
        )
    desk = f"Guichet E {planted}"
    agent, person = await DeskScreen.of(app, desk=desk), await make_person(at=clock.now())
    for asker in ("person", "representative"):
        met = await recognised(agent, person, asker)
        await agent.post(f"{met}/laisser", {"demarche": "dispute", "raison": "question"})
    met = await recognised(agent, person, "representative")
    assert (await agent.get(met)).text.count(OPEN) == 1, "their own, and not the person's"
    await agent.post(f"{met}/demarche/dispute")
    state = "SELECT by_delegate, outcome FROM carnet.desk_ticket WHERE desk = %s ORDER BY by_delegate"
    expected = [(False, "done"), (True, "done")] if planted else [(False, None), (True, "done")]
    assert rows(state, desk) == expected
    await agent.close()


@pytest.mark.parametrize("planted", [False, True])
async def test_nobody_takes_a_persons_own_contest_back_in_their_name(app, monkeypatch, planted):
    if planted:
        monkeypatch.setattr(cases, "_OWN", "SELECT WHERE false AND %(space)s IS NOT NULL AND %(case)s IS NOT NULL")
    agent, person, doctor = await DeskScreen.of(app), await make_person(at=clock.now()), await make_professional()
    await record_consent(actor=doctor, space=person.space, at=clock.now())
    case = await dispute_access(actor=person.actor, space=person.space, rpps=doctor.rpps, at=clock.now())
    answered = []
    for asker in ("representative", "person"):
        await recognised(agent, person, asker)
        answered.append((await agent.post(f"/guichet/signalements/{case}", {"reponse": "withdrawn"})).status_code)
        if answered[-1] != 303:
            met = (await agent.get("/guichet/accueil")).text
            for contact in set(re.findall(r"/guichet/contact/[0-9a-f-]{36}", met)):
                await agent.post(f"{contact}/fin", {"issue": "informed"})
    assert answered == ([303, 404] if planted else [400, 303])
    await agent.close()


async def test_a_desk_that_closed_for_the_unrecognised_would_be_seen(app, rows, monkeypatch):
    """The planted fault: the identity is not asked for."""
    agent, person = await DeskScreen.of(app, desk="Guichet C"), await make_person(at=clock.now())
    await leave(agent, person)

    async def unheld(w, *, actor, contact, checked=False):
        held = await held_contact(w, actor=actor, contact=contact)
        return msgspec.structs.replace(held, asker=Asker.PERSON)

    monkeypatch.setattr(desk_tickets, "held_contact", unheld)
    met = (await agent.meet(**whom(person))).headers["location"]
    ticket = ticket_of(rows, "Guichet C")
    assert (await agent.post(f"{met}/demandes/{ticket}", {"cloture": "withdrawn"})).status_code == 303
    await agent.close()
