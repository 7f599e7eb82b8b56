-- The heirs' procedure: what the person said while alive, the requests of heirs as the desk's files, and the physician who
-- reads for one of them, as a row of the deceased's space that every decision reads again.
SET LOCAL search_path = carnet;

ALTER TABLE authz ADD COLUMN refuses_heirs boolean NOT NULL DEFAULT false;

ALTER TABLE desk_contact DROP CONSTRAINT desk_contact_asker_check;
ALTER TABLE desk_contact ADD CONSTRAINT desk_contact_asker_check CHECK (asker IN ('person', 'representative', 'heir')) NOT VALID;

-- place: the space, as in review_case; heir: keyed digest of the INS of who asks, by which they find their own requests.
CREATE TABLE heirs_request (
  request_id uuid PRIMARY KEY,
  place uuid NOT NULL,
  heir bytea NOT NULL CHECK (length(heir) = 32),
  capacity text NOT NULL CHECK (capacity IN ('spouse', 'partner', 'pacs', 'heir', 'parent')),
  motive text CHECK (motive IN ('causes', 'memory', 'rights')),
  physician text NOT NULL REFERENCES professional,
  withheld text[] NOT NULL DEFAULT '{}',
  request_enc bytea NOT NULL,
  proof_type text,
  proof_enc bytea,
  asked_by text NOT NULL REFERENCES agent (reference),
  asked_at timestamptz NOT NULL,
  answer text CHECK (answer IN ('granted', 'refused')),
  reason text CHECK (reason IN ('person-refused', 'not-entitled', 'motive', 'proof')),
  answered_by text REFERENCES agent (reference),
  answered_at timestamptz,
  until timestamptz,
  ended_at timestamptz,
  CONSTRAINT a_parent_needs_no_motive CHECK ((capacity = 'parent') = (motive IS NULL)),
  CONSTRAINT refusals_have_a_reason CHECK ((reason IS NOT NULL) = (answer IS NOT DISTINCT FROM 'refused')),
  CONSTRAINT only_a_grant_lasts CHECK ((until IS NOT NULL) = (answer IS NOT DISTINCT FROM 'granted')),
  CONSTRAINT answers_are_signed CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
  CONSTRAINT four_eyes CHECK (answered_by IS NULL OR answered_by <> asked_by OR reason IS NOT DISTINCT FROM 'person-refused')
);
COMMENT ON TABLE heirs_request IS 'pii: who asks for a deceased person''s information, in what capacity, why, which physician is to read (identity, statement and scanned proof sealed with the house key) | retention: erasure of the space, 10 years after the death; scanned proof: 1 year after the answer | basis: L1110-4 V, L1111-18, R1111-7 CSP';
CREATE INDEX heirs_request_open ON heirs_request (asked_at) WHERE ended_at IS NULL;
CREATE INDEX heirs_request_heir ON heirs_request (heir);
CREATE INDEX heirs_request_place ON heirs_request (place);
GRANT SELECT, INSERT, DELETE ON heirs_request TO carnet_app;
GRANT UPDATE (answer, reason, answered_by, answered_at, until, ended_at) ON heirs_request TO carnet_app;
GRANT SELECT, UPDATE (proof_type, proof_enc) ON heirs_request TO carnet_batch;

-- withheld: typeCodes a grown minor kept from those who represented them (L1111-5 CSP).
CREATE TABLE heirs_reading (
  space_id uuid NOT NULL,
  request_id uuid NOT NULL,
  rpps text NOT NULL REFERENCES professional,
  capacity text NOT NULL,
  motive text,
  withheld text[] NOT NULL,
  granted_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (space_id, request_id),
  CONSTRAINT every_reading_ends CHECK (ends_at > granted_at)
);
COMMENT ON TABLE heirs_reading IS 'pii: which physician reads in a deceased person''s space for an heir, until when | retention: erasure of the space | basis: L1110-4 V, L1111-7 CSP';
ALTER TABLE heirs_reading ENABLE ROW LEVEL SECURITY;
ALTER TABLE heirs_reading FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON heirs_reading TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE (ended_at) ON heirs_reading TO carnet_app;
