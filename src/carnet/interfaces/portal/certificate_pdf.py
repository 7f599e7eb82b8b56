"""The certificate of an erasure on paper: what was done and when, signed. It names nobody."""

import hashlib
from datetime import datetime

from carnet.design.language import Language
from carnet.design.paper import new_sheet, write
from carnet.interfaces.portal.presenters.certificate import certificate_facts


def certificate_pdf(*, said: str, note: str, issued_at: datetime, address: str, language: Language) -> bytes:
    """Return one A4 page, what is said and its signature attached. address: of the page that finds it again."""
    _ = language.gettext
    sheet = new_sheet(_("Certificat d'effacement"), at=issued_at, language=language)
    write(sheet, _("Certificat d'effacement"), size=20, style="B")
    sheet.ln(6)
    write(
        sheet, _("La clé qui ouvrait cet espace est détruite. Plus personne ne peut lire ce qu'il contenait."), size=12
    )
    sheet.ln(4)
    for fact in certificate_facts(language, said):
        write(sheet, f"{fact.term} : {fact.value}" if language.code == "fr" else f"{fact.term}: {fact.value}", size=12)
    sheet.ln(4)
    write(sheet, _("Ce papier ne dit pas qui vous êtes : gardez-le avec vos papiers."), size=10)
    write(sheet, _("Pour le retrouver et le vérifier : %(address)s") % {"address": address}, size=10)
    sheet.ln(4)
    write(sheet, _("Empreinte SHA-256, inscrite au registre public :"), size=9)
    write(sheet, hashlib.sha256(said.encode()).hexdigest(), size=8, family="Courier")
    write(sheet, note, size=7, family="Courier")
    sheet.embed_file(bytes=said.encode(), basename="certificat.json", desc="carnet-erasure/1", compress=True)
    sheet.embed_file(bytes=note.encode(), basename="certificat.note", desc="C2SP signed note")
    return bytes(sheet.output())
