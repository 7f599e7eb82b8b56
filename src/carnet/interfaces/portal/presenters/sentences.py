"""The journal in sentences a person understands: one for what I did, one for what someone else did.

Every act code of the journal has its two sentences here (a test compares with the journal's list); an unknown code
reads as a plain "action" rather than disappearing: the journal never hides a line.
"""

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Moment
from carnet.design.vocabulary import profession
from carnet.interfaces.portal.presenters.facts import TraceFacts


class Sentences(msgspec.Struct, frozen=True):
    """An act told: by me, by someone else, and what was asked for when it was refused.

    Placeholders: %(actor)s, %(title)s (a document, already quoted), %(party)s.
    """

    mine: str
    theirs: str
    asked: str
    icon: str


UNKNOWN = Sentences(
    mark("Vous avez fait une action dans votre espace."),
    mark("%(actor)s a fait une action dans votre espace."),
    mark("agir dans votre espace"),
    "activity",
)

SENTENCES: dict[str, Sentences] = {
    "sign_in": Sentences(
        mark("Vous avez ouvert une session."),
        mark("%(actor)s a ouvert une session."),
        mark("ouvrir une session"),
        "sign-in",
    ),
    "sign_out": Sentences(
        mark("Vous avez quitté votre session."),
        mark("%(actor)s a quitté sa session."),
        mark("quitter une session"),
        "sign-out",
    ),
    "end_session": Sentences(
        mark("Vous avez fermé une session à distance."),
        mark("%(actor)s a fermé une session à distance."),
        mark("fermer une session"),
        "device",
    ),
    "deposit_document": Sentences(
        mark("Vous avez ajouté %(title)s."),
        mark("%(actor)s a ajouté %(title)s."),
        mark("ajouter %(title)s"),
        "upload",
    ),
    "replace_document": Sentences(
        mark("Vous avez remplacé %(title)s."),
        mark("%(actor)s a remplacé %(title)s."),
        mark("remplacer %(title)s"),
        "replaced",
    ),
    "edit_document": Sentences(
        mark("Vous avez modifié %(title)s."),
        mark("%(actor)s a modifié %(title)s."),
        mark("modifier %(title)s"),
        "edit",
    ),
    "delete_document": Sentences(
        mark("Vous avez supprimé un document."),
        mark("%(actor)s a supprimé un document."),
        mark("supprimer %(title)s"),
        "trash",
    ),
    "read_document": Sentences(
        mark("Vous avez consulté %(title)s."),
        mark("%(actor)s a consulté %(title)s."),
        mark("consulter %(title)s"),
        "eye",
    ),
    "download_document": Sentences(
        mark("Vous avez téléchargé %(title)s."),
        mark("%(actor)s a téléchargé %(title)s."),
        mark("télécharger %(title)s"),
        "download",
    ),
    "list_documents": Sentences(
        mark("Vous avez consulté la liste de vos documents."),
        mark("%(actor)s a consulté la liste de vos documents."),
        mark("consulter la liste de vos documents"),
        "documents",
    ),
    "search_documents": Sentences(
        mark("Vous avez cherché dans vos documents."),
        mark("%(actor)s a cherché dans vos documents."),
        mark("chercher dans vos documents"),
        "search",
    ),
    "mask_document": Sentences(
        mark("Vous avez masqué %(title)s aux professionnels."),
        mark("%(actor)s a masqué %(title)s aux professionnels."),
        mark("masquer %(title)s"),
        "eye-off",
    ),
    "reveal_document": Sentences(
        mark("Vous avez rendu %(title)s visible aux professionnels."),
        mark("%(actor)s a rendu %(title)s visible."),
        mark("rendre visible %(title)s"),
        "eye",
    ),
    "authorise": Sentences(
        mark("Vous avez autorisé %(party)s à consulter vos documents."),
        mark("%(actor)s a déclaré que vous lui donnez accès à vos documents."),
        mark("donner un accès à vos documents"),
        "access",
    ),
    "end_authorisation": Sentences(
        mark("Vous avez mis fin à l'accès de %(party)s."),
        mark("%(actor)s a mis fin à son accès."),
        mark("mettre fin à un accès"),
        "lock",
    ),
    "block": Sentences(
        mark("Vous avez bloqué %(party)s."),
        mark("%(actor)s a bloqué %(party)s."),
        mark("bloquer %(party)s"),
        "ban",
    ),
    "unblock": Sentences(
        mark("Vous avez débloqué %(party)s."),
        mark("%(actor)s a débloqué %(party)s."),
        mark("débloquer %(party)s"),
        "unlock",
    ),
    "find_space": Sentences(
        mark("Vous avez ouvert votre espace."),
        mark("%(actor)s a recherché votre espace."),
        mark("ouvrir votre espace"),
        "search",
    ),
    "export_journal": Sentences(
        mark("Vous avez téléchargé votre journal."),
        mark("%(actor)s a téléchargé votre journal."),
        mark("télécharger votre journal"),
        "download",
    ),
    "change_settings": Sentences(
        mark("Vous avez modifié vos réglages."),
        mark("%(actor)s a modifié vos réglages."),
        mark("modifier vos réglages"),
        "settings",
    ),
    "notify": Sentences(
        mark("Une notification vous a été envoyée."),
        mark("Une notification vous a été envoyée."),
        mark("vous envoyer une notification"),
        "bell",
    ),
}


