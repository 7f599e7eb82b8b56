"""The second wall: whatever a query forgets, PostgreSQL shows one space, or none (DESIGN promise 4).

Every space-bound table of the real database is tried, found in the catalogue and filled first: a table nobody filled
would prove nothing. The journal is tried as its own owner and as the superuser, who still cannot rewrite it.
"""

import contextlib
import uuid

import psycopg
import pytest
from psycopg import sql

from carnet.access.api import authorise
from carnet.infra.db import system_work, work
from carnet.records.api import Deposit, Submission, deposit, mark_read
from factories.world import AT, make_person, make_professional, make_software, new_document

BOUND = """
SELECT c.oid::regclass::text FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'space_id'
WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('carnet', 'vault') AND c.relname NOT IN ('ins_index', 'account')
ORDER BY 1
"""
# columns that are written, not computed
WRITTEN = """
SELECT array_agg(attname::text) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""
JOURNALS = ("carnet.journal_entry", "carnet.security_entry")


# tables of rare acts, whose own tests say what they mean: here only that nobody else sees their rows
BARE = (
    """
INSERT INTO carnet.emergency_access (space_id, emergency_id, mode, rpps, session, reason_enc, asked_at) VALUES
  (%(space)s, gen_random_uuid(), 'bris_de_glace', %(rpps)s, 's', '', now());
INSERT INTO carnet.care_team VALUES (%(space)s, gen_random_uuid(), '', now(), NULL);
INSERT INTO carnet.care_team_member (space_id, team_id, rpps, added_at) SELECT space_id, team_id, %(rpps)s,
  now() FROM carnet.care_team WHERE space_id = %(space)s;
INSERT INTO carnet.authorisation_use (space_id, authorisation_id, rpps, first_used_at) SELECT space_id,
  authorisation_id, %(rpps)s, now() FROM carnet.authorisation WHERE space_id = %(space)s;
INSERT INTO carnet.consent_code VALUES (%(space)s, gen_random_uuid(), '', now(), now());
INSERT INTO carnet.access_dispute (space_id, case_id, rpps, opened_at, due_at) VALUES (%(space)s,
  gen_random_uuid(), %(rpps)s, now(), now());
INSERT INTO carnet.attending_doctor VALUES (%(space)s, %(rpps)s, now());
INSERT INTO carnet.access_restriction (space_id, restriction_id, effect, everyone, starts_at, recorded_by)
  VALUES (%(space)s, gen_random_uuid(), 'hide', true, now() + interval '1 day', 'p');
INSERT INTO carnet.document_text (space_id, document_id, state, analysis, pages, text_enc, index_enc,
  changed_at) VALUES (%(space)s, gen_random_uuid(), 'read', 1, 1, '', '', now());
INSERT INTO carnet.professional_visit VALUES (%(space)s, %(rpps)s, now());
INSERT INTO carnet.safeguarded_document VALUES (%(space)s, gen_random_uuid(), now());
INSERT INTO carnet.document_hold (space_id, hold_id, logical_id, reason, held_by, held_by_name, opened_at,
  until, due_at) VALUES (%(space)s, gen_random_uuid(), gen_random_uuid(), 'r', 'x', 'X', now(), now() +
  interval '1 day', now());
INSERT INTO carnet.incoming_mail (space_id, mail_id, received_at, peer, sender_domain, size, sealed) VALUES
  (%(space)s, gen_random_uuid(), now(), 'p', 'd', 1, '');
INSERT INTO carnet.conversation (space_id, conversation_id, opened_at, last_at, head_enc) VALUES
  (%(space)s, gen_random_uuid(), now(), now(), '');
INSERT INTO carnet.message (space_id, message_id, conversation_id, at, state, once, reference) VALUES
  (%(space)s, gen_random_uuid(), gen_random_uuid(), now(), 'received', '', '');
INSERT INTO carnet.message_attachment (space_id, message_id, number, size) VALUES
  (%(space)s, gen_random_uuid(), 1, 1);
INSERT INTO carnet.outgoing_mail (space_id, message_id, number, destination, changed_at) VALUES
  (%(space)s, gen_random_uuid(), 1, 'd', now());
INSERT INTO carnet.delegation (space_id, delegation_id, delegate, kind, basis, origin, person_enc, recorded_by,
  recorded_at, starts_at, ends_at) VALUES (%(space)s, gen_random_uuid(), decode(repeat('00', 32), 'hex'), 'carer',
  'chosen', 'invitation', '', 'p', now(), now(), now() + interval '1 day');
INSERT INTO carnet.space_ending (space_id, motive, zone, since) VALUES (%(space)s, 'holder', 'Europe/Paris', now());
INSERT INTO carnet.data_export (space_id, export_id, state, account_id, language, asked_at, touched_at, expires_at)
  VALUES (%(space)s, gen_random_uuid(), 'failed', gen_random_uuid(), 'fr', now(), now(), now());
INSERT INTO carnet.heirs_reading (space_id, request_id, rpps, capacity, withheld, granted_at, ends_at) VALUES
  (%(space)s, gen_random_uuid(), %(rpps)s, 'heir', '{}', now(), now() + interval '1 day');
