"""The sandbox's documents are what care software would really send, about the right person, for ever the same."""

from collections import Counter

import msgspec
import pypdfium2
import pytest
from lxml import etree

from carnet.formats import cda
from carnet.sandbox.documents.building import build
from carnet.sandbox.documents.load import drafts, load_documents
from carnet.sandbox.documents.story import FOLDER, story
from carnet.sandbox.population.load import load_population
from carnet.terminology import api as terminology

PEOPLE = load_population()
HL7 = "{urn:hl7-org:v3}"


@pytest.fixture(scope="module")
def documents():
    return load_documents()


@pytest.fixture(scope="module")
def cdas(documents):
    return [(document, cda.read(document.content)) for document in documents if document.is_cda]


def test_there_are_enough_of_every_kind(documents):
    assert 200 <= len(documents) <= 320
    per_person = Counter(document.person.login for document in documents)
    assert all(4 <= per_person[login] <= 20 for login in ("honore", "nour", "lou", "odette", "baptiste", "celestine"))
    kinds = {(document.type_code, document.media_type) for document in documents}
    assert kinds >= {
        ("11502-2", "text/xml"),
        ("11490-0", "text/xml"),
        ("18748-4", "text/xml"),
        ("87273-9", "text/xml"),
        ("SYNTH", "text/xml"),
        ("57833-6", "application/pdf"),
        ("89601-9", "application/pdf"),
    }


def test_every_story_is_told_to_somebody():
    told = {name for person in PEOPLE.persons for name in person.stories}
    assert told == {path.stem for path in FOLDER.glob("*.toml")}
    assert all(story(name).document for name in told)


def test_identifiers_are_unique_and_dates_believable(documents):
    assert len({document.unique_id for document in documents}) == len(documents)
    assert len({document.file_name for document in documents}) == len(documents)
    for document in documents:
        assert document.person.birth_date <= document.date.date() <= PEOPLE.today
        assert document.period[0] <= document.period[1] <= document.date


def test_offices_are_closed_at_week_ends(documents):
    closed = [d for d in documents if d.type_code == "11488-4" and d.date.weekday() > 4]
    assert closed == []


def test_headers_say_who_what_when(cdas):
    for document, read in cdas:
        assert (read.ins.root, read.ins.extension) == (document.person.oid, document.person.matricule)
        traits = read.patient_traits
        assert traits.birth_name == document.person.registered_name
        assert traits.first_given == document.person.first_given
        assert (traits.sex, traits.birth_date) == (document.person.sex, document.person.birth_date)
        assert traits.birth_place_code == document.person.birth_place
        assert read.code.code == document.type_code
        assert read.unique_id == document.unique_id
        assert (read.set_id.root, read.version) == (document.set_id, document.version)
        assert read.effective_time.at == document.date
        assert read.authors[0].ids[0].extension == document.author.national_id
        assert read.custodian.ids[0].extension == document.organisation.national_id
        assert read.legal_authenticator.ids == read.authors[0].ids
        assert read.encounter.facility.code == document.organisation.facility_type
        assert read.events[0].start.at == document.period[0]
        assert read.confidentiality.code == "N"


def test_codes_belong_to_the_national_value_sets(documents, cdas):
    for document in documents:
        assert terminology.document_type(document.type_code)
        assert document.format_code in {one.code for one in terminology.values(terminology.ValueSet.FORMAT)}
        place = document.organisation
        assert terminology.is_in(terminology.ValueSet.FACILITY, "1.2.250.1.71.4.2.4", place.facility_type)
        assert terminology.is_in(terminology.ValueSet.SETTING, "1.2.250.1.213.1.1.4.9", place.practice_setting)
        assert terminology.is_in(
            terminology.ValueSet.AUTHOR_SPECIALTY, "1.2.250.1.213.1.1.4.5", document.author.role_code
        )
    for document, read in cdas:
        body = read.parts[read.body_part].media_type if read.body_part is not None else None
        assert terminology.format_for((t.root for t in read.templates), body) == document.format_code, document.key


def dangling(content):
    root = etree.fromstring(content)
    targets = {element.get("ID") for element in root.iter() if element.get("ID")}
    used = {element.get("value").removeprefix("#") for element in root.iter(f"{HL7}reference")}
    return used - targets


def test_entries_point_into_the_narrative(documents):
    for document in documents:
        if document.is_cda:
            assert dangling(document.content) == set(), document.key


def test_a_dangling_reference_would_be_seen(documents):
    report = next(document for document in documents if document.type_code == "11502-2")
    assert dangling(report.content.replace(b'ID="res-1-1"', b'ID="elsewhere"')) == {"res-1-1"}


def test_structured_reports_have_a_narrative_and_letters_carry_a_pdf(cdas):
    for document, read in cdas:
        if read.is_structured:
            assert read.sections
            assert read.sections[0].title
        else:
            assert read.parts[0].content().startswith(b"%PDF-"), document.key


def test_results_are_flagged_dated_and_compared(documents):
    corrected = next(document for document in documents if document.replaces)
    root = etree.fromstring(corrected.content)
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter(f"{HL7}tr")]
    assert ["Hémoglobine A1c (HbA1c)", "6,8 % (élevé)", "4,0 – 6,0", "7,0 %"] in rows
    creatinine = next(row for row in rows if row[0] == "Créatinine")
    assert creatinine == ["Créatinine", "92 µmol/L", "59 – 104", "91 µmol/L"]
    flags = [code.get("code") for code in root.iter(f"{HL7}interpretationCode")]
    assert "H" in flags


def test_the_correction_replaces_the_first_version(documents):
    corrected = next(document for document in documents if document.replaces)
    first = next(document for document in documents if document.unique_id == corrected.replaces)
    assert (first.version, corrected.version) == (1, 2)
    assert first.set_id == corrected.set_id
    assert first.date < corrected.date
    assert documents.index(first) < documents.index(corrected)
    assert cda.read(corrected.content).replaces.id.root == first.unique_id


def test_the_three_ways_of_hiding_exist(documents):
    codes = {code for document in documents for code in document.confidentiality}
    assert codes == {"MASQUE_PS", "INVISIBLE_PATIENT", "INVISIBLE_REPRESENTANTS_LEGAUX"}


def test_pdfs_open_and_speak_french(documents):
    for document in documents:
        if document.media_type == "application/pdf":
            pdf = pypdfium2.PdfDocument(document.content)
            text = pdf[0].get_textpage().get_text_bounded()
            assert document.title.split(" :")[0] in text.replace("\r\n", " "), document.key
            assert document.person.matricule in text
            assert "\ufffd" not in text


def test_everything_a_person_may_be_called_can_be_printed(documents):
    names = {document.person.login for document in documents}
    assert {"ael", "noel", "coeur", "marieange"} <= names


def test_the_same_draft_gives_the_same_bytes(documents):
    for draft in drafts(PEOPLE)[::23]:
        made = build(draft)
        kept = next(document for document in documents if document.key == made.key)
        assert msgspec.structs.asdict(made) == msgspec.structs.asdict(kept)
