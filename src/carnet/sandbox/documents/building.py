"""From a draft to a file: picks the builder, the format code and a file name."""

import base64
import re
import unicodedata
from collections.abc import Callable

import msgspec
from lxml import etree

from carnet.sandbox.documents.cda import biology, models, vaccination
from carnet.sandbox.documents.cda.header import document_code, header
from carnet.sandbox.documents.cda.tree import HL7, XSI, Element, node, section
from carnet.sandbox.documents.content import Paragraph
from carnet.sandbox.documents.data import Draft, SandboxDocument, oid_of
from carnet.sandbox.documents.pdf_pages import pdf
from carnet.terminology import api as terminology

UNREFERENCED = "urn:asipSante:modelesHorsProfils:2011"


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """How one kind of CDA is made: its templates, format code, body, and the act it documents."""

    templates: tuple[str, ...]
    format_code: str
    body: Callable[[Draft], list[Element]]
    act: Callable[[Draft], Element]


def build(draft: Draft) -> SandboxDocument:
    """The finished file. The same draft always gives the same bytes."""
    model = MODELS.get(draft.kind)
    content = pdf(draft) if model is None else _cda(draft, model)
    return SandboxDocument(
        key=draft.key,
        file_name=f"{draft.date:%Y-%m-%d}-{draft.person.login}-{_slug(draft.title)}.{'xml' if model else 'pdf'}",
        content=content,
        media_type="application/pdf" if model is None else "text/xml",
        type_code=draft.type_code,
        format_code=UNREFERENCED if model is None else model.format_code,
        title=draft.title,
        person=draft.person,
        author=draft.author,
        organisation=draft.organisation,
        date=draft.date,
        period=draft.period,
        confidentiality=draft.confidentiality,
        unique_id=draft.unique_id,
        set_id=draft.set_id,
        version=draft.version,
        replaces=oid_of(draft.replaces) if draft.replaces else None,
    )


def _cda(draft: Draft, model: Model) -> bytes:
    code = document_code(draft.type_code, type_label(draft.type_code))
    head = header(draft, document_templates=model.templates, code=code, act=model.act(draft))
    namespaces: dict[str | None, str] = {None: HL7, "xsi": XSI}
    root = etree.Element(f"{{{HL7}}}ClinicalDocument", nsmap=namespaces)  # type: ignore[arg-type]  # the stubs forget None
    root.extend([element for element in [*head, node("component", _body(draft, model))] if element is not None])
    etree.indent(root, space="  ")
    _tighten(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _tighten(root: Element) -> None:
    """Take the indentation out of narratives, where white space is text."""
    for narrative in root.iter(f"{{{HL7}}}text"):
        for inside in narrative.iterdescendants():
            inside.tail = inside.tail if inside.tail and inside.tail.strip() else None
            inside.text = inside.text if inside.text and inside.text.strip() else None
        if len(narrative):
            narrative.text = None


def _body(draft: Draft, model: Model) -> Element:
    if draft.kind != "letter":
        return node("structuredBody", *model.body(draft))
    payload = base64.b64encode(pdf(draft)).decode()
    return node("nonXMLBody", node("text", payload, mediaType="application/pdf", representation="B64"))


def type_label(code: str) -> str:
    """The French label of a document type. KeyError when the type is unknown to the terminology."""
    found = terminology.document_type(code)
    if found is None:
        raise KeyError(code)
    return found.label_fr


def _sections(draft: Draft) -> list[Element]:
    return [section(one) for one in draft.sections]


def _discharge(draft: Draft) -> list[Element]:
    return [section(models.section("status", Paragraph("Validé"))), *_sections(draft)]


def _act(draft: Draft) -> Element:
    return document_code(draft.type_code, draft.act or type_label(draft.type_code))


def _stay(draft: Draft) -> Element:
    label = "Hospitalisation (établissement, y compris HAD)"
    del draft
    return node("code", code="IMP", displayName=label, codeSystem="2.16.840.1.113883.5.4")


MODELS = {
    "biology": Model(
        templates=biology.DOCUMENT_TEMPLATES,
        format_code="urn:ihe:lab:xd-lab:2008",
        body=biology.body,
        act=biology.act,
    ),
    "vaccination": Model(
        templates=vaccination.DOCUMENT_TEMPLATES,
        format_code="urn:asip:ci-sis:vac-note:2021",
        body=vaccination.body,
        act=vaccination.act,
    ),
    "discharge": Model(
        templates=models.DISCHARGE_TEMPLATES,
        format_code="urn:asip:ci-sis:ldl-ses:2017",
        body=_discharge,
        act=_stay,
    ),
    "imaging": Model(
        templates=models.IMAGING_TEMPLATES,
        format_code="urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013",
        body=_sections,
        act=_act,
    ),
    "summary": Model(
        templates=models.SUMMARY_TEMPLATES, format_code="urn:asip:ci-sis:vsm:2012", body=_sections, act=_act
    ),
    "letter": Model(
        templates=models.UNSTRUCTURED_TEMPLATES,
        format_code="urn:ihe:iti:xds-sd:pdf:2008",
        body=_sections,
        act=_act,
    ),
}


def _slug(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:60]
