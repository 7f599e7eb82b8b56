"""IHE_XDM archives as an earlier record (DMP) would be handed over: described by us, about people who do not exist."""

import hashlib
import io
import zipfile
from collections.abc import Sequence
from uuid import uuid4
from xml.sax.saxutils import quoteattr

import msgspec

from factories.world import Someone

_RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
_SCHEMES = {
    "type": ("urn:uuid:f0306f51-975f-434e-a61c-c59651d33983", "2.16.840.1.113883.6.1"),
    "kind": ("urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a", "1.2.250.1.213.1.1.4.1"),
}
_LABEL = ("urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f", "1.2.250.1.213.1.1.4.13")
_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"


class Old(msgspec.Struct, kw_only=True):
    """A document of an earlier record. content: a text unless given; labels: of JDV_J08; replaces: the entry id."""

    content: bytes = b"Bonjour, tout va bien."
    name: str = "DOC00001.TXT"
    uri: str | None = None
    entry: str = ""
    unique_id: str = msgspec.field(default_factory=lambda: f"2.25.{uuid4().int}")
    title: str = "Ancien bilan"
    media_type: str = "text/plain"
    type: str = "11502-2"
    kind: str = "10"
    labels: Sequence[str] = ("N",)
    creation: str = "20190314091500"
    author: str = "810101010101^FICTIF^Camille^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    institution: str = "Centre des Essais^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750999999"
    status: str = "Approved"
    replaces: str = ""
    hash: str | None = None
    size: int | None = None
    name_of_birth: str | None = None
    described: bool = True
    there: bool = True


def make_xdm(
    person: Someone, *documents: Old, folder: str = "IHE_XDM/SUBSET01/", ins: str | None = None, more: str = ""
) -> bytes:
    """Return the archive of `person`. more: XML beside the described documents."""
    patient = f"{ins or person.ins.matricule}^^^&{person.ins.oid}&ISO^NH"
    described = "".join(_described(one, n, person, patient) for n, one in enumerate(documents) if one.described)
    metadata = (
        f'<SubmitObjectsRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"><RegistryObjectList xmlns="{_RIM}">'
        f"{described}{''.join(_replacing(one, n) for n, one in enumerate(documents))}"
        f"{more}</RegistryObjectList></SubmitObjectsRequest>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("INDEX.HTM", "<html></html>")
        archive.writestr(f"{folder}METADATA.XML", metadata)
        for one in documents:
            if one.there:
                archive.writestr(folder + one.name, one.content)
    return packed.getvalue()


def together(
    *entries: str, unique_id: str, title: str = "Bilan de sortie", at: str = "20190315080000", says: bool = True
) -> str:
    """Return the XML of a submission set of these entries. says: it names what it holds."""
    author = _slot("authorInstitution", "Centre des Essais^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750999999")
    members = "".join(
        f'<Association id="m{one}" associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember" '
        f'sourceObject="set{unique_id}" targetObject="{one}"/>'
        for one in entries
    )
    return (
        f'<RegistryPackage id="set{unique_id}">{_slot("submissionTime", at)}'
        f"<Name><LocalizedString value={quoteattr(title)}/></Name>"
        f'<Classification classificationScheme="urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d" '
        f'nodeRepresentation="">{author}</Classification>'
        f'<ExternalIdentifier identificationScheme="urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832" '
        f'value="1.2.250.1.999.9"/>'
        f'<ExternalIdentifier identificationScheme="urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8" '
        f"value={quoteattr(unique_id)}/></RegistryPackage>{members if says else ''}"
    )


def _entry(one: Old, number: int) -> str:
    return one.entry or f"document{number}"


def _replacing(one: Old, number: int) -> str:
    if not one.replaces:
        return ""
    kind = "urn:ihe:iti:2007:AssociationType:RPLC"
    return (
        f'<Association id="a{number}" associationType="{kind}" sourceObject="{_entry(one, number)}" '
        f'targetObject="{one.replaces}"/>'
    )


def _slot(name: str, *values: str) -> str:
    written = "".join(f"<Value>{value.replace('&', '&amp;')}</Value>" for value in values)
    return f'<Slot name="{name}"><ValueList>{written}</ValueList></Slot>'


def _classified(scheme: str, code: str, system: str) -> str:
    return (
        f'<Classification classificationScheme="{scheme}" nodeRepresentation="{code}">'
        f"{_slot('codingScheme', system)}</Classification>"
    )


def _described(one: Old, number: int, person: Someone, patient: str) -> str:
    traits = person.traits
    born = (traits.birth_date or "").replace("-", "")
    names = f"PID-5|{one.name_of_birth or traits.birth_name}^{traits.given_names[0]}^^^^^L"
    slots = (
        _slot("creationTime", one.creation)
        + _slot("languageCode", "fr-FR")
        + _slot("sourcePatientId", patient)
        + _slot("sourcePatientInfo", names, f"PID-7|{born}", f"PID-8|{traits.sex}")
        + _slot("URI", one.uri or one.name)
        + _slot("size", str(len(one.content) if one.size is None else one.size))
        + _slot("hash", one.hash or hashlib.sha1(one.content, usedforsecurity=False).hexdigest())
    )
    codes = "".join(_classified(**_scheme(name), code=getattr(one, name)) for name in _SCHEMES)
    labels = "".join(_classified(_LABEL[0], label, _LABEL[1]) for label in one.labels)
    author = _slot("authorPerson", one.author) + _slot("authorInstitution", one.institution)
    return (
        f'<ExtrinsicObject id="{_entry(one, number)}" mimeType="{one.media_type}" '
        f'status="urn:oasis:names:tc:ebxml-regrep:StatusType:{one.status}">{slots}'
        f"<Name><LocalizedString value={quoteattr(one.title)}/></Name>{codes}{labels}"
        f'<Classification classificationScheme="{_AUTHOR}" nodeRepresentation="">{author}</Classification>'
        f'<ExternalIdentifier identificationScheme="urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427" '
        f"value={quoteattr(patient)}/>"
        f'<ExternalIdentifier identificationScheme="urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab" '
        f"value={quoteattr(one.unique_id)}/></ExtrinsicObject>"
    )


def _scheme(name: str) -> dict[str, str]:
    scheme, system = _SCHEMES[name]
    return {"scheme": scheme, "system": system}
