"""The header every CI-SIS document carries: patient with INS and traits, author, custodian, signatory, act, encounter.

Source: CI-SIS, volet "Structuration minimale de documents de santé", rubriques de l'en-tête.
"""

from carnet.sandbox.documents.cda.tree import Element, day, loinc, moment, node, templates
from carnet.sandbox.documents.data import Draft, oid_of
from carnet.sandbox.population.data import Address, Organisation, Person, Professional

PS_OID = "1.2.250.1.71.4.2.1"
PLACE_OID = "1.2.250.1.71.4.2.2"
SPECIALTY_OID = "1.2.250.1.213.1.1.4.5"
SETTING_OID = "1.2.250.1.213.1.1.4.9"
FACILITY_OID = "1.2.250.1.71.4.2.4"
ASIP_TYPES_OID = "1.2.250.1.213.1.1.4.12"


def header(draft: Draft, *, document_templates: tuple[str, ...], code: Element, act: Element) -> list[Element | None]:
    """Everything before the body. code: the document's type; act: the code of the documented act."""
    return [
        node("realmCode", code="FR"),
        node("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *templates("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", *document_templates),
        node("id", root=draft.unique_id),
        code,
        node("title", draft.title),
        node("effectiveTime", value=moment(draft.date)),
        node("confidentialityCode", code="N", displayName="Normal", codeSystem="2.16.840.1.113883.5.25"),
        node("languageCode", code="fr-FR"),
        node("setId", root=draft.set_id),
        node("versionNumber", value=str(draft.version)),
        _record_target(draft.person, draft.organisation),
        node(
            "author",
            node("time", value=moment(draft.date)),
            assigned("assignedAuthor", draft.author, draft.organisation),
        ),
        node(
            "custodian",
            node("assignedCustodian", _organisation("representedCustodianOrganization", draft.organisation)),
        ),
        node(
            "legalAuthenticator",
            node("time", value=moment(draft.date)),
            node("signatureCode", code="S"),
            assigned("assignedEntity", draft.author, draft.organisation, setting=True),
        ),
        _participant("REF", draft.prescriber, draft) if draft.prescriber else None,
        _participant("INF", draft.doctor, draft) if draft.doctor else None,
        _documented_act(draft, act),
        _replaced(draft) if draft.replaces else None,
        _encounter(draft),
    ]


def document_code(code: str, display: str) -> Element:
    """The document's type: LOINC, or the national complementary list."""
    if "-" in code and code[:5].isdigit():
        return loinc("code", code, display)
    return node("code", code=code, displayName=display, codeSystem=ASIP_TYPES_OID)


def address(where: Address) -> Element:
    """A split address."""
    return node(
        "addr",
        node("houseNumber", where.number),
        node("streetName", where.street),
        node("postalCode", where.postal_code),
        node("city", where.city),
    )


def assigned(tag: str, one: Professional, place: Organisation, *, setting: bool = False) -> Element:
    """A professional in their organisation."""
    return node(
        tag,
        node("id", root=PS_OID, extension=one.national_id),
        node("code", code=one.role_code, displayName=one.profession_label, codeSystem=SPECIALTY_OID),
        address(place.address),
        node("telecom", value=f"tel:{place.phone}", use="WP"),
        node("assignedPerson", _name(one)),
        _organisation("representedOrganization", place, setting=setting),
    )


def _name(one: Professional) -> Element:
    return node(
        "name",
        node("prefix", one.civility),
        node("given", one.given),
        node("family", one.family.upper()),
        node("suffix", one.title) if one.title else None,
    )


def _organisation(tag: str, place: Organisation, *, setting: bool = False) -> Element:
    return node(
        tag,
        node("id", root=PLACE_OID, extension=place.national_id),
        node("name", place.name),
        node("telecom", value=f"tel:{place.phone}", use="WP"),
        address(place.address),
        node(
            "standardIndustryClassCode",
            code=place.practice_setting,
            displayName=place.practice_label,
            codeSystem=SETTING_OID,
        )
        if setting
        else None,
    )


def _record_target(person: Person, place: Organisation) -> Element:
    return node(
        "recordTarget",
        node(
            "patientRole",
            node("id", root=person.oid, extension=person.matricule),
            node("id", root=oid_of(f"ipp-{place.key}"), extension=f"IPP{person.order:06d}"),
            address(person.address),
            node("telecom", value=f"tel:{person.phone}", use="MC")
            if person.phone
            else node("telecom", nullFlavor="NASK"),
            _patient(person),
        ),
    )


def _patient(person: Person) -> Element:
    return node(
        "patient",
        node(
            "name",
            node("family", person.registered_name, qualifier="BR"),
            node("given", person.registered_given),
            node("given", person.first_given, qualifier="BR"),
            node("family", (person.used_name or person.birth_name).upper(), qualifier="CL"),
            node("given", (person.used_given or person.given_names[0]).upper(), qualifier="CL"),
        ),
        node(
            "administrativeGenderCode",
            code=person.sex,
            displayName="Féminin" if person.sex == "F" else "Masculin",
            codeSystem="2.16.840.1.113883.5.1",
        ),
        node("birthTime", value=day(person.birth_date)),
        node(
            "birthplace",
            node(
                "place",
                node("addr", node("county", person.birth_place), node("city", person.birth_place_name.upper())),
            ),
        ),
    )


def _participant(kind: str, one: Professional, draft: Draft) -> Element:
    function = node("functionCode", code="PCP", displayName="Médecin traitant", codeSystem="2.16.840.1.113883.5.88")
    return node(
        "participant",
        function if kind == "INF" else None,
        node("time", node("high", value=moment(draft.period[0])), xsi_type="IVL_TS"),
        node(
            "associatedEntity",
            node("id", root=PS_OID, extension=one.national_id),
            node("code", code=one.role_code, displayName=one.profession_label, codeSystem=SPECIALTY_OID),
            node("addr", nullFlavor="NASK"),
            node("telecom", nullFlavor="NASK"),
            node("associatedPerson", _name(one)),
            classCode="PROV",
        ),
        typeCode=kind,
    )


def _documented_act(draft: Draft, act: Element) -> Element:
    return node(
        "documentationOf",
        node(
            "serviceEvent",
            act,
            node(
                "effectiveTime",
                node("low", value=moment(draft.period[0])),
                node("high", value=moment(draft.period[1])),
            ),
            node(
                "performer",
                assigned("assignedEntity", draft.author, draft.organisation, setting=True),
                typeCode="PRF",
            ),
        ),
    )


def _replaced(draft: Draft) -> Element:
    assert draft.replaces is not None
    return node(
        "relatedDocument",
        node(
            "parentDocument",
            node("id", root=oid_of(draft.replaces)),
            node("setId", root=draft.set_id),
            node("versionNumber", value=str(draft.version - 1)),
        ),
        typeCode="RPLC",
    )


def _encounter(draft: Draft) -> Element:
    hospital = (
        draft.organisation.practice_setting == "ETABLISSEMENT" and draft.period[0].date() < draft.period[1].date()
    )
    return node(
        "componentOf",
        node(
            "encompassingEncounter",
            node(
                "code",
                code="IMP" if hospital else "AMB",
                displayName="Hospitalisation" if hospital else "Ambulatoire",
                codeSystem="2.16.840.1.113883.5.4",
            ),
            node(
                "effectiveTime",
                node("low", value=moment(draft.period[0])),
                node("high", value=moment(draft.period[1])),
            ),
            node(
                "location",
                node(
                    "healthCareFacility",
                    node(
                        "code",
                        code=draft.organisation.facility_type,
                        displayName=draft.organisation.facility_label,
                        codeSystem=FACILITY_OID,
                    ),
                    node(
                        "location",
                        node("name", draft.organisation.name),
                        address(draft.organisation.address),
                    ),
                ),
            ),
        ),
    )
