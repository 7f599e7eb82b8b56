"""A request no contact could finish stays open for the desk, and whoever takes it up recognises the person anew."""

import datetime as dt
import re

import msgspec

from carnet.infra import clock
from carnet.spaces.actions import desk_tickets
from carnet.spaces.api import Asker
from carnet.spaces.holding import held_contact
from factories.at_desk import DeskScreen
from factories.world import make_person
from interfaces.desk.test_contacts import journal_of, whom

DESK = "Guichet d'essai des demandes"
PROVED = {"demandeur": "person", "preuves": ["vitale-card", "call-back"]}
OPEN = "Ou la clore sans la faire"


async def leave(agent, person, script="lost-access", reason="proof"):
    """Meet somebody, prove nothing, leave their request open."""
    address = (await agent.meet(**whom(person))).headers["location"]
    answer = await agent.post(f"{address}/laisser", {"demarche": script, "raison": reason})
    assert (answer.status_code, answer.headers["location"]) == (303, "/guichet/demandes")
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
