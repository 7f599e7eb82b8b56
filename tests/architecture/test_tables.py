"""The real, migrated database: what every table must have, and what the runtime role must not be able to do.

Space-bound means: has a column `space_id`, and is not the index that finds a space. The checks read the catalogue, so a
table added by any migration is examined without being listed; each is tried on a broken table in a scratch schema.
"""

import re

import psycopg
import pytest

from architecture.findings import ExaminedNothingError, Finding, problems

OURS = ("carnet", "vault")
RUNTIME = "carnet_app"
# shared tables that hold a space_id: they find a space or an account, and are reached before any space is known
FINDS_A_SPACE = {"carnet.ins_index": "INS digest to space", "carnet.account": "login to space"}
ANNOTATION = re.compile(r"pii: \S.* \| retention: \S.* \| basis: \S.*")
JOURNALS = ("carnet.journal_entry", "carnet.security_entry", "carnet.journal_head")

_TABLES = """
SELECT n.nspname || '.' || c.relname AS name, c.oid, pg_get_userbyid(c.relowner) AS owner,
  c.relrowsecurity AS row_security, c.relforcerowsecurity AS forced, obj_description(c.oid, 'pg_class') AS comment,
  EXISTS (SELECT FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attname = 'space_id' AND NOT a.attisdropped) AS bound,
  (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
   WHERE i.indrelid = c.oid AND i.indisprimary) AS first_key,
  (SELECT array_agg(DISTINCT coalesce(pg_get_expr(p.polqual, p.polrelid), 'true'))
   FROM pg_policy p
   WHERE p.polrelid = c.oid AND (p.polroles = '{0}' OR %(runtime)s::regrole = ANY(p.polroles))) AS policies
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY(%(schemas)s) ORDER BY 1
"""


class Table:
    """One table as the catalogue describes it."""

    def __init__(self, row):
        (self.name, self.oid, self.owner, self.row_security, self.forced, self.comment, self.bound, self.first_key) = (
            row[:8]
        )
        self.policies = row[8] or []

    @property
    def space_bound(self):
        return self.bound and self.name not in FINDS_A_SPACE


def tables(connection, *schemas):
    params = {"schemas": list(schemas), "runtime": RUNTIME}
    return [Table(row) for row in connection.execute(_TABLES, params).fetchall()]


@pytest.fixture(scope="module")
def catalogue(new_database):
    """The migrated database, as its superuser, with a scratch schema whose tables go away again."""
    url = new_database()
    with psycopg.connect(url("postgres"), autocommit=True) as connection:
        yield connection


def key_starts_with_space(table):
    if table.space_bound:
        yield Finding(table.name, None if table.first_key == "space_id" else f"its key starts with {table.first_key}")


def row_security_is_forced(table):
    if table.space_bound:
        yield Finding(
            table.name, None if table.row_security and table.forced else "row security is not enabled and forced"
        )


def the_runtime_policy_narrows_to_one_space(table):
    if table.space_bound:
        wide = [policy for policy in table.policies if "this_space()" not in policy]
        yield Finding(
            table.name, f"a policy of the runtime role does not narrow to one space: {wide}" if wide else None
        )


def personal_data_is_annotated(table):
    fine = bool(table.comment and ANNOTATION.fullmatch(table.comment))
    yield Finding(table.name, None if fine else "lacks 'pii: … | retention: … | basis: …'")


def the_runtime_role_owns_nothing(table):
    yield Finding(table.name, "is owned by the runtime role" if table.owner == RUNTIME else None)


CHECKS = [
    key_starts_with_space,
    row_security_is_forced,
    the_runtime_policy_narrows_to_one_space,
    personal_data_is_annotated,
    the_runtime_role_owns_nothing,
]


def wrong(check, of):
    return problems(finding for table in of for finding in check(table))


@pytest.mark.parametrize("check", CHECKS)
def test_every_table_keeps_it(catalogue, check):
    assert wrong(check, tables(catalogue, *OURS)) == []


@pytest.mark.parametrize("check", CHECKS)
def test_it_fails_on_nothing(check):
    with pytest.raises(ExaminedNothingError):
        wrong(check, [])


def test_no_table_lives_elsewhere(catalogue):
    """Tables of ours in `public` would escape every check; only the migration tool's bookkeeping lives there."""
    names = {table.name for table in tables(catalogue, "public")}
    assert {name for name in names if not re.fullmatch(r"public\._?yoyo_\w+", name)} == set()
    schemas = catalogue.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"
    ).fetchall()
    assert {row[0] for row in schemas} <= {*OURS, "jobs", "public", "planted"}


