-- The queue of the data-protection officer: what the misuse rules found, with the rows that made it. Its reader is a role of
-- its own: it sees who read when on which ground, in every space, and no content.
SET LOCAL search_path = carnet;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carnet_oversight') THEN
    CREATE ROLE carnet_oversight LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT USAGE ON SCHEMA carnet TO carnet_oversight;

CREATE TABLE misuse_alert (
  alert_id uuid PRIMARY KEY,
  rule text NOT NULL,
  actor_id text NOT NULL,
  began_at timestamptz NOT NULL,
  found_at timestamptz NOT NULL,
  places jsonb NOT NULL,
  closed_at timestamptz,
  closed_by text,
  outcome text CHECK (outcome IN ('justified', 'misuse', 'mistaken')),
  CHECK ((closed_at IS NULL) = (outcome IS NULL)),
  CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
  UNIQUE (rule, actor_id, began_at)
);
COMMENT ON TABLE misuse_alert IS 'pii: pseudonymous (a professional, space ids, dates) | retention: closing + 3 years | basis: R1111-43 CSP; GDPR art. 32';

GRANT SELECT (space_id, seq, at, act, outcome, ground, actor_kind, actor_id, organisation, details) ON journal_entry TO carnet_oversight;
CREATE POLICY oversight ON journal_entry FOR SELECT TO carnet_oversight USING (true);
GRANT SELECT, INSERT, UPDATE ON misuse_alert TO carnet_oversight;
GRANT INSERT ON security_entry TO carnet_oversight;
