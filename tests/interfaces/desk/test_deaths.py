"""A death noted by mistake is taken back upon proof, by two agents; no file notes it again by itself."""

import datetime as dt
import hashlib
import html

import psycopg
import pytest

from carnet.access.api import Need, look
from carnet.access.queries import closing
from carnet.design.language import Language
from carnet.infra import clock
from carnet.infra.db import work
from carnet.infra.db.database import Database
from carnet.infra.installation import current
from carnet.journal.api import Filter, entries
from carnet.journeys.api import (
    ask_deletion,
    close_space,
    record_death,
    record_reported_death,
    suspend_space,
)
from carnet.journeys.sign_in import open_space_of
from carnet.kernel.errors import Invalid
from carnet.spaces.api import Motive, Source, life_in, traits_mac
from factories.at_desk import DeskScreen
from factories.beneficiaries import beneficiary_file, beneficiary_matricule, line
from factories.campaign import imported
from factories.heirs import ask as ask_for_heir
from factories.heirs import let_in, whom
from factories.pdf import make_pdf
from factories.world import OPERATOR, make_person, make_professional


async def contested(agent, who, *, given="Prénom", channel="counter", shown=("passport",), asker="person", proof=True):
    """Somebody noted as dead at the counter, with a proof: the answer to their request."""
    met = await agent.meet(**who, channel=channel)
    address = met.headers["location"]
    checked = await agent.post(f"{address}/identite", {"demandeur": asker, "preuves": list(shown)})
    if checked.status_code != 303:
        return checked
    typed = {"nom": who["name"], "prenom": given, "naissance": who["born"]}
    files = {"lettre": ("piece.pdf", make_pdf(), "application/pdf")} if proof else None
    return await agent.post(f"{address}/deces", typed, files=files)


async def taken_back(app, agent, who):
    """Recorded by one agent, taken back by another: the address of the request."""
    asked = await contested(agent, who)
    assert asked.status_code == 303, asked.text
    page = asked.headers["location"]
    other = await DeskScreen.of(app)
    answered = await other.post(page, {"reponse": "taken-back"})
    assert answered.status_code == 303, answered.text
    await other.close()
    return page


async def life_of(space):
    async with work(space=space, at=clock.now()) as w:
        return await life_in(w)


async def acts_of(space):
    async with work(space=space, at=clock.now()) as w:
        return {one.act for one in await entries(w, filter_=Filter(with_refusals=True), limit=100)}


async def test_two_agents_take_a_death_back_and_the_person_reads_each_step(app, agent, house, rows):
    person = await make_person()
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())
    assert await open_space_of(person.space) is None
    page = (await contested(agent, whom(person))).headers["location"]
    shown = (await agent.get(page)).text
    assert "un autre agent doit y répondre" in shown
    assert 'name="reponse"' not in shown
    assert (await agent.post(page, {"reponse": "taken-back"})).status_code == 422, "the one who recorded it"
    assert (await agent.get(f"{page}/lettre.pdf")).status_code == 404
    assert (await contested(agent, whom(person))).status_code == 422, "asked once"
    assert await open_space_of(person.space) is None

    other = await DeskScreen.of(app)
    met = await other.meet(**whom(person), channel="counter")
    today = Language(code="fr").long_date(clock.now())
    assert today in (await other.get(met.headers["location"])).text, "since the death, not the opening"
    listed = (await other.get("/guichet/deces")).text
    assert page in listed
    assert person.traits.birth_name not in listed
    assert person.traits.birth_name.upper() in html.unescape((await other.get(page)).text).upper(), "as on the proof"
    assert (await other.get(f"{page}/preuve")).content.startswith(b"%PDF")
    assert (await other.post(page, {})).status_code == 422
    assert (await other.post(page, {"reponse": "taken-back"})).headers["location"] == page
    assert (await other.post(page, {"reponse": "confirmed"})).status_code in {409, 422}, "answered once"
    assert (await other.get(f"{page}/lettre.pdf")).content.startswith(b"%PDF")
    assert page not in (await other.get("/guichet/deces")).text
    await other.close()
    assert (await open_space_of(person.space))[1] == "ACTIVE"
    steps = {"contest-death", "see-death-contest", "answer-death-contest", "take-back-death", "record-death"}
    assert steps <= await acts_of(person.space)
    told = "SELECT args::text FROM jobs.procrastinate_jobs WHERE args::text LIKE %s"
    assert any("take-back-death" in one for (one,) in rows(told, f"%{person.space}%")), "the person is written to"


async def _suspended(person, at):
    await suspend_space(actor=OPERATOR, space=person.space, motive=Motive.FRAUD, at=at)


async def _closed(person, at):
    await close_space(actor=person.actor, space=person.space, at=at)


async def _leaving(person, at):
    await close_space(actor=person.actor, space=person.space, at=at)
    await ask_deletion(actor=person.actor, space=person.space, at=at)


