"""A CDA and the metadata sent with it must speak of the same person, document, kind and moment.

What one of them leaves unsaid is not a disagreement. Source: CI-SIS, "Volet structuration minimale"; RNIV 1 for the
identity. Deliberately ignored: titles, authors and codes other than the type, where both may legitimately differ.
"""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from carnet.formats.cda import INS_OIDS, ClinicalDocument, Moment
from carnet.identity.api import IdentityTraits, Ins, compare
from carnet.records.data import DeclaredDocument
from carnet.records.rules.declared_texts import same_identifier
from carnet.records.rules.findings import Findings
from carnet.terminology import api as terminology

_PARIS: Final = ZoneInfo("Europe/Paris")
_NIR_BODY: Final = 13
_SAME_MOMENT: Final = timedelta(minutes=1)


def check_agreement(
    declared: DeclaredDocument,
    document: ClinicalDocument,
    *,
    ins: Ins,
    header_traits: IdentityTraits | None,
    findings: Findings,
) -> None:
    """Note every point on which the sender's metadata and the CDA header disagree."""
    _patient(declared, document, ins, header_traits, findings)
    if declared.unique_id is not None and not same_identifier(declared.unique_id, document.id.plain):
        findings.problem(
            "cda-identifier-disagrees",
            "L'identifiant du document CDA n'est pas celui des métadonnées.",
            "The CDA's identifier is not the one in the metadata.",
            "masterIdentifier.value",
        )
    if declared.type is not None and not _same_type(declared, document):
        findings.problem(
            "cda-type-disagrees",
            "Le type du document CDA n'est pas celui des métadonnées.",
            "The CDA's document type is not the one in the metadata.",
            "type",
        )
    if declared.creation is not None and not same_moment(declared.creation, document.effective_time):
        findings.problem(
            "cda-date-disagrees",
            "La date du document CDA n'est pas celle des métadonnées.",
            "The CDA's date is not the one in the metadata.",
            "content[0].attachment.creation",
        )


def _patient(
    declared: DeclaredDocument,
    document: ClinicalDocument,
    ins: Ins,
    header_traits: IdentityTraits | None,
    findings: Findings,
) -> None:
    named = [one for one in document.patient.ids if one.root in INS_OIDS and one.extension]
    if not named:
        findings.problem(
            "cda-ins-missing",
            "Le document CDA ne porte pas d'INS : on ne peut pas vérifier de qui il parle.",
            "The CDA holds no INS: whom it is about cannot be checked.",
            "subject",
        )
    elif not any(one.root == ins.oid and _same_matricule(one.extension or "", ins.matricule) for one in named):
        findings.problem(
            "cda-patient-disagrees",
            "Le document CDA concerne une autre personne que les métadonnées.",
            "The CDA is about another person than the metadata.",
            "subject",
        )
    if declared.traits and header_traits and not compare(declared.traits, header_traits).accepted:
        findings.problem(
            "cda-traits-disagree",
            "Les traits d'identité du document CDA ne sont pas ceux des métadonnées.",
            "The identity traits of the CDA are not those of the metadata.",
            "context.sourcePatientInfo",
        )


def _same_matricule(written: str, matricule: str) -> bool:
    """A CDA may write the 13 characters without their key."""
    compact = "".join(written.split()).upper()
    return compact == matricule or (len(compact) == _NIR_BODY and compact == matricule[:_NIR_BODY])


def _same_type(declared: DeclaredDocument, document: ClinicalDocument) -> bool:
    if declared.type is None or declared.type.code != document.code.code:
        return False
    ours, theirs = declared.type.system, document.code.system
    return not ours or not theirs or terminology.oid_of(ours) == terminology.oid_of(theirs)


def same_moment(creation: datetime, moment: Moment) -> bool:
    """Tell whether two writings of a moment agree, as finely as the CDA's: to the minute, the hour, the day…"""
    local = creation.astimezone(_PARIS)
    if moment.at is not None:
        if moment.precision == "hour":
            return abs(creation - moment.at) < timedelta(hours=1)
        return abs(creation - moment.at) < _SAME_MOMENT or (creation.date() == moment.at.date() and _midnight(creation))
    if moment.day is not None:
        return moment.day in {creation.date(), local.date()}
    digits = moment.raw[:6] if moment.precision == "month" else moment.raw[:4]
    return f"{local:%Y%m}".startswith(digits) or f"{creation:%Y%m}".startswith(digits)


def _midnight(moment: datetime) -> bool:
    """A sender whose system knows only the day writes midnight."""
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)
