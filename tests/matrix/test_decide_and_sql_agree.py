"""What SQL shows is what the decision allows: random worlds, loaded in the real database, looked at by everybody.

Each world is two spaces with random rights and documents, seen by persons, professionals, software and strangers
through the product's own statements, as the runtime role, under row security. Then each condition of the SQL is taken
out in turn, and a sample of those worlds must notice.
"""

import datetime as dt
import functools
import itertools
import random
from typing import NamedTuple
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carnet.access.api import DocumentFacts, Need, current_matrix, decide
from carnet.access.queries.facts import facts_statement, to_facts
from carnet.access.queries.visibility import READER, VISIBLE, visible_to
from carnet.infra.db.work import set_space
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MATRIX = current_matrix()
DOCTOR, OPTICIAN = "10", "28"
RPPS = ("10999999991", "10999999992")
FINESS = ("999999991", "999999992")
ACTIVE, SUSPENDED = "lps-agree-active", "lps-agree-suspended"
FIRST, SECOND = SpaceId(UUID(int=1)), SpaceId(UUID(int=2))  # stand for the two spaces of whichever world


def types_of_documents():
    """One type both professions may consult (when there is one), one for doctors only, one for nobody."""
    doctors = MATRIX.types_for(profession=DOCTOR, at=AT.date())
    opticians = MATRIX.types_for(profession=OPTICIAN, at=AT.date())
    return [*sorted(doctors & opticians)[:1], min(doctors - opticians), "0000-0"]


def person(name, **more):
    return Actor(kind=ActorKind.PERSON, identifier=name, name=name, **({"strong": True} | more))


def professional(rpps, **more):
    given_ = {"profession": DOCTOR, "organisation": FINESS[0], "strong": True} | more
    return Actor(kind=ActorKind.PROFESSIONAL, identifier=rpps, name="P", **given_)


LOOKING = {
    "the person of the first space": person("p", space=FIRST),
    "the person of the second space": person("q", space=SECOND),
    "the person, weakly known": person("p", space=FIRST, strong=False),
    "a person without a space": person("r"),
    "a doctor": professional(RPPS[0]),
    "another doctor of another house": professional(RPPS[1], organisation=FINESS[1]),
    "a doctor acting for no house": professional(RPPS[1], organisation=None),
    "a doctor, weakly known": professional(RPPS[0], strong=False),
    "a doctor through a software": professional(RPPS[0], client_id=ACTIVE),
    "a doctor through a suspended software": professional(RPPS[0], client_id=SUSPENDED),
    "an optician": professional(RPPS[0], profession=OPTICIAN),
    "an unknown profession": professional(RPPS[0], profession="999"),
    "no profession": professional(RPPS[0], profession=None),
    "a software": Actor(
        kind=ActorKind.SOFTWARE, identifier=ACTIVE, name="S", client_id=ACTIVE, organisation=FINESS[0], strong=True
    ),
    "the operator": Actor(kind=ActorKind.OPERATOR, identifier="o", name="O", strong=True),
    "the house itself": Actor(kind=ActorKind.SYSTEM, identifier="s", name="S", strong=True),
}
GRANTEES = [("rpps", RPPS[0]), ("rpps", RPPS[1]), ("finess", FINESS[0]), ("finess", FINESS[1])]

LINE = {
    "effect": ["permit", "permit", "permit", "block"],
    "grantee": GRANTEES,
    "administrator": [True, False],
    "starts_at": [AT - DAY, AT - DAY, AT, AT + DAY],
    "ends_at": [None, None, AT + DAY, AT, AT - DAY / 2],
    "ended_at": [None, None, None, AT - DAY / 2],
}
DOCUMENT = {
    "status": ["current", "current", "superseded", "deleted"],
    "type_code": types_of_documents(),
    "codes": [(False, False), (False, False), (True, False), (False, True)],
    "representants": [True, False],
    "author_kind": ["PRACTITIONER", "ORGANISATION", "PATIENT", "DISPOSITIF"],
    "author_rpps": [None, *RPPS],
    "author_finess": [None, *FINESS],
}
STATES = ["OPEN", "ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED", "CLOSED", "DELETED", None]


