"""The page says everything the narrative says, in order, so that ears and narrow screens follow it."""

import base64
import time

import pytest
from lxml import html

from carnet.formats import cda
from factories.cda import make_cda, make_cda_n1
from factories.images import make_png, make_png_bomb, make_tiff
from factories.pdf import make_pdf


def _page(data: bytes, *, language: str = "fr", links: bool = True) -> html.HtmlElement:
    page = cda.render_html(
        cda.read(data),
        language=language,
        stylesheet_href="/cda.css",
        part_href=(lambda index: f"/part/{index}") if links else None,
    )
    return html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))


def _narrative(xml: str, **overrides: object) -> html.HtmlElement:
    return _page(make_cda(narrative=xml, **overrides)).find_class("narrative")[0]


def _shape(xml: str) -> str:
    element = _narrative(xml)
    return (element.text or "") + "".join(html.tostring(child, encoding="unicode") for child in element)


def _media(data: bytes, key: str = "m", media_type: str = "image/jpeg") -> str:
    payload = base64.b64encode(data).decode()
    return (
        f'<entry><observationMedia classCode="OBS" moodCode="EVN" ID="{key}">'
        f'<value mediaType="{media_type}" representation="B64">{payload}</value></observationMedia></entry>'
    )


@pytest.mark.parametrize(
    ("xml", "shown"),
    [
        ("a<br/>b", "a<br>b"),
        ("H<sub>2</sub>O m<sup>2</sup>", "H<sub>2</sub>O m<sup>2</sup>"),
        ('<content styleCode="Bold">a</content>', "<strong>a</strong>"),
        ('<content styleCode="Italics">a</content>', "<em>a</em>"),
        ('<content styleCode="BoldItalics">a</content>', "<strong><em>a</em></strong>"),
        ('<content styleCode="Underline Emphasis">a</content>', '<span class="s-underline"><em>a</em></span>'),
        ('<content styleCode="xsub">a</content>', '<span class="s-sub">a</span>'),
        ('<content revised="delete">a</content>', "<s>a</s>"),
        ('<content styleCode="unknown">a</content>', "a"),
        ("<paragraph>a</paragraph>", '<p class="para">a</p>'),
        (
            "<paragraph><caption>Titre</caption>a</paragraph>",
            '<p class="para"><strong class="para-caption">Titre</strong> a</p>',
        ),
        ("<paragraph><paragraph>a</paragraph></paragraph>", '<div class="para"><p class="para">a</p></div>'),
        ("<list><item>a</item><item>b</item></list>", '<ul class="list"><li>a</li><li>b</li></ul>'),
        (
            '<list listType="ordered" styleCode="LittleAlpha"><caption>Suite</caption><item>a</item></list>',
            '<p class="list-caption">Suite</p><ol class="list s-little-alpha"><li>a</li></ol>',
        ),
        ("<list/>", ""),
        ("<table/>", ""),
        ("<unknown>a</unknown>", "a"),
        ('<linkHtml href="https://example.org/a?b=c">lien</linkHtml>', None),
        ('<linkHtml href="notice.pdf">Notice</linkHtml>', '<span class="dead-link">Notice</span>'),
        ('<linkHtml href="#nulle-part">a</linkHtml>', "<span>a</span>"),
        ('<footnoteRef IDREF="nulle-part"/>', ""),
        ("<footnote>a</footnote>", '<span class="note">[a]</span>'),
    ],
)
def test_each_construct(xml: str, shown: str | None) -> None:
    if shown is None:
        (link,) = _narrative(xml).iter("a")
        assert link.get("href") == "https://example.org/a?b=c"
        assert link.get("rel") == "noopener noreferrer"
        return
    assert _shape("." + xml) == "." + shown


def test_tables_are_announced() -> None:
    table = next(
        _narrative(
            "<table><caption>Résultats</caption><thead>"
            "<tr><th rowspan='2'>Analyse</th><th colspan='2'>Valeurs</th></tr>"
            "<tr><th>mmol</th><th>g</th></tr></thead><tfoot><tr><td colspan='3'>fin</td></tr></tfoot>"
            "<tbody><tr><th>Glucose</th><td align='right'>5</td><td>0,9</td></tr></tbody></table>"
        ).iter("table")
    )
    assert table.findtext("caption") == "Résultats"
    assert [th.get("scope") for th in table.iter("th")] == ["col", "colgroup", "col", "col", "row"]
    assert next(table.iter("th")).get("rowspan") == "2"
    assert "to-right" in [td.get("class") for td in table.iter("td")]
    scrolling = table.getparent()
    assert (scrolling.get("role"), scrolling.get("tabindex")) == ("group", "0")
    assert scrolling.get("aria-label") == "Tableau 1 : Chimie"


def test_a_table_without_caption_or_head_is_still_announced() -> None:
    table = next(
        _narrative("<table><tbody><tr><th>A</th><th/></tr><tr><td>1</td><td>2</td></tr></tbody></table>").iter("table")
    )
    assert table.findtext("caption") == "Chimie"
    assert [th.get("scope") for th in table.find("thead").iter("th")] == ["col"]
    assert len(table.find("thead").findall("tr/td")) == 1  # a header without words announces nothing


def test_absurd_spans_are_bounded() -> None:
    cells = list(
        _narrative(
            "<table><tr><td colspan='99999'>a</td><td rowspan='-1'>b</td><td colspan='²'>c</td></tr></table>"
        ).iter("td")
    )
    assert [cell.get("colspan") for cell in cells] == ["100", None, None]


