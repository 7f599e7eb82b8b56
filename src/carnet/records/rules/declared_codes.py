"""Codes of a declared document, checked against the value sets of the CI-SIS and written the one way we store them.

A known code takes the label of its nomenclature: what a sender displays beside a code is never trusted. Deliberately
ignored: whether a format fits the bytes; versions of nomenclatures.
"""

from typing import Final

import msgspec

from carnet.kernel.decisions import Reason, problem_of
from carnet.records.data import CONFIDENTIALITY_CODES, NORMAL, Coding, DeclaredDocument
from carnet.records.rules.confidentiality import EXCLUSIVE, MASKS
from carnet.records.rules.findings import Findings
from carnet.terminology import api as terminology
from carnet.terminology.api import ValueSet

UNCLASSIFIED: Final = "E1762"
"""The technical type of a document sent without one: its person sees it, the matrix shows it to no professional."""

_TECHNICAL_CLASS: Final = "99"
_CLASS_OID: Final = "1.2.250.1.213.1.1.4.1"
_SNOMED_OID: Final = "2.16.840.1.113883.6.96"
_VISIBILITY: Final = frozenset({"1.2.250.1.213.1.1.4.13", "2.16.840.1.113883.5.25"})
_MIME_SUFFICIENT: Final = "urn:ihe:iti:xds:2017:mimeTypeSufficient"
_WIDER: Final = frozenset({ValueSet.FACILITY, ValueSet.SETTING})
_NAMES: Final = {
    ValueSet.TYPE: ("le type de document", "the document type"),
    ValueSet.CLASS: ("la classe de document", "the document class"),
    ValueSet.FORMAT: ("le format", "the format"),
    ValueSet.FACILITY: ("le secteur d'activité", "the facility type"),
    ValueSet.SETTING: ("le cadre d'exercice", "the practice setting"),
    ValueSet.CONFIDENTIALITY: ("la confidentialité", "the confidentiality"),
}


class Kinds(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of document it is, where its person finds it, and what hides it. Empty codes: a problem was noted."""

    type: Coding
    document_class: Coding
    shelf: str
    level: str
    codes: frozenset[str]


def kinds_of(declared: DeclaredDocument, *, findings: Findings) -> Kinds:
    """Return the kinds of a declared document, completed where a silence has one meaning."""
    level, codes = confidentiality(declared.labels, findings=findings)
    kind, document_class, shelf = type_and_class(declared.type, declared.category, findings=findings)
    nothing = Coding("", "")
    return Kinds(type=kind or nothing, document_class=document_class or nothing, shelf=shelf, level=level, codes=codes)


def known(value_set: ValueSet, declared: Coding | None, *, element: str, findings: Findings) -> Coding | None:
    """Return the coding as we store it, None when nothing was declared; an unknown code is a problem at `element`.

    Facility and setting also come in SNOMED CT from senders of the international profile (MHD): kept, with a word.
    """
    if declared is None:
        return None
    found = _member(value_set, declared)
    if found is not None:
        return Coding(terminology.system_uri(found.system), found.code, found.label_fr)
    if value_set is ValueSet.FORMAT and declared.code == _MIME_SUFFICIENT:
        return Coding(declared.system, declared.code, None)
    fr, en = _NAMES[value_set]
    if value_set in _WIDER and terminology.oid_of(declared.system) == _SNOMED_OID:
        findings.warning(
            "code-outside-value-set",
            f"Ce code SNOMED CT pour {fr} est conservé, mais le CI-SIS en attend un autre.",
            f"This SNOMED CT code for {en} is kept, but the CI-SIS expects another.",
            element,
        )
        return Coding(declared.system, declared.code, declared.display)
    findings.problem(
        f"{value_set}-unknown-code",
        f"Le code donné pour {fr} ne fait pas partie du jeu de valeurs attendu.",
        f"The code given for {en} is not in the expected value set.",
        element,
    )
    return None


def _member(value_set: ValueSet, declared: Coding) -> terminology.Coding | None:
    if declared.system:
        return terminology.coding(value_set, declared.system, declared.code)
    alike = [one for one in terminology.values(value_set) if one.code == declared.code]
    return alike[0] if len(alike) == 1 else None


def type_and_class(
    declared_type: Coding | None, declared_class: Coding | None, *, findings: Findings
) -> tuple[Coding | None, Coding | None, str]:
    """Return type, class and the shelf where the person finds the document.

    The class goes with the type (ASS_X04). Another class of the same nomenclature is kept with a word: the French
    examples themselves pair them otherwise; a category of another system (LOINC in the MHD examples) is not a class.
    """
    kind = known(ValueSet.TYPE, declared_type or _unclassified(findings), element="type", findings=findings)
    entry = terminology.document_type(kind.code) if kind else None
    if declared_class is not None and terminology.oid_of(declared_class.system) not in {_CLASS_OID, None}:
        declared_class = None
    chosen = known(ValueSet.CLASS, declared_class, element="category", findings=findings)
    if entry is None:
        return kind, chosen, "AUTR_DOC"
    if chosen is not None and chosen.code != entry.class_code:
        findings.warning(
            "class-not-of-type",
            "La classe donnée n'est pas celle que le CI-SIS associe à ce type de document.",
            "The class given is not the one the CI-SIS associates with this document type.",
            "category",
        )
    return kind, chosen or _class(entry.class_code if declared_type else _TECHNICAL_CLASS), entry.category


def _unclassified(findings: Findings) -> Coding:
    findings.warning(
        "type-missing",
        "Sans type, ce document est classé « document technique » et n'est montré à aucun professionnel.",
        "Without a type, this document is filed as technical and shown to no professional.",
        "type",
    )
    entry = terminology.document_type(UNCLASSIFIED)
    return Coding(entry.system if entry else "", UNCLASSIFIED)


def _class(code: str) -> Coding:
    found = next(one for one in terminology.values(ValueSet.CLASS) if one.code == code)
    return Coding(terminology.system_uri(found.system), found.code, found.label_fr)


def confidentiality(labels: tuple[Coding, ...], *, findings: Findings) -> tuple[str, frozenset[str]]:
    """Return the sender's level (N, R or V) and what hides the document. Unknown codes are problems (JDV_J08).

    TRE_A07 and HL7 codes are told apart by themselves: senders write N under either system.
    """
    for index, label in enumerate(labels):
        if label.code not in CONFIDENTIALITY_CODES or terminology.oid_of(label.system) not in _VISIBILITY:
            findings.problem(
                "confidentiality-unknown-code",
                "Le code de confidentialité ne fait pas partie du jeu de valeurs attendu.",
                "The confidentiality code is not in the expected value set.",
                f"securityLabel[{index}]",
            )
    codes = {label.code for label in labels}
    if codes >= EXCLUSIVE:
        findings.add(problem_of(Reason.CODES_EXCLUDE_EACH_OTHER), "securityLabel")
    level = next((code for code in ("V", "R") if code in codes), NORMAL)
    return level, frozenset(codes & MASKS) or frozenset({NORMAL})
