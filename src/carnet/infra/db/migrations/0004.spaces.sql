-- Everything that belongs to one person. Primary keys start with space_id; row security is enabled and forced.
SET LOCAL search_path = carnet;

CREATE FUNCTION this_space() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  RETURN nullif(current_setting('carnet.space', true), '')::uuid;

CREATE TABLE space (
  space_id uuid PRIMARY KEY,
  person_enc bytea NOT NULL,
  contact_enc bytea,
  language text NOT NULL DEFAULT 'fr' CHECK (language IN ('fr', 'en')),
  notice_channels text[] NOT NULL DEFAULT ARRAY['portal', 'email'],
  opened_at timestamptz NOT NULL,
  activated_at timestamptz
);
COMMENT ON TABLE space IS 'pii: identity (INS, traits, contact; sealed) | retention: life of the space + 10 years | basis: L1111-13-1, R1111-27, R1111-36 CSP';

CREATE TABLE authz (
  space_id uuid PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('OPEN', 'ACTIVE', 'SUSPENDED', 'CLOSED', 'DELETED')),
  epoch bigint NOT NULL DEFAULT 1,
  masked_by_default boolean NOT NULL DEFAULT false,
  allow_centre_15 boolean NOT NULL DEFAULT true,
  allow_bris_de_glace boolean NOT NULL DEFAULT true,
  allow_masked_in_emergency boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE authz IS 'pii: rights and switches | retention: life of the space + 10 years | basis: R1111-46 to R1111-49 CSP';

