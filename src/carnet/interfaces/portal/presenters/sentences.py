"""The journal in sentences a person understands: one for what I did, one for what someone else did.

Every act code of the journal has its two sentences in one of the tables (a test compares with the journal's list); an
unknown code reads as a plain "action" rather than disappearing: the journal never hides a line.
"""

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Moment
from carnet.design.vocabulary import profession
from carnet.interfaces.portal.presenters.access_sentences import ACCESS_SENTENCES
from carnet.interfaces.portal.presenters.agenda_sentences import AGENDA_SENTENCES
from carnet.interfaces.portal.presenters.desk_sentences import DESK_SENTENCES
from carnet.interfaces.portal.presenters.document_sentences import DOCUMENT_SENTENCES
from carnet.interfaces.portal.presenters.facts import TraceFacts
from carnet.interfaces.portal.presenters.family_sentences import FAMILY_SENTENCES
from carnet.interfaces.portal.presenters.life_sentences import LIFE_SENTENCES
from carnet.interfaces.portal.presenters.message_sentences import MESSAGE_SENTENCES
from carnet.interfaces.portal.presenters.shown import SHOWN


class Sentences(msgspec.Struct, frozen=True):
    """An act told: by me, by someone else, and what was asked for when it was refused.

    Placeholders: %(actor)s, %(title)s (a document, already quoted), %(party)s,
    %(place)s (an address of ours).
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
    act: Sentences(*told)
    for table in (
        ACCESS_SENTENCES,
        AGENDA_SENTENCES,
        DESK_SENTENCES,
        DOCUMENT_SENTENCES,
        FAMILY_SENTENCES,
        LIFE_SENTENCES,
        MESSAGE_SENTENCES,
    )
    for act, told in table.items()
}
NEVER_IN_A_SPACE = frozenset(
    {
        "list-cases",
        "prove-identity",
        "send-login-code",
        "register-software",
        "suspend-software",
        "reinstate-software",
        "issue-token",
        "import-directory",
        "load-matrix",
        "search-directory",
        "collect-orphans",
        "purge-expired",
        "retry-dead-letter",
        "read-texts",
        "list-identity-flags",
        "look-for-misuse",
        "begin-log",
        "confirm-clock",
        "close-alert",
        "import-beneficiaries",
        "carry-over-records",
        "inform-beneficiaries",
        "open-due-spaces",
        "register-agent",
        "end-agent",
        "desk-end",
        "view-indicators",
        "count-indicators",
        "set-mailbox-rules",
        "record-opposition",
        "retract-opposition",
    }
)
"""Acts of the house, written in the security journal: no person's journal holds them."""


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
        "place": trace.place,
        "party": trace.party or language.gettext("un professionnel"),
    }
    if trace.refused:
        asked = language.gettext(found.asked) % words
        told = REFUSED_MINE if trace.by == "me" else REFUSED_THEIRS
        return language.gettext(told) % {"actor": words["actor"], "asked": asked}
    template = found.mine if trace.by == "me" else found.theirs
    return language.gettext(template) % words


_ROLES = {
    "representative": mark("%(name)s (représentant légal)"),
    "carer": mark("%(name)s (aidant)"),
}


def actor_words(trace: TraceFacts, language: Language) -> str:
    """Who acted, ready to start a sentence."""
    if trace.by in _ROLES and trace.actor:
        return language.gettext(_ROLES[trace.by]) % {"name": trace.actor}
    if trace.by == "professional" and trace.profession:
        return f"{trace.actor} ({profession(trace.profession, language)})"
    fallback = {
        "support": language.gettext("Le service d'aide"),
        "system": language.gettext("Carnet"),
        "me": language.gettext("Vous"),
        "representative": language.gettext("Votre représentant légal"),
        "carer": language.gettext("Votre aidant"),
    }
    return trace.actor or fallback.get(trace.by, language.gettext("Une personne non identifiée"))


def moment(trace: TraceFacts, language: Language, *, link: bool = True, full_date: bool = False) -> Moment:
    """The journal entry as a point of a timeline; emergency accesses and refusals stand out."""
    told = SENTENCES.get(trace.act, UNKNOWN)
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
        icon=told.icon,
        details=tuple(details),
        alert=trace.refused or trace.mode != "normal",
        href=_href(trace, told) if link else None,
        link=language.gettext("Voir ce qui a été montré") if trace.shown else language.gettext("Voir le document"),
    )


def _href(trace: TraceFacts, told: Sentences) -> str | None:
    if trace.shown:
        return f"{SHOWN}/{trace.shown}"
    return f"/documents/{trace.document}" if trace.document and "%(title)s" in told.theirs else None
