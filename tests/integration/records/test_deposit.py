"""What a deposit refuses, what it leaves behind, and what two at once become."""

import asyncio
import datetime as dt

import pytest

from carnet.access.api import authorise
from carnet.identity.api import IdentityTraits, set_software_status
from carnet.infra.db import work
from carnet.infra.installation import current
from carnet.journal.api import Filter, entries
from carnet.kernel.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from carnet.records.actions import deposit as depositing
from carnet.records.actions.intents import SPARE
from carnet.records.api import (
    Deposit,
    DocumentQuery,
    Submission,
    deposit,
    list_documents,
    mask_document,
    open_metadata,
    read_entry,
)
from factories.events import as_owner
from factories.state import stored
from factories.world import AT, OPERATOR, give, make_person, make_professional, make_software, new_document

LATER = AT + dt.timedelta(hours=1)


async def last_trace(person):
    async with work(space=person.space, at=LATER) as w:
        (found,) = await entries(w, filter_=Filter(with_refusals=True), limit=1)
        return found.act, found.outcome, found.reason, found.details


async def seen_by(actor, person):
    listing = await list_documents(actor=actor, space=person.space, query=DocumentQuery(), at=LATER)
    return sorted(open_metadata(entry, keys=listing.keys).title for entry in listing.entries)


async def refused(house, error, ask):
    """Run a deposit that must be refused and store nothing; return the problem codes."""
    before = stored(house)
    with pytest.raises(error) as raised:
        await ask
    assert stored(house) == before
    return [problem.code for problem in raised.value.problems]


async def test_every_refusal_leaves_its_trace(house):
    person, software, stranger = await make_person(), await make_software(), await make_software()
    await give(person, by=software, unique_id="urn:oid:1.2.3^a")
    cases = [
        (Conflict, {"unique_id": "urn:oid:1.2.3^a", "content": b"autre"}, software, "same-identifier-other-content"),
        (NotFound, {"replaces": "urn:oid:1.2.3^never"}, software, "replaced-document-unknown"),
        (Invalid, {"codes": frozenset({"MASQUE_PS", "INVISIBLE_PATIENT"})}, software, "codes-exclude-each-other"),
    ]
    for error, changes, by, problem in cases:
        assert await refused(house, error, give(person, by=by, **changes)) == [problem]
        act, outcome, reason, details = await last_trace(person)
        assert (act, outcome) == ("deposit-document", "refused")
        assert reason == problem or details == {"problems": [problem]}
    # told as not there, journalled as what it was
    absent = await refused(house, NotFound, give(person, by=stranger, replaces="urn:oid:1.2.3^a"))
    assert absent == ["replaced-document-unknown"]
    assert (await last_trace(person))[:3] == ("deposit-document", "refused", "not-author")


async def test_the_wrong_person_is_told_which_trait_and_never_what_it_is(house):
    person, software = await make_person(), await make_software()
    traits = IdentityTraits("Zzyzx", person.traits.given_names, person.traits.sex, person.traits.birth_date)
    wrong = Deposit(ins=person.ins, traits=traits, documents=(new_document(author=software),))
    codes = await refused(house, Invalid, deposit(actor=software, deposit=wrong, at=AT))
    assert codes == ["traits-disagree", "identity-birth-name-different"]
    assert (await last_trace(person))[2:] == ("traits-disagree", {"differing": ["birth-name"]})


async def test_a_missing_strict_trait_is_a_wrong_one(house):
    person, software = await make_person(), await make_software()
    traits = IdentityTraits(person.traits.birth_name, person.traits.given_names, person.traits.sex)
    wrong = Deposit(ins=person.ins, traits=traits, documents=(new_document(author=software),))
    codes = await refused(house, Invalid, deposit(actor=software, deposit=wrong, at=AT))
    assert "identity-birth-date-missing" in codes


def in_a_set(person, *documents, unique_id="urn:oid:1.2.9"):
    return Deposit(
        ins=person.ins,
        traits=person.traits,
        documents=documents,
        submission=Submission(unique_id=unique_id, submitted_at=AT),
    )


async def test_a_set_is_what_it_was(house):
    person, software = await make_person(), await make_software()
    one, two = new_document(author=software), new_document(author=software, content=b"deux")
    first = await deposit(actor=software, deposit=in_a_set(person, one, two), at=AT)
    again = await deposit(actor=software, deposit=in_a_set(person, one, two), at=LATER)
    assert (again.set_id, again.set_created) == (first.set_id, False)
    for documents in ((one,), (one, two, new_document(author=software, content=b"trois"))):
        codes = await refused(house, Conflict, deposit(actor=software, deposit=in_a_set(person, *documents), at=LATER))
        assert codes == ["same-identifier-other-submission"]


async def test_an_identifier_belongs_to_who_gave_it(house):
    """What another organisation stored under an identifier is neither a conflict nor an answer: it may be hidden."""
    person, software, elsewhere = await make_person(), await make_software(), await make_software()
    here = new_document(author=software, unique_id="urn:oid:1.2.3^shared", codes=frozenset({"MASQUE_PS"}))
    there = new_document(author=elsewhere, unique_id="urn:oid:1.2.3^shared", content=b"autre chose")
    first = await deposit(actor=software, deposit=in_a_set(person, here), at=AT)
    receipt = await deposit(actor=elsewhere, deposit=in_a_set(person, there), at=LATER)
    assert receipt.set_created
    assert receipt.documents[0].created
    again = await deposit(actor=software, deposit=in_a_set(person, here), at=LATER)
    assert [one.document_id for one in again.documents] == [one.document_id for one in first.documents]
    assert not again.set_created
    other_bytes = give(person, by=elsewhere, unique_id="urn:oid:1.2.3^shared")
    assert await refused(house, Conflict, other_bytes) == ["same-identifier-other-content"], "now it is their own"


