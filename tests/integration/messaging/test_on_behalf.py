"""Who acts for somebody reads and writes their messages as far as they may: rights, what is kept apart, majority."""

import datetime as dt
from uuid import uuid4

import msgspec
import pytest

from carnet.infra import clock
from carnet.interfaces.mssante.outbound import Postman, Relay
from carnet.kernel.actors import ActorKind
from carnet.kernel.errors import Invalid, NotFound, Refused
from carnet.messaging.actions import change_conversation, storing
from carnet.messaging.api import (
    Place,
    Writing,
    contacts,
    count_unread,
    delete_conversation,
    drafts,
    inbox,
    keep_conversation_apart,
    look_for_news,
    mark_opened,
    place_conversation,
    read_attachment,
    read_conversation,
    save_draft,
    search_messages,
    send_message,
)
from carnet.messaging.queries import shown
from carnet.messaging.rules import permissions
from factories.cda import make_cda
from factories.events import as_owner, deliver, empty_queue, table
from factories.families import acting, attach, help_with, make_child
from factories.mss import DOCTOR, address_of, hand_over, letter
from factories.post import post_office
from factories.real_documents import header_of
from factories.world import make_person

SECRET = "planning@cpef.mssante.invalid"
YEAR = dt.timedelta(days=366)


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


@pytest.fixture
async def family(house):
    """A child of seven with a parent who acts for them, and one message of a doctor."""
    child, parent = await make_child(), await make_person()
    actor = await attach(child, parent)
    await received(house, child, message_id="<1@chu>")
    return child, actor


async def received(house, person, *, at=None, apart=False, sender=DOCTOR, **options):
    at = at or clock.now()
    raw = letter(person, sender=sender, **options)
    if apart:
        secret = make_cda(confidentiality="INVISIBLE_REPRESENTANTS_LEGAUX", **header_of(person))
        raw.add_attachment(secret, maintype="text", subtype="xml", filename="a.xml")
    await hand_over(raw, to=address_of(person), sender=sender, at=at)
    await deliver(house)


async def lines(actor, person, *, at=None):
    return (await inbox(actor=actor, space=person.space, at=at or clock.now())).lines


async def answer(actor, person, line, *, at=None, text="Merci."):
    writing = Writing(text=text, answers=line.conversation_id, request_id=uuid4())
    return await send_message(actor=actor, space=person.space, writing=writing, at=at or clock.now())


async def test_a_parent_reads_and_answers_for_a_child_and_says_who_they_are(house, family):
    child, parent = family
    (line,) = await lines(parent, child)
    async with post_office() as (post, port):
        await answer(parent, child, line)
        await deliver(house, handlers=table(postman=Postman(Relay(host="127.0.0.1", port=port))))
    said = post.messages[0].get_body().get_content()
    assert f"Message écrit par {parent.name}, représentant légal de {child.traits.given_names[0]}" in said
    found = await read_conversation(
        actor=child.actor, space=child.space, conversation=line.conversation_id, at=clock.now()
    )
    assert [one.letter.written_by for one in found.messages] == ["", parent.name]


async def everything_seen(actor, person, *, at=None):
    """What this reader finds by every way there is: the sum of it must not tell of what is apart."""
    at = at or clock.now()
    here = {"actor": actor, "space": person.space, "at": at}
    listed = await inbox(**here)
    return {
        "lines": [one.head.subject for one in listed.lines],
        "total": listed.total,
        "unread": await count_unread(**here),
        "found": len(await search_messages(**here, words="secret")),
        "contacts": [(one.address, one.last_at, one.ended) for one in await contacts(**here)],
        "news": await look_for_news(**here),
        "drafts": (len(await drafts(**here)), listed.drafts),
    }


