"""What an erasure finds of a person outside their space: under the key of the house, which it does not destroy."""

import datetime as dt
from uuid import uuid4

import pytest

from carnet.journal.api import seat_statement_key
from carnet.journeys.api import ErasureList, carry_out_due, close_space, repeat_erasures
from carnet.kernel.errors import NotFound
from carnet.messaging.api import replay_mail
from carnet.spaces.api import index_digest, person_digest
from factories.events import as_owner
from factories.mss import address_of, hand_over, letter
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
    await carry_out_due(actor=OPERATOR, batch=batch, listed=listed, at=asked.due_at)
    with as_owner(house) as conn:
        left = conn.execute("SELECT mail_id FROM unclaimed_mail WHERE mail_id = ANY (%s)", (mails,)).fetchall()
        kept = conn.execute("SELECT proof_id FROM desk_proof WHERE proof_id = ANY (%s)", (scans,)).fetchall()
    assert (left, kept) == ([(mails[1],)], [(scans[1],)]), "theirs, and nobody else's"
    with pytest.raises(NotFound):
        await replay_mail(actor=OPERATOR, space=None, mail=mails[0], at=AT)


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
