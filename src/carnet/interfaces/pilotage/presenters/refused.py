"""What is not shown: because it is not for who asks, or because nothing answers for now."""

import msgspec

from carnet.design.language import Language
from carnet.infra.web.refusals import SERVER_ERROR


class RefusedPage(msgspec.Struct, frozen=True):
    """What `refused.html` shows."""

    heading: str
    text: str


def present_refused(*, language: Language, status: int, told: str = "") -> RefusedPage:
    """Return the page of an HTTP status. told: what the domain said."""
    _ = language.gettext
    if status >= SERVER_ERROR:
        return RefusedPage(_("Carnet est momentanément indisponible"), _("Réessayez dans quelques minutes."))
    return RefusedPage(_("Cette page n'est pas pour vous"), told or _("Rien à cette adresse."))
