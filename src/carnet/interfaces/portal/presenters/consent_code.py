"""The strong mode: nobody records the person's agreement without a code the person shows."""

from datetime import datetime

import msgspec

from carnet.design.language import Language
from carnet.design.shell import Crumb
from carnet.interfaces.portal.presenters.access_tabs import LIST


class CodeFacts(msgspec.Struct, frozen=True):
    """A code just made: its digits, what the QR holds, and until when it is good."""

    digits: str
    qr: str
    expires_at: datetime


class CodePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `consent_code.html` shows. spoken: the digits one by one, for those who hear the page."""

    crumbs: tuple[Crumb, ...]
    required: bool
    digits: str
    spoken: str
    qr: str
    until: str


def present_code(*, language: Language, required: bool, code: CodeFacts | None = None) -> CodePage:
    """Return the page. required: whether the mode is on; code: None before one is asked for."""
    _ = language.gettext
    half = (len(code.digits) + 1) // 2 if code else 0
    return CodePage(
        crumbs=(Crumb(_("Qui a accès"), LIST),),
        required=required,
        digits=f"{code.digits[:half]} {code.digits[half:]}" if code else "",
        spoken=" ".join(code.digits) if code else "",
        qr=code.qr if code else "",
        until=_("Il sert une fois, jusqu'à %(time)s.") % {"time": language.time(code.expires_at)} if code else "",
    )
