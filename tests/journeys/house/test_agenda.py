"""The agenda at a browser: by keyboard on a small phone in the dark, looked at by axe; and a carer's."""

import datetime as dt
import re

from playwright.sync_api import expect

from journeys.house.visitors import PHONE

SOON = (dt.datetime.now(dt.UTC) + dt.timedelta(days=9)).date()


def test_an_appointment_is_noted_by_keyboard_on_a_phone(given, visitor):
    person = visitor(width=PHONE, color_scheme="dark").signs_in(given("ghjulia")).goes_to("/agenda")
    person.sees("Ce n'est pas un outil de réservation")
    page = person.page
    page.get_by_role("link", name="Noter un rendez-vous").press("Enter")
    page.wait_for_url("**/agenda/ajouter")
    person.expecting_refusals()
    page.get_by_role("button", name="Enregistrer").press("Enter")
    summary = page.get_by_role("alert")
    summary.wait_for()
    expect(summary).to_be_focused()
    person.goes_to("/agenda/ajouter")
    page.get_by_label("Avec qui").press_sequentially("Dr Palpite")
    person.fills(date=SOON.isoformat(), heure="09:30", note="Venir à jeun")
    page.get_by_label("Pour quoi").press("Enter")
    page.wait_for_url("**/agenda")
    person.sees("Dr Palpite").sees("9 h 30").sees("C'est noté dans l'agenda")
    person.goes_to("/agenda/rappel").goes_to("/agenda")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "six tabs on the smallest phone"
    page.get_by_role("link", name="Supprimer").first.click()
    person.clicks("Supprimer").sees("Rien de prévu")
    person.leaves()


def test_a_carer_notes_one_for_whom_they_help_without_javascript(given, visitor):
    carer = visitor(script=False).signs_in(given("gaspard")).goes_to("/proches").clicks(re.compile("^Entrer"))
    carer.goes_to("/agenda").follows("Noter un rappel").fills(titre="Renouveler l'ordonnance", date=SOON.isoformat())
    carer.clicks("Enregistrer").sees("Renouveler l'ordonnance").sees("Écrit par vous")
    carer.leaves()
    helped = visitor().signs_in(given("auguste")).goes_to("/agenda").sees("Renouveler l'ordonnance")
    helped.sees("Écrit par Gaspard")
    helped.leaves()