REFUSED_MINE = mark("Vous avez voulu %(asked)s. Cela a été refusé.")
REFUSED_THEIRS = mark("%(actor)s a voulu %(asked)s. Cela a été refusé.")


def sentence(trace: TraceFacts, language: Language) -> str:
    """The journal entry as one sentence."""
    found = SENTENCES.get(trace.act, UNKNOWN)
    words = {
        "actor": actor_words(trace, language),
        "title": language.gettext("« %(title)s »") % {"title": trace.document_title}
        if trace.document_title
        else language.gettext("un document"),
        "party": trace.party or language.gettext("un professionnel"),
    }
    if trace.refused:
        asked = language.gettext(found.asked) % words
        told = REFUSED_MINE if trace.by == "me" else REFUSED_THEIRS
        return language.gettext(told) % {"actor": words["actor"], "asked": asked}
    template = found.mine if trace.by == "me" else found.theirs
    return language.gettext(template) % words


def actor_words(trace: TraceFacts, language: Language) -> str:
    """Who acted, ready to start a sentence."""
    if trace.by == "professional" and trace.profession:
        return f"{trace.actor} ({profession(trace.profession, language)})"
    fallback = {
        "support": language.gettext("Le service d'aide"),
        "system": language.gettext("Carnet"),
        "me": language.gettext("Vous"),
    }
    return trace.actor or fallback.get(trace.by, language.gettext("Une personne non identifiée"))


def moment(trace: TraceFacts, language: Language, *, link: bool = True, full_date: bool = False) -> Moment:
    """The journal entry as a point of a timeline; emergency accesses and refusals stand out."""
    details = [trace.organisation] if trace.organisation else []
    if trace.software:
        details.append(language.gettext("Avec le logiciel %(name)s") % {"name": trace.software})
    if trace.mode != "normal":
        details.append(language.gettext("Accès en urgence, sans votre accord préalable"))
    if trace.refused:
        details.append(language.gettext("Rien n'a été montré ni changé."))
    return Moment(
        when=language.moment(trace.at) if full_date else language.time(trace.at),
        stamp=trace.at.isoformat(timespec="seconds"),
        sentence=sentence(trace, language),
        icon=SENTENCES.get(trace.act, UNKNOWN).icon,
        details=tuple(details),
        alert=trace.refused or trace.mode != "normal",
        href=f"/documents/{trace.document}" if link and trace.document else None,
        link=language.gettext("Voir le document"),
    )
