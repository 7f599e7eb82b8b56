"""A person asks a practice with a short form: the fields of each kind, what the mail then says, what is refused. Pure.

What is written to the practice is French, as is everything it reads; the page has its own words. The subject names the
kind and nothing else: subjects are shown where nobody looked for a medicine's name.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

import msgspec

from carnet.kernel.errors import Invalid, Problem
from carnet.messaging.data import Writing
from carnet.messaging.practices import Asking, PracticeRules, Quota, RequestKind
from carnet.messaging.rules.practice_rules import begins_again

LONG: Final = 2000
SHORT: Final = 300


class Field(msgspec.Struct, frozen=True):
    """One field of a form. label: as the practice reads it."""

    name: str
    label: str
    required: bool = True
    most: int = SHORT
    day: bool = False


FORMS: Final[Mapping[RequestKind, tuple[Field, ...]]] = {
    RequestKind.RENEWAL: (
        Field("medicament", "Traitement à renouveler", most=LONG),
        Field("avant", "Avant le", required=False, day=True),
        Field("precision", "Précision", required=False, most=LONG),
    ),
    RequestKind.CERTIFICATE: (
        Field("certificat", "Certificat demandé"),
        Field("avant", "Avant le", required=False, day=True),
        Field("precision", "Précision", required=False, most=LONG),
    ),
    RequestKind.RESULT: (
        Field("resultat", "Résultat concerné", required=False),
        Field("question", "Question", most=LONG),
    ),
    RequestKind.ADMIN: (Field("question", "Question", most=LONG),),
}
SUBJECTS: Final[Mapping[RequestKind, str]] = {
    RequestKind.RENEWAL: "Demande de renouvellement d'ordonnance",
    RequestKind.CERTIFICATE: "Demande de certificat",
    RequestKind.RESULT: "Question sur un résultat",
    RequestKind.ADMIN: "Demande administrative",
}
WIRE: Final[Mapping[RequestKind, str]] = {
    RequestKind.RENEWAL: "renouvellement",
    RequestKind.CERTIFICATE: "certificat",
    RequestKind.RESULT: "resultat",
    RequestKind.ADMIN: "administratif",
}
"""The kinds as mail headers name them."""
_NEEDED: Final = ("Remplissez ce champ.", "Fill in this field.")
_TOO_LONG: Final = ("Ce texte est trop long.", "This text is too long.")
_NO_DAY: Final = ("Ce jour n'existe pas.", "There is no such day.")
_WHICH: Final = Problem(
    "result-which",
    "Choisissez un document de votre espace, ou dites de quel résultat il s'agit.",
    "Choose a document of your space, or say which result this is about.",
    "resultat",
)
KIND_NEEDED: Final = Problem(
    "request-kind-needed",
    "Cette boîte reçoit des demandes par formulaire : choisissez ce que vous demandez.",
    "This mailbox takes requests by form: choose what you are asking for.",
    "destinataires",
)
KIND_REFUSED: Final = Problem(
    "request-kind-refused",
    "Cette boîte ne reçoit pas ce genre de demande.",
    "This mailbox does not take this kind of request.",
    "genre",
)


def filled(writing: Writing) -> Writing:
    """Return `writing` with the subject and the text its form makes; unchanged without a form.

    Raises Invalid with the fields to correct.
    """
    asking = writing.asking
    if asking is None:
        return writing
    form, said = FORMS[asking.kind], {name: text.strip() for name, text in asking.said.items()}
    problems = [one for field in form for one in _wrong(field, said.get(field.name, ""))]
    referred = any(one.document is not None for one in writing.files)
    if asking.kind is RequestKind.RESULT and not said.get("resultat") and not referred:
        problems.append(_WHICH)
    if problems:
        raise Invalid(*problems)
    lines = [f"{field.label} : {_shown(field, said[field.name])}" for field in form if said.get(field.name)]
    if referred:
        lines.append("Document joint : voir la pièce jointe.")
    text = "\n".join((f"[{SUBJECTS[asking.kind]}]", "", *lines))
    return msgspec.structs.replace(writing, subject=SUBJECTS[asking.kind], text=text)


def check_asking(asking: Asking | None, rules: PracticeRules, *, answering: bool) -> None:
    """Raise Invalid unless this practice takes what is written this way."""
    if asking is not None:
        if asking.kind not in rules.kinds:
            raise Invalid(KIND_REFUSED)
        return
    if rules.kinds and not (answering and rules.free_answers):
        raise Invalid(KIND_NEEDED)


def counts(asking: Asking | None, *, answering: bool) -> bool:
    """Whether this is a request a quota counts; answering in one's own words what the practice wrote is none."""
    return asking is not None or not answering


def quota_spent(quota: Quota, *, at: datetime) -> Problem:
    """Return why no more can be asked now, in kind words, with the day it can again."""
    again = begins_again(quota, at=at)
    french = {"day": "par jour", "week": "par semaine", "month": "par mois"}[quota.per]
    some = "demande" if quota.requests == 1 else "demandes"
    some_en = "request" if quota.requests == 1 else "requests"
    return Problem(
        "request-quota",
        f"Pour pouvoir répondre à chacun, cette boîte reçoit {quota.requests} {some} {french} et par personne. "
        f"Vous pourrez lui écrire à nouveau le {again:%d/%m/%Y}. En cas d'urgence, appelez le 15.",
        f"To be able to answer everybody, this mailbox takes {quota.requests} {some_en} a {quota.per} from each "
        f"person. You can write again on {again:%d/%m/%Y}. In an emergency, call 15.",
        "destinataires",
    )


def _wrong(field: Field, said: str) -> list[Problem]:
    if not said:
        return [Problem("field-missing", *_NEEDED, field.name)] if field.required else []
    if len(said) > field.most:
        return [Problem("field-long", *_TOO_LONG, field.name)]
    if field.day and _day(said) is None:
        return [Problem("field-day", *_NO_DAY, field.name)]
    return []


def _shown(field: Field, said: str) -> str:
    day = _day(said) if field.day else None
    return f"{day:%d/%m/%Y}" if day else said.replace("\r\n", "\n")


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None
