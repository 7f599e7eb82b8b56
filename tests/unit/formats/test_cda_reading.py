"""The header says who, what, when; odd but honest documents are read, those about nobody are not."""

import base64
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree

from carnet.formats import cda
from carnet.formats.cda import header
from carnet.kernel.errors import Invalid, TooLarge
from factories.cda import make_cda, make_cda_n1
from factories.ins import TEST_INS_OID, matricule, nir_key
from factories.pdf import make_pdf


def _replace(old: str, new: str) -> object:
    def mutate(xml: str) -> str:
        assert old in xml
        return xml.replace(old, new, 1)

    mutate.__qualname__ = repr(new)  # test ids are the same in every process
    return mutate


def test_the_whole_header() -> None:
    document = cda.read(make_cda(replaces=("1.2.250.1.999.1.1.1", "DOC-0000"), version=2))
    assert document.unique_id == "1.2.250.1.999.1.1.1^DOC-0001"
    assert document.id.urn == "urn:oid:1.2.250.1.999.1.1.1^DOC-0001"
    assert document.set_id == cda.Identifier("1.2.250.1.999.1.1.2", "SET-0001")
    assert document.version == 2
    assert document.replaces is not None
    assert document.replaces.id == cda.Identifier("1.2.250.1.999.1.1.1", "DOC-0000")
    assert document.code == cda.Code("11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques")
    assert document.title == "Compte rendu de biologie"
    assert document.effective_time.at == datetime(2024, 5, 2, 8, 30, tzinfo=UTC)
    assert document.confidentiality is not None
    assert document.confidentiality.code == "N"
    assert document.language == "fr-FR"
    author = document.authors[0]
    assert author.display == "DR Camille FICTIF"
    assert author.ids == (cda.Identifier("1.2.250.1.71.4.2.1", "810101010101"),)
    assert author.specialty is not None
    assert author.specialty.code == "G15_10/SM26"
    assert author.organisation is not None
    assert author.organisation.ids[0].extension == "1750999999"
    assert document.custodian is not None
    assert document.custodian.name == "Laboratoire de la Fiction"
    assert document.legal_authenticator is not None
    event = document.events[0]
    assert event.start is not None
    assert event.start.day == date(2024, 5, 2)
    assert event.performers[0].organisation is not None
    assert event.performers[0].organisation.setting is not None
    assert event.performers[0].organisation.setting.code == "ETABLISSEMENT"
    assert document.encounter is not None
    assert document.encounter.facility is not None
    assert document.encounter.facility.code == "SA25"
    assert document.is_structured


def test_the_patient() -> None:
    document = cda.read(make_cda())
    assert document.ins == cda.Identifier(TEST_INS_OID, matricule())
    assert document.patient_traits == cda.PatientTraits(
        birth_name="PAT-TROIS",
        given_names=("DOMINIQUE MARIE",),
        first_given="DOMINIQUE",
        sex="F",
        birth_date=date(1979, 3, 28),
        birth_place_code="51215",
    )
    assert document.patient.name.used_family == "DURAND"
    assert cda.Identifier("1.2.250.1.999.2", "IPP-42") in document.patient.ids


def test_the_key_of_a_matricule_knows_corsica() -> None:
    assert nir_key("2690549588157") == "80"  # the worked example every French payroll manual gives
    assert nir_key("185052A004001") == f"{97 - 1850519004001 % 97:02d}"


@pytest.mark.parametrize(
    "oid", ["1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11"]
)
def test_every_ins_oid_is_picked_among_other_ids(oid: str) -> None:
    document = cda.read(make_cda(ins_oid=oid, other_ids=(("1.2.250.1.213.1.4.2", "0" * 22), ("1.2.3", "x"))))
    assert document.ins is not None
    assert document.ins.root == oid


def test_no_ins_is_no_error_here() -> None:
    assert cda.read(make_cda(ins_oid="1.2.250.1.213.1.4.2", matricule="0" * 22)).ins is None


@pytest.mark.parametrize(
    "oddity",
    [
        {"bom": True},
        {"crlf": True},
        {"prolog": ""},
        {"prolog": '<?xml version="1.0"?>\n<?xml-stylesheet type="text/xsl" href="../x.xsl"?><!-- note -->\n'},
        {"self_presenting": True},
        {"prolog": '<?xml version="1.0" encoding="ISO-8859-1"?>', "encoding": "iso-8859-1"},
        {"mutate": _replace(">PAT-TROIS<", ">PAT<!-- why? -->-TROIS<")},
        {"mutate": _replace(">PAT-TROIS<", ">\n   <![CDATA[PAT-TROIS]]> \t<")},
        {"mutate": _replace(">PAT-TROIS<", ">PAT\u202e-TRO\u200bIS<")},
    ],
    ids=lambda oddity: str({name: getattr(value, "__qualname__", value) for name, value in oddity.items()}),
)
def test_honest_oddities(oddity: dict[str, object]) -> None:
    document = cda.read(make_cda(**oddity))
    assert document.patient_traits.birth_name == "PAT-TROIS"
    assert document.self_presenting == bool(oddity.get("self_presenting"))
    assert len(document.sections) == 1


