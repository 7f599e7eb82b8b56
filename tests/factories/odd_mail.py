"""Messages nobody should have to receive, and the honest ones that look like them: a corpus made, not collected.

Each case is a name, the bytes and what must become of it: "refused" by the first look, "quarantined" with a reason, or
delivered with a text (and a number of files). The kinds: threats T37 and T40, and habits of programs.
"""

import base64
import io
import quopri
import struct
import zipfile
from collections.abc import Iterator

import msgspec

SENDER = "claire@chu.mssante.invalid"
TO = "279035121518989@patient.carnet.invalid"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """outcome: refused, quarantined or delivered. said: the text expected (None: any); files: how many (None: any)."""

    name: str
    raw: bytes
    outcome: str = "delivered"
    reason: str = ""
    said: str | None = None
    subject: str | None = None
    files: int | None = None


def head(*, sender: bytes = SENDER.encode(), more: bytes = b"") -> bytes:
    return b"From: %s\r\nTo: %s\r\nSubject: Essai\r\nMessage-ID: <a@chu>\r\n%s" % (sender, TO.encode(), more)


def plain(body: bytes, *, more: bytes = b"", sender: bytes = SENDER.encode()) -> bytes:
    return head(sender=sender, more=more) + b"\r\n" + body


def part(content_type: str, body: bytes, *more: str) -> bytes:
    lines = "".join(f"{one}\r\n" for one in more)
    return f"Content-Type: {content_type}\r\n{lines}\r\n".encode() + body


def several(kind: str, *parts: bytes, boundary: str = "b", more: bytes = b"") -> bytes:
    mark = boundary.encode()
    inside = b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in parts)
    return head(more=more) + inner(kind, boundary) + b"\r\n" + inside + b"--" + mark + b"--\r\n"


def inner(kind: str, boundary: str = "b") -> bytes:
    return f'MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()


TEXT = part("text/plain; charset=utf-8", "Voilà.".encode())
PDF = part("application/pdf", base64.b64encode(b"%PDF-1.4"), "Content-Transfer-Encoding: base64")
SAMPLES = {
    "Ça va, déjà ? œuvre €": ["utf-8", "utf-16", "utf-16-le", "utf-32", "utf-7", "cp1252", "iso8859-15", "gb18030"],
    "Ça va, déjà ?": [
        "iso8859-1",
        "iso8859-9",
        "iso8859-14",
        "cp1254",
        "cp850",
        "mac-roman",
        "cp858",
        "cp437",
        "iso8859-16",
    ],
    "Привет, доктор": ["koi8-r", "koi8-u", "cp1251", "iso8859-5", "cp866"],
    "Dobrý den, Łódź": ["cp1250", "iso8859-2"],
    "Καλημέρα": ["cp1253", "iso8859-7"],
    "שלום": ["cp1255", "iso8859-8"],
    "مرحبا": ["cp1256", "iso8859-6"],
    "你好医生": ["gb2312", "gbk"],
    "醫生您好": ["big5"],
    "こんにちは": ["shift-jis", "cp932", "euc-jp", "iso2022-jp"],
    "안녕하세요": ["euc-kr", "cp949"],
    "สวัสดี": ["tis-620", "iso8859-11"],
    "Sveiki, ārsts": ["cp1257", "iso8859-13", "iso8859-4"],
    "plain": ["ascii", "iso8859-3", "iso8859-10"],
}


