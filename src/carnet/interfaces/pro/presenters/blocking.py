"""The administrator's form: whom to keep out, and what follows."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Form
from carnet.design.shell import FieldError
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.kernel.errors import Problem


class BlockingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `blocking.html` shows."""

    banner: Banner
    address: str
    form: Form
    consequences: tuple[str, ...]
    cancel: Action


def present_blocking(*, language: Language, banner: Banner, number: str, problems: tuple[Problem, ...]) -> BlockingPage:
    """Return the form. number: as typed, to be corrected."""
    _ = language.gettext
    errors = tuple(FieldError("numero", problem.text(language.code)) for problem in problems[:1])
    return BlockingPage(
        banner=banner,
        address=f"{banner.address}/bloquer",
        form=Form({"numero": number}, errors),
        consequences=(
            _("Le professionnel ou l'établissement ne lit plus rien ici, pas même ses dépôts. Il peut encore déposer."),
            _("La personne voit dans son journal qui l'a bloqué, et peut seule le débloquer."),
        ),
        cancel=Action(_("Annuler"), banner.address, tone="quiet"),
    )
