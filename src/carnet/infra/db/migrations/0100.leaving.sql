-- Leaving: where a space that is being left stands, what follows on which day, and what is left once it is erased.
SET LOCAL search_path = carnet;

ALTER TABLE authz DROP CONSTRAINT authz_state_check;
ALTER TABLE authz ADD CONSTRAINT authz_state_check
  CHECK (state IN ('OPEN', 'ACTIVE', 'SUSPENDED', 'CLOSED', 'DELETION_REQUESTED', 'DELETED', 'DECEASED'));

-- since: when the present state began; closed_at: what the ten years count from; due_at, due_event: what the daily job
-- brings about, and when; noted: the erasure is in the list kept outside the database.
CREATE TABLE space_ending (
  space_id uuid PRIMARY KEY,
  motive text NOT NULL CHECK (motive IN ('holder', 'fraud', 'malfunction', 'death')),
  zone text NOT NULL,
  since timestamptz NOT NULL,
  closed_at timestamptz,
  due_at timestamptz,
  due_event text CHECK (due_event IN ('close-suspended', 'erase-requested', 'erase-archived')),
  erased_at timestamptz,
  noted boolean NOT NULL DEFAULT false,
  CHECK ((due_at IS NULL) = (due_event IS NULL))
);
COMMENT ON TABLE space_ending IS 'pii: that a space is suspended, closed, to be erased or erased, and when | retention: life of the space + 10 years; once erased, the minimal proof | basis: R1111-36, L1111-18 CSP';
CREATE INDEX space_ending_due ON space_ending (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX space_ending_to_note ON space_ending (space_id) WHERE erased_at IS NOT NULL AND NOT noted;
ALTER TABLE space_ending ENABLE ROW LEVEL SECURITY;
ALTER TABLE space_ending FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON space_ending TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_due ON space_ending TO carnet_batch USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON space_ending TO carnet_app;
GRANT SELECT (space_id, due_at, due_event, erased_at, noted), UPDATE (noted) ON space_ending TO carnet_batch;

-- What is given to whoever had a space erased. It names nobody: found by the digest of a number only they were given,
-- and proved by an entry of the public log under an id of its own.
CREATE TABLE erasure_certificate (
  certificate_id uuid PRIMARY KEY,
  number_digest bytea NOT NULL UNIQUE CHECK (length(number_digest) = 32),
  issued_at timestamptz NOT NULL,
  said text NOT NULL,
  note text NOT NULL
);
COMMENT ON TABLE erasure_certificate IS 'pii: none (dates, and how many keys were destroyed) | retention: for ever | basis: R1111-36 CSP (the holder is told)';
GRANT SELECT, INSERT ON erasure_certificate TO carnet_app;

-- The one door through which a space's rows go away. It acts for a space that is DELETED already and for the one this
-- transaction is narrowed to; nobody signs in as its owner.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carnet_eraser') THEN
    CREATE ROLE carnet_eraser NOLOGIN NOSUPERUSER NOBYPASSRLS;
    GRANT carnet_eraser TO CURRENT_USER;
    GRANT carnet_app TO carnet_eraser;
  END IF;
END $$;
GRANT USAGE ON SCHEMA carnet TO carnet_eraser;
GRANT SELECT, DELETE ON ALL TABLES IN SCHEMA carnet TO carnet_eraser;
ALTER DEFAULT PRIVILEGES IN SCHEMA carnet GRANT SELECT, DELETE ON TABLES TO carnet_eraser;

CREATE FUNCTION forget_space(space uuid, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = carnet
AS $$
DECLARE
  -- the proof of what happened, and of its end, outlives the space; nothing of it leads back to a person
  kept CONSTANT text[] := ARRAY['authz', 'space_ending', 'journal_head', 'journal_entry', 'journal_pending', 'journal_leaf', 'account'];
  waiting text[];
  later text[];
  bound text;
BEGIN
  IF this_space() IS DISTINCT FROM space OR NOT EXISTS (SELECT FROM authz a WHERE a.space_id = space AND a.state = 'DELETED') THEN
    RAISE EXCEPTION 'only an erased space is forgotten' USING ERRCODE = 'insufficient_privilege';
  END IF;
  FOR bound IN SELECT c.table_name FROM information_schema.columns c JOIN information_schema.columns s USING (table_schema, table_name)
      WHERE c.table_schema = 'carnet' AND c.column_name = 'blob_id' AND s.column_name = 'space_id' LOOP
    EXECUTE format('INSERT INTO deposit_intent (blob_id, noted_at, doomed_at) SELECT blob_id, $2, $2 FROM %I
      WHERE space_id = $1 AND blob_id IS NOT NULL ON CONFLICT (blob_id) DO UPDATE SET doomed_at = excluded.doomed_at', bound) USING space, at;
  END LOOP;
  -- what lies under the key of the house, found by the digest of the person's number while the index still knows it
  DELETE FROM unclaimed_mail u USING ins_index i WHERE i.space_id = space AND u.addressed @> ARRAY[i.ins_digest];
  DELETE FROM desk_proof p USING desk_contact c JOIN ins_index i USING (ins_digest)
    WHERE i.space_id = space AND p.contact_id = c.contact_id;
  DELETE FROM web_session s USING account a WHERE a.account_id = s.account_id AND a.space_id = space;
  DELETE FROM account a WHERE a.space_id = space;
  SELECT array_agg(c.table_name::text) INTO waiting FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'carnet' AND c.column_name = 'space_id' AND t.table_type = 'BASE TABLE' AND c.table_name <> ALL (kept);
  -- a table another one still points at is tried again after it
  WHILE cardinality(waiting) > 0 LOOP
    later := '{}';
    FOREACH bound IN ARRAY waiting LOOP
      BEGIN
        EXECUTE format('DELETE FROM %I WHERE space_id = $1', bound) USING space;
      EXCEPTION WHEN foreign_key_violation THEN
        later := later || bound;
      END;
    END LOOP;
    IF cardinality(later) = cardinality(waiting) THEN
      RAISE EXCEPTION 'rows point at one another in %', later;
    END IF;
    waiting := later;
  END LOOP;
END $$;
GRANT CREATE ON SCHEMA carnet TO carnet_eraser;
ALTER FUNCTION forget_space(uuid, timestamptz) OWNER TO carnet_eraser;
REVOKE CREATE ON SCHEMA carnet FROM carnet_eraser;
REVOKE ALL ON FUNCTION forget_space(uuid, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_space(uuid, timestamptz) TO carnet_app;
GRANT UPDATE (doomed_at) ON deposit_intent TO carnet_eraser;
