"""What SQL shows is what the decision allows: random worlds, loaded in the real database, looked at by everybody.

Each world is two spaces with random rights and documents, seen by persons, professionals, software and strangers
through the product's own statements, as the runtime role, under row security. Then each condition of the SQL is taken
out in turn, and a sample of those worlds must notice.
"""

import datetime as dt
import functools
import random
from typing import NamedTuple
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from carnet.access.api import Need, decide
from carnet.access.queries import narrowing
from carnet.access.queries.facts import facts_statement, to_facts
from carnet.access.queries.visibility import HEIRS, HELD, MINE, READER, SIDES, URGENT, VISIBLE, visible_to
from carnet.infra.db.work import Statement, set_space
from carnet.kernel.actors import Actor, ActorKind
from carnet.kernel.ids import SpaceId
from carnet.spaces.api import birthday
from matrix.worlds import (
    AT,
    DAY,
    FIRST,
    LOOKING,
    MATRIX,
    OPTICIAN,
    SECOND,
    load,
    types_of_documents,
    world_by_dice,
    worlds,
)


class Look(NamedTuple):
    """One asker before one space: what the decision says of each document, and what SQL is asked with."""

    who: str
    space: SpaceId
    params: dict
    asked: str  # the parameters as text: many askers are nobody alike
    listed: frozenset[UUID]
    opened: frozenset[UUID]
    reasons: tuple[str, ...]


def looks(connection, loaded):
    """Everybody before each space, by the product's facts and the decision; the connection is in that space."""
    for space in loaded.ids:
        connection.execute(set_space(space))
        yield [
            look_of(who, actor, space, loaded, to_facts(found.fetchone(), actor=actor, space=space))
            for who, actor, found in facts_of_all(connection, space, loaded)
        ]


def facts_of_all(connection, space, loaded):
    """(who, actor, the answer to their facts) of everybody, asked at once."""
    places, asked = {FIRST: loaded.ids[0], SECOND: loaded.ids[1], None: None}, []
    with connection.pipeline():
        for who, asker in LOOKING.items():
            own, acts_for = places[asker.space], places[asker.acts_for]
            rests_on = loaded.ids[1] if asker.identifier == "mixed" else acts_for
            held = next(iter(loaded.held.get(rests_on, ())), None)
            actor = msgspec.structs.replace(asker, space=own, acts_for=acts_for, delegation=held)
            statement = facts_statement(actor, space=space)
            asked.append((who, actor, connection.execute(statement.sql, statement.params)))
    return asked


def look_of(who, actor, space, loaded, facts):
    answer = functools.partial(decide, actor, facts=facts, matrix=MATRIX, at=AT)
    documents_ = loaded.documents[space]
    opening = {one.document_id: answer(need=Need.READ, document=one) for one in documents_}
    params = visible_to(actor, matrix=MATRIX, at=AT).params() | {"space": space, "at": AT}
    return Look(
        who,
        space,
        params,
        repr(params),
        frozenset(one.document_id for one in documents_ if answer(need=Need.LIST, document=one).allowed),
        frozenset(key for key, decision in opening.items() if decision.allowed),
        tuple(str(decision.reason or "yes") for decision in opening.values()),
    )


def shown(connection, those, *, reader=READER, visible=VISIBLE, sent=lambda statement: statement):
    """What SQL shows to each of those before the space the connection is in, asked at once: [{document: status}]."""
    wanted = f"d.space_id = %(space)s AND {visible}"
    sql = f"WITH {reader} SELECT d.document_id, d.status FROM document d, reader WHERE {wanted}"
    with connection.pipeline():
        answers = {
            asked: connection.execute(sent(Statement(sql, params)).sql, params)
            for asked, params in {x.asked: x.params for x in those}.items()
        }
    rows = {asked: dict(answer.fetchall()) for asked, answer in answers.items()}
    return [rows[look.asked] for look in those]


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
        for those in looks(database, loaded):
            for look, rows in zip(those, shown(database, those), strict=True):
                assert agree(look, rows), f"{look.who}: decided {look.reasons}, shown {rows}"


