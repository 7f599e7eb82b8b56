"""The sentences of acts about access: emergencies, consents, disputes, restrictions, results that wait.

Each: by me, by someone else, what was asked for when it was refused, icon (see `sentences`).
"""

from carnet.design.language import mark

ACCESS_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "open-emergency": (
        mark("Vous avez ouvert votre espace en urgence."),
        mark("%(actor)s a ouvert votre espace en urgence, sans votre accord préalable."),
        mark("ouvrir votre espace en urgence"),
        "warning",
    ),
    "ask-emergency": (
        mark("Vous avez demandé un accès en urgence."),
        mark("%(actor)s a demandé à ouvrir votre espace en urgence ; un collègue doit l'approuver."),
        mark("demander un accès en urgence"),
        "warning",
    ),
    "approve-emergency": (
        mark("Vous avez approuvé un accès en urgence."),
        mark("%(actor)s a approuvé l'accès en urgence d'un collègue."),
        mark("approuver l'accès en urgence d'un collègue"),
        "warning",
    ),
    "end-emergency": (
        mark("Vous avez mis fin à un accès en urgence."),
        mark("%(actor)s a mis fin à son accès en urgence."),
        mark("mettre fin à un accès en urgence"),
        "access",
    ),
    "dispute-access": (
        mark("Vous avez signalé un accès que vous ne connaissez pas."),
        mark("%(actor)s a signalé un accès inconnu."),
        mark("signaler un accès inconnu"),
        "warning",
    ),
    "close-case": (
        mark("Vous avez clos un signalement."),
        mark("%(actor)s a répondu à un signalement d'accès."),
        mark("clore un signalement d'accès"),
        "access",
    ),
    "change-switches": (
        mark("Vous avez modifié vos choix d'accès."),
        mark("%(actor)s a modifié vos choix d'accès."),
        mark("modifier vos choix d'accès"),
        "access",
    ),
    "make-consent-code": (
        mark("Vous avez créé un code pour donner votre accord."),
        mark("%(actor)s a créé un code pour donner votre accord."),
        mark("créer un code d'accord"),
        "access",
    ),
    "record-team": (
        mark("Vous avez enregistré une équipe de soins."),
        mark("%(actor)s a enregistré une équipe de soins."),
        mark("enregistrer une équipe de soins"),
        "access",
    ),
    "end-team": (
        mark("Vous avez supprimé une équipe de soins."),
        mark("%(actor)s a supprimé une équipe de soins."),
        mark("supprimer une équipe de soins"),
        "access",
    ),
    "declare-doctor": (
        mark("Vous avez indiqué votre médecin traitant."),
        mark("%(actor)s a indiqué votre médecin traitant."),
        mark("indiquer votre médecin traitant"),
        "access",
    ),
    "restrict": (
        mark("Vous avez choisi à qui des documents sont montrés."),
        mark("%(actor)s a choisi à qui des documents sont montrés."),
        mark("choisir à qui des documents sont montrés"),
        "access",
    ),
    "end-restriction": (
        mark("Vous avez levé une restriction d'accès."),
        mark("%(actor)s a levé une restriction d'accès."),
        mark("lever une restriction d'accès"),
        "access",
    ),
    "refuse-heirs": (
        mark("Vous avez modifié ce qui sera possible après votre décès."),
        mark("%(actor)s a modifié ce qui sera possible après votre décès."),
        mark("modifier ce qui sera possible après votre décès"),
        "people",
    ),
    "safeguard": (
        mark("Vous avez modifié ce qui demande une confirmation d'identité."),
        mark("%(actor)s a modifié ce qui demande une confirmation d'identité."),
        mark("modifier ce qui demande une confirmation d'identité"),
        "access",
    ),
    "hold-document": (
        mark("Vous avez retenu un résultat à expliquer."),
        mark("%(actor)s vous expliquera un résultat avant de vous le montrer."),
        mark("retenir un résultat à expliquer"),
        "file",
    ),
    "ask-result": (
        mark("Vous avez demandé à voir un résultat sans attendre."),
        mark("%(actor)s a demandé à voir un résultat sans attendre."),
        mark("voir un résultat sans attendre"),
        "file",
    ),
    "release-document": (
        mark("Vous avez rendu %(title)s visible."),
        mark("%(actor)s vous a rendu visible %(title)s."),
        mark("rendre visible %(title)s"),
        "file",
    ),
    "see-as": (
        mark("Vous avez regardé ce que voit un professionnel."),
        mark("%(actor)s a regardé ce que voit un professionnel."),
        mark("regarder ce que voit un professionnel"),
        "access",
    ),
}
