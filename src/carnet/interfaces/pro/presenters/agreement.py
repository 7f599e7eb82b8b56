"""Asking the person, then recording that they agreed: an explicit act, after words said aloud (mes.md P2, P16)."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Form
from carnet.design.shell import FieldError
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.kernel.errors import Problem


class AgreementPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `agreement.html` shows."""

    banner: Banner
    address: str
    sentence: str
    form: Form
    agreed: bool
    code_needed: bool
    minor: bool
    secret: bool
    deposit: Action
    emergency: Action


def present_agreement(
    *,
    language: Language,
    banner: Banner,
    code_needed: bool = False,
    agreed: bool | None = None,
    wrong: Problem | None = None,
    minor: bool = False,
    secret: bool = False,
) -> AgreementPage:
    """Return the page that asks. agreed: it was sent, with the box that says so or not; wrong: its code was not good.

    code_needed: the person asks for a one-time code with each agreement. What was typed is not shown again. minor: they
    may ask that their representatives be told nothing; secret: they did.
    """
    _ = language.gettext
    errors = []
    if agreed is False:
        errors.append(FieldError("accord", _("Cochez la case une fois que la personne a donné son accord.")))
    if wrong is not None:
        errors.append(FieldError("code", wrong.text(language.code)))
    return AgreementPage(
        banner=banner,
        address=f"{banner.address}/accord",
        sentence=_(
            "« Avec votre accord, je vais consulter votre carnet de santé. Un message vous en préviendra, mon passage "
            "sera inscrit dans votre journal, et vous pourrez m'en retirer l'accès quand vous voudrez. »"
        ),
        form=Form(errors=tuple(errors)),
        agreed=bool(agreed),
        code_needed=code_needed,
        minor=minor,
        secret=secret,
        deposit=Action(_("Déposer un document sans consulter"), f"{banner.address}/deposer", "upload"),
        emergency=Action(_("Ouvrir en urgence"), f"{banner.address}/urgence", "warning", "danger"),
    )
