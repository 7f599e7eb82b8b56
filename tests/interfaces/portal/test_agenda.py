"""The agenda: written by its person, or by whom they gave it to; alone, with the rest, or not at all."""

import datetime as dt
import re
import uuid

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
