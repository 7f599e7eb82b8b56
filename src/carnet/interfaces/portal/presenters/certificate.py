"""What a certificate of erasure says, to whoever has its number."""

from datetime import date, datetime
from urllib.parse import urlencode

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Fact, Form
from carnet.design.shell import FieldError

ADDRESS = "/certificat"


class CertificatePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `certificate.html` shows. paper, proof: addresses, empty when there is no certificate."""

    form: Form
    told: str
    facts: tuple[Fact, ...] = ()
    paper: str = ""
    proof: str = ""


def present_certificate(*, language: Language, typed: str, said: str | None) -> CertificatePage:
    """Return the page. said: what the certificate with this number says; None: there is none."""
    _ = language.gettext
    if said is None:
        wrong = _("Aucun certificat ne porte ce numéro. Vérifiez chaque caractère.")
        errors = (FieldError("numero", wrong),) if typed else ()
        return CertificatePage(form=Form({"numero": typed}, errors), told="")
    query = urlencode({"numero": typed})
    return CertificatePage(
        form=Form({"numero": typed}),
        told=_("Ce certificat est authentique. Ce que contenait cet espace est effacé, pour toujours."),
        facts=certificate_facts(language, said),
        paper=f"{ADDRESS}/papier.pdf?{query}",
        proof=f"{ADDRESS}/preuve.json?{query}",
    )


def certificate_facts(language: Language, said: str) -> tuple[Fact, ...]:
    """Return what was certified, line by line."""
    _ = language.gettext
    told = msgspec.json.decode(said)
    erased = datetime.fromisoformat(told["erased"])
    asked = told["ground"] == "express-request"
    given = (
        (_("Fermé le"), _day(language, told["closed"])),
        (_("Effacement demandé le"), _day(language, told["asked"]) if asked else ""),
        (_("Effacé le"), language.moment(erased)),
        (_("Pourquoi"), _("À la demande de la personne") if asked else _("Fin des dix ans de conservation")),
        (_("Clés détruites"), str(told["keys_destroyed"])),
    )
    return tuple(Fact(term, value) for term, value in given if value)


def _day(language: Language, text: str | None) -> str:
    return language.long_date(date.fromisoformat(text)) if text else ""