async def test_a_parent_nobody_may_know_of_is_like_none(house):
    """A CDA names its parent by itself: sent where the parent is another's and hidden, it is simply a document."""
    person, software, elsewhere = await make_person(), await make_software(), await make_software()
    await give(person, by=software, unique_id="urn:oid:1.2.3^parent", codes=frozenset({"MASQUE_PS"}))
    for parent in ("urn:oid:1.2.3^never", "urn:oid:1.2.3^parent"):
        receipt = await give(person, by=elsewhere, replaces=parent, only_if_known=True, content=parent.encode())
        assert receipt.documents[0].created


async def test_one_identifier_twice_in_a_set(house):
    person, software = await make_person(), await make_software()
    one = new_document(author=software, unique_id="urn:oid:1.2.3^twice")
    two = new_document(author=software, unique_id="urn:oid:1.2.3^twice", content=b"autre")
    codes = await refused(house, Invalid, deposit(actor=software, deposit=in_a_set(person, one, two), at=AT))
    assert codes == ["identifier-twice"]


async def test_of_many_replacements_at_once_one_wins(house):
    person, software = await make_person(), await make_software()
    await give(person, by=software, unique_id="urn:oid:1.2.3^old", title="v1")
    attempts = [
        give(person, by=software, replaces="urn:oid:1.2.3^old", content=b"%d" % n, title="v2") for n in range(4)
    ]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "Conflict", "Conflict", "Receipt"]
    assert await seen_by(person.actor, person) == ["v1", "v2"]


async def test_rights_that_change_between_reading_and_writing_hold(house, monkeypatch):
    """The guard of the write sees what happened after the facts were read: nothing is stored."""
    person, software = await make_person(), await make_software()
    write = depositing._write

    async def late(*args, **kwargs):
        await set_software_status(actor=OPERATOR, client_id=software.client_id, active=False, at=AT)
        return await write(*args, **kwargs)

    monkeypatch.setattr(depositing, "_write", late)
    with pytest.raises(Refused) as raised:
        await give(person, by=software)
    assert raised.value.problems[0].code == "suspended"
    assert await seen_by(person.actor, person) == []


async def test_a_new_version_never_shows_what_the_old_one_hid(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    receipt = await give(person, by=software, unique_id="urn:oid:1.2.3^m1", title="v1")
    await mask_document(actor=person.actor, space=person.space, document=receipt.documents[0].document_id, at=AT)
    await give(person, by=software, unique_id="urn:oid:1.2.3^m2", replaces="urn:oid:1.2.3^m1", content=b"2")
    assert await seen_by(doctor, person) == []
    announced = {"codes": frozenset({"INVISIBLE_PATIENT"}), "replaces": "urn:oid:1.2.3^m2", "content": b"3"}
    assert await refused(house, Invalid, give(person, by=software, **announced)) == ["codes-exclude-each-other"]


async def test_what_hides_a_version_hides_those_before_it(house):
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    first = await give(person, by=software, unique_id="urn:oid:1.2.3^h1", title="v1")
    await give(person, by=software, unique_id="urn:oid:1.2.3^h2", replaces="urn:oid:1.2.3^h1", content=b"2", title="v2")
    assert await seen_by(doctor, person) == ["v1", "v2"]
    codes = frozenset({"MASQUE_PS"})
    await give(person, by=software, replaces="urn:oid:1.2.3^h2", content=b"3", title="v3", codes=codes)
    assert await seen_by(person.actor, person) == ["v1", "v2", "v3"]
    assert await seen_by(doctor, person) == []
    document = first.documents[0].document_id
    with pytest.raises(NotFound):
        await read_entry(actor=doctor, space=person.space, document=document, at=LATER)


async def test_the_person_s_default_masks_what_comes_but_not_an_announcement(house):
    person, software = await make_person(), await make_software()
    async with work(space=person.space, at=AT) as w:
        await w.execute("UPDATE authz SET masked_by_default = true WHERE space_id = %s", (person.space,))
    await give(person, by=software, title="masked")
    await give(person, by=software, title="announced", codes=frozenset({"INVISIBLE_PATIENT"}))
    doctor = await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    assert await seen_by(doctor, person) == ["announced"]
    assert await seen_by(person.actor, person) == ["masked"]


async def test_what_is_noted_for_others_is_durable_before_their_bytes(house, monkeypatch):
    """Deposits that come together share their notes; one that was collected undoes its deposit and none after it."""
    person, software = await make_person(), await make_software()
    noted, put = [], current().blobs.put

    async def asked(blob_id, content, **more):
        with as_owner(house) as conn:
            noted.append(conn.execute("SELECT count(*) FROM deposit_intent WHERE blob_id = %s", (blob_id,)).fetchone())
        return await put(blob_id, content, **more)

    monkeypatch.setattr(current().blobs, "put", asked)
    for _ in range(2):
        await asyncio.gather(*(give(person, by=software) for _ in range(4)))
    assert noted == [(1,)] * 8
    with as_owner(house) as conn:
        spare = conn.execute("SELECT count(*) FROM deposit_intent i WHERE noted_at = %s", (AT,)).fetchone()[0]
        assert spare >= SPARE - 4
        conn.execute("DELETE FROM deposit_intent")
    before = stored(house)["document"]
    alone, together = await asyncio.gather(*(give(person, by=software) for _ in range(2)), return_exceptions=True)
    assert isinstance(together, Unavailable), alone
    assert stored(house)["document"] == before + 1
    await asyncio.gather(*(give(person, by=software) for _ in range(2)))
