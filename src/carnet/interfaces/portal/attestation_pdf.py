"""The attestation of a carer on paper: who helps whom, from when to when, and when it ended. Kept among the documents.

Source: mes.md §2.2 A11. It proves nothing by itself: the journal of the space does.
"""

from datetime import datetime

from carnet.access.api import DelegationLine
from carnet.design.language import Language, last_day
from carnet.design.paper import new_sheet, write
from carnet.design.vocabulary import CATEGORIES


def attestation_pdf(line: DelegationLine, *, helped: str, ended: bool, at: datetime, language: Language) -> bytes:
    """Return one A4 page. helped: name of the person helped; ended: it says that the help is over."""
    _ = language.gettext
    names = {
        "carer": line.delegate.name,
        "person": helped,
        "start": language.long_date(line.starts_at),
        "end": language.long_date(at if ended else last_day(line.ends_at)),
    }
    heading = _("Fin de l'aide") if ended else _("Attestation d'aidant")
    said = (
        _("%(carer)s n'aide plus %(person)s dans son espace de santé depuis le %(end)s.")
        if ended
        else _("%(carer)s aide %(person)s dans son espace de santé, du %(start)s au %(end)s.")
    )
    sheet = new_sheet(heading, at=at, language=language)
    write(sheet, heading, size=20, style="B")
    sheet.ln(6)
    write(sheet, said % names, size=12)
    sheet.ln(3)
    if not ended:
        write(sheet, f"{parts_of(line, language)} {_('Chacune de ses actions est écrite dans le journal.')}", size=12)
        sheet.ln(3)
        write(sheet, _("Chacun des deux peut y mettre fin à tout moment, dans Carnet, page « Mes proches »."), size=12)
        sheet.ln(3)
    write(sheet, _("Fait le %(moment)s.") % {"moment": language.moment(at)}, size=11)
    return bytes(sheet.output())


def parts_of(line: DelegationLine, language: Language) -> str:
    """Say what the carer was given, as one sentence."""
    _ = language.gettext
    if not line.documents:
        return _("Seul l'agenda lui est confié : ni documents, ni messages.")
    given = [_("documents"), *([_("messages")] if line.messages else ()), *([_("agenda")] if line.agenda else ())]
    left_out = [_(CATEGORIES[code].label) for code in line.withheld if code in CATEGORIES]
    said = _("Ce qui lui est confié : %(parts)s.") % {"parts": ", ".join(given)}
    return f"{said} {_('Sauf : %(categories)s.') % {'categories': ', '.join(left_out)}}" if left_out else said
