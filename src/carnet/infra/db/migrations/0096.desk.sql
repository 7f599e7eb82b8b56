-- Contacts of people with the desk: one row each, with how the identity was checked and what was done. Found by the
-- person's keyed digest, so that the row names nobody; the person reads of it in their journal.
SET LOCAL search_path = carnet;

-- what an agent compares without any key of a space: a keyed digest of name and birth date
ALTER TABLE ins_index ADD COLUMN traits_mac bytea;
COMMENT ON TABLE ins_index IS 'pii: keyed digests of the INS and of name and birth date | retention: life of the space | basis: L1111-13-1 CSP';

CREATE TABLE desk_contact (
  contact_id uuid PRIMARY KEY,
  agent text NOT NULL REFERENCES agent (reference),
  channel text NOT NULL CHECK (channel IN ('phone', 'counter', 'post')),
  began_at timestamptz NOT NULL,
  ended_at timestamptz,
  ins_digest bytea,
  asker text CHECK (asker IN ('person', 'representative')),
  shown text[] NOT NULL DEFAULT '{}',
  checked_at timestamptz,
  script text,
  deeds text[] NOT NULL DEFAULT '{}',
  outcome text CHECK (outcome IN ('done', 'informed', 'refused', 'not-found', 'given-up')),
  told_at timestamptz,
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  CHECK ((checked_at IS NULL) = (shown = '{}'))
);
COMMENT ON TABLE desk_contact IS 'pii: that somebody (keyed digest of the INS) asked the desk for something, what they showed, who answered | retention: 1 year | basis: R1111-28, R1111-43 CSP';
CREATE INDEX desk_contact_agent ON desk_contact (agent, began_at);
CREATE INDEX desk_contact_untold ON desk_contact (ins_digest) WHERE told_at IS NULL AND ins_digest IS NOT NULL;

-- Scanned letters: written by the web, which cannot read them back; opened by an operator's command, when contested.
CREATE TABLE desk_proof (
  proof_id uuid PRIMARY KEY,
  contact_id uuid NOT NULL,
  at timestamptz NOT NULL,
  media_type text NOT NULL,
  proof_enc bytea NOT NULL
);
COMMENT ON TABLE desk_proof IS 'pii: scanned letter of an objection (sealed with the house key) | retention: 10 years, the erasure of the space at the latest | basis: R1111-28 CSP (proof of objection)';

GRANT SELECT, INSERT, UPDATE ON desk_contact TO carnet_app;
GRANT INSERT ON desk_proof TO carnet_app;
GRANT SELECT, DELETE ON desk_contact TO carnet_batch;
GRANT SELECT ON desk_proof TO carnet_batch;
