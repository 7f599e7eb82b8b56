"""What a professional was shown, list by list: references, titles they may still read, and the digest of then."""

from collections.abc import Sequence

import msgspec

from carnet.design.language import Language
from carnet.interfaces.pro.presenters.patient import Banner
from carnet.records.api import OwnReceipt


class ReceiptLine(msgspec.Struct, frozen=True):
    """One document of a list. title, href: empty when it is not among what may be read now."""

    reference: str
    title: str
    href: str


class ReceiptShown(msgspec.Struct, frozen=True, kw_only=True):
    """One list as it was shown."""

    when: str
    stamp: str
    kind: str
    count: str
    lines: tuple[ReceiptLine, ...]
    proof: str
    agrees: bool


class ReceiptsPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `receipts.html` shows."""

    banner: Banner
    receipts: tuple[ReceiptShown, ...]


def present_receipts(*, language: Language, banner: Banner, receipts: Sequence[OwnReceipt]) -> ReceiptsPage:
    """Return the page; the latest list first."""
    return ReceiptsPage(banner=banner, receipts=tuple(_shown(one, banner.address, language) for one in receipts))


def _shown(one: OwnReceipt, base: str, language: Language) -> ReceiptShown:
    _, number = language.gettext, len(one.documents)
    searched = one.trace.act == "search-documents"
    return ReceiptShown(
        when=language.moment(one.trace.at),
        stamp=one.trace.at.isoformat(timespec="seconds"),
        kind=_("Résultats d'une recherche") if searched else _("Liste de documents"),
        count=language.ngettext("%(num)s document", "%(num)s documents", number) % {"num": number},
        lines=tuple(
            ReceiptLine(document.hex, one.titles.get(document, ""), f"{base}/documents/{document}")
            for document in one.documents
        ),
        proof=_("Règles %(policy)s, empreinte %(digest)s")
        % {"policy": one.trace.details["policy"], "digest": one.trace.details["shown"]},
        agrees=one.matches,
    )
