"""A minor's secret consultation (decision 0132): whoever acts for them is told nothing of it, anywhere, by anything."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import (
    access_lines,
    authorise,
    end_authorisation,
    kept_apart,
    lines_known_to,
    note_first_access,
    record_consent,
)
from carnet.infra import clock
from carnet.infra.db import work
from carnet.journal.api import Filter, entries
from carnet.kernel.errors import Invalid
from carnet.notifications.queries import parents
from carnet.records.api import Deposit, DocumentQuery, deposit, list_documents
from factories.events import as_owner, deliver, empty_queue
from factories.families import attach, make_child
from factories.world import give, make_person, make_professional, make_software, new_document

HOUR = dt.timedelta(hours=1)


async def told_to(actor, child):
    """What somebody is told of who came and who is let in: the journal they may read, the list, the documents."""
    at = clock.now()
    async with work(space=child.space, at=at) as w:
        found = await entries(w, filter_=Filter(apart=kept_apart(actor, at=at)), limit=50)
        lines = lines_known_to(actor, await access_lines(w))
    listed = await list_documents(actor=actor, space=child.space, query=DocumentQuery(), at=at)
    names = {one.actor_id for one in found if one.actor_kind == "professional"}
    return names, {line.identifier for line in lines}, len(listed.entries)


@pytest.mark.parametrize("secret", [True, False])
async def test_of_a_secret_consultation_a_parent_is_told_nothing(secret):
    """The same visit, secret or not: its line, what was done under it, what was added; the child sees all of it."""
    parent, doctor = await make_person(), await make_professional()
    child = await make_child(born="2011-03-04")
    mother = await attach(child, parent)
    before = await told_to(mother, child)
    await record_consent(actor=doctor, space=child.space, secret=secret, at=clock.now())
    await list_documents(actor=doctor, space=child.space, query=DocumentQuery(), at=clock.now())
    await give(child, by=doctor, title="Entre nous", at=clock.now())
    hers = await told_to(mother, child)
    assert hers == (before if secret else ({doctor.rpps}, {doctor.rpps}, 1))
    own = msgspec.structs.replace(child.actor, stepped_up_until=clock.now() + dt.timedelta(minutes=5))
    assert await told_to(own, child) == ({doctor.rpps}, {doctor.rpps}, 1)


@pytest.mark.parametrize("before", [True, False])
async def test_what_a_parent_writes_neither_tells_of_a_secret_consent_nor_ends_it(before):
    """A parent who lets in the professional finds their line as they wrote it; the child's stands beside it."""
    parent, doctor = await make_person(), await make_professional()
    child = await make_child(born="2015-06-01")
    mother = await attach(child, parent)

    async def parents_lines():
        async with work(space=child.space, at=clock.now()) as w:
            return lines_known_to(mother, await access_lines(w))

    async def secretly():
        await record_consent(actor=doctor, space=child.space, secret=True, at=clock.now())
        await list_documents(actor=doctor, space=child.space, query=DocumentQuery(), at=clock.now())
        await note_first_access(actor=doctor, space=child.space, at=clock.now())

    if before:
        await secretly()
    await authorise(actor=mother, space=child.space, rpps=doctor.rpps, at=clock.now())
    (written,) = await parents_lines()
    assert written.first_used_at is None
    if not before:
        await secretly()
    assert await parents_lines() == [written]
    await give(child, by=doctor, title="Entre nous", at=clock.now())
    assert (await told_to(mother, child))[2] == 0


SENT = {
    "by its software, in nobody's name": ("here", None, True),
    "by its software, in a colleague's name": ("here", "colleague", False),
    "by another's software, in its professional's name": ("elsewhere", "doctor", True),
    "by another's software": ("elsewhere", None, False),
}


@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("case", SENT)
async def test_what_software_sends_under_a_secret_consent_is_kept_from_parents(case, secret):
    doctor, child = await make_professional(), await make_child(born="2011-03-04")
    where, writer, kept = SENT[case]
    software = await make_software(finess=doctor.organisation if where == "here" else None)
    author = {"doctor": doctor, "colleague": await make_professional(finess=doctor.organisation)}.get(writer)
    mother = await attach(child, await make_person())
    await record_consent(actor=doctor, space=child.space, secret=secret, at=clock.now())
    document = new_document(author=software, title="Entre nous")
    document = msgspec.structs.replace(document, author_rpps=author.rpps if author else None)
    sent = Deposit(ins=child.ins, traits=child.traits, documents=(document,))
    await deposit(actor=software, deposit=sent, at=clock.now())
    seen = await list_documents(actor=mother, space=child.space, query=DocumentQuery(), at=clock.now())
    assert (seen.entries == []) is (kept and secret)


async def test_nothing_open_is_written_beside_a_secret_consent_by_the_child_or_the_professional():
    """Not by the child, who is told why; what the professional records again goes on with it. Once over, as ever."""
    doctor, child = await make_professional(), await make_child(born="2015-06-01")
    mother, at = await attach(child, await make_person()), clock.now()

    async def parents_lines():
        async with work(space=child.space, at=at) as w:
            return lines_known_to(mother, await access_lines(w))

    letting_in = {"actor": child.actor, "space": child.space, "rpps": doctor.rpps}
    secret = await record_consent(actor=doctor, space=child.space, secret=True, at=at)
    with pytest.raises(Invalid, match="secret-first"):
        await authorise(**letting_in, at=at)
    assert await record_consent(actor=doctor, space=child.space, at=at) == secret
    assert await parents_lines() == []
    await end_authorisation(actor=child.actor, space=child.space, authorisation=secret, at=at)
    await authorise(**letting_in, at=at)
    assert [line.identifier for line in await parents_lines()] == [doctor.rpps]


async def test_parents_hear_of_no_secret_consent(house):
    """T14: the child hears that the professional wrote down their consent; their parents do not, unless planted so.

    An open one after it, of the same professional, is told: that it was not would tell of the other.
    """
    heard = {}
    for case in ("open", "secret", "planted", "open since"):
        parent, child, doctor = await make_person(), await make_child(), await make_professional()
        await attach(child, parent)
        empty_queue(house)
        if case == "open since":
            letting = {"actor": child.actor, "space": child.space}
            kept = await record_consent(actor=doctor, space=child.space, secret=True, at=clock.now() - 2 * HOUR)
            await end_authorisation(**letting, authorisation=kept, at=clock.now() - HOUR)
        secret = case in {"secret", "planted"}
        await record_consent(actor=doctor, space=child.space, secret=secret, at=clock.now())
        with pytest.MonkeyPatch.context() as patched:
            if case == "planted":
                patched.setattr(parents, "_MAY_KNOW", parents._MAY_KNOW.replace("z.secret", "false"))
            await deliver(house)
        with as_owner(house) as conn:
            sql = "SELECT count(*) FROM notification WHERE space_id = %s"
            heard[case] = tuple(conn.execute(sql, (one.space,)).fetchone()[0] for one in (child, parent))
    assert heard == {"open": (1, 1), "secret": (1, 0), "planted": (1, 1), "open since": (2, 1)}


async def test_an_adult_has_no_representative_to_be_kept_from():
    doctor, adult = await make_professional(), await make_child(born="1990-03-04")
    with pytest.raises(Invalid):
        await record_consent(actor=doctor, space=adult.space, secret=True, at=clock.now())
