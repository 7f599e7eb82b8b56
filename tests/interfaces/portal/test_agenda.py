"""The agenda: written by its person, or by whom they gave it to; alone, with the rest, or not at all."""

import datetime as dt
import re
import uuid

import msgspec

from carnet.infra import clock
from carnet.infra.db import work
from carnet.spaces.api import hold_contact
from carnet.spaces.data import Reach
from carnet.spaces.queries.contact import store_contact
from factories.events import as_owner
from interfaces.portal.conftest import words
from interfaces.portal.test_families import a_family, go_into

TOMORROW = (dt.datetime.now(dt.UTC) + dt.timedelta(days=2)).date().isoformat()
VISIT = {"avec": "Dr Cunégonde Roux", "date": TOMORROW, "heure": "14:05", "titre": "Vaccin", "note": "À jeun"}


async def note(browser, path="/agenda/ajouter", **changes):
    """Fill in the form of an appointment, or of a reminder."""
    form = await browser.page(path)
    sent = {"saisie": re.search(r'name="saisie" value="([0-9a-f]+)"', form)[1]} | VISIT | changes
    return await browser.post(path, sent, token=re.search(r'name="_csrf_token" value="([^"]+)"', form)[1])


async def entries(browser):
    return re.findall(r"/agenda/([0-9a-f]{32})/supprimer", await browser.page("/agenda"))


async def test_an_appointment_is_noted_changed_cancelled_and_deleted(open_browser, house):
    me = await open_browser()
    assert (await note(me)).headers["location"] == "/agenda"
    page = words(await me.page("/agenda"))
    assert "Ce n'est pas un outil de réservation" in page
    for said in ("Vaccin", "Dr Cunégonde Roux", "à 14 h 05", "À jeun", "À venir"):
        assert said in page, said
    with as_owner(house) as conn:
        row = conn.execute("SELECT * FROM agenda_entry WHERE space_id = %s", (me.someone.space,)).fetchone()
        assert "Roux" not in str(row), "sealed"
    (one,) = await entries(me)
    form = await me.page(f"/agenda/{one}/modifier")
    assert 'value="14:05"' in form
    await me.post(f"/agenda/{one}/modifier", VISIT | {"heure": "15:30", "titre": ""})
    assert "Dr Cunégonde Roux" in words(await me.page("/agenda"))
    assert "15 h 30" in words(await me.page("/agenda"))
    await me.post(f"/agenda/{one}/annuler")
    assert "Annulé" in words(await me.page("/agenda"))
    await me.post(f"/agenda/{one}/supprimer")
    assert await entries(me) == []
    told = words(await me.page("/activite"))
    for said in ("noté un rendez-vous", "modifié un rendez-vous", "est annulé", "supprimé un rendez-vous"):
        assert said in told, said
    with as_owner(house) as conn:
        details = conn.execute(
            "SELECT details::text FROM journal_entry WHERE space_id = %s", (me.someone.space,)
        ).fetchall()
        assert "Roux" not in str(details)


async def test_a_form_that_is_wrong_says_so_beside_its_fields_and_one_sent_twice_writes_once(open_browser):
    me = await open_browser()
    wrong = await note(me, avec=" ", date="2026-02-30", heure="", note="x" * 1001)
    assert wrong.status_code == 400
    for field in ("avec", "date", "heure", "note"):
        assert f'href="#champ-{field}"' in wrong.text, field
    skipped = await note(me, date="2027-03-28", heure="02:30")
    assert "Cette heure n'existe pas ce jour-là" in words(skipped.text)
    once = uuid.uuid4().hex
    for _ in range(2):
        assert (await note(me, saisie=once)).status_code == 303
    assert await entries(me) == [once]


