"""The sentences of acts about messages: received, read, sent, delivered, deleted.

Each: by me, by someone else, what was asked for when it was refused, icon (see `sentences`).
"""

from carnet.design.language import mark

MESSAGE_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "receive-message": (
        mark("Un message est arrivé."),
        mark("%(actor)s vous a écrit."),
        mark("vous écrire"),
        "mail",
    ),
    "list-messages": (
        mark("Vous avez consulté la liste de vos messages."),
        mark("%(actor)s a consulté la liste de vos messages."),
        mark("consulter la liste de vos messages"),
        "mail",
    ),
    "read-message": (
        mark("Vous avez ouvert une conversation."),
        mark("%(actor)s a ouvert une de vos conversations."),
        mark("ouvrir une de vos conversations"),
        "mail",
    ),
    "read-attachment": (
        mark("Vous avez ouvert une pièce jointe."),
        mark("%(actor)s a ouvert une pièce jointe d'un de vos messages."),
        mark("ouvrir une pièce jointe"),
        "file",
    ),
    "collect-messages": (
        mark("Vos messages à un professionnel ont été relevés."),
        mark("%(actor)s a relevé les messages que vous lui avez écrits."),
        mark("relever les messages que vous lui avez écrits"),
        "mail",
    ),
    "send-message": (
        mark("Vous avez envoyé un message."),
        mark("%(actor)s a envoyé un message pour vous."),
        mark("envoyer un message"),
        "mail",
    ),
    "deliver-message": (
        mark("Un de vos messages a changé d'état."),
        mark("La remise d'un de vos messages a avancé (%(actor)s)."),
        mark("remettre un de vos messages"),
        "mail",
    ),
    "save-draft": (
        mark("Vous avez gardé un brouillon."),
        mark("%(actor)s a gardé un brouillon pour vous."),
        mark("garder un brouillon"),
        "edit",
    ),
    "place-conversation": (
        mark("Vous avez rangé une conversation."),
        mark("%(actor)s a rangé une de vos conversations."),
        mark("ranger une de vos conversations"),
        "documents",
    ),
    "delete-conversation": (
        mark("Vous avez supprimé une conversation."),
        mark("%(actor)s a supprimé une conversation."),
        mark("supprimer une conversation"),
        "trash",
    ),
    "replay-mail": (
        mark("Un message mis de côté a été remis en route."),
        mark("%(actor)s a remis en route un message mis de côté."),
        mark("remettre en route un message mis de côté"),
        "mail",
    ),
    "drop-mail": (
        mark("Un message mis de côté, qui ne pouvait pas être lu, a été écarté."),
        mark("%(actor)s a écarté un message mis de côté, qui ne pouvait pas être lu."),
        mark("écarter un message mis de côté"),
        "trash",
    ),
}
