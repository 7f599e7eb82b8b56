"""Vaccination note (VAC-NOTE 2023.01, IHE Immunization Content): what was injected, for people and for programs."""

from carnet.sandbox.documents.cda.header import assigned
from carnet.sandbox.documents.cda.tree import Element, cell, day, loinc, moment, node, table, templates
from carnet.sandbox.documents.content import VaccineGiven
from carnet.sandbox.documents.data import Draft, oid_of

DOCUMENT_TEMPLATES = ("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2", "1.2.250.1.213.1.1.1.46|2023.01")
_HEADERS = ("Date", "Vaccin", "Protège contre", "Lot n°", "Rang", "Région d'injection", "Vaccinateur")


def body(draft: Draft) -> list[Element]:
    """The only section: a table and one entry per injection."""
    rows = [
        [
            cell(f"{given.day:%d/%m/%Y}"),
            cell(given.product.name, target=f"vac-{number}"),
            cell(given.product.against),
            cell(given.lot),
            cell("Rappel" if given.booster else str(given.rank)),
            cell(given.site[1], target=f"site-{number}"),
            cell(draft.author.display),
        ]
        for number, given in enumerate(draft.vaccines, start=1)
    ]
    section = node(
        "section",
        *templates("2.16.840.1.113883.10.20.1.6", "1.3.6.1.4.1.19376.1.5.3.1.3.23", "1.2.250.1.213.1.1.2.147"),
        node("id", root=oid_of(f"{draft.key}#section")),
        loinc("code", "11369-6", "Historique des vaccinations"),
        node("title", "Note de vaccination"),
        node("text", table(_HEADERS, rows)),
        *[node("entry", _given(given, number, draft)) for number, given in enumerate(draft.vaccines, start=1)],
    )
    return [node("component", section)]


def act(draft: Draft) -> Element:
    """The act documented: an immunisation."""
    del draft
    return node("code", code="IMMUNIZ", displayName="Vaccination", codeSystem="2.16.840.1.113883.5.4")


def _given(given: VaccineGiven, number: int, draft: Draft) -> Element:
    kind = ("BOOSTER", "Rappel") if given.booster else ("INITIMMUNIZ", "1ère série vaccinante")
    author = assigned("assignedAuthor", draft.author, draft.organisation)
    return node(
        "substanceAdministration",
        *templates("2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"),
        node("id", root=oid_of(f"{draft.key}#given-{number}")),
        node("code", code=kind[0], displayName=kind[1], codeSystem="2.16.840.1.113883.5.4"),
        node("text", node("reference", value=f"#vac-{number}")),
        node("statusCode", code="completed"),
        node("effectiveTime", value=day(given.day)),
        node("routeCode", code="20035000", displayName="Voie intramusculaire", codeSystem="0.4.0.127.0.16.1.1.2.1"),
        node(
            "approachSiteCode",
            node("originalText", node("reference", value=f"#site-{number}")),
            code=given.site[0],
            displayName=given.site[1],
            codeSystem="2.16.840.1.113883.6.96",
        ),
        _product(given, number),
        node("performer", assigned("assignedEntity", draft.author, draft.organisation, setting=True), typeCode="PRF"),
        node("author", node("time", value=moment(draft.date)), author),
        _rank(given.rank),
        classCode="SBADM",
        moodCode="EVN",
        negationInd="false",
    )


def _product(given: VaccineGiven, number: int) -> Element:
    product = given.product
    code = node(
        "code",
        node("originalText", node("reference", value=f"#vac-{number}")),
        node("translation", code=product.atc, displayName=product.atc_label, codeSystem="2.16.840.1.113883.6.73"),
        code=product.cis,
        displayName=product.name,
        codeSystem="1.2.250.1.213.2.3.1",
        codeSystemName="CIS",
    )
    material = node("manufacturedMaterial", code, node("name", product.name), node("lotNumberText", given.lot))
    made = node(
        "manufacturedProduct",
        *templates("2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43"),
        material,
    )
    return node("consumable", made, typeCode="CSM")


def _rank(rank: int) -> Element:
    observation = node(
        "observation",
        *templates("2.16.840.1.113883.10.20.1.46", "1.2.250.1.213.1.1.3.82"),
        loinc("code", "30973-2", "Rang de la vaccination"),
        node("statusCode", code="completed"),
        node("value", value=str(rank), xsi_type="INT"),
        classCode="OBS",
        moodCode="EVN",
    )
    return node("entryRelationship", observation, typeCode="SUBJ")
