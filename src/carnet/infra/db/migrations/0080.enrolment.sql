-- The life of a space before it opens: who is eligible, was told, said no; and the files they came from. One row a person,
-- found by the keyed digest of their INS, everything readable sealed with the house key. Once the space has keys of its
-- own the sealed part is gone from here (docs/decisions/0015).
SET LOCAL search_path = carnet;

CREATE TABLE enrolment (
  ins_digest bytea PRIMARY KEY CHECK (length(ins_digest) = 32),
  state text NOT NULL CHECK (state IN ('NOT_ELIGIBLE', 'ELIGIBLE', 'NOTIFIED', 'OPPOSED', 'OPEN', 'DECEASED')),
  since timestamptz NOT NULL,
  departement text NOT NULL,
  reachable boolean NOT NULL,
  traits_mac bytea NOT NULL,
  line_mac bytea NOT NULL,
  person_enc bytea,
  notified_at timestamptz,
  opens_at timestamptz,
  channel text CHECK (channel IN ('email', 'post')),
  code_issue smallint NOT NULL DEFAULT 0,
  code_digest bytea,
  code_until timestamptz,
  code_tries smallint NOT NULL DEFAULT 0,
  CHECK (state <> 'NOTIFIED' OR (notified_at IS NOT NULL AND opens_at > notified_at))
) WITH (fillfactor = 85, toast_tuple_target = 4080);
COMMENT ON TABLE enrolment IS 'pii: identity and address before a space exists (sealed with the house key), département, that somebody was told or said no | retention: until the space has its own keys; an objection as long as it stands | basis: L1111-13-1, R1111-28 CSP';
CREATE INDEX enrolment_to_tell ON enrolment (departement, reachable) WHERE state = 'ELIGIBLE';
CREATE INDEX enrolment_to_open ON enrolment (ins_digest, opens_at) WHERE state = 'NOTIFIED';
CREATE UNIQUE INDEX enrolment_code ON enrolment (code_digest) WHERE code_digest IS NOT NULL;

-- What happened to whom, by batch: an entry names the persons it concerns by digest. Never rewritten.
CREATE TABLE enrolment_log (
  entry_id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  event text NOT NULL,
  target text NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  persons bytea[] NOT NULL CHECK (cardinality(persons) > 0),
  details jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE enrolment_log IS 'pii: who became what when, by keyed digest | retention: 10 years | basis: R1111-28, R1111-43 CSP (proof of information and objection)';
CREATE INDEX enrolment_log_time ON enrolment_log (at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON enrolment_log FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON enrolment_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- How far a file was read: moved on in the transaction of the rows themselves, so that a killed import goes on where it was.
CREATE TABLE import_file (
  file_digest bytea PRIMARY KEY CHECK (length(file_digest) = 32),
  begun_at timestamptz NOT NULL,
  ended_at timestamptz,
  size bigint NOT NULL,
  read_bytes bigint NOT NULL DEFAULT 0,
  lines bigint NOT NULL DEFAULT 0,
  stored bigint NOT NULL DEFAULT 0,
  merged bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  reject_bytes bigint NOT NULL DEFAULT 0
);
COMMENT ON TABLE import_file IS 'pii: none (counts of a file) | retention: 10 years | basis: R1111-28 CSP (proof of what was received)';

-- What was sent together: quotas are counted here, and a file of letters is real once its row is.
CREATE TABLE notice_batch (
  batch_id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  departement text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'post')),
  persons integer NOT NULL CHECK (persons > 0)
);
COMMENT ON TABLE notice_batch IS 'pii: none (counts by département) | retention: 10 years | basis: R1111-28 CSP (proof of information)';
CREATE INDEX notice_batch_time ON notice_batch (at);

-- Wrong codes by source (a keyed digest of where they come from): nobody guesses for long. And codes sent for a new
-- password, by who asks and where to: nobody has messages sent to strangers without end.
CREATE TABLE code_failure (
  source bytea PRIMARY KEY,
  failures integer NOT NULL,
  until timestamptz NOT NULL
);
COMMENT ON TABLE code_failure IS 'pii: keyed digest of an address that guessed codes, of who had codes sent and where to | retention: 1 day | basis: security of the objection on line and of sign-in';

-- asleep: opened by the campaign and nobody came yet: its keys and identity are made at the first need.
ALTER TABLE ins_index ADD COLUMN asleep boolean NOT NULL DEFAULT false;
CREATE INDEX ins_index_asleep ON ins_index (ins_digest) WHERE asleep;

GRANT SELECT, INSERT, UPDATE ON enrolment, import_file TO carnet_batch;
GRANT SELECT, UPDATE ON enrolment TO carnet_app;
GRANT SELECT, INSERT ON enrolment_log TO carnet_app, carnet_batch;
GRANT SELECT, INSERT ON notice_batch TO carnet_batch;
GRANT SELECT, INSERT, UPDATE, DELETE ON code_failure TO carnet_app;
GRANT SELECT, DELETE ON code_failure TO carnet_batch;
GRANT UPDATE (asleep) ON ins_index TO carnet_app, carnet_batch;
GRANT INSERT ON ins_index TO carnet_batch;
-- The batch opens spaces and can do nothing else to rights.
GRANT INSERT (space_id, state) ON authz TO carnet_batch;
CREATE POLICY opening ON authz FOR INSERT TO carnet_batch WITH CHECK (state = 'OPEN');
