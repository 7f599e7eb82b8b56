"""A professional says what patients may ask their mailbox for; nobody says it of another's."""

import re

import pytest

from carnet.identity.api import DirectoryFeed, FeedMailbox, import_directory
from carnet.infra import clock
from carnet.infra.db import system_work
from carnet.messaging.api import Period, Quota, RequestKind, rules_of
from factories.world import OPERATOR

TYPED = {
    "genre-renouvellement": "oui",
    "genre-resultat": "oui",
    "horaires": "lun-ven 09:00-18:00",
    "quota": "2",
    "periode": "semaine",
    "delai": "3",
    "automatique": "Nous répondons sous trois jours.",
    "automatique_en": "We answer within three days.",
    "absent_du": "2026-12-20",
    "absent_au": "2026-12-31",
    "absent_remplacant": "Dr Martin",
    "libres": "oui",
}


@pytest.fixture
async def address(doctor):
    """The page of the doctor's own mailbox."""
    own = f"{doctor.actor.rpps}@mssante.invalid"
    feed = DirectoryFeed(mailboxes=(FeedMailbox(address=own, kind="PER", rpps=doctor.actor.rpps),))
    await import_directory(actor=OPERATOR, feed=feed, at=clock.now())
    return re.search(r'href="(/pro/boites/[0-9a-f]{64})"', (await doctor.get("/pro/boites")).text)[1]


async def known(doctor):
    own = f"{doctor.actor.rpps}@mssante.invalid"
    async with system_work(at=clock.now()) as w:
        return (await rules_of(w, [own])).get(own)


async def test_what_a_mailbox_accepts_is_set_shown_and_taken_back(doctor, address):
    assert (await doctor.post(address, TYPED)).status_code == 303
    rules = (await known(doctor)).rules
    assert rules.kinds == (RequestKind.RENEWAL, RequestKind.RESULT)
    assert (rules.quota, rules.answer_days, rules.automatic) == (Quota(2, Period.WEEK), 3, TYPED["automatique"])
    assert (rules.automatic_english, rules.absences[0].instead) == (TYPED["automatique_en"], "Dr Martin")
    page = (await doctor.get(address)).text
    assert 'value="Dr Martin"' in page
    assert 'value="lun-ven 09:00-18:00"' in page
    assert "Renouvellement" in (await doctor.get("/pro/boites")).text
    wrong = await doctor.post(address, TYPED | {"horaires": "le matin", "quota": "2"})
    assert (wrong.status_code, "le matin" in wrong.text) == (400, True)
    late = await doctor.post(address, TYPED | {"absent_du": "2026-12-31", "absent_au": "2026-12-20"})
    assert (late.status_code, 'href="#champ-absent_du"' in late.text) == (400, True)
    assert (await doctor.post(address, {"faire": "tout"})).status_code == 303
    assert await known(doctor) is None


async def test_another_professional_finds_no_such_mailbox(doctor, colleague, address):
    assert address not in (await colleague.get("/pro/boites")).text
    assert (await colleague.get(address)).status_code == 404
    assert (await colleague.post(address, TYPED)).status_code == 404
    assert await known(doctor) is None
