"""A version is to its reader what it would be had the versions they may not know of never come (decision 0130).

Random worlds whose documents are versions of one another; the oracle deposits again, in order, those the decision lets
the reader know of, and looks at what came out. Then each condition of the SQL is turned, and a world must notice.
"""

import datetime as dt
import random
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest

from carnet.access.api import Need, decide
from carnet.access.queries import lineage, narrowing
from carnet.access.queries.facts import facts_statement, to_facts
from carnet.access.queries.narrowing import narrowed
from carnet.access.queries.visibility import READER, VISIBLE, visible_to
from carnet.infra.db.work import Statement, set_space
from matrix.worlds import AT, FIRST, LOOKING, MATRIX, SECOND, load, world_by_dice

HOUR = dt.timedelta(hours=1)
# versions differ in what belongs to a version; what belongs to the document, and who sent it, is that of the first
OF_A_DOCUMENT = ("masque_ps", "invisible_patient", "invisible_representants", "author_kind", "author_finess")
CHANGED_ITSELF = (dt.timedelta(0), dt.timedelta(minutes=10), dt.timedelta(0), 9 * HOUR)
_CHAIN = """
UPDATE document SET logical_id = %(logical_id)s, version = %(version)s, status = %(status)s, masque_ps = %(masque_ps)s,
  invisible_patient = %(invisible_patient)s, invisible_representants = %(invisible_representants)s,
  author_kind = %(author_kind)s, author_finess = %(author_finess)s, received_at = %(received_at)s,
  superseded_at = %(superseded_at)s, touched_at = %(touched_at)s, changed_at = %(changed_at)s,
  resource_version = %(resource_version)s
WHERE document_id = %(document_id)s
"""


class Known(NamedTuple):
    """A version as somebody knows it."""

    status: str
    changed_at: dt.datetime
    resource_version: int
    replaces: UUID | None
    version: int


def deposited(versions):
    """What comes out when these versions, and no other, are deposited in their order: {document: Known}."""
    found = {}
    for place, one in enumerate(versions):
        own = CHANGED_ITSELF[one.received_at.hour % 4]
        follower = versions[place + 1] if place + 1 < len(versions) else None
        times = [one.received_at + own, *([follower.received_at] if follower else [])]
        status = "superseded" if follower else one.status if one.status == "deleted" else "current"
        before = versions[place - 1].document_id if place else None
        found[one.document_id] = Known(status, max(times), 1 + bool(own) + bool(follower), before, place + 1)
    return found


def chain(connection, documents, *, taken_back):
    """Make the documents of a space versions of one another, as depositing them would have; return their facts.

    taken_back: the last one was, by its author.
    """
    first = documents[0]
    versions = [
        msgspec.structs.replace(
            one,
            logical_id=first.logical_id,
            status="deleted" if taken_back and one is documents[-1] else "current",
            received_at=AT + (place - 2) * HOUR,
            **{name: getattr(first, name) for name in OF_A_DOCUMENT},
        )
        for place, one in enumerate(documents)
    ]
    for one, known in zip(versions, deposited(versions).values(), strict=True):
        own = one.received_at + CHANGED_ITSELF[one.received_at.hour % 4]
        replaced_at = one.received_at + HOUR if known.status == "superseded" else None
        moments = {"superseded_at": replaced_at, "touched_at": own if replaced_at and own < replaced_at else None}
        connection.execute(_CHAIN, msgspec.structs.asdict(one) | known._asdict() | moments | {"status": known.status})
    return versions


def expected(actor, facts, versions):
    """What the reader knows: those of what could ever be known by them; what was taken back was there all the same."""

    def known(one):
        return decide(actor, Need.LIST, facts, matrix=MATRIX, at=AT, document=one).allowed

    ever = [one for one in versions if known(msgspec.structs.replace(one, status="current"))]
    out = deposited(ever)
    return {one.document_id: out[one.document_id] for one in ever if known(one)}


def shown(connection, params, text):
    """What SQL says, as it is sent, to the reader of each version, and what the stored resource is amended to."""
    columns = (text.KNOWN_STATUS, text.KNOWN_CHANGED, text.KNOWN_RESOURCE_VERSION, "near.before[1]", text.KNOWN_VERSION)
    stored = ("d.status", "d.changed_at", "d.resource_version", text.AMENDED, "d.version")
    wanted = f"SELECT d.document_id, {', '.join((*columns, *stored))}"
    sql = f"WITH {READER} {wanted} FROM document d CROSS JOIN reader {text.LINEAGE} WHERE d.space_id = %(space)s"
    rows = connection.execute(narrowed(Statement(f"{sql} AND {VISIBLE}", params)).sql, params).fetchall()
    for row in rows:
        status, changed, version = row[6:9]
        if row[9] is not None:
            status, version = row[9]["status"], row[9]["version"]
            changed = dt.datetime.fromisoformat(row[9]["changed_at"])
            assert row[9]["replaces"] == (str(row[4]) if row[4] else None)
        else:
            assert row[5] == row[10], "it replaces one they may not know of"
        assert (status, changed, version) == row[1:4], "the resource says otherwise than the row"
    return {row[0]: Known(*row[1:6]) for row in rows}


