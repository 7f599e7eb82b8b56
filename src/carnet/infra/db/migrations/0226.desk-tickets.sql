-- What a contact could not finish stays open for the desk: taken up by any of its agents, who find and recognise the
-- person anew. Found by the person's keyed digest, as contacts are: the row names nobody, and holds no word of anybody's.
SET LOCAL search_path = carnet;

ALTER TABLE desk_contact DROP CONSTRAINT desk_contact_outcome_check;
ALTER TABLE desk_contact ADD CONSTRAINT desk_contact_outcome_check
  CHECK (outcome IN ('done', 'informed', 'refused', 'not-found', 'given-up', 'left-open')) NOT VALID;

CREATE TABLE desk_ticket (
  ticket_id uuid PRIMARY KEY,
  desk text NOT NULL,
  ins_digest bytea NOT NULL,
  script text NOT NULL CHECK (script IN ('objection', 'retraction', 'activation', 'closing', 'lost-access', 'dispute', 'new-code')),
  reason text NOT NULL CHECK (reason IN ('proof', 'call-back', 'letter', 'outage', 'question')),
  left_by text NOT NULL REFERENCES agent (reference),
  left_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  taken_by text REFERENCES agent (reference),
  taken_at timestamptz,
  closed_by text REFERENCES agent (reference),
  closed_at timestamptz,
  outcome text CHECK (outcome IN ('done', 'withdrawn', 'not-possible', 'not-returned')),
  CONSTRAINT every_ticket_is_due CHECK (due_at > left_at),
  CONSTRAINT taking_up_is_signed CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
  CONSTRAINT closing_is_signed CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome IS NULL))
);
COMMENT ON TABLE desk_ticket IS 'pii: that somebody (keyed digest of the INS) has a request open at a desk, which kind, why, which agents | retention: 1 year, the erasure of the space at the latest | basis: R1111-28, R1111-43 CSP';
CREATE UNIQUE INDEX desk_ticket_one ON desk_ticket (ins_digest, desk, script) WHERE closed_at IS NULL;
CREATE INDEX desk_ticket_desk ON desk_ticket (desk, due_at) WHERE closed_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON desk_ticket TO carnet_app;
GRANT SELECT, DELETE ON desk_ticket TO carnet_batch;

-- Whom it is about is erased: nothing is left to take up.
CREATE FUNCTION forget_desk_tickets() RETURNS trigger LANGUAGE plpgsql SET search_path = carnet AS $$
BEGIN
  DELETE FROM desk_ticket WHERE ins_digest = OLD.ins_digest;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_desk_tickets AFTER DELETE ON ins_index FOR EACH ROW EXECUTE FUNCTION forget_desk_tickets();
