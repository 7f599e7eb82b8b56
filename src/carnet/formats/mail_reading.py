"""Takes one e-mail apart, as values JSON knows. It trusts nothing it reads, and runs in `mail_confining` only.

It imports nothing of Carnet. It ignores what is true: who may have sent this is decided from the envelope, before and
after.
"""

import base64
import codecs
import email
import email.charset
import email.errors
import email.generator
import email.header
import email.message
import email.parser
import email.policy
import re
import unicodedata
from html.parser import HTMLParser
from typing import Any, Final

MOST_PARTS: Final = 200
MOST_DEPTH: Final = 20
MOST_PEOPLE: Final = 200
LONGEST_TEXT: Final = 400_000
LONGEST_NAME: Final = 120
CHARSETS: Final = (
    *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp1252", "cp1250", "cp1251", "cp1253"),
    *("cp1254", "cp1255", "cp1256", "cp1257", "cp437", "cp850", "cp858", "cp866", "koi8-r", "koi8-u", "mac-roman"),
    *(f"iso8859-{number}" for number in (*range(1, 12), 13, 14, 15, 16)),
    *("gb2312", "gbk", "gb18030", "big5", "shift-jis", "cp932", "euc-jp", "iso2022-jp", "euc-kr", "cp949", "tis-620"),
)
ODD_CHARSETS: Final = {"iso-8859-8-i": "iso8859-8", "x-mac-roman": "mac-roman", "unicode-1-1-utf-7": "utf-7"}
_BREAKS: Final = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote"})
# not the head: HTML lets its end go without saying, and nothing but these is in it
_SILENT: Final = frozenset({"script", "style", "title", "template", "noscript", "svg"})
_HIDDEN: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]")
_HALVES: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Halves of characters, as UTF-7 may spell them; those left out here are bytes that are not ASCII."""
_SPELLED: Final = re.compile(rb"\\udc([89a-f][0-9a-f])")
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|[,;:]|[^",;:<>()]+|.', re.DOTALL)


class _AsWritten(email.policy.Compat32):
    """Headers as they were written: the library replaces what is not ASCII by signs nobody can read."""

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the library's
        """Return the value untouched; bytes that are not ASCII are surrogates, for `clean`."""
        return value


POLICY: Final = _AsWritten()


class TooComplex(Exception):
    """More parts or deeper than any honest message."""


def read(data: bytes) -> dict[str, Any]:
    """Return what the message says, as JSON-ready values."""
    message = email.message_from_bytes(data, policy=POLICY)
    reader = Reader()
    reader.part(message, depth=0)
    text = "\n\n".join(part for part in reader.texts if part.strip())
    return {
        "sender": people(message.get_all("From", [])),
        "to": people(message.get_all("To", [])),
        "cc": people(message.get_all("Cc", [])),
        "subject": words(message.get("Subject", ""))[:500],
        "date": clean(str(message.get("Date", "")))[:100],
        "message_id": identifiers(message.get("Message-ID", ""))[:1],
        "in_reply_to": identifiers(message.get("In-Reply-To", ""))[:5],
        "references": identifiers(message.get("References", ""))[-30:],
        "receipt_to": people(message.get_all("Disposition-Notification-To", [])),
        "automatic": str(message.get("Auto-Submitted", "no")).strip().lower() not in {"", "no"},
        "mss": {name.lower(): clean(str(value))[:200] for name, value in message.items() if mss(name)},
        "text": tidy(text)[:LONGEST_TEXT],
        "shortened": len(text) > LONGEST_TEXT,
        "attachments": reader.files,
        "report": reader.report,
        "originals": reader.originals[:5],
        "notes": sorted(reader.notes),
    }


def mss(name: str) -> bool:
    """Whether a header is one of the trust space's."""
    return name.lower().startswith("x-mss-")


