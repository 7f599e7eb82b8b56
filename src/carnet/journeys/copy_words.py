"""The words of the copy a person takes away: pages that open offline, in French and English, without a script."""

from collections.abc import Iterator
from html import escape

import msgspec

from carnet.design.language import Language
from carnet.journeys.copy_agenda import AGENDA
from carnet.journeys.copy_message_words import LISTS
from carnet.journeys.copy_space_words import PAGES

STYLE = """\
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 system-ui, sans-serif; max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding-block: .5rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid #8888; }
article { border-top: 1px solid #8888; margin-top: 1.5rem; }
article h2, h3 { font-size: 1.05rem; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: minmax(9rem, 16rem) 1fr; gap: .25rem 1rem; padding-block: .5rem; }
dl { border-bottom: 1px solid #8888; margin: 0; }
dt { font-weight: 600; }
dd dl { border: 0; padding: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
a:focus-visible { outline: 3px solid; outline-offset: 2px; }
@media (max-width: 40rem) {
  td, th { display: block; border: 0; }
  tr { display: block; border-bottom: 1px solid #8888; }
  dl { grid-template-columns: 1fr; }
}
"""
WORDS = {
    "fr": {
        "title": "Copie de mon espace de santé",
        "made": "Faite le %s. Elle contient tout ce que vous pouvez voir dans votre espace à cette date.",
        "skip": "Aller aux documents",
        "inside": "Ce que contient cette copie",
        "documents": "Mes documents",
        "caption": "Du plus ancien au plus récent",
        "date": "Date",
        "name": "Document",
        "author": "Auteur",
        "original": "fichier d'origine",
        "readable": "Lire",
        "old": "(ancienne version)",
        "none": "Aucun document.",
        "broken": "(ce document n'a pas pu être lu, ou pas jusqu'au bout : appelez le 3422)",
        "unnamed": "Document dont le titre n'a pas pu être lu",
        "nameless": "Votre identité n'a pas pu être lue : appelez le 3422.",
        "summary": "Un résumé pour un logiciel (FHIR, forme IPS)",
        "access": "Qui a accès",
        "nobody": "Personne.",
        "permit": "autorisé",
        "block": "bloqué",
        "since": "depuis le %s",
        "fhir": "Les mêmes documents pour un logiciel (FHIR R4)",
        "messages": "Mes messages, leurs pièces jointes et qui m'a écrit",
        "agenda": "Mon agenda : rendez-vous et rappels",
        "fhir_agenda": "L'agenda pour un logiciel (FHIR R4)",
        "known": "Ce que mon espace sait de moi : identité, réglages, accès, proches, moyens de connexion",
        "fhir_messages": "Les messages pour un logiciel (FHIR R4)",
        "space": "Ce que mon espace sait de moi, pour un logiciel (JSON)",
        "notices": "Ce qui m'a été signalé, pour un logiciel (JSON)",
        "journal": "Le journal de votre espace, avec ses preuves (JSON)",
        "verify": "Le programme qui vérifie le journal : python3 verify_journal.py journal.json",
        "other": "English",
        "care": "Gardez cette copie en lieu sûr : elle n'est plus protégée par votre espace.",
    },
    "en": {
        "title": "Copy of my health space",
        "made": "Made on %s. It holds everything you can see in your space on that date.",
        "skip": "Go to the documents",
        "inside": "What this copy holds",
        "documents": "My documents",
        "caption": "From the oldest to the newest",
        "date": "Date",
        "name": "Document",
        "author": "Author",
        "original": "original file",
        "readable": "Read",
        "old": "(former version)",
        "none": "No document.",
        "broken": "(this document could not be read, or not to its end: call 3422)",
        "unnamed": "Document whose title could not be read",
        "nameless": "Your identity could not be read: call 3422.",
        "summary": "A summary for software (FHIR, shaped as IPS)",
        "access": "Who has access",
        "nobody": "Nobody.",
        "permit": "authorised",
        "block": "blocked",
        "since": "since %s",
        "fhir": "The same documents for software (FHIR R4)",
        "messages": "My messages, their attachments and who wrote to me",
        "agenda": "My calendar: appointments and reminders",
        "fhir_agenda": "The calendar for software (FHIR R4)",
        "known": "What my space knows of me: identity, settings, access, family, ways of signing in",
        "fhir_messages": "The messages for software (FHIR R4)",
        "space": "What my space knows of me, for software (JSON)",
        "notices": "What I was told of, for software (JSON)",
        "journal": "The journal of your space, with its proofs (JSON)",
        "verify": "The program that verifies the journal: python3 verify_journal.py journal.json",
        "other": "Français",
        "care": "Keep this copy in a safe place: your space no longer protects it.",
    },
}
THEIRS = {
    "fr": {
        "title": "Copie de l'espace de santé d'une personne que vous représentez",
        "made": "Faite le %s. Elle contient ce que vous pouvez voir dans cet espace à cette date.",
        "documents": "Documents",
        "messages": "Les messages et leurs pièces jointes",
        "agenda": "L'agenda : rendez-vous et rappels",
        "known": "Ce que l'espace sait de cette personne : identité, réglages, accès",
        "space": "Ce que l'espace sait de cette personne, pour un logiciel (JSON)",
        "journal": "Qui est venu et ce qui a été fait en son nom (JSON)",
        "care": "Gardez cette copie en lieu sûr : l'espace ne la protège plus.",
    },
    "en": {
        "title": "Copy of the health space of somebody you represent",
        "made": "Made on %s. It holds what you can see in this space on that date.",
        "documents": "Documents",
        "messages": "The messages and their attachments",
        "agenda": "The calendar: appointments and reminders",
        "known": "What the space knows of this person: identity, settings, access",
        "space": "What the space knows of this person, for software (JSON)",
        "journal": "Who came and what was done in their name (JSON)",
        "care": "Keep this copy in a safe place: the space no longer protects it.",
    },
}
"""What reads otherwise in the copy a representative takes."""
INDEX = {"fr": "index.html", "en": "index.en.html"}
_OTHER = {"fr": "en", "en": "fr"}


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One document of the list. original, readable: paths inside the copy; readable "" when there is no page of it.

    broken: it could not be read, or not to its end.
    """

    day: str
    title: str
    author: str
    original: str
    readable: str
    former: bool
    broken: bool = False


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the access list. effect: "permit" or "block"; since: in words."""

    name: str
    effect: str
    since: str