@pytest.fixture(scope="module")
def sample(database):
    """Worlds that stay loaded, and what everybody may see in them, space by space."""
    dice = random.Random(7)
    with database.transaction():
        loaded = [load(database, world_by_dice(dice)) for _ in range(200)]
        loaded += [load(database, world_by_dice(dice, dead=True)) for _ in range(50)]
    with database.transaction():
        database.execute("SET LOCAL ROLE carnet_app")
        return [those for one in loaded for those in looks(database, one)]


def test_the_worlds_are_worth_looking_at(sample):
    """Everybody who may read sees something, and every reason to refuse is met."""
    seen = {(look.who, reason) for those in sample for look in those for reason in look.reasons}
    readers = [who for who in LOOKING if who.startswith(("the person of", "a doctor", "another", "an optician"))]
    never = {"a doctor, weakly known", "a doctor through a suspended software"}
    if not MATRIX.types_for(profession=OPTICIAN, at=AT.date()) & set(types_of_documents()):
        never.add("an optician")
    assert {who for who in readers if (who, "yes") in seen} == set(readers) - never
    reasons = {reason for _, reason in seen}
    assert {"space-not-open", "suspended", "other-space", "weak-authentication", "unknown-profession"} <= reasons
    assert {"blocked", "no-authorisation", "matrix", "hidden", "not-a-reader"} <= reasons


def notices(database, sample, **broken):
    """Whether any look at the sample shows another set than decided.

    A space that noticed comes first from then on: it is likely to notice the next thing too.
    """
    with database.transaction(force_rollback=True):
        database.execute("SET LOCAL ROLE carnet_app")
        for place, those in enumerate(sample):
            database.execute(set_space(those[0].space))
            if not all(map(agree, those, shown(database, those, **broken))):
                sample.insert(0, sample.pop(place))
                return True
    return False


def test_the_sample_agrees_with_the_sql_as_it_is(database, sample):
    assert not notices(database, sample)


def test_the_shorter_text_of_each_reader_shows_the_same(database, sample):
    """What is sent is `narrowed`; here it stands beside the whole, before the same worlds."""
    whole = f"{READER} {VISIBLE}"
    known = [look.params for look in sample[0] if look.params["reader_side"] in SIDES]
    assert all(len(narrowing.narrowed(Statement(whole, params)).sql) < 0.8 * len(whole) for params in known)
    assert not notices(database, sample, sent=narrowing.narrowed)


