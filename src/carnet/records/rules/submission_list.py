"""A submission set as a FHIR R4 List (IHE MHD 4.2 SubmissionSet, PDSm lot de soumission).

Entries are added at reading time, for what that reader may know of: a set never names a hidden document.
"""

from datetime import datetime
from typing import Any

import msgspec

from carnet.records.data import Submission

PROFILE = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.Comprehensive.SubmissionSet"
LIST_TYPE = "https://profiles.ihe.net/ITI/MHD/CodeSystem/MHDlistTypes"
SOURCE_ID = "https://profiles.ihe.net/ITI/MHD/StructureDefinition/ihe-sourceId"


def submission_list(submission: Submission, *, fhir_id: str, patient_id: str, received_at: datetime) -> bytes:
    """Return the List as JSON bytes, without entries."""
    resource: dict[str, Any] = {
        "resourceType": "List",
        "id": fhir_id,
        "meta": {"versionId": "1", "lastUpdated": _instant(received_at), "profile": [PROFILE]},
        "identifier": [
            {"use": "usual", "system": "urn:ietf:rfc:3986", "value": submission.unique_id},
            *({"use": "official", "system": "urn:ietf:rfc:3986", "value": value} for value in submission.identifiers),
        ],
        "status": "current",
        "mode": "working",
        "code": {"coding": [{"system": LIST_TYPE, "code": "submissionset"}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": _instant(submission.submitted_at),
    }
    if submission.title:
        resource["title"] = submission.title
    if submission.source_id:
        resource["extension"] = [{"url": SOURCE_ID, "valueIdentifier": {"value": submission.source_id}}]
    if submission.author and submission.author.display:
        resource["source"] = {"display": submission.author.display}
    if submission.note:
        resource["note"] = [{"text": submission.note}]
    return msgspec.json.encode(resource)


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
