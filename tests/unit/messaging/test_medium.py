"""Clinical documents leave in an IHE_XDM.ZIP: as others' software packs it, as ours reads it, the same each time."""

import datetime as dt
import hashlib
import io
import zipfile
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from carnet.formats.mail import read_mail
from carnet.formats.xdm import read_medium
from carnet.formats.xdm_metadata import SaidAuthor, SaidPatient
from carnet.infra.installation import MailLimits
from carnet.messaging.data import Address, Beside, Letter
from carnet.messaging.opening import opened_files
from carnet.messaging.rules.composing import compose
from carnet.messaging.rules.letters import said_subject
from carnet.records.api import said_in_archive
from factories.cda import make_cda
from factories.ins import DEFAULT_NIR, matricule
from factories.pdf import make_pdf

SAMPLES = Path(__file__).parents[4] / "shared" / "samples" / "xdm-ans"
AT = dt.datetime(2026, 11, 22, 17, 5, 9, tzinfo=dt.UTC)
PERSON = Address(f"{matricule(DEFAULT_NIR)}@patient.mss.invalid", "Dominique PAT-TROIS")
DOCTOR = Address("camille@chu.mss.invalid", "Camille Fictif")
LETTER = Letter(
    sender=PERSON, to=(DOCTOR,), subject="Mon bilan & <moi>", text="Voici.", message_id="<m@patient.mss.invalid>"
)


def sent(*contents, letter=LETTER, at=AT, author=None):
    """Compose a letter with these documents, and a photo that leaves as it is."""
    files = [Beside(name="a.xml", media_type="text/xml", content=one, said=said_in_archive(one)) for one in contents]
    photo = Beside(name="photo.jpg", media_type="image/jpeg", content=b"\xff\xd8\xff\xe0 nothing")
    return compose(letter, (*files, photo), software="", at=at, recipient=DOCTOR, author=author)


def archive_of(raw):
    """The archive of a letter, with its name and declared type."""
    (found,) = [one for one in read_mail(raw).attachments if one.content.startswith(b"PK")]
    return found


