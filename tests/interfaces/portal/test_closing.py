"""Closing one's space on its pages: asked again who one is, told the day, shut out of every page, and let back in."""

import datetime as dt
import hashlib
import re
from uuid import UUID

import pytest

from carnet.access.api import end_representative
from carnet.identity.api import find_session
from carnet.infra import clock
from carnet.infra.db import work
from carnet.infra.web.audience import Audience, declared_routes
from carnet.journal.api import seat_statement_key
from carnet.journeys.actions import leave_family
from carnet.journeys.api import (
    ChildChoice,
    ForChild,
    ask_deletion,
    cancel_deletion,
    close_space,
    close_with_children,
    erase_space,
    record_death,
    reopen_space,
    suspend_space,
)
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import Conflict, Refused
from carnet.notifications.api import tell_family_of_closing
from carnet.spaces.api import Event, LifeChanged, Motive, State, life_in
from factories.events import as_owner, deliver, empty_queue
from factories.families import acting, attach, make_child, stand_for
from factories.world import OPERATOR, give, make_person, make_software
from interfaces.portal.conftest import WEB, words

HTTP_OK = 200
LONG_AGO = dt.timedelta(hours=1)


async def test_a_person_closes_changes_their_mind_twice_and_finds_everything_again(open_browser):
    browser = await open_browser()
    await give(browser.someone, by=await make_software(), at=clock.now(), title="Radio du genou")
    page = words(await browser.page("/fermer-mon-espace"))
    assert "Elles sont effacées pour toujours le" in page
    token = await browser.form_token()
    answer = await browser.post("/fermer-mon-espace", {"donnees": "effacer"}, token=token)
    assert answer.headers["location"] == "/espace-ferme"
    text = words(await browser.page("/espace-ferme"))
    assert "L'effacement de vos données est demandé" in text
    number = re.search(r"\b(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}\b", text)[0]
    assert number in words(await browser.page("/espace-ferme")), "the same each time"
    assert "Rouvrir" not in re.sub(r"Pour rouvrir.*?effacement", "", text)
    await browser.post("/espace-ferme/garder", token=token)
    text = words(await browser.page("/espace-ferme"))
    assert "Votre espace est fermé" in text
    assert "Demander l'effacement" in words(await browser.page("/espace-ferme/effacer"))
    answer = await browser.post("/espace-ferme/rouvrir", token=token)
    assert answer.headers["location"] == "/accueil"
    assert "Radio du genou" in words(await browser.page("/documents"))
    journal = words(await browser.page("/activite"))
    for line in ("Vous avez rouvert", "Vous avez fermé", "Vous avez demandé l'effacement", "Vous avez annulé"):
        assert line in journal


async def test_closing_asks_who_one_is_and_remembers_the_choice(open_browser):
    browser = await open_browser(proved=LONG_AGO)
    answer = await browser.post("/fermer-mon-espace", {"donnees": "effacer"})
    assert answer.headers["location"] == "/confirmer-identite?retour=%2Ffermer-mon-espace%3Fdonnees%3Deffacer"
    again = await browser.page("/fermer-mon-espace?donnees=effacer")
    assert re.search(r'value="effacer"[^>]*checked', again)
    for path in ("/espace-ferme/rouvrir", "/espace-ferme/effacer", "/espace-ferme/garder"):
        answer = await browser.post(path)
        assert answer.headers["location"].startswith("/confirmer-identite"), path


async def test_no_page_of_a_closed_space_shows_anything(app, open_browser):
    """Every page a person has leads to the one that is left; planted: an open space shows them."""
    browser = await open_browser()
    pages = [
        path
        for path, method, who in declared_routes(app)
        if method == "GET" and who == frozenset({Audience.PERSON}) and "{" not in path
    ]
    await give(browser.someone, by=await make_software(), at=clock.now(), title="Radio du genou")
    elsewhere = {"/confirmer-identite", "/espace-ferme", "/espace-ferme/effacer"}
    shown = [path for path in sorted(set(pages) - elsewhere) if (await browser.get(path)).status_code == HTTP_OK]
    assert len(shown) > 10
    await browser.post("/fermer-mon-espace", {"donnees": "garder"})
    led = 0
    for path in shown:
        answer = await browser.get(path)
        led += (answer.status_code, answer.headers.get("location")) == (303, "/espace-ferme")
        assert "Radio du genou" not in answer.text, path
    assert led >= len(shown) - 4, "a form that shows nothing of the space may stay"


async def test_suspended_says_until_when_and_the_dead_do_not_sign_in(open_browser):
    browser = await open_browser()
    await suspend_space(actor=OPERATOR, space=browser.someone.space, motive=Motive.FRAUD, at=clock.now())
    text = words(await browser.page("/espace-ferme"))
    assert "Votre espace est suspendu" in text
    assert "3422" in text
    assert "fraude" not in text.lower()
    await record_death(actor=OPERATOR, space=browser.someone.space, at=clock.now())
    token = browser._session[WEB.session_cookie]
    assert await find_session(token=token, door=WEB.door, limits=WEB.limits, at=clock.now()) is None