@pytest.mark.parametrize(
    ("before", "state", "motive"),
    [(_suspended, "SUSPENDED", "fraud"), (_closed, "CLOSED", "holder"), (_leaving, "DELETION_REQUESTED", "holder")],
)
async def test_the_space_stands_where_it_stood(app, agent, house, before, state, motive):
    person = await make_person()
    at = clock.now() - dt.timedelta(days=3)
    await before(person, at)
    stood = await life_of(person.space)
    await record_death(actor=OPERATOR, space=person.space, at=at + dt.timedelta(days=1))
    await taken_back(app, agent, whom(person))
    back = await life_of(person.space)
    assert (back.state, back.motive, back.closed_at) == (state, motive, stood.closed_at)
    assert back.due_event == stood.due_event


async def test_a_death_of_before_anybody_kept_where_one_stood_leads_to_a_suspension(app, agent, house):
    person = await make_person()
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())
    with psycopg.connect(house.url("postgres")) as conn:
        conn.execute(
            "UPDATE carnet.space_ending SET once = NULL, motive_once = NULL WHERE space_id = %s", (person.space,)
        )
    await taken_back(app, agent, whom(person))
    assert (await life_of(person.space)).state == "SUSPENDED"


async def reads(doctor, dead):
    return (await look(actor=doctor, space=dead.space, at=clock.now())).decide(Need.LIST).allowed


async def _heirs_after(app, agent):
    """A dead person's physician reads and another heir waits; the death is taken back, then comes again."""
    dead, heir, doctor = await make_person(), await make_person(), await make_professional()
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    await let_in(app, agent, dead, heir, doctor)
    waiting = (await ask_for_heir(agent, dead, await make_person(), doctor)).headers["location"]
    assert await reads(doctor, dead)
    await taken_back(app, agent, whom(dead))
    assert not await reads(doctor, dead), "nobody reads of the living for an heir"
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    return await reads(doctor, dead), (await agent.get(waiting)).text, await agent.get(f"{waiting}/lettre.pdf")


async def test_what_heirs_were_given_ends_and_no_later_death_brings_it_back(app, agent, house):
    again, request, letter = await _heirs_after(app, agent)
    assert not again
    assert "Le décès avait été noté par erreur" in request
    assert letter.content.startswith(b"%PDF")


async def test_heirs_left_standing_would_be_noticed(app, agent, house, monkeypatch):
    monkeypatch.setattr(closing, "_HEIRS_END", ())
    assert (await _heirs_after(app, agent))[0], "the planted fault shows"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"channel": "phone", "shown": ("vitale-card", "insurer-file")}, 422),
        ({"asker": "representative"}, 422),
        ({"asker": "heir"}, 403),
        ({"proof": False}, 422),
        ({"asker": "representative", "shown": ("passport", "representation")}, 303),
        ({"channel": "post", "shown": ("copy",)}, 303),
    ],
)
async def test_a_paper_is_needed_and_an_heir_takes_nothing_back(agent, house, rows, changes, status):
    person = await make_person()
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())
    asked = await contested(agent, whom(person), **changes)
    assert asked.status_code == status, asked.text
    digest = current().index_key.ins_digest(matricule=person.ins.matricule, oid=person.ins.oid)
    kept = rows("SELECT count(*) FROM carnet.death_contest WHERE ins_digest = %s", digest)
    assert kept == [(int(status == 303),)]


async def test_a_check_by_phone_older_than_the_death_proves_no_life(agent, house, rows):
    person = await make_person()
    met = await agent.meet(**whom(person), channel="phone")
    address = met.headers["location"]
    shown = {"demandeur": "person", "preuves": ["vitale-card", "insurer-file"]}
    assert (await agent.post(f"{address}/identite", shown)).status_code == 303
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())
    typed = {"nom": whom(person)["name"], "prenom": "Prénom", "naissance": whom(person)["born"]}
    files = {"lettre": ("piece.pdf", make_pdf(), "application/pdf")}
    assert (await agent.post(f"{address}/deces", typed, files=files)).status_code == 403


async def test_an_heir_who_was_there_for_the_dead_does_nothing_about_the_living(app, agent, house):
    person = await make_person()
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())
    third = await DeskScreen.of(app)
    address = (await third.meet(**whom(person), channel="counter")).headers["location"]
    heir = {"demandeur": "heir", "preuves": ["passport"]}
    assert (await third.post(f"{address}/identite", heir)).status_code == 303
    await taken_back(app, agent, whom(person))
    for script, sent in (("closing", {}), ("lost-access", {"sessions": "1"})):
        assert (await third.post(f"{address}/demarche/{script}", sent)).status_code == 403, script
    await third.close()
    assert (await life_of(person.space)).state == "ACTIVE"