@pytest.mark.parametrize(
    ("raw", "at", "day", "precision"),
    [
        ("20240502103000+0200", "2024-05-02T08:30:00", "2024-05-02", "second"),
        ("20240502103000+100", "2024-05-02T09:30:00", "2024-05-02", "second"),
        ("20240502103000+1", "2024-05-02T09:30:00", "2024-05-02", "second"),
        ("20240502103000-05", "2024-05-02T15:30:00", "2024-05-02", "second"),
        ("202405021030+0000", "2024-05-02T10:30:00", "2024-05-02", "minute"),
        ("20240502103000", "2024-05-02T08:30:00", "2024-05-02", "second"),
        ("20240102103000.123+0100", "2024-01-02T09:30:00", "2024-01-02", "second"),
        ("20240502+0200", None, "2024-05-02", "day"),
        ("20240502", None, "2024-05-02", "day"),
        ("202405", None, None, "month"),
        ("2024", None, None, "year"),
    ],
)
def test_times_as_they_are_written(raw: str, at: str | None, day: str | None, precision: str) -> None:
    moment = cda.read(make_cda(effective_time=raw)).effective_time
    assert (moment.at and moment.at.astimezone(UTC).replace(tzinfo=None).isoformat()) == at
    assert (moment.day and moment.day.isoformat()) == day
    assert moment.precision == precision
    assert moment.at is None or moment.at.utcoffset() is not None


@pytest.mark.parametrize(
    "raw",
    ["", "hier", "20241302", "20240230", "20240502250000", "20240502103000+9999", "00000101", "2024-05-02", "٢٠٢٤"],
)
def test_impossible_dates_of_documents_are_refused(raw: str) -> None:
    with pytest.raises(Invalid, match="cda-date-missing"):
        cda.read(make_cda(effective_time=raw))


def test_an_impossible_birth_date_is_only_unknown() -> None:
    assert cda.read(make_cda(birth_date="19790230")).patient_traits.birth_date is None
    with_null = make_cda(
        mutate=_replace('<birthTime value="19790328"/>', '<birthTime nullFlavor="NI" value="19790328"/>')
    )
    assert cda.read(with_null).patient_traits.birth_date == date(1979, 3, 28)


_ID = '<id root="1.2.250.1.999.1.1.1" extension="DOC-0001"/>'


def _everywhere(old: str, new: str) -> object:
    return lambda xml: xml.replace(old, new)


