"""News of what is kept apart goes by the channel given for it: neutral, proved by a code, and known of nowhere else."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import keep_apart, kept_apart, record_consent
from carnet.infra import clock, randomness
from carnet.infra.db import work
from carnet.infra.sms import FolderSms
from carnet.journal.api import Filter, entries
from carnet.kernel.errors import Invalid, Refused
from carnet.spaces.api import confirm_channel_apart, hold_contact, propose_channel_apart
from factories.events import as_owner, deliver, empty_queue, hasten, table
from factories.families import attach, make_child
from factories.post import post_office, transport_to
from factories.world import AT, give, make_person, make_professional, make_software

ORDINARY, NUMBER = "camille@exemple.test", "06 12 34 56 78"
TOPIC, TYPE = "mental-health", "83901-9"
TELLING = ("santé", "carnet", "espace", "document", "médical", "http", "health")


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


@pytest.fixture
def apart():
    """An address no other test has codes sent to: they are counted."""
    return f"{randomness.token_bytes(6).hex()}@exemple.test"


def proved(someone):
    """The same person after a fresh second proof."""
    return msgspec.structs.replace(someone.actor, stepped_up_until=AT + dt.timedelta(days=3650))


async def choose(person, address, *, at=AT):
    """Give a channel, and the code that was sent there back."""
    await propose_channel_apart(actor=proved(person), space=person.space, address=address, at=at)
    async with work(space=person.space, at=at) as w:
        code = (await hold_contact(w)).apart_proposed.code
    await confirm_channel_apart(actor=proved(person), space=person.space, code=f" {code[:3]} {code[3:]} ", at=at)
    return code


class Sent:
    """Everything that left: (to, text), e-mails and short messages."""

    def __init__(self, house, post, port, folder):
        self._house, self._post, self._folder = house, post, folder
        self._sms = FolderSms(folder)
        self._transport = transport_to(port)

    async def all(self, *, group=dt.timedelta()):
        handlers = table(self._transport, group=group, sms=self._sms)
        for _ in range(4):
            await deliver(self._house, handlers=handlers)
        mails = [
            (one["To"], f"{one['Subject']} {one.get_body(('plain',)).get_content()}") for one in self._post.messages
        ]
        texts = [path.read_text().split("\n", 1) for path in sorted(self._folder.glob("*"))]
        return sorted([*mails, *map(tuple, texts)])


@pytest.mark.parametrize("by_sms", [False, True])
async def test_what_is_kept_apart_is_told_there_and_the_rest_as_ever(house, tmp_path, apart, by_sms):
    person, software = await make_person(email=ORDINARY), await make_software()
    await keep_apart(actor=person.actor, space=person.space, topics=(TOPIC,), at=AT)
    address, to = (NUMBER, "+33612345678") if by_sms else (apart, apart)
    async with post_office() as (post, port):
        sent = Sent(house, post, port, tmp_path / "sms")
        code = await choose(person, address)
        assert await sent.all() == [], "the code came back before its message left: none is sent"
        await give(person, by=software, title="Psychiatrie", type_code=TYPE)
        ((told, words),) = await sent.all()
        assert told == to
        assert not [word for word in (*TELLING, "psychiatrie", code) if word in words.casefold()], words
        await give(person, by=software, title="Bilan sanguin")
        assert [one for one, _ in await sent.all()] == sorted([to, ORDINARY])
    async with work(space=person.space, at=AT) as w:
        simple = await entries(w, filter_=Filter(apart=kept_apart(person.actor, at=AT)), limit=50)
        whole = await entries(w, filter_=Filter(apart=kept_apart(proved(person), at=AT)), limit=50)
    assert {"notify-apart", "safeguard"} & {entry.act for entry in simple} == set()
    assert {"notify-apart", "safeguard"} <= {entry.act for entry in whole}


async def test_what_comes_together_is_told_once_and_no_ordinary_message_waits_for_it(house, tmp_path, apart):
    person, software = await make_person(email=ORDINARY), await make_software()
    await keep_apart(actor=person.actor, space=person.space, topics=(TOPIC,), at=AT)
    await choose(person, apart)
    async with post_office() as (post, port):
        sent, hour = Sent(house, post, port, tmp_path / "sms"), dt.timedelta(hours=1)
        for _ in range(3):
            await give(person, by=software, type_code=TYPE)
        await sent.all(group=hour)
        await give(person, by=software)
        assert [to for to, _ in await sent.all(group=hour)] == sorted([apart, ORDINARY])
        await give(person, by=software, type_code=TYPE)
        assert len(await sent.all(group=hour)) == 2
        with as_owner(house) as conn:
            conn.execute("UPDATE notification SET told_apart_at = told_apart_at - interval '2 hours'")
        hasten(house)
        assert [to for to, _ in await sent.all(group=hour)] == sorted([apart, apart, ORDINARY])


async def test_the_code_goes_there_and_counts_a_few_times(house, tmp_path, apart):
    person = await make_person(email=ORDINARY)
    me, space, at = proved(person), person.space, clock.now()
    async with post_office() as (post, port):
        sent = Sent(house, post, port, tmp_path / "sms")
        await propose_channel_apart(actor=me, space=space, address=apart, at=at)
        ((to, words),) = await sent.all()
        async with work(space=space, at=at) as w:
            code = (await hold_contact(w)).apart_proposed.code
        assert (to, code in words) == (apart, True)
        assert not [word for word in TELLING if word in words.casefold()]
    for _ in range(5):
        with pytest.raises(Invalid, match="code"):
            await confirm_channel_apart(actor=me, space=space, code="x", at=at)
    with pytest.raises(Invalid, match="code-over"):
        await confirm_channel_apart(actor=me, space=space, code=code, at=at)
    for _ in range(4):
        await propose_channel_apart(actor=me, space=space, address=apart, at=at)
    with pytest.raises(Invalid, match="codes-too-many"):
        await propose_channel_apart(actor=me, space=space, address=apart, at=at)
    with pytest.raises(Invalid, match="phone"):
        await propose_channel_apart(actor=me, space=space, address="012", at=at)


async def test_only_a_fresh_proof_sets_it_or_takes_it_away(house, apart):
    child, mother = await make_child(born="2012-03-04", at=AT), await make_person()
    others = (child.actor, await attach(child, mother, at=AT), proved(mother))
    await choose(child, apart)
    for other in others:
        for address in (NUMBER, None):
            with pytest.raises(Refused):
                await propose_channel_apart(actor=other, space=child.space, address=address, at=AT)
        with pytest.raises(Refused):
            await confirm_channel_apart(actor=other, space=child.space, code="123456", at=AT)
    async with work(space=child.space, at=AT) as w:
        assert (await hold_contact(w)).apart == apart
    await propose_channel_apart(actor=proved(child), space=child.space, address=None, at=AT)
    async with work(space=child.space, at=AT) as w:
        assert (await hold_contact(w)).apart is None


@pytest.mark.parametrize("secret", [True, False])
async def test_a_minors_secret_consultation_is_told_there_only(house, tmp_path, apart, secret):
    """An open one is told by ordinary mail, as ever."""
    child, doctor = await make_child(born="2011-03-04", email=ORDINARY, at=AT), await make_professional()
    await choose(child, apart)
    await record_consent(actor=doctor, space=child.space, secret=secret, at=AT)
    async with post_office() as (post, port):
        told = await Sent(house, post, port, tmp_path / "sms").all()
    assert [to for to, _ in told] == [apart if secret else ORDINARY]