def one_open_line_of_a_kind(line):
    """As the table has it."""
    return line["effect"], line["grantee"], line["ended_at"]


def drawn(options):
    return st.fixed_dictionaries({name: st.sampled_from(values) for name, values in options.items()})


spaces = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "lines": st.lists(drawn(LINE), max_size=4, unique_by=one_open_line_of_a_kind),
        "documents": st.lists(drawn(DOCUMENT), min_size=1, max_size=5),
    }
)
worlds = st.tuples(spaces, spaces)


def world_by_dice(dice):
    """A world as hypothesis draws them, but never a small one: for the planted faults, which need no shrinking."""

    def some(options):
        return {name: dice.choice(values) for name, values in options.items()}

    def space():
        lines = {one_open_line_of_a_kind(line): line for line in (some(LINE) for _ in range(dice.randint(1, 4)))}
        rows = [some(DOCUMENT) for _ in range(4)]
        return {"state": dice.choice(STATES), "lines": list(lines.values()), "documents": rows}

    return space(), space()


_AUTHZ = "INSERT INTO authz (space_id, state) VALUES (%s, %s)"
_LINE = """
INSERT INTO authorisation (space_id, authorisation_id, effect, rpps, finess, origin, recorded_by, is_administrator,
  starts_at, ends_at, ended_at) VALUES (%s, gen_random_uuid(), %s, %s, %s, 'person', 'x', %s, %s, %s, %s)
"""
_DOCUMENT = """
INSERT INTO document (space_id, document_id, logical_id, version, status, type_code, class_code, category, masque_ps,
  invisible_patient, invisible_representants, author_kind, author_rpps, author_finess, unique_id_digest, content_digest,
  content_type, size, blob_id, key_version, document_date, received_at, changed_at, resource_enc, summary_enc)
VALUES (%(space)s, %(id)s, %(id)s, 1, %(status)s, %(type_code)s, '10', 'X', %(masked)s, %(invisible)s,
  %(representants)s, %(author_kind)s, %(author_rpps)s, %(author_finess)s, uuid_send(%(id)s), '', 'text/plain', 1,
  %(id)s, 1, %(at)s, %(at)s, %(at)s, '', '')
"""
_SOFTWARE = "INSERT INTO care_software VALUES (%s, 'S', %s, '{}', '{}', %s, %s, %s)"
_numbers = itertools.count(10)


@pytest.fixture(scope="module")
def database(new_database):
    """A connection that may become the runtime role, on a migrated database with a small directory."""
    url = new_database()
    with psycopg.connect(url("postgres"), options="-c search_path=carnet,vault,jobs") as connection:
        for rpps in RPPS:
            connection.execute("INSERT INTO professional VALUES (%s, 'A', 'B', '10')", (rpps,))
        for finess in FINESS:
            connection.execute("INSERT INTO care_organisation VALUES (%s, 'C', 'hospital')", (finess,))
        for client, status in ((ACTIVE, "active"), (SUSPENDED, "suspended")):
            connection.execute(_SOFTWARE, (client, FINESS[0], status, AT, AT))
        connection.commit()
        yield connection


class Loaded(NamedTuple):
    """A world in the database: its two space ids, and the documents of each as the decision sees them."""

    ids: tuple[SpaceId, SpaceId]
    documents: dict[SpaceId, list[DocumentFacts]]


def load(connection, world):
    """Insert a world under ids of its own."""
    ids = tuple(SpaceId(UUID(int=next(_numbers))) for _ in world)
    facts = {}
    for space, content in zip(ids, world, strict=True):
        if content["state"] is not None:
            connection.execute(_AUTHZ, (space, content["state"]))
        for line in content["lines"]:
            kind, value = line["grantee"]
            rpps, finess = (value, None) if kind == "rpps" else (None, value)
            administrator = line["administrator"] and line["effect"] == "permit" and rpps is not None
            moments = (line["starts_at"], line["ends_at"], line["ended_at"])
            connection.execute(_LINE, (space, line["effect"], rpps, finess, administrator, *moments))
        facts[space] = [_document(connection, space, document) for document in content["documents"]]
    return Loaded(ids, facts)


