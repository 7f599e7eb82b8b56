-- A person's copy of everything of theirs: asked for, made by the worker, kept sealed for some days, then gone.
SET LOCAL search_path = carnet;

CREATE TABLE data_export (
  space_id uuid NOT NULL,
  export_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('asked', 'making', 'ready', 'failed')),
  account_id uuid NOT NULL,
  language text NOT NULL CHECK (language IN ('fr', 'en')),
  asked_at timestamptz NOT NULL,
  touched_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  done integer NOT NULL DEFAULT 0,
  total integer NOT NULL DEFAULT 0,
  blob_id uuid,
  size bigint,
  ready_at timestamptz,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (space_id, export_id),
  CHECK (state <> 'ready' OR num_nonnulls(blob_id, size, ready_at) = 3)
);
COMMENT ON TABLE data_export IS 'pii: that a copy was asked for, when, and where its sealed bytes are | retention: days (a setting), then deleted with its bytes | basis: art. 15 and 20 GDPR';
CREATE UNIQUE INDEX data_export_one ON data_export (space_id) WHERE state IN ('asked', 'making');
CREATE INDEX data_export_to_make ON data_export (touched_at) WHERE state IN ('asked', 'making');
CREATE INDEX data_export_expiry ON data_export (expires_at);
ALTER TABLE data_export ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_export FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON data_export TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_due ON data_export TO carnet_batch USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON data_export TO carnet_app;
GRANT SELECT (space_id, export_id, state, touched_at, attempts, blob_id, expires_at) ON data_export TO carnet_batch;
