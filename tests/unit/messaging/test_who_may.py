"""Who reads and writes a person's messages, and to whom an answer goes."""

import datetime as dt
import io
import zipfile
from uuid import UUID

import pytest

from carnet.formats import mail_reading
from carnet.formats.xdm import documents_in_archive
from carnet.kernel.decisions import Ground, Reason, allow, refuse
from carnet.kernel.errors import Invalid
from carnet.messaging import opening
from carnet.messaging.data import Address, Beside, Letter, Writing
from carnet.messaging.rules.addresses import matricule_of, read_address
from carnet.messaging.rules.composing import compose, undelivered
from carnet.messaging.rules.judging import codes_of
from carnet.messaging.rules.letters import bare_subject, excerpt
from carnet.messaging.rules.permissions import may_read, may_write
from carnet.messaging.rules.writing import check_writing, recipients_of

OWN = Address("2790351@patient.invalid", "Dominique")
DOCTOR, COLLEAGUE, OTHER = Address("a@chu.invalid"), Address("b@chu.invalid"), Address("3@patient.invalid")
AT = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
LATEST = Letter(sender=DOCTOR, to=(OWN, OTHER), cc=(COLLEAGUE, DOCTOR), subject="x", text="", message_id="<1@a>")


@pytest.mark.parametrize("ground", list(Ground))
def test_only_the_person_reads_and_writes(ground):
    for rule in (may_read, may_write):
        assert rule(allow(ground)).allowed is (ground is Ground.OWN_SPACE)
        assert not rule(refuse(Reason.SPACE_NOT_OPEN)).allowed


def test_an_answer_goes_to_who_wrote_and_an_answer_to_all_to_professionals_only():
    writing = Writing(text="x")
    assert recipients_of(writing, LATEST, contacts={}, own=OWN) == ((DOCTOR,), ())
    everybody = Writing(text="x", to_all=True)
    assert recipients_of(everybody, LATEST, contacts={}, own=OWN) == ((DOCTOR,), (COLLEAGUE,))


@pytest.mark.parametrize("to", [(), ("c@chu.invalid",), (DOCTOR.address, "c@chu.invalid"), (OTHER.address,)])
def test_a_new_message_goes_to_contacts_only(to):
    with pytest.raises(Invalid, match="recipient-not-contact"):
        recipients_of(Writing(text="x", subject="y", to=to), None, contacts={DOCTOR.address: DOCTOR}, own=OWN)


def test_every_problem_of_a_form_is_told_at_once():
    with pytest.raises(Invalid) as told:
        check_writing(Writing(text=" "), most_bytes=1, most_files=1)
    assert {one.code for one in told.value.problems} == {"message-empty", "subject-missing", "recipient-missing"}


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@b", "a@@b.fr", "a b@c.fr", "<a@b.fr>", "a@b.fr,c@d.fr", "a@b.fr\r\nBcc: x", ".a@b.fr", "a@-b.fr"],
)
def test_what_is_not_one_mailbox_is_none(text):
    assert read_address(text) is None


def test_a_persons_address_is_their_matricule():
    assert matricule_of("27903512151898A@X.fr".replace("A", "9"), domain="x.FR") == "279035121518989"
    assert matricule_of("2790a5121518989@x.fr", domain="x.fr") is None
    assert matricule_of("279032A04518989@x.fr", domain="x.fr") == "279032A04518989"
    assert matricule_of("279035121518989@y.fr", domain="x.fr") is None


def test_subjects_and_excerpts():
    assert bare_subject("RE: Re[2] : TR: Résultats") == "Résultats"
    assert excerpt("> cité\n\nBonjour,\n  merci.\n> encore") == "Bonjour, merci."


def test_a_declared_kind_is_never_more_than_a_kind():
    """It becomes a header when the file is taken away: a folded one would have been two lines."""
    for declared in ("text/x\r\n\tset-cookie", "text/x y", "a/b/c", "text/é"):
        head = f"Content-Type: {declared}\r\nContent-Disposition: attachment; filename=a\r\n\r\nabc".encode()
        file = mail_reading.read(head)["attachments"][0]
        kept = opening._opened(file["name"], file["media_type"], b"\x00\x01 nothing known").description.media_type
        assert kept in {"application/octet-stream", "text/plain"}, declared
    assert opening._opened("a", "application/dicom", b"\x00\x01 nothing known").description.media_type == (
        "application/dicom"
    )


def test_a_title_of_two_lines_leaves_as_a_name_of_one():
    files = (Beside(name="Compte rendu\r\n  Bcc: x@y.invalid.pdf", media_type="application/pdf", content=b"%PDF"),)
    sent = compose(LATEST, files, software="", at=AT, recipient=DOCTOR)
    assert b"\r\n\r\n" in sent
    assert b"\nBcc" not in sent.replace(b"\n ", b"\n")


def test_the_types_of_clinical_documents_travel_in_the_head():
    """X-MSS-CODECDA: what is read of it is codes and nothing else; what is written is read again."""
    assert codes_of({"x-mss-codecda": "11502-2, SYNTH; 11502-2 <b> é"}) == ("11502-2", "SYNTH")
    with_codes = Letter(sender=OWN, to=(DOCTOR,), subject="x", text="", message_id="<1@a>", codes=("11502-2", "SYNTH"))
    sent = compose(with_codes, (), software="12345", at=AT, recipient=DOCTOR)
    assert b"X-MSS-CODECDA: 11502-2, SYNTH\r\nX-MSS-NIL: 12345\r\n" in sent


def test_each_letter_nobody_could_read_has_its_own_report():
    """None of them has a name we know; a mailbox that drops what it has already would keep one report of two."""
    told = {"reporter": OWN, "to": DOCTOR, "recipient": COLLEAGUE.address, "original": "", "code": "unread"}
    first, second, again = (undelivered(**told, mail=UUID(int=number), at=AT) for number in (1, 2, 1))
    names = {mail_reading.read(one)["message_id"][0] for one in (first, second)}
    assert len(names) == 2
    assert first == again


METADATA = """<a xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><ExtrinsicObject>
<Slot name="URI"><ValueList><Value>lettre.pdf</Value></ValueList></Slot><Name><LocalizedString value="Lettre"/></Name>
<Classification classificationScheme="urn:uuid:f0306f51-975f-434e-a61c-c59651d33983" nodeRepresentation="11490-0"/>
<Classification classificationScheme="urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
 nodeRepresentation="INVISIBLE_REPRESENTANTS_LEGAUX"/></ExtrinsicObject></a>"""


@pytest.mark.parametrize(
    ("metadata", "said"), [(METADATA, ("11490-0", "Lettre", True)), ("<!DOCTYPE a><a/>", ("", "", False))]
)
def test_what_an_archive_says_of_a_file_places_it_and_may_hide_it(metadata, said):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("IHE_XDM/SUBSET01/LETTRE.PDF", b"%PDF-1.4")
        archive.writestr("IHE_XDM/SUBSET01/METADATA.XML", metadata)
    (file,) = documents_in_archive(packed.getvalue(), most_bytes=10_000)
    kept = opening._opened(file.name, file.media_type, file.content, said=file.said)
    assert (kept.description.type_code, kept.description.title, kept.apart) == said