async def test_whoever_noted_the_number_finds_the_certificate_and_its_proof(client, open_browser, house):
    seat_statement_key(house.home / "statement.key", name="carnet.test/releve")
    browser = await open_browser()
    token = await browser.form_token()
    await browser.post("/fermer-mon-espace", {"donnees": "effacer"}, token=token)
    number = re.search(r"\b(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}\b", words(await browser.page("/espace-ferme")))[0]
    nothing = await client.get("/certificat", params={"numero": number})
    assert "Aucun certificat ne porte ce numéro" in words(nothing.text)
    over = clock.now() + dt.timedelta(days=31)
    await erase_space(actor=OPERATOR, space=browser.someone.space, at=over)
    typed = number.lower().replace("-", " ")
    page = words((await client.get("/certificat", params={"numero": typed})).text)
    assert "Ce certificat est authentique" in page
    assert "À la demande de la personne" in page
    paper = await client.get("/certificat/papier.pdf", params={"numero": typed})
    assert paper.content.startswith(b"%PDF")
    proof = (await client.get("/certificat/preuve.json", params={"numero": number})).json()
    assert str(browser.someone.space) not in str(proof)
    (entry,) = proof["waiting"]
    assert (entry["entry"]["act"], entry["entry"]["space_id"]) == ("erase-space", proof["space"])
    with as_owner(house) as conn:
        said = conn.execute(
            "SELECT said FROM erasure_certificate WHERE certificate_id = %s", (proof["space"],)
        ).fetchone()[0]
    assert entry["entry"]["details"]["certificate"] == hashlib.sha256(said.encode()).hexdigest()
    assert (await client.get("/certificat/papier.pdf", params={"numero": "AAAA"})).status_code == 404
    seat_statement_key(None)


async def a_family(open_browser):
    """A parent at their browser; a child with another parent too, one without, one of sixteen; and the other parent."""
    browser, other = await open_browser(), await make_person()
    shared, alone, grown = await make_child(), await make_child(name="Basile"), await make_child(born="2010-03-04")
    held = [await attach(one, browser.someone) for one in (shared, alone, grown)]
    await attach(shared, other)
    return browser, other, (shared, alone, grown), [f"enfant-{one.delegation.hex}" for one in held]


async def stands(*people):
    """Where each space is."""
    found = []
    for one in people:
        async with work(space=one.space, at=clock.now()) as w:
            found.append((await life_in(w)).state)
    return found


def traces(house, child):
    """Who did what in a child's space, the attaching left out."""
    with as_owner(house) as conn:
        sql = "SELECT act, actor_kind, outcome FROM journal_entry WHERE space_id = %s ORDER BY seq"
        found = conn.execute(sql, (child.space,)).fetchall()
    return [one for one in found if one[0] not in {"open-space", "record-delegation"}]


async def test_closing_asks_about_each_child_and_does_all_of_it(open_browser, house):
    browser, other, children, fields = await a_family(open_browser)
    shared, alone, grown = children
    page = await browser.page("/fermer-mon-espace")
    offered = [len(re.findall(rf'name="{field}" value="([^"]+)"', page)) for field in fields]
    assert offered == [3, 2, 0], "close, leave to the other, leave as is; at sixteen it is the child's own word"
    empty_queue(house)
    token = await browser.form_token()
    answer = await browser.post("/fermer-mon-espace", {fields[0]: "hand-over", fields[1]: "close"}, token=token)
    assert answer.headers["location"] == "/espace-ferme"
    assert await stands(browser.someone, *children) == [State.CLOSED, State.ACTIVE, State.CLOSED, State.ACTIVE]
    told = ("representative", "done")
    assert traces(house, shared) == [("end-delegation", *told)]
    assert traces(house, alone) == [("close-space", *told)]
    assert traces(house, grown) == []
    await deliver(house)
    with as_owner(house) as conn:
        heard = conn.execute("SELECT code FROM notification WHERE space_id = %s", (other.space,)).fetchall()
    assert heard == [("NOUVEAU_PROCHE",)]
    await browser.post("/espace-ferme/rouvrir", token=token)
    page = await browser.page("/proches")
    assert ("Basile".upper() in page.upper(), page.count("Cet espace est fermé")) == (True, 1)
    assert "Rouvrir cet espace" in page
    await browser.post("/proches/entrer", {"qui": fields[2].removeprefix("enfant-")}, token=token)
    there = await browser.page("/proches")
    assert ("Vous y êtes" in there, "Rouvrir cet espace" in there) == (True, False), "from one's own space only"
    await browser.post("/proches/revenir", token=re.search(r'name="_csrf_token" value="([^"]+)"', there)[1])
    await browser.post("/proches/rouvrir", {"qui": fields[1].removeprefix("enfant-")}, token=token)
    assert await stands(alone) == [State.ACTIVE]
    answer = await browser.post("/proches/rouvrir", {"qui": fields[0].removeprefix("enfant-")}, token=token)
    assert answer.status_code == 404, "left to the other parent"