def test_the_tables_that_find_a_space_exist(catalogue):
    assert set(FINDS_A_SPACE) <= {table.name for table in tables(catalogue, *OURS)}


_GOOD = "COMMENT ON TABLE planted.t IS 'pii: none | retention: none | basis: none'"
BROKEN = {
    "the key starts elsewhere": (
        key_starts_with_space,
        "CREATE TABLE planted.t (space_id uuid NOT NULL, n int, PRIMARY KEY (n, space_id))",
    ),
    "no key": (key_starts_with_space, "CREATE TABLE planted.t (space_id uuid NOT NULL)"),
    "no row security": (row_security_is_forced, "CREATE TABLE planted.t (space_id uuid PRIMARY KEY)"),
    "enabled, not forced": (
        row_security_is_forced,
        "CREATE TABLE planted.t (space_id uuid PRIMARY KEY); ALTER TABLE planted.t ENABLE ROW LEVEL SECURITY",
    ),
    "an open policy": (
        the_runtime_policy_narrows_to_one_space,
        "CREATE TABLE planted.t (space_id uuid PRIMARY KEY); CREATE POLICY p ON planted.t TO carnet_app USING (true)",
    ),
    "a policy for everybody": (
        the_runtime_policy_narrows_to_one_space,
        "CREATE TABLE planted.t (space_id uuid PRIMARY KEY); CREATE POLICY p ON planted.t USING (space_id IS NOT NULL)",
    ),
    "no annotation": (personal_data_is_annotated, "CREATE TABLE planted.t (n int PRIMARY KEY)"),
    "half an annotation": (
        personal_data_is_annotated,
        "CREATE TABLE planted.t (n int PRIMARY KEY); COMMENT ON TABLE planted.t IS 'pii: health | retention: '",
    ),
    "owned by the runtime role": (
        the_runtime_role_owns_nothing,
        "CREATE TABLE planted.t (n int PRIMARY KEY); ALTER TABLE planted.t OWNER TO carnet_app",
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_planted_table_is_seen(catalogue, fault):
    check, statements = BROKEN[fault]
    with catalogue.transaction(force_rollback=True):
        catalogue.execute("CREATE SCHEMA planted")
        catalogue.execute(statements)
        assert wrong(check, tables(catalogue, "planted"))


def test_a_good_table_is_left_alone(catalogue):
    with catalogue.transaction(force_rollback=True):
        catalogue.execute("CREATE SCHEMA planted")
        catalogue.execute(
            "CREATE TABLE planted.t (space_id uuid, n int, PRIMARY KEY (space_id, n));"
            "ALTER TABLE planted.t ENABLE ROW LEVEL SECURITY; ALTER TABLE planted.t FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY p ON planted.t TO carnet_app USING (space_id = carnet.this_space())"
        )
        catalogue.execute(_GOOD)
        assert [fault for check in CHECKS for fault in wrong(check, tables(catalogue, "planted"))] == []


# --- what the runtime roles may be and do -----------------------------------------------------------------------------

_ROLE = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
  (SELECT array_agg(g.rolname::text) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid)
FROM pg_roles r WHERE rolname = ANY(%s)
"""
_OWNED = """
SELECT count(*) FROM pg_class WHERE relowner = %(role)s::regrole
UNION ALL SELECT count(*) FROM pg_proc WHERE proowner = %(role)s::regrole
UNION ALL SELECT count(*) FROM pg_namespace WHERE nspowner = %(role)s::regrole
"""
# the privileges nobody who serves requests may hold on a journal, inserting into the space journal included: that goes
# through journal_append, which numbers the entries
_FORBIDDEN = {
    "carnet.journal_entry": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
    "carnet.security_entry": ("UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
    "carnet.journal_head": ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"),
}


def powerful_roles(connection, names):
    for name, *powers, groups in connection.execute(_ROLE, (list(names),)).fetchall():
        yield Finding(name, "has a power no runtime role may have" if any(powers) else None)
        yield Finding(name, f"is a member of {groups}" if groups else None)


def held(connection, role):
    """Findings about each forbidden privilege on each journal, column grants included."""
    for table, privileges in _FORBIDDEN.items():
        for privilege in privileges:
            sql = "SELECT has_table_privilege(%(r)s, %(t)s, %(p)s)"
            if privilege in {"INSERT", "UPDATE", "REFERENCES"}:
                sql += " OR has_any_column_privilege(%(r)s, %(t)s, %(p)s)"
            has = connection.execute(sql, {"r": role, "t": table, "p": privilege}).fetchone()[0]
            yield Finding(f"{role} on {table}", f"may {privilege}" if has else None)


@pytest.mark.parametrize("role", [RUNTIME, "carnet_batch"])
def test_runtime_roles_have_no_power(catalogue, role):
    assert problems(powerful_roles(catalogue, [role])) == []
    assert [row[0] for row in catalogue.execute(_OWNED, {"role": role}).fetchall()] == [0, 0, 0]


@pytest.mark.parametrize("role", [RUNTIME, "carnet_batch"])
def test_runtime_roles_cannot_rewrite_a_journal(catalogue, role):
    assert problems(held(catalogue, role)) == []


@pytest.mark.parametrize("power", ["SUPERUSER", "BYPASSRLS", "CREATEROLE", "CREATEDB", "REPLICATION"])
def test_a_planted_power_is_seen(catalogue, power):
    with catalogue.transaction(force_rollback=True):
        catalogue.execute(f"ALTER ROLE carnet_app {power}")
        assert problems(powerful_roles(catalogue, [RUNTIME]))


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT carnet_journal TO carnet_app",
        "GRANT pg_read_all_data TO carnet_app",
    ],
)
def test_a_planted_membership_is_seen(catalogue, grant):
    with catalogue.transaction(force_rollback=True):
        catalogue.execute(grant)
        assert problems(powerful_roles(catalogue, [RUNTIME]))


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT UPDATE ON carnet.journal_entry TO carnet_app",
        "GRANT UPDATE (actor_name) ON carnet.journal_entry TO carnet_app",
        "GRANT DELETE ON carnet.security_entry TO carnet_app",
        "GRANT TRUNCATE ON carnet.journal_entry TO PUBLIC",
        "GRANT INSERT ON carnet.journal_entry TO carnet_app",
        "GRANT UPDATE ON carnet.journal_head TO carnet_app",
    ],
)
def test_a_planted_privilege_is_seen(catalogue, grant):
    with catalogue.transaction(force_rollback=True):
        catalogue.execute(grant)
        assert problems(held(catalogue, RUNTIME))


SEALER_CHANGES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND (has_table_privilege('carnet_sequencer', c.oid, 'UPDATE')
  OR has_any_column_privilege('carnet_sequencer', c.oid, 'UPDATE'))
"""


def test_what_seals_the_journal_changes_the_size_of_the_log_only(catalogue):
    assert catalogue.execute(SEALER_CHANGES, (list(OURS),)).fetchall() == [("journal_log",)]


def test_no_function_of_ours_runs_as_somebody_stronger(catalogue):
    """SECURITY DEFINER lends its owner's rights: only the journal's door does, the one rows leave by (0100), and the
    three that count for the pilots (0125): they return numbers, and the batch alone may call them.
    """
    rows = catalogue.execute(
        "SELECT p.proname, pg_get_userbyid(p.proowner), p.proconfig"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%s) AND p.prosecdef",
        (list(OURS),),
    ).fetchall()
    counting = [(name, "carnet_counter") for name in ("count_documents", "count_life", "count_visits")]
    expected = [*counting, ("forget_space", "carnet_eraser"), ("journal_append", "carnet_journal")]
    assert sorted((name, owner) for name, owner, _ in rows) == expected
    assert all(config and config[0].startswith("search_path=") for _, _, config in rows)


# what outlives a space on purpose (decision 0100), and what `forget_space` removes by another way than its space
_KEPT = {"authz", "space_ending", "journal_head", "journal_entry", "journal_pending", "journal_leaf"}
_FORGETTABLE = """
SELECT c.relname,
  has_table_privilege('carnet_eraser', c.oid, 'SELECT') AND has_table_privilege('carnet_eraser', c.oid, 'DELETE'),
  NOT c.relrowsecurity OR EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('*', 'd')
    AND 'carnet_app'::regrole = ANY(p.polroles))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'space_id' AND NOT a.attisdropped
WHERE n.nspname = 'carnet' AND c.relkind IN ('r', 'p')
"""


def left_behind(catalogue):
    """Tables whose rows an erasure could not remove: no right, or no policy that shows them to it."""
    rows = catalogue.execute(_FORGETTABLE).fetchall()
    assert len(rows) > 20, "hardly any table has a space"
    return {name for name, right, shown in rows if name not in _KEPT and not (right and shown)}


def test_an_erasure_reaches_every_table_of_a_space(catalogue):
    assert left_behind(catalogue) == set()


@pytest.mark.parametrize(
    "planted",
    [
        "REVOKE DELETE ON carnet.document FROM carnet_eraser",
        "DROP POLICY one_space ON carnet.document",
    ],
)
def test_a_table_an_erasure_would_leave_is_seen(catalogue, planted):
    with catalogue.transaction(force_rollback=True):
        catalogue.execute(planted)
        assert left_behind(catalogue) == {"document"}
