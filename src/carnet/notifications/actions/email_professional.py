"""A professional is told of what concerns them: a patient's space opened in an emergency, a result asked for.

An ordinary e-mail says neither who nor where: a message that names the patient belongs to the secure professional
messaging. Sent at least once, always under the same Message-ID.
"""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from carnet.infra.db import work
from carnet.infra.jobs.handlers import GiveUp
from carnet.infra.mail import Mail, MailRefused
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.ids import SpaceId
from carnet.notifications.actions.email_notification import Mailing
from carnet.notifications.rules.channels import EMAIL
from carnet.notifications.rules.words import page, paragraphs


class Letter(msgspec.Struct, frozen=True):
    """A message to a professional, in French. code: what the journal says was sent."""

    code: str
    subject: str
    paragraphs: tuple[str, ...]


EMERGENCY = Letter(
    "ACCES_BRIS_GLACE_MT",
    "Accès en urgence à l'espace de santé d'un de vos patients",
    (
        "Bonjour,",
        "Un professionnel de santé a ouvert en urgence l'espace de santé d'un de vos patients.",
        "Ce message ne dit pas de qui il s'agit : la personne en est informée dans son espace.",
        "Vous recevez ce message comme médecin traitant (article R. 1111-48 du code de la santé publique).",
        "N'y répondez pas.",
    ),
)
RESULT_ASKED = Letter(
    "RESULTAT_DEMANDE",
    "Une personne demande à voir un résultat que vous deviez lui expliquer",
    (
        "Bonjour,",
        "Une personne demande à voir sans attendre un résultat que vous retenez pour le lui expliquer.",
        "Il lui sera montré à bref délai : prenez contact avec elle avant.",
        "Ce message ne dit pas de qui il s'agit : connectez-vous à votre logiciel. N'y répondez pas.",
    ),
)
_ADDRESS = "SELECT email FROM professional WHERE rpps = %s AND status = 'active'"


async def email_professional(
    *, actor: Actor, space: SpaceId, about: UUID, rpps: str, letter: Letter, mailing: Mailing, at: datetime
) -> bool:
    """Send `letter` and return whether a message left. Raises Unavailable (later) or GiveUp (address refused)."""
    async with work(space=space, at=at) as w:
        row = await w.row(_ADDRESS, (rpps,))
        if row is None or row[0] is None:
            return False
        body = paragraphs(*letter.paragraphs)
        mail = Mail(
            to=row[0],
            subject=letter.subject,
            text="\n\n".join(letter.paragraphs) + "\n",
            html=page(letter.subject, body, language="fr"),
            language="fr",
            message_key=hashlib.sha256(f"carnet/{letter.code}/".encode() + about.bytes).hexdigest()[:32],
        )
        try:
            await mailing.transport.send(mail, at=at)
        except MailRefused:
            raise GiveUp("the mail server refused the address") from None
        await record(w, Act.NOTIFY, allow(Ground.DUTY), actor=actor, details={"channel": EMAIL, "code": letter.code})
    return True
