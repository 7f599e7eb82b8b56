-- Emergency: who broke the glass, in which session, until when; how often; and the cases somebody must look into.
SET LOCAL search_path = carnet;

-- Nothing of the finer rules is looked up where the person never used them: these columns say so.
ALTER TABLE authz
  ADD COLUMN emergency_until timestamptz,
  ADD COLUMN teamed boolean NOT NULL DEFAULT false,
  ADD COLUMN restricted boolean NOT NULL DEFAULT false,
  ADD COLUMN guarded boolean NOT NULL DEFAULT false,
  ADD COLUMN safeguarded text[] NOT NULL DEFAULT '{}',
  ADD COLUMN strong_consent boolean NOT NULL DEFAULT false;

CREATE TABLE emergency_access (
  space_id uuid NOT NULL,
  emergency_id uuid NOT NULL,
  mode text NOT NULL CHECK (mode IN ('bris_de_glace', 'centre_15')),
  rpps text NOT NULL REFERENCES professional,
  session text NOT NULL CHECK (session <> ''),
  finess text,
  reason_enc bytea NOT NULL,
  asked_at timestamptz NOT NULL,
  granted_at timestamptz,
  ends_at timestamptz,
  ended_at timestamptz,
  approved_by text REFERENCES professional,
  handle text,
  PRIMARY KEY (space_id, emergency_id),
  CONSTRAINT granted_for_a_while_only CHECK (
    (granted_at IS NULL) = (ends_at IS NULL) AND ends_at > granted_at AND ends_at <= granted_at + interval '2 hours'),
  CONSTRAINT nobody_approves_themselves CHECK (approved_by <> rpps)
);
COMMENT ON TABLE emergency_access IS 'pii: who opened the space in an emergency (reason sealed) | retention: life of the space + 10 years; a day when never granted | basis: L1111-17 I, R1111-48 CSP';
CREATE UNIQUE INDEX emergency_access_one ON emergency_access (space_id, rpps, session) WHERE granted_at IS NOT NULL AND ended_at IS NULL;
CREATE UNIQUE INDEX emergency_access_asked ON emergency_access (space_id, rpps) WHERE granted_at IS NULL AND ended_at IS NULL;

-- Shared, and silent about patients: how often a professional broke the glass lately, wherever that was.
CREATE TABLE emergency_budget (
  rpps text PRIMARY KEY REFERENCES professional,
  uses timestamptz[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE emergency_budget IS 'pii: when a professional used an emergency access (no patient) | retention: a rolling day | basis: L1111-17 I CSP (control of emergency access)';

-- What a second professional of the same organisation is asked to approve. handle: random; the space and the request
-- are sealed, so that neither colleagues nor this table tell whose space somebody waits for.
CREATE TABLE emergency_waiting (
  handle text PRIMARY KEY,
  place_enc bytea NOT NULL,
  finess text NOT NULL REFERENCES care_organisation,
  rpps text NOT NULL REFERENCES professional,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE emergency_waiting IS 'pii: which professional waits for a second one (the space is sealed) | retention: minutes | basis: L1111-17 I CSP';
CREATE INDEX emergency_waiting_finess ON emergency_waiting (finess);

-- Cases people follow without seeing content. place: the space, opaque, so that the answer finds its way back.
CREATE TABLE review_case (
  case_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('emergency', 'dispute')),
  place text NOT NULL,
  rpps text NOT NULL REFERENCES professional,
  finess text,
  opened_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  closed_at timestamptz,
  outcome text CHECK (outcome IN ('justified', 'unjustified', 'recognised', 'withdrawn')),
  closed_by text,
  CHECK ((closed_at IS NULL) = (outcome IS NULL))
);
COMMENT ON TABLE review_case IS 'pii: pseudonymous (a professional, a space id, dates) | retention: closing + 10 years | basis: L1111-17 I, L1111-19 CSP';
CREATE INDEX review_case_open ON review_case (due_at) WHERE closed_at IS NULL;

ALTER TABLE emergency_access ENABLE ROW LEVEL SECURITY;
ALTER TABLE emergency_access FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON emergency_access TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE ON emergency_access, emergency_budget, review_case TO carnet_app;
GRANT SELECT, INSERT, DELETE ON emergency_waiting TO carnet_app;
-- Requests nobody granted are forgotten; what was granted stays, whoever asks.
CREATE POLICY batch_retention ON emergency_access TO carnet_batch USING (granted_at IS NULL);
GRANT SELECT (granted_at, asked_at), DELETE ON emergency_access TO carnet_batch;
GRANT SELECT (expires_at), DELETE ON emergency_waiting TO carnet_batch;
