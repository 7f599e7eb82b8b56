"""More of the corpus: habits of programs in use (Outlook, Apple Mail, phones, scanners), and servers' reports."""

import base64
from collections.abc import Iterator

import msgspec

from factories.odd_mail import SENDER, TEXT, TO, Case, head, part, plain, several

PHOTO = base64.b64encode(b"\xff\xd8\xff\xe0 photo").decode()
B64 = "Content-Transfer-Encoding: base64"
OURS = "<0190a@patient.carnet.invalid>"


def habits() -> Iterator[Case]:
    """How the programs people use write."""
    yield from _texts()
    yield from _outlook()
    yield from _apple()
    opaque = part("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", b"MAA=", B64)
    detached = part("application/x-pkcs7-signature; name=smime.p7s", b"MAA=", B64)
    wrapped = part('multipart/mixed; boundary="c"', b"--c\r\n" + TEXT + b"\r\n--c--")
    clear = several('signed; protocol="application/pkcs7-signature"; micalg=sha1', wrapped, detached)
    yield Case(name="S/MIME opaque in mixed", raw=several("mixed", TEXT, opaque), said="Voilà.", files=1)
    yield Case(name="S/MIME clear around mixed", raw=clear, said="Voilà.", files=1)
    pgp = part("application/octet-stream; name=encrypted.asc", b"-----BEGIN PGP MESSAGE-----")
    sealed = several("encrypted; protocol=x", part("application/pgp-encrypted", b"Version: 1"), pgp)
    yield Case(name="PGP encrypted", raw=sealed, said="", files=2)
    scan = part('application/octet-stream; name="SCAN_0001.PDF"', base64.b64encode(b"%PDF-1.4"), B64)
    yield Case(name="scanner: a file and no words", raw=several("mixed", scan), said="", files=1)
    for method in ("REQUEST", "REPLY", "CANCEL"):
        event = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nEND:VCALENDAR\r\n".encode()
        kind = f"Content-Type: text/calendar; method={method}; charset=utf-8\r\n".encode()
        yield Case(name=f"calendar {method} alone", raw=plain(event, more=kind), said="", files=1)


def _texts() -> Iterator[Case]:
    flowed = b"Content-Type: text/plain; format=flowed; delsp=yes\r\n"
    yield Case(name="flowed, delsp", raw=plain(b"un mot cou \r\npe\r\n", more=flowed), said=None)
    quoted = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    yield Case(name="soft breaks", raw=plain(b"un=\r\n deux =C3=A9=20\r\n", more=quoted), said="un deux é")
    yield Case(name="broken quoted-printable", raw=plain(b"a=ZZ =\r\nb=\r\n", more=quoted), said="a=ZZ b")
    yield Case(name="dots at the beginning", raw=plain(b".a\r\n..b\r\n. \r\n"), said=".a\n..b\n.")
    yield Case(name="a line that is From", raw=plain(b"From here\r\n>From there\r\n"), said="From here\n>From there")
    raw = head().replace(b"Essai", "Résultats é".encode("latin-1"))
    yield Case(name="raw latin-1 subject", raw=raw + b"\r\nx\r\n", said="x", subject="Résultats é")
    utf8 = head().replace(b"Essai", "Résultats é".encode())
    yield Case(name="raw utf-8 subject", raw=utf8 + b"\r\nx\r\n", said="x", subject="Résultats é")
    mixed = head().replace(b"Essai", "Résultats é =?utf-8?Q?=C3=A9t=C3=A9?=".encode())
    yield Case(name="raw utf-8 beside an encoded word", raw=mixed + b"\r\nx\r\n", said="x", subject="Résultats é été")
    halves = head().replace(b"Essai", b"a =?utf-7?Q?+2AA-?=")
    yield Case(name="half a character in UTF-7", raw=halves + b"\r\nx\r\n", said="x", subject="a \ufffd")
    folded = head().replace(b"Essai", b"=?utf-8?Q?R=C3=A9sul?=\r\n =?utf-8?Q?tats?=")
    yield Case(name="subject in two words", raw=folded + b"\r\nx\r\n", said="x", subject="Résultats")
    named = head().replace(SENDER.encode(), f'"Hélène" <{SENDER}>'.encode())
    yield Case(
        name="raw utf-8 everywhere", raw=named + "Date: é\r\nContent-Type: text/plain; é=é\r\n\r\nx\r\n".encode()
    )
    kind = part("text/é; name=é", b"x", "Content-Disposition: attachment; filename=é")
    yield Case(name="raw utf-8 in a file's head", raw=several("mixed", TEXT, kind), said="Voilà.", files=1)
    split = head().replace(b"Essai", b"=?utf-8?B?w6k=?= =?utf-8?B?w6k=?=")
    yield Case(name="subject in base64 words", raw=split + b"\r\nx\r\n", said="x", subject="éé")
    marked = head().replace(b"Essai", b"XDM/1.0/DDM+Compte rendu")
    yield Case(name="care software: the mark of an archive", raw=marked + b"\r\nx\r\n", subject="Compte rendu")
    yield Case(name="no body at all", raw=head() + b"\r\n", said="")
    yield Case(name="empty multipart", raw=several("mixed"), said="", files=1)
    empty = several("alternative", part("text/plain", b""), part("text/html", b"<html><body></body></html>"))
    yield Case(name="two empty ways of saying it", raw=empty, said="", files=0)
    enriched = b"Content-Type: text/enriched\r\n"
    yield Case(name="enriched", raw=plain(b"<bold>a</bold>\r\n", more=enriched), said="a")