def _document(connection, space, content):
    masked, invisible = content["codes"]
    row = UUID(int=next(_numbers))
    known = {key: value for key, value in content.items() if key not in {"codes", "representants"}}
    params = known | {"space": space, "id": row, "masked": masked, "invisible": invisible, "at": AT}
    connection.execute(_DOCUMENT, params | {"representants": content["representants"]})
    return DocumentFacts(document_id=row, masque_ps=masked, invisible_patient=invisible, **known)


class Look(NamedTuple):
    """One asker before one space: what the decision says of each document."""

    who: str
    actor: Actor
    space: SpaceId
    listed: frozenset[UUID]
    opened: frozenset[UUID]
    reasons: tuple[str, ...]


def looks(connection, loaded):
    """Everybody before each space, by the product's facts and the decision."""
    for (who, asker), space in itertools.product(LOOKING.items(), loaded.ids):
        own = {FIRST: loaded.ids[0], SECOND: loaded.ids[1], None: None}[asker.space]
        actor = msgspec.structs.replace(asker, space=own)
        connection.execute(set_space(space))
        asked = facts_statement(actor, space=space)
        facts = to_facts(connection.execute(asked.sql, asked.params).fetchone(), actor=actor, space=space)
        answer = functools.partial(decide, actor, facts=facts, matrix=MATRIX, at=AT)
        documents_ = loaded.documents[space]
        opening = {one.document_id: answer(need=Need.READ, document=one) for one in documents_}
        yield Look(
            who,
            actor,
            space,
            frozenset(one.document_id for one in documents_ if answer(need=Need.LIST, document=one).allowed),
            frozenset(key for key, decision in opening.items() if decision.allowed),
            tuple(str(decision.reason or "yes") for decision in opening.values()),
        )


def shown(connection, look, *, reader=READER, visible=VISIBLE):
    """What SQL shows to the asker: {document: status}."""
    connection.execute(set_space(look.space))
    params = visible_to(look.actor, matrix=MATRIX, at=AT).params() | {"space": look.space, "at": AT}
    wanted = f"d.space_id = %(space)s AND {visible}"
    sql = f"WITH {reader} SELECT d.document_id, d.status FROM document d, reader WHERE {wanted}"
    return dict(connection.execute(sql, params).fetchall())


def agree(look, rows):
    """Listed is shown; opened is shown and not taken back (the person sees that it was, and nobody opens it)."""
    living = {document for document, status in rows.items() if status != "deleted"}
    return look.listed == set(rows) and look.opened == living


def calm(examples):
    slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=slow)


@calm(80)
@given(world=worlds)
def test_sql_shows_what_the_decision_allows(database, world):
    with database.transaction(force_rollback=True):
        loaded = load(database, world)
        database.execute("SET LOCAL ROLE carnet_app")
        for look in looks(database, loaded):
            rows = shown(database, look)
            assert agree(look, rows), f"{look.who}: decided {look.reasons}, shown {rows}"


@pytest.fixture(scope="module")
def sample(database):
    """Worlds that stay loaded, and what everybody may see in them."""
    dice = random.Random(7)
    with database.transaction():
        loaded = [load(database, world_by_dice(dice)) for _ in range(120)]
    with database.transaction():
        database.execute("SET LOCAL ROLE carnet_app")
        return [look for one in loaded for look in looks(database, one)]