async def test_eleven_reminders_of_one_day_are_one_too_many(open_browser):
    me = await open_browser()
    for number in range(10):
        assert (await note(me, "/agenda/rappel", titre=f"Rappel {number}")).status_code == 303
    full = await note(me, "/agenda/rappel", titre="Encore un")
    assert full.status_code == 400
    assert "10 rappels ce jour-là" in words(full.text)
    assert (await note(me, "/agenda/rappel", date="2020-01-01", titre="Hier")).status_code == 400


async def test_what_is_past_is_no_longer_cancelled(open_browser):
    me = await open_browser()
    await note(me)
    assert "/annuler" in await me.page("/agenda")
    (one,) = await entries(me)
    await me.post(f"/agenda/{one}/modifier", VISIT | {"date": "2026-01-05"})
    past = await me.page("/agenda")
    assert ("Passé" in words(past), "/annuler" in past, await entries(me)) == (True, False, [one])


async def test_another_person_finds_nothing_there(open_browser):
    me, stranger = await open_browser(), await open_browser()
    await note(me)
    (one,) = await entries(me)
    assert await entries(stranger) == []
    for verb in ("modifier", "annuler", "supprimer"):
        assert (await stranger.get(f"/agenda/{one}/{verb}")).status_code == 404
        assert (await stranger.post(f"/agenda/{one}/{verb}", VISIT)).status_code == 404
    assert await entries(me) == [one]


async def test_a_parent_writes_in_the_childs_agenda_and_the_child_reads_who_did(open_browser):
    parent, child = await a_family(open_browser)
    await go_into(parent, "Lison")
    assert (await note(parent)).headers["location"] == "/agenda"
    assert "Écrit par vous" in words(await parent.page("/agenda"))
    me = await open_browser(child)
    assert f"Écrit par {parent.someone.traits.given_names[0]}" in words(await me.page("/agenda"))
    told = words(await me.page("/activite?qui=proches"))
    assert f"{parent.someone.traits.birth_name} (représentant légal) a noté un rendez-vous dans votre agenda" in told


async def test_overseas_an_hour_says_by_whose_clock_it_is(open_browser):
    me = await open_browser()
    space, at = me.someone.space, clock.now()
    async with work(space=space, at=at) as w:
        there = Reach(email=None, phone=None, lines=("1 rue de la Baie",), postcode="97400", town="SAINT-DENIS")
        await store_contact(w, msgspec.structs.replace(await hold_contact(w), insurer=there))
    assert "Heure de La Réunion" in await me.page("/agenda/ajouter")
    wrong = await note(me, avec="", horloge="Indian/Reunion")
    assert "Heure de La Réunion" in wrong.text
    await note(me)
    assert "à 14 h 05 (heure de La Réunion)" in words(await me.page("/agenda"))
    (one,) = await entries(me)
    assert "Heure de La Réunion" in await me.page(f"/agenda/{one}/modifier")
    at_home = await open_browser()
    await note(at_home)
    assert "(heure" not in words(await at_home.page("/agenda"))


async def test_the_first_page_says_when_the_next_appointment_is_to_its_person_alone(open_browser):
    parent, child = await a_family(open_browser)
    me = await open_browser(child)
    assert "Prochain rendez-vous" not in await me.page("/accueil")
    sooner = (dt.date.fromisoformat(TOMORROW) - dt.timedelta(days=1)).isoformat()
    await note(me, date=sooner, avec="Dr Annulé")
    await me.post(f"/agenda/{(await entries(me))[0]}/annuler")
    await note(me, "/agenda/rappel", date=sooner, titre="Ordonnance")
    await note(me, date="2020-01-06", avec="Dr Passé")
    await note(me)
    said = words(await me.page("/accueil"))
    assert re.search(r"Prochain rendez-vous : \w+ [^:]+ à 14 h 05, Dr Cunégonde Roux", said)
    assert not any(word in said for word in ("Dr Annulé", "Ordonnance", "Dr Passé", "Vaccin"))
    await go_into(parent, "Lison")
    shown = await parent.page("/accueil")
    assert "Prochain rendez-vous" not in shown, "the agenda's page shows it, and leaves its trace"
