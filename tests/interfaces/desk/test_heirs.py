"""The heirs' procedure at the desk: one agent records, another answers, a refusal has a reason; each step is traced."""

import datetime as dt
import re

import msgspec
import psycopg
import pytest

from carnet.access.api import Need, block, look, mark_apart, refuse_heirs
from carnet.access.own_data import sensitive_types
from carnet.design.language import Language
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.journeys.api import close_space, record_death
from factories.at_desk import DeskScreen
from factories.at_work import make_app as at_work
from factories.families import make_child
from factories.heirs import ask, let_in, opens, whom
from factories.world import OPERATOR, give, make_person, make_professional


async def acts_of(space):
    async with work(space=space, at=clock.now()) as w:
        found = await entries(w, filter_=Filter(with_refusals=True), limit=100)
    return [(one.act, one.outcome, one.details.get("answer"), one.details.get("why")) for one in reversed(found)]


@pytest.fixture
async def family(house):
    dead, heir, doctor = (
        await make_person(born="1951-03-04", named="Fœssel-Łoś"),
        await make_person(born="1979-05-06"),
        await make_professional(),
    )
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    return dead, heir, doctor


async def test_one_agent_records_and_another_answers(app, agent, family, rows):
    dead, heir, doctor = family
    asked = await ask(agent, dead, heir, doctor)
    assert asked.status_code == 303, asked.text
    page = asked.headers["location"]
    shown = await agent.get(page)
    assert "un autre agent doit y répondre" in shown.text
    assert 'name="reponse"' not in shown.text
    assert (await agent.get(f"{page}/lettre.pdf")).status_code == 404
    own = await agent.post(page, {"reponse": "granted"})
    assert own.status_code == 422, "the one who recorded it answers nothing"
    assert rows("SELECT answer FROM carnet.heirs_request WHERE place = %s", dead.space) == [(None,)]

    other = await DeskScreen.of(app)
    listed = (await other.get("/guichet/ayants-droit")).text
    assert page in listed
    assert dead.traits.birth_name not in listed
    assert (await other.get(f"{page}/preuve")).content.startswith(b"%PDF")
    assert (await other.post(page, {"reponse": "person-refused"})).status_code == 422, "nobody says that for them"
    granted = await other.post(page, {"reponse": "granted"})
    assert granted.headers["location"] == page, granted.text
    assert (await other.post(page, {"reponse": "motive"})).status_code == 422, "answered once"
    assert (await other.get(f"{page}/lettre.pdf")).content.startswith(b"%PDF")
    assert "Lecture en cours" in (await other.get("/guichet/ayants-droit")).text
    assert (await agent.post(f"{page}/fin")).status_code == 303
    assert (await agent.post(f"{page}/fin")).status_code == 404
    assert rows("SELECT ended_at IS NOT NULL FROM carnet.heirs_reading WHERE space_id = %s", dead.space) == [(True,)]
    acts = await acts_of(dead.space)
    for wanted in (
        ("ask-for-heir", "done", None, None),
        ("answer-heir", "refused", "granted", None),
        ("answer-heir", "done", "granted", None),
        ("end-heir-reading", "done", None, None),
    ):
        assert wanted in acts, acts
    await other.close()


async def test_the_days_of_a_request_are_those_of_the_clock_on_the_agents_wall(app, family):
    evening = (clock.now() + dt.timedelta(days=1)).replace(hour=20, minute=50)
    with clock.frozen(evening):
        agent = await DeskScreen.of(app, departement="974")
        shown = await agent.get((await ask(agent, *family)).headers["location"])
        assert Language(code="fr").long_date((evening + dt.timedelta(hours=4)).date()) in shown.text
        await agent.close()


async def test_what_the_person_said_alive_refuses_at_once(app, agent, house, rows):
    dead, heir, doctor = await make_person(), await make_person(), await make_professional()
    await refuse_heirs(actor=dead.actor, space=dead.space, refused=True, at=clock.now())
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    asked = await ask(agent, dead, heir, doctor)
    page = asked.headers["location"]
    assert "refusé de son vivant" in (await agent.get(page)).text
    assert (await agent.get(f"{page}/lettre.pdf")).status_code == 200
    assert ("answer-heir", "done", "refused", "person-refused") in await acts_of(dead.space)
    other = await DeskScreen.of(app)
    assert (await other.post(page, {"reponse": "granted"})).status_code == 422
    assert rows("SELECT count(*) FROM carnet.heirs_reading WHERE space_id = %s", dead.space) == [(0,)]
    await other.close()