CREATE TABLE vault.space_keyset (
  space_id uuid NOT NULL,
  version integer NOT NULL,
  kek_id text NOT NULL,
  wrapped bytea,
  created_at timestamptz NOT NULL,
  destroyed_at timestamptz,
  PRIMARY KEY (space_id, version),
  CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
COMMENT ON TABLE vault.space_keyset IS 'pii: none (wrapped keys) | retention: life of the space + 10 years, or until erased | basis: R1111-36 CSP (erasure)';

CREATE TABLE authorisation (
  space_id uuid NOT NULL,
  authorisation_id uuid NOT NULL,
  effect text NOT NULL CHECK (effect IN ('permit', 'block')),
  rpps text REFERENCES professional,
  finess text REFERENCES care_organisation,
  origin text NOT NULL CHECK (origin IN ('person', 'professional')),
  recorded_by text NOT NULL,
  is_administrator boolean NOT NULL DEFAULT false,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  ended_at timestamptz,
  first_used_at timestamptz,
  PRIMARY KEY (space_id, authorisation_id),
  CONSTRAINT grantee_is_in_the_health_directory CHECK (num_nonnulls(rpps, finess) = 1),
  CHECK (NOT is_administrator OR (effect = 'permit' AND rpps IS NOT NULL))
);
COMMENT ON TABLE authorisation IS 'pii: who may read | retention: life of the space + 10 years | basis: L1111-19, R1111-46 CSP';
CREATE UNIQUE INDEX authorisation_one_open ON authorisation (space_id, effect, coalesce(rpps, ''), coalesce(finess, '')) WHERE ended_at IS NULL;

CREATE TABLE document (
  space_id uuid NOT NULL,
  document_id uuid NOT NULL,
  logical_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  status text NOT NULL CHECK (status IN ('current', 'superseded', 'deleted')),
  type_code text NOT NULL,
  class_code text NOT NULL,
  category text NOT NULL,
  format_code text,
  facility_type text,
  practice_setting text,
  masque_ps boolean NOT NULL DEFAULT false,
  invisible_patient boolean NOT NULL DEFAULT false,
  invisible_representants boolean NOT NULL DEFAULT false,
  author_kind text NOT NULL CHECK (author_kind IN ('PRACTITIONER', 'ORGANISATION', 'PATIENT', 'DISPOSITIF')),
  author_rpps text,
  author_finess text,
  client_id text,
  unique_id_digest bytea NOT NULL,
  set_id_digest bytea,
  content_digest bytea NOT NULL,
  content_type text NOT NULL,
  size bigint NOT NULL CHECK (size > 0),
  blob_id uuid NOT NULL,
  key_version integer NOT NULL,
  active_content boolean NOT NULL DEFAULT false,
  scanned text NOT NULL DEFAULT 'not-scanned' CHECK (scanned IN ('not-scanned', 'clean')),
  document_date timestamptz NOT NULL,
  period_start timestamptz,
  period_end timestamptz,
  received_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  resource_version integer NOT NULL DEFAULT 1,
  resource_enc bytea NOT NULL,
  summary_enc bytea NOT NULL,
  flags text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (space_id, document_id),
  CONSTRAINT masked_and_invisible_exclude_each_other CHECK (NOT (masque_ps AND invisible_patient))
);
COMMENT ON TABLE document IS 'pii: health (metadata; texts sealed) | retention: life of the space + 10 years | basis: R1111-42, R1111-36 CSP';
CREATE UNIQUE INDEX document_unique_id ON document (space_id, unique_id_digest);
CREATE INDEX document_listing ON document (space_id, document_date DESC, document_id DESC);
CREATE UNIQUE INDEX document_version ON document (space_id, logical_id, version);

CREATE TABLE document_reading (
  space_id uuid NOT NULL,
  document_id uuid NOT NULL,
  account_id uuid NOT NULL,
  first_read_at timestamptz NOT NULL,
  PRIMARY KEY (space_id, document_id, account_id)
);
COMMENT ON TABLE document_reading IS 'pii: what the person already opened | retention: life of the space | basis: service to the person';

CREATE TABLE submission_set (
  space_id uuid NOT NULL,
  set_id uuid NOT NULL,
  unique_id_digest bytea NOT NULL,
  source_finess text,
  client_id text,
  submitted_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  resource_enc bytea NOT NULL,
  PRIMARY KEY (space_id, set_id)
);
COMMENT ON TABLE submission_set IS 'pii: health (which documents came together; texts sealed) | retention: life of the space + 10 years | basis: R1111-42 CSP';
CREATE UNIQUE INDEX submission_set_unique_id ON submission_set (space_id, unique_id_digest);

CREATE TABLE submission_item (
  space_id uuid NOT NULL,
  set_id uuid NOT NULL,
  document_id uuid NOT NULL,
  PRIMARY KEY (space_id, set_id, document_id)
);
COMMENT ON TABLE submission_item IS 'pii: health (which documents came together) | retention: life of the space + 10 years | basis: R1111-42 CSP';
CREATE INDEX submission_item_document ON submission_item (space_id, document_id);

CREATE TABLE notification (
  space_id uuid NOT NULL,
  notification_id uuid NOT NULL,
  code text NOT NULL,
  document_id uuid,
  grantee text,
  created_at timestamptz NOT NULL,
  read_at timestamptz,
  deleted_at timestamptz,
  event_key text NOT NULL,
  emailed_at timestamptz,
  PRIMARY KEY (space_id, notification_id)
);
COMMENT ON TABLE notification IS 'pii: that something happened (no title) | retention: 2 years | basis: R1111-42, L1111-19 CSP';
CREATE UNIQUE INDEX notification_once ON notification (space_id, event_key);

CREATE TABLE journal_head (
  space_id uuid PRIMARY KEY,
  seq bigint NOT NULL
);
COMMENT ON TABLE journal_head IS 'pii: none (a counter) | retention: as the journal | basis: R1111-43 CSP';

CREATE TABLE journal_entry (
  space_id uuid NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  act text NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
  reason text,
  ground text,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  profession text,
  organisation text,
  organisation_name text,
  client_id text,
  client_name text,
  on_behalf_of text,
  session text,
  document_ids uuid[] NOT NULL DEFAULT '{}',
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (space_id, seq)
);
COMMENT ON TABLE journal_entry IS 'pii: who did what when (no title, no medical word) | retention: life of the space + 10 years | basis: L1111-19, R1111-43 CSP; EHDS art. 9';
CREATE INDEX journal_entry_document ON journal_entry USING gin (document_ids) WHERE document_ids <> '{}';

CREATE TABLE security_entry (
  entry_id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  act text NOT NULL,
  outcome text NOT NULL,
  reason text,
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  organisation text,
  client_id text,
  session text,
  details jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE security_entry IS 'pii: acts that name no space (sign-in refused, unknown patient, software suspended) | retention: 3 years | basis: R1111-43 CSP';

DO $$
DECLARE bound text;
BEGIN
  FOREACH bound IN ARRAY ARRAY['carnet.space', 'carnet.authz', 'vault.space_keyset', 'carnet.authorisation', 'carnet.document',
      'carnet.document_reading', 'carnet.submission_set', 'carnet.submission_item', 'carnet.notification',
      'carnet.journal_head', 'carnet.journal_entry'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', bound);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', bound);
    EXECUTE format('CREATE POLICY one_space ON %s TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space())', bound);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON space, authz, authorisation, document, document_reading, notification TO carnet_app;
GRANT SELECT, INSERT ON submission_set, submission_item, journal_entry, security_entry TO carnet_app;
GRANT SELECT ON journal_head TO carnet_app;
GRANT SELECT, INSERT, UPDATE ON vault.space_keyset TO carnet_app, carnet_batch;
CREATE POLICY batch_keys ON vault.space_keyset TO carnet_batch USING (true) WITH CHECK (true);
GRANT SELECT ON document TO carnet_batch;
CREATE POLICY batch_blobs ON document FOR SELECT TO carnet_batch USING (true);
GRANT SELECT, INSERT, UPDATE ON journal_head TO carnet_journal;
GRANT INSERT ON journal_entry TO carnet_journal;
CREATE POLICY journal_writer ON journal_head TO carnet_journal USING (true) WITH CHECK (true);
CREATE POLICY journal_writer ON journal_entry FOR INSERT TO carnet_journal WITH CHECK (true);
REVOKE INSERT ON journal_entry FROM carnet_app;