class Reader:
    """Collects the texts, the files and the reports of a message while walking through its parts."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.files: list[dict[str, str]] = []
        self.notes: set[str] = set()
        self.report: dict[str, Any] | None = None
        self.originals: list[str] = []
        self._parts = 0

    def part(self, part: email.message.Message, *, depth: int) -> None:
        """Take one part and what is in it."""
        self._parts += 1
        if self._parts > MOST_PARTS or depth > MOST_DEPTH:
            raise TooComplex
        kind = clean(part.get_content_type())
        if part.is_multipart() and kind.startswith("multipart/"):
            self._several(part, kind, depth)
        elif kind in {"message/delivery-status", "message/disposition-notification"}:
            self._status(part, kind)
        elif kind.startswith("message/"):
            self._enclosed(part, kind)
        else:
            self._leaf(part, kind)

    def _several(self, part: email.message.Message, kind: str, depth: int) -> None:
        payload = part.get_payload()
        children = (
            [one for one in payload if isinstance(one, email.message.Message)] if isinstance(payload, list) else []
        )
        if part.defects:
            self.notes.add("malformed")
        if kind == "multipart/alternative":
            self._alternative(children, depth)
            return
        if kind == "multipart/signed":
            self.notes.add("signed")
        if kind == "multipart/encrypted":
            self.notes.add("encrypted")
        for child in children:
            self.part(child, depth=depth + 1)

    def _alternative(self, children: list[email.message.Message], depth: int) -> None:
        """Keep one way of saying it: the first that has words, plain before the rest. Files beside it are kept."""
        before = self.texts
        chosen: list[str] = []
        ordered = sorted(children, key=lambda one: one.get_content_type() != "text/plain")
        for child in ordered:
            self.texts = []
            self.part(child, depth=depth + 1)
            if not chosen and any(text.strip() for text in self.texts):
                chosen = self.texts
        self.texts = before + chosen

    def _leaf(self, part: email.message.Message, kind: str) -> None:
        content = decoded(part)
        attached = str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")
        if kind in {"text/plain", "text/html", "text/enriched"} and not attached and not named(part):
            said = text_of(content, part)
            if part.get_param("format") == "flowed" and kind == "text/plain":
                said = unflowed(said)
            self.texts.append(said if kind == "text/plain" else from_html(said))
            return
        if kind == "text/rfc822-headers":
            self._original(None, content)
        if kind in {"application/pkcs7-mime", "application/x-pkcs7-mime"}:
            self.notes.add("signed" if "signed" in str(part.get_param("smime-type", "")) else "encrypted")
        if kind in {"application/ms-tnef", "application/vnd.ms-tnef"}:
            self.notes.add("tnef")
        if kind == "text/calendar":
            self.notes.add("calendar")
        self._file(content, part, kind)

    def _enclosed(self, part: email.message.Message, kind: str) -> None:
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        content = inner.as_bytes() if isinstance(inner, email.message.Message) else decoded(part)
        self._original(inner if isinstance(inner, email.message.Message) else None, content)
        self._file(content, part, kind)

    def _original(self, message: email.message.Message | None, content: bytes) -> None:
        """What a report returns of the message it is about: its identifier is what counts."""
        if message is None:
            message = email.message_from_bytes(content, policy=POLICY)
        self.originals += identifiers(message.get("Message-ID", ""))[:1]

    def _file(self, content: bytes, part: email.message.Message, kind: str) -> None:
        name = named(part) or f"piece-{len(self.files) + 1}{EXTENSIONS.get(kind, '')}"
        self.files.append({"name": name, "media_type": kind, "content": base64.b64encode(content).decode("ascii")})

    def _status(self, part: email.message.Message, kind: str) -> None:
        payload = part.get_payload()
        blocks = [one for one in payload if isinstance(one, email.message.Message)] if isinstance(payload, list) else []
        if not blocks:
            blocks = [email.message_from_string(text_of(decoded(part), part), policy=POLICY)]
        fields = {name.lower(): clean(str(value))[:300] for block in blocks for name, value in block.items()}
        self.report = {"kind": kind.rpartition("/")[2], "fields": fields}


EXTENSIONS: Final = {
    "text/calendar": ".ics",
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat",
    "application/zip": ".zip",
    "text/plain": ".txt",
    "text/xml": ".xml",
}


def decoded(part: email.message.Message) -> bytes:
    """Return the bytes of a part without their transfer encoding."""
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        return content
    return str(part.get_payload() or "").encode("utf-8", "replace")


def text_of(content: bytes, part: email.message.Message) -> str:
    """Return a text in the character set it names, or the likeliest one when that is not true."""
    return decode_as(content, str(part.get_content_charset() or ""))


def decode_as(content: bytes, named_charset: str) -> str:
    """Return `content` as text; never fails."""
    name = ODD_CHARSETS.get(named_charset.lower(), named_charset)
    try:
        wanted = codecs.lookup(name).name if name else "utf-8"
    except (LookupError, ValueError):
        wanted = "utf-8"
    known = {codecs.lookup(one).name for one in CHARSETS}
    for charset in (wanted, "utf-8", "cp1252"):
        if charset in known:
            try:
                return content.decode(charset)
            except (UnicodeDecodeError, ValueError):
                continue
    return content.decode("latin-1")


def words(value: object) -> str:
    """Return a header in letters (RFC 2047), on one line, without signs that are not seen."""
    text = str(value)
    try:
        pieces = email.header.decode_header(text)
    except (email.errors.HeaderParseError, ValueError):
        return clean(text)
    return clean("".join(_said(piece, charset) for piece, charset in pieces))


def _said(piece: bytes | str, charset: str | None) -> str:
    """Return a piece of a header; bytes that are not ASCII are spelled by the library beside encoded words."""
    if isinstance(piece, str):
        return piece
    if charset is None:
        piece = _SPELLED.sub(lambda one: bytes.fromhex(one[1].decode()), piece)
    return decode_as(piece, charset or "utf-8")


def clean(text: str) -> str:
    """Return `text` on one line, composed, without control and direction signs."""
    text = decode_as(_HALVES.sub("\ufffd", text).encode("utf-8", "surrogateescape"), "utf-8")
    shown = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in _HIDDEN.sub("", text))
    return unicodedata.normalize("NFC", " ".join(shown.split()))


def tidy(text: str) -> str:
    """Return a text with line feeds only, without control and direction signs, and few empty lines."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
    shown = "".join(one for one in _HIDDEN.sub("", text) if one in "\n\t" or unicodedata.category(one) != "Cc")
    lines = (line.rstrip() for line in shown.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def unflowed(text: str) -> str:
    """Return a flowed text (RFC 3676) with its lines joined."""
    lines: list[str] = []
    open_line = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if open_line and not line.startswith(">"):
            lines[-1] += line
        else:
            lines.append(line)
        open_line = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def people(values: list[Any]) -> list[dict[str, str]]:
    """Return the mailboxes of address headers, split before anything is decoded, groups opened."""
    found: list[dict[str, str]] = []
    for value in values:
        name, address = "", ""
        for token in [*_TOKENS.findall(str(value).replace("\r", "").replace("\n", "")[:50_000]), ","]:
            if token in {",", ";"}:
                _person(found, name, address)
                name, address = "", ""
            elif token.startswith(":"):
                name = ""  # a group's name is nobody's
            elif token.startswith("<"):
                address = token[1:-1]
            elif not token.startswith("("):
                name += token
    return found[:MOST_PEOPLE]


def _person(found: list[dict[str, str]], name: str, address: str) -> None:
    name = name.strip()
    if not address and "@" in name:
        name, address = "", name
    if address.strip():
        quoted = name[1:-1].replace("\\", "") if name.startswith('"') and name.endswith('"') else name
        found.append({"address": clean(address).lower()[:320], "name": words(quoted)[:200]})


def identifiers(value: object) -> list[str]:
    """Return the message identifiers of a header, angle brackets kept, none longer than a line."""
    return re.findall(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,300}>", str(value)[:20_000])


def named(part: email.message.Message) -> str:
    """Return the name a file was given, without folders and signs that mean something to a system."""
    given = part.get_filename()
    if not given:
        return ""
    last = re.split(r"[\\/]", words(given))[-1]
    safe = re.sub(r'[<>:"|?*]', "_", last).strip(" .")
    return safe[-LONGEST_NAME:]


class _Words(HTMLParser):
    """The words of a page, without what is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in _SILENT:
            self._silent += 1
        if tag in _BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self._silent:
            self._silent -= 1
        if tag in _BREAKS and tag != "br":
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(re.sub(r"\s+", " ", data))


def from_html(text: str) -> str:
    """Return the words of a page of HTML."""
    reader = _Words()
    reader.feed(text[: 4 * LONGEST_TEXT])
    reader.close()
    return "\n".join(line.strip() for line in "".join(reader.said).split("\n"))
