"""What the messages are for, whole: a doctor writes with a result; the person is told, reads, keeps it and answers with
a photo; the doctor finds the answer and ends the exchange. On a phone by touch, at a desk by the keyboard alone.
"""

import io
import re
import zipfile
from uuid import uuid4

import pytest

from factories.cda import make_cda
from factories.images import make_jpeg
from journeys.house.programs import mails_to
from journeys.house.visitors import DESK, PHONE

PHOTO = {"name": "ordonnance.jpg", "mimeType": "image/jpeg", "buffer": make_jpeg(width=600, height=800)}
METADATA = """<SubmitObjectsRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0">
<RegistryObjectList xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><ExtrinsicObject id="document01">
<Slot name="URI"><ValueList><Value>CR.XML</Value></ValueList></Slot></ExtrinsicObject></RegistryObjectList>
</SubmitObjectsRequest>"""
HELLO = "Bonjour, voici votre bilan. Envoyez-moi une photo de votre ordonnance."
SECRETS = ("bilan", "ordonnance", "Brindavoine")


def result_of(person: dict, *, title: str) -> bytes:
    """An IHE_XDM archive with one biology report about this very person."""
    traits = person["traits"]
    cda = make_cda(
        extension=f"DOC-{uuid4().hex[:8]}",
        set_extension=f"SET-{uuid4().hex[:8]}",
        title=title,
        effective_time="20261120103000+0100",
        matricule=person["ins"]["matricule"],
        ins_oid=person["ins"]["oid"],
        birth_name=traits["birth_name"],
        used_name=None,
        given=traits["given_names"].split(),
        sex=traits["sex"],
        birth_date=traits["birth_date"].replace("-", ""),
        birth_place=traits["birth_place"],
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("IHE_XDM/SUBSET01/CR.XML", cda)
        archive.writestr("IHE_XDM/SUBSET01/METADATA.XML", METADATA)
    return packed.getvalue()


class Doctor:
    """A professional at the plainest webmail there is: the sandbox's."""

    def __init__(self, running, browser) -> None:
        self.base = running.manifest.mailbox.removesuffix("/mail")
        self.page = browser.new_context(locale="fr-FR").new_page()
        self.page.set_default_timeout(20_000)

    def writes(self, **fields) -> None:
        self.page.goto(f"{self.base}/mss/ecrire")
        self.fills_and_sends(**fields)

    def fills_and_sends(self, *, to="", sender="", subject="", text="", file=None, ends=False) -> None:
        if sender:
            self.page.locator("#de").select_option(label=sender)
        if to:
            self.page.locator("#a").select_option(value=to)
        if subject:
            self.page.fill("#objet", subject)
        self.page.fill("#texte", text)
        if file:
            self.page.set_input_files("#fichier", file)
        if ends:
            self.page.check("input[name=fin]")
        self.page.get_by_role("button").last.click()
        assert "250" in self.page.locator("code").inner_text()

    def waits_for(self, subject: str) -> None:
        for _ in range(60):
            self.page.goto(f"{self.base}/mss")
            found = self.page.get_by_role("link", name=subject)
            if found.count():
                found.first.click()
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"{subject} never came")

    def answers(self, **fields) -> None:
        self.page.locator("a[href*='/mss/ecrire?re=']").click()
        self.fills_and_sends(**fields)


