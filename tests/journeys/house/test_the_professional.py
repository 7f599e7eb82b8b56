"""A doctor at a desk: finds a person, asks, reads every kind, sends a letter back. The person is told."""

import re
from uuid import uuid4

from factories.pdf import make_pdf
from journeys.house.visitors import DESK


def test_a_doctor_finds_asks_reads_and_deposits_and_the_person_is_told(given, visitor):
    odette, doctor = given("odette"), given("souffle")
    title = f"Lettre de pneumologie {uuid4().hex[:6]}"
    at_work = visitor(width=DESK).signs_in_as_professional(doctor).expecting_refusals()
    # a number nobody has tells nothing
    at_work.fills(ins="299999999999934").clicks("Ouvrir le dossier").does_not_see("Sansonnet")

    # when they find the person, nothing is shown before the person agrees
    at_work.goes_to("/pro/patient").fills(ins=odette["ins"]["matricule"]).clicks("Ouvrir le dossier")
    at_work.sees("Recueillir l'accord").does_not_see("Prescription de kinésithérapie")
    assert odette["ins"]["matricule"] not in at_work.page.url
    at_work.clicks("Enregistrer l'accord et ouvrir").sees_heading("corriger")
    at_work.page.locator("[name=accord]").check()
    at_work.clicks("Enregistrer l'accord et ouvrir").sees("L'accord est enregistré")
    file_of_odette = at_work.page.url

    # then they list, and open a structured report and a PDF
    at_work.goes_to(f"{file_of_odette}?periode=tout").follows("Radiographie du bassin et de la hanche droite")
    at_work.sees_in_frame("hanche")
    at_work.goes_to(f"{file_of_odette}?periode=tout").follows("Prescription de kinésithérapie")
    picture = at_work.page.frame_locator("iframe").get_by_role("img").first
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 300

    # when they deposit a letter
    tabs = at_work.page.get_by_role("navigation", name="Navigation principale")
    at_work.goes_to(file_of_odette).follows("Déposer", within=tabs)
    letter = {"name": "lettre.pdf", "mimeType": "application/pdf", "buffer": make_pdf(title)}
    at_work.chooses_files("fichier", letter).fills(type="11488-4", titre=title, date="2026-09-20").clicks("Déposer")
    at_work.sees(re.compile("Le document est déposé")).goes_to(f"{file_of_odette}?periode=tout").sees(title)

    # then the person is told of the access and of the letter, and finds the letter
    person = visitor().signs_in(odette).goes_to("/notifications")
    person.sees("Premier accès d'un professionnel à votre espace : Éole Grand-Souffle")
    person.sees(f"« {title} »").goes_to("/acces").sees("Éole Grand-Souffle")
    person.goes_to("/activite?qui=professionnels").sees("a déclaré que vous lui donnez accès à vos documents")
    person.leaves()
    at_work.leaves()
