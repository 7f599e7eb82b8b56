"""A guardian is recorded and ended at the desk, upon a scanned judgment, by two agents; both people are told."""

import datetime as dt
import html
from uuid import UUID

import psycopg
import pytest

from carnet.access.actions import answer_guardianship
from carnet.access.api import RECORDED, DelegationChanged, Need, look
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.journeys.api import suspend_space
from carnet.kernel.actors import ActorKind
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.legal_day import legal_day
from carnet.notifications.api import tell_of_delegation
from carnet.spaces.api import Motive
from factories.at_desk import DeskScreen
from factories.families import acting, stand_for
from factories.heirs import whom
from factories.pdf import make_pdf
from factories.world import OPERATOR, make_person

DELEGATION = (
    "SELECT delegation_id, basis, looks_only_from IS NOT NULL, ended_by FROM carnet.delegation WHERE space_id = %s"
)
ANSWERS = (
    "SELECT g.answer FROM carnet.guardianship_request g JOIN carnet.ins_index i USING (ins_digest)"
    " WHERE i.space_id = %s"
)


def copied(person, guardian, **changes):
    """What an agent copies from a judgment."""
    today = legal_day(clock.now())
    return {
        "nom": person.traits.birth_name,
        "prenom": person.traits.given_names[0],
        "naissance": person.traits.birth_date,
        "ins": guardian.ins.matricule,
        "tuteur_nom": guardian.traits.birth_name,
        "tuteur_prenom": guardian.traits.given_names[0],
        "tuteur_naissance": guardian.traits.birth_date,
        "mesure": "tutelle",
        "tribunal": "Tribunal judiciaire de Niort",
        "jugement": (today - dt.timedelta(days=30)).isoformat(),
        "numero": "26/00042",
        "fin": (today + dt.timedelta(days=700)).isoformat(),
    } | changes


async def asked(agent, person, typed, *, channel="counter", shown=("passport",), asker="person", proof=True):
    met = await agent.meet(**whom(person), channel=channel)
    address = met.headers["location"]
    checked = await agent.post(f"{address}/identite", {"demandeur": asker, "preuves": list(shown)})
    assert checked.status_code == 303, checked.text
    files = {"lettre": ("jugement.pdf", make_pdf(), "application/pdf")} if proof else None
    return await agent.post(f"{address}/tutelle", typed, files=files)


async def granted(app, agent, person, typed):
    """Recorded by one agent, carried out by another: the address of the request."""
    first = await asked(agent, person, typed)
    assert first.status_code == 303, first.text
    page = first.headers["location"]
    other = await DeskScreen.of(app)
    answered = await other.post(page, {"reponse": "granted"})
    assert answered.status_code == 303, answered.text
    await other.close()
    return page


async def acts_of(space):
    async with work(space=space, at=clock.now()) as w:
        return {one.act for one in await entries(w, filter_=Filter(with_refusals=True), limit=100)}


async def reads(guardian, person, delegation):
    actor = acting(guardian, person, delegation, kind=ActorKind.REPRESENTATIVE)
    return (await look(actor=actor, space=person.space, at=clock.now())).decide(Need.LIST).allowed


async def test_two_agents_record_a_guardian_and_end_it_and_both_people_are_told(app, agent, house, rows):
    person, guardian = await make_person(), await make_person()
    page = (await asked(agent, person, copied(person, guardian))).headers["location"]
    shown = (await agent.get(page)).text
    assert "un autre agent doit y répondre" in shown
    assert 'name="reponse"' not in shown
    assert (await agent.post(page, {"reponse": "granted"})).status_code == 422, "the one who recorded it"
    assert (await agent.get(f"{page}/lettre.pdf")).status_code == 404
    assert (await asked(agent, person, copied(person, guardian))).status_code == 422, "asked once"
    assert rows(DELEGATION, person.space) == []

    other = await DeskScreen.of(app)
    listed = (await other.get("/guichet/tutelles")).text
    assert page in listed
    assert person.traits.birth_name not in listed
    told = html.unescape((await other.get(page)).text).upper()
    assert person.traits.birth_name.upper() in told
    assert guardian.traits.birth_name.upper() in told
    assert "26/00042" in told
    assert (await other.get(f"{page}/preuve")).content.startswith(b"%PDF")
    assert (await other.post(page, {})).status_code == 422
    assert (await other.post(page, {"reponse": "granted"})).headers["location"] == page
    assert (await other.post(page, {"reponse": "proof"})).status_code in {409, 422}, "answered once"
    assert (await other.get(f"{page}/lettre.pdf")).content.startswith(b"%PDF")
    assert page not in (await other.get("/guichet/tutelles")).text
    await other.close()
    ((delegation, basis, looks_only, ended),) = rows(DELEGATION, person.space)
    assert (basis, looks_only, ended) == ("tutelle", False, None)
    assert await reads(guardian, person, delegation)
    queued = "SELECT args::text FROM jobs.procrastinate_jobs WHERE args::text LIKE %s"
    assert any(RECORDED in one for (one,) in rows(queued, f"%{delegation}%"))
    await tell_of_delegation(
        DelegationChanged(space=person.space, delegation=delegation, what=RECORDED), at=clock.now()
    )
    heard = "SELECT code FROM carnet.notification WHERE space_id = %s"
    assert {("DELEGATION",)} == {*rows(heard, person.space)} == {*rows(heard, guardian.space)}
    steps = {"ask-guardianship", "see-guardianship", "answer-guardianship", "record-delegation"}
    assert steps <= await acts_of(person.space)
    assert "desk-find" in await acts_of(guardian.space), "they read that an agent looked them up"

    assert (await asked(agent, person, copied(person, guardian))).status_code == 422, "in force already"
    over = await granted(app, agent, person, copied(person, guardian, mesure="over", fin=""))
    assert "Fin de la mesure" in (await agent.get(over)).text
    assert rows(DELEGATION, person.space) == [(delegation, "tutelle", False, "desk")]
    assert not await reads(guardian, person, delegation)
    assert "end-delegation" in await acts_of(person.space)


