-- Messages between professionals and persons: what arrives, what is kept, what leaves.
SET LOCAL search_path = carnet;

-- Mail acknowledged by SMTP and not yet read: the raw message, sealed. Emptied once its message is in the conversation.
CREATE TABLE incoming_mail (
  space_id uuid NOT NULL,
  mail_id uuid NOT NULL,
  received_at timestamptz NOT NULL,
  peer text NOT NULL,
  sender_domain text NOT NULL,
  size integer NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'quarantined', 'done')),
  reason text,
  settled_at timestamptz,
  sealed bytea,
  PRIMARY KEY (space_id, mail_id),
  CHECK ((state = 'done') = (sealed IS NULL))
);
COMMENT ON TABLE incoming_mail IS 'pii: health (a message, sealed) | retention: until delivered; in quarantine until an operator decides | basis: L1111-13-1, R1111-39 CSP';
CREATE INDEX incoming_mail_unsettled ON incoming_mail (received_at) WHERE state <> 'done';
ALTER TABLE incoming_mail ENABLE ROW LEVEL SECURITY;
ALTER TABLE incoming_mail FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON incoming_mail TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_all ON incoming_mail FOR SELECT TO carnet_batch USING (true);
GRANT SELECT, INSERT, UPDATE ON incoming_mail TO carnet_app;
GRANT SELECT (space_id, mail_id, received_at, peer, sender_domain, size, state, reason, settled_at) ON incoming_mail TO carnet_batch;

-- Mail acknowledged for an address nobody reads (no such space, or not open): the sender learns nothing either way.
-- addressed: keyed digests of the recipient's number, as ins_index has them, one an accepted OID: an erasure takes it along.
CREATE TABLE unclaimed_mail (
  mail_id uuid PRIMARY KEY,
  addressed bytea[] NOT NULL CHECK (cardinality(addressed) > 0),
  received_at timestamptz NOT NULL,
  peer text NOT NULL,
  sender_domain text NOT NULL,
  size integer NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done')),
  settled_at timestamptz,
  sealed bytea,
  CHECK ((state = 'done') = (sealed IS NULL))
);
COMMENT ON TABLE unclaimed_mail IS 'pii: health (a message to an unknown address, sealed with the key of the house; to whom, by keyed digest) | retention: 30 days, the erasure of the space at the latest | basis: R1111-39 CSP';
CREATE INDEX unclaimed_mail_addressed ON unclaimed_mail USING gin (addressed);
GRANT SELECT, INSERT, UPDATE ON unclaimed_mail TO carnet_app;
GRANT SELECT (mail_id, received_at, peer, sender_domain, size, state, settled_at) ON unclaimed_mail TO carnet_batch;
GRANT UPDATE (state, settled_at, sealed) ON unclaimed_mail TO carnet_batch;

CREATE TABLE conversation (
  space_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  opened_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  messages integer NOT NULL DEFAULT 0,
  unread integer NOT NULL DEFAULT 0 CHECK (unread >= 0),
  ended_at timestamptz,
  deleted_at timestamptz,
  head_enc bytea,
  PRIMARY KEY (space_id, conversation_id),
  CHECK ((deleted_at IS NULL) = (head_enc IS NOT NULL))
);
COMMENT ON TABLE conversation IS 'pii: health (subject and people, sealed; when they wrote) | retention: until the person deletes it, life of the space | basis: L1111-13-1, R1111-39 CSP';
CREATE INDEX conversation_recent ON conversation (space_id, last_at DESC, conversation_id) WHERE deleted_at IS NULL;
ALTER TABLE conversation ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON conversation TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE ON conversation TO carnet_app;

