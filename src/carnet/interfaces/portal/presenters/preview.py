"""The inside of the preview frame: one drawn page at a time, plain words, or why neither."""

import base64

import msgspec

from carnet.design.language import Language
from carnet.interfaces.portal.presenters.document import Why, preview_reason


class DrawnFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What could be drawn: one page (PNG bytes) of `pages`, or text, or neither and `why`. words: of the page."""

    address: str
    title: str
    picture: bytes | None = None
    media_type: str = "image/png"
    page: int = 1
    pages: int = 1
    text: str | None = None
    words: str = ""
    why: Why = ""


class PreviewPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `preview.html` shows. picture: a data address; words: what the pictured page says, "" when not known.

    text None when there is a picture or a reason.
    """

    title: str
    picture: str
    alt: str
    position: str
    previous: str | None
    next: str | None
    words: str
    text: str | None
    reason: str


def present_preview(*, language: Language, facts: DrawnFacts) -> PreviewPage:
    """Return the inside of the frame."""
    _ = language.gettext
    several = facts.picture is not None and facts.pages > 1
    where = _("Page %(page)s sur %(total)s") % {"page": facts.page, "total": facts.pages}
    drawn = base64.b64encode(facts.picture).decode() if facts.picture is not None else ""
    return PreviewPage(
        title=_("Aperçu de %(title)s") % {"title": facts.title},
        picture=f"data:{facts.media_type};base64,{drawn}" if drawn else "",
        alt=_alt(facts, language),
        position=where if several else "",
        previous=f"{facts.address}?page={facts.page - 1}" if several and facts.page > 1 else None,
        next=f"{facts.address}?page={facts.page + 1}" if several and facts.page < facts.pages else None,
        words=facts.words,
        text=facts.text,
        reason=preview_reason(facts.why, language),
    )


def _alt(facts: DrawnFacts, language: Language) -> str:
    _ = language.gettext
    said = (
        _("%(title)s, page %(page)s (image : son texte est écrit dessous)")
        if facts.words
        else _("%(title)s, page %(page)s (image : téléchargez le fichier pour le texte)")
    )
    return said % {"title": facts.title, "page": facts.page}
