"""The words, icons and tints both doors use for what health codes mean to people.

Codes unknown here show as "other" rather than failing a page: a new regulatory table must not hide a document.
Source of categories: those the French public service shows (CI-SIS class codes grouped for people).
"""

import msgspec

from carnet.design.language import Language, mark
from carnet.design.parts import Hue


class CategoryLook(msgspec.Struct, frozen=True):
    """How a document category is named and tinted."""

    label: str
    icon: str
    hue: Hue


CATEGORIES: dict[str, CategoryLook] = {
    "SYNTHESE": CategoryLook(mark("Ma santé en résumé"), "summary", "teal"),
    "ORD_SOIN": CategoryLook(mark("Ordonnances et soins"), "care", "clay"),
    "BIOLOGIE": CategoryLook(mark("Analyses de biologie"), "biology", "plum"),
    "RADIO_SC": CategoryLook(mark("Radios, échos, scanners, IRM"), "imaging", "sky"),
    "CPT_REND": CategoryLook(mark("Comptes rendus"), "report", "teal"),
    "DEPISTAG": CategoryLook(mark("Prévention et dépistages"), "prevention", "sage"),
    "CAR_VAC": CategoryLook(mark("Vaccinations"), "vaccination", "sage"),
    "CERT_MED": CategoryLook(mark("Certificats"), "certificate", "honey"),
    "DOC_ADM": CategoryLook(mark("Pièces administratives"), "administrative", "honey"),
    "DIR_ANT": CategoryLook(mark("Directives anticipées"), "directives", "plum"),
    "VDP": CategoryLook(mark("Volontés et droits"), "directives", "plum"),
    "SYNTH_PML": CategoryLook(mark("Synthèse du profil"), "summary", "teal"),
    "QUEST_SANTE": CategoryLook(mark("Questionnaires de santé"), "questionnaire", "sky"),
    "REMB": CategoryLook(mark("Remboursements"), "reimbursement", "honey"),
    "AUTR_DOC": CategoryLook(mark("Autres documents"), "other", "sky"),
}
UNKNOWN = CATEGORIES["AUTR_DOC"]

PROFESSIONS: dict[str, str] = {
    "10": mark("médecin"),
    "21": mark("pharmacien"),
    "40": mark("chirurgien-dentiste"),
    "50": mark("sage-femme"),
    "60": mark("infirmier"),
    "69": mark("infirmier psychiatrique"),
    "70": mark("masseur-kinésithérapeute"),
    "80": mark("pédicure-podologue"),
    "91": mark("orthophoniste"),
    "92": mark("orthoptiste"),
    "94": mark("ergothérapeute"),
    "95": mark("diététicien"),
    "96": mark("psychomotricien"),
    "98": mark("manipulateur en imagerie"),
    "86": mark("technicien de laboratoire"),
    "35": mark("aide-soignant"),
    "37": mark("auxiliaire de puériculture"),
    "28": mark("opticien-lunetier"),
    "26": mark("audioprothésiste"),
    "36": mark("ambulancier"),
    "72": mark("psychothérapeute"),
    "93": mark("psychologue"),
}

FORMATS: dict[str, str] = {
    "application/pdf": "PDF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "text/plain": mark("texte"),
    "text/rtf": "RTF",
    "application/rtf": "RTF",
    "text/xml": mark("document structuré"),
    "application/xml": mark("document structuré"),
}
SOME_PROFESSION = mark("professionnel de santé")
SOME_FILE = mark("fichier")


def category(code: str) -> CategoryLook:
    """The look of a category; "other documents" for a code we have no words for."""
    return CATEGORIES.get(code, UNKNOWN)


def profession(code: str, language: Language) -> str:
    """The profession in words, "professionnel de santé" for a code we have no words for."""
    return language.gettext(PROFESSIONS.get(code, SOME_PROFESSION))


def media(media_type: str, language: Language) -> str:
    """The format in words."""
    return language.gettext(FORMATS.get(media_type, SOME_FILE))
