"""Asking the person, then recording that they agreed: an explicit act, after words said aloud (mes.md P2, P16)."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Form
from carnet.design.shell import FieldError
from carnet.interfaces.pro.presenters.patient import Banner


class AgreementPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `agreement.html` shows."""

    banner: Banner
    address: str
    sentence: str
    form: Form
    deposit: Action
    emergency: Action


def present_agreement(*, language: Language, banner: Banner, missing: bool = False) -> AgreementPage:
    """Return the page that asks. missing: it was sent without the box that says the person agreed."""
    _ = language.gettext
    error = FieldError("accord", _("Cochez la case une fois que la personne a donné son accord."))
    return AgreementPage(
        banner=banner,
        address=f"{banner.address}/accord",
        sentence=_(
            "« Avec votre accord, je vais consulter votre carnet de santé. Un message vous en préviendra, mon passage "
            "sera inscrit dans votre journal, et vous pourrez m'en retirer l'accès quand vous voudrez. »"
        ),
        form=Form(errors=(error,) if missing else ()),
        deposit=Action(_("Déposer un document sans consulter"), f"{banner.address}/deposer", "upload"),
        emergency=Action(_("Ouvrir en urgence"), f"{banner.address}/urgence", "warning", "danger"),
    )
