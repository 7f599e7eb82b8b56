-- Mail between professionals about a patient: kept for its addressee, and never in the patient's space.
SET LOCAL search_path = carnet;

-- state: waiting to be read; quarantined; leaving for the addressee's operator; sent; refused (its sender is to know); told
-- (they do); done (nothing is kept). addressee: keyed digest of the mailbox; about: keyed digests of the patient's number,
-- as ins_index has them, one an accepted OID, never compared with anything but by an erasure. forget: that person was
-- erased meanwhile. letter_enc: what it says and the files beside it, once it was read. destination: whose operator is next.
CREATE TABLE colleague_mail (
  mail_id uuid PRIMARY KEY,
  addressee bytea NOT NULL,
  about bytea[] NOT NULL CHECK (cardinality(about) > 0),
  once bytea UNIQUE,
  received_at timestamptz NOT NULL,
  peer text NOT NULL,
  sender_domain text NOT NULL,
  destination text NOT NULL,
  size integer NOT NULL,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'quarantined', 'leaving', 'sent', 'refused', 'told', 'done')),
  reason text,
  tries integer NOT NULL DEFAULT 0,
  changed_at timestamptz NOT NULL,
  forget boolean NOT NULL DEFAULT false,
  sealed bytea,
  letter_enc bytea,
  CHECK ((state = 'done') = (sealed IS NULL)),
  CHECK (state <> 'done' OR letter_enc IS NULL)
);
COMMENT ON TABLE colleague_mail IS 'pii: health (mail between professionals, sealed with the key of the house; to whom and about whom, by keyed digest) | retention: 30 days; in quarantine until an operator decides; the erasure of who it is about at the latest | basis: L1110-4, L1110-12 CSP';
CREATE INDEX colleague_mail_addressee ON colleague_mail (addressee, received_at DESC) WHERE letter_enc IS NOT NULL;
CREATE INDEX colleague_mail_about ON colleague_mail USING gin (about);
CREATE INDEX colleague_mail_aside ON colleague_mail (received_at) WHERE state = 'quarantined';
GRANT SELECT, INSERT, UPDATE, DELETE ON colleague_mail TO carnet_app;
GRANT SELECT (mail_id, received_at, peer, sender_domain, size, state, reason, changed_at) ON colleague_mail TO carnet_batch;
GRANT DELETE ON colleague_mail TO carnet_batch;
GRANT UPDATE (forget) ON colleague_mail TO carnet_eraser;

-- Which domains are of the trust space is asked for every recipient who is no person.
CREATE INDEX mss_mailbox_domain ON mss_mailbox (split_part(address, '@', 2));

-- Whom it is about is erased: what was handed over goes at once, what is still on its way as soon as it is.
CREATE FUNCTION forget_colleague_mail() RETURNS trigger LANGUAGE plpgsql SET search_path = carnet AS $$
BEGIN
  DELETE FROM colleague_mail WHERE about @> ARRAY[OLD.ins_digest] AND state IN ('sent', 'told', 'done');
  UPDATE colleague_mail SET forget = true WHERE about @> ARRAY[OLD.ins_digest];
  RETURN NULL;
END $$;
CREATE TRIGGER forget_colleague_mail AFTER DELETE ON ins_index FOR EACH ROW EXECUTE FUNCTION forget_colleague_mail();
