"""The administrator's form: whom to keep out, named before anybody is, and what follows."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Form
from carnet.design.shell import FieldError
from carnet.design.vocabulary import profession
from carnet.identity.api import CareOrganisation, Professional
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.kernel.errors import Problem


class BlockingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `blocking.html` shows. meta: what is known of whom the number is of; empty while the number is asked for."""

    banner: Banner
    address: str
    form: Form
    heading: str
    meta: str
    consequences: tuple[str, ...]
    cancel: Action


def present_blocking(
    *,
    language: Language,
    banner: Banner,
    number: str = "",
    named: Professional | CareOrganisation | None = None,
    problems: tuple[Problem, ...] = (),
) -> BlockingPage:
    """Return the form. number: as typed, to be corrected; named: whom it is of, to be confirmed."""
    _ = language.gettext
    errors = tuple(FieldError("numero", problem.text(language.code)) for problem in problems[:1])
    return BlockingPage(
        banner=banner,
        address=f"{banner.address}/bloquer",
        form=Form({"numero": number}, errors),
        heading=_("Bloquer %(name)s ?") % {"name": named.name} if named else _("Bloquer un accès"),
        meta=_meta(named, language, number) if named else "",
        consequences=(
            _("Le professionnel ou l'établissement ne lit plus rien ici, pas même ses dépôts. Il peut encore déposer."),
            _("La personne voit dans son journal qui l'a bloqué, et peut seule le débloquer."),
        ),
        cancel=Action(_("Annuler"), banner.address, tone="quiet"),
    )


def _meta(named: Professional | CareOrganisation, language: Language, number: str) -> str:
    """What tells them from somebody of the same name: the profession, the town, the number."""
    kind = (
        profession(named.profession, language) if isinstance(named, Professional) else language.gettext("établissement")
    )
    return " · ".join(part for part in (kind[:1].upper() + kind[1:], named.town, number) if part)