def test_the_worlds_are_worth_looking_at(sample):
    """Everybody who may read sees something, and every reason to refuse is met."""
    seen = {(look.who, reason) for look in sample for reason in look.reasons}
    readers = [who for who in LOOKING if who.startswith(("the person of", "a doctor", "another", "an optician"))]
    never = {"a doctor, weakly known", "a doctor through a suspended software"}
    if not MATRIX.types_for(profession=OPTICIAN, at=AT.date()) & set(types_of_documents()):
        never.add("an optician")
    assert {who for who in readers if (who, "yes") in seen} == set(readers) - never
    reasons = {reason for _, reason in seen}
    assert {"space-not-open", "suspended", "other-space", "weak-authentication", "unknown-profession"} <= reasons
    assert {"blocked", "no-authorisation", "matrix", "hidden", "not-a-reader"} <= reasons


def notices(database, sample, **broken):
    """Whether any look at the sample shows another set than decided."""
    with database.transaction(force_rollback=True):
        database.execute("SET LOCAL ROLE carnet_app")
        return any(not agree(look, shown(database, look, **broken)) for look in sample)


def test_the_sample_agrees_with_the_sql_as_it_is(database, sample):
    assert not notices(database, sample)


PLANTED = [
    ("reader", "a.state IN ('OPEN', 'ACTIVE')", "true"),
    ("reader", "s.status = 'active'", "true"),
    ("reader", "z.effect = 'block'", "false"),
    ("reader", "bool_or(z.effect = 'permit'), false", "bool_or(z.effect = 'permit'), true"),
    ("reader", "z.effect = 'permit' AND z.is_administrator", "z.effect = 'permit'"),
    ("reader", "z.ended_at IS NULL", "true"),
    ("reader", "z.starts_at <= %(at)s", "true"),
    ("reader", "(z.ends_at IS NULL OR z.ends_at > %(at)s)", "true"),
    ("reader", "z.ends_at > %(at)s", "z.ends_at >= %(at)s"),
    ("reader", "z.starts_at <= %(at)s", "z.starts_at < %(at)s"),
    ("reader", "z.rpps = %(reader_rpps)s OR", "true OR"),
    ("reader", "OR z.finess = %(reader_finess)s", "OR z.finess IS NOT NULL"),
    ("visible", "reader.open", "true"),
    ("visible", "d.space_id = %(reader_space)s::uuid", "true"),
    ("visible", "NOT d.invisible_patient", "true"),
    ("visible", "reader.permitted", "true"),
    ("visible", "NOT reader.blocked", "true"),
    ("visible", "d.status <> 'deleted'", "true"),
    ("visible", "d.type_code = ANY(%(reader_types)s::text[])", "true"),
    ("visible", "NOT d.masque_ps", "true"),
    ("visible", "OR reader.administrator", ""),
    ("visible", "OR d.author_rpps = %(reader_rpps)s", ""),
    ("visible", "OR d.author_finess = %(reader_finess)s", ""),
    ("visible", "ELSE false", "ELSE true"),
]


@pytest.mark.parametrize(("part", "condition", "instead"), PLANTED)
def test_no_condition_of_the_sql_can_be_dropped_unnoticed(database, sample, part, condition, instead):
    texts = {"reader": READER, "visible": VISIBLE}
    assert condition in texts[part], "the SQL changed: change this list with it"
    broken = {part: texts[part].replace(condition, instead)}
    assert notices(database, sample, **broken), f"nothing noticed: {condition}"


HARMLESS = ("%(reader_client)s::text IS NULL", "s.client_id = %(reader_client)s", "space_id = %(space)s", "z.rpps = ")
SIGNS = (" = %", " = '", "<>", "<=", " > ", "NOT ", "IS NULL", "ANY(")


def test_every_comparison_of_the_sql_is_in_the_list():
    """A condition added to the SQL later must be added above too."""
    for part, text in (("reader", READER), ("visible", VISIBLE)):
        planted = sorted((condition for place, condition, _ in PLANTED if place == part), key=len, reverse=True)
        left = functools.reduce(lambda rest, known: rest.replace(known, ""), (*planted, *HARMLESS), text)
        assert not [sign for sign in SIGNS if sign in left], left
