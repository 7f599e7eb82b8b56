"""The sentences of a space itself: sessions and ways in, its life, its journal and notifications, its copy.

Each: by me, by someone else, what was asked for when it was refused, icon (see `sentences`).
"""

from carnet.design.language import mark

LIFE_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "sign-in": (
        mark("Vous avez ouvert une session."),
        mark("%(actor)s a ouvert une session."),
        mark("ouvrir une session"),
        "sign-in",
    ),
    "sign-out": (
        mark("Vous avez quitté votre session."),
        mark("%(actor)s a quitté sa session."),
        mark("quitter une session"),
        "sign-out",
    ),
    "end-session": (
        mark("Vous avez fermé une session à distance."),
        mark("%(actor)s a fermé une session à distance."),
        mark("fermer une session"),
        "device",
    ),
    "export-journal": (
        mark("Vous avez téléchargé votre journal."),
        mark("%(actor)s a téléchargé votre journal."),
        mark("télécharger votre journal"),
        "download",
    ),
    "change-settings": (
        mark("Vous avez modifié vos réglages."),
        mark("%(actor)s a modifié vos réglages."),
        mark("modifier vos réglages"),
        "settings",
    ),
    "notify": (
        mark("Une notification vous a été envoyée."),
        mark("Une notification vous a été envoyée."),
        mark("vous envoyer une notification"),
        "bell",
    ),
    "notify-apart": (
        mark("Un message vous a été envoyé au sujet de ce que vous gardez à part."),
        mark("Un message vous a été envoyé au sujet de ce que vous gardez à part."),
        mark("vous envoyer un message au sujet de ce que vous gardez à part"),
        "bell",
    ),
    "open-space": (
        mark("Votre espace a été ouvert."),
        mark("Votre espace a été ouvert."),
        mark("ouvrir votre espace"),
        "home",
    ),
    "add-credential": (
        mark("Vous avez ajouté un moyen de connexion."),
        mark("%(actor)s a ajouté un moyen de connexion."),
        mark("ajouter un moyen de connexion"),
        "lock",
    ),
    "drop-credential": (
        mark("Vous avez retiré un moyen de connexion."),
        mark("%(actor)s a retiré un moyen de connexion."),
        mark("retirer un moyen de connexion"),
        "unlock",
    ),
    "activate-space": (
        mark("Vous avez activé votre espace."),
        mark("%(actor)s a activé votre espace."),
        mark("activer votre espace"),
        "home",
    ),
    "first-access": (
        mark("Vous avez accédé à votre espace pour la première fois."),
        mark("%(actor)s a accédé à votre espace pour la première fois."),
        mark("accéder à votre espace"),
        "access",
    ),
    "view-journal": (
        mark("Vous avez consulté ce journal."),
        mark("%(actor)s a consulté ce journal."),
        mark("consulter ce journal"),
        "activity",
    ),
    "read-notification": (
        mark("Vous avez trié vos notifications."),
        mark("%(actor)s a trié vos notifications."),
        mark("trier vos notifications"),
        "bell",
    ),
    "delete-notification": (
        mark("Vous avez supprimé une notification."),
        mark("%(actor)s a supprimé une notification."),
        mark("supprimer une notification"),
        "trash",
    ),
    "destroy-space-key": (
        mark("Le contenu de votre espace a été effacé."),
        mark("Le contenu de votre espace a été effacé."),
        mark("effacer votre espace"),
        "trash",
    ),
    "accept-terms": (
        mark("Vous avez accepté les conditions."),
        mark("%(actor)s a accepté les conditions."),
        mark("accepter les conditions"),
        "check",
    ),
    "close-space": (
        mark("Vous avez fermé votre espace."),
        mark("%(actor)s a fermé votre espace."),
        mark("fermer votre espace"),
        "lock",
    ),
    "reopen-space": (
        mark("Vous avez rouvert votre espace."),
        mark("%(actor)s a rouvert votre espace."),
        mark("rouvrir votre espace"),
        "check",
    ),
    "ask-deletion": (
        mark("Vous avez demandé l'effacement de vos données."),
        mark("%(actor)s a demandé l'effacement de vos données."),
        mark("faire effacer vos données"),
        "trash",
    ),
    "cancel-deletion": (
        mark("Vous avez annulé l'effacement de vos données."),
        mark("%(actor)s a annulé l'effacement de vos données."),
        mark("annuler l'effacement de vos données"),
        "check",
    ),
    "suspend-space": (
        mark("Vous avez suspendu votre espace."),
        mark("%(actor)s a suspendu votre espace."),
        mark("suspendre votre espace"),
        "lock",
    ),
    "lift-suspension": (
        mark("Vous avez levé la suspension de votre espace."),
        mark("%(actor)s a levé la suspension de votre espace."),
        mark("lever la suspension de votre espace"),
        "check",
    ),
    "record-death": (
        mark("Un décès a été noté pour cet espace."),
        mark("Un décès a été noté pour cet espace."),
        mark("noter un décès"),
        "lock",
    ),
    "take-back-death": (
        mark("Vous avez corrigé un décès noté par erreur pour cet espace."),
        mark("%(actor)s a corrigé un décès noté par erreur pour cet espace."),
        mark("corriger un décès noté par erreur"),
        "check",
    ),
    "erase-space": (
        mark("Le contenu de votre espace a été effacé."),
        mark("Le contenu de votre espace a été effacé."),
        mark("effacer votre espace"),
        "trash",
    ),
    "ask-export": (
        mark("Vous avez demandé une copie de vos données."),
        mark("%(actor)s a demandé une copie de vos données."),
        mark("demander une copie de vos données"),
        "download",
    ),
    "make-export": (
        mark("La copie de vos données que vous aviez demandée a été préparée."),
        mark("Une copie de vos données a été préparée."),
        mark("préparer une copie de vos données"),
        "download",
    ),
    "download-export": (
        mark("Vous avez téléchargé la copie de vos données."),
        mark("%(actor)s a téléchargé la copie de vos données."),
        mark("télécharger la copie de vos données"),
        "download",
    ),
    "rotate-keys": (
        mark("Les clés qui protègent votre espace ont été renouvelées."),
        mark("Les clés qui protègent votre espace ont été renouvelées."),
        mark("renouveler les clés de votre espace"),
        "lock",
    ),
}