def _outlook() -> Iterator[Case]:
    tnef = part("application/vnd.ms-tnef; name=winmail.dat", base64.b64encode(b"\x78\x9f\x3e\x22"), B64)
    yield Case(name="winmail.dat, new type", raw=several("mixed", TEXT, tnef), said="Voilà.", files=1)
    nameless = part('application/octet-stream; name="winmail.dat"', base64.b64encode(b"\x78\x9f\x3e\x22"), B64)
    yield Case(name="winmail.dat, as bytes", raw=several("mixed", TEXT, nameless), said="Voilà.", files=1)
    office = b'<html xmlns:o="urn:schemas-microsoft-com:office:office"><p class=MsoNormal>a<o:p></o:p></p></html>\r\n'
    html = b"Content-Type: text/html; charset=Windows-1252\r\n"
    yield Case(name="word as html", raw=plain(office, more=html), said="a")
    item = part("message/rfc822", b"From: a@b.invalid\r\nSubject: x\r\n\r\nfw", "Content-Disposition: attachment")
    yield Case(name="forwarded as an item", raw=several("mixed", TEXT, item), said="Voilà.", files=1)
    thread = b"Thread-Topic: x\r\nThread-Index: AdX\r\nX-MS-Has-Attach: yes\r\nImportance: high\r\n"
    yield Case(name="threads of Exchange", raw=plain(b"a\r\n", more=thread), said="a")