def metadata(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return etree.fromstring(packed.read("IHE_XDM/SUBSET01/METADATA.XML"))


def test_a_clinical_document_leaves_in_the_archive_the_trust_space_wants_and_comes_back_whole():
    content, other = make_cda(), make_cda(pdf=make_pdf(), extension="DOC-0002", title="Lettre")
    raw = sent(content, other)
    assert b"Subject: XDM/1.0/DDM+Mon bilan" in raw
    found = archive_of(raw)
    assert (found.name, found.media_type) == ("IHE_XDM.ZIP", "application/zip")
    medium = read_medium(found.content, most_bytes=10_000_000)
    assert [one.content for one in medium.files] == [content, other]
    assert medium.missing == ()
    assert medium.patients == {(matricule(DEFAULT_NIR), "1.2.250.1.213.1.4.10")}
    for number, (one, before) in enumerate(zip(medium.files, (content, other), strict=True), start=1):
        established = msgspec.structs.replace(
            said_in_archive(before),
            uri=f"doc{number:05}.xml",
            entry=f"Document{number:02}",
            status="Approved",
            media_type="text/xml",
            size=str(len(before)),
            hash=hashlib.sha1(before, usedforsecurity=False).hexdigest(),
        )
        assert one.said == established, "what is written is what is read"
    opened = opened_files(read_mail(raw), limits=MailLimits())
    assert [one.description.kind.value for one in opened] == ["clinical", "clinical", "file"]
    assert opened[0].description.unique_id == "1.2.250.1.999.1.1.1^DOC-0001"


def test_its_facts_are_the_documents_own():
    said = said_in_archive(make_cda())
    assert (said.type.code, said.type.system, said.document_class.code) == ("11502-2", "2.16.840.1.113883.6.1", "10")
    assert (said.facility.code, said.setting.code, said.labels[0].code) == ("SA25", "ETABLISSEMENT", "N")
    assert (said.creation, said.start) == ("20240502083000", "20240502060000")
    assert (said.authors[0].number, said.authors[0].authority) == ("810101010101", "1.2.250.1.71.4.2.1")
    assert (said.authors[0].institution_number, said.authors[0].registry) == ("1750999999", "1.2.250.1.71.4.2.2")
    assert said.patient == SaidPatient(
        number=matricule(DEFAULT_NIR),
        authority="1.2.250.1.213.1.4.10",
        family="PAT-TROIS",
        given=("DOMINIQUE MARIE",),
        birth_date="19790328",
        sex="F",
    )
    assert said.format.system


@pytest.mark.parametrize("writer", ["person", "representative", "professional"])
def test_who_sends_is_the_author_of_the_submission(writer):
    letter = msgspec.structs.replace(LETTER, written_by="Ma Mère") if writer == "representative" else LETTER
    author = SaidAuthor(number="810101010101", authority="1.2.250.1.71.4.2.1", family="Dr ^ & Fictif")
    raw = sent(make_cda(), letter=letter, author=author if writer == "professional" else None)
    root = metadata(archive_of(raw).content)
    (package,) = root.iter("{*}RegistryPackage")
    (person,) = [one for one in package.iter("{*}Slot") if one.get("name") == "authorPerson"]
    expected = {
        "person": f"{matricule(DEFAULT_NIR)}^PAT-TROIS^DOMINIQUE MARIE^^^^^^&1.2.250.1.213.1.4.10&ISO^L^^^NH",
        "representative": "^Ma Mère",
        "professional": "810101010101^Dr Fictif^^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
    }
    assert "".join(person.itertext()).strip() == expected[writer]


def test_a_letter_tried_again_is_the_same_letter():
    content = make_cda()
    assert sent(content) == sent(content)
    assert sent(content) != sent(content, at=AT + dt.timedelta(seconds=2))


def test_whoever_has_no_care_software_opens_a_page():
    with zipfile.ZipFile(io.BytesIO(archive_of(sent(make_cda(title="<b>Bilan</b>"))).content)) as packed:
        names = packed.namelist()
        index = packed.read("INDEX.HTM").decode()
        page = packed.read("IHE_XDM/SUBSET01/DOC00001.HTM").decode()
        assert names[:3] == ["INDEX.HTM", "README.TXT", "IHE_XDM/SUBSET01/METADATA.XML"]
        packed.read("README.TXT").decode("ascii")
    assert 'href="IHE_XDM/SUBSET01/DOC00001.HTM"' in index
    assert "<b>" not in index
    etree.fromstring(index.encode().partition(b"\r\n")[2])
    assert "Potassium" in page
    assert 'href="CDA.CSS"' in page
    assert "<script" not in page


def test_what_is_no_clinical_document_leaves_as_it_is():
    assert said_in_archive(b"%PDF-1.4") is None
    assert b"XDM" not in sent()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("XDM/1.0/DDM+Compte rendu", "Compte rendu"),
        ("Re: xdm/1.0/ddm + Compte rendu", "Re: Compte rendu"),
        ("XDM/1.0/DDM", ""),
        ("Au sujet de XDM/1.0/DDM", "Au sujet de XDM/1.0/DDM"),
    ],
)
def test_the_mark_of_an_archive_is_not_shown(written, shown):
    assert said_subject(written) == shown


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples nobody here wrote are not there")
@pytest.mark.parametrize("name", ["XDM_CRRTN.zip", "XDM_CSE-MDE.zip"])
def test_it_says_what_archives_of_others_say(name):
    """Every slot, classification and identifier that archives of French software have is in ours too."""
    theirs, ours = (SAMPLES / name).read_bytes(), archive_of(sent(make_cda(event_stop="20240502090000+0200"))).content
    wanted = set(facts(metadata(theirs)))
    assert wanted - set(facts(metadata(ours))) == set()


def facts(root):
    """What a METADATA.XML has, without values: element, and its name or scheme."""
    for one in root.iter(
        "{*}Slot", "{*}Classification", "{*}ExternalIdentifier", "{*}Association", "{*}RegistryPackage"
    ):
        tag = etree.QName(one).localname
        scheme = (
            one.get("classificationScheme") or one.get("classificationNode") or one.get("identificationScheme") or ""
        )
        yield tag, (one.get("name") or scheme or one.get("associationType") or "").strip()
