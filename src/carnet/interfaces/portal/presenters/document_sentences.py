"""The sentences of documents and of who may see them: added, read, masked, an access given or ended.

Each: by me, by someone else, what was asked for when it was refused, icon (see `sentences`).
"""

from carnet.design.language import mark

DOCUMENT_SENTENCES: dict[str, tuple[str, str, str, str]] = {
    "deposit-document": (
        mark("Vous avez ajouté %(title)s."),
        mark("%(actor)s a ajouté %(title)s."),
        mark("ajouter %(title)s"),
        "upload",
    ),
    "replace-document": (
        mark("Vous avez remplacé %(title)s."),
        mark("%(actor)s a remplacé %(title)s."),
        mark("remplacer %(title)s"),
        "replaced",
    ),
    "carry-over-document": (
        mark("Repris de votre ancien DMP : %(title)s."),
        mark("Repris de votre ancien DMP : %(title)s."),
        mark("reprendre un document de votre ancien DMP"),
        "documents",
    ),
    "edit-document": (
        mark("Vous avez modifié %(title)s."),
        mark("%(actor)s a modifié %(title)s."),
        mark("modifier %(title)s"),
        "edit",
    ),
    "archive-document": (
        mark("Vous avez archivé %(title)s."),
        mark("%(actor)s a archivé %(title)s."),
        mark("archiver %(title)s"),
        "file",
    ),
    "unarchive-document": (
        mark("Vous avez sorti %(title)s des archives."),
        mark("%(actor)s a sorti %(title)s des archives."),
        mark("sortir %(title)s des archives"),
        "file",
    ),
    "delete-document": (
        mark("Vous avez supprimé un document."),
        mark("%(actor)s a supprimé un document."),
        mark("supprimer %(title)s"),
        "trash",
    ),
    "read-document": (
        mark("Vous avez consulté %(title)s."),
        mark("%(actor)s a consulté %(title)s."),
        mark("consulter %(title)s"),
        "eye",
    ),
    "download-document": (
        mark("Vous avez téléchargé %(title)s."),
        mark("%(actor)s a téléchargé %(title)s."),
        mark("télécharger %(title)s"),
        "download",
    ),
    "list-documents": (
        mark("Vous avez consulté la liste de vos documents."),
        mark("%(actor)s a consulté la liste de vos documents."),
        mark("consulter la liste de vos documents"),
        "documents",
    ),
    "search-documents": (
        mark("Vous avez cherché dans vos documents."),
        mark("%(actor)s a cherché dans vos documents."),
        mark("chercher dans vos documents"),
        "search",
    ),
    "mask-document": (
        mark("Vous avez masqué %(title)s aux professionnels."),
        mark("%(actor)s a masqué %(title)s aux professionnels."),
        mark("masquer %(title)s"),
        "eye-off",
    ),
    "reveal-document": (
        mark("Vous avez rendu %(title)s visible aux professionnels."),
        mark("%(actor)s a rendu %(title)s visible."),
        mark("rendre visible %(title)s"),
        "eye",
    ),
    "authorise": (
        mark("Vous avez autorisé %(party)s à consulter vos documents."),
        mark("%(actor)s a donné accès à vos documents à %(party)s."),
        mark("donner un accès à vos documents"),
        "access",
    ),
    "end-authorisation": (
        mark("Vous avez mis fin à l'accès de %(party)s."),
        mark("%(actor)s a mis fin à son accès."),
        mark("mettre fin à un accès"),
        "lock",
    ),
    "block": (
        mark("Vous avez bloqué %(party)s."),
        mark("%(actor)s a bloqué %(party)s."),
        mark("bloquer %(party)s"),
        "ban",
    ),
    "unblock": (
        mark("Vous avez débloqué %(party)s."),
        mark("%(actor)s a débloqué %(party)s."),
        mark("débloquer %(party)s"),
        "unlock",
    ),
    "find-patient": (
        mark("Vous avez ouvert votre espace."),
        mark("%(actor)s a recherché votre espace."),
        mark("ouvrir votre espace"),
        "search",
    ),
    "read-metadata": (
        mark("Vous avez ouvert la fiche de %(title)s."),
        mark("%(actor)s a ouvert la fiche de %(title)s."),
        mark("ouvrir la fiche de %(title)s"),
        "file",
    ),
    "list-submissions": (
        mark("Vous avez consulté la liste des envois."),
        mark("%(actor)s a consulté la liste des envois reçus dans votre espace."),
        mark("consulter la liste des envois"),
        "documents",
    ),
    "record-consent": (
        mark("Vous avez donné votre accord."),
        mark("%(actor)s a déclaré que vous lui donnez accès à vos documents."),
        mark("déclarer que vous lui donnez accès"),
        "access",
    ),
}
