"""From bytes to a ClinicalDocument. Strict about what identifies the document, forgiving about everything else.

A document that cannot be told apart from another (no identifier), of unknown type or date, or about nobody or several
people, is refused; a missing author, odd zone or dangling reference is read as it is.
"""

import re
from typing import Final

from lxml import etree

from carnet.formats import safe_xml
from carnet.formats.cda import body, header
from carnet.formats.cda.elements import HL7, attribute, code, every, first, identifier, identifiers, moment, text
from carnet.formats.cda.elements import whole_number as number
from carnet.formats.cda.model import ClinicalDocument, Code, EmbeddedPart, Identifier, Moment, Section
from carnet.kernel.errors import Invalid, Problem

_STYLESHEET: Final = "{http://www.w3.org/1999/XSL/Transform}stylesheet"
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)


def read(
    data: bytes, *, limits: safe_xml.XmlLimits = safe_xml.DEFAULT_LIMITS, sections: bool = True
) -> ClinicalDocument:
    """Read a CDA R2 document. Raises Invalid (or TooLarge) and nothing else, whatever the bytes.

    sections: False leaves them out, which are most of the work: a deposit only needs to know what the document is.
    What would be refused with them is refused without.

    Problem codes: those of `safe_xml.parse`, `cda-not-a-cda`, `cda-id-missing`, `cda-code-missing`,
    `cda-date-missing`, `cda-patient-missing`, `cda-several-patients`, `cda-body-missing`, `cda-body-elsewhere`,
    `cda-too-complex`.
    """
    if sections:
        root = safe_xml.parse(data, limits=limits)
    else:
        root = safe_xml.parse_hollow(data, hollow=body.PLACE, unless=body.needs_looking_at, limits=limits)
    document = _document_in(root)
    language = attribute(first(document, "languageCode"), "code") or ""
    parts, regions, body_part = _parts(document)
    return ClinicalDocument(
        id=_required_id(document),
        code=_required_code(document),
        title=text(first(document, "title")),
        effective_time=_required_time(document),
        confidentiality=code(first(document, "confidentialityCode")),
        language=language if _LANGUAGE.fullmatch(language) else "fr-FR",
        patient=header.patient(_only_patient(document)),
        set_id=identifier(first(document, "setId")),
        version=number(attribute(first(document, "versionNumber"), "value")),
        authors=header.participants(document, "author", "assignedAuthor"),
        custodian=header.organisation(
            first(document, "custodian", "assignedCustodian", "representedCustodianOrganization")
        ),
        legal_authenticator=next(iter(header.participants(document, "legalAuthenticator", "assignedEntity")), None),
        recipients=header.participants(document, "informationRecipient", "intendedRecipient"),
        related=header.related(document),
        events=header.events(document),
        encounter=header.encounter(document),
        templates=identifiers(document, "templateId"),
        sections=_sections(document, wanted=sections) if body_part is None else (),
        parts=parts,
        body_part=body_part,
        regions=regions,
        self_presenting=document is not root,
    )


def _document_in(root: etree._Element) -> etree._Element:
    """Return the ClinicalDocument: the root, or the only one inside a self-presenting style sheet (CI-SIS)."""
    if root.tag == HL7 + "ClinicalDocument":
        return root
    inside = list(root.iter(HL7 + "ClinicalDocument")) if root.tag == _STYLESHEET else []
    if len(inside) != 1:
        raise Invalid(_NOT_A_CDA)
    return inside[0]


def _sections(document: etree._Element, *, wanted: bool) -> tuple[Section, ...]:
    found = body.sections(document, narratives=wanted)
    return found if wanted else ()


def _parts(document: etree._Element) -> tuple[tuple[EmbeddedPart, ...], dict[str, int], int | None]:
    whole = body.unstructured(document)
    if whole is not None:
        return (whole,), {}, 0
    parts, regions = body.embedded(document)
    return parts, regions, None


def _required_id(document: etree._Element) -> Identifier:
    found = identifier(first(document, "id"))
    if found is None:
        raise Invalid(_missing("id", "id", "d'identifiant valide", "valid identifier"))
    return found


def _required_code(document: etree._Element) -> Code:
    found = code(first(document, "code"))
    if found is None or not found.code:
        raise Invalid(_missing("code", "code", "de type de document", "document type"))
    return found


def _required_time(document: etree._Element) -> Moment:
    found = moment(first(document, "effectiveTime"))
    if found is None:
        raise Invalid(_missing("date", "effectiveTime", "de date valide", "valid date"))
    return found


def _only_patient(document: etree._Element) -> etree._Element:
    roles = list(every(document, "recordTarget", "patientRole"))
    if not roles:
        raise Invalid(_missing("patient", "recordTarget", "de patient", "patient"))
    if len(roles) > 1:
        raise Invalid(
            Problem(
                "cda-several-patients",
                "Le document CDA concerne plusieurs personnes.",
                "The CDA document is about several people.",
                "ClinicalDocument.recordTarget",
            )
        )
    return roles[0]


def _missing(what: str, path: str, fr: str, en: str) -> Problem:
    return Problem(
        f"cda-{what}-missing",
        f"Le document CDA n'a pas {fr}.",
        f"The CDA document has no {en}.",
        f"ClinicalDocument.{path}",
    )


_NOT_A_CDA: Final = Problem(
    "cda-not-a-cda", "Ce document XML n'est pas un document CDA.", "This XML document is not a CDA document."
)