async def test_what_a_professional_keeps_from_parents_is_nowhere_for_them(house, family):
    """Two worlds: with a conversation kept apart and without it, a parent sees the same."""
    child, parent = family
    before = await everything_seen(parent, child)
    await received(house, child, apart=True, sender=SECRET, subject="Notre secret", message_id="<s@cpef>")
    assert await everything_seen(parent, child) == before
    (hidden,) = [one for one in await lines(child.actor, child) if one.apart]
    here = {"actor": parent, "space": child.space, "at": clock.now()}
    message = (
        await read_conversation(
            actor=child.actor, space=child.space, conversation=hidden.conversation_id, at=clock.now()
        )
    ).messages[0]
    with pytest.raises(NotFound):
        await read_conversation(**here, conversation=hidden.conversation_id)
    with pytest.raises(NotFound):
        await read_attachment(**here, message=message.message_id, number=1)
    with pytest.raises(NotFound):
        await answer(parent, child, hidden)
    for act in (place_conversation, save_draft):
        more = {"place": Place.BIN} if act is place_conversation else {"text": "x"}
        with pytest.raises(NotFound):
            await act(**here, conversation=hidden.conversation_id, **more)
    with pytest.raises(NotFound):
        await delete_conversation(**here, conversation=hidden.conversation_id)
    to_them = Writing(text="x", subject="y", to=(SECRET,), request_id=uuid4())
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await send_message(actor=parent, space=child.space, writing=to_them, at=clock.now())
    # an answer to it stays apart, whatever it brings
    await received(house, child, sender=SECRET, subject="Suite", answers="<s@cpef>", message_id="<t@cpef>")
    assert await everything_seen(parent, child) == before
    # nor does a doctor they know change for them by what is said, or ended, where they are not
    await received(house, child, apart=True, subject="Autre secret", message_id="<u@chu>", ends=True)
    assert await everything_seen(parent, child) == before
    # what answers a conversation they know does not make it vanish
    await received(house, child, apart=True, answers="<1@chu>", message_id="<v@chu>", ends=True)
    assert await everything_seen(parent, child) == before
    known = Writing(text="x", subject="y", to=(DOCTOR,), request_id=uuid4())
    await send_message(actor=parent, space=child.space, writing=known, at=clock.now())
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await send_message(actor=child.actor, space=child.space, writing=known, at=clock.now())


async def test_a_condition_left_out_is_seen(house, family, monkeypatch):
    child, parent = family
    before = await everything_seen(parent, child)
    await received(house, child, apart=True, sender=SECRET)
    leaky = {"space": child.space, "own": True, "delegation": None, "at": clock.now()}
    for place in ("inbox", "conversation", "drafts", "searching"):
        module = __import__(f"carnet.messaging.queries.{place}", fromlist=["shown_to"])
        monkeypatch.setattr(module, "shown_to", lambda *_, **__: dict(leaky))
    assert await everything_seen(parent, child) != before
    assert "own" in shown.SHOWN


async def test_what_a_person_keeps_to_themselves_is_gone_for_those_who_act_for_them(house, family):
    child, parent = family
    (line,) = await lines(parent, child)
    here = {"space": child.space, "conversation": line.conversation_id, "at": clock.now()}
    with pytest.raises(Refused):
        await keep_conversation_apart(actor=parent, **here)
    await save_draft(actor=parent, text="Je commence", **here)
    assert (await everything_seen(parent, child))["drafts"] == (1, 1)
    await keep_conversation_apart(actor=child.actor, **here)
    assert await lines(parent, child) == ()
    assert (await everything_seen(parent, child))["drafts"] == (0, 0)
    (message,) = (await read_conversation(actor=child.actor, **here)).messages
    await mark_opened(actor=parent, messages=[message.message_id], **here)
    assert await count_unread(actor=child.actor, space=child.space, at=clock.now()) == 1
    assert len(await lines(child.actor, child)) == 1


@pytest.mark.parametrize("fault", [False, True], ids=["kept", "planted fault"])
async def test_who_wrote_only_where_they_are_not_is_unknown_to_those_who_act(house, family, fault, monkeypatch):
    child, parent = family
    if fault:
        monkeypatch.setattr(change_conversation, "hide_contacts", _nothing)

    async def known(actor):
        return [one.address.address for one in await contacts(actor=actor, space=child.space, at=clock.now())]

    async def keep_apart():
        here = {"actor": child.actor, "space": child.space, "at": clock.now()}
        line = next(one for one in await lines(child.actor, child) if not one.apart)
        await keep_conversation_apart(**here, conversation=line.conversation_id)

    await received(house, child, subject="Ailleurs aussi")
    await keep_apart()
    assert await known(parent) == [DOCTOR]
    await keep_apart()
    assert await known(child.actor) == [DOCTOR]
    assert (await known(parent) == []) is not fault
    if fault:
        return
    to_them = Writing(text="x", subject="y", to=(DOCTOR,), request_id=uuid4())
    with pytest.raises(Invalid, match="recipient-not-contact"):
        await send_message(actor=parent, space=child.space, writing=to_them, at=clock.now())
    await received(house, child)
    assert await known(parent) == [DOCTOR]


