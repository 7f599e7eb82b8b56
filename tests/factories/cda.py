"""CDA R2 documents written by us about people who do not exist.

`make_cda()` gives a valid French document with an N3 body (a paragraph, a list and a table of results);
`make_cda(pdf=make_pdf())` gives an N1 body. Every field of the header has a keyword; `mutate` edits the XML text last.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from factories.ins import DEFAULT_NIR, TEST_INS_OID, matricule

RESULTS_NARRATIVE = """<paragraph>Prélèvement du <content styleCode="Bold">2 mai 2024</content>, à jeun.</paragraph>
<list listType="ordered"><item>Ionogramme sanguin</item><item>Bilan glucidique</item></list>
<table border="1"><caption>Résultats</caption>
<thead><tr><th>Analyse</th><th>Résultat</th><th>Unité</th></tr></thead>
<tbody><tr><td ID="r1">Glucose</td><td>0,92</td><td>g/L</td></tr>
<tr><td ID="r2">Potassium</td><td styleCode="Bold">5,6</td><td>mmol/L</td></tr></tbody></table>"""


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What `make_cda` accepts, with the values it takes when nothing is said."""

    root: str = "1.2.250.1.999.1.1.1"
    extension: str | None = "DOC-0001"
    set_root: str | None = "1.2.250.1.999.1.1.2"
    set_extension: str | None = "SET-0001"
    version: int | None = 1
    replaces: tuple[str, str | None] | None = None
    type_code: str = "11502-2"
    type_system: str = "2.16.840.1.113883.6.1"
    type_display: str = "CR d'examens biologiques"
    title: str = "Compte rendu de biologie"
    effective_time: str = "20240502103000+0200"
    confidentiality: str = "N"
    language: str = "fr-FR"
    matricule: str = matricule(DEFAULT_NIR)
    ins_oid: str = TEST_INS_OID
    other_ids: Sequence[tuple[str, str]] = (("1.2.250.1.999.2", "IPP-42"),)
    birth_name: str = "PAT-TROIS"
    used_name: str | None = "DURAND"
    given: Sequence[str] = ("DOMINIQUE", "MARIE")
    sex: str = "F"
    birth_date: str = "19790328"
    birth_place: str = "51215"
    author_rpps: str = "10101010101"
    author_family: str = "FICTIF"
    author_given: str = "Camille"
    author_specialty: str = "G15_10/SM26"
    author_specialty_display: str = "Médecin - Qualifié en Médecine Générale (SM)"
    finess: str = "750999999"
    organisation: str = "Laboratoire de la Fiction"
    practice_setting: str = "ETABLISSEMENT"
    facility_type: str = "SA25"
    facility_display: str = "Laboratoire de biologie médicale"
    event_code: str = "11502-2"
    event_start: str = "20240502080000+0200"
    event_stop: str | None = None
    section_code: str = "18719-5"
    section_title: str = "Chimie"
    narrative: str = RESULTS_NARRATIVE
    entries: str = ""
    more_sections: Sequence[tuple[str, str]] = ()
    pdf: bytes | None = None
    media_type: str = "application/pdf"
    payload: str | None = None
    prolog: str = '<?xml version="1.0" encoding="UTF-8"?>\n'
    bom: bool = False
    crlf: bool = False
    self_presenting: bool = False
    encoding: str = "utf-8"
    mutate: Callable[[str], str] = field(default=lambda xml: xml)


def make_cda(**overrides: object) -> bytes:
    """Return a CDA as bytes. `overrides` are the fields of `Fields`; narrative and sections are raw CDA XML."""
    f = Fields(**overrides)
    document = f'<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="{_XSI}">{_header(f)}{_body(f)}</ClinicalDocument>'
    if f.self_presenting:
        document = (
            f'<xsl:stylesheet version="1.0" xmlns:xsl="{_XSL}"><data:Contenu xmlns:data="urn:asip-sante:ci-sis">'
            f'{document}</data:Contenu><xsl:template match="/"><html><script>alert(1)</script></html></xsl:template>'
            "</xsl:stylesheet>"
        )
    xml = f.mutate(f.prolog + document)
    if f.crlf:
        xml = xml.replace("\n", "\r\n")
    return (b"\xef\xbb\xbf" if f.bom else b"") + xml.encode(f.encoding)


def make_cda_n1(pdf: bytes | None = None, **overrides: object) -> bytes:
    """Return a CDA whose body is a PDF (a small one of ours by default)."""
    if pdf is None:
        from factories.pdf import make_pdf

        pdf = make_pdf()
    return make_cda(pdf=pdf, **overrides)


_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XSL = "http://www.w3.org/1999/XSL/Transform"


def _id(tag: str, root: str | None, extension: str | None) -> str:
    if root is None:
        return ""
    return f"<{tag} root={quoteattr(root)}" + (f" extension={quoteattr(extension)}" if extension else "") + "/>"


