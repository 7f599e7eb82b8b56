"""Asking why, before anything is shown; and the colleagues who wait for a second yes."""

import msgspec

from carnet.access.api import WaitingEmergency
from carnet.design.language import Language
from carnet.design.parts import Action, Form, Option, Row
from carnet.design.shell import FieldError
from carnet.design.vocabulary import profession
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.kernel.errors import Problem


class EmergencyPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `emergency.html` shows. modes: empty unless there is a choice."""

    banner: Banner
    address: str
    form: Form
    modes: tuple[Option, ...]
    consequences: tuple[str, ...]
    cancel: Action


class WaitingPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `emergencies.html` shows."""

    rows: tuple[Row, ...]


def present_emergency(
    *, language: Language, banner: Banner, regulation: bool, reason: str, problems: tuple[Problem, ...]
) -> EmergencyPage:
    """Return the form. regulation: the professional works in a centre 15; reason: as typed, to be corrected."""
    _ = language.gettext
    errors = tuple(FieldError("raison", problem.text(language.code)) for problem in problems[:1])
    modes = (
        Option("bris_de_glace", _("La personne est en danger et ne peut pas donner son accord"), chosen=True),
        Option("centre_15", _("Je régule un appel du centre 15")),
    )
    return EmergencyPage(
        banner=banner,
        address=f"{banner.address}/urgence",
        form=Form({"raison": reason}, errors),
        modes=modes if regulation else (),
        consequences=(
            _("L'accès dure trente minutes, pour cette session et ce dossier."),
            _("La personne et son médecin traitant en sont prévenus aussitôt."),
            _("Chaque accès en urgence est relu ensuite, avec la raison que vous écrivez."),
            _("Ce que votre profession ne lit pas reste fermé, et ce qui est masqué aussi, sauf choix de la personne."),
        ),
        cancel=Action(_("Annuler"), banner.address, tone="quiet"),
    )


def present_waiting(*, language: Language, waiting: tuple[WaitingEmergency, ...]) -> WaitingPage:
    """Return the colleagues who wait; nothing of the patient is known here: the colleague says who it is."""
    _ = language.gettext
    return WaitingPage(
        rows=tuple(
            Row(
                title=one.name,
                icon="professional",
                meta=(
                    profession(one.profession, language),
                    _("demandé à %(moment)s") % {"moment": language.moment(one.asked_at)},
                    _("jusqu'à %(moment)s") % {"moment": language.moment(one.expires_at)},
                ),
                actions=(
                    Action(
                        _("Donner mon accord"),
                        "/pro/urgences/accord",
                        "check",
                        "danger",
                        post=True,
                        spoken=one.name,
                        values={"demande": one.handle},
                    ),
                ),
            )
            for one in waiting
        )
    )