async def _nothing(*_, **__):
    """A step left out."""


async def test_a_carer_needs_the_persons_word_and_never_deletes_for_good(house):
    person, carer, other = await make_person(), await make_person(), await make_person()
    with_messages = await help_with(person, carer, messages=True)
    without = await help_with(person, other)
    reader = msgspec.structs.replace(acting(carer, person, with_messages, kind=ActorKind.CARER), name="Paul Aidant")
    outsider = acting(other, person, without, kind=ActorKind.CARER)
    await received(house, person)
    (line,) = await lines(reader, person)
    await answer(reader, person, line)
    found = await read_conversation(actor=reader, space=person.space, conversation=line.conversation_id, at=clock.now())
    assert found.messages[1].letter.signature.startswith("Message écrit par Paul Aidant, aidant de ")
    await save_draft(actor=reader, space=person.space, conversation=line.conversation_id, text="Encore", at=clock.now())
    assert await drafts(actor=person.actor, space=person.space, at=clock.now()) == ()  # a draft is its author's
    with pytest.raises(Refused):
        await delete_conversation(actor=reader, space=person.space, conversation=line.conversation_id, at=clock.now())
    for refused in (lines(outsider, person), answer(outsider, person, line)):
        with pytest.raises(Refused):
            await refused


async def test_a_rule_forgotten_lets_a_carer_in(house, monkeypatch):
    person, other = await make_person(), await make_person()
    outsider = acting(other, person, await help_with(person, other), kind=ActorKind.CARER)
    module = __import__("carnet.messaging.queries.inbox", fromlist=["may_read"])
    monkeypatch.setattr(module, "may_read", lambda in_space, held=None: in_space)
    assert await lines(outsider, person) == ()
    assert permissions.may_read is not module.may_read


@pytest.mark.parametrize(("ended", "fault"), [(True, False), (False, False), (True, True)])
async def test_from_fifteen_what_is_said_elsewhere_changes_nothing_for_a_parent(house, ended, fault, monkeypatch):
    """An exchange the parents saw end stays ended for them, one they saw go on goes on: neither tells of another."""
    born = clock.now() - dt.timedelta(days=int(14.5 * 365.25))
    child, parent = await make_child(born=f"{born:%Y-%m-%d}"), await make_person()
    actor = await attach(child, parent)
    await received(house, child, ends=ended)
    later = clock.now() + YEAR
    before = await everything_seen(actor, child, at=later)
    if fault:
        monkeypatch.setattr(storing, "_OPEN", storing._OPEN.replace("g.discreet_from <= c.opened_at", "false"))
    await received(house, child, at=later, ends=not ended)
    assert (await everything_seen(actor, child, at=later) == before) is not fault
    (own,) = await contacts(actor=child.actor, space=child.space, at=later)
    assert own.ended is not ended


async def test_from_fifteen_new_conversations_are_the_minors_own_and_at_eighteen_it_ends(house):
    born = clock.now() - dt.timedelta(days=int(14.5 * 365.25))
    child, parent = await make_child(born=f"{born:%Y-%m-%d}"), await make_person()
    actor = await attach(child, parent)
    await received(house, child, subject="Avant quinze ans")
    later, grown = clock.now() + YEAR, clock.now() + 4 * YEAR
    with as_owner(house) as conn:  # the same message, had it come after the birthday
        await received(house, child, subject="Depuis")
        conn.execute("UPDATE conversation SET opened_at = %s WHERE space_id = %s AND conversation_id = %s",
                     (later, child.space, (await lines(child.actor, child))[0].conversation_id))  # fmt: skip
    at = later + dt.timedelta(hours=1)
    seen = await lines(actor, child, at=at)
    assert [one.head.subject for one in seen] == ["Avant quinze ans"]
    await answer(actor, child, seen[0], at=at)
    to_them = Writing(text="x", subject="y", to=(DOCTOR,), request_id=uuid4())
    with pytest.raises(Refused):  # whoever begins a conversation must be able to see it
        await send_message(actor=actor, space=child.space, writing=to_them, at=at)
    with pytest.raises(Refused):
        await lines(actor, child, at=grown)
    assert len(await lines(child.actor, child, at=grown)) == 2