def by_keyboard(person, name: str | re.Pattern) -> None:
    """Go with Tab to what has this name, see that it shows where one is, and press Enter."""
    page = person.page
    page.evaluate("document.activeElement && document.activeElement.blur()")
    for _ in range(120):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(() => { const e = document.activeElement;"
            " return (e.getAttribute('aria-label') || e.innerText || '').trim().split(/\\s+/).join(' ') })()"
        )
        if re.search(name, said):
            rings = page.evaluate(
                "[null, '::after'].map(part => getComputedStyle(document.activeElement, part).outlineStyle)"
            )
            assert {*rings} != {"none"}, said
            with page.expect_navigation():
                page.keyboard.press("Enter")
            person._look()
            return
    raise AssertionError(f"no way to {name} by keyboard")


def test_the_demo_is_lived_in(visitor, given):
    """Somebody wrote: an answer is wanted, a result is known as theirs already, a practice takes requests."""
    person = visitor(width=PHONE).signs_in(given("nour"))
    person.comes_back_until("/accueil", "3 conversations non lues.")
    person.goes_to("/messages").sees("Votre séance de préparation").sees("Demandes au cabinet")
    person.follows("Votre bilan avant accouchement").sees("Dans mes documents").sees("mis fin à cet échange")
    person.goes_to("/messages").follows("Demandes au cabinet").sees("Renouveler une ordonnance")


@pytest.mark.parametrize(("width", "login"), [(PHONE, "gaspard"), (DESK, "joaquim")])
def test_a_result_by_message_from_the_doctor_to_the_person_and_back(running, chromium, given, visitor, width, login):
    someone, subject = given(login), f"Vos résultats {uuid4().hex[:6]}"
    title = f"Bilan sanguin {uuid4().hex[:6]}"
    address = f"{someone['ins']['matricule'].lower()}@patient.carnet.invalid"
    before = len(mails_to(running, someone, at_least=0)) if someone["email"] else 0
    doctor = Doctor(running, chromium)
    # when a doctor writes, with a result
    archive = {"name": "IHE_XDM.ZIP", "mimeType": "application/zip", "buffer": result_of(someone, title=title)}
    doctor.writes(sender="Dr Aurèle Brindavoine", to=address, subject=subject, text=HELLO, file=archive)

    # then the person is told, in neutral words
    if someone["email"] and width == PHONE:
        mail = mails_to(running, someone, at_least=before + 1)[0]
        told = (mail["subject"] + mail["text"]).lower()
        assert not [one for one in (*SECRETS, subject, title) if one.lower() in told]

    # reads it
    person = visitor(width=width).signs_in(someone)
    go = person.clicks if width == PHONE else lambda name, **_: by_keyboard(person, name)
    person.comes_back_until("/messages", subject).sees("Nouveau")
    go(re.compile(subject), role="link")
    person.sees_heading(subject).sees(HELLO).sees(title)

    # keeps it in one tap: where it belongs was told before
    person.sees("sera rangé dans « Analyses de biologie »")
    go(re.compile("Enregistrer dans mes documents"))
    person.sees("C'est dans vos documents.").follows("Dans mes documents")
    person.sees_heading(title).sees("Analyses de biologie")
    person.page.go_back()

    # what they write is kept while they write, and when they go away in the middle of it
    if width == DESK:
        here = person.page.url.removeprefix(person.base_url)
        person.fills(texte="Voici").sees("Brouillon gardé").fills(texte="Voici mon début")
        person.comes_back_until("/messages?dossier=brouillons", "Voici mon début").goes_to(here)
        assert person.page.locator("[name=texte]").input_value() == "Voici mon début"

    # and answers with a photo
    person.page.locator("details.fold summary").first.click()
    person.chooses_files("fichiers", PHOTO).fills(texte="Voici la photo.")
    person.page.locator("[name=texte]").focus()
    go(re.compile("^Envoyer$"))
    person.sees("Votre message est parti.").sees("ordonnance.jpg")

    # then the doctor has it in their mailbox
    doctor.waits_for(f"Re: {subject}")
    assert "Voici la photo." in doctor.page.locator("pre").inner_text()
    assert re.search(r"\.(jpg|jpeg|png)", doctor.page.locator("dl").inner_text())

    # and ends the exchange, which the person sees
    doctor.answers(text="Merci, c'est tout bon. Je mets fin à cet échange.", ends=True)
    here = person.page.url.removeprefix(person.base_url).partition("#")[0]
    person.comes_back_until(here, "mis fin à cet échange").sees("Fin de l'échange").does_not_see("Votre réponse")
    person.goes_to("/messages?dossier=termines").sees(subject).sees("Échange terminé")
    person.goes_to("/messages?q=ordonnances").sees(subject)
    person.leaves()
    doctor.page.context.close()