@pytest.mark.parametrize(
    ("name", "side", "instead"),
    [
        ("_NEVER", "professional", (HELD, MINE)),
        ("_NEVER", "professional", (HELD, HEIRS)),
        ("_NEVER", "professional", (HELD, URGENT)),
        ("_NEVER", "delegate", (HELD, HEIRS, MINE, URGENT)),
        ("SIDES", "person", SIDES["delegate"]),
        ("SIDES", "delegate", SIDES["person"]),
        ("SIDES", "professional", SIDES["professional"].replace("d.status <> 'deleted' AND", "")),
        ("_is_direct", None, lambda _: True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_shorter_text_that_leaves_out_too_much_is_noticed(database, sample, monkeypatch, name, side, instead):
    planted = instead if side is None else getattr(narrowing, name) | {side: instead}
    monkeypatch.setattr(narrowing, name, planted)
    narrowing._narrowed.cache_clear()
    try:
        assert notices(database, sample, sent=narrowing.narrowed)
    finally:
        narrowing._narrowed.cache_clear()


_PARENT = """
INSERT INTO delegation (space_id, delegation_id, delegate, kind, basis, origin, person_enc, recorded_by, recorded_at,
  accepted_at, starts_at, ends_at)
VALUES (%(space)s, %(id)s, sha256(uuid_send(%(id)s)), 'representative', 'parental', 'insurer', '', 'x', %(at)s, %(at)s,
  %(at)s, %(ends_at)s)
"""


def test_four_years_of_births_end_at_midnight_in_paris_in_sql_too(database):
    space, first = SpaceId(UUID(int=900)), dt.date(2006, 1, 1)
    born = {UUID(int=901 + number): first + dt.timedelta(days=number) for number in range(1461)}
    with database.transaction(force_rollback=True):
        database.execute("INSERT INTO authz (space_id, state) VALUES (%s, 'ACTIVE')", (space,))
        for row, day in born.items():
            ends_at = birthday(day.isoformat(), 18)
            database.execute(_PARENT, {"space": space, "id": row, "at": AT - 9000 * DAY, "ends_at": ends_at})
        database.execute("SET LOCAL ROLE carnet_app")
        database.execute(set_space(space))
        for row, day in born.items():
            parent = Actor(
                kind=ActorKind.REPRESENTATIVE, identifier="p", name="", strong=True, acts_for=space, delegation=row
            )
            midnight = birthday(day.isoformat(), 18)
            for at, reads in ((midnight - dt.timedelta(microseconds=1), True), (midnight, False)):
                params = visible_to(parent, matrix=MATRIX, at=at).params() | {"space": space, "at": at}
                known = database.execute(f"WITH {READER} SELECT withheld IS NOT NULL FROM reader", params).fetchone()
                assert known == (reads,), (day, at)


PLANTED = [
    ("reader", "a.state IN ('OPEN', 'ACTIVE')", "true"),
    ("reader", "s.status = 'active'", "true"),
    ("reader", "z.effect = 'block'", "false"),
    ("reader", "bool_or(z.effect = 'permit'), false", "bool_or(z.effect = 'permit'), true"),
    ("reader", "z.effect = 'permit' AND z.is_administrator", "z.effect = 'permit'"),
    ("reader", "z.space_id = %(space)s AND z.ended_at IS NULL", "z.space_id = %(space)s"),
    ("reader", "z.starts_at <= %(at)s", "true"),
    ("reader", "(z.ends_at IS NULL OR z.ends_at > %(at)s)", "true"),
    ("reader", "z.ends_at > %(at)s", "z.ends_at >= %(at)s"),
    ("reader", "z.starts_at <= %(at)s", "z.starts_at < %(at)s"),
    ("reader", "(z.rpps = %(reader_rpps)s OR z.finess", "(true OR z.finess"),
    ("reader", "OR z.finess = %(reader_finess)s", "OR z.finess IS NOT NULL"),
    ("reader", "OR z.shared_finess = %(reader_finess)s", ""),
    ("reader", "z.shared_finess = %(reader_finess)s", "z.shared_finess IS NOT NULL"),
    ("reader", "m.team_id IN (z.team_id, z.shared_team)", "true"),
    ("reader", "m.rpps = %(reader_rpps)s OR m.finess", "m.rpps IS NOT NULL OR m.finess"),
    ("reader", "OR m.finess = %(reader_finess)s", ""),
    ("reader", "mine.permitted OR urgent.granted", "mine.permitted"),
    ("reader", "urgent.granted AND a.allow_masked_in_emergency", "urgent.granted"),
    ("reader", "urgent.granted AND a.allow_masked_in_emergency", "a.allow_masked_in_emergency"),
    ("reader", "e.rpps = %(reader_rpps)s", "true"),
    ("reader", "e.session = %(reader_session)s", "true"),
    ("reader", "e.ended_at IS NULL", "true"),
    ("reader", "e.granted_at <= %(at)s", "true"),
    ("reader", "e.granted_at <= %(at)s", "e.granted_at < %(at)s"),
    ("reader", "e.ends_at > %(at)s", "true"),
    ("reader", "e.ends_at > %(at)s", "e.ends_at >= %(at)s"),
    ("reader", "THEN a.allow_bris_de_glace", "THEN true"),
    ("reader", "THEN a.allow_centre_15", "THEN true"),
    ("reader", "g.delegation_id = %(reader_delegation)s::uuid", "true"),
    ("reader", "g.kind = %(reader_kind)s", "true"),
    ("reader", "g.accepted_at IS NOT NULL", "true"),
    ("reader", "g.ended_at IS NULL", "true"),
    ("reader", "g.starts_at <= %(at)s", "true"),
    ("reader", "g.starts_at <= %(at)s", "g.starts_at < %(at)s"),
    ("reader", "g.ends_at > %(at)s", "true"),
    ("reader", "g.ends_at > %(at)s", "g.ends_at >= %(at)s"),
    ("reader", "g.discreet_from <= %(at)s", "true"),
    ("reader", "g.discreet_from <= %(at)s", "g.discreet_from < %(at)s"),
    ("reader", "-> chosen.topic", "-> 'mental-health'"),
    ("reader", "OR heirs.kept_types IS NOT NULL)", ")"),
    ("reader", "AND heirs.kept_types IS NULL AS lifted", "AS lifted"),
    ("reader", "heirs.kept_types IS NOT NULL AS for_heirs", "false AS for_heirs"),
    ("reader", "a.state = 'DECEASED' AND", ""),
    ("reader", "h.rpps = %(reader_rpps)s", "h.rpps IS NOT NULL"),
    ("reader", "h.ended_at IS NULL", "true"),
    ("reader", "h.ends_at > %(at)s", "true"),
    ("reader", "h.ends_at > %(at)s", "h.ends_at >= %(at)s"),
    ("visible", "OR reader.for_heirs)", ")"),
    ("visible", "(NOT reader.for_heirs OR", "(true OR"),
    ("visible", "(NOT reader.for_heirs AND (", "(("),
    ("visible", "NOT d.masque_ps AND NOT d.invisible_patient", "NOT d.invisible_patient"),
    ("visible", "d.masque_ps AND NOT d.invisible_patient", "d.masque_ps"),
    ("visible", "AND NOT d.invisible_representants\n  AND d.type_code", "AND d.type_code"),
    ("visible", "d.type_code <> ALL(reader.kept_types) AND (NOT reader.guarded OR", "(NOT reader.guarded OR"),
    (
        "visible",
        "d.type_code <> ALL(reader.kept_types) AND (NOT reader.guarded OR",
        "d.type_code <> ALL(reader.kept_types) AND (true OR",
    ),
    ("visible", "reader.open", "true"),
    ("visible", "WHEN 'person' THEN d.space_id = %(reader_space)s::uuid", "WHEN 'person' THEN true"),
    ("visible", "WHEN 'delegate' THEN d.space_id = %(reader_space)s::uuid", "WHEN 'delegate' THEN true"),
    ("visible", "(%(reader_space)s::uuid IS NULL OR d.space_id = %(reader_space)s::uuid)", "true"),
    ("visible", "%(reader_space)s::uuid IS NULL OR", ""),
    ("visible", "AND NOT d.invisible_patient\n    AND (NOT", "AND (NOT"),
    ("visible", "AND NOT d.invisible_patient\n    AND NOT", "AND NOT"),
    ("visible", "NOT d.invisible_representants", "true"),
    ("visible", "invisible_representants AND (NOT reader.guarded", "invisible_representants AND (true"),
    ("visible", "coalesce(d.category <> ALL(reader.withheld), false)", "true"),
    ("visible", "coalesce(d.category <> ALL(reader.withheld), false)", "reader.withheld IS NOT NULL"),
    ("visible", "NOT (reader.discreet AND d.type_code = ANY(%(reader_sensitive)s::text[]))", "true"),
    ("visible", "reader.discreet AND", ""),
    ("visible", "d.type_code = ANY(%(reader_sensitive)s::text[])", "true"),
    ("visible", "OR %(reader_stepped_up)s::boolean", "OR true"),
    ("visible", "OR %(reader_stepped_up)s::boolean", ""),
    ("visible", "d.type_code = ANY(reader.guarded_types)", "false"),
    ("visible", "g.logical_id = d.logical_id", "true"),
    ("visible", "reader.permitted", "true"),
    ("visible", "NOT reader.blocked", "true"),
    ("visible", "d.status <> 'deleted'", "true"),
    ("visible", "d.type_code = ANY(%(reader_types)s::text[])", "true"),
    ("visible", "NOT d.masque_ps", "true"),
    ("visible", "OR reader.administrator", ""),
    ("visible", "OR reader.lifted)", ")"),
    ("visible", "coalesce(d.author_rpps = %(reader_rpps)s, false)", "false"),
    ("visible", "coalesce(d.author_finess = %(reader_finess)s, false)", "false"),
    ("visible", "r.ended_at IS NULL", "true"),
    ("visible", "r.starts_at <= %(at)s", "true"),
    ("visible", "r.starts_at <= %(at)s", "r.starts_at < %(at)s"),
    ("visible", "(r.ends_at IS NULL OR r.ends_at > %(at)s)", "true"),
    ("visible", "r.ends_at > %(at)s", "r.ends_at >= %(at)s"),
    ("visible", "(r.logical_id IS NULL OR r.logical_id = d.logical_id)", "true"),
    ("visible", "(r.category IS NULL OR r.category = d.category)", "true"),
    ("visible", "(r.received_from IS NULL OR d.received_at >= r.received_from)", "true"),
    ("visible", "d.received_at >= r.received_from", "d.received_at > r.received_from"),
    ("visible", "(r.effect = 'hide') =", "true ="),
    ("visible", "r.everyone OR", "false OR"),
    ("visible", "coalesce(%(reader_rpps)s = ANY(r.rpps), false)", "false"),
    ("visible", "coalesce(%(reader_profession)s = ANY(r.professions), false)", "false"),
    ("visible", "coalesce(%(reader_finess)s = ANY(r.finess), false)", "false"),
    ("visible", "NOT reader.lifted OR %(reader_rpps)s = ANY(r.rpps)", "true"),
    ("visible", "NOT reader.lifted OR %(reader_rpps)s = ANY(r.rpps)", "NOT reader.lifted"),
    ("visible", "ELSE false", "ELSE true"),
]
# flags that only spare work: without them the same is shown, more slowly
SPARING = [
    ("reader", "a.teamed AND EXISTS", "EXISTS"),
    ("reader", "a.emergency_until IS NOT NULL AND EXISTS", "EXISTS"),
    ("visible", "NOT reader.restricted OR NOT", "NOT"),
]


@pytest.mark.parametrize(("part", "condition", "instead"), SPARING)
def test_a_flag_that_spares_work_changes_nothing(database, sample, part, condition, instead):
    texts = {"reader": READER, "visible": VISIBLE}
    assert condition in texts[part]
    assert not notices(database, sample, **{part: texts[part].replace(condition, instead)})


@pytest.mark.parametrize(("part", "condition", "instead"), PLANTED)
def test_no_condition_of_the_sql_can_be_dropped_unnoticed(database, sample, part, condition, instead):
    texts = {"reader": READER, "visible": VISIBLE}
    assert condition in texts[part], "the SQL changed: change this list with it"
    broken = {part: texts[part].replace(condition, instead)}
    assert notices(database, sample, **broken), f"nothing noticed: {condition}"


HARMLESS = (
    "%(reader_client)s::text IS NULL",
    "s.client_id = %(reader_client)s",
    "space_id = %(space)s",
    *(condition for _, condition, _ in SPARING),
    "NOT reader.guarded OR",
    "WHEN 'bris_de_glace'",
    " = %(reader_finess)s",
    "OR NOT",
    " NOT \n(d.type_code",
    " NOT \n( OR EXISTS",
)
SIGNS = (" = %", " = '", "<>", "<=", " > ", "NOT ", "IS NULL", "ANY(")


def test_every_comparison_of_the_sql_is_in_the_list():
    """A condition added to the SQL later must be added above too."""
    for part, text in (("reader", READER), ("visible", VISIBLE)):
        planted = sorted((condition for place, condition, _ in PLANTED if place == part), key=len, reverse=True)
        left = functools.reduce(lambda rest, known: rest.replace(known, ""), (*planted, *HARMLESS), text)
        assert not [sign for sign in SIGNS if sign in left], left