INSERT INTO carnet.practice_request VALUES (%(space)s, '', now(), 0);
INSERT INTO carnet.screen_share (space_id, share_id, began_at, until) VALUES
  (%(space)s, gen_random_uuid(), now(), now());
INSERT INTO carnet.agenda_entry (space_id, entry_id, kind, starts_at, zone, words_enc, recorded_at, changed_at, due_at)
  VALUES (%(space)s, gen_random_uuid(), 'reminder', now(), 'Europe/Paris', '', now(), now(), now());
INSERT INTO carnet.mail_contact (space_id, contact_digest, last_at, contact_enc) VALUES (%(space)s, '', now(), '');
""".strip()
    .removesuffix(";")
    .split(";\n")
)


def identifier(table):
    return sql.Identifier(*table.split("."))


async def furnished():
    """A space with at least one row in every space-bound table but notifications."""
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    submission = Submission(unique_id=f"urn:uuid:{uuid.uuid4()}", submitted_at=AT)
    document = new_document(author=software)
    receipt = await deposit(
        actor=software,
        deposit=Deposit(ins=person.ins, traits=person.traits, documents=(document,), submission=submission),
        at=AT,
    )
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    first = receipt.documents[0].document_id
    await mark_read(actor=person.actor, space=person.space, document=first, account=uuid.uuid4(), at=AT)
    return person.space


@pytest.fixture(scope="module")
async def spaces(house):
    """Two furnished spaces."""
    both = [await furnished(), await furnished()]
    rpps = (await make_professional()).rpps
    with psycopg.connect(house.url("postgres"), autocommit=True) as connection:
        for space in both:
            connection.execute(
                "INSERT INTO carnet.notification (space_id, notification_id, code, created_at, event_key)"
                " VALUES (%s, gen_random_uuid(), 'AJOUT_DOCUMENT', now(), 'k')",
                (space,),
            )
            connection.execute(
                "INSERT INTO carnet.journal_leaf (space_id, held, place, seq, leaf_index, sealed_at, leaf_hash)"
                " VALUES (%s, false, 1, 1, 0, now(), decode(repeat('00', 32), 'hex'))",
                (space,),
            )
            for statement in BARE:
                connection.execute(statement, {"space": space, "rpps": rpps})
    return both


@pytest.fixture(scope="module")
def bound(house, spaces):
    """Every space-bound table, each holding rows of both spaces."""
    with psycopg.connect(house.url("postgres"), autocommit=True) as connection:
        found = [row[0] if "." in row[0] else f"carnet.{row[0]}" for row in connection.execute(BOUND).fetchall()]
        empty = []
        for table in found:
            query = sql.SQL("SELECT count(DISTINCT space_id) FROM {} WHERE space_id = ANY(%s)").format(
                identifier(table)
            )
            if connection.execute(query, (spaces,)).fetchone()[0] != 2:
                empty.append(table)
        assert empty == [], "these hold nothing to hide: fill them in `furnished`"
    assert len(found) >= 11
    return found


@pytest.fixture
def runtime(house):
    """A connection as the runtime role; everything is rolled back."""
    with psycopg.connect(house.url("carnet_app")) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def superuser(house):
    """A connection that row security does not hold; everything is rolled back."""
    with psycopg.connect(house.url("postgres")) as connection:
        yield connection
        connection.rollback()


def enter(connection, space):
    connection.execute(f"SET LOCAL carnet.space = '{space}'")


def seen(connection, table):
    """The spaces whose rows a query without any WHERE sees."""
    query = sql.SQL("SELECT DISTINCT space_id FROM {}").format(identifier(table))
    return {row[0] for row in connection.execute(query).fetchall()}


def leaks(connection, tables, *, space):
    """Tables that show more than `space` (None: than nothing)."""
    if space is not None:
        enter(connection, space)
    allowed = set() if space is None else {space}
    return [table for table in tables if not seen(connection, table) <= allowed]


def test_without_a_space_nothing_is_seen(runtime, bound):
    assert leaks(runtime, bound, space=None) == []


def test_with_an_empty_space_nothing_is_seen(runtime, bound):
    runtime.execute("SET LOCAL carnet.space = ''")
    assert leaks(runtime, bound, space=None) == []


def test_another_space_sees_nothing_of_these(runtime, bound, spaces):
    stranger = uuid.uuid4()
    assert leaks(runtime, bound, space=stranger) == []


def test_a_forgotten_where_sees_one_space_only(runtime, bound, spaces):
    one, _ = spaces
    assert leaks(runtime, bound, space=one) == []
    assert all(seen(runtime, table) == {one} for table in bound)


def test_a_space_that_is_not_one_is_an_error_not_an_opening(runtime, bound):
    runtime.execute("SET LOCAL carnet.space = 'everything'")
    with pytest.raises(psycopg.errors.InvalidTextRepresentation):
        seen(runtime, bound[0])


@pytest.mark.parametrize("entered", ["none", "other"])
def test_a_row_of_another_space_cannot_be_written(runtime, superuser, bound, spaces, entered):
    one, other = spaces
    refused = []
    for table in bound:
        where = sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE space_id = %s LIMIT 1").format(identifier(table))
        row = superuser.execute(where, (other,)).fetchone()[0]
        names = sql.SQL(", ").join(map(sql.Identifier, superuser.execute(WRITTEN, (table,)).fetchone()[0]))
        insert = sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM jsonb_populate_record(NULL::{0}, %s)").format(
            identifier(table), names
        )
        try:
            with runtime.transaction():
                if entered == "other":
                    enter(runtime, one)
                runtime.execute(insert, (psycopg.types.json.Jsonb(row),))
        except psycopg.errors.InsufficientPrivilege:
            refused.append(table)
    assert refused == bound


def test_a_row_cannot_be_changed_from_another_space_or_moved_to_one(runtime, bound, spaces):
    one, other = spaces
    enter(runtime, one)
    for table in bound:
        change = sql.SQL("UPDATE {} SET space_id = space_id WHERE space_id = %s").format(identifier(table))
        move = sql.SQL("UPDATE {} SET space_id = %s").format(identifier(table))
        try:
            with runtime.transaction():
                assert runtime.execute(change, (other,)).rowcount == 0
        except psycopg.errors.InsufficientPrivilege:
            pass  # the role may not update this table at all
        with pytest.raises(psycopg.errors.InsufficientPrivilege), runtime.transaction():
            runtime.execute(move, (other,))


# wishes taken back, appointments one deletes, words of a document that is gone, copies whose days are over: the journal
# keeps that they were
TAKEN_BACK = {
    "carnet.agenda_entry",
    "carnet.attending_doctor",
    "carnet.care_team_member",
    "carnet.data_export",
    "carnet.document_text",
    "carnet.safeguarded_document",
}


def test_nothing_space_bound_can_be_deleted_by_the_runtime_role(runtime, bound, spaces):
    enter(runtime, spaces[0])
    assert set(bound) >= TAKEN_BACK
    for table in set(bound) - TAKEN_BACK:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), runtime.transaction():
            runtime.execute(sql.SQL("DELETE FROM {}").format(identifier(table)))


async def test_the_space_does_not_outlive_its_transaction(house, bound, spaces):
    """Connections are lent again: the next borrower must not find the last one's space."""
    for _ in range(house.database.max_size + 1):
        async with work(space=spaces[0], at=AT) as w:
            assert await w.rows("SELECT DISTINCT space_id FROM document") == [(spaces[0],)]
        async with system_work(at=AT) as w:
            assert await w.rows("SELECT space_id FROM document") == []