def test_links_inside_the_document() -> None:
    element = _narrative(
        '<linkHtml href="#r1">voir</linkHtml><footnoteRef IDREF="n 1"/>'
        '<content ID="r1">ici</content><content ID="r1">encore</content><footnote ID="n 1">note</footnote>'
    )
    ids = [node.get("id") for node in element.iter() if node.get("id")]
    assert len(ids) == len(set(ids)) == 2
    assert [link.get("href") for link in element.iter("a")] == [f"#{ids[0]}", f"#{ids[1]}"]


def test_headings_follow_the_nesting_of_sections() -> None:
    innermost = "<component><section><title>C</title></section></component>"
    inner = f"<component><section><title>B</title><text>b</text>{innermost}</section></component>"
    page = _page(make_cda(entries=inner, more_sections=[("D", "d")]))
    headings = [(node.tag, node.text_content()) for node in page.iter("h1", "h2", "h3", "h4")]
    assert headings == [("h1", "Compte rendu de biologie"), ("h2", "Chimie"), ("h3", "B"), ("h4", "C"), ("h2", "D")]


def test_languages() -> None:
    page = _page(make_cda(language="de-CH"), language="en")
    assert page.get("lang") == "en"
    assert page.find(".//main").get("lang") == "de-CH"
    assert "Author" in page.text_content()
    assert "Auteur" in _page(make_cda(), language="xx").text_content()


def test_the_summary_on_top() -> None:
    facts = {
        dt.text_content(): dt.getnext().text_content()
        for dt in _page(make_cda(version=2)).find_class("facts")[0].iter("dt")
    }
    assert facts["Patient"].startswith("DOMINIQUE DURAND nom de naissance PAT-TROIS · Féminin · 28 mars 1979")
    assert facts["Matricule INS"] == "2 79 03 51 215 189 89"
    assert facts["Date du document"] == "2 mai 2024, 10:30"
    assert facts["Auteur"].startswith("DR Camille FICTIF")
    assert facts["Conservé par"] == "Laboratoire de la Fiction"
    assert facts["Version"] == "2"


def test_an_image_is_shown_whatever_its_label() -> None:
    xml = '<renderMultiMedia referencedObject="m"><caption>Cliché de face</caption></renderMultiMedia>'
    (image,) = _narrative(xml, entries=_media(make_png(), media_type="image/jpeg")).iter("img")
    assert image.get("src").startswith("data:image/png;base64,")
    assert image.get("alt") == "Cliché de face"
    (scan,) = _narrative(xml, entries=_media(make_tiff())).iter("img")
    assert scan.get("src").startswith("data:image/png;base64,")


def test_a_region_of_interest_shows_its_image() -> None:
    region = _media(make_png(), key="inside").replace(
        "<entry>", '<entry><regionOfInterest ID="roi"><entryRelationship>'
    )
    region = region.replace("</entry>", "</entryRelationship></regionOfInterest></entry>")
    assert len(list(_narrative('<renderMultiMedia referencedObject="roi"/>', entries=region).iter("img"))) == 1


@pytest.mark.parametrize(
    "data", [make_png()[:40], make_png_bomb(), b"\x00\x01", b"GIF89a"], ids=["cut", "bomb", "?", "gif"]
)
def test_what_cannot_be_shown_is_said(data: bytes) -> None:
    element = _narrative('<renderMultiMedia referencedObject="m"/> suite', entries=_media(data))
    assert not list(element.iter("img"))
    assert len(element.find_class("part")) == 1
    assert "suite" in element.text_content()


def test_a_dangling_reference_is_harmless() -> None:
    element = _narrative('avant <renderMultiMedia referencedObject="nulle-part"/> après')
    assert "Un élément cité ici n'est pas dans le document." in element.text_content()


def test_an_embedded_pdf_is_a_link_or_a_mention() -> None:
    page = _page(make_cda_n1())
    (link,) = page.find("body").iter("a")
    assert link.get("href") == "/part/0"
    assert "Ce document contient un PDF" in page.text_content()
    assert not list(_page(make_cda_n1(), links=False).find("body").iter("a"))


def test_a_file_nobody_points_to_is_still_offered() -> None:
    page = _page(make_cda(entries=_media(make_pdf(), media_type="application/pdf")))
    assert [link.get("href") for link in page.find("body").iter("a")] == ["/part/0"]
    assert "Fichiers joints" in [heading.text for heading in page.iter("h2")]


def test_embedded_text_is_shown_as_text() -> None:
    page = _page(make_cda_n1(pdf="Ligne 1 <b>\nLigne 2 é".encode(), media_type="text/plain"))
    assert next(page.iter("pre")).text == "Ligne 1 <b>\nLigne 2 é"
    rtf = _page(make_cda_n1(pdf=rb"{\rtf1\ansi Bonjour \'e0 vous}", media_type="application/pdf"))
    assert next(rtf.iter("pre")).text == "Bonjour à vous"


def test_a_broken_embedded_file_does_not_break_the_page() -> None:
    assert "incomplet ou illisible" in _page(make_cda(payload="%%%")).text_content()


def test_images_stay_within_a_budget_for_the_page() -> None:
    """A hundred images of twelve million pixels each, in a few kilobytes: the first are drawn, the rest offered."""
    image = make_png(width=4000, height=3000)
    entries = "".join(_media(image, key=f"m{n}") for n in range(100))
    narrative = "".join(f'<renderMultiMedia referencedObject="m{n}"/>' for n in range(100))
    started = time.process_time()
    page = _page(make_cda(narrative=narrative, entries=entries))
    assert 1 <= len(list(page.iter("img"))) <= 10
    assert len(page.find_class("part")) >= 90
    assert time.process_time() - started < 10


def test_the_style_sheet_is_the_only_thing_loaded() -> None:
    page = _page(make_cda())
    assert [(link.get("rel"), link.get("href")) for link in page.iter("link")] == [("stylesheet", "/cda.css")]
    assert not [node for node in page.iter() if node.get("style")]
