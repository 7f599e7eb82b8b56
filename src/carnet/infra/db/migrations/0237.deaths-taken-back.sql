-- A death noted by mistake is taken back upon proof, by two agents of the desk: where the person stood is kept with the
-- death, and once taken back no file tells of another before somebody looked (decision 0235).
SET LOCAL search_path = carnet;

ALTER TABLE enrolment ADD COLUMN once text, ADD COLUMN alive_at timestamptz;
ALTER TABLE space_ending ADD COLUMN once text, ADD COLUMN motive_once text, ADD COLUMN alive_at timestamptz;

-- What was asked at a desk. Found by the person's keyed digest, as contacts are; who it is about, as the asker names
-- them, and what they showed lie under the key of the house.
CREATE TABLE death_contest (
  contest_id uuid PRIMARY KEY,
  ins_digest bytea NOT NULL CHECK (length(ins_digest) = 32),
  asker text NOT NULL CHECK (asker IN ('person', 'representative')),
  shown text[] NOT NULL,
  person_enc bytea NOT NULL,
  proof_type text,
  proof_enc bytea,
  asked_by text NOT NULL REFERENCES agent (reference),
  asked_at timestamptz NOT NULL,
  answer text CHECK (answer IN ('taken-back', 'refused')),
  reason text CHECK (reason IN ('proof', 'confirmed')),
  answered_by text REFERENCES agent (reference),
  answered_at timestamptz,
  CONSTRAINT refusals_have_a_reason CHECK ((reason IS NOT NULL) = (answer IS NOT DISTINCT FROM 'refused')),
  CONSTRAINT answers_are_signed CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL)),
  CONSTRAINT four_eyes CHECK (answered_by IS NULL OR answered_by <> asked_by)
);
COMMENT ON TABLE death_contest IS 'pii: that somebody (keyed digest of the INS) noted as dead says they live, their name and scanned proof (sealed with the house key), which agents | retention: 10 years, the erasure of the space at the latest; scanned proof: 1 year after the answer | basis: art. 5.1.d and 16 GDPR';
CREATE UNIQUE INDEX death_contest_open ON death_contest (ins_digest) WHERE answer IS NULL;
GRANT SELECT, INSERT ON death_contest TO carnet_app;
GRANT UPDATE (answer, reason, answered_by, answered_at) ON death_contest TO carnet_app;
GRANT SELECT, DELETE, UPDATE (proof_type, proof_enc) ON death_contest TO carnet_batch;

CREATE FUNCTION forget_death_contests() RETURNS trigger LANGUAGE plpgsql SET search_path = carnet AS $$
BEGIN
  DELETE FROM death_contest WHERE ins_digest = OLD.ins_digest;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_death_contests AFTER DELETE ON ins_index FOR EACH ROW EXECUTE FUNCTION forget_death_contests();

-- Heirs who asked about somebody who lives are answered by that, whoever takes the death back.
ALTER TABLE heirs_request DROP CONSTRAINT heirs_request_reason_check, DROP CONSTRAINT four_eyes;
ALTER TABLE heirs_request ADD CONSTRAINT heirs_request_reason_check
  CHECK (reason IN ('person-refused', 'not-entitled', 'motive', 'proof', 'alive')),
  ADD CONSTRAINT four_eyes CHECK (answered_by IS NULL OR answered_by <> asked_by
    OR reason IS NOT DISTINCT FROM 'person-refused' OR reason IS NOT DISTINCT FROM 'alive');