def page_head(language: Language, *, made: str, whose: str, named: bool = True, mine: bool = True) -> bytes:
    """Return the page up to the list of documents. named: who it is of could be read; mine: for the person; else for
    who represents them.
    """
    words, other = WORDS[language.code] | ({} if mine else THEIRS[language.code]), _OTHER[language.code]
    own = (("donnees/avis.json", words["notices"]), ("journal/verify_journal.py", words["verify"])) if mine else ()
    files = (
        (LISTS[language.code], words["messages"]),
        (AGENDA[language.code], words["agenda"]),
        (PAGES[language.code], words["known"]),
        ("fhir/documents.json", words["fhir"]),
        *((("fhir/summary.json", words["summary"]),) if named else ()),
        ("fhir/messages.json", words["fhir_messages"]),
        ("fhir/agenda.json", words["fhir_agenda"]),
        ("donnees/espace.json", words["space"]),
        ("journal/journal.json", words["journal"]),
        *own,
    )
    lines = "".join(f'<li><a href="{path}">{escape(text)}</a></li>' for path, text in files)
    title, whose = escape(words["title"]), whose if named else words["nameless"]
    return (
        f'<!doctype html>\n<html lang="{language.code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f'<link rel="stylesheet" href="style.css"></head><body>\n'
        f'<p><a href="#documents">{escape(words["skip"])}</a> · '
        f'<a href="{INDEX[other]}" lang="{other}" hreflang="{other}">{words["other"]}</a></p>\n'
        f"<main><h1>{title}</h1><p>{escape(whose)}</p><p>{escape(words['made'] % made)} {escape(words['care'])}</p>\n"
        f"<h2>{escape(words['inside'])}</h2><ul>{lines}</ul>\n"
        f'<h2 id="documents">{escape(words["documents"])}</h2>\n'
    ).encode()


def table_head(language: Language) -> bytes:
    """Return the beginning of the list."""
    words = WORDS[language.code]
    heads = "".join(f'<th scope="col">{escape(words[one])}</th>' for one in ("date", "name", "author"))
    return f"<table><caption>{escape(words['caption'])}</caption><thead><tr>{heads}</tr></thead><tbody>\n".encode()


def row(language: Language, line: Line) -> bytes:
    """Return one line of the list."""
    words = WORDS[language.code]
    former = f" {escape(words['old'])}" if line.former else ""
    former += f" <strong>{escape(words['broken'])}</strong>" if line.broken else ""
    title = escape(line.title)
    main = line.readable or line.original
    beside = f' — <a href="{escape(line.original)}">{escape(words["original"])}</a>' if line.readable else ""
    return (
        f'<tr><td>{escape(line.day)}</td><td><a href="{escape(main)}">{title}</a>{former}{beside}</td>'
        f"<td>{escape(line.author)}</td></tr>\n"
    ).encode()


def unnamed(language: Language) -> str:
    """Return what stands for a title that does not open."""
    return WORDS[language.code]["unnamed"]


def page_end(language: Language, *, any_document: bool, access: tuple[Entry, ...]) -> Iterator[bytes]:
    """Yield the end of the page: who has access."""
    words = WORDS[language.code]
    yield b"</tbody></table>\n" if any_document else f"<p>{escape(words['none'])}</p>\n".encode()
    yield f"<h2>{escape(words['access'])}</h2>\n".encode()
    told = [(one.name, words[one.effect], words["since"] % one.since) for one in access]
    lines = "".join(f"<li>{escape(name)}: {escape(effect)}, {escape(since)}</li>" for name, effect, since in told)
    yield (f"<ul>{lines}</ul>" if lines else f"<p>{escape(words['nobody'])}</p>").encode()
    yield b"</main></body></html>\n"