@pytest.fixture(scope="module")
def chained(database):
    """(who, params, what they know) of everybody before the first space of many worlds."""
    dice, found = random.Random(3), []
    with database.transaction():
        for number in range(60):
            loaded = load(database, world_by_dice(dice))
            space = loaded.ids[0]
            versions = chain(database, loaded.documents[space], taken_back=number % 2 == 0)
            for who, asker in LOOKING.items():
                places = {FIRST: space, SECOND: loaded.ids[1], None: None}
                held = next(iter(loaded.held.get(places[asker.acts_for], ())), None)
                actor = msgspec.structs.replace(
                    asker, space=places[asker.space], acts_for=places[asker.acts_for], delegation=held
                )
                database.execute(set_space(space))
                asked = facts_statement(actor, space=space)
                facts = to_facts(database.execute(asked.sql, asked.params).fetchone(), actor=actor, space=space)
                params = visible_to(actor, matrix=MATRIX, at=AT).params() | {"space": space, "at": AT}
                found.append((who, params, expected(actor, facts, versions)))
    return found


def wrong(database, chained, text=lineage):
    """The first reader who is told something else than they should be, or None."""
    with database.transaction(force_rollback=True):
        database.execute("SET LOCAL ROLE carnet_app")
        for who, params, known in chained:
            database.execute(set_space(params["space"]))
            try:
                told = shown(database, params, text)
            except AssertionError as error:
                return who, known, str(error)
            if told != known:
                return who, known, told
    return None


def test_a_version_is_what_it_would_be_had_the_hidden_ones_never_come(database, chained):
    assert wrong(database, chained) is None
    everything = [one for _, _, known in chained for one in known.values()]
    assert {"current", "superseded", "deleted"} == {one.status for one in everything}
    partly = [known for *_, known in chained if 0 < len(known) < 4]
    assert any(one.status == "superseded" for known in partly for one in known.values()), "never the middle ones"


PLANTED = (
    ("LINEAGE", lineage.EVER_KNOWN, "true"),
    ("LINEAGE", lineage.EVER_KNOWN, VISIBLE.replace("d.", "n.")),
    ("LINEAGE", "FILTER (WHERE n.version > d.version)", ""),
    ("LINEAGE", "FILTER (WHERE n.version < d.version)", ""),
    ("LINEAGE", "n.version DESC", "n.version"),
    ("LINEAGE", "min(n.received_at)", "max(n.received_at)"),
    ("LINEAGE", "d.version > 1 OR", ""),
    ("LINEAGE", "OR d.status = 'superseded'", ""),
    ("KNOWN_STATUS", "THEN 'current'", "THEN 'superseded'"),
    ("KNOWN_CHANGED", "coalesce(d.touched_at, d.changed_at)", "d.changed_at"),
    ("KNOWN_CHANGED", ", near.replaced_at", ""),
    ("KNOWN_RESOURCE_VERSION", "THEN 1", "THEN 0"),
    ("AMENDED", "near.replaced_at IS DISTINCT FROM d.superseded_at", "false"),
    ("AMENDED", "OR d.version <>", "OR 0 ="),
)


@pytest.mark.parametrize(("part", "condition", "instead"), PLANTED)
def test_a_condition_turned_is_noticed(database, chained, part, condition, instead):
    names = ("LINEAGE", "KNOWN_STATUS", "KNOWN_CHANGED", "KNOWN_RESOURCE_VERSION", "KNOWN_VERSION", "AMENDED")
    text = {name: getattr(lineage, name) for name in names}
    assert condition in text[part]
    text[part] = text[part].replace(condition, instead)
    assert wrong(database, chained, type("Broken", (), text)) is not None


def test_a_shorter_text_that_forgets_what_was_taken_back_is_noticed(database, chained, monkeypatch):
    monkeypatch.setattr(narrowing, "ever_known", lambda visible: visible.replace("d.", "n."))
    narrowing._narrowed.cache_clear()
    try:
        assert wrong(database, chained) is not None
    finally:
        narrowing._narrowed.cache_clear()
