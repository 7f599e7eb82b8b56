"""The visit: what a space looks like, with a person who does not exist."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, Mark, Row


class VisitPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `visit.html` shows. place: "1 sur 4"; told: what to know about these rows."""

    heading: str
    place: str
    told: tuple[str, ...]
    rows: tuple[Row, ...]
    actions: tuple[Action, ...]


def present_visit(*, language: Language, step: int, inside: bool) -> VisitPage:
    """Return one page of the visit, from 1 to STEPS. inside: the reader has a space already."""
    _ = language.gettext
    heading, told, rows = _STEPS[step - 1](language)
    forward = (
        Action(_("Continuer la visite"), f"/visite/{step + 1}", "right", "primary")
        if step < STEPS
        else Action(_("Aller à mon accueil"), "/accueil", "home", "primary")
        if inside
        else Action(_("Ouvrir mon espace maintenant"), "/activation", "sign-in", "primary")
    )
    back = Action(_("Page précédente"), f"/visite/{step - 1}", "left", "quiet") if step > 1 else None
    leave = Action(_("Quitter la visite"), "/accueil" if inside else "/", "", "quiet")
    return VisitPage(
        heading=heading,
        place=_("Visite, page %(step)s sur %(steps)s") % {"step": step, "steps": STEPS},
        told=told,
        rows=rows,
        actions=tuple(one for one in (forward, back, leave) if one),
    )


Step = tuple[str, tuple[str, ...], tuple[Row, ...]]


def _documents(language: Language) -> Step:
    _ = language.gettext
    told = (
        _("Voici l'espace de Camille Exemple, qui n'existe pas."),
        _("L'hôpital, le laboratoire ou votre médecin y envoient vos documents ; vous y ajoutez les vôtres."),
    )
    rows = (
        Row(
            title=_("Prise de sang"),
            icon="biology",
            meta=(_("Laboratoire des Exemples"), _("il y a deux jours")),
            marks=(Mark("new", _("Nouveau")),),
        ),
        Row(
            title=_("Ordonnance"),
            icon="care",
            hue="clay",
            meta=(_("Dr Anne Exemple, médecin généraliste"), _("en mars")),
        ),
        Row(
            title=_("Carnet de vaccination"),
            icon="vaccination",
            hue="sage",
            meta=(_("Ajouté par Camille"),),
            marks=(Mark("mine", _("Ajouté par vous")),),
        ),
    )
    return _("Vos documents arrivent d'eux-mêmes"), told, rows


def _access(language: Language) -> Step:
    _ = language.gettext
    told = (
        _("Personne ne lit sans votre accord, sauf urgence vitale ; même cela, vous pouvez le refuser."),
        _("Vous pouvez masquer un document, bloquer quelqu'un, mettre fin à un accès : c'est immédiat."),
    )
    rows = (
        Row(
            title=_("Dr Anne Exemple, médecin généraliste"),
            icon="professional",
            meta=(_("Médecin traitant"), _("autorisée par Camille")),
        ),
        Row(
            title=_("Pharmacie des Exemples"),
            icon="organisation",
            hue="clay",
            meta=(_("bloquée par Camille"),),
            marks=(Mark("danger", _("Bloqué")),),
        ),
    )
    return _("Vous décidez qui les lit"), told, rows


def _activity(language: Language) -> Step:
    _ = language.gettext
    told = (
        _("Chaque lecture, chaque refus est écrit dans votre journal, que personne ne peut réécrire."),
        _("Un accès vous étonne ? Vous le contestez en une pression."),
    )
    rows = (
        Row(title=_("Le laboratoire a ajouté un document"), icon="plus", meta=(_("il y a deux jours"),)),
        Row(title=_("Dr Anne Exemple a lu « Prise de sang »"), icon="eye", hue="sky", meta=(_("hier"),)),
        Row(title=_("Camille a masqué un document"), icon="eye-off", hue="plum", meta=(_("aujourd'hui"),)),
    )
    return _("Rien ne se fait en cachette"), told, rows


def _choice(language: Language) -> Step:
    _ = language.gettext
    told = (
        _("Ni assureur, ni employeur, ni État n'entre ici."),
        _("Vous pouvez fermer votre espace à tout moment, emporter une copie, ou faire tout effacer."),
        _("Refuser ne change rien à vos soins ni à vos remboursements."),
    )
    return _("Et vous gardez le choix"), told, ()


_STEPS = (_documents, _access, _activity, _choice)
STEPS = len(_STEPS)