CREATE TABLE message (
  space_id uuid NOT NULL,
  message_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('received', 'draft', 'queued', 'sent', 'partly', 'failed')),
  read_at timestamptz,
  once bytea NOT NULL,
  reference bytea NOT NULL,
  letter_enc bytea,
  PRIMARY KEY (space_id, message_id)
);
COMMENT ON TABLE message IS 'pii: health (a message, sealed) | retention: until the person deletes the conversation, life of the space | basis: L1111-13-1, R1111-39 CSP';
CREATE UNIQUE INDEX message_once ON message (space_id, once);
CREATE INDEX message_reference ON message (space_id, reference);
CREATE INDEX message_conversation ON message (space_id, conversation_id, at);
ALTER TABLE message ENABLE ROW LEVEL SECURITY;
ALTER TABLE message FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON message TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE ON message TO carnet_app;

-- What travels with a message: bytes of its own (a blob), or a document of the record, resolved when somebody reads; a
-- document's bytes lie here only while they are on their way out.
CREATE TABLE message_attachment (
  space_id uuid NOT NULL,
  message_id uuid NOT NULL,
  number smallint NOT NULL,
  size integer NOT NULL,
  blob_id uuid,
  document_id uuid,
  saved_as uuid,
  description_enc bytea,
  PRIMARY KEY (space_id, message_id, number)
);
COMMENT ON TABLE message_attachment IS 'pii: health (a file beside a message; name and kind sealed) | retention: as its message | basis: L1111-13-1, R1111-39 CSP';
ALTER TABLE message_attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_attachment FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON message_attachment TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_all ON message_attachment FOR SELECT TO carnet_batch USING (true);
CREATE INDEX message_attachment_blob ON message_attachment (blob_id) WHERE blob_id IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON message_attachment TO carnet_app;
GRANT SELECT (space_id, blob_id) ON message_attachment TO carnet_batch;

-- One line a recipient of a message that leaves.
CREATE TABLE outgoing_mail (
  space_id uuid NOT NULL,
  message_id uuid NOT NULL,
  number smallint NOT NULL,
  destination text NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'delivered', 'read', 'failed')),
  tries integer NOT NULL DEFAULT 0,
  note text,
  changed_at timestamptz NOT NULL,
  address_enc bytea,
  PRIMARY KEY (space_id, message_id, number)
);
COMMENT ON TABLE outgoing_mail IS 'pii: to which operator a message went, and how that went; address sealed | retention: as its message | basis: R1111-39 CSP';
ALTER TABLE outgoing_mail ENABLE ROW LEVEL SECURITY;
ALTER TABLE outgoing_mail FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON outgoing_mail TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE ON outgoing_mail TO carnet_app;

-- Whom the person may write to: who wrote to them and did not end the exchange.
CREATE TABLE mail_contact (
  space_id uuid NOT NULL,
  contact_digest bytea NOT NULL,
  last_at timestamptz NOT NULL,
  ended_at timestamptz,
  contact_enc bytea NOT NULL,
  PRIMARY KEY (space_id, contact_digest)
);
COMMENT ON TABLE mail_contact IS 'pii: health (who wrote to the person, sealed) | retention: life of the space | basis: R1111-39 CSP';
ALTER TABLE mail_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON mail_contact TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE ON mail_contact TO carnet_app;

-- How patient we are with an operator that does not answer.
CREATE TABLE mail_destination (
  destination text PRIMARY KEY,
  failures integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
COMMENT ON TABLE mail_destination IS 'pii: none | retention: none needed | basis: operation of the service';
GRANT SELECT, INSERT, UPDATE ON mail_destination TO carnet_app;

-- How many persons one sender addressed in an hour: a bound on trying numbers one after another (threats T29).
CREATE TABLE mail_budget (
  sender_digest bytea NOT NULL,
  hour timestamptz NOT NULL,
  addressed integer NOT NULL,
  PRIMARY KEY (sender_digest, hour)
);
COMMENT ON TABLE mail_budget IS 'pii: that some professional mailbox wrote, by keyed digest | retention: one day | basis: security of the service';
GRANT SELECT, INSERT, UPDATE, DELETE ON mail_budget TO carnet_app;