async def test_a_refusal_leaves_the_death_and_anothers_name_is_no_proof(app, agent, house):
    person = await make_person()
    living = await make_person()
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())
    page = (await contested(agent, whom(person))).headers["location"]
    other = await DeskScreen.of(app)
    assert (await other.post(page, {"reponse": "confirmed"})).status_code == 303
    assert "confirme le décès" in (await other.get(page)).text
    await other.close()
    assert (await life_of(person.space)).state == "DECEASED"
    met = await agent.meet(**whom(person), channel="counter")
    address = met.headers["location"]
    await agent.post(f"{address}/identite", {"demandeur": "person", "preuves": ["passport"]})
    typed = {"nom": "Autrement", "prenom": "Ada", "naissance": person.traits.birth_date}
    files = {"lettre": ("piece.pdf", make_pdf(), "application/pdf")}
    wrong = await agent.post(f"{address}/deces", typed, files=files)
    assert wrong.status_code == 422
    assert "ne sont pas ceux du contact" in wrong.text
    met = await agent.meet(**whom(living), channel="counter")
    await agent.post(f"{met.headers['location']}/identite", {"demandeur": "person", "preuves": ["passport"]})
    assert (await agent.get(f"{met.headers['location']}/deces")).status_code == 404, "nobody dead"


async def test_the_file_that_told_of_it_kills_nobody_twice_without_somebody_looking(app, agent, house):
    person = await make_person()
    digest = current().index_key.ins_digest(matricule=person.ins.matricule, oid=person.ins.oid)
    line_of_file = {"digest": digest, "identity": traits_mac(current().house_key, person.traits)}
    assert await record_reported_death(actor=OPERATOR, **line_of_file, at=clock.now())
    await taken_back(app, agent, whom(person))
    with pytest.raises(Invalid) as listed:
        await record_reported_death(actor=OPERATOR, **line_of_file, at=clock.now())
    assert listed.value.problems[0].code == "death-contested"
    assert (await life_of(person.space)).state == "ACTIVE"
    with psycopg.connect(house.url("postgres")) as conn:  # the planted fault: nobody remembers
        conn.execute("UPDATE carnet.space_ending SET alive_at = NULL WHERE space_id = %s", (person.space,))
    assert await record_reported_death(actor=OPERATOR, **line_of_file, at=clock.now())
    assert (await life_of(person.space)).state == "DECEASED"
    await record_death(actor=OPERATOR, space=person.space, at=clock.now())  # by hand, somebody looked


async def _of_file(house, tmp_path, lines):
    batch = Database(house.url("carnet_batch"), min_size=1, max_size=2, statement_timeout=60_000)
    await batch.open()
    name = hashlib.sha256("".join(lines).encode()).hexdigest()
    path, rejects = beneficiary_file(tmp_path / f"{name}.csv", lines), tmp_path / f"{name}.rejets.csv"
    await imported(batch, Source(path=path, rejects=rejects))
    await batch.close()
    return rejects.read_text()


@pytest.mark.parametrize(("before", "after"), [("OPPOSED", "OPPOSED"), ("NOTIFIED", "ELIGIBLE"), (None, "ELIGIBLE")])
async def test_before_there_is_a_space_as_well(app, agent, house, rows, tmp_path, before, after):
    number = {"OPPOSED": 770_101, "NOTIFIED": 770_102, None: 770_103}[before]
    fields = line(number).split(";")
    who = {"ins": beneficiary_matricule(number), "name": fields[2].title(), "born": fields[5]}
    dead = line(number, evenement="deces")
    if before:
        await _of_file(house, tmp_path, [line(number)])
        with psycopg.connect(house.url("postgres")) as conn:
            conn.execute(
                "UPDATE carnet.enrolment SET state = %s, notified_at = now(), opens_at = now() + interval '42 days'"
                " WHERE ins_digest = %s",
                (before, _digest(who)),
            )
    await _of_file(house, tmp_path, [dead])
    state = "SELECT state, once, alive_at IS NOT NULL FROM carnet.enrolment WHERE ins_digest = %s"
    assert rows(state, _digest(who)) == [("DECEASED", before or "ELIGIBLE", False)]
    await taken_back(app, agent, who)
    assert rows(state, _digest(who)) == [(after, None, True)]
    again = await _of_file(house, tmp_path, [line(number), dead, line(number + 10)])
    assert "death-contested" in again
    assert rows(state, _digest(who)) == [(after, None, True)]
    log = "SELECT event, target FROM carnet.enrolment_log WHERE %s = ANY(persons) ORDER BY at DESC LIMIT 1"
    assert rows(log, _digest(who)) == [("take-back-death", after)]


def _digest(who):
    return current().index_key.ins_digest(matricule=who["ins"], oid="1.2.250.1.213.1.4.10")


def test_four_eyes_are_the_tables_own(house, rows):
    row = """
    INSERT INTO carnet.death_contest (contest_id, ins_digest, asker, shown, person_enc, asked_by, asked_at, answer,
      reason, answered_by, answered_at)
    SELECT gen_random_uuid(), sha256('y'), 'person', '{passport}', '', a.reference, now(), %s, %s, a.reference, now()
    FROM (SELECT reference FROM carnet.agent LIMIT 1) a
    """
    for answer, reason in (("taken-back", None), ("refused", "confirmed")):
        with psycopg.connect(house.url("postgres")) as conn, pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(row, (answer, reason))