@pytest.mark.parametrize("fault", ["killed", "over", "left to nobody", "none"])
async def test_of_a_family_everything_is_done_or_nothing(open_browser, house, monkeypatch, fault):
    """Killed between two children, a representation that ended meanwhile, a child nobody would be left to."""
    browser, _, (shared, alone, _), fields = await a_family(open_browser)
    held = {UUID(hex=one.removeprefix("enfant-")): one for one in fields[:2]}
    actors = dict(zip(held, (shared, alone), strict=True))
    chosen = ChildChoice.CLOSE if fault != "left to nobody" else ChildChoice.HAND_OVER
    if fault == "killed":
        monkeypatch.setattr(leave_family, "_hand_over", None)
        chosen = ChildChoice.HAND_OVER
    if fault == "over":
        row = next(row for row, child in actors.items() if child is alone)
        await end_representative(actor=OPERATOR, space=alone.space, delegation=row, at=clock.now())
    children = tuple(
        ForChild(
            space=child.space,
            delegation=row,
            actor=acting(browser.someone, child, row, kind=ActorKind.REPRESENTATIVE),
            choice=chosen if child is (alone if fault != "killed" else shared) else ChildChoice.CLOSE,
        )
        for row, child in actors.items()
    )
    someone = browser.someone
    closing = close_with_children(actor=someone.actor, space=someone.space, children=children, at=clock.now())
    if fault == "none":
        await closing
        assert set(await stands(someone, shared, alone)) == {State.CLOSED}
        return
    with pytest.raises((Conflict, TypeError)):
        await closing
    assert set(await stands(someone, shared, alone)) == {State.ACTIVE}
    refused = [one for one in traces(house, alone) if one[2] == "refused"]
    assert len(refused) == (0 if fault == "killed" else 1)


@pytest.mark.parametrize("planted", [False, True], ids=["by the closing", "planted"])
async def test_the_other_parent_hears_once_of_a_closing_though_it_is_told_again_the_day_after(house, planted):
    parent, other, child = await make_person(), await make_person(), await make_child()
    actors = [await attach(child, one) for one in (parent, other)]
    at = clock.now()
    for turn in range(2):
        now = at + dt.timedelta(days=turn)
        await close_space(actor=actors[0], space=child.space, at=now)
        event = LifeChanged(space=child.space, event=Event.CLOSE, moment=None if planted else now)
        for days in range(2):
            await tell_family_of_closing(event, at=now + dt.timedelta(days=3 * turn + days))
        await reopen_space(actor=actors[1], space=child.space, at=now + dt.timedelta(hours=1))
    with as_owner(house) as conn:
        heard = conn.execute("SELECT count(*) FROM notification WHERE space_id = %s", (other.space,)).fetchone()[0]
    assert heard == (4 if planted else 2), "two closings; a day as the key tells of each of them twice"


@pytest.mark.parametrize("measure", ["tutelle", "curatelle"])
async def test_of_an_adult_under_a_measure_closing_asks_nothing_says_what_becomes_of_them_and_tells_who_acts(
    open_browser, house, measure
):
    guardian, adult = await open_browser(), await open_browser()
    row = await stand_for(adult.someone, guardian.someone, measure=measure)
    page = await guardian.page("/fermer-mon-espace")
    assert f"enfant-{row.hex}" not in page
    assert "la mesure reste enregistrée" in words(page)
    assert adult.someone.traits.birth_name in words(page)
    empty_queue(house)
    answer = await adult.post("/fermer-mon-espace", {"donnees": "effacer"})
    assert answer.headers["location"] == "/espace-ferme"
    await deliver(house)
    with as_owner(house) as conn:
        heard = conn.execute("SELECT code FROM notification WHERE space_id = %s", (guardian.someone.space,)).fetchall()
    assert heard == [("NOUVEAU_PROCHE",)], "closed and asked to be erased in one breath: one line"
    near = words(await guardian.page("/proches"))
    assert ("Rouvrir cet espace" in near, "Espace de" in near) == (False, False)
    acts = acting(guardian.someone, adult.someone, row, kind=ActorKind.REPRESENTATIVE)
    for deed in (cancel_deletion, reopen_space, ask_deletion):
        with pytest.raises(Refused):
            await deed(actor=acts, space=adult.someone.space, at=clock.now())
    await guardian.post("/fermer-mon-espace")
    assert await stands(guardian.someone, adult.someone) == [State.CLOSED, State.DELETION_REQUESTED]