async def test_a_refusal_has_a_reason_and_a_letter(app, agent, family):
    dead, heir, doctor = family
    page = (await ask(agent, dead, heir, doctor)).headers["location"]
    other = await DeskScreen.of(app)
    assert (await other.post(page, {})).status_code == 422
    assert (await other.post(page, {"reponse": "motive"})).status_code == 303
    assert "aucun des trois motifs" in (await other.get(page)).text
    assert ("answer-heir", "done", "refused", "motive") in await acts_of(dead.space)
    await other.close()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"defunt_nom": "Autrement"}, "ne sont pas ceux du contact"),
        ({"qualite": "parent"}, "était majeure"),
        ({"qualite": ""}, "en quelle qualité"),
        ({"motif": ""}, "trois motifs"),
        ({"expose": " "}, "dit de son motif"),
        ({"rpps": "99999999999"}, "ne peut pas être désigné"),
        ({"ins": "1"}, "champ-ins"),
    ],
)
async def test_what_does_not_fit_is_said_and_nothing_is_kept(agent, family, rows, changes, said):
    dead, heir, doctor = family
    asked = await ask(agent, dead, heir, doctor, **changes)
    assert asked.status_code == 422
    assert said in asked.text
    assert rows("SELECT count(*) FROM carnet.heirs_request WHERE place = %s", dead.space) == [(0,)]


async def test_a_physician_the_person_blocked_is_one_that_cannot_be_named(agent, house):
    dead, heir, doctor = await make_person(), await make_person(), await make_professional()
    await block(actor=dead.actor, space=dead.space, rpps=doctor.rpps, finess=None, at=clock.now())
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    blocked = await ask(agent, dead, heir, doctor)
    unknown = await ask(agent, dead, heir, doctor, rpps="99999999999")
    problem = re.compile(r'class="field-error" id="erreur-rpps".*?</p>', re.DOTALL)
    assert problem.search(blocked.text)[0] == problem.search(unknown.text)[0], "which of the two is not told"


async def test_heirs_ask_about_the_dead_and_nobody_else_does(agent, family):
    dead, *_ = family
    living = await make_person()
    for person, who, status in ((dead, "person", 303), (dead, "representative", 303), (living, "heir", 422)):
        met = await agent.meet(**whom(person), channel="counter")
        proved = {"demandeur": who, "preuves": ["passport", "representation"]}
        checked = await agent.post(f"{met.headers['location']}/identite", proved)
        assert checked.status_code == status, who
        assert (await agent.get(f"{met.headers['location']}/ayant-droit")).status_code == 403
    met = await agent.meet(**whom(dead), channel="phone")
    by_phone = {"demandeur": "heir", "preuves": ["vitale-card", "insurer-file"]}
    assert (await agent.post(f"{met.headers['location']}/identite", by_phone)).status_code == 422


async def someone_with_secrets():
    """A person, and what of theirs is kept from one reader or another, each by its title."""
    dead, doctor = await make_person(), await make_professional()
    await give(dead, by=doctor, title="Analyse en vue")
    await give(dead, by=doctor, title="Analyse masquée", codes=frozenset({"MASQUE_PS"}))
    await give(dead, by=doctor, title="Analyse à annoncer", codes=frozenset({"INVISIBLE_PATIENT"}))
    await give(dead, by=doctor, title="Analyse sans parents", codes=frozenset({"INVISIBLE_REPRESENTANTS_LEGAUX"}))
    apart = await give(dead, by=doctor, title="Analyse à part")
    proved = msgspec.structs.replace(dead.actor, stepped_up_until=clock.now() + dt.timedelta(hours=1))
    marked = apart.documents[0].document_id
    await mark_apart(actor=proved, space=dead.space, document=marked, apart=True, at=clock.now())
    return dead