@pytest.mark.parametrize(
    "fault",
    [
        "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
        "DROP POLICY one_space ON {0}; CREATE POLICY one_space ON {0} TO carnet_app USING (true)",
        "CREATE POLICY another ON {} TO carnet_app USING (space_id IS NOT NULL)",
    ],
)
def test_a_planted_hole_is_seen_in_each_table(superuser, bound, spaces, fault):
    superuser.rollback()
    for table in bound:
        with superuser.transaction(force_rollback=True):
            superuser.execute(sql.SQL(fault).format(identifier(table)))
            superuser.execute("SET LOCAL ROLE carnet_app")
            assert leaks(superuser, bound, space=None) == [table]
            assert leaks(superuser, bound, space=spaces[0]) == [table]


# --- the journal cannot be rewritten ----------------------------------------------------------------------------------

REWRITING = {
    "carnet.journal_entry": (
        "UPDATE carnet.journal_entry SET actor_name = 'nobody'",
        "DELETE FROM carnet.journal_entry",
        "TRUNCATE carnet.journal_entry",
    ),
    "carnet.security_entry": (
        "UPDATE carnet.security_entry SET actor_name = 'nobody'",
        "TRUNCATE carnet.security_entry",
    ),
}
ATTEMPTS = [(table, statement) for table, statements in REWRITING.items() for statement in statements]


def rewritten(connection, superuser, table, statement):
    """True when `statement` changed what the journal says."""

    def everything():
        query = sql.SQL("SELECT md5(string_agg(t::text, '|' ORDER BY t::text)), count(*) FROM {} t")
        return superuser.execute(query.format(identifier(table))).fetchone()

    before = everything()
    assert before[1] > 0
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):  # what is asked is what became of the rows
        connection.execute(statement)
    return everything() != before


@pytest.mark.parametrize("role", ["carnet_app", "carnet_batch", "carnet_owner", "postgres"])
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_no_role_can_rewrite_the_journal(house, spaces, role, attempt):
    watching = psycopg.connect(house.url("postgres"), autocommit=True)
    with watching, psycopg.connect(house.url(role), autocommit=True) as connection:
        connection.execute(f"SET carnet.space = '{spaces[0]}'")
        connection.execute("SET lock_timeout = '2s'")
        assert not rewritten(connection, watching, *attempt)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_without_the_trigger_the_superuser_could(superuser, spaces, attempt):
    table, statement = attempt
    with superuser.transaction(force_rollback=True):
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        assert rewritten(superuser, superuser, table, statement)