def charsets() -> Iterator[Case]:
    """Every character set, in every transfer encoding that can carry it, in bodies and subjects."""
    for text, names in SAMPLES.items():
        for name in names:
            data = text.encode(name)
            kind = f"Content-Type: text/plain; charset={name}\r\n".encode()
            b64 = base64.encodebytes(data).replace(b"\n", b"\r\n")
            qp = quopri.encodestring(data).replace(b"\n", b"\r\n")
            for label, body in (("base64", b64), ("quoted-printable", qp)):
                more = kind + f"Content-Transfer-Encoding: {label}\r\n".encode()
                ended = body if body.endswith(b"\r\n") else body + b"\r\n"
                if not (label == "quoted-printable" and b"\x00" in data):
                    yield Case(name=f"body {name} {label}", raw=plain(ended, more=more), said=text)
            word = b"=?" + name.encode() + b"?B?" + base64.b64encode(data) + b"?="
            raw = plain(b"x\r\n").replace(b"Subject: Essai", b"Subject: " + word)
            yield Case(name=f"subject {name}", raw=raw, subject=text)
    for label, body in {"utf-8 unlabelled": "é".encode(), "cp1252 unlabelled": b"\xe9", "lies": "é".encode()}.items():
        more = b"Content-Type: text/plain; charset=us-ascii\r\n" if label == "lies" else b""
        yield Case(name=f"8bit {label}", raw=plain(body + b"\r\n", more=more), said="é")
    for odd in ("x-unknown", "punycode", "idna", "zlib", "rot13", "unicode_escape", "undefined", "mbcs", "", '"', "é"):
        more = f"Content-Type: text/plain; charset={odd}\r\n".encode()
        yield Case(name=f"charset {odd!r}", raw=plain(b"bonjour\r\n", more=more), said="bonjour")


GOOD_FROM = {
    "bare": SENDER,
    "angled": f"<{SENDER}>",
    "named": f"Dr Claire Marchand <{SENDER}>",
    "quoted": f'"Marchand, Claire (CHU)" <{SENDER}>',
    "escaped": f'"a \\" b" <{SENDER}>',
    "encoded": f"=?utf-8?B?w4k=?= <{SENDER}>",
    "encoded twice": f"=?utf-8?Q?=C3=89?= =?iso-8859-1?Q?=E9?= <{SENDER}>",
    "folded": f"Claire\r\n Marchand\r\n <{SENDER}>",
    "tab": f"Claire\t<{SENDER}>",
    "upper": f"Claire <{SENDER.upper()}>",
    "8bit": f"Hélène <{SENDER}>",
    "dots": f"M. le Dr. X <{SENDER}>",
    "no space": f"Claire<{SENDER}>",
    "direction signs": f"\u202eeriaM\u202c <{SENDER}>",
    "name encodes an address": f"=?utf-8?B?{base64.b64encode(b'boss@gov.invalid').decode()}?= <{SENDER}>",
}
BAD_FROM = {
    "two mailboxes": f"{SENDER}, evil@chu.mssante.invalid",
    "two angled": f"a <{SENDER}>, b <evil@chu.mssante.invalid>",
    "address as name": f"boss@gov.invalid <{SENDER}>",
    "glued": f"alice@chu.mssante.invalid<{SENDER}>",
    "glued twice": f"<alice@chu.mssante.invalid><{SENDER}>",
    "group": f"undisclosed: {SENDER};",
    "empty group": "undisclosed:;",
    "route": f"<@relay.invalid:{SENDER}>",
    "comment": f"{SENDER} (boss@gov.invalid)",
    "comment before": f"(x) {SENDER}",
    "unquoted comma": f"Marchand, Claire <{SENDER}>",
    "unclosed quote": f'"Claire <{SENDER}>',
    "unclosed angle": f"Claire <{SENDER}",
    "empty": "",
    "angles only": "<>",
    "no domain": "claire",
    "no local part": "@chu.mssante.invalid",
    "two ats": "a@b@chu.mssante.invalid",
    "quoted local part": '"claire"@chu.mssante.invalid',
    "domain literal": "claire@[127.0.0.1]",
    "homograph domain": "claire@chu.mssanté.invalid",
    "wide at": "claire\uff20chu.mssante.invalid",
    "percent hack then name": f"a%b <{SENDER}> <c@d.invalid>",
    "semicolon": f"{SENDER};",
    "source and text": f"<{SENDER}> Claire",
}