async def test_the_physician_reads_what_was_kept_from_nobody_and_nobody_else_does(app, agent, house):
    dead, heir, doctor, another = (
        await someone_with_secrets(),
        await make_person(),
        await make_professional(),
        await make_professional(),
    )
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    pro, nobody = at_work(), await make_person()
    await record_death(actor=OPERATOR, space=nobody.space, at=clock.now())
    before = await opens(pro, another, dead)
    assert before[0] == 200
    assert before == await opens(pro, another, nobody)
    assert (await opens(pro, doctor, dead))[0] == 200, "not before the answer"

    page = await let_in(app, agent, dead, heir, doctor)
    status, shown, deposits = await opens(pro, doctor, dead)
    assert (status, deposits) == (303, 303), "nothing is deposited for the dead"
    assert "Analyse en vue" in shown
    assert "causes de la mort" in shown
    assert not re.search("Analyse (masquée|à annoncer|sans parents|à part)", shown)
    assert 'href="/pro/patient/' in shown
    assert "/deposer" not in shown
    assert await opens(pro, another, dead) == before, "the grant shows to whom it names alone"
    async with work(space=dead.space, at=clock.now()) as w:
        found = await entries(w, filter_=Filter(with_refusals=True), limit=100)
    assert {one.ground for one in found if one.actor_id == doctor.rpps and one.act == "list-documents"} == {
        "heirs-request"
    }

    later = clock.now() + dt.timedelta(days=30, minutes=1)
    facts = await look(actor=doctor, space=dead.space, at=later)
    assert facts.decide(Need.LIST).reason == "space-not-open"
    assert (await look(actor=doctor, space=dead.space, at=clock.now())).decide(Need.READ).allowed
    assert not (await look(actor=doctor, space=dead.space, at=clock.now())).decide(Need.RECORD_CONSENT).allowed
    assert (await agent.post(f"{page}/fin")).status_code == 303
    assert (await opens(pro, doctor, dead))[0] == 200, "ended is closed, at once"


@pytest.mark.parametrize("fault", ["while it lasts", "of another"])
async def test_a_planted_hole_is_noticed(app, agent, family, rows, house, fault):
    """The row of the space is what lets in: one that lasts for ever, or names another, changes who reads."""
    dead, heir, doctor = family
    await let_in(app, agent, dead, heir, doctor)
    another = await make_professional()
    change = {"while it lasts": "ends_at = ends_at + interval '1 year'", "of another": f"rpps = '{another.rpps}'"}[
        fault
    ]
    with psycopg.connect(house.url("postgres")) as conn:
        conn.execute(f"UPDATE carnet.heirs_reading SET {change} WHERE space_id = %s", (dead.space,))
    at = clock.now() + dt.timedelta(days=40 if fault == "while it lasts" else 1)
    allowed = [(await look(actor=one, space=dead.space, at=at)).decide(Need.LIST).allowed for one in (doctor, another)]
    assert allowed == ([True, False] if fault == "while it lasts" else [False, True])


async def test_a_grown_minors_own_affairs_stay_theirs_and_their_parents_need_no_motive(app, agent, house, rows):
    today = clock.now().date()
    dead = await make_child(born=today.replace(year=today.year - 16, day=1).isoformat())
    parent, doctor = await make_person(), await make_professional()
    await refuse_heirs(actor=dead.actor, space=dead.space, refused=True, at=clock.now())
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    await let_in(app, agent, dead, parent, doctor, qualite="parent", motif="", expose="")
    (withheld,) = rows("SELECT withheld FROM carnet.heirs_reading WHERE space_id = %s", dead.space)[0]
    assert set(withheld) == sensitive_types()


async def test_who_died_of_age_left_no_minors_space_whenever_it_was_closed(agent, house):
    today = clock.now().date()
    dead = await make_child(born=today.replace(year=today.year - 20, day=1).isoformat())
    parent, doctor = await make_person(), await make_professional()
    await close_space(actor=OPERATOR, space=dead.space, at=clock.now() - dt.timedelta(days=4 * 365))
    await record_death(actor=OPERATOR, space=dead.space, at=clock.now())
    asked = await ask(agent, dead, parent, doctor, qualite="parent", motif="", expose="")
    assert asked.status_code == 422
    assert "était majeure" in asked.text


def test_four_eyes_and_reasons_are_the_tables_own(house, rows):
    """Whatever a page could be brought to do: the same agent, or a refusal without a reason, is no row."""
    row = """
    INSERT INTO carnet.heirs_request (request_id, place, heir, capacity, motive, physician, request_enc, asked_by,
      asked_at, answer, reason, answered_by, answered_at, until)
    SELECT gen_random_uuid(), gen_random_uuid(), sha256('x'), 'heir', 'causes', p.rpps, '', a.reference, now(),
      %s, %s, a.reference, now(), %s FROM
      (SELECT rpps FROM carnet.professional LIMIT 1) p, (SELECT reference FROM carnet.agent LIMIT 1) a
    """
    for answer, reason, until in (
        ("granted", None, dt.datetime.now(dt.UTC)),
        ("refused", "motive", None),
        ("refused", None, None),
    ):
        with psycopg.connect(house.url("postgres")) as conn, pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(row, (answer, reason, until))