def _apple() -> Iterator[Case]:
    image = part('image/jpeg; name="IMG_0001.JPG"; x-apple-part-url=A', PHOTO.encode(), B64,
                 'Content-Disposition: inline; filename="IMG_0001.JPG"')  # fmt: skip
    sent = part("text/plain; charset=us-ascii", b"\r\n\r\nEnvoye de mon iPhone")
    yield Case(name="iPhone: photo and signature", raw=several("mixed", part("text/plain", b""), image, sent), files=1)
    yield Case(name="iPhone: photo alone", raw=several("mixed", image), said="", files=1)
    heic = part('image/heic; name="IMG_0002.HEIC"', base64.b64encode(b"\0\0\0\x18ftypheic"), B64)
    yield Case(name="iPhone: a kind nobody else reads", raw=several("mixed", TEXT, heic), said="Voilà.", files=1)
    fork = part("application/applefile; name=a.pdf", base64.b64encode(b"\0\5\x16\7"), B64)
    data = part('application/pdf; name="a.pdf"', base64.b64encode(b"%PDF-1.4"), B64)
    double = part('multipart/appledouble; boundary="d"', b"--d\r\n" + fork + b"\r\n--d\r\n" + data + b"\r\n--d--")
    yield Case(name="Mac: resource fork", raw=several("mixed", TEXT, double), said="Voilà.", files=2)
    decomposed = part("application/pdf; name*=utf-8''re%CC%81sultat.pdf", base64.b64encode(b"%PDF-1.4"), B64)
    yield Case(name="Mac: decomposed name", raw=several("mixed", TEXT, decomposed), said="Voilà.", files=1)
    binhex = part("application/mac-binhex40; name=a.hqx", b"(This file must be converted with BinHex 4.0)")
    yield Case(name="Mac: BinHex", raw=several("mixed", TEXT, binhex), said="Voilà.", files=1)
    yield Case(name="Mac: mac-roman", raw=plain("caf\u00e9\r\n".encode("mac-roman"),
                                               more=b"Content-Type: text/plain; charset=macintosh\r\n"))  # fmt: skip


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail server says of a message of ours. fields: some it must be read with; original: what it is about."""

    name: str
    raw: bytes
    kind: str = "delivery-status"
    fields: dict[str, str]
    original: str = OURS


def reports() -> list[Report]:
    """Reports as servers and programs in use write them."""
    failed = {"action": "failed", "status": "5.1.1"}
    return [
        Report(
            name="Postfix",
            raw=_report(
                "MAILER-DAEMON",
                _status("failed", "5.1.1", "Reporting-MTA: dns; mx.chu", "X-Postfix-Sender: x"),
                _returned("text/rfc822-headers"),
            ),
            fields=failed,
        ),
        Report(
            name="Postfix, delayed",
            raw=_report(
                "MAILER-DAEMON", _status("delayed", "4.4.1", "Will-Retry-Until: x"), _returned("message/rfc822")
            ),
            fields={"action": "delayed", "status": "4.4.1"},
        ),
        Report(
            name="Exim",
            raw=_report(
                "Mailer-Daemon",
                _status("failed", "5.0.0", "Remote-MTA: dns; mx.chu"),
                _returned("message/rfc822"),
                more=b"X-Failed-Recipients: a@chu\r\n",
            ),
            fields={"action": "failed", "status": "5.0.0"},
        ),
        Report(
            name="Exchange",
            raw=_report(
                "postmaster",
                _status(
                    "failed",
                    "5.1.1",
                    "Received-From-MTA: dns;x",
                    "X-Display-Name: A",
                    "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound",
                ),
                _returned("message/rfc822"),
                said=part("text/html; charset=us-ascii", b"<p>Undeliverable</p>"),
            ),
            fields=failed,
        ),
        Report(
            name="Sendmail, whole 8bit",
            raw=_report(
                "MAILER-DAEMON",
                _status("failed", "5.1.1", "Arrival-Date: x"),
                _returned("message/rfc822", b"\r\n\xe9t\xe9"),
            ),
            fields=failed,
        ),
        Report(
            name="Outlook, read",
            raw=_report(
                "claire",
                _status(
                    "",
                    "",
                    f"Original-Message-ID: {OURS}",
                    "Disposition: automatic-action/MDN-sent-automatically; displayed",
                    kind="message/disposition-notification",
                ),
            ),
            kind="disposition-notification",
            fields={"original-message-id": OURS},
            original="",
        ),
    ]


def silent_reports() -> list[tuple[str, bytes]]:
    """Older servers tell people, not programs: no report can be read of these, and they have no sender."""
    words = b"This message was created automatically by mail delivery software.\r\n  a@chu: Unknown user\r\n"
    exim = plain(words, sender=b"Mailer-Daemon@chu.mssante.invalid", more=b"X-Failed-Recipients: a@chu\r\n")
    qmail = plain(b"Hi. This is the qmail-send program.\r\n<a@chu>:\r\n", sender=b"MAILER-DAEMON@chu.mssante.invalid")
    return [("old Exim", exim), ("qmail", qmail)]


def _status(action: str, status: str, *more: str, kind: str = "message/delivery-status") -> bytes:
    first = [one for one in more if not one.startswith(("Diagnostic", "X-Display", "Remote", "Will"))]
    block = [f"Final-Recipient: rfc822; {SENDER}", *(one for one in more if one not in first)]
    if action:
        block += [f"Action: {action}", f"Status: {status}"]
    gap = "\r\n\r\n" if action else "\r\n"
    return part(kind, ("\r\n".join(first or ["Reporting-MTA: dns; x"]) + gap + "\r\n".join(block) + "\r\n").encode())


def _returned(kind: str, body: bytes = b"\r\nx") -> bytes:
    return part(kind, f"From: {TO}\r\nTo: {SENDER}\r\nMessage-ID: {OURS}\r\nSubject: x\r\n".encode() + body)


def _report(local: str, *parts: bytes, said: bytes = TEXT, more: bytes = b"") -> bytes:
    kind = "disposition-notification" if b"disposition" in parts[0][:60] else "delivery-status"
    raw = several(f"report; report-type={kind}", said, *parts, more=more)
    return raw.replace(f"From: {SENDER}".encode(), f"From: <{local}@chu.mssante.invalid>".encode(), 1)