def senders() -> Iterator[Case]:
    for name, value in GOOD_FROM.items():
        yield Case(name=f"from {name}", raw=plain(b"ok\r\n", sender=value.encode()), said="ok")
    for name, value in BAD_FROM.items():
        yield Case(name=f"from {name}", raw=plain(b"no\r\n", sender=value.encode()), outcome="refused")
    yield Case(name="no from", raw=b"To: a@b.invalid\r\n\r\nx\r\n", outcome="refused")
    yield Case(name="from in the body", raw=b"To: a@b.invalid\r\n\r\nFrom: a@b.invalid\r\n", outcome="refused")
    for name in ("From", "FROM", "from", "Sender", "Subject", "To", "Cc", "Date", "Message-ID", "Reply-To",
                 "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "X-MSS-MES", "X-MSS-INS"):  # fmt: skip
        twice = f"{name}: {SENDER}\r\n{name}: {SENDER}\r\n".encode()
        yield Case(name=f"two {name}", raw=plain(b"x\r\n", more=twice), outcome="refused")
    for field in (b"From : a@b.invalid", b"X\xc3\xa9: 1", b"no colon here", b": nothing", b"\tfolds: nothing"):
        yield Case(name=f"field {field!r}", raw=field + b"\r\n" + plain(b"x\r\n"), outcome="refused")
    blank = head(more=b"X-A: 1\r\n \r\n") + b"\r\nx\r\n"
    yield Case(name="fold of blanks", raw=blank, outcome="refused")


def lines() -> Iterator[Case]:
    for name, piece in {
        "bare LF": b"a\nb\r\n",
        "bare CR": b"a\rb\r\n",
        "NUL": b"a\x00b\r\n",
        "smuggled LF.LF": b"a\n.\nMAIL FROM:<x@y.invalid>\r\n",
        "smuggled LF.CRLF": b"a\n.\r\nRCPT TO:<x@y.invalid>\r\n",
        "smuggled CR.CR": b"a\r.\rDATA\r\n",
        "smuggled CRLF.CR": b"a\r\n.\rx\r\n",
        "CR CR LF": b"a\r\r\n",
        "LF CR": b"a\n\rb\r\n",
        "long line": b"a" * 999 + b"\r\n",
        "a million letters": b"a" * 1_000_000 + b"\r\n",
        "no end": b"a",
        "ends in CR": b"a\r",
    }.items():
        yield Case(name=name, raw=plain(piece), outcome="refused")
    for name, more in {
        "NUL in a header": b"X-A: a\x00b\r\n",
        "LF in a header": b"X-A: a\nBcc: b@c.invalid\r\n",
        "long header line": b"X-A: " + b"a" * 999 + b"\r\n",
        "header of 300 kB": b"X-A: b\r\n" * 40_000,
        "501 fields": b"X-A: b\r\n" * 501,
        "fold bomb": b"X-A: b\r\n" + b" c\r\n" * 90_000,
    }.items():
        yield Case(name=name, raw=head(more=more) + b"\r\nx\r\n", outcome="refused")
    yield Case(name="longest line allowed", raw=plain(b"a" * 998 + b"\r\n"), said="a" * 998)
    yield Case(name="dots", raw=plain(b".\r\n..\r\n"), said=".\n..")
    yield Case(name="empty body", raw=plain(b"\r\n"), said="")
    yield Case(name="blank lines", raw=plain(b"\r\n" * 500 + b"x\r\n"), said="x")
    yield Case(name="controls", raw=plain(b"a\x07\x1bb\x08\r\n"), said="ab")
    yield Case(name="direction signs", raw=plain("a\u202eb\u2066c\u200bd\r\n".encode()), said="abcd")


def shapes() -> Iterator[Case]:
    """How mail programs build a message, and how others break it."""
    html = part("text/html; charset=utf-8", "<p>Voilà.</p>".encode())
    rfc822 = part("message/rfc822", b"Subject: x\r\nFrom: a@b.invalid\r\n\r\nfw")
    calendar = part("text/calendar; method=REQUEST", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR")
    image = part("image/png; name=logo.png", b"iVBORw0KGgo=", "Content-Transfer-Encoding: base64", "Content-ID: <a>")
    signature = part("application/pkcs7-signature; name=smime.p7s", b"MAA=", "Content-Transfer-Encoding: base64")
    tnef = part("application/ms-tnef; name=winmail.dat", b"eJ8+Ig==", "Content-Transfer-Encoding: base64")
    wrapped = part('multipart/related; boundary="c"', b"--c\r\n" + html + b"\r\n--c\r\n" + image + b"\r\n--c--")
    for name, raw, files in (
        ("alternative", several("alternative", TEXT, html), 0),
        ("alternative, html first", several("alternative", html, TEXT), 0),
        ("alternative, html only", several("alternative", html), 0),
        ("alternative, empty text", several("alternative", part("text/plain", b" "), html), 0),
        ("mixed with a file", several("mixed", TEXT, PDF), 1),
        ("outlook: related in alternative", several("alternative", TEXT, wrapped), 1),
        ("apple: text, file, text", several("mixed", TEXT, PDF, part("text/plain", b"")), 1),
        ("signed", several("signed; micalg=sha-256; protocol=x", TEXT, signature), 1),
        ("tnef", several("mixed", TEXT, tnef), 1),
        ("calendar beside", several("alternative", TEXT, calendar), 1),
        ("forwarded", several("mixed", TEXT, rfc822), 1),
        ("unknown multipart", several("x-strange", TEXT), 0),
        ("preamble", several("mixed", TEXT).replace(b"\r\n\r\n--b", b"\r\n\r\nThis is MIME.\r\n--b", 1), 0),
        ("epilogue", several("mixed", TEXT) + b"trailer\r\n", 0),
        ("no end mark", several("mixed", TEXT).replace(b"--b--\r\n", b""), 0),
        ("boundary with blanks", several("mixed", TEXT, boundary="a b c"), 0),
        ("boundary of dashes", several("mixed", TEXT, boundary="----=_Next"), 0),
        ("digest", several("digest", rfc822), 1),
        ("parallel", several("parallel", TEXT, image), 1),
        ("text as attachment", several("mixed", TEXT, part("text/plain", b"x", "Content-Disposition: attachment")), 1),
        ("inline image", several("mixed", TEXT, image), 1),
        ("unknown encoding", several("mixed", TEXT, part("application/x", b"x", "Content-Transfer-Encoding: zz")), 1),
        ("bad base64", several("mixed", TEXT, part("application/x", b"%%%", "Content-Transfer-Encoding: base64")), 1),
        ("no type", several("mixed", TEXT, part("", b"x", "Content-Disposition: attachment; filename=a")), 1),
        ("type without slash", several("mixed", TEXT, part("pdf", b"", "Content-Disposition: attachment")), 1),
        ("external body", several("mixed", TEXT, part("message/external-body; access-type=URL", b"X: y\r\n\r\n")), 1),
        ("partial", several("mixed", TEXT, part("message/partial; id=a; number=1", b"X: y\r\n\r\nz")), 1),
        ("pgp", several("mixed", TEXT, part("application/pgp-encrypted", b"Version: 1")), 1),
        ("contact card", several("mixed", TEXT, part("text/vcard; name=a.vcf", b"BEGIN:VCARD")), 1),
        ("uuencoded", several("mixed", TEXT, part("application/x", b"begin 644 a\r\n#86)C\r\n`\r\nend",
                                                  "Content-Transfer-Encoding: x-uuencode")), 1),
    ):  # fmt: skip
        said = None if name == "digest" else "Voilà."
        yield Case(name=f"shape {name}", raw=raw, said=said, files=files)
    pkcs7 = b"Content-Type: application/pkcs7-mime; smime-type=%s\r\nContent-Transfer-Encoding: base64\r\n"
    for kind in (b"enveloped-data", b"signed-data", b"compressed-data"):
        yield Case(name=f"pkcs7 {kind!r}", raw=plain(b"MAA=\r\n", more=pkcs7 % kind), said="", files=1)
    flowed = b"Content-Type: text/plain; format=flowed\r\n"
    yield Case(name="flowed", raw=plain(b"un \r\ndeux\r\n", more=flowed), said="un deux")
    for name, body, said in (
        ("script", b"<script>alert(1)</script><p>a</p>", "a"),
        ("style", b"<style>p{}</style>a", "a"),
        ("entities", b"&eacute;&#233;&amp;", "éé&"),
        ("comment", b"a<!-- b -->c", "ac"),
        ("unclosed", b"<p>a<b>c", "ac"),
        ("conditional", b"<!--[if mso]>x<![endif]-->a", "a"),
        ("nested tags", b"<div>" * 190 + b"a", "a"),
        ("breaks", b"a<br>b<br/>c", "a\nb\nc"),
        ("attributes", b'<a href="javascript:x">a</a>', "a"),
        ("hidden head", b"<html><head><title>t</title></head><body>a</body>", "a"),
        ("head without its end", b"<html><head><title>t</title><style>s</style><body>a</body>", "a"),
        ("svg", b"<svg><text>x</text></svg>a", "a"),
        ("declaration", b"<!DOCTYPE html><?xml a?>a", "a"),
    ):
        kind = b"Content-Type: text/html; charset=utf-8\r\n"
        yield Case(name=f"html {name}", raw=plain(body + b"\r\n", more=kind), said=said)
    yield Case(name="deep nesting allowed", raw=nested(15), said="fin")
    yield Case(name="deep nesting", raw=nested(40), outcome="quarantined", reason="mail-too-complex")
    many = several("mixed", *[part("text/plain", b"x")] * 300)
    yield Case(name="300 parts", raw=many, outcome="quarantined", reason="mail-too-complex")
    files = several("mixed", *[part("application/x", b"x")] * 30)
    yield Case(name="30 files", raw=files, outcome="quarantined", reason="mail-files")
    heavy = several("mixed", TEXT, *[part("application/x", b"x" * 900 + b"\r\n", "A: b")] * 1)
    yield Case(name="one file", raw=heavy, files=1)


def nested(depth: int) -> bytes:
    inside = part("text/plain", b"fin")
    for level in range(depth):
        mark = f"m{level}".encode()
        body = b"--" + mark + b"\r\n" + inside + b"\r\n--" + mark + b"--"
        inside = part(f'multipart/mixed; boundary="m{level}"', body)
    return head(more=b"MIME-Version: 1.0\r\n") + inside + b"\r\n"


def names() -> Iterator[Case]:
    """Names of files as they are written, and as they attack."""
    for value in (
        'filename="a.pdf"', "filename=a.pdf", "filename*=utf-8''r%C3%A9s.pdf", "filename*=iso-8859-1''r%E9s.pdf",
        "filename*0=a; filename*1=b.pdf", "filename*0*=utf-8''a%C3; filename*1*=%A9", 'filename="=?utf-8?Q?=C3=A9?="',
        'filename="../../etc/passwd"', 'filename="..\\\\..\\\\boot.ini"', 'filename="/etc/x"', 'filename="C:\\\\a"',
        'filename="a\u202efdp.exe"', 'filename=".."', 'filename="."', 'filename=""', 'filename="con"', 'filename="a:b"',
        f'filename="{"a" * 900}"', "filename*=zz''a", "filename*=utf-8''%ZZ", "filename*0*=x", "filename", "filename=",
        'filename="a\tb"', 'filename="<script>"', "filename*=utf-8'fr'%E2%82%AC.pdf", 'filename="a"; filename="b"',
    ):  # fmt: skip
        piece = part("application/pdf", b"%PDF-1.4", f"Content-Disposition: attachment; {value}")
        if any(len(line) > 998 for line in piece.split(b"\r\n")):
            continue
        yield Case(name=f"name {value[:40]}", raw=several("mixed", TEXT, piece), said="Voilà.", files=1)


def fields() -> Iterator[Case]:
    """Headers of the trust space, and headers that attack."""
    for value in ("FIN", "fin", " FIN ", "Fin", "=?utf-8?Q?FIN?=", "NON", "", "FIN\r\n FIN"):
        yield Case(name=f"X-MSS-MES {value!r}", raw=plain(b"x\r\n", more=f"X-MSS-MES: {value}\r\n".encode()), said="x")
    for name in ("Message-ID", "In-Reply-To", "References", "Date", "Subject", "To", "Cc"):
        for value in ("", "<", "<<a@b>>", "=?utf-8?B?####?=", "=?x?Q?a?=", "=?utf-8?Q?=0D=0ABcc:_x?=", "é", "," * 500):
            raw = head().replace(b"Message-ID: <a@chu>\r\n", b"") + b"\r\nx\r\n"
            line = f"{name}: {value}".encode()
            known = [one for one in raw.split(b"\r\n") if not one.lower().startswith(name.lower().encode() + b":")]
            yield Case(name=f"{name} {value[:24]!r}", raw=b"\r\n".join([line, *known]), said="x")


def archives() -> Iterator[Case]:
    """IHE_XDM archives, honest and not (threats T40)."""
    xdm = packed({"IHE_XDM/SUBSET01/METADATA.XML": b"<x/>", "IHE_XDM/SUBSET01/DOC.PDF": b"%PDF-1.4", "INDEX.HTM": b"x"})
    yield zipped("xdm", xdm, files=1)
    yield zipped(
        "xdm with droppings", packed({"IHE_XDM/A/METADATA.XML": b"", "__MACOSX/._a": b"x", "a.pdf": b"y"}), files=1
    )
    yield zipped("xdm without documents", packed({"IHE_XDM/A/METADATA.XML": b"<x/>"}), files=0)
    yield zipped("plain zip", packed({"a.txt": b"x"}), files=1)
    yield zipped("empty zip", packed({}), files=1)
    yield zipped("traversal", packed({"IHE_XDM/../../../etc/passwd": b"x"}), files=1)
    yield zipped("absolute", packed({"/IHE_XDM/a.pdf": b"x", "METADATA.XML": b""}), files=1)
    for name, data, reason in (
        ("bomb", packed({"a": b"\x00" * 60_000_000}), "archive-too-large"),
        ("ratio", packed({"a": b"\x00" * 3_000_000}), "archive-too-large"),
        ("many entries", packed({f"{number}": b"" for number in range(400)}), "archive-too-large"),
        ("nested", packed({"a.zip": packed({"b": b"c"})}), "archive-nested"),
        ("nested gzip", packed({"a.gz": b"\x1f\x8b\x08\x00"}), "archive-nested"),
        ("overlapping", overlapping(), "archive-dishonest"),
        ("lying size", lying(xdm, 22, 1), "archive-dishonest"),
        ("lying checksum", lying(xdm, 16, 1), "archive-dishonest"),
        ("encrypted", lying(xdm, 8, 1), "archive-encrypted"),
        ("unknown method", lying(xdm, 10, 99), "archive-broken"),
        ("outside", lying(xdm, 42, 2**31), "archive-dishonest"),
        ("cut", xdm[:40], "archive-broken"),
        ("half", xdm[: len(xdm) // 2], "archive-broken"),
        ("noise", b"PK\x03\x04" + b"\xff" * 200, "archive-broken"),
    ):
        yield zipped(name, data, outcome="quarantined", reason=reason)


def zipped(name: str, data: bytes, *, outcome: str = "delivered", reason: str = "", files: int | None = None) -> Case:
    lines_ = base64.encodebytes(data).replace(b"\n", b"\r\n").rstrip()
    piece = part("application/zip; name=IHE_XDM.ZIP", lines_, "Content-Transfer-Encoding: base64")
    return Case(name=f"zip {name}", raw=several("mixed", TEXT, piece), outcome=outcome, reason=reason, files=files)


def packed(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def lying(data: bytes, offset: int, value: int) -> bytes:
    """Change one number of the first entry of the central directory."""
    start = data.index(b"PK\x01\x02")
    form = {8: "<H", 10: "<H"}.get(offset, "<I")
    return data[: start + offset] + struct.pack(form, value) + data[start + offset + struct.calcsize(form) :]


def overlapping() -> bytes:
    """Two entries of the directory that share the same bytes."""
    data = packed({"a": b"x" * 1000})
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    central = data[start:end]
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, 2 * len(central), start, 0)
    return data[:start] + central + central.replace(b"a", b"b") + tail


def corpus() -> list[Case]:
    """Every case, by a name of its own."""
    made = [*charsets(), *senders(), *lines(), *shapes(), *names(), *fields(), *archives()]
    assert len({one.name for one in made}) == len(made)
    return made
