"""The words of the messages in the copy a person takes away: pages that open offline, in French and English."""

from collections.abc import Iterable, Iterator
from html import escape

import msgspec

from carnet.design.language import Language
from carnet.messaging.api import (
    NAMELESS,
    NOBODY,
    UNREADABLE,
    Address,
    Contact,
    Delivery,
    Head,
    Message,
    MessageState,
)

LISTS = {"fr": "messages/index.html", "en": "messages/index.en.html"}
WORDS = {
    "fr": {
        "title": "Mes messages",
        "back": "Retour à la copie",
        "list": "Tous les messages",
        "none": "Aucun message.",
        "conversations": "Conversations",
        "contacts": "Qui m'a écrit",
        "nobody": "Personne.",
        "latest": "dernier message le %s",
        "ended": "échange terminé par le professionnel",
        "no_subject": "Sans objet",
        "nameless": "Échange dont l'objet n'a pas pu être lu : appelez le 3422",
        "unreadable": "(ce message, ou une de ses pièces jointes, n'a pas pu être lu : appelez le 3422)",
        "unknown": "Quelqu'un dont le nom n'a pas pu être lu",
        "with": "avec %s",
        "me": "Moi",
        "to": "À : %s",
        "cc": "Copie : %s",
        "draft": "Brouillon, jamais envoyé",
        "files": "Pièces jointes",
        "readable": "Lire",
        "letter": "fichier d'origine",
        "elsewhere": "un document de votre espace",
        "read": "lu",
        "unread": "pas encore ouvert",
        "queued": "envoi en cours",
        "sent": "envoyé",
        "delivered": "arrivé",
        "failed": "non remis",
        "other": "English",
    },
    "en": {
        "title": "My messages",
        "back": "Back to the copy",
        "list": "All messages",
        "none": "No message.",
        "conversations": "Conversations",
        "contacts": "Who wrote to me",
        "nobody": "Nobody.",
        "latest": "last message on %s",
        "ended": "exchange ended by the professional",
        "no_subject": "No subject",
        "nameless": "Exchange whose subject could not be read: call 3422",
        "unreadable": "(this message, or one of its attachments, could not be read: call 3422)",
        "unknown": "Somebody whose name could not be read",
        "with": "with %s",
        "me": "Me",
        "to": "To: %s",
        "cc": "Copy: %s",
        "draft": "Draft, never sent",
        "files": "Attachments",
        "readable": "Read",
        "letter": "original file",
        "elsewhere": "a document of your space",
        "read": "read",
        "unread": "not opened yet",
        "queued": "being sent",
        "sent": "sent",
        "delivered": "arrived",
        "failed": "not delivered",
        "other": "Français",
    },
}


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """A file beside a message. href: from the page, "" when it is only named; readable: a page that shows it, ""
    without; own: in the record.
    """

    name: str
    href: str = ""
    readable: str = ""
    own: bool = False


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One conversation of the list. href: from the list."""

    href: str
    head: Head
    last: str
    ended: bool


def head(language: Language, *, title: str, links: Iterable[tuple[str, str]]) -> bytes:
    """Return the beginning of a page of the copy, up to its heading. links: (address, words), the other language's
    among them.
    """
    ways = " · ".join(f'<a href="{escape(href)}">{escape(words)}</a>' for href, words in links)
    return _head(language, title=title, style='<link rel="stylesheet" href="../style.css">', before=f"<p>{ways}</p>\n")


def _head(language: Language, *, title: str, style: str, before: str = "") -> bytes:
    return (
        f'<!doctype html>\n<html lang="{language.code}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"{style}</head><body>\n{before}<main><h1>{escape(title)}</h1>\n"
    ).encode()


END = b"</main></body></html>\n"


def list_head(language: Language) -> bytes:
    """Return the list of conversations up to its first line."""
    words, other = WORDS[language.code], "en" if language.code == "fr" else "fr"
    index = {"fr": "../index.html", "en": "../index.en.html"}[language.code]
    links = ((index, words["back"]), (LISTS[other].removeprefix("messages/"), words["other"]))
    return head(language, title=words["title"], links=links) + f"<h2>{words['conversations']}</h2><ul>\n".encode()


def list_row(language: Language, one: Row) -> bytes:
    """Return one conversation."""
    words = WORDS[language.code]
    said = [words["with"] % _people(one.head.people)] if one.head is not NAMELESS else []
    said += [words["latest"] % one.last, *([words["ended"]] if one.ended else [])]
    subject = escape(_subject(words, one.head))
    return f'<li><a href="{escape(one.href)}">{subject}</a> — {escape(", ".join(said))}</li>\n'.encode()


def list_end(language: Language, *, any_conversation: bool, contacts: tuple[Contact, ...]) -> Iterator[bytes]:
    """Yield the end of the list: whom the person knows by what they wrote."""
    words = WORDS[language.code]
    yield b"</ul>\n" if any_conversation else f"</ul><p>{words['none']}</p>\n".encode()
    yield f"<h2>{escape(words['contacts'])}</h2>\n".encode()
    for one in contacts:
        ended = f", {words['ended']}" if one.ended else ""
        last = words["latest"] % language.moment(one.last_at) if one.last_at else ""
        who = words["unknown"] if one.address is NOBODY else _person(one.address)
        yield f"<p>{escape(who)} — {escape(last + ended)}</p>\n".encode()
    yield END if contacts else f"<p>{words['nobody']}</p>".encode() + END


def conversation_head(language: Language, told: Head) -> bytes:
    """Return the beginning of one conversation."""
    words = WORDS[language.code]
    links = ((LISTS[language.code].removeprefix("messages/"), words["list"]),)
    people = "" if told is NAMELESS else f"<p>{escape(words['with'] % _people(told.people))}</p>\n"
    return head(language, title=_subject(words, told), links=links) + people.encode()


def _subject(words: dict[str, str], told: Head) -> str:
    return words["nameless"] if told is NAMELESS else told.subject or words["no_subject"]


def message(language: Language, one: Message, files: tuple[Beside, ...]) -> bytes:
    """Return one message."""
    words, letter = WORDS[language.code], one.letter
    if letter is UNREADABLE:
        said, when = words["unreadable"], language.moment(one.at)
        return f"<article><h2>{escape(when)}</h2>\n<p><strong>{escape(said)}</strong></p>\n</article>\n".encode()
    draft = one.state is MessageState.DRAFT
    who = (letter.written_by or words["me"]) if one.mine else _person(letter.sender)
    lines = [words["draft"]] if draft else [words[code] % _people(to) for code, to in _to(one) if to]
    lines += [_fate(words, fate) for fate in one.deliveries]
    if not one.mine:
        lines.append(words["read"] if one.read_at else words["unread"])
    text = "\n\n".join(part for part in (letter.text, letter.signature) if part)
    beside = "".join(_beside(words, file) for file in files)
    return (
        f"<article><h2>{escape(who)}, {escape(language.moment(one.at))}</h2>\n"
        f'<p>{"<br>".join(escape(line) for line in lines)}</p>\n<p class="text">{escape(text)}</p>\n'
        + (f"<h3>{words['files']}</h3><ul>{beside}</ul>\n" if beside else "")
        + "</article>\n"
    ).encode()


STYLE = (
    "body{font:1.05rem/1.55 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1.5rem}"
    "article{border-top:1px solid #888;padding-block:1rem;break-inside:avoid}"
    ".text{white-space:pre-wrap}h2{font-size:1.15rem}h1,h2,p,li{overflow-wrap:anywhere}"
)


def conversation_page(
    language: Language, *, subject: str, people: tuple[Address, ...], said: Iterable[Message]
) -> bytes:
    """Return one conversation as one page that opens by itself: what is beside a message is named, not enclosed."""
    words = WORDS[language.code]
    parts = [
        _head(language, title=subject or words["no_subject"], style=f"<style>{STYLE}</style>"),
        f"<p>{escape(words['with'] % _people(people))}</p>\n".encode(),
    ]
    parts += [
        message(language, one, tuple(Beside(name=file.description.name) for file in one.attachments)) for one in said
    ]
    return b"".join(parts) + END


def _to(one: Message) -> tuple[tuple[str, tuple[Address, ...]], ...]:
    return (("to", one.letter.to), ("cc", one.letter.cc))


def _fate(words: dict[str, str], one: Delivery) -> str:
    return f"{_person(one.address)} : {words.get(one.state, one.state)}"


def _beside(words: dict[str, str], one: Beside) -> str:
    main, name = one.readable or one.href, escape(one.name)
    shown = f'<a href="{escape(main)}">{name}</a>' if main else name
    more = f' — <a href="{escape(one.href)}">{words["letter"]}</a>' if one.readable else ""
    more += f" ({words['elsewhere']})" if one.own else ""
    return f"<li>{shown}{more}</li>"


def _people(people: tuple[Address, ...]) -> str:
    return ", ".join(map(_person, people))


def _person(one: Address) -> str:
    return f"{one.name} <{one.address}>" if one.name else one.address
