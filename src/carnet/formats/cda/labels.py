"""The few words the page of a clinical document adds to the document's own, in French and English."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from carnet.formats.cda.model import Moment

_PARIS: Final = ZoneInfo("Europe/Paris")

LABELS: Final[dict[str, dict[str, str]]] = {
    "fr": {
        "untitled": "Document sans titre",
        "patient": "Patient",
        "birth-name": "nom de naissance",
        "sex-F": "Féminin",
        "sex-M": "Masculin",
        "ins": "Matricule INS",
        "date": "Date du document",
        "act": "Date de l'acte",
        "author": "Auteur",
        "signed": "Signé par",
        "custodian": "Conservé par",
        "recipients": "Destinataires",
        "place": "Lieu",
        "version": "Version",
        "identifier": "Identifiant du document",
        "content": "Contenu du document",
        "no-text": "Cette rubrique ne contient pas de texte.",
        "no-content": "Ce document ne contient aucun texte à afficher.",
        "table": "Tableau",
        "image": "Image jointe au document",
        "pdf": "Ce document contient un PDF",
        "open-pdf": "Ouvrir le PDF",
        "file": "Ce document contient un fichier joint",
        "open-file": "Ouvrir le fichier joint",
        "broken": "Le fichier contenu dans ce document est incomplet ou illisible.",
        "missing": "Un élément cité ici n'est pas dans le document.",
        "note": "note",
        "attachments": "Fichiers joints",
        "section": "Rubrique",
    },
    "en": {
        "untitled": "Untitled document",
        "patient": "Patient",
        "birth-name": "birth name",
        "sex-F": "Female",
        "sex-M": "Male",
        "ins": "INS number",
        "date": "Date of the document",
        "act": "Date of care",
        "author": "Author",
        "signed": "Signed by",
        "custodian": "Kept by",
        "recipients": "Recipients",
        "place": "Place",
        "version": "Version",
        "identifier": "Document identifier",
        "content": "Content of the document",
        "no-text": "This section has no text.",
        "no-content": "This document has no text to show.",
        "table": "Table",
        "image": "Image attached to the document",
        "pdf": "This document contains a PDF",
        "open-pdf": "Open the PDF",
        "file": "This document contains an attached file",
        "open-file": "Open the attached file",
        "broken": "The file inside this document is incomplete or cannot be read.",
        "missing": "Something cited here is not in the document.",
        "note": "note",
        "attachments": "Attached files",
        "section": "Section",
    },
}


def when(moment: Moment | None, language: str) -> str:
    """Return a moment in words, no more precise than the sender was, in French legal time."""
    if moment is None:
        return ""
    if moment.at is not None:
        return _instant(moment.at, language)
    if moment.day is not None:
        return format_date(moment.day, "long", locale=language)
    year, month = int(moment.raw[:4]), int(moment.raw[4:6] or 0)
    if moment.precision == "month" and month:
        return format_date(date(year, month, 1), "MMMM y", locale=language)
    return str(year)


def _instant(at: datetime, language: str) -> str:
    local = at.astimezone(_PARIS)
    return format_datetime(local, "d MMMM y, HH:mm", locale=language)
