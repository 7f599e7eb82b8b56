"""CR-BIO (BIO-CR-BIO 2024.01, IHE XD-LAB): chapters of results, as a table for people and entries for programs."""

from collections.abc import Sequence
from datetime import datetime

from carnet.sandbox.documents.cda.tree import Element, cell, loinc, moment, narrative, node, table, templates
from carnet.sandbox.documents.content import Chapter, Paragraph, Result, french_number
from carnet.sandbox.documents.data import Draft

DOCUMENT_TEMPLATES = ("1.3.6.1.4.1.19376.1.3.3", "1.2.250.1.213.1.1.1.55|2024.01")
_MARKS = {"L": " (bas)", "H": " (élevé)", "A": " (anormal)", "N": ""}
_WORDS = {"L": "Anormalement bas", "H": "Anormalement élevé", "A": "Anormal", "N": "Normal"}


def body(draft: Draft) -> list[Element]:
    """One section per chapter, one sub-section with the table and the entries inside."""
    return [_chapter(chapter, draft, number) for number, chapter in enumerate(draft.chapters, start=1)]


def act(draft: Draft) -> Element:
    """The act documented: the first chapter of the report."""
    return loinc("code", draft.chapters[0].code, draft.chapters[0].title)


def printed(value: float | str | None, result: Result) -> str:
    """A value as printed: decimal comma and unit, or words."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return f"{french_number(value, result.analyte.decimals)} {result.analyte.unit}".strip()


def usual(result: Result) -> str:
    """The usual range as printed."""
    analyte = result.analyte
    low, high = (
        None if bound is None else french_number(bound, analyte.decimals) for bound in (analyte.low, analyte.high)
    )
    if low is not None and high is not None:
        return f"{low} – {high}"
    return f"< {high}" if high is not None else f"> {low}" if low is not None else analyte.expected or "–"


def _chapter(chapter: Chapter, draft: Draft, number: int) -> Element:
    ids = [f"res-{number}-{index}" for index in range(1, len(chapter.results) + 1)]
    rows = [
        [
            cell(result.analyte.label, target=target),
            cell(printed(result.value, result) + _MARKS[result.flag], bold=result.flag != "N"),
            cell(usual(result)),
            cell(printed(result.before, result)),
        ]
        for target, result in zip(ids, chapter.results, strict=True)
    ]
    comment = narrative(Paragraph(chapter.comment)) if chapter.comment else None
    headers = ("Analyse", "Résultat", "Valeurs de référence", "Antériorité")
    inner = node(
        "section",
        *templates("1.3.6.1.4.1.19376.1.3.3.2.2", "1.2.250.1.213.1.1.2.71"),
        loinc("code", chapter.code, chapter.title),
        node("title", chapter.title),
        node("text", table(headers, rows), comment),
        _entry(chapter, draft.period[0], ids),
    )
    return node(
        "component",
        node(
            "section",
            *templates("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70"),
            loinc("code", chapter.code, chapter.title),
            node("title", chapter.title.upper()),
            node("component", inner),
        ),
    )


def _entry(chapter: Chapter, taken: datetime, ids: Sequence[str]) -> Element:
    observations = [
        node("entryRelationship", _observation(result, taken, target), typeCode="COMP")
        for result, target in zip(chapter.results, ids, strict=True)
    ]
    return node(
        "entry",
        *templates("1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21"),
        node(
            "act",
            loinc("code", chapter.code, chapter.title),
            node("statusCode", code="completed"),
            *observations,
            classCode="ACT",
            moodCode="EVN",
        ),
        typeCode="DRIV",
    )


def _observation(result: Result, taken: datetime, target: str) -> Element:
    reference = node("originalText", node("reference", value=f"#{target}"))
    return node(
        "observation",
        *templates("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80"),
        loinc("code", result.analyte.loinc, result.analyte.label, reference),
        node("statusCode", code="completed"),
        node("effectiveTime", value=moment(taken)),
        _value(result),
        node(
            "interpretationCode",
            code=result.flag,
            displayName=_WORDS[result.flag],
            codeSystem="2.16.840.1.113883.5.83",
        ),
        _range(result),
        classCode="OBS",
        moodCode="EVN",
    )


def _value(result: Result) -> Element:
    if isinstance(result.value, str):
        return node("value", result.value, xsi_type="ST")
    return node("value", value=_plain(result.value, result), unit=result.analyte.ucum, xsi_type="PQ")


def _range(result: Result) -> Element | None:
    analyte = result.analyte
    if analyte.low is None and analyte.high is None:
        return None
    bounds = [("low", analyte.low), ("high", analyte.high)]
    value = node(
        "value",
        *[node(tag, value=_plain(bound, result), unit=analyte.ucum) for tag, bound in bounds if bound is not None],
        xsi_type="IVL_PQ",
    )
    normal = node("interpretationCode", code="N", displayName="Normal", codeSystem="2.16.840.1.113883.5.83")
    return node(
        "referenceRange",
        node("observationRange", value, normal, classCode="OBS", moodCode="EVN.CRT"),
        typeCode="REFV",
    )


def _plain(value: float, result: Result) -> str:
    return f"{value:.{result.analyte.decimals}f}"
