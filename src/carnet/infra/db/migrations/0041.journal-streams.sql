-- Two streams of leaves a space: what its person may be told, numbered without a gap, and what is withheld from them until
-- it is announced (docs/journal-format.md §3). A gap would tell that something is hidden. Nothing was sealed before.
SET LOCAL search_path = carnet;

DROP TABLE journal_leaf;
CREATE TABLE journal_leaf (
  space_id uuid NOT NULL,
  held boolean NOT NULL,
  place bigint NOT NULL CHECK (place > 0),
  seq bigint NOT NULL,
  leaf_index bigint NOT NULL CHECK (leaf_index >= 0),
  sealed_at timestamptz NOT NULL,
  leaf_hash bytea NOT NULL CHECK (length(leaf_hash) = 32),
  left_out uuid[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (space_id, held, place)
);
COMMENT ON TABLE journal_leaf IS 'pii: that documents were withheld when an entry was sealed (ids) | retention: as the journal | basis: R1111-43 CSP; EHDS art. 9';
CREATE UNIQUE INDEX journal_leaf_seq ON journal_leaf (space_id, seq, held);
ALTER TABLE journal_leaf ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal_leaf FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON journal_leaf TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space());
CREATE POLICY sequencer ON journal_leaf TO carnet_sequencer USING (true) WITH CHECK (true);
GRANT SELECT ON journal_leaf TO carnet_app;
GRANT SELECT, INSERT ON journal_leaf TO carnet_sequencer;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journal_leaf FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON journal_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- The sequencer must know which documents are withheld from their person, and nothing else about them.
GRANT SELECT (space_id, document_id, invisible_patient) ON document TO carnet_sequencer;
CREATE POLICY sequencer ON document FOR SELECT TO carnet_sequencer USING (true);
