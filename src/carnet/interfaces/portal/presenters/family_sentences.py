"""The sentences of acts about who acts for whom (see `sentences` for the four parts)."""

from carnet.design.language import mark

FAMILY_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "act-for": (
        mark("Vous êtes allé dans cet espace."),
        mark("%(actor)s est venu dans votre espace pour agir à votre place."),
        mark("venir dans votre espace pour agir à votre place"),
        "people",
    ),
    "record-delegation": (
        mark("Vous avez enregistré une personne qui peut agir à votre place."),
        mark("%(actor)s a enregistré une personne qui peut agir à votre place."),
        mark("enregistrer une personne qui agit à votre place"),
        "people",
    ),
    "invite-delegate": (
        mark("Vous avez invité quelqu'un à agir à votre place."),
        mark("%(actor)s a invité quelqu'un à agir à votre place."),
        mark("inviter quelqu'un à agir à votre place"),
        "people",
    ),
    "answer-invitation": (
        mark("Vous avez répondu à une invitation."),
        mark("%(actor)s a répondu à l'invitation à agir à votre place."),
        mark("répondre à l'invitation à agir à votre place"),
        "people",
    ),
    "leave-open": (
        mark("Vous avez fermé votre espace et laissé celui-ci comme il est."),
        mark("%(actor)s a fermé son propre espace et laissé le vôtre comme il est."),
        mark("laisser votre espace comme il est"),
        "people",
    ),
    "end-delegation": (
        mark("Vous avez mis fin à une délégation."),
        mark("%(actor)s a mis fin à une délégation."),
        mark("mettre fin à une délégation"),
        "people",
    ),
}
