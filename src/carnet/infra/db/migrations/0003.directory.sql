-- Shared tables that name no patient: the health directory, registered software, sessions, the INS index.
SET LOCAL search_path = carnet;

CREATE TABLE care_organisation (
  finess text PRIMARY KEY CHECK (finess ~ '^[0-9A-Z]{9}$'),
  name text NOT NULL,
  kind text NOT NULL,
  facility_type text,
  town text,
  department text
);
COMMENT ON TABLE care_organisation IS 'pii: none (public health directory) | retention: while listed | basis: public register (FINESS)';

CREATE TABLE professional (
  rpps text PRIMARY KEY CHECK (rpps ~ '^[0-9]{11}$'),
  family_name text NOT NULL,
  given_name text NOT NULL,
  profession text NOT NULL,
  specialty text,
  town text,
  email text,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'ended'))
);
COMMENT ON TABLE professional IS 'pii: professional identity (public health directory) | retention: while listed | basis: public register (RPPS)';

CREATE TABLE professional_situation (
  rpps text NOT NULL REFERENCES professional,
  finess text NOT NULL REFERENCES care_organisation,
  PRIMARY KEY (rpps, finess)
);
COMMENT ON TABLE professional_situation IS 'pii: professional identity (public health directory) | retention: while listed | basis: public register (RPPS)';
CREATE INDEX professional_situation_finess ON professional_situation (finess);

CREATE TABLE care_software (
  client_id text PRIMARY KEY,
  name text NOT NULL,
  finess text NOT NULL REFERENCES care_organisation,
  jwks jsonb NOT NULL,
  scopes text[] NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  registered_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
COMMENT ON TABLE care_software IS 'pii: none (software of organisations) | retention: registration + 10 years | basis: R1111-43 CSP (traceability)';

CREATE TABLE assertion_seen (
  client_id text NOT NULL,
  jti text NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (client_id, jti)
);
COMMENT ON TABLE assertion_seen IS 'pii: none | retention: until the assertion expires | basis: security (RFC 7523 replay)';
CREATE INDEX assertion_seen_expiry ON assertion_seen (expires_at);

CREATE TABLE ins_index (
  ins_digest bytea PRIMARY KEY CHECK (length(ins_digest) = 32),
  space_id uuid NOT NULL UNIQUE
);
COMMENT ON TABLE ins_index IS 'pii: keyed digest of the INS | retention: life of the space | basis: L1111-13-1 CSP';

CREATE TABLE account (
  account_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('person', 'professional')),
  issuer text NOT NULL,
  subject_digest bytea NOT NULL,
  space_id uuid,
  rpps text REFERENCES professional,
  created_at timestamptz NOT NULL,
  last_login_at timestamptz NOT NULL,
  UNIQUE (issuer, subject_digest),
  CHECK ((kind = 'person') = (space_id IS NOT NULL)),
  CHECK ((kind = 'professional') = (rpps IS NOT NULL))
);
COMMENT ON TABLE account IS 'pii: pseudonymous sign-in link | retention: life of the space | basis: R1111-32 CSP';

CREATE TABLE web_session (
  session_digest bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account,
  door text NOT NULL CHECK (door IN ('portal', 'pro')),
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  authenticated_at timestamptz NOT NULL,
  absolute_end timestamptz NOT NULL,
  ended_at timestamptz,
  device text NOT NULL,
  public_id uuid NOT NULL UNIQUE
);
COMMENT ON TABLE web_session IS 'pii: sign-in times, kind of device | retention: 30 days after the end | basis: security of access (R1111-32 CSP)';
CREATE INDEX web_session_account ON web_session (account_id) WHERE ended_at IS NULL;

CREATE TABLE login_attempt (
  state_digest bytea PRIMARY KEY,
  sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE login_attempt IS 'pii: none (state, nonce, PKCE verifier, return address; sealed) | retention: 10 minutes | basis: security of sign-in';

CREATE TABLE deposit_intent (
  blob_id uuid PRIMARY KEY,
  noted_at timestamptz NOT NULL
);
COMMENT ON TABLE deposit_intent IS 'pii: none (random id of bytes being written) | retention: hours | basis: integrity of storage';
CREATE INDEX deposit_intent_noted ON deposit_intent (noted_at);

CREATE TABLE habilitation_version (
  version text PRIMARY KEY,
  source text NOT NULL,
  effective_from date NOT NULL,
  loaded_at timestamptz NOT NULL
);
COMMENT ON TABLE habilitation_version IS 'pii: none | retention: permanent | basis: R1111-46 CSP (arrete of 26-10-2023)';

GRANT SELECT, INSERT, UPDATE ON care_organisation, professional, care_software, account, web_session, habilitation_version TO carnet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON professional_situation, assertion_seen, login_attempt, deposit_intent TO carnet_app;
GRANT SELECT, INSERT ON ins_index TO carnet_app;
GRANT SELECT ON ins_index, account, care_organisation, professional, professional_situation, care_software TO carnet_batch;
GRANT SELECT, DELETE ON web_session, login_attempt, assertion_seen, deposit_intent TO carnet_batch;

-- Words compared without case and accents (directory searches). Public data only: health texts are sealed.
CREATE FUNCTION plain(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN lower(translate(value, 'ÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸàâäçéèêëîïôöùûüÿ', 'AAACEEEEIIOOUUUYaaaceeeeiioouuuy'));
