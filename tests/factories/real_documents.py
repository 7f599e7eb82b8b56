"""Real bytes deposited by a professional as the pages do: everything established from them."""

import datetime as dt

from carnet.infra import clock
from carnet.journeys.api import add_for_patient, find_patient
from carnet.records.api import Coding, DeclaredDocument
from carnet.terminology.api import document_type, system_uri

VISIBILITY = "urn:oid:1.2.250.1.213.1.1.4.13"


def header_of(person) -> dict:
    """The fields a CDA (`make_cda`) must have to be about `person`."""
    traits = person.traits
    return {
        "matricule": person.ins.matricule,
        "birth_name": traits.birth_name,
        "used_name": None,
        "given": traits.given_names,
        "sex": str(traits.sex),
        "birth_date": (traits.birth_date or "").replace("-", ""),
        "birth_place": traits.birth_place,
    }


async def hand_over(actor, person, content: bytes, *, kind="", title="", days=0, code="N") -> str:
    """Deposit and return the document's id. kind: typeCode, empty when a CDA says it; days: its age."""
    now = clock.now()
    patient = await find_patient(actor=actor, matricule=person.ins.matricule, at=now)
    known = document_type(kind)
    declared = DeclaredDocument(
        content=content,
        type=Coding(system_uri(known.system), known.code) if known else None,
        title=title or None,
        creation=now - dt.timedelta(days=days) if known else None,
        labels=(Coding(VISIBILITY, code),) if code != "N" else (),
    )
    added = await add_for_patient(actor=actor, patient=patient, declared=declared, at=now)
    return str(added.stored.document_id)
