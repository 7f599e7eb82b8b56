"""Depositing a document in a few keystrokes: a file, its kind, and who may see it from the first second."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Action, Form, Option
from carnet.design.shell import FieldError
from carnet.design.vocabulary import CATEGORIES
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.kernel.errors import Problem
from carnet.terminology.api import document_type, document_types

USUAL: Final = (
    "11488-4",
    "57833-6",
    "96349-6",
    "PRESC-BIO",
    "55115-0",
    "11502-2",
    "18748-4",
    "34112-3",
    "11490-0",
    "60591-5",
    "89601-9",
)
BY_PATIENTS: Final = "DOCPAT"
ACCEPT: Final = ".pdf,.xml,.jpg,.jpeg,.png,.tif,.tiff,.txt,.rtf"
CHOICES: Final = ("N", "MASQUE_PS", "INVISIBLE_PATIENT")
SEXES: Final = (("F", mark("Femme")), ("M", mark("Homme")), ("U", mark("Non précisé")))
_OF_THE_PERSON: Final = ("ins", "subject", "sourcePatientInfo")
_FIELDS: Final = (
    ("securityLabel", "visibilite"),
    ("attachment.creation", "date"),
    ("attachment.title", "titre"),
    (".type", "type"),
    (".category", "type"),
)


class TypeGroup(msgspec.Struct, frozen=True):
    """Kinds of document under one heading of the list."""

    label: str
    options: tuple[Option, ...]


class DepositPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `deposit.html` shows."""

    banner: Banner
    address: str
    form: Form
    accept: str
    file_hint: str
    types: tuple[TypeGroup, ...]
    visibilities: tuple[Option, ...]
    cancel: Action


class UnopenedPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `deposit_unopened.html` shows."""

    address: str
    form: Form
    accept: str
    file_hint: str
    types: tuple[TypeGroup, ...]
    visibilities: tuple[Option, ...]
    sexes: tuple[Option, ...]
    cancel: Action


def present_deposit(
    *,
    language: Language,
    banner: Banner,
    today: date,
    max_bytes: int,
    values: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> DepositPage:
    """Return the form, empty or as it was sent with what to correct. max_bytes: the largest file taken."""
    _ = language.gettext
    typed = {"date": today.isoformat(), "visibilite": "N", **(values or {})}
    return DepositPage(
        banner=banner,
        address=f"{banner.address}/deposer",
        form=Form(typed, errors),
        accept=ACCEPT,
        file_hint=_file_hint(max_bytes, language),
        types=types_of(typed.get("type", ""), language),
        visibilities=visibilities_of(typed["visibilite"], language),
        cancel=Action(_("Annuler"), banner.address, tone="quiet"),
    )


def present_unopened(
    *,
    language: Language,
    today: date,
    max_bytes: int,
    values: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] = (),
) -> UnopenedPage:
    """Return the form for somebody whose file is not open. max_bytes: the largest file taken."""
    _ = language.gettext
    typed = {"date": today.isoformat(), "visibilite": "N", **(values or {})}
    return UnopenedPage(
        address="/pro/deposer",
        form=Form(typed, errors),
        accept=ACCEPT,
        file_hint=_file_hint(max_bytes, language),
        types=types_of(typed.get("type", ""), language),
        visibilities=visibilities_of(typed["visibilite"], language),
        sexes=tuple(Option(code, _(label), code == typed.get("sexe", "")) for code, label in SEXES),
        cancel=Action(_("Annuler"), "/pro/patient", tone="quiet"),
    )


def identity_errors_of(problems: tuple[Problem, ...], language: Language) -> tuple[FieldError, ...]:
    """As `errors_of`, for a form with the identity in it: what is about the person stands at the INS."""
    about = tuple(one for one in problems if any(part in (one.path or "") for part in _OF_THE_PERSON))
    rest = errors_of(tuple(one for one in problems if one not in about), language)
    said = dict.fromkeys(problem.text(language.code) for problem in about)
    return (*(FieldError("ins", text) for text in list(said)[:1]), *rest)


def identity_missing(values: Mapping[str, str], language: Language) -> tuple[FieldError, ...]:
    """Return what of an identity was left empty, in the order of the form; only fields that the form has."""
    said = {
        "ins": mark("Indiquez le matricule INS."),
        "nom": mark("Indiquez le nom de naissance."),
        "prenom": mark("Indiquez au moins un prénom."),
        "naissance": mark("Indiquez la date de naissance."),
    }
    return tuple(FieldError(name, language.gettext(said[name])) for name in said if values.get(name) == "")


def _file_hint(max_bytes: int, language: Language) -> str:
    _ = language.gettext
    limit = _("PDF, image, texte ou document clinique (CDA) de %(size)s au plus.") % {"size": language.size(max_bytes)}
    return f"{limit} {_('Pour un CDA, le type, le titre et la date sont lus dans le fichier.')}"


def errors_of(problems: tuple[Problem, ...], language: Language) -> tuple[FieldError, ...]:
    """Return each problem beside the field it is about, one a field; what names none is about the file."""
    found: dict[str, FieldError] = {}
    for problem in problems:
        path = problem.path or ""
        field = next((name for part, name in _FIELDS if path.endswith(part)), "fichier")
        found.setdefault(field, FieldError(field, problem.text(language.code)))
    order = ("fichier", "type", "titre", "date", "visibilite")
    return tuple(sorted(found.values(), key=lambda error: order.index(error.field)))


def types_of(chosen: str, language: Language) -> tuple[TypeGroup, ...]:
    """Return the kinds a professional writes, the usual ones first, each under one heading only."""
    usual = [known for code in USUAL if (known := document_type(code))]
    groups = [(language.gettext("Les plus courants"), usual)]
    rest = [one for one in document_types() if one not in usual and not one.code.startswith(BY_PATIENTS)]
    for code, look in CATEGORIES.items():
        groups.append((language.gettext(look.label), [one for one in rest if one.category == code]))
    return tuple(
        TypeGroup(label, tuple(Option(one.code, one.label(language.code), one.code == chosen) for one in kinds))
        for label, kinds in groups
        if kinds
    )


def visibilities_of(chosen: str, language: Language) -> tuple[Option, ...]:
    """Return who may see it from the first second."""
    _ = language.gettext
    words = {
        "N": (
            _("Le patient et les professionnels qu'il autorise"),
            _("Le cas habituel."),
        ),
        "MASQUE_PS": (
            _("Le patient et vous : masqué aux autres professionnels"),
            _("À sa demande. Il pourra le montrer quand il voudra."),
        ),
        "INVISIBLE_PATIENT": (
            _("Les professionnels autorisés : pas encore le patient"),
            _("Le temps d'une consultation d'annonce. Rien ne lui signale ce document."),
        ),
    }
    return tuple(Option(code, words[code][0], code == chosen, words[code][1]) for code in CHOICES)
