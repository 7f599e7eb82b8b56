"""CDA documents of a chosen size, written by us about people who do not exist: what deposits carry.

A structured body (N3): one long table of results. The document's own number stands at a place
where three bytes of content are four of base64, so that a load generator can change it without encoding anything again.
"""

from xml.sax.saxutils import quoteattr

from carnet.identity.api import IdentityTraits, Ins

NUMBER = "0" * 12
"""The number of every document made here, to be replaced before it is sent."""

_ROW = "<tr><td>Analyse {0}</td><td>{0},{1} g/L</td><td>0,{1} à 9,{1}</td><td>Méthode enzymatique, à jeun</td></tr>\n"
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>{pad}
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
<id root="1.2.250.1.999.1.1.1" extension="{number}"/>
<code code="11502-2" codeSystem="2.16.840.1.113883.6.1" displayName="CR d'examens biologiques"/>
<title>Compte rendu de biologie</title>
<effectiveTime value="20240502103000+0200"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>
<languageCode code="fr-FR"/>
<recordTarget><patientRole><id root={oid} extension={matricule}/><patient>
<name><given>{given}</given><given qualifier="BR">{given}</given><family qualifier="BR">{family}</family></name>
<administrativeGenderCode code={sex} codeSystem="2.16.840.1.113883.5.1"/><birthTime value={born}/>
</patient></patientRole></recordTarget>
<author><time value="20240502103000+0200"/><assignedAuthor>{assigned}</assignedAuthor></author>
<custodian><assignedCustodian><representedCustodianOrganization>{place}</representedCustodianOrganization>
</assignedCustodian></custodian>
<legalAuthenticator><time value="20240502103000+0200"/><signatureCode code="S"/>
<assignedEntity>{assigned}</assignedEntity>
</legalAuthenticator>
<documentationOf><serviceEvent><code code="11502-2" codeSystem="2.16.840.1.113883.6.1"/>
<effectiveTime><low value="20240502080000+0200"/></effectiveTime>
<performer typeCode="PRF"><assignedEntity>{performer}</assignedEntity></performer></serviceEvent></documentationOf>
<componentOf><encompassingEncounter><effectiveTime><low value="20240502080000+0200"/></effectiveTime><location>
<healthCareFacility><code code="SA25" codeSystem="1.2.250.1.71.4.2.4" displayName="Laboratoire de biologie médicale"/>
</healthCareFacility></location></encompassingEncounter></componentOf>
<component><structuredBody><component><section><code code="18719-5" codeSystem="2.16.840.1.113883.6.1"/>
<title>Chimie</title><text><table border="1"><tbody>
"""
_TAIL = "</tbody></table></text></section></component></structuredBody></component></ClinicalDocument>"
_ASSIGNED = """<id root="1.2.250.1.71.4.2.1" extension="8{rpps}"/>
<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin - Médecine générale (SM)"/>
<assignedPerson><name><family>Marchand</family><given>Claire</given></name></assignedPerson>
<representedOrganization>{place}{setting}</representedOrganization>"""
_PLACE = '<id root="1.2.250.1.71.4.2.2" extension="1{finess}"/><name>Centre hospitalier des Tilleuls</name>'
_SETTING = '<standardIndustryClassCode code="ETABLISSEMENT" codeSystem="1.2.250.1.213.1.1.4.9"/>'


def make_cda(*, ins: Ins, traits: IdentityTraits, rpps: str, finess: str, size: int) -> bytes:
    """Return a CDA of about `size` bytes about this person."""
    place = _PLACE.format(finess=finess)
    fields = {
        "number": NUMBER,
        "oid": quoteattr(ins.oid),
        "matricule": quoteattr(ins.matricule),
        "given": traits.given_names[0],
        "family": traits.birth_name,
        "sex": quoteattr(str(traits.sex)),
        "born": quoteattr((traits.birth_date or "").replace("-", "")),
        "assigned": _ASSIGNED.format(rpps=rpps, place=place, setting=""),
        "performer": _ASSIGNED.format(rpps=rpps, place=place, setting=_SETTING),
        "place": place,
    }
    unaligned = _HEAD.format(pad="", **fields).encode().index(NUMBER.encode()) % 3
    head = _HEAD.format(pad=" " * (-unaligned % 3), **fields).encode()
    rows, tail, number = bytearray(), _TAIL.encode(), 0
    while len(head) + len(rows) + len(tail) < size:
        number += 1
        rows += _ROW.format(number, number % 100).encode()
    return head + bytes(rows) + tail
