"""What an erasure finds of a person outside their space: under the key of the house, which it does not destroy."""

import datetime as dt
from uuid import uuid4

import pytest

from carnet.journal.api import seat_statement_key
from carnet.journeys.api import ErasureList, carry_out_due, close_space, repeat_erasures
from carnet.kernel.errors import NotFound
from carnet.messaging.actions.take_colleague_mail import take_colleague_mail
from carnet.messaging.api import (
    GATEWAY,
    Envelope,
    accept_colleague_mail,
    end_forgotten,
    next_colleague_mail,
    note_colleague_mail,
    replay_mail,
)
from carnet.spaces.api import index_digest, person_digest
from factories.events import as_owner
from factories.mss import DOCTOR, address_of, hand_over, letter
from factories.world import AT, OPERATOR, make_person

YEAR = dt.timedelta(days=366)


@pytest.fixture(scope="module", autouse=True)
def signing(house):
    seat_statement_key(house.home / "statement.key", name="carnet.test/releve")
    yield
    seat_statement_key(None)


@pytest.fixture
def listed(tmp_path):
    return ErasureList(tmp_path / "erasures")


async def test_mail_set_aside_and_scanned_letters_go_with_the_space(house, batch, listed):
    """Mail for a closed space lies under the key of the house, which an erasure does not destroy."""
    person, other = await make_person(), await make_person()
    await close_space(actor=other.actor, space=other.space, at=AT - YEAR)
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    mails = [await hand_over(letter(one), to=address_of(one), at=AT - YEAR) for one in (person, other)]
    scans = [uuid4() for _ in mails]
    with as_owner(house) as conn:
        conn.execute(
            "INSERT INTO agent VALUES (gen_random_uuid(), 'P-9', 'agent', 'p@z', 'p', 'd', %s) ON CONFLICT DO NOTHING",
            (AT,),
        )
        for scan, one in zip(scans, (person, other), strict=True):
            conn.execute(
                "INSERT INTO desk_contact (contact_id, agent, channel, began_at, ins_digest)"
                " VALUES (%s, 'P-9', 'post', %s, %s)",
                (scan, AT, person_digest(one.ins)),
            )
            conn.execute("INSERT INTO desk_proof VALUES (%s, %s, %s, 'application/pdf', 'x')", (scan, scan, AT))
            conn.execute(
                "INSERT INTO desk_ticket (ticket_id, desk, ins_digest, script, reason, left_by, left_at, due_at)"
                " VALUES (%s, 'd', %s, 'lost-access', 'proof', 'P-9', %s, %s)",
                (scan, person_digest(one.ins), AT, AT + YEAR),
            )
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    with as_owner(house) as conn:
        tickets = conn.execute("SELECT ticket_id FROM desk_ticket WHERE ticket_id = ANY (%s)", (scans,)).fetchall()
        left = conn.execute("SELECT mail_id FROM unclaimed_mail WHERE mail_id = ANY (%s)", (mails,)).fetchall()
        kept = conn.execute("SELECT proof_id FROM desk_proof WHERE proof_id = ANY (%s)", (scans,)).fetchall()
    assert (left, kept) == ([(mails[1],)], [(scans[1],)]), "theirs, and nobody else's"
    assert tickets == [(scans[1],)]
    with pytest.raises(NotFound):
        await replay_mail(actor=OPERATOR, space=None, mail=mails[0], at=AT)


async def test_mail_between_professionals_goes_with_the_space_of_whom_it_is_about(house, batch, listed):
    """What was handed on goes at once; what is on its way still arrives, and goes then."""
    person, other = await make_person(), await make_person()
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    one = {"peer": "chu", "sender": DOCTOR, "recipient": "paul@mssante.invalid"}
    mails = []
    for about, subject in ((person, "Remis"), (person, "En route"), (other, "Remis")):
        number = about.ins.matricule
        raw = letter(to=one["recipient"], subject=subject, X_MSS_INS=number).as_bytes()
        mails.append(await accept_colleague_mail(envelope=Envelope(**one, raw=raw, about=number), at=AT))
        await take_colleague_mail(actor=GATEWAY, mail=mails[-1], at=AT)
        if subject == "Remis":
            await note_colleague_mail(actor=GATEWAY, mail=mails[-1], code=None, at=AT)
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    with as_owner(house) as conn:
        asking = "SELECT mail_id, state FROM colleague_mail WHERE mail_id = ANY (%s) ORDER BY mail_id"
        assert conn.execute(asking, (mails,)).fetchall() == [(mails[1], "leaving"), (mails[2], "sent")]
        await note_colleague_mail(actor=GATEWAY, mail=mails[1], code=None, at=AT)
        assert conn.execute(asking, (mails,)).fetchall() == [(mails[2], "sent")]


@pytest.mark.parametrize(("readable", "taken"), [(False, True), (False, False), (True, True)])
async def test_what_was_set_aside_about_them_waits_for_nobody(house, batch, listed, readable, taken):
    """Never read: its sender is told, as far as possible, then it goes. Read, and nobody to be told: it goes."""
    person = await make_person()
    asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
    number, to = person.ins.matricule, "paul@mssante.invalid"
    raw = letter(to=to, X_MSS_INS=number if readable else "2").as_bytes()
    mail = await accept_colleague_mail(
        envelope=Envelope(peer="chu", sender=DOCTOR, recipient=to, raw=raw, about=number), at=AT
    )
    await take_colleague_mail(actor=GATEWAY, mail=mail, at=AT)
    for _ in range(2 * readable):  # refused, and the report too
        await note_colleague_mail(actor=GATEWAY, mail=mail, code="550", lasting=True, at=AT)
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    with as_owner(house) as conn:
        asking = "SELECT state FROM colleague_mail WHERE mail_id = %s"
        assert conn.execute(asking, (mail,)).fetchall() == [("quarantined",)]
        await end_forgotten(actor=OPERATOR, at=AT)
        if readable:
            assert conn.execute(asking, (mail,)).fetchall() == []
            return
        report = await next_colleague_mail(mail=mail, at=AT)
        assert (report.recipient, b"unread" in report.raw, number.encode() in report.raw) == (DOCTOR, True, False)
        await note_colleague_mail(actor=GATEWAY, mail=mail, code=None if taken else "550", lasting=True, at=AT)
        assert conn.execute(asking, (mail,)).fetchall() == []
        traced = "SELECT 1 FROM security_entry WHERE act = 'drop-mail' AND actor_id = %s AND at = %s"
        assert conn.execute(traced, (OPERATOR.identifier, AT)).fetchone() is not None


@pytest.mark.parametrize("restored", [False, True])
async def test_whom_they_acted_for_goes_with_who_is_erased(house, batch, listed, restored):
    """The erased person's own side of the index; once more after a restore, when no key is left."""
    person, other = await make_person(), await make_person()
    sides = [index_digest(person_digest(one.ins)) for one in (person, other)]
    with as_owner(house) as conn:
        for side in sides:
            conn.execute("INSERT INTO delegate_place VALUES (%s, 'p', 'carer', 'x', true, %s)", (side, AT + YEAR))
    if restored:
        listed.note(person.space, at=AT)
        assert await repeat_erasures(actor=OPERATOR, batch=batch, listed=listed, at=AT) >= 1  # others on this house too
    else:
        asked = await close_space(actor=person.actor, space=person.space, erase=True, at=AT - YEAR)
        await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    with as_owner(house) as conn:
        left = conn.execute("SELECT delegate FROM delegate_place WHERE delegate = ANY (%s)", (sides,)).fetchall()
    assert [bytes(one) for (one,) in left] == sides[1:]
