"""The words that tell somebody a space will be opened for them: short sentences, an idea each, nothing of their health.

The e-mail names nobody; the letter names only whom it is addressed to. What the law wants said: that the space exists,
the right to object (also on line), how to close it later, and the delay. Source: R1111-28 CSP.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from carnet.infra.mail import Mail
from carnet.kernel.family_limits import FamilyLimits
from carnet.spaces.rules.beneficiaries import Beneficiary
from carnet.spaces.rules.codes import written
from carnet.spaces.rules.families import is_minor

ADULT = FamilyLimits().majority_age
"""Letters go by the law; who acts for whom goes by the setting."""
_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()  # noqa: SIM905 - a list of words
)


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one person is told. code: in clear, for the message only; opens_at: when it opens if nobody objects.

    asked_at: when another code was asked for at the desk, None for the first letter; is_open: their space is.
    """

    beneficiary: Beneficiary
    code: str
    key: str
    departement: str
    sent_at: datetime
    opens_at: datetime
    zone: str
    site: str
    asked_at: datetime | None = None
    is_open: bool = False

    @property
    def opening_day(self) -> str:
        """The civil day of the opening where the person lives, in French."""
        return in_french(self.opens_at.astimezone(ZoneInfo(self.zone)).date())

    @property
    def address(self) -> str:
        """Where to say no on line, or to come in once it is open; the code lies in the fragment, which is not sent."""
        return f"{self.site}/{'activation' if self.is_open else 'opposition'}#{self.code}"

    def __repr__(self) -> str:
        return "Notice(<hidden>)"


def in_french(day: date) -> str:
    """Return `day` as French letters write it."""
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def addressee(beneficiary: Beneficiary, *, at: datetime) -> tuple[str, ...]:
    """Return the lines of the address window; the parents of a child are written to, not the child."""
    first = ("Aux représentants légaux de",) if _is_child(beneficiary, at=at) else ()
    reach = beneficiary.reach
    return (*first, beneficiary.person.display_name, *reach.lines, f"{reach.postcode} {reach.town}".strip())


PARAGRAPHS = (
    (
        "La loi prévoit un espace numérique de santé pour chaque personne. C'est un lieu sûr, sur internet, pour "
        "garder vos documents de santé. Il est gratuit. Vous décidez qui peut les voir."
    ),
    "Si vous êtes d'accord, vous n'avez rien à faire. Votre espace ouvrira le {day}.",
    (
        "Si vous ne voulez pas d'espace, dites-le avant cette date. C'est votre droit. Vous n'avez pas à dire pourquoi."
        " Vous n'avez pas besoin de compte. Cela ne change rien à vos soins ni à vos remboursements."
    ),
    (
        "Pour refuser : sur {site}/opposition avec le code ci-dessous et votre date de naissance ; par téléphone au "
        "3422 ; par courrier ; ou à un guichet."
    ),
    (
        "Pour ouvrir votre espace tout de suite : sur {site}/activation, avec le code ci-dessous et votre carte "
        "Vitale, ou avec FranceConnect."
    ),
    "Vous pourrez changer d'avis à tout moment : fermer votre espace, ou l'ouvrir si vous avez refusé.",
)
AGAIN = "Un nouveau code a été demandé pour vous au service d'aide (3422), le {asked}. L'ancien code ne vaut plus."
NOT_ME = (
    "Si ni vous ni une personne qui vous représente ne l'avez demandé, appelez le 3422. Sans cette lettre et sans "
    "votre carte Vitale, personne n'ouvre votre espace."
)
OPEN_ALREADY = "Votre espace de santé est ouvert. Vous pouvez l'activer, le fermer, ou ne rien faire."
CHILD = (
    (
        "La loi prévoit un espace numérique de santé pour chaque personne, dès la naissance. Il s'agit ici de celui "
        "d'un enfant que vous représentez. C'est un lieu sûr, sur internet, pour garder ses documents de santé. "
        "Il est gratuit. Vous décidez qui peut les voir."
    ),
    "Si vous êtes d'accord, vous n'avez rien à faire. L'espace de l'enfant ouvrira le {day}.",
    (
        "Si vous ne voulez pas d'espace pour l'enfant, dites-le avant cette date. C'est votre droit. Vous n'avez pas à "
        "dire pourquoi. Vous n'avez pas besoin de compte. Cela ne change rien aux soins de l'enfant ni aux "
        "remboursements."
    ),
    (
        "Pour refuser : sur {site}/opposition avec le code ci-dessous et la date de naissance de l'enfant ; par "
        "téléphone au 3422 ; par courrier ; ou à un guichet."
    ),
    "Une fois l'espace ouvert, vous y entrez depuis le vôtre, page Mes proches.",
    "Vous pourrez changer d'avis à tout moment : fermer cet espace, ou l'ouvrir si vous avez refusé.",
)
"""Of whoever represents a child; {day}, {site} as above."""
AGAIN_CHILD = (
    "Un nouveau code a été demandé pour un enfant que vous représentez, au service d'aide (3422), le {asked}. L'ancien "
    "code ne vaut plus."
)
NOT_ME_CHILD = "Si aucun de ceux qui représentent l'enfant ne l'a demandé, appelez le 3422."
OPEN_ALREADY_CHILD = "L'espace de santé de l'enfant est ouvert. Vous pouvez y entrer, le fermer, ou ne rien faire."
TO_REFUSE = "Pour refuser avec un téléphone :\nprenez ce carré en photo."
TO_ACTIVATE = "Pour activer avec un téléphone :\nprenez ce carré en photo."
NEVER_ASKED = "Personne ne vous demandera ce code par téléphone. Il est valable six semaines et ne sert qu'une fois."
SUBJECT = "Une information sur votre espace de santé"
OF_A_CHILD = "Une information sur l'espace de santé d'un enfant"


