"""What a professional was shown on one day: each list, in its order, and whether it agrees with its receipt."""

from collections.abc import Sequence
from typing import Final

import msgspec

from carnet.design.language import Language
from carnet.design.shell import Crumb
from carnet.design.vocabulary import profession
from carnet.records.api import ShownList

SHOWN: Final = "/activite/montre"


class ShownLine(msgspec.Struct, frozen=True):
    """One document that was on a list."""

    title: str
    href: str


class ShownMoment(msgspec.Struct, frozen=True, kw_only=True):
    """One list. empty: what is said when none of its documents can be named. agrees: with its receipt."""

    when: str
    stamp: str
    kind: str
    documents: tuple[ShownLine, ...]
    empty: str
    agrees: bool
    proof: str


class ShownPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `shown.html` shows."""

    crumbs: tuple[Crumb, ...]
    name: str
    meta: str
    lists: tuple[ShownMoment, ...]


def present_shown(*, language: Language, lists: Sequence[ShownList]) -> ShownPage:
    """Return the page. lists: of one professional and one day, at least one."""
    _, first = language.gettext, lists[0].trace
    said = (
        profession(first.profession, language) if first.profession else "",
        first.organisation_name or "",
        language.long_date(first.at),
    )
    return ShownPage(
        crumbs=(Crumb(_("Activité"), "/activite"),),
        name=first.actor_name,
        meta=" · ".join(part for part in said if part),
        lists=tuple(_moment(one, language) for one in lists),
    )


def _moment(one: ShownList, language: Language) -> ShownMoment:
    _ = language.gettext
    searched = one.trace.act == "search-documents"
    return ShownMoment(
        when=language.time(one.trace.at),
        stamp=one.trace.at.isoformat(timespec="seconds"),
        kind=_("Résultats d'une recherche") if searched else _("Liste de documents"),
        documents=tuple(ShownLine(document.title, f"/documents/{document.document_id}") for document in one.documents),
        empty=_("Aucun document que vous puissiez ouvrir aujourd'hui."),
        agrees=one.matches,
        proof=_("Règles %(policy)s, empreinte %(digest)s")
        % {"policy": one.policy, "digest": one.trace.details["shown"]},
    )
