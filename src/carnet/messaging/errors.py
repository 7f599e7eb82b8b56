"""Why a message cannot be written or found, in words a person understands."""

from typing import Final

from carnet.kernel.errors import Problem

NO_TEXT: Final = Problem(
    "message-empty",
    "Écrivez votre message ou joignez un document.",
    "Write your message or attach a document.",
    "texte",
)
TOO_LONG: Final = Problem("message-long", "Ce message est trop long.", "This message is too long.", "texte")
SUBJECT_LONG: Final = Problem("subject-long", "Cet objet est trop long.", "This subject is too long.", "objet")
NO_SUBJECT: Final = Problem("subject-missing", "Indiquez l'objet.", "Give a subject.", "objet")
NO_RECIPIENT: Final = Problem(
    "recipient-missing", "Choisissez à qui vous écrivez.", "Choose whom you are writing to.", "destinataires"
)
NOT_A_CONTACT: Final = Problem(
    "recipient-not-contact",
    "Vous pouvez écrire à un professionnel qui vous a déjà écrit et n'a pas mis fin à l'échange.",
    "You can write to a professional who has already written to you and has not ended the exchange.",
    "destinataires",
)
ENDED: Final = Problem(
    "conversation-ended",
    "Le professionnel a mis fin à cet échange : vous ne pouvez plus y répondre.",
    "The professional ended this exchange: you can no longer answer.",
)
STILL_HERE: Final = Problem(
    "message-still-here",
    "Un message de cette conversation n'est pas encore parti : dites si vous le retirez.",
    "A message of this conversation has not been sent yet: say whether you take it back.",
)
TOO_MUCH: Final = Problem(
    "attachments-large",
    "Les pièces jointes sont trop lourdes pour un seul message.",
    "The attachments are too large for one message.",
    "fichiers",
)
TOO_MANY: Final = Problem(
    "attachments-many", "Trop de pièces jointes dans ce message.", "Too many attachments in this message.", "fichiers"
)