def _header(f: Fields) -> str:
    related = ""
    if f.replaces:
        parent = _id("id", *f.replaces)
        related = f'<relatedDocument typeCode="RPLC"><parentDocument>{parent}</parentDocument></relatedDocument>'
    return f"""
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
{_id("id", f.root, f.extension)}
<code code={quoteattr(f.type_code)} codeSystem={quoteattr(f.type_system)} displayName={quoteattr(f.type_display)}/>
<title>{escape(f.title)}</title>
<effectiveTime value={quoteattr(f.effective_time)}/>
<confidentialityCode code={quoteattr(f.confidentiality)} codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
<languageCode code={quoteattr(f.language)}/>
{_id("setId", f.set_root, f.set_extension)}
{"" if f.version is None else f'<versionNumber value="{f.version}"/>'}
{_patient(f)}
<author><time value={quoteattr(f.effective_time)}/><assignedAuthor>{_assigned(f)}</assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization>{_organisation(f)}
</representedCustodianOrganization></assignedCustodian></custodian>
<legalAuthenticator><time value={quoteattr(f.effective_time)}/><signatureCode code="S"/>
<assignedEntity>{_assigned(f)}</assignedEntity></legalAuthenticator>
<documentationOf><serviceEvent><code code={quoteattr(f.event_code)} codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime><low value={quoteattr(f.event_start)}/>{_stop(f)}</effectiveTime>
<performer typeCode="PRF"><assignedEntity>{_assigned(f, setting=True)}</assignedEntity></performer>
</serviceEvent></documentationOf>
{related}
<componentOf><encompassingEncounter><code code="AMB" codeSystem="2.16.840.1.113883.5.4" displayName="Ambulatoire"/>
<effectiveTime><low value={quoteattr(f.event_start)}/></effectiveTime><location><healthCareFacility>
<code code={quoteattr(f.facility_type)} codeSystem="1.2.250.1.71.4.2.4" displayName={quoteattr(f.facility_display)}/>
</healthCareFacility></location></encompassingEncounter></componentOf>"""


def _stop(f: Fields) -> str:
    return f"<high value={quoteattr(f.event_stop)}/>" if f.event_stop else ""


def _patient(f: Fields) -> str:
    others = "".join(_id("id", root, extension) for root, extension in f.other_ids)
    used = f'<family qualifier="CL">{escape(f.used_name)}</family>' if f.used_name else ""
    return f"""<recordTarget><patientRole>{_id("id", f.ins_oid, f.matricule)}{others}<patient><name>
<family qualifier="BR">{escape(f.birth_name)}</family>
<given>{escape(" ".join(f.given))}</given><given qualifier="BR">{escape(f.given[0])}</given>{used}</name>
<administrativeGenderCode code={quoteattr(f.sex)} codeSystem="2.16.840.1.113883.5.1"/>
<birthTime value={quoteattr(f.birth_date)}/>
<birthplace><place><addr><county>{escape(f.birth_place)}</county><city>VILLE FICTIVE</city></addr></place></birthplace>
</patient></patientRole></recordTarget>"""


def _organisation(f: Fields) -> str:
    return f"{_id('id', '1.2.250.1.71.4.2.2', '1' + f.finess)}<name>{escape(f.organisation)}</name>"


def _assigned(f: Fields, *, setting: bool = False) -> str:
    industry = '<standardIndustryClassCode code={} codeSystem="1.2.250.1.213.1.1.4.9"/>'
    return f"""{_id("id", "1.2.250.1.71.4.2.1", "8" + f.author_rpps)}
<code code={quoteattr(f.author_specialty)} codeSystem="1.2.250.1.213.1.1.4.5"
 displayName={quoteattr(f.author_specialty_display)}/>
<assignedPerson><name><family>{escape(f.author_family)}</family><given>{escape(f.author_given)}</given>
<prefix>MME</prefix><suffix>DR</suffix></name></assignedPerson>
<representedOrganization>{_organisation(f)}{industry.format(quoteattr(f.practice_setting)) if setting else ""}
</representedOrganization>"""


def _body(f: Fields) -> str:
    if f.pdf is not None or f.payload is not None:
        payload = f.payload if f.payload is not None else base64.encodebytes(f.pdf or b"").decode()
        media = quoteattr(f.media_type)
        return (
            f'<component><nonXMLBody><text mediaType={media} representation="B64">{payload}</text>'
            "</nonXMLBody></component>"
        )
    first = f"""<component><section><code code={quoteattr(f.section_code)} codeSystem="2.16.840.1.113883.6.1"/>
<title>{escape(f.section_title)}</title><text>{f.narrative}</text>{f.entries}</section></component>"""
    others = "".join(
        f"<component><section><title>{escape(title)}</title><text>{narrative}</text></section></component>"
        for title, narrative in f.more_sections
    )
    return f"<component><structuredBody>{first}{others}</structuredBody></component>"
