"""The sentences of acts about the agenda (see `sentences` for the four parts)."""

from carnet.design.language import mark

AGENDA_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "list-agenda": (
        mark("Vous avez consulté votre agenda."),
        mark("%(actor)s a consulté votre agenda."),
        mark("consulter votre agenda"),
        "calendar",
    ),
    "add-appointment": (
        mark("Vous avez noté un rendez-vous dans votre agenda."),
        mark("%(actor)s a noté un rendez-vous dans votre agenda."),
        mark("noter un rendez-vous dans votre agenda"),
        "calendar",
    ),
    "change-appointment": (
        mark("Vous avez modifié un rendez-vous de votre agenda."),
        mark("%(actor)s a modifié un rendez-vous de votre agenda."),
        mark("modifier un rendez-vous de votre agenda"),
        "edit",
    ),
    "cancel-appointment": (
        mark("Vous avez noté qu'un rendez-vous est annulé."),
        mark("%(actor)s a noté dans votre agenda qu'un rendez-vous est annulé."),
        mark("noter dans votre agenda qu'un rendez-vous est annulé"),
        "close",
    ),
    "delete-appointment": (
        mark("Vous avez supprimé un rendez-vous de votre agenda."),
        mark("%(actor)s a supprimé un rendez-vous de votre agenda."),
        mark("supprimer un rendez-vous de votre agenda"),
        "trash",
    ),
    "add-reminder": (
        mark("Vous avez noté un rappel dans votre agenda."),
        mark("%(actor)s a noté un rappel dans votre agenda."),
        mark("noter un rappel dans votre agenda"),
        "bell",
    ),
    "change-reminder": (
        mark("Vous avez modifié un rappel de votre agenda."),
        mark("%(actor)s a modifié un rappel de votre agenda."),
        mark("modifier un rappel de votre agenda"),
        "edit",
    ),
    "delete-reminder": (
        mark("Vous avez supprimé un rappel de votre agenda."),
        mark("%(actor)s a supprimé un rappel de votre agenda."),
        mark("supprimer un rappel de votre agenda"),
        "trash",
    ),
}
