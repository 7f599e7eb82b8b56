"""Letters, prescriptions and certificates as PDF: one quiet page design, the organisation's name on top.

Uses the fonts every reader has (no file to ship) in Windows-1252, which holds all of French. The same draft gives the
same bytes: the creation date is the document's.
"""

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from carnet.sandbox.documents.content import Block, Bullets, Grid, Paragraph, Section
from carnet.sandbox.documents.data import Draft

INK = (29, 36, 51)
SOFT = (236, 239, 248)
ACCENTS = {
    "hopital": (27, 75, 122),
    "laboratoire": (105, 44, 110),
    "imagerie": (38, 66, 110),
    "maison": (30, 98, 78),
    "pharmacie": (22, 112, 60),
    "ehpad": (122, 74, 24),
    "pmi": (160, 62, 92),
    "dentaire": (20, 105, 120),
    "cliniquemer": (0, 92, 122),
}
MARGIN = 18
WIDTH = 210 - 2 * MARGIN


class Letter(FPDF):  # type: ignore[misc]  # fpdf2 ships no types we follow
    """An A4 page with the sender's band on the first page and a numbered foot on all."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(format="A4")
        self.draft = draft
        self.accent = ACCENTS[draft.organisation.key]
        self.core_fonts_encoding = "windows-1252"
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=24)
        self.set_creation_date(draft.date)
        self.set_title(draft.title)
        self.set_author(draft.author.display)
        self.set_lang("fr-FR")
        self.set_producer("Carnet, bac à sable")
        self.add_page()

    def header(self) -> None:
        """The band: who sends, from where."""
        if self.page_no() > 1:
            return
        place = self.draft.organisation
        self.set_fill_color(*self.accent)
        self.rect(0, 0, 210, 5, style="F")
        self.set_xy(MARGIN, 12)
        self.set_text_color(*self.accent)
        self.set_font("helvetica", style="B", size=13)
        self.line(place.name)
        self.set_text_color(*INK)
        self.set_font("helvetica", size=9)
        where = place.address
        self.line(f"{where.number} {where.street}, {where.postal_code} {where.city}  -  Tél. {place.phone}")
        self.line(f"FINESS {place.finess}")
        self.ln(3)

    def footer(self) -> None:
        """What it is (fictitious) and which page."""
        self.set_y(-17)
        self.set_font("helvetica", size=8)
        self.set_text_color(90, 90, 90)
        note = "Document fictif : personnes, lieux et numéros inventés pour le bac à sable de Carnet."
        self.cell(WIDTH - 20, 5, note)
        self.cell(20, 5, f"{self.page_no()}/{{nb}}", align="R")

    def line(self, text: str, height: float = 5) -> None:
        """One line of text, then the next line."""
        self.cell(WIDTH, height, text, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def words(self, text: str, height: float = 5.4) -> None:
        """A paragraph over the whole width."""
        self.multi_cell(WIDTH, height, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def people(self) -> None:
        """Who writes, about whom, when."""
        one, person = self.draft.author, self.draft.person
        self.set_font("helvetica", style="B", size=10.5)
        self.line(one.display)
        self.set_font("helvetica", size=9)
        self.line(one.profession_label)
        self.line(f"RPPS {one.rpps}")
        self.ln(2)
        self.set_fill_color(*SOFT)
        sex = "Sexe féminin" if person.sex == "F" else "Sexe masculin"
        born = "née le" if person.sex == "F" else "né le"
        text = (
            f"**{person.display}**\n{born} {person.birth_date:%d/%m/%Y} à {person.birth_place_name}  -  {sex}\n"
            f"Nom de naissance : {person.registered_name}  -  Prénoms : {person.registered_given}\n"
            f"INS (test) : {person.matricule}"
        )
        self.set_font("helvetica", size=9.5)
        self.multi_cell(WIDTH, 5, text, fill=True, padding=3, markdown=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)
        self.cell(WIDTH, 5, f"{self.draft.organisation.address.city}, le {self.draft.date:%d/%m/%Y}", align="R")
        self.ln(9)

    def heading(self, text: str, *, size: float) -> None:
        """A title in the sender's colour."""
        self.set_text_color(*self.accent)
        self.set_font("helvetica", style="B", size=size)
        self.words(text, size * 0.5)
        self.set_text_color(*INK)
        self.ln(1.5)

    def block(self, block: Block) -> None:
        """A paragraph, a list or a table."""
        self.set_font("helvetica", style="B" if isinstance(block, Paragraph) and block.strong else "", size=10.5)
        match block:
            case Paragraph(text=text):
                self.words(text)
                self.ln(1.5)
            case Bullets(items=items):
                for item in items:
                    self.set_x(MARGIN + 3)
                    self.cell(4, 5.4, "•")
                    self.multi_cell(WIDTH - 7, 5.4, item, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
                self.ln(1.5)
            case Grid():
                self.grid(block)

    def grid(self, grid: Grid) -> None:
        """A table with a shaded head."""
        if grid.caption:
            self.words(grid.caption)
        self.set_font("helvetica", size=9.5)
        self.set_draw_color(190, 190, 190)
        head = FontFace(emphasis="BOLD", fill_color=SOFT)
        with self.table(
            headings_style=head,
            cell_fill_color=(255, 255, 255),
            cell_fill_mode="ALL",
            line_height=5.2,
            text_align="LEFT",
            padding=1,
        ) as table:
            for texts in (grid.headers, *grid.rows):
                row = table.row()
                for text in texts:
                    row.cell(text)
        self.ln(3)

    def section(self, section: Section) -> None:
        """A titled part and what is inside it."""
        if section.title:
            self.heading(section.title, size=11.5)
        for block in section.blocks:
            self.block(block)
        for inner in section.sections:
            self.section(inner)
        self.ln(1)

    def signature(self) -> None:
        """Who signed."""
        self.ln(4)
        self.set_font("helvetica", size=9.5)
        self.cell(WIDTH, 5, f"Signé électroniquement par {self.draft.author.display}", align="R")


def pdf(draft: Draft) -> bytes:
    """The draft's sections as a PDF."""
    letter = Letter(draft)
    letter.people()
    letter.heading(draft.title, size=16)
    letter.ln(1)
    for section in draft.sections:
        letter.section(section)
    letter.signature()
    return bytes(letter.output())