@pytest.mark.parametrize(
    ("mutation", "code"),
    [
        (_replace(_ID, ""), "cda-id-missing"),
        (_replace(_ID, '<id nullFlavor="UNK"/>'), "cda-id-missing"),
        (_replace(_ID, '<id root="not an oid"/>'), "cda-id-missing"),
        (_replace('<code code="11502-2"', '<code nullFlavor="UNK"'), "cda-code-missing"),
        (_replace("recordTarget", "recordTarge"), "xml-malformed"),
        (_everywhere("recordTarget", "participant"), "cda-patient-missing"),
        (_everywhere("<author>", "<recordTarget><patientRole/></recordTarget><author>"), "cda-several-patients"),
        (_everywhere("structuredBody", "otherBody"), "cda-body-missing"),
        (_everywhere("urn:hl7-org:v3", "urn:hl7-org:v4"), "cda-not-a-cda"),
        (_everywhere("ClinicalDocument", "clinicalDocument"), "cda-not-a-cda"),
        (
            _everywhere("</structuredBody>", "<component><section/></component>" * 2001 + "</structuredBody>"),
            "cda-too-complex",
        ),
        (
            _everywhere("</text>", "</text>" + "<component><section>" * 25 + "</section></component>" * 25),
            "cda-too-complex",
        ),
    ],
)
def test_documents_that_cannot_be_placed_are_refused(mutation: object, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        cda.read(make_cda(mutate=mutation))
    assert caught.value.problems[0].code == code


def test_two_documents_in_one_style_sheet_are_refused() -> None:
    def twice(xml: str) -> str:
        start, end = xml.index("<ClinicalDocument"), xml.index("</data:Contenu>")
        return xml[:end] + xml[start:end] + xml[end:]

    with pytest.raises(Invalid, match="cda-not-a-cda"):
        cda.read(make_cda(self_presenting=True, mutate=twice))


def test_an_n1_body_is_decoded_only_when_asked() -> None:
    pdf = make_pdf()
    document = cda.read(make_cda_n1(pdf=pdf))
    assert not document.is_structured
    assert document.body_part == 0
    assert document.parts[0].content() == pdf
    broken = cda.read(make_cda(payload=base64.b64encode(pdf).decode()[:-3]))
    with pytest.raises(Invalid, match="cda-embedded-broken"):
        broken.parts[0].content()


def test_a_body_elsewhere_is_refused_and_never_fetched() -> None:
    elsewhere = make_cda(
        payload="", mutate=_replace('representation="B64">', '><reference value="http://127.0.0.1:9/"/>')
    )
    with pytest.raises(Invalid, match="cda-body-elsewhere"):
        cda.read(elsewhere)


def test_summary_text_is_title_headings_and_words() -> None:
    text = cda.summary_text(cda.read(make_cda(more_sections=[("Conclusion", "Tout va <content>bien</content>.")])))
    assert text.splitlines() == [
        "Compte rendu de biologie",
        "Chimie",
        "Prélèvement du 2 mai 2024, à jeun.",
        "Ionogramme sanguin",
        "Bilan glucidique",
        "Résultats",
        "Analyse Résultat Unité",
        "Glucose 0,92 g/L",
        "Potassium 5,6 mmol/L",
        "Conclusion",
        "Tout va bien.",
    ]


def test_reading_is_quick() -> None:
    """A 100 kB report is read in a few milliseconds: deposits are counted in hundreds a second."""
    rows = "".join(f"<tr><td>Analyse {n}</td><td>{n}</td><td>g/L</td></tr>" for n in range(1500))
    data = make_cda(narrative=f"<table><tbody>{rows}</tbody></table>")
    spent = []
    for _ in range(8):
        started = time.process_time()
        cda.read(data)
        spent.append(time.process_time() - started)
    assert min(spent) < 0.1  # the least: neighbours of a busy machine are not what is measured


def test_the_deepest_permitted_narrative_is_read_and_rendered() -> None:
    data = make_cda(narrative="<content>" * 150 + "fond" + "</content>" * 150)
    document = cda.read(data)
    assert "fond" in cda.summary_text(document)
    assert "fond" in cda.render_html(document, language="fr", stylesheet_href="/cda.css")
    with pytest.raises(TooLarge, match="xml-too-large-depth"):
        cda.read(make_cda(narrative="<content>" * 210 + "</content>" * 210))


OTHERS = {
    "the same again": lambda xml: xml,
    "another name": lambda xml: xml.replace("FICTIF", "AUTRUI"),
    "another number": lambda xml: xml.replace("810101010101", "810101010202"),
    "another place": lambda xml: xml.replace("1750999999", "1750999998"),
    "another moment": lambda xml: xml.replace("<author><time value=", "<author><time nullFlavor="),
    "written with a prefix": lambda xml: xml.replace("assignedPerson>", "x:assignedPerson>").replace(
        'xmlns="urn', 'xmlns:x="urn:hl7-org:v3" xmlns="urn', 1
    ),
    "of another namespace": lambda xml: xml.replace("assignedPerson>", "x:assignedPerson>").replace(
        'xmlns="urn', 'xmlns:x="urn:other" xmlns="urn', 1
    ),
}


def headers_read() -> list[list[object]]:
    """Read each of OTHERS after a document with the plain author: participants only."""
    found = []
    for mutate in OTHERS.values():
        cda.read(make_cda())
        document = cda.read(make_cda(mutate=mutate))
        found.append([document.authors, document.legal_authenticator, document.events])
    return found


def test_a_remembered_author_is_that_author(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remembered or read anew, it is the same; planted: remembered by less than all that was written, it is not."""
    header._remembered.clear()
    remembered = headers_read()
    assert header._remembered
    monkeypatch.setattr(header, "_MOST_REMEMBERED", 0)  # each one makes the others forgotten
    header._remembered.clear()
    monkeypatch.setattr(header, "_LONGEST_REMEMBERED", 0)
    assert headers_read() == remembered
    assert not header._remembered
    monkeypatch.undo()
    monkeypatch.setattr(header, "etree", Careless)
    header._remembered.clear()
    assert headers_read() != remembered
    header._remembered.clear()


class Careless:
    """Planted fault: tells apart by the name of the element only."""

    @staticmethod
    def tostring(element: etree._Element, *, with_tail: bool) -> bytes:
        assert not with_tail
        return element.tag.encode()


def test_nobody_at_home_is_remembered_and_not_more_than_some(monkeypatch: pytest.MonkeyPatch) -> None:
    header._remembered.clear()
    home = "<assignedAuthor><assignedPerson><name><family>ICI</family></name></assignedPerson></assignedAuthor>"
    document = etree.fromstring(f'<d xmlns="urn:hl7-org:v3"><author>{home}</author></d>')
    assert header.participants(document, "author", "assignedAuthor")[0].display == "ICI"
    assert not header._remembered
    monkeypatch.setattr(header, "_MOST_REMEMBERED", 3)
    for number in range(10):
        cda.read(make_cda(mutate=lambda xml, n=number: xml.replace("FICTIF", f"FICTIF{n}")))
        assert len(header._remembered) <= 3
    header._remembered.clear()


def test_zones_are_kept() -> None:
    at = cda.read(make_cda(effective_time="20240502103000+0530")).effective_time.at
    assert at is not None
    assert at.utcoffset() == timedelta(hours=5, minutes=30)