async def test_a_curator_looks_and_one_the_command_recorded_is_ended_too(app, agent, house, rows):
    person, curator, known = await make_person(), await make_person(), await make_person()
    await stand_for(person, known)
    await granted(app, agent, person, copied(person, curator, mesure="curatelle"))
    await granted(app, agent, person, copied(person, known, mesure="over"))
    found = {(basis, looks_only, ended) for _, basis, looks_only, ended in rows(DELEGATION, person.space)}
    assert found == {("curatelle", True, None), ("tutelle", False, "desk")}


@pytest.mark.parametrize(
    ("given", "changes", "status"),
    [
        ({"channel": "phone", "shown": ("vitale-card", "insurer-file")}, {}, 422),
        ({"proof": False}, {}, 422),
        ({}, {"mesure": ""}, 422),
        ({}, {"tribunal": " ", "numero": ""}, 422),
        ({}, {"jugement": "2999-01-01"}, 422),
        ({}, {"fin": ""}, 422),
        ({}, {"fin": "9999-12-31"}, 422),
        ({}, {"tuteur_nom": "Autrement"}, 422),
        ({}, {"nom": "Autrement"}, 422),
        ({}, {"mesure": "over"}, 422),
        ({"asker": "representative", "shown": ("passport", "representation")}, {"mesure": "habilitation"}, 303),
        ({"channel": "post", "shown": ("copy",)}, {}, 303),
    ],
    ids=["phone", "no scan", "no measure", "no court", "to come", "no end", "no end in sight", "another guardian",
         "another person", "nothing to end", "representative", "post"],
)  # fmt: skip
async def test_what_a_judgment_says_is_whole_and_of_these_two(agent, house, rows, given, changes, status):
    person, guardian = await make_person(), await make_person()
    answered = await asked(agent, person, copied(person, guardian, **changes), **given)
    assert answered.status_code == status, answered.text
    assert rows(ANSWERS, person.space) == ([(None,)] if status == 303 else [])


async def test_what_is_not_written_is_asked_for_in_plain_words(agent):
    empty = dict.fromkeys(copied(await make_person(), await make_person()), "")
    page = (await asked(agent, await make_person(), empty)).text
    told = "Écrivez ce nom.", "Écrivez la date de naissance.", "Écrivez le numéro de sécurité sociale."
    assert [page.count(one) for one in told] == [8, 4, 2], "at the top, and beside each field"
    assert ("caractère de contrôle" in page, "AAAA-MM-JJ" in page, "matricule" in page) == (False, False, False)


async def test_nobody_guards_themselves(agent, house, rows):
    person = await make_person()
    answered = await asked(agent, person, copied(person, person))
    assert answered.status_code == 422
    assert "celui de la personne protégée" in html.unescape(answered.text)


async def test_a_refusal_changes_nothing_and_a_space_left_meanwhile_neither(app, agent, house, rows):
    person, guardian, late = await make_person(), await make_person(), await make_person()
    page = (await asked(agent, person, copied(person, guardian))).headers["location"]
    waiting = (await asked(agent, person, copied(person, late))).headers["location"]
    other = await DeskScreen.of(app)
    assert (await other.post(page, {"reponse": "other"})).status_code == 303
    assert "dit autre chose" in (await other.get(page)).text
    await suspend_space(actor=OPERATOR, space=person.space, motive=Motive.FRAUD, at=clock.now())
    assert (await other.post(waiting, {"reponse": "granted"})).status_code == 422
    await other.close()
    assert sorted(rows(ANSWERS, person.space), key=str) == [("refused",), (None,)]
    assert rows(DELEGATION, person.space) == []


async def test_an_answer_that_does_nothing_would_be_seen(app, agent, house, rows, monkeypatch):
    """Planted: the answer is kept, the guardian is not."""

    async def forgetful(*_, **__):
        return allow(Ground.DUTY), UUID(int=0)

    monkeypatch.setattr(answer_guardianship, "write_guardian", forgetful)
    person, guardian = await make_person(), await make_person()
    await granted(app, agent, person, copied(person, guardian))
    assert rows(DELEGATION, person.space) == []


def test_four_eyes_are_the_tables_own(house):
    row = """
    INSERT INTO carnet.guardianship_request (request_id, ins_digest, guardian, asker, shown, measure, file_enc,
      asked_by, asked_at, answer, reason, answered_by, answered_at)
    SELECT gen_random_uuid(), sha256('y'), sha256('z'), 'person', '{passport}', 'tutelle', '', a.reference, now(),
      %s, %s, a.reference, now()
    FROM (SELECT reference FROM carnet.agent LIMIT 1) a
    """
    for answer, reason in (("granted", None), ("refused", "proof")):
        with psycopg.connect(house.url("postgres")) as conn, pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(row, (answer, reason))
