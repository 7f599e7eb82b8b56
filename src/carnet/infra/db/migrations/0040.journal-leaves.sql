-- What makes a journal entry provable (docs/journal-format.md, docs/decisions/0013): a nonce a entry, a secret a space,
-- the list of what waits to be sealed, and where each sealed entry lies in the public log.
SET LOCAL search_path = carnet;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carnet_sequencer') THEN
    CREATE ROLE carnet_sequencer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
  END IF;
END $$;
GRANT USAGE ON SCHEMA carnet TO carnet_sequencer;

-- Two random UUIDs are 244 bits of the server's strong generator; the application sends its own nonce, this is for rows
-- that existed before and for whoever sends none.
CREATE FUNCTION chance() RETURNS bytea LANGUAGE sql VOLATILE
  RETURN decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

ALTER TABLE journal_entry ADD COLUMN nonce bytea NOT NULL DEFAULT chance();
ALTER TABLE journal_head ADD COLUMN secret bytea NOT NULL DEFAULT chance();
COMMENT ON TABLE journal_head IS 'pii: none (a counter, and the secret that finds its leaves in the public log) | retention: as the journal | basis: R1111-43 CSP';

-- A row is written with its entry and removed when the entry is sealed. What a slow transaction commits late appears here
-- late and is sealed late: nothing has to guess which numbers are still on their way.
CREATE TABLE journal_pending (
  space_id uuid NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (space_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
COMMENT ON TABLE journal_pending IS 'pii: that something happened (no word of what) | retention: seconds, until sealed | basis: R1111-43 CSP';

CREATE TABLE journal_leaf (
  space_id uuid NOT NULL,
  seq bigint NOT NULL,
  leaf_index bigint NOT NULL CHECK (leaf_index >= 0),
  sealed_at timestamptz NOT NULL,
  leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32),
  PRIMARY KEY (space_id, seq)
);
COMMENT ON TABLE journal_leaf IS 'pii: none (where entries lie in the public log) | retention: as the journal | basis: R1111-43 CSP; EHDS art. 9';

CREATE TABLE journal_log (
  origin text PRIMARY KEY,
  size bigint NOT NULL CHECK (size >= 0)
);
COMMENT ON TABLE journal_log IS 'pii: none (how many entries are sealed) | retention: for ever | basis: R1111-43 CSP';

-- The owner is bound by row security too, and no policy is for it: without this it would see no entry.
ALTER TABLE journal_entry NO FORCE ROW LEVEL SECURITY;
INSERT INTO journal_pending (space_id, seq) SELECT e.space_id, e.seq FROM journal_entry e;
ALTER TABLE journal_entry FORCE ROW LEVEL SECURITY;

DO $$
DECLARE bound text;
BEGIN
  FOREACH bound IN ARRAY ARRAY['journal_pending', 'journal_leaf'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', bound);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', bound);
    EXECUTE format('CREATE POLICY one_space ON %I TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space())', bound);
    EXECUTE format('CREATE POLICY sequencer ON %I TO carnet_sequencer USING (true) WITH CHECK (true)', bound);
  END LOOP;
END $$;
CREATE POLICY sequencer ON journal_entry FOR SELECT TO carnet_sequencer USING (true);
CREATE POLICY sequencer ON journal_head FOR SELECT TO carnet_sequencer USING (true);
CREATE POLICY journal_writer ON journal_pending FOR INSERT TO carnet_journal WITH CHECK (true);
GRANT INSERT ON journal_pending TO carnet_journal;
GRANT EXECUTE ON FUNCTION chance() TO carnet_journal;
GRANT SELECT ON journal_leaf, journal_pending, journal_log TO carnet_app;
GRANT SELECT ON journal_entry, journal_head TO carnet_sequencer;
-- UPDATE only so that a row can be locked while it is sealed
GRANT SELECT, UPDATE, DELETE ON journal_pending TO carnet_sequencer;
GRANT SELECT, INSERT ON journal_leaf TO carnet_sequencer;
GRANT SELECT, INSERT, UPDATE ON journal_log TO carnet_sequencer;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journal_leaf FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON journal_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- As before, plus the nonce and the row that waits to be sealed.
CREATE OR REPLACE FUNCTION journal_append(entries jsonb) RETURNS TABLE (space_id uuid, seq bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = carnet
AS $$
  WITH given AS (
    SELECT (e.value ->> 'space_id')::uuid AS space_id, e.value AS entry, e.ordinality AS place
    FROM jsonb_array_elements(entries) WITH ORDINALITY AS e
  ), heads AS (
    INSERT INTO journal_head AS head (space_id, seq)
    SELECT g.space_id, count(*) FROM given g GROUP BY g.space_id ORDER BY g.space_id
    ON CONFLICT (space_id) DO UPDATE SET seq = head.seq + excluded.seq
    RETURNING head.space_id, head.seq
  ), numbered AS (
    SELECT g.space_id, g.entry, g.place,
           h.seq - count(*) OVER (PARTITION BY g.space_id) + row_number() OVER (PARTITION BY g.space_id ORDER BY g.place) AS seq
    FROM given g JOIN heads h USING (space_id)
  ), written AS (
  INSERT INTO journal_entry (space_id, seq, at, act, outcome, reason, ground, actor_kind, actor_id, actor_name, profession,
    organisation, organisation_name, client_id, client_name, on_behalf_of, session, document_ids, details, nonce)
  SELECT n.space_id, n.seq, (entry ->> 'at')::timestamptz, entry ->> 'act', entry ->> 'outcome', entry ->> 'reason',
    entry ->> 'ground', entry ->> 'actor_kind', entry ->> 'actor_id', entry ->> 'actor_name', entry ->> 'profession',
    entry ->> 'organisation', entry ->> 'organisation_name', entry ->> 'client_id', entry ->> 'client_name',
    entry ->> 'on_behalf_of', entry ->> 'session',
    coalesce((SELECT array_agg(d::uuid) FROM jsonb_array_elements_text(entry -> 'document_ids') AS d), '{}'),
    coalesce(entry -> 'details', '{}'), coalesce(decode(entry ->> 'nonce', 'hex'), chance())
  FROM numbered n
  ), waiting AS (
  INSERT INTO journal_pending (space_id, seq) SELECT n.space_id, n.seq FROM numbered n
  )
  SELECT n.space_id, n.seq FROM numbered n ORDER BY n.place
$$;