def heading(notice: Notice) -> str:
    """Return what stands above the letter; the subject of an e-mail tells nobody of a child."""
    return OF_A_CHILD if _is_child(notice.beneficiary, at=notice.sent_at) else SUBJECT


def with_a_phone(notice: Notice) -> str:
    """Return what stands below the QR code of the letter: what it is for."""
    return TO_ACTIVATE if notice.is_open else TO_REFUSE


def paragraphs(notice: Notice) -> tuple[str, ...]:
    """Return the text of the letter and of the e-mail; of a child's, to whoever represents them."""
    child = _is_child(notice.beneficiary, at=notice.sent_at)
    usual = CHILD if child else PARAGRAPHS
    again, not_me, open_already = (
        (AGAIN_CHILD, NOT_ME_CHILD, OPEN_ALREADY_CHILD) if child else (AGAIN, NOT_ME, OPEN_ALREADY)
    )
    said: tuple[str, ...] = usual
    if notice.asked_at is not None:
        said = (again, *((open_already, usual[4]) if notice.is_open else usual[1:5]), not_me)
    asked = in_french(notice.asked_at.astimezone(ZoneInfo(notice.zone)).date()) if notice.asked_at else ""
    return tuple(one.format(day=notice.opening_day, site=notice.site, asked=asked) for one in said)


def _is_child(beneficiary: Beneficiary, *, at: datetime) -> bool:
    return is_minor(beneficiary.person.traits.birth_date, majority_age=ADULT, at=at)


def mail(notice: Notice, to: str) -> Mail:
    """Return the e-mail: neutral, without a name."""
    said = ("Bonjour,", *paragraphs(notice), f"Votre code : {written(notice.code)}", NEVER_ASKED)
    html = "".join(f"<p>{one}</p>" for one in said)
    return Mail(
        to=to,
        subject=SUBJECT,
        text="\n\n".join(said) + "\n",
        html=f'<!doctype html><html lang="fr"><body>{html}</body></html>',
        language="fr",
        message_key=f"{KEY_PREFIX}{notice.key}",
    )


def warning(to: str, *, key: str) -> Mail:
    """Return the e-mail that says another code is on its way by post: nothing to click, no code."""
    said = ("Bonjour,", LEAVES, NOT_ME)
    html = "".join(f"<p>{one}</p>" for one in said)
    return Mail(
        to=to,
        subject=SUBJECT,
        text="\n\n".join(said) + "\n",
        html=f'<!doctype html><html lang="fr"><body>{html}</body></html>',
        language="fr",
        message_key=f"nouveau-code-{key}",
    )


LEAVES = (
    "Un nouveau code pour votre espace de santé a été demandé au service d'aide (3422). Il part par la poste, à "
    "l'adresse que connaît votre assurance maladie."
)
KEY_PREFIX = "information-"
"""What a Message-ID of the campaign begins with, so that a bounce is recognised."""
