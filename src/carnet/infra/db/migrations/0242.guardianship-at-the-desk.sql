-- A guardian is recorded or ended at the desk, upon a scanned judgment, by two agents (decision 0247).
SET LOCAL search_path = carnet;

-- What was asked at a desk. Found by the protected person's keyed digest, as contacts are; guardian: another keyed digest,
-- so that one request waits for a pair; who both are, what was judged and what was scanned lie under the key of the house.
CREATE TABLE guardianship_request (
  request_id uuid PRIMARY KEY,
  ins_digest bytea NOT NULL CHECK (length(ins_digest) = 32),
  guardian bytea NOT NULL CHECK (length(guardian) = 32),
  asker text NOT NULL CHECK (asker IN ('person', 'representative')),
  shown text[] NOT NULL,
  measure text NOT NULL CHECK (measure IN ('tutelle', 'curatelle', 'habilitation', 'over')),
  file_enc bytea NOT NULL,
  proof_type text,
  proof_enc bytea,
  asked_by text NOT NULL REFERENCES agent (reference),
  asked_at timestamptz NOT NULL,
  answer text CHECK (answer IN ('granted', 'refused')),
  reason text CHECK (reason IN ('proof', 'other')),
  answered_by text REFERENCES agent (reference),
  answered_at timestamptz,
  CONSTRAINT refusals_have_a_reason CHECK ((reason IS NOT NULL) = (answer IS NOT DISTINCT FROM 'refused')),
  CONSTRAINT answers_are_signed CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
  CONSTRAINT four_eyes CHECK (answered_by IS NULL OR answered_by <> asked_by)
);
COMMENT ON TABLE guardianship_request IS 'pii: that a judge protects somebody (keyed digest of the INS), by whom and until when, and the scanned judgment (sealed with the house key), which agents | retention: 10 years, the erasure of the space at the latest; scanned judgment: 1 year after the answer | basis: art. 425, 459, 494-1 code civil; L1111-2, R1111-26 CSP';
CREATE UNIQUE INDEX guardianship_request_open ON guardianship_request (ins_digest, guardian) WHERE answer IS NULL;
GRANT SELECT, INSERT ON guardianship_request TO carnet_app;
GRANT UPDATE (answer, reason, answered_by, answered_at) ON guardianship_request TO carnet_app;
GRANT SELECT, DELETE, UPDATE (proof_type, proof_enc) ON guardianship_request TO carnet_batch;

CREATE FUNCTION forget_guardianship_requests() RETURNS trigger LANGUAGE plpgsql SET search_path = carnet AS $$
BEGIN
  DELETE FROM guardianship_request WHERE ins_digest = OLD.ins_digest;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_guardianship_requests AFTER DELETE ON ins_index FOR EACH ROW EXECUTE FUNCTION forget_guardianship_requests();
