"""The main job, whole: a laboratory sends, the person is told, reads, decides; the professional reads what they may;
all of it is in the journal, in sentences.
"""

import re
from uuid import uuid4

from journeys.house.programs import mails_to
from journeys.house.visitors import DESK, PHONE

TITLE = f"Bilan du matin {uuid4().hex[:6]}"


def test_from_the_laboratory_to_the_person_and_to_the_doctor_they_allow(running, given, software, visitor):
    gaspard, doctor = given("gaspard"), given("brindavoine")
    before = len(mails_to(running, gaspard, at_least=0))

    # when a laboratory's software deposits a report
    document = software("labflux-laboratoire").sign_in().deposit_cda(gaspard, title=TITLE)
    assert document

    # then the person is told, in neutral words
    mail = mails_to(running, gaspard, at_least=before + 1)[0]
    assert mail["subject"] == "Du nouveau dans votre espace de santé"
    for secret in (TITLE, "Trois-Fontaines", gaspard["birth_name"], gaspard["ins"]["matricule"], document):
        assert secret not in mail["subject"] + mail["text"]
    person = visitor(width=PHONE).signs_in(gaspard)
    person.comes_back_until("/notifications", f"« {TITLE} »")

    # and reads it on a phone
    person.goes_to("/documents").follows(TITLE)
    person.sees_heading(TITLE).sees_in_frame("Potassium")

    # and sees who can see it
    person.sees("Qui peut le voir").sees("Aurèle Brindavoine")

    # the doctor they authorised finds it, by program and on the pages
    by_program = software("cabineo-maison").sign_in_for("brindavoine")
    assert TITLE in by_program.titles_of(gaspard)
    doctors_page = visitor(width=DESK).signs_in_as_professional(doctor)
    doctors_page.fills(ins=gaspard["ins"]["matricule"]).clicks("Ouvrir le dossier").sees(TITLE)
    file_of_gaspard = doctors_page.page.url

    # when the person hides it
    person.clicks(re.compile("Masquer aux")).sees("Le document est masqué aux professionnels.")

    # then nobody else finds it, counts it or opens it
    assert TITLE not in by_program.titles_of(gaspard)
    assert by_program.ask("GET", f"DocumentReference/{document}").status_code == 404
    assert by_program.ask("GET", f"Binary/{document}").status_code == 404
    doctors_page.goes_to(file_of_gaspard).does_not_see(TITLE)

    # when the person shows it again, the doctor reads it
    number = document_of(person)
    person.clicks(re.compile("Rendre visible")).sees(re.compile("de nouveau visible des professionnels"))
    assert TITLE in by_program.titles_of(gaspard)
    assert b"Potassium" in by_program.ask("GET", f"Binary/{document}", headers={"Accept": "text/xml"}).content
    doctors_page.goes_to(file_of_gaspard).follows(TITLE).sees_in_frame("Potassium")

    # and every one of those accesses is in the journal, in sentences
    person.goes_to(f"/documents/{number}").follows("Tout le journal de ce document")
    for told in (
        f"Laboratoire de biologie des Trois-Fontaines a ajouté « {TITLE} »",
        f"Vous avez consulté « {TITLE} »",
        f"Vous avez masqué « {TITLE} » aux professionnels",
        f"Vous avez rendu « {TITLE} » visible aux professionnels",
        f"Aurèle Brindavoine (médecin) a consulté « {TITLE} »",
        "Avec le logiciel Cabinéo",
    ):
        person.sees(told)
    person.goes_to("/activite?qui=moi").sees("Vous avez ouvert une session")
    person.goes_to("/activite?qui=professionnels").sees("Aurèle Brindavoine (médecin) a recherché votre espace")
    person.leaves()
    doctors_page.leaves()


def document_of(person) -> str:
    """The document of the page a person looks at."""
    return re.search(r"[0-9a-f]{32}", person.page.url).group()
